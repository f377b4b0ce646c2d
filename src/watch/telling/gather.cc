// From how things stand to calls and messages. Everything is decided anew from the rows each time, so that a crash
// between two turns loses nothing.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "watch/telling/inside/store.h"

namespace telling {

using base::Instant;
using signals::Anomaly;
using signals::Severity;
using signals::Standing;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kWatch = "service:watch";
constexpr std::size_t kMostInText = 10;

struct KindName {
    std::string_view id, wording;
};
constexpr KindName kKinds[] = {{"call", "呼出し"},        {"escalate", "次の担当者の呼出し"},
                               {"again", "再度の呼出し"}, {"more", "続報"},
                               {"over", "復旧"},          {"test", "試験"}};

std::string line_of(const Anomaly& anomaly) {
    std::string line =
        fmt::format("・【{}】第{}号 {}", severity_wording(anomaly.severity), anomaly.id.value, anomaly.text);
    if (anomaly.is_storm) line += fmt::format("（知らせ {}件）", anomaly.signals);
    if (anomaly.standing != Standing::Open && anomaly.cleared_at)
        line += fmt::format("（{} 復旧）", calendar::format_era_moment(*anomaly.cleared_at));
    return line + "\n";
}

/// What people read: worst first; a storm before what it stands for.
std::string write_text(const Policy& policy, std::vector<Anomaly> anomalies, std::string_view kind,
                       std::string_view ticket) {
    std::erase_if(anomalies, [&](const Anomaly& each) {
        return each.storm && std::any_of(anomalies.begin(), anomalies.end(),
                                         [&](const Anomaly& other) { return other.id == each.storm; });
    });
    std::stable_sort(anomalies.begin(), anomalies.end(),
                     [](const Anomaly& a, const Anomaly& b) { return a.severity > b.severity; });
    std::string text = fmt::format("{}の監視からの連絡です。\n\n", policy.site_name);
    if (kind == "over") text += "次の異常は、すべて復旧しました。\n";
    if (kind == "more") text += "新しい異常が加わったか、重大度が上がりました。\n";
    if (kind == "escalate" || kind == "again") text += "まだ応答がないため、連絡しています。\n";
    for (std::size_t i = 0; i < anomalies.size() && i < kMostInText; ++i) text += line_of(anomalies[i]);
    if (anomalies.size() > kMostInText) text += fmt::format("・ほか{}件\n", anomalies.size() - kMostInText);
    if (!anomalies.empty())
        text += fmt::format(
            "\n最初の発生：{}\n",
            calendar::format_era_moment(
                std::min_element(anomalies.begin(), anomalies.end(), [](const Anomaly& a, const Anomaly& b) {
                    return a.first_at < b.first_at;
                })->first_at));
    if (kind == "over")
        text += fmt::format("\n対応の記録：{}/anomalies\n", policy.office_url);
    else
        text += fmt::format(
            "\n対応できる方は、次の画面で応答してください。応答があるまで、ほかの担当者にも連絡します。\n"
            "{}/calls/{}\n",
            policy.office_url, ticket);
    return text;
}

std::string write_subject(const Policy& policy, const Call& call, const std::vector<Anomaly>& anomalies,
                          std::string_view kind) {
    const auto worst = std::max_element(anomalies.begin(), anomalies.end(), [](const Anomaly& a, const Anomaly& b) {
        return std::pair(a.is_storm, a.severity) < std::pair(b.is_storm, b.severity);
    });
    std::string what = worst == anomalies.end() ? "" : worst->text;
    if (base::count_code_points(what) > 60) what = std::string(base::first_code_points(what, 60)) + "…";
    std::erase_if(what, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    return fmt::format("【{}】{} 呼出し第{}号：{}", policy.site_name,
                       kind == "over" ? std::string("復旧")
                                      : fmt::format("{}{}", severity_wording(call.severity),
                                                    kind == "call" ? std::string("")
                                                                   : fmt::format("（{}）", message_kind_wording(kind))),
                       call.id.value, what);
}

void note(sys::Transaction& tx, std::string_view act, CallId call, const signals::By& by,
          const boost::json::object& detail) {
    ledger::append(
        tx, {by.at, by.who, std::string(act), fmt::format("call:{}", call.value), boost::json::serialize(detail)},
        ledger::kWatch);
}

int tell(sys::Transaction& tx, const Policy& policy, Call& call, const std::vector<Duty>& to,
         const std::vector<Anomaly>& anomalies, std::string_view kind, Instant now) {
    const std::string ticket = load_ticket(tx, call.id);
    for (const Duty& duty : to) {
        Message message;
        message.call = call.id;
        message.kind = kind;
        message.channel = duty.channel;
        message.target = duty.target;
        message.name = duty.name;
        message.severity = call.severity;
        message.subject = write_subject(policy, call, anomalies, kind);
        message.text = write_text(policy, anomalies, kind, ticket);
        message.token = sys::random_token();
        message.made_at = now;
        queue(tx, message, anomalies);
    }
    call.told_at = now;
    call.told = static_cast<std::int64_t>(anomalies.size());
    return static_cast<int>(to.size());
}

/// Calls for what nobody is called for yet.
void open_calls(sys::Transaction& tx, const Policy& policy, Instant now) {
    const auto waiting = list_uncalled(tx);
    const auto is_ready = [&](const Anomaly& each) {
        return each.severity == Severity::Emergency || now - each.opened_at >= policy.group_wait;
    };
    if (std::none_of(waiting.begin(), waiting.end(), is_ready)) return;
    std::optional<CallId> fresh;
    for (const Anomaly& anomaly : waiting) {
        if (policy.on_call.at(now, anomaly.severity).empty()) continue;  // nobody wants to know, as yet
        if (const auto joined = find_call_of_group(tx, anomaly.group)) {
            join(tx, *joined, anomaly.id);
            continue;
        }
        if (!fresh) {
            const auto open = list_calls(tx, true, 1);
            if (!open.empty() && count_calls(tx, now - 10min) >= kMostCalls) {
                fresh = open.front().id;
            } else {
                Call call;
                call.made_at = call.since_at = now;
                call.severity = anomaly.severity;
                call.id = add_call(tx, call, sys::random_token());
                fresh = call.id;
                note(tx, "call.open", call.id, {std::string(kWatch), now}, {{"anomaly", anomaly.id.value}});
            }
        }
        join(tx, *fresh, anomaly.id);
    }
}

void end(sys::Transaction& tx, Call& call, Instant now) {
    call.standing = CallStanding::Over;
    call.over_at = now;
    note(tx, "call.over", call.id, {std::string(kWatch), now}, {});
}

/// One call's next messages.
int go_on(sys::Transaction& tx, const Policy& policy, Call call, Instant now) {
    const auto anomalies = list_anomalies(tx, call.id);
    const Call before = call;
    int queued = 0;
    const auto is_open = [](const Anomaly& each) { return each.standing == Standing::Open; };
    Severity worst = Severity::Note;
    for (const Anomaly& each : anomalies) worst = std::max(worst, each.severity);
    const bool is_worse = worst > call.severity;
    call.severity = std::max(call.severity, worst);
    if (std::none_of(anomalies.begin(), anomalies.end(), is_open)) {
        if (call.told_at) queued += tell(tx, policy, call, list_told(tx, call.id), anomalies, "over", now);
        end(tx, call, now);
        save(tx, call);
        return queued;
    }
    // Whoever answers for all that is open on a screen has answered the call.
    const bool is_in_hand = std::all_of(anomalies.begin(), anomalies.end(),
                                        [&](const Anomaly& each) { return !is_open(each) || each.acknowledged_at; });
    if (call.standing == CallStanding::Open && call.told_at && is_in_hand) {
        const auto by = std::find_if(anomalies.begin(), anomalies.end(),
                                     [](const Anomaly& each) { return each.acknowledged_at.has_value(); });
        call.standing = CallStanding::Acknowledged;
        call.acknowledged_by = by->acknowledged_by;
        call.acknowledged_at = by->acknowledged_at;
        note(tx, "call.acknowledge", call.id, {call.acknowledged_by, now}, {});
    }
    if (call.standing == CallStanding::Acknowledged && is_worse) {
        call.standing = CallStanding::Open;
        call.since_at = now;
    }
    const bool is_more = call.told_at && static_cast<std::int64_t>(anomalies.size()) > call.told;
    if ((is_worse && call.told_at) || (is_more && now - *call.told_at >= policy.bundle))
        queued += tell(tx, policy, call, list_told(tx, call.id), anomalies, "more", now);
    if (call.standing == CallStanding::Open) {
        std::vector<Duty> first, next;
        for (const Duty& duty : policy.on_call.at(now, call.severity)) {
            if (now - call.since_at < duty.after || is_told(tx, call.id, duty.channel, duty.target, call.since_at))
                continue;
            (duty.after.count() == 0 ? first : next).push_back(duty);
        }
        const bool is_repeat = call.told_at && policy.repeat.count() > 0 && now - *call.told_at >= policy.repeat;
        if (!first.empty()) queued += tell(tx, policy, call, first, anomalies, "call", now);
        if (!next.empty()) {
            queued += tell(tx, policy, call, next, anomalies, "escalate", now);
            note(tx, "call.escalate", call.id, {std::string(kWatch), now}, {{"people", next.size()}});
        }
        if (is_repeat && first.empty() && next.empty())
            queued += tell(tx, policy, call, list_told(tx, call.id), anomalies, "again", now);
    }
    if (queued > 0 || call.standing != before.standing || call.severity != before.severity) save(tx, call);
    return queued;
}

/// A transaction that is never kept would do, but a look is cheaper: the same conditions, read only.
bool wants_turn(sys::Reader& db, const Policy& policy, const Call& call, Instant now) {
    const auto anomalies = list_anomalies(db, call.id);
    bool has_open = false, has_unacknowledged = false;
    for (const Anomaly& each : anomalies) {
        if (each.severity > call.severity) return true;
        if (each.standing != Standing::Open) continue;
        has_open = true;
        has_unacknowledged |= !each.acknowledged_at;
    }
    if (!has_open) return true;
    if (call.told_at && static_cast<std::int64_t>(anomalies.size()) > call.told && now - *call.told_at >= policy.bundle)
        return true;
    if (call.standing != CallStanding::Open) return false;
    if (call.told_at && (!has_unacknowledged || (policy.repeat.count() > 0 && now - *call.told_at >= policy.repeat)))
        return true;
    const auto duties = policy.on_call.at(now, call.severity);
    return std::any_of(duties.begin(), duties.end(), [&](const Duty& duty) {
        return now - call.since_at >= duty.after && !is_told(db, call.id, duty.channel, duty.target, call.since_at);
    });
}

}  // namespace

std::string_view call_standing_wording(CallStanding standing) {
    constexpr std::string_view kWordings[] = {"呼出し中", "応答あり", "終了"};
    return kWordings[static_cast<std::size_t>(standing)];
}

std::string_view message_kind_wording(std::string_view kind) {
    const auto* at =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindName& each) { return each.id == kind; });
    return at == std::end(kKinds) ? kind : at->wording;
}

int gather(sys::Transaction& tx, const Policy& policy, Instant now) {
    open_calls(tx, policy, now);
    int queued = 0;
    for (const Call& call : list_calls(tx, true, 1000)) queued += go_on(tx, policy, call, now);
    return queued;
}

bool has_work(sys::Reader& db, const Policy& policy, Instant now) {
    for (const Anomaly& each : list_uncalled(db))
        if ((each.severity == Severity::Emergency || now - each.opened_at >= policy.group_wait) &&
            !policy.on_call.at(now, each.severity).empty())
            return true;
    const auto calls = list_calls(db, true, 1000);
    return std::any_of(calls.begin(), calls.end(), [&](const Call& call) { return wants_turn(db, policy, call, now); });
}

bool acknowledge(sys::Transaction& tx, CallId id, const signals::By& by) {
    auto call = find_call(tx, id);
    if (!call) throw base::Error(base::Kind::NotFound, "この呼出しはありません。");
    if (call->standing != CallStanding::Open) return false;
    call->standing = CallStanding::Acknowledged;
    call->acknowledged_by = by.who;
    call->acknowledged_at = by.at;
    save(tx, *call);
    note(tx, "call.acknowledge", id, by, {});
    for (const Anomaly& each : list_anomalies(tx, id))
        if (each.standing != Standing::Closed && !each.acknowledged_at) signals::acknowledge(tx, each.id, by);
    return true;
}

int queue_test(sys::Transaction& tx, const Policy& policy, bool to_all, const signals::By& by) {
    const auto duties = to_all ? policy.on_call.all() : policy.on_call.at(by.at, Severity::Emergency);
    for (const Duty& duty : duties) {
        Message message;
        message.kind = "test";
        message.channel = duty.channel;
        message.target = duty.target;
        message.name = duty.name;
        message.severity = Severity::Note;
        message.subject = fmt::format("【{}】試験の連絡", policy.site_name);
        message.text = fmt::format("{}の監視からの試験の連絡です。対応は必要ありません。\n\n宛先：{}（{}）\n",
                                   policy.site_name, duty.name, find_channel(duty.channel)->wording);
        message.token = sys::random_token();
        message.made_at = by.at;
        queue(tx, message, {});
    }
    ledger::append(
        tx,
        {by.at, by.who, "message.test", "", boost::json::serialize(boost::json::object{{"messages", duties.size()}})},
        ledger::kWatch);
    return static_cast<int>(duties.size());
}

}  // namespace telling
