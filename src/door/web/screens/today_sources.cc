#include <set>

#include "door/web/language.h"
#include "door/web/screens/backups/requests.h"
#include "door/web/screens/contract/key_words.h"
#include "door/web/screens/today/sources.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "flow/contract_status.h"
#include "flow/office_hours.h"
#include "flow/open_failures.h"
#include "ground/base/error.h"
#include "office/documents/store.h"
#include "office/helpdesk/clocks.h"
#include "office/helpdesk/store.h"
#include "office/incidents/incident.h"
#include "office/registers/store.h"
#include "office/stops/stop.h"
#include "office/training/store.h"
#include "office/visits/store.h"
#include "office/vulnerabilities/store.h"
#include "press/content/store.h"
#include "watch/signals/anomaly.h"

namespace web {

namespace {

using base::Error;
using base::Instant;
using Level = Duty::Level;

constexpr int kMost = 100;  // of one source
constexpr std::string_view kRosterGap = "helpdesk.roster";
constexpr std::string_view kLateStep = "incident.step";  // the watch says: an incident waits too long

Level level_of(Instant due, Instant now) {
    return due < now ? Level::Late : Level::Due;
}

std::string person_name(Context& context, base::PersonId id) {
    return id ? Names(context.db()).of(id) : std::string();
}

std::vector<Duty> of_contract(Context& context, Instant until) {
    std::vector<Duty> list;
    try {
        const flow::ContractStatus status = flow::judge_contract(context.site(), context.now());
        for (const contract::Judged& one : status.obligations) {
            const contract::Role* role = status.contract->find_role(one.obligation->who);
            const std::string who = role != nullptr ? role->title : one.obligation->who;
            const std::string path = "/contract/" + one.obligation->id;
            Duty late{Level::Late, "契約", one.obligation->title, "", who, {}, path, true};
            int count = 0;  // what was missed a hundred times is one line
            for (const contract::Item& item : one.items) {
                if (item.state == contract::State::Late) {
                    if (++count == 1) late.at = item.due;
                    late.note = key_words(item.key);
                    continue;
                }
                // A state that is kept is no work for today.
                if (item.state != contract::State::Due || item.due >= until ||
                    one.obligation->kind >= contract::Kind::Standing)
                    continue;
                list.push_back(
                    {Level::Due, "契約", one.obligation->title, key_words(item.key), who, item.due, path, true});
            }
            if (count > 1) late.note = say(fmt::format("{}件", count));
            if (count > 0) list.push_back(std::move(late));
        }
    } catch (const Error& error) {
        if (error.kind() == base::Kind::BadInput)
            list.push_back({Level::Late,
                            "契約",
                            say("契約のファイルに誤りがあり、期限を計算できません"),
                            "",
                            "",
                            {},
                            "/contract"});
        else if (error.kind() != base::Kind::NotFound)
            throw;
    }
    return list;
}

std::vector<Duty> of_anomalies(Context& context, Instant until) {
    std::vector<Duty> list;
    sys::Database* watch = context.site().find_watch();
    if (watch == nullptr) return list;
    const bool has_contract = find_usable_screen(context, "/contract") != nullptr;
    const bool has_incidents = find_usable_screen(context, "/incidents") != nullptr;
    const bool has_registers = find_usable_screen(context, "/registers") != nullptr;
    signals::Filter filter;
    filter.only_unclosed = true;
    filter.limit = kMost;
    for (const signals::Anomaly& one :
         watch->read([&](sys::Reader& db) { return signals::list_anomalies(db, filter); })) {
        if (one.storm) continue;                                 // the storm stands for it
        if (has_contract && one.source == "contract") continue;  // these stand in the list themselves
        if (has_registers && one.kind.starts_with("register.")) continue;
        if (has_incidents && one.kind == kLateStep) continue;
        Duty duty{Level::New,
                  "異常",
                  say(one.text),
                  say(signals::standing_wording(one.standing)),
                  one.answer.who,
                  one.first_at,
                  fmt::format("/anomalies/{}", one.id.value)};
        if (one.kind == kRosterGap && one.standing == signals::Standing::Open) {  // a gap is late: nobody answers then
            duty.level = Level::Late;
            duty.path = "/roster";
        }
        if (one.answer.due_at) {
            if (*one.answer.due_at >= until) continue;
            duty.level = level_of(*one.answer.due_at, context.now());
            duty.at = one.answer.due_at;
            duty.is_deadline = true;
        } else if (one.answer.decision == signals::Decision::Not) {
            continue;  // decided: nobody acts
        }
        list.push_back(std::move(duty));
    }
    return list;
}

std::vector<Duty> of_incidents(Context& context, Instant) {
    incidents::Filter filter;
    filter.only_open = true;
    filter.oldest_first = true;
    filter.limit = kMost;
    std::set<std::string> late;
    if (sys::Database* watch = context.site().find_watch()) {
        signals::Filter told;
        told.standing = signals::Standing::Open;
        told.source = "desk";
        told.limit = kMost;
        for (const auto& one : watch->read([&](sys::Reader& db) { return signals::list_anomalies(db, told); }))
            if (one.kind == kLateStep) late.insert(one.subject);
    }
    std::vector<Duty> list;
    for (const auto& one : context.db().read([&](sys::Reader& db) { return incidents::list_incidents(db, filter); }))
        list.push_back({late.contains(fmt::format("incident:{}", one.id.value)) ? Level::Late : Level::New, "障害",
                        fmt::format("{} {}", one.number, one.title), say(incidents::state_wording(one.state)),
                        say(incidents::level_wording(one.level)), one.detected_at,
                        fmt::format("/incidents/{}", one.id.value)});
    return list;
}

std::vector<Duty> of_questions(Context& context, Instant until) {
    helpdesk::Filter filter;
    filter.only_unclosed = true;
    filter.oldest_first = true;
    filter.limit = kMost;
    if (!context.may(people::Act::DeskAnswer)) filter.asker = context.person.id;
    const calendar::OfficeCalendar hours = flow::helpdesk_hours_of(context.site().settings);
    std::vector<Duty> list;
    for (const auto& one : context.db().read([&](sys::Reader& db) { return helpdesk::list_questions(db, filter); })) {
        const helpdesk::Clocks clocks = helpdesk::clocks_of(one, hours, {}, context.now());
        const bool is_mine = static_cast<bool>(filter.asker);
        Duty duty{Level::New,
                  "問合せ",
                  fmt::format("{} {}", one.number, one.title),
                  say(helpdesk::state_wording(one.state)),
                  person_name(context, one.assignee),
                  one.received_at,
                  fmt::format("/questions/{}", one.id.value)};
        if (!is_mine && clocks.is_running) {
            if (!clocks.is_late() && one.assignee && clocks.due >= until) continue;
            duty.level = clocks.is_late() ? Level::Late : one.assignee ? Level::Due : Level::New;
            duty.is_deadline = duty.level != Level::New;
            if (duty.is_deadline) duty.at = clocks.due;
        } else if (!is_mine || one.state != helpdesk::State::Waiting) {
            continue;  // the other side has the word
        }
        list.push_back(std::move(duty));
    }
    return list;
}

std::vector<Duty> of_vulnerabilities(Context& context, Instant until) {
    std::vector<Duty> list;
    for (const auto standing :
         {vulnerabilities::Standing::New, vulnerabilities::Standing::Review, vulnerabilities::Standing::Act}) {
        vulnerabilities::RecordFilter filter;
        filter.standing = standing;
        filter.limit = kMost;
        for (const auto& one : context.db().read(
                 [&](sys::Reader& db) { return vulnerabilities::list_records(db, filter, context.now()); })) {
            const bool is_reported = one.reported_at.has_value();
            const bool is_late = !is_reported && one.due_at < context.now();
            const bool is_timed = is_late || (standing == vulnerabilities::Standing::Act && !is_reported);
            if (is_timed && !is_late && one.due_at >= until) continue;
            list.push_back(
                {is_timed ? level_of(one.due_at, context.now()) : Level::New, "脆弱性",
                 fmt::format("{} {}", one.number, one.title), say(vulnerabilities::standing_wording(standing)), "",
                 is_timed ? one.due_at : one.received_at, fmt::format("/vulnerabilities/{}", one.id), is_timed});
        }
    }
    return list;
}

std::vector<Duty> of_stops(Context& context, Instant until) {
    stops::Filter filter;
    filter.only_open = true;
    filter.limit = kMost;
    std::vector<Duty> list;
    for (const auto& one : context.db().read([&](sys::Reader& db) { return stops::list_stops(db, filter); })) {
        const bool is_running = one.state == stops::State::Running;
        const Instant due = is_running ? one.plan.ends_at : one.plan.starts_at;
        if (due >= until) continue;
        list.push_back({level_of(due, context.now()), "計画停止",
                        fmt::format("{} {}", one.number, say(is_running ? "終了の記録" : "開始の記録")),
                        say(stops::state_wording(one.state)), "", due, fmt::format("/stops/{}", one.id.value)});
    }
    return list;
}

std::vector<Duty> of_trainings(Context& context, Instant until) {
    std::vector<Duty> list;
    for (const auto& one : context.db().read([](sys::Reader& db) { return training::list_sessions(db, kMost); })) {
        if (one.state != training::State::Planned && one.state != training::State::Open) continue;
        if (one.starts_at >= until) continue;
        const Instant end = one.starts_at + std::chrono::minutes(one.minutes);
        list.push_back(
            {level_of(end, context.now()), "研修", say(end < context.now() ? "研修の実施を記録する" : "研修を行う"),
             say(training::state_wording(one.state)), one.teacher, one.starts_at, fmt::format("/training/{}", one.id)});
    }
    return list;
}

std::vector<Duty> of_publications(Context& context, Instant) {
    std::vector<Duty> list;
    context.db().read([&](sys::Reader& db) {
        for (const publish::Receipt& one : flow::list_open_failures(db, kMost)) {
            const auto page = content::find_page(db, one.page);
            list.push_back({Level::New, "公開の失敗", page ? title_of(*page) : say("公開できなかった変更"),
                            say(one.problem), person_name(context, one.person), one.made_at,
                            fmt::format("/receipts/{}", one.id)});
        }
    });
    return list;
}

std::vector<Duty> of_backups(Context& context, Instant) {
    constexpr std::chrono::hours kRecent{24 * 3};
    std::vector<Duty> list;
    sys::Database* watch = context.site().find_watch();
    if (watch == nullptr) return list;
    for (const backup::Request& one : watch->read([](sys::Reader& db) { return backup::list_requests(db, kMost); })) {
        const bool has_failed = one.stage == backup::Stage::Failed && context.now() - one.asked_at < kRecent;
        if (!has_failed && one.stage != backup::Stage::Shown) continue;
        if (backup::is_restore(one.wish) && !context.may(people::Act::BackupRestore)) continue;
        list.push_back({Level::New, "バックアップ", say(backup::wish_wording(one.wish)),
                        has_failed ? one.problem : say("確認待ち"), "", one.asked_at,
                        fmt::format("/{}/{}", backup::is_restore(one.wish) ? "restore" : "backups/requests", one.id)});
    }
    return list;
}

/// Those who confirm have them to confirm; those who make them see that nobody has.
std::vector<Duty> of_documents(Context& context, Instant) {
    const bool may_confirm = context.may(people::Act::ReportConfirm);
    documents::Filter filter;
    filter.turn = may_confirm ? documents::Turn::ToConfirm : documents::Turn::ToDeliver;
    filter.limit = kMost;
    std::vector<Duty> list;
    for (const auto& one : context.db().read([&](sys::Reader& db) { return documents::list_documents(db, filter); }))
        list.push_back({Level::New, "文書", fmt::format("{} {}", one.number, one.title),
                        say(may_confirm ? "受領の確認を待っています" : "まだ渡していません"), "",
                        one.delivered_at.value_or(one.made_at), fmt::format("/documents/{}", one.id)});
    return list;
}

std::vector<Duty> of_registers(Context& context, Instant until) {
    std::vector<Duty> list;
    for (const auto& one :
         context.db().read([&](sys::Reader& db) { return registers::list_warnings(db, context.now()); })) {
        const auto due = one.due ? std::optional(base::from_local({*one.due + 1})) : std::nullopt;  // the day's end
        if (due && *due >= until && !one.is_pressing) continue;
        const bool is_far = due && *due >= until;  // pressing all the same: there is much to prepare
        const Level level = is_far            ? Level::New
                            : due             ? level_of(*due, context.now())
                            : one.is_pressing ? Level::Late
                                              : Level::New;
        list.push_back({level, "台帳", one.name, say(one.text), "", is_far ? std::nullopt : due,
                        fmt::format("/registers/{}/{}", one.kind, one.entry), true});
    }
    return list;
}

std::vector<Duty> of_visits(Context& context, Instant until) {
    std::vector<Duty> list;
    for (const auto& one : context.db().read([](sys::Reader& db) { return visits::list_visits(db, kMost); })) {
        if (one.state != visits::State::Planned || one.starts_at >= until) continue;
        const bool is_over = base::local_day(one.starts_at) < base::local_day(context.now());
        list.push_back({is_over ? Level::Late : Level::Due, "訪問", say(is_over ? "訪問の記録" : "訪問"), one.purpose,
                        one.visitors, one.starts_at, fmt::format("/visits/{}", one.id)});
    }
    return list;
}

constexpr DutySource kSources[] = {{"/contract", of_contract},
                                   {"/anomalies", of_anomalies},
                                   {"/incidents", of_incidents},
                                   {"/questions", of_questions},
                                   {"/vulnerabilities", of_vulnerabilities},
                                   {"/stops", of_stops},
                                   {"/training", of_trainings},
                                   {"/visits", of_visits},
                                   {"/registers", of_registers},
                                   {"/receipts", of_publications},
                                   {"/backups", of_backups},
                                   {"/documents", of_documents}};

}  // namespace

std::span<const DutySource> all_duty_sources() {
    return kSources;
}

const Screen* find_usable_screen(const Context& context, std::string_view path) {
    for (const Screen* each : all_screens())
        if (each->path == path && (!each->right || people::may_somewhere(context.actor, *each->right))) return each;
    return nullptr;
}

}  // namespace web
