// Three years of both sample contracts: a town with incidents, anomalies, planned stops, patches, questions, reports,
// and with missed nights and late answers. What is due when is worked out again here in the plainest way, day by day
// and minute by minute, and compared with the engine at the end of each month.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "office/contract/obligations.h"

namespace {

using base::Day;
using base::Instant;
using contract::Line;
using contract::State;
using std::chrono::minutes;

constexpr Day kBegin{2027, 4, 1}, kEnd{2030, 4, 1};

Instant moment(Day day, int minute = 0) {
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

/// Of one item: what it is about, since when it is known, its due moment, and when it was done.
struct Expected {
    std::string key;
    Instant known, due;
    std::optional<Instant> done;
};

class World {
  public:
    explicit World(const contract::Contract& made) : office_(made.calendars.at("office")) {
        nights();
        months();
        stops();
        incidents();
        anomalies();
        patches();
        questions();
        years();
        std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.at < b.at; });
        for (std::size_t at = 0; at < lines.size(); ++at) lines[at].sequence = static_cast<std::int64_t>(at) + 1;
    }

    std::vector<Line> lines;
    std::map<std::string, std::vector<Expected>> expected;  // by obligation

  private:
    void add(Instant at, std::string act, std::string subject,
             std::vector<std::pair<std::string, std::string>> data = {}) {
        const bool is_of_watch = act.starts_with("backup.") || act.starts_with("log.") || act.starts_with("anomaly.");
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

    void expect(const std::string& id, std::string key, Instant known, Instant due, std::optional<Instant> done) {
        expected[id].push_back({std::move(key), known, due, done});
    }

    /// A backup each evening, verified and pruned; some nights are missed.
    void nights() {
        std::vector<std::pair<Day, std::optional<Instant>>> made;
        std::vector<int> held;
        int run = 0;
        for (Day day = kBegin; day < kEnd; day = day + 1) {
            add(moment(day, 10), "log.sealed", "log:access");
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

    void months() {
        for (Day first = kBegin; first < kEnd;) {
            const Day next = first.month == 12 ? Day{first.year + 1, 1, 1} : Day{first.year, first.month + 1, 1};
            const std::string key = fmt::format("{:04}-{:02}", first.year, first.month);
            const Instant due = open_days_after(next - 1, 5);
            std::optional<Instant> done;
            if (dice_.roll(12) > 0) {
                const int minute = 9 * 60 + dice_.roll(400);
                done = moment(next + dice_.roll(14), minute);
            }
            for (const auto& [id, kind] :
                 {std::pair("completion-notice", "completion"), std::pair("anomaly-report", "anomalies")}) {
                if (done) add(*done, "report.make", "report:" + key, {{"kind", kind}, {"month", key}});
                expect(id, key, moment(next), due, done);
            }
            for (const char* act : {"site.upkeep", "roster.set"}) add(moment(next - 2, 600), act, "month:" + key);
            add(moment(next - 3, 600), "backup.drill", "snapshot:x", {{"ok", "true"}});
            first = next;
        }
    }

    void stops() {
        for (int n = 0; n < 24; ++n) {
            const std::string subject = fmt::format("stop:{}", n);
            const Instant planned = any_time();
            const Day starts = base::local_day(planned) + 5 + dice_.roll(80);
            add(planned, "stop.plan", subject, {{"starts_at", base::format_local(moment(starts, 22 * 60))}});
            for (const auto& [id, audience, days] :
                 {std::tuple("stop-residents", "residents", 21), std::tuple("stop-staff", "staff", 7)}) {
                const Instant due = close_before(starts - days);
                Instant told = due + minutes(dice_.roll(4000) - 3800);
                if (told < planned) told = planned + minutes(1);
                add(told, "stop.tell", subject, {{"audience", audience}});
                expect(id, subject, planned, due, told);
            }
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
                expect(id, subject, open, open + std::chrono::hours(24), restored);
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
            for (const char* id : {"anomaly-response", "anomaly-told"})
                expect(id, subject, open, open + minutes(30), taken);
        }
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
        }
    }

    const calendar::OfficeCalendar& office_;
    Dice dice_;
};

std::int64_t begun_minutes(Instant from, Instant to) {
    return to <= from ? 0 : ((to - from).count() + 59'999) / 60'000;
}

/// What the engine must say of `one` at `at`.
std::string told(const Expected& one, Instant at) {
    const bool is_done = one.done && *one.done <= at;
    const State state = is_done ? State::Met : at >= one.due ? State::Late : State::Due;
    return fmt::format("{} {} {} {}", one.key, base::format_local(one.due), contract::state_id(state),
                       begun_minutes(one.due, is_done ? *one.done : at));
}

std::string told(const contract::Item& item) {
    return fmt::format("{} {} {} {}", item.key, base::format_local(item.due), contract::state_id(item.state),
                       item.lateness.count());
}

void compare(const World& world, const contract::Judged& judged, Instant at) {
    const auto found = world.expected.find(judged.obligation->id);
    if (found == world.expected.end()) return;
    SCOPED_TRACE(judged.obligation->id + " at " + base::format_local(at));
    std::vector<std::string> wanted, said;
    const bool is_daily = judged.obligation->kind == contract::Kind::Every && judged.obligation->window;
    for (const Expected& each : found->second) {
        const bool is_long_ago = is_daily && each.due < at - contract::kLookBack;
        if (each.known <= at && !is_long_ago) wanted.push_back(told(each, at));
    }
    for (const contract::Item& item : judged.items)
        if (item.state != State::NotYet) said.push_back(told(item));
    std::sort(wanted.begin(), wanted.end());
    std::sort(said.begin(), said.end());
    EXPECT_EQ(said, wanted);
}

std::string status_text(const std::vector<contract::Judged>& all, Instant at) {
    std::string text = fmt::format("# {}\n", base::format_local(at));
    for (const contract::Judged& one : all) {
        text += fmt::format("{:<24} {:<14} {:<16} {:>7} {}\n", one.obligation->id, contract::state_id(one.state),
                            one.due ? base::format_local(*one.due) : "-", one.lateness.count(),
                            one.evidence.empty()
                                ? "-"
                                : fmt::format("{}:{}", one.evidence.back().stream, one.evidence.back().sequence));
    }
    return text + "\n";
}

void compare_golden(const std::string& name, const std::string& text) {
    const std::string file = std::string(YAKUBA_SOURCE_DIR) + "/src/office/contract/testdata/" + name;
    if (std::getenv("UPDATE_GOLDEN")) std::ofstream(file) << text;
    std::stringstream kept;
    kept << std::ifstream(file).rdbuf();
    EXPECT_EQ(text, kept.str()) << "UPDATE_GOLDEN=1 renews " << file;
}

class ThreeYears : public testing::TestWithParam<const char*> {};

TEST_P(ThreeYears, NothingDueIsMissedAndLatenessIsToTheMinute) {
    const contract::Read read = contract::read(contract::sample(GetParam()));
    ASSERT_TRUE(read.is_usable());
    const World world(read.contract);
    int compared = 0;
    for (Day day{2027, 4, 30}; day < kEnd; day = day + 91) {
        const Instant at = moment(day, 12 * 60);
        for (const contract::Judged& judged : contract::judge(read.contract, world.lines, at)) {
            compare(world, judged, at);
            compared += world.expected.contains(judged.obligation->id) ? 1 : 0;
        }
    }
    EXPECT_GT(compared, 60);
}

TEST_P(ThreeYears, StandAsKeptAtChosenDates) {
    const contract::Read read = contract::read(contract::sample(GetParam()));
    const World world(read.contract);
    std::string text;
    for (const Instant at : {moment({2027, 4, 1}), moment({2027, 10, 13}, 720), moment({2028, 2, 29}, 1430),
                             moment({2029, 1, 4}, 510), moment({2030, 3, 31}, 1439)})
        text += status_text(contract::judge(read.contract, world.lines, at), at);
    compare_golden(fmt::format("status-{}.txt", GetParam()), text);
}

TEST_P(ThreeYears, ShowTheSameDeadlinesAheadAsLaterOn) {
    const contract::Read read = contract::read(contract::sample(GetParam()));
    // With an empty ledger, what is due in a year is known on the first day, once each.
    const auto due = contract::list_due(read.contract, {}, moment(kBegin), moment(kBegin), moment({2028, 4, 1}));
    std::map<std::string, int> count;
    for (const auto& each : due) ++count[each.obligation->id];
    if (std::string(GetParam()) == "cms") {
        EXPECT_EQ(count["completion-notice"], 11);  // March's is due in April
        EXPECT_EQ(count["backup-daily"], 365);      // the last one ends on the day after
    } else {
        EXPECT_EQ(count["backup-data"], 365);
        EXPECT_EQ(count["monitoring-review"], 3);
    }
    EXPECT_TRUE(
        std::is_sorted(due.begin(), due.end(), [](const auto& a, const auto& b) { return a.item.due < b.item.due; }));
}

INSTANTIATE_TEST_SUITE_P(Samples, ThreeYears, testing::Values("cms", "portal"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
