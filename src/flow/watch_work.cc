#include "flow/watch_work.h"

#include <algorithm>

#include <fmt/format.h>

#include "flow/contract_status.h"
#include "flow/handle_incident.h"
#include "flow/report_incident.h"
#include "flow/watch_registers.h"
#include "ground/base/error.h"
#include "ground/calendar/deadline.h"
#include "ground/sys/log.h"
#include "watch/signals/anomaly.h"

namespace flow {

namespace {

using namespace std::chrono_literals;
using incidents::Incident;
using incidents::Level;
using signals::Signal;

constexpr auto kRest = 20s;
constexpr auto kJudgedEvery = 10min;
constexpr auto kToldEvery = 1h;
constexpr int kOpenAtOnce = 200;
constexpr std::string_view kBy = "service:watch";

}  // namespace

WorkDesk::WorkDesk(Site* site, sys::Database& watch, const base::Clock& clock, Tell tell)
    : site_(site), watch_(watch), clock_(clock), tell_(std::move(tell)) {}

std::chrono::milliseconds WorkDesk::turn() {
    std::vector<Wrong> wrong;
    bool is_down = false;  // then the rest fails for the same reason, which is told once
    const auto run = [&](std::string_view what, std::string_view wording, const auto& work) {
        if (is_down) return;
        try {
            if (site_ == nullptr) throw base::Error(base::Kind::Unavailable, "データベースに接続できません。");
            work(*site_);
        } catch (const base::Error& error) {
            sys::log(sys::Level::Error, "the desk could not do its work",
                     {{"what", std::string(what)}, {"problem", error.message()}});
            is_down = error.kind() == base::Kind::Unavailable;
            wrong.push_back({"desk.failed", is_down ? "desk" : std::string(what),
                             fmt::format("{}ができません。{}", wording, error.message()), signals::Severity::Serious});
        }
    };
    run("incidents", "異常から障害をまとめる処理", [&](Site& site) {
        group_anomalies(site, {std::string(kBy), clock_.now()});
    });
    run("escalation", "障害の期限の確認", [&](Site&) { follow_incidents(wrong); });
    run("stops", "計画停止の確認", [&](Site& site) { follow_stops(site, watch_, down_notices_, wrong); });
    run("emergencies", "緊急停止の確認", [&](Site& site) { follow_emergencies(site, failed_drafts_, wrong); });
    run("registers", "台帳の期限と端末の確認", [&](Site& site) { follow_registers(site, wrong); });
    run("reports", "報告書の引渡しの記録", [](Site& site) { settle_reports(site); });
    tell(wrong);
    return kRest;
}

void WorkDesk::follow_incidents(std::vector<Wrong>& wrong) {
    const base::Instant now = clock_.now();
    incidents::Filter filter;
    filter.only_open = true;
    filter.oldest_first = true;
    filter.limit = kOpenAtOnce;
    std::vector<Incident> open;
    for (bool is_more = true; is_more;) {
        const auto page = site_->database->read([&](sys::Reader& db) { return incidents::list_incidents(db, filter); });
        open.insert(open.end(), page.begin(), page.end());
        is_more = page.size() == kOpenAtOnce;
        if (is_more) filter.after = page.back().id.value;
    }
    if (open.empty()) return;
    if (const auto at = clock_.monotonic(); !judged_at_ || at - *judged_at_ >= kJudgedEvery) {
        judged_at_ = at;
        late_.clear();
        if (const auto read = find_contract(site_->folders, site_->settings); read && read->is_usable()) {
            const auto lines = gather_contract_lines(read->contract, site_->database.get(), &watch_, now);
            for (const contract::Judged& judged : contract::judge(read->contract, lines.lines, now))
                for (const contract::Item& item : judged.items) {
                    if (!item.key.starts_with("incident:")) continue;
                    const int level = item.state == contract::State::Late                        ? 2
                                      : item.state == contract::State::Due && item.percent >= 75 ? 1
                                                                                                 : 0;
                    Late& worst = late_[item.key];
                    if (level > worst.level)
                        worst = {level, fmt::format("契約事項「{}」の期限（{}）が{}。", judged.obligation->title,
                                                    calendar::format_era_deadline(item.due),
                                                    level == 2 ? "過ぎました" : "迫っています")};
                }
        }
    }
    for (const Incident& one : open) {
        const std::string subject = fmt::format("incident:{}", one.id.value);
        Late due = late_.contains(subject) ? late_[subject] : Late{};
        if (const auto waited = std::chrono::duration_cast<std::chrono::minutes>(now - one.made_at);
            one.state == incidents::State::Detected && waited >= kReceiveWithin)
            if (const int level = waited >= 2 * kReceiveWithin ? 2 : 1; level > due.level)
                due = {level, fmt::format("{}分たっても受け付けられていません。", waited.count() / 30 * 30)};
        if (due.level == 0) continue;
        const auto to = static_cast<Level>(due.level);
        if (to > one.level)
            site_->database->write([&](sys::Transaction& tx) {
                if (incidents::load_incident(tx, one.id).level < to)
                    incidents::escalate(tx, one.id, to, due.why, {std::string(kBy), now}, 0);
            });
        wrong.push_back({"incident.step", subject,
                         fmt::format("{}「{}」：{}{}が対応してください。", one.number, one.title, due.why,
                                     incidents::level_wording(std::max(to, one.level))),
                         signals::Severity::Serious});
    }
}

/// What is open in the watch is what was told, so nothing is remembered here and a restart changes nothing.
void WorkDesk::tell(const std::vector<Wrong>& wrong) {
    const base::Instant now = clock_.now();
    signals::Filter filter;
    filter.standing = signals::Standing::Open;
    filter.source = std::string(kWorkSource);
    filter.limit = 1000;
    const auto told = watch_.read([&](sys::Reader& db) { return signals::list_anomalies(db, filter); });
    std::vector<Signal> news;
    const auto add = [&](std::string_view kind, std::string_view subject, signals::State state,
                         signals::Severity severity, std::string text) {
        Signal signal;
        signal.source = std::string(kWorkSource);
        signal.kind = std::string(kind);
        signal.subject = std::string(subject);
        signal.state = state;
        signal.severity = severity;
        signal.observed_at = now;
        signal.text = std::move(text);
        news.push_back(std::move(signal));
    };
    for (const Wrong& each : wrong) {
        const auto known = std::find_if(told.begin(), told.end(), [&](const auto& one) {
            return one.kind == each.kind && one.subject == each.subject;
        });
        if (known == told.end() || known->severity < each.severity || now - known->last_at >= kToldEvery)
            add(each.kind, each.subject, signals::State::Raise, each.severity, each.text);
    }
    // What could not be looked at is not well again.
    const bool has_failed =
        std::any_of(wrong.begin(), wrong.end(), [](const Wrong& each) { return each.kind == "desk.failed"; });
    for (const auto& one : told)
        if ((!has_failed || one.kind == "desk.failed") &&
            std::none_of(wrong.begin(), wrong.end(),
                         [&](const Wrong& each) { return each.kind == one.kind && each.subject == one.subject; }))
            add(one.kind, one.subject, signals::State::Clear, signals::Severity::Note, "解消しました。");
    if (!news.empty()) tell_(news);
}

}  // namespace flow
