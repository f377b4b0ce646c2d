// A town over the three years of the sample contracts: everything that the contracts know happens, is done in time,
// late or never, and is written as the lines that the product writes of it. Beside each line stands what a person with
// a calendar on the wall would say of it: since when it is known, until when it is due (counted day by day and minute
// by minute, without the engine), when it was done, and when it fell away.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ground/calendar/office.h"
#include "office/contract/pattern.h"

namespace contract::testing {

using base::Day;
using base::Instant;
using std::chrono::hours;
using std::chrono::minutes;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr Day kBegin{2027, 4, 1}, kEnd{2030, 4, 1};

inline Instant moment(Day day, int minute = 0) {
    return base::from_local({day}) + minutes(minute);
}

/// The same numbers each time.
class Dice {
  public:
    int roll(int below) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<int>((state_ >> 33U) % static_cast<unsigned>(below));
    }

  private:
    std::uint64_t state_ = 2027;
};

/// Of one item: what it is about, since when it is known, its due moment, when it was done, and from when on it is not
/// asked for any more.
struct Expected {
    std::string key;
    Instant known, due;
    std::optional<Instant> done, void_from;
};

class Town {
  public:
    explicit Town(const calendar::OfficeCalendar& office) : office_(office) {
        nights();
        months();
        stops();
        incidents();
        anomalies();
        patches();
        questions();
        years();
        losses();
        licences();
        judgements();
        trainings();
        terminals();
        emergencies();
        money();
        logs();
        std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.at < b.at; });
        for (std::size_t at = 0; at < lines.size(); ++at) lines[at].sequence = static_cast<std::int64_t>(at) + 1;
    }

    std::vector<Line> lines;                                ///< by time
    std::map<std::string, std::vector<Expected>> expected;  ///< by obligation
    std::vector<std::pair<Instant, Instant>> silences;      ///< of the terminal, in which its state is not known

  private:
    void add(Instant at, std::string act, std::string subject, Fields data = {}) {
        const bool is_of_watch = act.starts_with("backup.") || act.starts_with("log.") || act.starts_with("anomaly.") ||
                                 act == "cutover.finish" || act == "round.day" || act == "message.sent";
        lines.push_back(
            {is_of_watch ? "watch" : "office", 0, at, std::move(act), std::move(subject), "person:1", std::move(data)});
    }

    bool is_open(Day day) const {
        const bool is_year_end = (day.month == 12 && day.day >= 29) || (day.month == 1 && day.day <= 3);
        return base::weekday(day) % 6 != 0 && !is_year_end && !office_.holidays.is_holiday(day);
    }
    Instant close_before(Day day) const {
        while (!is_open(day)) day = day - 1;
        return moment(day, office_.closes);
    }
    Instant open_days_after(Day day, int count) const {
        while (count > 0)
            if (day = day + 1; is_open(day)) --count;
        return moment(day, office_.closes);
    }
    /// Counts each open minute.
    Instant open_minutes_after(Instant at, int count) const {
        for (;;) {
            const base::LocalTime local = base::to_local(at);
            const int minute = local.hour * 60 + local.minute;
            if (!is_open(local.day) || minute >= office_.closes) {
                at = moment(local.day + 1, 0);
            } else if (minute < office_.opens) {
                at = moment(local.day, office_.opens);
            } else if (count-- == 0) {
                return at;
            } else {
                at = at + minutes(1);
                if (count == 0) return at;
            }
        }
    }
    Day any_day() { return kBegin + dice_.roll(1000); }
    /// One roll after the other, the minute first: compilers order the arguments of a call as they like.
    Instant any_time() {
        const int minute = dice_.roll(24 * 60);
        return moment(any_day(), minute);
    }

    void expect(const std::string& id, std::string key, Instant known, Instant due, std::optional<Instant> done,
                std::optional<Instant> void_from = {}) {
        expected[id].push_back({std::move(key), known, due, done, void_from});
    }
    /// In time, late, or (one in `never`) not at all.
    std::optional<Instant> some_time_after(Instant from, int most_minutes, int never) {
        const int wait = 1 + dice_.roll(most_minutes);
        if (dice_.roll(never) == 0) return std::nullopt;
        return from + minutes(wait);
    }
    void add_if(const std::optional<Instant>& at, std::string act, const std::string& subject, Fields data = {}) {
        if (at) add(*at, std::move(act), subject, std::move(data));
    }

    /// A backup each evening, verified and pruned; some nights are missed.
    void nights() {
        std::vector<std::pair<Day, std::optional<Instant>>> made;
        std::vector<int> held;
        int run = 0;
        for (Day day = kBegin; day < kEnd; day = day + 1) {
            add(moment(day, 10), "log.sealed", "log:access");
            look_over(day);
            const bool is_missed = dice_.roll(40) == 0 || day == Day{2028, 2, 29};
            made.emplace_back(day, std::nullopt);
            if (is_missed) continue;
            const Instant at = moment(day, 18 * 60 + dice_.roll(90));
            made.back().second = at;
            ++run;
            add(at, "backup.run", fmt::format("backup:{}", run),
                {{"kind", "data"}, {"outcome", "made"}, {"day", base::format_day(day)}});
            add(at + minutes(20), "backup.verify", "repository:a", {{"proof", "whole"}, {"runs", std::to_string(run)}});
            held.push_back(run);
            if (held.size() > 7) {
                add(at + minutes(30), "backup.prune", "repository:a", {{"runs", std::to_string(held.front())}});
                held.erase(held.begin());
            }
        }
        for (std::size_t night = 0; night < made.size(); ++night) {
            std::optional<Instant> done;
            for (std::size_t next = night; next < made.size() && !done; ++next) done = made[next].second;
            const Day day = made[night].first;
            const Instant start = moment(day, 17 * 60 + 30);
            expect("backup-daily", base::format_day(day), start, moment(day + 1, 17 * 60 + 30), done);
            expect("backup-data", base::format_day(day), start, moment(day + 1, 4 * 60 + 45), done);
        }
    }

    /// What was compared on a day is written after its end; one day nobody looked, another the look was cut off, and
    /// once the line came late.
    void look_over(Day day) {
        std::optional<Instant> done;
        if (day != Day{2027, 9, 11} && day != Day{2029, 2, 3}) done = moment(day + 1, day == Day{2028, 5, 5} ? 725 : 1);
        add_if(done ? done : moment(day + 1, 1), "round.day", "round:tree.bytes",
               {{"kind", done || day == Day{2027, 9, 11} ? "tree.bytes" : "outside"},
                {"day", base::format_day(day)},
                {"runs", done ? "1" : "0"}});
        expect("tampering-daily", base::format_day(day), moment(day + 1), moment(day + 1, 720), done);
    }

    void months() {
        for (Day first = kBegin; first < kEnd;) {
            const Day next = first.month == 12 ? Day{first.year + 1, 1, 1} : Day{first.year, first.month + 1, 1};
            const std::string key = fmt::format("{:04}-{:02}", first.year, first.month);
            const Instant due = open_days_after(next - 1, 5);
            std::optional<Instant> made;
            if (dice_.roll(12) > 0) {
                const int minute = 9 * 60 + dice_.roll(400);
                made = moment(next + dice_.roll(14), minute);
            }
            for (const auto& [id, kind] :
                 {std::pair("completion-notice", "completion"), std::pair("anomaly-report", "anomalies")}) {
                if (made) add(*made, "report.make", "report:" + key, {{"kind", kind}, {"month", key}});
                // To have made it is not to have handed it in; now and then only the receipt is written down.
                std::optional<Instant> given;
                if (made) given = some_time_after(*made, 1500, 10);
                const bool is_receipt = dice_.roll(8) == 0;
                add_if(given, is_receipt ? "document.confirm" : "document.deliver", "document:" + key,
                       {{"kind", kind}, {"month", key}});
                expect(id, key, moment(next), due, given);
            }
            plain_month(key, first, next);
            first = next;
        }
        make_up();
    }

    /// What is to be done once a month, with a month that is missed now and then: the next time makes up for it.
    void plain_month(const std::string& key, Day first, Day next) {
        for (const auto& [act, ids, data] :
             {std::tuple("site.upkeep", std::vector{"maintenance", "prevention-measures"}, Fields{}),
              std::tuple("roster.set", std::vector{"helpdesk-roster"}, Fields{{"month", key}}),
              std::tuple("backup.drill", std::vector{"backup-drill", "recovery-point"}, Fields{{"ok", "true"}}),
              std::tuple("backup.run", std::vector{"backup-system"}, Fields{})}) {
            const int day = dice_.roll(27);
            std::optional<Instant> done;
            if (dice_.roll(9) > 0) done = moment(first + day, 600);
            // A drill that failed proves nothing.
            if (!done && std::string(act) == "backup.drill")
                add(moment(first + day, 600), act, "drill:" + key, {{"ok", "false"}});
            const bool is_run = std::string(act) == "backup.run";
            if (done && is_run) back_up_system(*done);
            if (!is_run) add_if(done, act, "month:" + key, data);
            for (const char* id : ids) monthly_[id].push_back({key, moment(first), moment(next), done, {}});
        }
    }
    /// Made and read back.
    void back_up_system(Instant at) {
        const std::string run = fmt::format("s{}", ++system_backups_);
        add(at, "backup.run", "backup:" + run,
            {{"kind", "system"}, {"outcome", "made"}, {"day", base::format_day(base::local_day(at))}});
        add(at + minutes(40), "backup.verify", "repository:a", {{"proof", "whole"}, {"runs", run}});
    }
    void make_up() {
        for (auto& [id, all] : monthly_)
            for (auto each = all.rbegin(); each != all.rend(); ++each) {
                if (!each->done && each != all.rbegin()) each->done = std::prev(each)->done;
                expected[id].push_back(*each);
            }
    }

    void stops() {
        for (int n = 0; n < 24; ++n) {
            const std::string subject = fmt::format("stop:{}", n);
            const Instant planned = any_time();
            const Day starts = base::local_day(planned) + 5 + dice_.roll(80);
            const std::string starts_at = base::format_local(moment(starts, 22 * 60));
            if (n % 8 == 5) {  // that could not be avoided: nothing is late
                add(planned, "stop.plan", subject, {{"starts_at", starts_at}, {"unavoidable", "true"}});
                expect("stop-residents", subject, planned, close_before(starts - 21), {}, planned);
                expect("stop-staff", subject, planned, close_before(starts - 7), {}, planned);
                continue;
            }
            add(planned, "stop.plan", subject, {{"starts_at", starts_at}, {"unavoidable", "false"}});
            std::optional<Instant> cancelled;
            if (n % 8 == 7) cancelled = planned + hours(1);
            for (const auto& [id, audience, days] :
                 {std::tuple("stop-residents", "residents", 21), std::tuple("stop-staff", "staff", 7)}) {
                const Instant due = close_before(starts - days);
                Instant told = due + minutes(dice_.roll(4000) - 3800);
                if (told < planned) told = planned + minutes(1);
                if (cancelled) {
                    expect(id, subject, planned, due, {}, cancelled);
                    continue;
                }
                add(told, "stop.tell", subject, {{"audience", audience}});
                expect(id, subject, planned, due, told);
            }
            if (cancelled) add(*cancelled, "stop.cancel", subject);
        }
    }

    void incidents() {
        for (int n = 0; n < 25; ++n) {
            const std::string subject = fmt::format("incident:{}", n);
            const Instant open = any_time();
            const Instant told = open + minutes(dice_.roll(600)), restored = open + minutes(30 + dice_.roll(1800));
            const Instant fixed = restored + minutes(60 + dice_.roll(45 * 24 * 60));
            add(open, "incident.open", subject);
            add(told, "incident.report", subject);
            add(restored, "incident.restore", subject);
            add(fixed, "incident.fix", subject);
            add(fixed, "incident.prevent", subject);
            const Instant month = close_before(base::local_day(restored) + 30);
            expect("incident-report", subject, open, open_minutes_after(open, 240), told);
            for (const char* id : {"recovery", "provisional-fix"})
                expect(id, subject, open, open + hours(24), restored);
            // Half of them are put right before anybody has said where the fault was.
            std::optional<Instant> located;
            if (n % 2 == 0) located = open + minutes(dice_.roll(500));
            add_if(located, "incident.locate", subject);
            expect("investigation", subject, open, open + hours(4), std::min(located.value_or(restored), restored));
            for (const char* id : {"prevention", "permanent-fix", "recurrence"})
                expect(id, subject, restored, month, fixed);
        }
    }

    void anomalies() {
        for (int n = 0; n < 60; ++n) {
            const std::string subject = fmt::format("anomaly:{}", n);
            const Instant open = any_time();
            add(open, "anomaly.open", subject, {{"severity", "serious"}, {"source", "probe"}, {"kind", "http.down"}});
            std::optional<Instant> taken;
            if (n % 15 != 14) taken = open + minutes(dice_.roll(45));
            if (taken) add(*taken, "anomaly.acknowledge", subject);
            const auto judged = some_time_after(taken.value_or(open), 60, 10);
            add_if(judged, "anomaly.answer", subject);
            expect("anomaly-response", subject, open, open + minutes(30), taken ? taken : judged);
            for (const char* id : {"escalation", "anomaly-decision"})
                expect(id, subject, open, open + minutes(60), judged);
            tell(subject, open, {});
        }
        for (int n = 0; n < 12; ++n) {  // the contract's own warnings are no anomalies of the system
            const std::string subject = fmt::format("anomaly:due-{}", n);
            add(any_time(), "anomaly.open", subject,
                {{"severity", "serious"}, {"source", "contract"}, {"kind", "contract.due"}});
        }
        for (int n = 0; n < 24; ++n) {  // a file that was changed, one that is infected; some are gone by themselves
            const bool is_file = n % 2 == 0;
            const std::string subject = fmt::format("anomaly:{}-{}", is_file ? "guard" : "antivirus", n);
            const Instant open = any_time();
            add(open, "anomaly.open", subject, {{"severity", "warning"}, {"source", is_file ? "guard" : "antivirus"}});
            std::optional<Instant> cleared;
            const auto taken = some_time_after(open, 90, 5);
            if (!taken) cleared = open + minutes(1 + dice_.roll(90));
            add_if(taken, "anomaly.acknowledge", subject);
            add_if(cleared, "anomaly.clear", subject);
            if (is_file) expect("tampering", subject, open, open + minutes(60), taken);
            if (!is_file) expect("antivirus", subject, open, open + minutes(60), taken, cleared);
            expect("anomaly-decision", subject, open, open + minutes(60), {}, cleared);
            tell(subject, open, cleared);
        }
    }
    /// A message names what it tells of, this one and others. That it is over is no news of it.
    void tell(const std::string& subject, Instant open, std::optional<Instant> cleared) {
        const std::string number = subject.substr(std::string_view("anomaly:").size());
        const std::string message = "message:" + number;
        const auto told = some_time_after(open, 40, 12);
        add_if(told, "message.sent", message,
               {{"kind", dice_.roll(3) == 0 ? "escalate" : "call"}, {"anomalies", "0"}, {"anomalies", number}});
        add(open + hours(5), "message.sent", message, {{"kind", "over"}, {"anomalies", number}});
        expect("anomaly-told", subject, open, open + minutes(30), told, cleared);
    }

    void patches() {
        for (int n = 0; n < 30; ++n) {
            const std::string subject = fmt::format("patch:{}", n);
            const Day published = any_day();
            const int minute = 9 * 60 + dice_.roll(900);
            const Instant found = moment(published + dice_.roll(3), minute);
            const Instant decided = found + minutes(dice_.roll(40 * 24 * 60)), told = found + minutes(dice_.roll(6000));
            const std::vector<std::pair<std::string, std::string>> when{{"published_at", base::format_day(published)}};
            add(found, "patch.find", subject, when);
            add(found, "version.find", subject, when);
            add(told, "patch.report", subject);
            add(decided, "patch.decide", subject);
            add(decided, "version.decide", subject);
            for (const char* id : {"patch-decision", "versions"})
                expect(id, subject, found, close_before(published + 30), decided);
            expect("patch-content", subject, found, open_days_after(base::local_day(found), 2), told);
        }
    }

    void questions() {
        for (int n = 0; n < 60; ++n) {
            const std::string subject = fmt::format("question:{}", n);
            const Instant asked = any_time(), answered = asked + minutes(dice_.roll(5000));
            add(asked, "desk.receive", subject, {{"kind", "question"}});
            add(answered, "desk.answer", subject);
            expect("helpdesk-answers", subject, asked, open_minutes_after(asked, 480), answered);
        }
        for (int n = 0; n < 40; ++n) {
            const std::string subject = fmt::format("question:c{}", n);
            const Instant asked = any_time();
            const auto answered = some_time_after(asked, 9000, 12);
            add(asked, "desk.receive", subject, {{"kind", "correction"}, {"urgent", "false"}});
            add_if(answered, n % 3 == 0 ? "desk.close" : "desk.answer", subject, {{"channel", "mail"}});
            expect("small-corrections", subject, asked, open_days_after(base::local_day(asked), 2), answered);
        }
        for (int n = 0; n < 30; ++n) {  // faults at any hour, some of them urgent, some not so urgent after all
            const std::string subject = fmt::format("question:f{}", n);
            const bool is_urgent = n % 3 != 0;
            const Instant asked = any_time();
            add(asked, "desk.receive", subject, {{"kind", "fault"}, {"urgent", is_urgent ? "true" : "false"}});
            const auto accepted = some_time_after(asked, 45, 15);
            add_if(accepted, "desk.accept", subject);
            const auto called = some_time_after(asked + minutes(46), 60, 6);
            add_if(called, "desk.answer", subject, {{"channel", "phone"}});
            expect("fault-calls", subject, asked, asked + minutes(30), accepted ? accepted : called);
            if (!is_urgent) continue;
            std::optional<Instant> sorted;
            if (!called) sorted = asked + minutes(50);
            add_if(sorted, "desk.sort", subject, {{"urgent", "false"}});
            expect("helpdesk-urgent", subject, asked, asked + minutes(60), called, sorted);
        }
    }

    /// Three visits a year, and two in the second.
    void years() {
        for (int year = 2027; year < 2030; ++year) {
            std::optional<Instant> third;
            for (int visit = 0; visit < (year == 2028 ? 2 : 3); ++visit) {
                third = moment({year, 5 + visit * 3, 10}, 600);
                add(*third, "visit.done", fmt::format("visit:{}-{}", year, visit));
            }
            if (year == 2028) third.reset();
            expect("visits", std::to_string(year), moment({year, 4, 1}), moment({year + 1, 4, 1}), third);
            yearly(year);
        }
        // Of the first three months only; the switch comes too late for them.
        add(moment({2027, 5, 20}, 700), "takeover.finish", "site:takeover");
        expect("takeover", "2027", moment(kBegin), moment({2027, 7, 1}), moment({2027, 5, 20}, 700));
        add(moment({2027, 7, 2}, 700), "cutover.finish", "cutover:1");
        expect("cutover", "2027", moment(kBegin), moment({2027, 7, 1}), {});
        for (int quarter = 0; quarter < 12; ++quarter) {
            const Day first{2027 + (quarter + 1) / 4, (quarter * 3 + 3) % 12 + 1, 1};
            const Day next{2027 + (quarter + 2) / 4, (quarter * 3 + 6) % 12 + 1, 1};
            const Instant done = moment(first + 30 + dice_.roll(50), 900);
            add(done, "monitor.review", "watch:probes");
            expect("monitoring-review", fmt::format("{}-Q{}", 2027 + quarter / 4, quarter % 4 + 1), moment(first),
                   moment(next), done);
        }
    }

    /// Once in a fiscal year: chart of contacts, the way of the training, manuals, the inspection by others (which one
    /// year is not handed in).
    void yearly(int year) {
        const Instant first = moment({year, 4, 1}), next = moment({year + 1, 4, 1});
        for (const auto& [act, id] :
             {std::pair("contacts.deliver", "contacts"), std::pair("training.agree", "training-method"),
              std::pair("training.deliver", "training-material")}) {
            const Instant done = moment(Day{year, 4, 5} + dice_.roll(300), 660);
            add(done, act, fmt::format("{}:{}", id, year));
            expect(id, std::to_string(year), first, next, done);
        }
        std::optional<Instant> reported;
        if (year != 2029) reported = moment({year + 1, 2, 10}, 1000);
        add_if(reported, "inspection.report", fmt::format("inspection:{}", year));
        expect("inspection", std::to_string(year), first, next, reported);
    }

    /// Sealed logs stop for some days, and a source of the watch falls silent: what must never be broken is broken.
    void losses() {
        add(moment({2028, 8, 10}, 200), "anomaly.no-data", "anomaly:900", {{"source", "guard"}});
        add(moment({2028, 8, 12}, 60), "anomaly.heard", "anomaly:900");
        add(moment({2029, 3, 31}, 1435), "monitor.down", "watch:all");
        add(moment({2029, 4, 1}, 15), "monitor.up", "watch:all");
    }

    /// Each licence is renewed for a year some days before, or after, the last day for it.
    void licences() {
        for (int n = 0; n < 6; ++n) {
            const std::string subject = fmt::format("licence:{}", n);
            Instant known = moment(kBegin + n, 600);
            Day ends = kBegin + 200 + dice_.roll(200);
            add(known, "licence.add", subject, {{"ends_at", base::format_day(ends)}});
            for (;;) {
                const Instant due = close_before(ends - 30);
                const Instant renewed = due + minutes(dice_.roll(20'000) - 14'000);
                if (renewed >= moment(kEnd)) {
                    expect("licences", subject, known, due, {});
                    break;
                }
                if (n == 5) {  // no longer used
                    add(due - hours(24), "licence.end", subject);
                    expect("licences", subject, known, due, {}, due - hours(24));
                    break;
                }
                // The product writes both at one moment; until then the old day counts.
                add(renewed, "licence.renew", subject);
                expect("licences", subject, known, due, renewed);
                ends = {ends.year + 1, ends.month, std::min(ends.day, 28)};
                add(renewed, "licence.add", subject, {{"ends_at", base::format_day(ends)}});
                known = renewed;
            }
        }
    }

    /// What was found in the software: brought in after a test, or found to be none of ours after all. What is told of
    /// by others, and files that the city hands over.
    void judgements() {
        for (int n = 0; n < 24; ++n) {
            const std::string subject = fmt::format("vulnerability:{}", n);
            const Instant told = any_time();
            const bool is_ours = n % 4 != 3;
            add(told, "vulnerability.receive", subject, {{"ours", is_ours ? "true" : "false"}});
            if (!is_ours) continue;
            const auto reported = some_time_after(told, 3000, 12);
            add_if(reported, "vulnerability.report", subject);
            expect("advisories", subject, told, told + minutes(120), reported);
            const Instant judged = told + minutes(60 + dice_.roll(12'000));
            expect("advisory-decision", subject, told, open_days_after(base::local_day(told), 5), judged);
            add(judged, "vulnerability.judge", subject, {{"verdict", "act"}});
            const Instant due = close_before(base::local_day(judged) + 30);
            if (n % 6 == 4) {
                const Instant other = judged + hours(24);
                add(other, "vulnerability.judge", subject, {{"verdict", "unaffected"}});
                expect("patches", subject, judged, due, {}, other);
                continue;
            }
            const Instant applied = judged + minutes(1440 + dice_.roll(50 * 1440));
            add(applied, "patch.apply", subject, {{n % 5 == 0 ? "emergency" : "tested", "true"}});
            changed(applied, subject);
            expect("patches", subject, judged, due, applied);
        }
        for (int n = 0; n < 15; ++n) {
            const std::string subject = fmt::format("package:{}", n);
            const Instant received = any_time();
            const auto decided = some_time_after(received, 18 * 1440, 8);
            add(received, "packages.record", subject);
            add_if(decided, "packages.decide", subject);
            expect("provided-files", subject, received, close_before(base::local_day(received) + 14), decided);
        }
    }
    /// The system was changed: any backup of it from then on will do.
    void changed(Instant at, const std::string& subject) {
        back_up_system(at + minutes(30 + dice_.roll(2000)));
        changes_.push_back({subject, at, at + hours(24), {}, {}});
    }

    void trainings() {
        int number = 0;
        for (int year = 2027; year < 2030; ++year)
            for (const auto& [course, id, times] :
                 {std::tuple("author", "training-authors", 4), std::tuple("approver", "training-approvers", 2),
                  std::tuple("administrator", "training-administrators", 1)}) {
                std::optional<Instant> last;
                for (int turn = 0; turn < times; ++turn) {
                    const std::string subject = fmt::format("training:{}", ++number);
                    const Day starts = Day{year, 5, 10} + turn * 70 + dice_.roll(50);
                    const Instant planned = moment(starts - 40, 600), due = close_before(starts - 7);
                    add(planned, "training.plan", subject,
                        {{"course", course}, {"starts_at", base::format_local(moment(starts, 570))}});
                    if (number % 6 == 0) {  // called off; another one takes its place
                        add(planned + hours(48), "training.cancel", subject);
                        expect("training-environment", subject, planned, due, {}, planned + hours(48));
                    } else {
                        const Instant opened = due + minutes(dice_.roll(6000) - 5000);
                        add(opened, "training.open", subject, {{"course", course}});
                        expect("training-environment", subject, planned, due, opened);
                    }
                    const Instant held = moment(starts, 720);
                    const bool is_missed = year == 2029 && turn == 3;
                    const std::string made = number % 6 == 0 ? fmt::format("training:{}", 100 + number) : subject;
                    if (!is_missed) add(held, "training.held", made, {{"course", course}});
                    last = is_missed ? std::nullopt : std::optional(held);
                }
                expect(id, std::to_string(year), moment({year, 4, 1}), moment({year + 1, 4, 1}), last);
            }
    }

    /// The operators' terminal reports each morning, but for some days on end.
    void terminals() {
        Instant last{};
        for (Day day = kBegin; day < kEnd; day = day + 1) {
            const bool is_silent = (day >= Day{2027, 12, 27} && day < Day{2028, 1, 4}) || day == Day{2028, 2, 29};
            if (is_silent) continue;
            const Instant at = moment(day, 500);
            add(at, "terminal.report", "terminal:unyo-1", {{"state", dice_.roll(50) == 0 ? "stale" : "fresh"}});
            if (lines.back().data.front().second != "fresh") continue;
            if (last.milliseconds != 0 && at > last + hours(72)) silences.emplace_back(last + hours(72), at);
            last = at;
        }
    }

    void emergencies() {
        for (int n = 0; n < 6; ++n) {
            const std::string subject = fmt::format("service:public:{}", n);
            const Instant stopped = moment(kBegin + 60 + n * 170, dice_.roll(1440));
            const Instant reported = stopped + minutes(5 + dice_.roll(90));
            add(stopped, "service.stop", subject);
            add(reported, "stop.report", subject);
            add(stopped + hours(3), "service.resume", subject);
            expect("emergency-stop", subject, stopped, stopped + minutes(60), reported);
        }
    }

    /// What was confirmed is billed within ten days.
    void money() {
        for (Day first = kBegin; first < kEnd;) {
            const Day next = first.month == 12 ? Day{first.year + 1, 1, 1} : Day{first.year, first.month + 1, 1};
            const std::string subject = fmt::format("report:{:04}-{:02}", first.year, first.month);
            const Instant confirmed = moment(next + 10 + dice_.roll(8), 800);
            const auto billed = some_time_after(confirmed, 12 * 1440, 15);
            if (confirmed < moment(kEnd)) {
                add(confirmed, "report.confirm", subject, {{"kind", "completion"}});
                add_if(billed, "invoice.issue", subject);
                expect("invoice", subject, confirmed, close_before(base::local_day(confirmed) + 10), billed);
            }
            first = next;
        }
        settle_changes();
    }
    std::optional<Instant> first_of_system(Instant from) const {
        std::optional<Instant> first;
        for (const Line& line : lines) {
            const bool is_system = line.act == "backup.run" && line.data.front().second == "system";
            if (is_system && line.at >= from && (!first || line.at < *first)) first = line.at;
        }
        return first;
    }
    /// Backups of the system count for the month and for the change alike.
    void settle_changes() {
        for (Expected& each : changes_) {
            each.done = first_of_system(each.known);
            expected["backup-system-change"].push_back(each);
        }
        for (Expected& each : expected["backup-system"]) each.done = first_of_system(each.known);
    }

    void logs() {
        for (int n = 0; n < 8; ++n) {
            const std::string subject = fmt::format("log-export:{}", n);
            const Instant asked = any_time();
            const auto shown = some_time_after(asked, 80, 5);
            add(asked, "log.export-asked", subject);
            add_if(shown, "log.exported", subject);
            expect("logs", subject, asked, asked + minutes(60), shown);
        }
    }

    const calendar::OfficeCalendar& office_;
    Dice dice_;
    std::map<std::string, std::vector<Expected>> monthly_;  ///< by obligation, with what is not made up for yet
    std::vector<Expected> changes_;
    int system_backups_ = 0;
};

}  // namespace contract::testing
