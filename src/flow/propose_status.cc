#include "flow/propose_status.h"

#include <array>

#include "flow/stop_service.h"
#include "flow/watch_silence.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "office/stops/stop.h"
#include "press/content/store.h"
#include "watch/signals/anomaly.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

struct Words {
    std::string_view id, japanese;
};
constexpr std::array<Words, 4> kWords{{{"normal", "正常に利用できます"},
                                       {"impaired", "利用しにくい状態です"},
                                       {"down", "利用できません"},
                                       {"planned", "計画により休止しています"}}};
constexpr std::string_view kType = "article";
constexpr std::string_view kBegin = "<h2>サービスごとの状況</h2>";  // by which such a page is known again
constexpr int kMostLooked = 200;

/// Whether a serious anomaly is one that residents feel.
bool is_felt(const signals::Anomaly& one) {
    return (one.source == "probe" && one.kind == "http" && one.subject == "http.public") ||
           (one.source == "outside" && (one.kind == "outside.unreachable" || one.kind == "outside.certificate"));
}

std::string local_words(base::Instant at) {
    const base::LocalTime local = base::to_local(at);
    return fmt::format("{}年{}月{}日 {}時{}分", local.day.year, local.day.month, local.day.day, local.hour,
                       local.minute);
}

}  // namespace

std::string_view public_state_id(PublicState state) {
    return kWords[static_cast<std::size_t>(state)].id;
}

std::string_view public_state_wording(PublicState state) {
    return kWords[static_cast<std::size_t>(state)].japanese;
}

StatusProposal propose_status(Site& site) {
    StatusProposal proposal{{"ホームページの閲覧", PublicState::Normal}, true};
    if (find_stop(site.folders, Part::Public)) {
        proposal.site.state = PublicState::Down;
        return proposal;
    }
    stops::Filter running;
    running.state = stops::State::Running;
    for (const stops::PlannedStop& stop :
         site.database->read([&](sys::Reader& db) { return stops::list_stops(db, running); }))
        if (stop.plan.stops_public) proposal.site.state = PublicState::Planned;
    if (proposal.site.state == PublicState::Planned) return proposal;
    sys::Database* watch = site.find_watch();
    proposal.is_known = watch != nullptr && !find_watch_silence(site.folders, site.clock.now());
    if (watch == nullptr) return proposal;
    signals::Filter open;
    open.standing = signals::Standing::Open;
    open.least = signals::Severity::Serious;
    open.limit = kMostLooked;
    for (const signals::Anomaly& one : watch->read([&](sys::Reader& db) { return signals::list_anomalies(db, open); }))
        if (is_felt(one)) proposal.site.state = PublicState::Impaired;
    return proposal;
}

std::string status_body(const StatusPage& page, base::Instant now) {
    std::string body = std::string(kBegin) +
                       "\n<table>\n<caption>サービスごとの状況</caption>\n<thead><tr><th "
                       "scope=\"col\">サービス</th>"
                       "<th scope=\"col\">状況</th></tr></thead>\n<tbody>\n";
    for (const PublicService& one : page.services)
        body += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", html::escape_text(one.name),
                            public_state_wording(one.state));
    body += "</tbody>\n</table>\n";
    std::string text;
    for (const char c : page.message)
        if (c != '\r') text += c;
    std::string paragraphs;
    for (const std::string_view part : base::split(text, '\n')) {
        const std::string_view line = base::trim(part);
        if (!line.empty()) paragraphs += "<p>" + html::escape_text(line) + "</p>\n";
    }
    if (!paragraphs.empty()) body += "<h2>お知らせ</h2>\n" + paragraphs;
    return body + fmt::format("<p>{}現在の状況です。</p>\n", local_words(now));
}

StatusPlace find_status_place(Site& site, std::string_view path) {
    const auto known = site.database->read([&](sys::Reader& db) { return content::find_page(db, path); });
    if (!known) return {};
    const Outcome now = look_at(site, known->id);
    const content::Body body =
        site.database->read([&](sys::Reader& db) { return content::load_revision(db, now.revision).body; });
    const auto text = body.parts.find("body");
    const bool is_ours = body.template_name == kType && text != body.parts.end() && text->second.starts_with(kBegin);
    return {now.revision, now.version(), !is_ours, known->id};
}

Outcome write_status_draft(Site& site, const StatusPage& page, base::DepartmentId department, const StatusPlace& seen,
                           bool may_replace, const Doer& doer) {
    content::Body body;
    body.title = page.title;
    body.template_name = kType;
    body.parts["body"] = status_body(page, site.clock.now());
    const auto known = site.database->read([&](sys::Reader& db) { return content::find_page(db, page.path); });
    if (!known) return create_page(site, {page.path, body, department, {}, "ja"}, doer);
    const StatusPlace now = find_status_place(site, page.path);
    const content::Body before =
        site.database->read([&](sys::Reader& db) { return content::load_revision(db, now.revision).body; });
    if (before.template_name != kType)
        throw Error(Kind::Conflict, "この場所には、別の型のページがあります。ほかのファイル名にしてください。");
    if (seen.revision != now.revision || seen.version != now.version)
        throw Error(Kind::Conflict,
                    "このファイル名のページがすでにあるか、開いた後に変わりました。いまのページを確かめて、書き直して"
                    "よければもう一度押してください。");
    if (now.is_other && !may_replace)
        throw Error(Kind::Conflict,
                    "この場所には、稼働状況ではないページがあります。ほかのファイル名にするか、置き換えることを"
                    "確かめた印を付けてください。");
    body.description = before.description;
    body.categories = before.categories;
    body.attachments = before.attachments;
    return save_draft(site, {known->id, body, seen.revision, seen.version, Saving::ByHand, false, "稼働状況の更新"},
                      doer);
}

}  // namespace flow
