// From what happened to notices: the ledger's lines one by one, then publications that now have an outcome, then
// requests whose people have changed.
#include <boost/json.hpp>

#include "flow/notify.h"
#include "flow/notify/tell.h"
#include "flow/stop_service.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/log.h"
#include "press/content/store.h"
#include "press/content/templates.h"
#include "press/frames/restyles.h"
#include "press/publish/receipt.h"

namespace flow {

namespace {

using base::Instant;
using base::PersonId;
using workflow::State;

constexpr std::int64_t kLinesAtOnce = 500;
constexpr int kHeldAtOnce = 200;
constexpr int kRevisionsLookedAt = 50;
constexpr auto kLongestHold = std::chrono::minutes(30);

/// What a line of the ledger says, in typed words.
struct Event {
    std::int64_t sequence = 0;
    std::string act;
    Instant at;
    PersonId by;          ///< 0 = a service
    base::PageId page;    ///< 0 = about none
    std::string subject;  ///< of a template: its name; of a service: its part, in words
    std::string hash;     ///< of a template: its revision
    std::int64_t restyle = 0;
    std::int64_t receipt = 0;
    std::string reason;
};

std::int64_t number_after(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return 0;
    return std::strtoll(std::string(text.substr(prefix.size())).c_str(), nullptr, 10);
}

Event event_of(const ledger::Line& line) {
    Event event;
    event.sequence = line.sequence;
    event.act = line.entry.act;
    event.at = line.entry.at;
    event.by = {number_after(line.entry.by, "person:")};
    event.page = {number_after(line.entry.subject, "page:")};
    if (line.entry.subject.starts_with("template:")) event.subject = line.entry.subject.substr(9);
    boost::system::error_code problem;
    const boost::json::value detail = boost::json::parse(line.entry.detail, problem);
    if (problem || !detail.is_object()) return event;
    if (const auto* receipt = detail.as_object().if_contains("receipt"); receipt != nullptr && receipt->is_int64())
        event.receipt = receipt->as_int64();
    if (const auto* restyle = detail.as_object().if_contains("restyle"); restyle != nullptr && restyle->is_int64())
        event.restyle = restyle->as_int64();
    if (const auto* hash = detail.as_object().if_contains("hash"); hash != nullptr && hash->is_string())
        event.hash = std::string(hash->as_string());
    if (const auto* reason = detail.as_object().if_contains("reason"); reason != nullptr && reason->is_string())
        event.reason = std::string(reason->as_string());
    for (const Part part : {Part::Public, Part::Office})
        if (line.entry.subject.starts_with(fmt::format("service:{}:", part_id(part)))) event.subject = part_name(part);
    return event;
}

notify::Notice notice_for(const Event& event, PersonId person, std::string_view kind) {
    notify::Notice notice;
    notice.key = fmt::format("{}:{}:{}", kind, event.sequence, person.value);
    notice.kind = kind;
    notice.person = person;
    notice.page = event.page;
    notice.receipt = event.receipt;
    notice.path = fmt::format("/pages/{}", event.page.value);
    notice.made_at = event.at;
    return notice;
}

int tell_returned(sys::Transaction& tx, const Event& event, const content::Page& page) {
    const workflow::Standing standing = workflow::find_standing(tx, page.id);
    notify::Notice notice = notice_for(event, standing.submitted_by, "returned");
    notice.title = "差戻し：" + name_of(page);
    notice.text = about(page) + line_of("差し戻した人", name_of(tx, event.by));
    for (const workflow::Approval& word : workflow::list_approvals(tx, page.id, 20))
        if (word.said == workflow::Said::Returned && word.at == event.at)
            notice.text += line_of("コメント", one_line(word.comment));
    return tell(tx, std::move(notice)) ? 1 : 0;
}

/// The next step is asked; or the last yes was said, and what comes next is the submitter's business.
int tell_approved(sys::Transaction& tx, Site& site, const Event& event, const content::Page& page) {
    const workflow::Standing standing = workflow::find_standing(tx, page.id);
    if (standing.state == State::Submitted) return tell_asked(tx, site, page.id);
    if (standing.state != State::Approved || !standing.is_by_hand || standing.submitted_by == event.by) return 0;
    notify::Notice notice = notice_for(event, standing.submitted_by, "approved");
    notice.title = "承認されました：" + name_of(page);
    notice.text = about(page) + line_of("承認した人", name_of(tx, event.by)) + "公開する操作をお待ちしています。\n";
    return tell(tx, std::move(notice)) ? 1 : 0;
}

int tell_scheduled(sys::Transaction& tx, const Event& event, const content::Page& page) {
    const workflow::Standing standing = workflow::find_standing(tx, page.id);
    if (standing.state != State::Scheduled || standing.submitted_by == event.by) return 0;
    const bool is_withdrawal = standing.matter == workflow::Matter::Withdraw;
    notify::Notice notice = notice_for(event, standing.submitted_by, "scheduled");
    notice.title = "承認されました：" + name_of(page);
    notice.text = about(page) + line_of("承認した人", name_of(tx, event.by)) +
                  line_of(is_withdrawal ? "公開を終了する日時" : "公開する日時", time_text(standing.publish_at));
    return tell(tx, std::move(notice)) ? 1 : 0;
}

/// Waits for the outcome: "it is public" is said when it is.
int hold_published(sys::Transaction& tx, const Event& event, const content::Page& page) {
    const auto receipt = publish::find_receipt(tx, event.receipt);
    if (!receipt || !receipt->person || receipt->person == event.by) return 0;
    notify::Notice notice = notice_for(event, receipt->person, "published");
    notice.key = fmt::format("published:{}:{}", event.receipt, receipt->person.value);
    notice.text = about(page);
    if (event.by) notice.text += line_of("操作した人", name_of(tx, event.by));
    notice.path = fmt::format("/receipts/{}", event.receipt);
    notice.fate = notify::Fate::Held;
    return tell(tx, std::move(notice)) ? 1 : 0;
}

int tell_failed(sys::Transaction& tx, const Event& event, const content::Page& page) {
    const workflow::Standing standing = workflow::find_standing(tx, page.id);
    const auto receipt = publish::find_receipt(tx, event.receipt);
    notify::Notice notice =
        notice_for(event, receipt && receipt->person ? receipt->person : standing.submitted_by, "failed");
    const bool is_stuck = event.receipt == 0;  // the clock's own work, which goes on trying
    notice.title = (is_stuck ? "予定した処理ができませんでした：" : "予約した公開ができませんでした：") + name_of(page);
    notice.text = about(page) + line_of("理由", one_line(receipt ? receipt->problem : standing.problem)) +
                  (is_stuck ? "自動でやり直しています。続くようなら運用担当者に知らせてください。\n"
                            : "内容を直して、もう一度承認を依頼してください。\n");
    notice.is_urgent = true;
    return tell(tx, std::move(notice)) ? 1 : 0;
}

int tell_emergency(sys::Transaction& tx, Site& site, const Event& event) {
    const Turn turn = begin_turn(static_cast<sys::Reader&>(tx), site, event.page, Doer{});
    const auto emergency = workflow::find_open_emergency(tx, event.page);
    if (!emergency) return 0;
    int made = 0;
    for (const people::Actor& actor :
         people::list_people_who_may(tx, people::Act::PageApprove, turn.scope, site.clock.now())) {
        if (actor.person == emergency->person) continue;
        notify::Notice notice = notice_for(event, actor.person, "emergency");
        notice.key = fmt::format("emergency:{}:{}", emergency->id, actor.person.value);
        notice.title = "緊急公開されました：" + name_of(turn.page);
        notice.text =
            about(turn.page) + line_of("公開した人", name_of(tx, emergency->person)) +
            line_of("公開した日時", time_text(emergency->at)) + line_of("理由", one_line(emergency->reason)) +
            line_of("事後承認の期限",
                    time_text(emergency->at + std::chrono::hours(site.settings.workflow.emergency_review_hours)));
        if (!emergency->findings.empty())
            notice.text += line_of("公開前チェックの指摘", fmt::format("{}件", emergency->findings.size()));
        notice.path = fmt::format("/pages/{}/afterwards", event.page.value);
        notice.is_urgent = true;
        if (tell(tx, std::move(notice))) ++made;
    }
    return made;
}

int tell_approved_afterwards(sys::Transaction& tx, const Event& event, const content::Page& page) {
    for (const workflow::Emergency& each : workflow::list_emergencies(tx, page.id, 20)) {
        if (each.approved_by != event.by || each.approved_at != event.at) continue;
        notify::Notice notice = notice_for(event, each.person, "approved-after");
        notice.title = "緊急公開が事後承認されました：" + name_of(page);
        notice.text = about(page) + line_of("承認した人", name_of(tx, event.by));
        return tell(tx, std::move(notice)) ? 1 : 0;
    }
    return 0;
}

/// A change of what many pages share, as those who ask and decide know it.
struct Design {
    std::string name;  ///< "トップページ", "枠2のページの型"
    std::string path;  ///< of the screen on which it is decided
    PersonId asked_by;
    std::string comment;  ///< of the decision
};

std::optional<Design> find_design(sys::Reader& db, const Event& event) {
    if (event.restyle != 0) {
        const auto asked = frames::find_restyle(db, {event.restyle});
        if (!asked) return std::nullopt;
        return Design{fmt::format("枠{}のページの型", asked->group.value),
                      fmt::format("/frames/{}/type/{}", asked->group.value, asked->id.value), asked->asked_by,
                      asked->reason};
    }
    const auto of = content::find_template(db, event.subject);
    if (!of) return std::nullopt;
    Design design{of->title.empty() ? of->name : of->title, fmt::format("/templates/{}/review", of->id.value), {}, {}};
    for (const content::TemplateRevision& each : content::list_template_revisions(db, of->id, kRevisionsLookedAt))
        if (each.hash.hex() == event.hash && each.submitted_by) {
            design.asked_by = each.submitted_by;
            if (each.state == content::TemplateState::Returned) design.comment = each.note;
            break;
        }
    return design;
}

int tell_design_asked(sys::Transaction& tx, Site& site, const Event& event) {
    const auto design = find_design(tx, event);
    if (!design) return 0;
    int made = 0;
    for (const people::Actor& actor :
         people::list_people_who_may(tx, people::Act::TemplateApprove, {}, site.clock.now())) {
        if (actor.person == event.by) continue;
        notify::Notice notice = notice_for(event, actor.person, "template-asked");
        notice.title = "デザインの変更の承認依頼：" + one_line(design->name);
        notice.text = line_of("名前", one_line(design->name)) + line_of("依頼した人", name_of(tx, event.by));
        notice.path = design->path;
        if (tell(tx, std::move(notice))) ++made;
    }
    return made;
}

int tell_design_decided(sys::Transaction& tx, const Event& event) {
    const auto design = find_design(tx, event);
    if (!design || !design->asked_by || design->asked_by == event.by) return 0;
    const bool is_approved = event.act == "template.approve" || event.act == "frame.restyle-approve";
    notify::Notice notice = notice_for(event, design->asked_by, "template-decided");
    notice.title = (is_approved ? "デザインの変更が承認されました：" : "デザインの変更が差し戻されました：") +
                   one_line(design->name);
    notice.text = line_of("名前", one_line(design->name)) +
                  line_of(is_approved ? "承認した人" : "差し戻した人", name_of(tx, event.by)) +
                  line_of("コメント", one_line(design->comment));
    notice.path = is_approved && event.receipt != 0 ? fmt::format("/receipts/{}", event.receipt) : design->path;
    return tell(tx, std::move(notice)) ? 1 : 0;
}

/// Those who may stop and bring back: the city's administrators and the maintainers, at once (A4.9).
int tell_service(sys::Transaction& tx, Site& site, const Event& event) {
    const bool is_stop = event.act == "service.stop";
    int made = 0;
    for (const people::Actor& actor :
         people::list_people_who_may(tx, people::Act::EmergencyStop, {}, site.clock.now())) {
        notify::Notice notice = notice_for(event, actor.person, "service");
        notice.title = (is_stop ? "緊急停止しました：" : "再開しました：") + event.subject;
        notice.text = line_of("対象", event.subject) +
                      line_of(is_stop ? "停止した人" : "再開した人", name_of(tx, event.by)) +
                      line_of(is_stop ? "停止した日時" : "再開した日時", time_text(event.at)) +
                      line_of("理由", one_line(event.reason));
        notice.path = "/emergency";
        notice.is_urgent = true;
        if (tell(tx, std::move(notice))) ++made;
    }
    return made;
}

/// Somebody waits for the agreement of another of those who may.
int tell_service_asked(sys::Transaction& tx, Site& site, const Event& event) {
    const bool is_stop = event.act == "service.ask-stop";
    int made = 0;
    for (const people::Actor& actor :
         people::list_people_who_may(tx, people::Act::EmergencyStop, {}, site.clock.now())) {
        if (actor.person == event.by) continue;
        notify::Notice notice = notice_for(event, actor.person, "service");
        notice.title = (is_stop ? "緊急停止の同意を待っています：" : "再開の同意を待っています：") + event.subject;
        notice.text =
            line_of("対象", event.subject) + line_of("申し出た人", name_of(tx, event.by)) +
            line_of("理由", one_line(event.reason)) +
            line_of("お願い", "30分以内に、画面「緊急停止」で内容を確かめて、同意するかどうかを決めてください。");
        notice.path = "/emergency";
        notice.is_urgent = true;
        if (tell(tx, std::move(notice))) ++made;
    }
    return made;
}

/// The watch has fallen silent, or is back: it cannot call anybody itself.
int tell_monitor(sys::Transaction& tx, Site& site, const Event& event) {
    const bool is_down = event.act == "monitor.down";
    int made = 0;
    for (const people::Actor& actor :
         people::list_people_who_may(tx, people::Act::EmergencyStop, {}, site.clock.now())) {
        notify::Notice notice = notice_for(event, actor.person, "service");
        notice.title = is_down ? "監視が動いていません" : "監視が再開しました";
        notice.text = line_of(is_down ? "気づいた日時" : "再開した日時", time_text(event.at));
        if (is_down)
            notice.text += line_of("お願い",
                                   "異常が起きても連絡が届きません。運用担当者に、監視（yakuba "
                                   "serve）の起動を依頼してください。");
        notice.path = "/watch";
        notice.is_urgent = true;
        if (tell(tx, std::move(notice))) ++made;
    }
    return made;
}

int tell_of(sys::Transaction& tx, Site& site, const Event& event) {
    if (event.act == "monitor.down" || event.act == "monitor.up") return tell_monitor(tx, site, event);
    if (event.act == "service.ask-stop" || event.act == "service.ask-resume")
        return tell_service_asked(tx, site, event);
    if (event.act == "service.stop" || event.act == "service.resume") return tell_service(tx, site, event);
    if (event.act == "template.submit" || event.act == "frame.restyle-submit")
        return tell_design_asked(tx, site, event);
    if (event.act == "template.approve" || event.act == "template.return" || event.act == "frame.restyle-approve" ||
        event.act == "frame.restyle-return")
        return tell_design_decided(tx, event);
    if (!event.page) return 0;
    const auto page = content::find_page(tx, event.page);
    if (!page) return 0;
    if (event.act == "page.submit") return tell_asked(tx, site, page->id);
    if (event.act == "page.approve") return tell_approved(tx, site, event, *page);
    if (event.act == "page.return") return tell_returned(tx, event, *page);
    if (event.act == "page.schedule") return tell_scheduled(tx, event, *page);
    if (event.act == "page.publish" || event.act == "page.withdraw" || event.act == "page.expire")
        return hold_published(tx, event, *page);
    if (event.act == "page.publish-failed") return tell_failed(tx, event, *page);
    if (event.act == "page.publish-emergency") return tell_emergency(tx, site, event);
    if (event.act == "page.approve-afterwards") return tell_approved_afterwards(tx, event, *page);
    return 0;
}

bool tells_something(const Event& event) {
    constexpr std::string_view kActs[] = {"template.submit",
                                          "template.approve",
                                          "template.return",
                                          "frame.restyle-submit",
                                          "frame.restyle-approve",
                                          "frame.restyle-return",
                                          "page.submit",
                                          "page.approve",
                                          "page.return",
                                          "page.schedule",
                                          "page.publish",
                                          "page.withdraw",
                                          "page.expire",
                                          "page.publish-failed",
                                          "page.publish-emergency",
                                          "page.approve-afterwards",
                                          "monitor.down",
                                          "monitor.up",
                                          "service.ask-stop",
                                          "service.ask-resume",
                                          "service.stop",
                                          "service.resume"};
    return std::find(std::begin(kActs), std::end(kActs), event.act) != std::end(kActs);
}

/// Held notices whose publication has an outcome.
int release_settled(Site& site) {
    struct Outcome {
        notify::Notice notice;
        std::optional<publish::Receipt> receipt;
        std::string name;
    };
    const Instant now = site.clock.now();
    const auto ready = site.database->read([&](sys::Reader& db) {
        std::vector<Outcome> found;
        for (notify::Notice& notice : notify::list_held(db, kHeldAtOnce)) {
            auto receipt = publish::find_receipt(db, notice.receipt);
            if (receipt && receipt->state == publish::ReceiptState::Waiting && now - notice.made_at < kLongestHold)
                continue;
            const auto page = content::find_page(db, notice.page);
            found.push_back({std::move(notice), std::move(receipt), page ? name_of(*page) : "ページ"});
        }
        return found;
    });
    for (const Outcome& each : ready)
        site.database->write([&](sys::Transaction& tx) {
            const notify::Notice& notice = each.notice;
            if (!each.receipt) return notify::mark_dropped(tx, notice.id, notify::kSettled, now);
            const bool is_end = each.receipt->kind == "withdraw";
            switch (each.receipt->state) {
                case publish::ReceiptState::Failed:
                    return notify::release_held(
                        tx, notice.id, (is_end ? "公開を終了できませんでした：" : "公開できませんでした：") + each.name,
                        notice.text + line_of("理由", one_line(each.receipt->problem)), true);
                case publish::ReceiptState::Waiting:
                    return notify::release_held(
                        tx, notice.id, "公開サイトへの反映に時間がかかっています：" + each.name,
                        notice.text +
                            "まだ公開サイトに反映されていません。続くようなら運用担当者に知らせてください。\n",
                        true);
                case publish::ReceiptState::Placed:
                case publish::ReceiptState::Checked:
                    break;
            }
            return notify::release_held(tx, notice.id, (is_end ? "公開を終了しました：" : "公開しました：") + each.name,
                                        notice.text +
                                            line_of(is_end ? "公開を終了した日時" : "公開した日時",
                                                    time_text(each.receipt->placed_at.value_or(now))) +
                                            (is_end ? line_of("理由", one_line(each.receipt->reason)) : ""),
                                        false);
        });
    return static_cast<int>(ready.size());
}

}  // namespace

int gather_notices(Site& site) {
    std::optional<std::int64_t> place;
    std::int64_t head = 0;
    site.database->read([&](sys::Reader& db) {
        place = notify::find_place(db);
        head = ledger::load_head(db).sequence;
    });
    if (!place || !is_mail_on(site.settings)) {
        if (place != head) site.database->write([&](sys::Transaction& tx) { notify::move_place(tx, place, head); });
        return 0;
    }
    int made = 0;
    // One line a transaction: a bad one costs itself, and whoever is second at a place writes nothing.
    const auto go_on = [&](std::int64_t to, const Event* event) {
        const int told = site.database->write([&](sys::Transaction& tx) {
            if (!notify::move_place(tx, place, to)) return -1;
            return event != nullptr ? tell_of(tx, site, *event) : 0;
        });
        if (told < 0) return false;
        place = to;
        made += told;
        return true;
    };
    while (*place < head) {
        const std::int64_t until = std::min(head, *place + kLinesAtOnce);
        std::vector<Event> events;
        site.database->read([&](sys::Reader& db) {
            ledger::export_lines(db, ledger::kOffice, *place + 1, until, [&](std::string_view bytes) {
                if (bytes.ends_with('\n')) bytes.remove_suffix(1);
                Event event = event_of(ledger::parse_line(bytes));
                if (tells_something(event)) events.push_back(std::move(event));
            });
        });
        for (const Event& event : events) {
            try {
                if (!go_on(event.sequence, &event)) return made;
            } catch (const base::Error& error) {
                if (error.kind() == base::Kind::Unavailable) throw;
                sys::log(sys::Level::Error, "nobody can be told of an act",
                         {{"sequence", std::to_string(event.sequence)}, {"problem", error.message()}});
                if (!go_on(event.sequence, nullptr)) return made;
            }
        }
        if (*place < until && !go_on(until, nullptr)) return made;
    }
    return made + release_settled(site);
}

int gather_requests(Site& site) {
    if (!is_mail_on(site.settings)) return 0;
    int made = 0;
    std::string after;
    do {
        const workflow::StandingList part = site.database->read(
            [&](sys::Reader& db) { return workflow::list_in_state(db, State::Submitted, after, 200); });
        after = part.next;
        for (const workflow::Standing& standing : part.standings)
            made += site.database->write([&](sys::Transaction& tx) { return tell_asked(tx, site, standing.page); });
    } while (!after.empty());
    return made;
}

}  // namespace flow
