// One fingerprint is well, pending (wrong, but not often or long enough yet) or wrong (its anomaly is open). What was
// observed before the newest observation is late: it never moves the state, but a fault that came and went unseen is
// recorded as an anomaly that is over.
#include "watch/signals/inside/turns.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ground/sys/crypto.h"

namespace signals {

using base::Instant;
using std::chrono::milliseconds;

namespace {

By watch_at(Instant now) {
    return {std::string(kWatch), now};
}

/// Source and the kind's first word: "guard tree" of "tree.changed".
std::string group_of(std::string_view source, std::string_view kind) {
    return fmt::format("{} {}", source, kind.substr(0, kind.find('.')));
}

/// Whether it matters that nothing more is heard of it.
bool minds_silence(const Watched& watched, const Rule& rule) {
    const bool may_be_silent = rule.may_fall_silent_when_well && watched.standing == Judged::Well;
    return rule.silent_after.count() > 0 && !watched.is_silent && !may_be_silent;
}

void plan(Watched& watched, const Rule& rule) {
    std::optional<Instant> due;
    const auto at = [&](Instant next) {
        if (!due || next < *due) due = next;
    };
    if (minds_silence(watched, rule)) at(watched.seen_at + rule.silent_after);
    if (watched.standing == Judged::Pending && watched.bad_run >= rule.raise_after) at(watched.bad_since + rule.hold);
    if (watched.standing == Judged::Wrong) {
        if (watched.good_run >= rule.clear_after) at(watched.good_since + rule.clear_hold);
        if (!watched.flips.empty()) at(Instant{watched.flips.back()} + rule.flap_span);
        if (rule.ends_after.count() > 0) at(watched.seen_at + rule.ends_after);
    }
    watched.due_at = due;
}

/// Notes a change between well and wrong.
void flip(Watched& watched, const Rule& rule, Instant now) {
    watched.flips.push_back(now.milliseconds);
    std::erase_if(watched.flips, [&](std::int64_t at) { return Instant{at} + rule.flap_span <= now; });
    if (watched.flips.size() > 32) watched.flips.erase(watched.flips.begin());
}

Anomaly anomaly_of(const Watched& watched, std::string text, Instant now) {
    Anomaly anomaly;
    anomaly.fingerprint = watched.fingerprint;
    anomaly.source = watched.source;
    anomaly.kind = watched.kind;
    anomaly.subject = watched.subject;
    anomaly.rule = watched.rule;
    anomaly.group = group_of(watched.source, watched.kind);
    anomaly.severity = watched.severity;
    anomaly.first_at = watched.bad_since;
    anomaly.last_at = watched.observed_at;
    anomaly.opened_at = now;
    anomaly.text = std::move(text);
    return anomaly;
}

Anomaly open_storm(sys::Transaction& tx, const Anomaly& last, Instant now) {
    Signal sign{.source = last.source, .kind = last.kind, .subject = last.group, .rule = "storm"};
    Anomaly storm = last;
    storm.fingerprint = fingerprint(sign);
    storm.subject = "多数";
    storm.rule = "storm";
    storm.is_storm = true;
    storm.text =
        fmt::format("同じ種類の異常が{}件を超えたため、まとめて扱います。最初の内容：{}", kStormFrom, last.text);
    storm.signals = 0;
    storm.id = add(tx, storm);
    gather(tx, storm.group, storm.id);
    record(tx, storm, "open", watch_at(now), storm.text);
    return storm;
}

/// Opens an anomaly for what has become wrong, or counts it into the storm of its group.
Anomaly open(sys::Transaction& tx, const Rule& rule, Watched& watched, std::string text, Instant now) {
    watched.standing = Judged::Wrong;
    watched.good_run = 0;
    flip(watched, rule, now);
    Anomaly fresh = anomaly_of(watched, std::move(text), now);
    auto storm = find_open_storm(tx, fresh.group);
    if (!storm && count_open(tx, fresh.group) >= kStormFrom) storm = open_storm(tx, fresh, now);
    if (storm) {
        ++storm->members;
        watched.anomaly = storm->id;
        save(tx, *storm);
        return *storm;
    }
    const bool is_flapping = rule.flaps > 0 && static_cast<int>(watched.flips.size()) >= rule.flaps;
    const std::string flapping =
        fmt::format("{}以内に発生と復旧を{}回繰り返しています。", span_text(rule.flap_span), watched.flips.size());
    // What changes all the time is one anomaly, which is opened again, not one after the other.
    if (auto last = find_anomaly(tx, watched.anomaly);
        is_flapping && last && last->standing == Standing::Cleared && !last->is_storm) {
        last->standing = Standing::Open;
        last->cleared_at.reset();
        last->is_flapping = true;
        last->text = fresh.text;
        record(tx, *last, "flap", watch_at(now), flapping);
        return *last;
    }
    fresh.id = add(tx, fresh);
    watched.anomaly = fresh.id;
    record(tx, fresh, "open", watch_at(now), fresh.text);
    if (is_flapping) {
        fresh.is_flapping = true;
        record(tx, fresh, "flap", watch_at(now), flapping);
    }
    fresh.signals = adopt(tx, watched.fingerprint, watched.bad_since, fresh.id);
    save(tx, fresh);
    return fresh;
}

void clear(sys::Transaction& tx, const Rule& rule, Watched& watched, std::string_view text, Instant now) {
    watched.standing = Judged::Well;
    watched.bad_run = 0;
    flip(watched, rule, now);
    auto anomaly = find_anomaly(tx, watched.anomaly);
    if (!anomaly || anomaly->standing != Standing::Open || anomaly->is_storm) return;
    anomaly->standing = Standing::Cleared;
    anomaly->cleared_at = now;
    anomaly->is_no_data = anomaly->is_flapping = false;
    record(tx, *anomaly, "clear", watch_at(now), text);
    if (anomaly->severity != Severity::Note) return;
    // For the record alone: nobody has to answer for it.
    anomaly->answer = {Decision::Not, "", "参考のための記録です。", std::nullopt, std::string(kWatch), now};
    anomaly->standing = Standing::Closed;
    anomaly->closed_at = now;
    record(tx, *anomaly, "close", watch_at(now), "参考のための記録のため、自動で終結しました。");
}

/// True when it may be well now by what was observed, and has not changed too often.
bool is_well(const Watched& watched, const Rule& rule, bool is_flapping, Instant now) {
    if (watched.good_run < rule.clear_after || now - watched.good_since < rule.clear_hold) return false;
    return !is_flapping || watched.flips.empty() || now - Instant{watched.flips.back()} >= rule.flap_span;
}

/// Something was observed before what is known already.
void take_late(sys::Transaction& tx, const Rule& rule, Watched& watched, const Signal& signal, Instant now,
               Taken& taken) {
    ++taken.late;
    auto last = find_anomaly(tx, watched.anomaly);
    const bool is_raise = signal.state == State::Raise;
    if (is_raise && last &&
        (last->standing == Standing::Open ||
         (signal.observed_at <= *last->cleared_at && signal.observed_at >= last->first_at))) {
        last->first_at = std::min(last->first_at, signal.observed_at);
        ++last->signals;
        save(tx, *last);
        if (last->signals <= kMostKept) add(tx, signal, watched.fingerprint, now, true, last->id, Payload::Keep);
        return;
    }
    AnomalyId id;
    // It came and went before anybody heard of it.
    if (is_raise && watched.standing == Judged::Well && watched.good_run > 0 && rule.raise_after == 1 &&
        watched.good_since - signal.observed_at >= rule.hold) {
        Anomaly past = anomaly_of(watched, signal.text, now);
        past.severity = rule.severity.value_or(signal.severity);
        past.first_at = past.last_at = signal.observed_at;
        past.signals = 1;
        past.standing = Standing::Cleared;
        past.cleared_at = std::max(watched.good_since, signal.observed_at);
        past.id = id = add(tx, past);
        watched.anomaly = id;
        record(tx, past, "open", watch_at(now), signal.text);
        record(tx, past, "clear", watch_at(now), "復旧した後に、発生の知らせが届きました。");
        ++taken.opened;
        ++taken.cleared;
    }
    if (id || !signal.external_id.empty()) add(tx, signal, watched.fingerprint, now, true, id, Payload::Keep);
}

/// Counts a raise; a severity above the anomaly's is a turn. True when it was one.
bool count_in(sys::Transaction& tx, Anomaly& anomaly, const Signal& signal, Severity severity, Instant now) {
    ++anomaly.signals;
    anomaly.last_at = std::max(anomaly.last_at, signal.observed_at);
    if (!anomaly.is_storm) anomaly.text = signal.text;
    if (severity <= anomaly.severity) {
        save(tx, anomaly);
        return false;
    }
    const Severity before = std::exchange(anomaly.severity, severity);
    // Whoever took it in hand took less than it is now.
    anomaly.acknowledged_by.clear();
    anomaly.acknowledged_at.reset();
    record(
        tx, anomaly, "severity", watch_at(now),
        fmt::format("重大度が「{}」から「{}」に上がりました。", severity_wording(before), severity_wording(severity)));
    return true;
}

/// A raise for an anomaly that is open already.
void feed(sys::Transaction& tx, Watched& watched, const Signal& signal, Severity severity, Instant now) {
    auto anomaly = find_anomaly(tx, watched.anomaly);
    if (!anomaly) return;
    if (anomaly->is_no_data && !anomaly->is_storm) {
        anomaly->is_no_data = false;
        record(tx, *anomaly, "heard", watch_at(now), "データが再び届き、異常が続いていることを確認しました。");
    }
    const bool is_turn = count_in(tx, *anomaly, signal, severity, now);
    const std::int64_t most = anomaly->is_storm ? kMostPayloads : kMostKept;
    if ((is_turn || anomaly->signals <= most) && !is_taken(tx, signal))
        add(tx, signal, watched.fingerprint, now, false, anomaly->id, Payload::Keep);
}

void take_raise(sys::Transaction& tx, const Rule& rule, Watched& watched, const Signal& signal, Instant now,
                Taken& taken) {
    const Severity severity = rule.severity.value_or(signal.severity);
    if (watched.standing == Judged::Wrong && watched.good_run > 0) flip(watched, rule, now);
    watched.good_run = 0;
    if (watched.bad_run++ == 0) {
        watched.bad_since = signal.observed_at;
        watched.severity = severity;
    }
    watched.severity = std::max(watched.severity, severity);
    if (watched.standing == Judged::Wrong) {
        feed(tx, watched, signal, severity, now);
        return;
    }
    watched.standing = Judged::Pending;
    if (watched.bad_run < rule.raise_after || signal.observed_at - watched.bad_since < rule.hold) {
        if (watched.bad_run <= kMostKept) add(tx, signal, watched.fingerprint, now, false, {}, Payload::Keep);
        return;
    }
    const Anomaly opened = open(tx, rule, watched, signal.text, now);
    if (!opened.is_storm) ++taken.opened;
    feed(tx, watched, signal, severity, now);
}

void take_clear(sys::Transaction& tx, const Rule& rule, Watched& watched, const Signal& signal, Instant now,
                Taken& taken) {
    watched.bad_run = 0;
    if (watched.good_run++ == 0) watched.good_since = signal.observed_at;
    if (watched.standing != Judged::Wrong) {
        watched.standing = Judged::Well;
        if (!signal.external_id.empty()) add(tx, signal, watched.fingerprint, now, false, {}, Payload::Keep);
        return;
    }
    const auto anomaly = find_anomaly(tx, watched.anomaly);
    const bool is_over = is_well(watched, rule, anomaly && anomaly->is_flapping, now);
    if (!anomaly || !anomaly->is_storm || anomaly->signals <= kMostPayloads || is_over)
        add(tx, signal, watched.fingerprint, now, false, watched.anomaly,
            anomaly && anomaly->is_storm ? Payload::Drop : Payload::Keep);
    if (!is_over) return;
    clear(tx, rule, watched, signal.text, now);
    ++taken.cleared;
}

}  // namespace

std::string span_text(milliseconds span) {
    const auto minutes = span.count() / 60'000;
    if (minutes < 2) return fmt::format("{}秒", span.count() / 1000);
    if (minutes < 120) return fmt::format("{}分", minutes);
    return fmt::format("{}時間", minutes / 60);
}

void take_signal(sys::Transaction& tx, const Rules& rules, const Signal& signal, Instant now, Taken& taken) {
    ++taken.signals;
    const Rule& rule = rules.of(signal.source, signal.kind, signal.subject);
    const base::Hash hash = fingerprint(signal);
    auto found = find_watched(tx, hash);
    const bool is_new = !found;
    if (is_new) {
        if (auto storm = find_open_storm(tx, group_of(signal.source, signal.kind));
            storm && storm->members >= kMostMembers) {
            if (signal.state == State::Raise)
                count_in(tx, *storm, signal, rule.severity.value_or(signal.severity), now);
            return;
        }
        found = Watched{hash, signal.source, signal.kind, signal.subject, signal.rule};
        found->observed_at = signal.observed_at;
        found->severity = rule.severity.value_or(signal.severity);
    }
    Watched& watched = *found;
    // Well, and well again: nothing that needs a row, but that it was heard.
    watched.seen_at = now;
    watched.is_silent = false;
    if (signal.state == State::Info) {
        if (!signal.text.empty()) add(tx, signal, hash, now, false, watched.anomaly, Payload::Keep);
    } else if (signal.observed_at < watched.observed_at) {
        take_late(tx, rule, watched, signal, now, taken);
    } else {
        watched.observed_at = signal.observed_at;
        if (signal.state == State::Raise)
            take_raise(tx, rule, watched, signal, now, taken);
        else
            take_clear(tx, rule, watched, signal, now, taken);
    }
    plan(watched, rule);
    save(tx, watched);
}

void take_again(sys::Transaction& tx, const Rules& rules, const Signal& signal, Instant now) {
    auto watched = find_watched(tx, fingerprint(signal));
    if (!watched) return;
    watched->seen_at = now;
    if (watched->is_silent && signal.state == State::Raise && watched->standing == Judged::Wrong)
        feed(tx, *watched, signal, watched->severity, now);
    watched->is_silent = false;
    plan(*watched, rules.of(watched->source, watched->kind, watched->subject));
    save(tx, *watched);
}

bool take_time(sys::Transaction& tx, const Rules& rules, Watched watched, Instant now) {
    const Rule& rule = rules.of(watched.source, watched.kind, watched.subject);
    bool is_turn = false;
    if (minds_silence(watched, rule) && now - watched.seen_at >= rule.silent_after) {
        watched.is_silent = true;
        const std::string text =
            fmt::format("「{}」（{}）の監視データが{}届いていません。異常がないかどうか、確認できていません。",
                        watched.kind, watched.subject, span_text(now - watched.seen_at));
        if (watched.standing != Judged::Wrong) {
            watched.bad_since = watched.seen_at;
            watched.bad_run = 0;
            open(tx, rule, watched, text, now);
        }
        if (auto anomaly = find_anomaly(tx, watched.anomaly); anomaly && !anomaly->is_storm) {
            anomaly->is_no_data = true;
            anomaly->text = text;
            record(tx, *anomaly, "no-data", watch_at(now), text);
        }
        is_turn = true;
    }
    if (watched.standing == Judged::Pending && watched.bad_run >= rule.raise_after &&
        now - watched.bad_since >= rule.hold) {
        open(tx, rule, watched,
             fmt::format("「{}」（{}）の異常が{}続いています。", watched.kind, watched.subject,
                         span_text(now - watched.bad_since)),
             now);
        is_turn = true;
    }
    if (watched.standing == Judged::Wrong && !watched.is_silent) {
        const auto anomaly = find_anomaly(tx, watched.anomaly);
        if (rule.ends_after.count() > 0 && now - watched.seen_at >= rule.ends_after) {
            clear(tx, rule, watched, fmt::format("{}以上、新たな発生がありません。", span_text(rule.ends_after)), now);
            is_turn = true;
        } else if (is_well(watched, rule, anomaly && anomaly->is_flapping, now)) {
            clear(tx, rule, watched, "正常な状態が続いたため、復旧と判断しました。", now);
            is_turn = true;
        }
    }
    std::erase_if(watched.flips, [&](std::int64_t at) { return Instant{at} + rule.flap_span <= now; });
    plan(watched, rule);
    // Whatever was due has been looked at: come again, but not at once.
    if (watched.due_at && *watched.due_at <= now) watched.due_at = now + std::chrono::seconds(10);
    save(tx, watched);
    return is_turn;
}

int end_storms(sys::Transaction& tx, Instant now) {
    int ended = 0;
    for (Anomaly& each : list_open(tx, 1000)) {
        if (!each.is_storm || count_wrong(tx, each.id) > 0) continue;
        if (each.members >= kMostMembers && now - each.last_at < kStormEnd) continue;
        each.standing = Standing::Cleared;
        each.cleared_at = now;
        record(tx, each, "clear", watch_at(now), "まとめて扱っていた異常が、すべて復旧しました。");
        ++ended;
    }
    return ended;
}

}  // namespace signals
