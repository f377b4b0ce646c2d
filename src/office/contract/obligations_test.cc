#include "office/contract/obligations.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "office/contract/due.h"
#include "office/contract/ics.h"

namespace {

using base::Instant;
using contract::Contract;
using contract::Item;
using contract::Judged;
using contract::Line;
using contract::State;
using std::chrono::minutes;

Instant at(std::string_view text) {
    return base::parse_instant(text).value();
}

/// A contract of these obligations, with the calendars of the vectors.
Contract contract_of(std::string_view obligations) {
    const auto read = contract::read(std::string(R"([contract]
id = "c"
title = "保守業務"
signed_on = "2026-03-15"
begins = "2026-04-01"
ends = "2029-03-31"
recovery_point = "24h"
[price]
total = 0
rhythm = "yearly"
[client]
name = "市"
[contractor]
name = "社"
[[roles]]
id = "operator"
title = "運用担当者"
person = "運用 四郎"
mail = "o@example.jp"
[[calendars]]
id = "office"
closed_every_year = ["12-29..01-03"]
[[calendars]]
id = "helpdesk"
closed_every_year = ["12-29..01-03"]
[[clauses]]
id = "1"
wording = "約束"
)") + std::string(obligations));
    EXPECT_TRUE(read.is_usable()) << contract::problems_text(read.problems, "c");
    return read.contract;
}

std::string obligation(std::string_view more) {
    return "[[obligations]]\nid = \"o\"\nclauses = [\"1\"]\ntitle = \"約束\"\nwho = \"operator\"\n" +
           std::string(more) + "\n";
}

Line line(std::string_view when, std::string act, std::string subject,
          std::vector<std::pair<std::string, std::string>> data = {}) {
    return {"office", 1, at(when), std::move(act), std::move(subject), "person:1", std::move(data)};
}

std::string due_of(const Contract& made, std::string_view event, std::vector<std::pair<std::string, std::string>> data,
                   std::string_view act = "event.made") {
    const std::vector<Line> lines{line(event, std::string(act), "thing:1", std::move(data))};
    const auto all = contract::judge(made, lines, at(event));
    return all.at(0).items.size() == 1 ? base::format_local(all[0].items[0].due) : "?";
}

TEST(DueDates, OfNoticesRollBackwardsOverClosedDays) {
    const Contract weeks3 =
        contract_of(obligation("kind=\"ahead\"\nevent=[\"event.made\"]\nmoment=\"starts_at\"\n"
                               "ahead=\"3w\"\nevidence=[\"stop.tell\"]"));
    const Contract week =
        contract_of(obligation("kind=\"ahead\"\nevent=[\"event.made\"]\nmoment=\"starts_at\"\n"
                               "ahead=\"1w\"\nevidence=[\"stop.tell\"]"));
    EXPECT_EQ(due_of(weeks3, "2026-08-01", {{"starts_at", "2026-10-13 22:00"}}), "2026-09-18 17:30");
    EXPECT_EQ(due_of(week, "2026-04-01", {{"starts_at", "2026-05-13 22:00"}}), "2026-05-01 17:30");
    EXPECT_EQ(due_of(weeks3, "2026-11-01", {{"starts_at", "2027-01-22T05:00"}}), "2026-12-28 17:30");
}

TEST(DueDates, OfThirtyDayReportsRollToTheDayBefore) {
    const Contract made =
        contract_of(obligation("kind=\"within\"\nevent=[\"event.made\"]\nmoment=\"published_at\"\n"
                               "within=\"30d\"\nroll=\"previous\"\nevidence=[\"patch.decide\"]"));
    EXPECT_EQ(due_of(made, "2026-12-02", {{"published_at", "2026-12-01"}}), "2026-12-28 17:30");
    EXPECT_EQ(due_of(made, "2026-08-22 11:00", {}), "2026-09-18 17:30") << "without the field: when it was recorded";
    EXPECT_EQ(due_of(made, "2026-04-03", {}), "2026-05-01 17:30");
    const Contract none =
        contract_of(obligation("kind=\"within\"\nevent=[\"event.made\"]\nwithin=\"30d\"\nevidence=[\"patch.decide\"]"));
    EXPECT_EQ(due_of(none, "2026-12-01 10:00", {}), "2027-01-01 00:00") << "the whole of 12-31";
}

TEST(DueDates, CountBusinessTimeAndRealTimeApart) {
    const auto hours = [](std::string_view span, std::string_view clock) {
        return contract_of(obligation(fmt::format(
            "kind=\"within\"\nevent=[\"event.made\"]\nclock=\"{}\"\nwithin=\"{}\"\nevidence=[\"desk.answer\"]", clock,
            span)));
    };
    EXPECT_EQ(due_of(hours("4h", "business"), "2026-09-18 17:00", {}), "2026-09-24 12:00");
    EXPECT_EQ(due_of(hours("2h", "business"), "2026-12-28 16:30", {}), "2027-01-04 09:30");
    EXPECT_EQ(due_of(hours("1h", "business"), "2026-05-02 10:00", {}), "2026-05-07 09:30");
    EXPECT_EQ(due_of(hours("30m", "real"), "2026-12-31 23:45", {}), "2027-01-01 00:15") << "day and night";
    EXPECT_EQ(due_of(hours("2d", "business"), "2026-04-30 10:00", {}), "2026-05-07 17:30");
}

TEST(DueDates, OfPeriodsEndWithThePeriodOrAfterIt) {
    const auto turns = [](std::string_view more, std::string_view from, std::string_view to) {
        const Contract made = contract_of(obligation("kind=\"every\"\nevidence=[\"x.y\"]\n" + std::string(more)));
        std::string found;
        for (const auto& turn : contract::list_turns(made, made.obligations[0], at(from), at(to)))
            found += turn.key + "=" + base::format_local(turn.due) + " ";
        return found;
    };
    EXPECT_EQ(turns("period=\"day\"\nwindow=\"17:30-04:45\"", "2026-04-01", "2026-04-02 18:00"),
              "2026-04-01=2026-04-02 04:45 2026-04-02=2026-04-03 04:45 ");
    EXPECT_EQ(turns("period=\"open-day\"", "2026-05-01 12:00", "2026-05-08"),
              "2026-05-01=2026-05-02 00:00 2026-05-07=2026-05-08 00:00 ");
    EXPECT_EQ(turns("period=\"month\"\nwithin=\"5d\"\nclock=\"business\"", "2026-05-01", "2026-05-31"),
              "2026-04=2026-05-12 17:30 2026-05=2026-06-05 17:30 ");
    EXPECT_EQ(turns("period=\"quarter\"", "2026-04-01", "2026-09-30"),
              "2026-Q1=2026-07-01 00:00 2026-Q2=2026-10-01 00:00 ");
    EXPECT_EQ(turns("period=\"year\"", "2028-04-01", "2030-01-01"), "2027=2028-04-01 00:00 2028=2029-04-01 00:00 ");
    EXPECT_EQ(turns("period=\"week\"", "2026-04-01", "2026-04-08"),
              "2026-03-30=2026-04-06 00:00 2026-04-06=2026-04-13 00:00 ");
}

TEST(Judge, ShowsADailyDutyDueDoneLateAndMadeUpFor) {
    const Contract made =
        contract_of(obligation("kind=\"every\"\nperiod=\"day\"\nwindow=\"17:30-04:45\"\nevidence=[\"backup.run\"]"));
    std::vector<Line> lines{line("2026-04-01 18:00", "backup.run", "backup:1")};
    const auto state = [&](std::string_view when) {
        const Judged one = contract::judge(made, lines, at(when)).at(0);
        return fmt::format("{} {} {}", contract::state_id(one.state), one.due ? base::format_local(*one.due) : "-",
                           one.lateness.count());
    };
    EXPECT_EQ(state("2026-03-31 12:00"), "not-yet 2026-04-02 04:45 0");
    EXPECT_EQ(state("2025-03-31 12:00"), "not-yet 2026-04-02 04:45 0") << "long before";
    EXPECT_EQ(state("2026-04-01 17:59"), "due 2026-04-02 04:45 0");
    EXPECT_EQ(state("2026-04-01 18:00"), "met 2026-04-03 04:45 0");
    EXPECT_EQ(state("2026-04-03 04:44"), "due 2026-04-03 04:45 0");
    EXPECT_EQ(state("2026-04-03 04:45"), "late 2026-04-03 04:45 0");
    EXPECT_EQ(state("2026-04-03 05:00"), "late 2026-04-03 04:45 15");
    lines.push_back(line("2026-04-03 06:45", "backup.run", "backup:2"));
    EXPECT_EQ(state("2026-04-03 07:00"), "met 2026-04-04 04:45 0");
    EXPECT_EQ(state("2026-04-03 06:00"), "late 2026-04-03 04:45 75") << "as of then";
    EXPECT_EQ(contract::judge(made, lines, at("2026-04-03 07:00")).at(0).late_before, 1);
    EXPECT_EQ(contract::judge(made, lines, at("2026-04-03 07:00")).at(0).items.at(1).lateness, minutes(120));
    EXPECT_EQ(state("2030-01-01 00:00").substr(0, 4), "late") << "what was never done";
}

TEST(Judge, TakesForAMonthOnlyWhatNamesIt) {
    const Contract made =
        contract_of(obligation("kind=\"every\"\nperiod=\"month\"\nwithin=\"10d\"\nnames=\"month\"\nevidence=[\"report."
                               "make kind=completion\"]"));
    std::vector<Line> lines{
        line("2026-05-06", "report.make", "report:1", {{"kind", "completion"}, {"month", "2026-04"}}),
        line("2026-06-05", "report.make", "report:2", {{"kind", "completion"}, {"month", "2026-04"}}),
        line("2026-07-01", "report.make", "report:3", {{"kind", "completion"}, {"month", "2026-06"}})};
    const Judged one = contract::judge(made, lines, at("2026-07-02")).at(0);
    ASSERT_GE(one.items.size(), 3U);
    EXPECT_EQ(one.items[0].state, State::Met);
    EXPECT_EQ(one.items[1].key, "2026-05");
    EXPECT_EQ(one.items[1].state, State::Late) << "a report of another month is none";
    EXPECT_EQ(one.items[2].state, State::Met);
    EXPECT_EQ(one.state, State::Late);
    EXPECT_EQ(base::format_local(*one.due), "2026-06-11 00:00");
}

TEST(SampleContracts, CountContactsForTheYearInWhichTheyWereHandedOver) {
    const Contract portal = contract::read(contract::sample("portal")).contract;
    const std::vector<Line> lines{
        line("2028-04-01 09:00", "contacts.deliver", "contacts:1", {{"at", "2028-03-31T05:00:00.000Z"}})};
    for (const Judged& one : contract::judge(portal, lines, at("2028-05-01")))
        if (one.obligation->id == "contacts") {
            ASSERT_GE(one.items.size(), 2U);
            EXPECT_EQ(one.items[0].state, State::Met);
            EXPECT_EQ(one.items[1].state, State::Due) << "one paper is not two years' paper";
            return;
        }
    FAIL() << "no such obligation";
}

TEST(Judge, TakesAHandOverForWhenItWasDoneNotWrittenDown) {
    const Contract monthly = contract_of(
        obligation("kind=\"every\"\nperiod=\"month\"\nwithin=\"10d\"\nnames=\"month\"\ndone_moment=\"at\"\nevidence=["
                   "\"document.deliver\"]"));
    const auto late = [&](std::string_view written, std::string_view done) {
        const std::vector<Line> lines{
            line(written, "document.deliver", "document:1", {{"month", "2026-04"}, {"at", std::string(done)}})};
        return contract::judge(monthly, lines, at("2026-05-30")).at(0).items.at(0).lateness;
    };
    EXPECT_EQ(late("2026-05-12 09:00", "2026-05-10T07:00:00.000Z"), minutes(0));
    EXPECT_EQ(late("2026-05-12 09:00", "2026-05-10T15:30:00.000Z"), minutes(30)) << "written in UTC";
    EXPECT_EQ(late("2026-05-11 01:00", "2026-05-20T00:00:00.000Z"), minutes(60)) << "nothing is done ahead of time";
    EXPECT_EQ(late("2026-05-11 01:00", ""), minutes(60));

    const Contract within =
        contract_of(obligation("kind=\"within\"\nevent=[\"paper.ask\"]\nwithin=\"4h\"\n"
                               "done_moment=\"at\"\nevidence=[\"paper.give\"]"));
    const auto state = [&](std::string_view done) {
        const std::vector<Line> lines{line("2026-05-10 10:00", "paper.ask", "paper:1"),
                                      line("2026-05-11 10:00", "paper.give", "paper:1", {{"at", std::string(done)}})};
        const Item item = contract::judge(within, lines, at("2026-05-12")).at(0).items.at(0);
        return fmt::format("{} {}", contract::state_id(item.state), item.lateness.count());
    };
    EXPECT_EQ(state("2026-05-10 13:00"), "met 0");
    EXPECT_EQ(state("2026-05-10 14:10"), "met 10");
    EXPECT_EQ(state("2026-05-10 09:00"), "late 2040") << "given before it was asked for";
}

TEST(Judge, FollowsEachEventAndWhatExcusesIt) {
    const Contract made = contract_of(
        obligation("kind=\"ahead\"\nevent=[\"stop.plan\"]\nmoment=\"starts_at\"\nahead=\"3w\"\nunless=[\"stop.plan "
                   "unavoidable=true\"]\ncancelled=[\"stop.cancel\"]\nevidence=[\"stop.tell audience=residents\"]"));
    std::vector<Line> lines{
        line("2026-08-01", "stop.plan", "stop:1", {{"starts_at", "2026-10-13 22:00"}}),
        line("2026-08-01 01:00", "stop.plan", "stop:2", {{"starts_at", "2026-10-13 22:00"}, {"unavoidable", "true"}}),
        line("2026-08-01 02:00", "stop.plan", "stop:3", {{"starts_at", "2026-10-13 22:00"}}),
        line("2026-08-01 03:00", "stop.plan", "stop:4", {{"starts_at", "2026-10-13 22:00"}}),
        line("2026-08-02", "stop.cancel", "stop:3"),
        line("2026-08-03", "stop.plan", "stop:4", {{"starts_at", "2026-11-24 22:00"}}),  // put off
        line("2026-09-18 17:31", "stop.tell", "stop:1", {{"audience", "staff"}}),
        line("2026-09-18 17:32", "stop.tell", "stop:1", {{"audience", "residents"}})};
    const Judged one = contract::judge(made, lines, at("2026-10-01")).at(0);
    ASSERT_EQ(one.items.size(), 4U);
    std::map<std::string, const Item*> by_key;
    for (const Item& item : one.items) by_key[item.key] = &item;
    EXPECT_EQ(by_key["stop:1"]->state, State::Met);
    EXPECT_EQ(by_key["stop:1"]->lateness, minutes(2));
    EXPECT_EQ(by_key["stop:2"]->state, State::NotApplicable);
    EXPECT_EQ(by_key["stop:3"]->state, State::NotApplicable);
    EXPECT_EQ(by_key["stop:4"]->state, State::Due);
    EXPECT_EQ(base::format_local(by_key["stop:4"]->due), "2026-11-02 17:30");
    EXPECT_EQ(contract::judge(made, {}, at("2026-10-01")).at(0).state, State::NotApplicable);
}

/// Lines of one moment, numbered as they stand.
std::vector<Line> at_once(std::vector<Line> lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].sequence = static_cast<std::int64_t>(i) + 1;
    return lines;
}

TEST(Judge, TakesNoRenewalForTheDateThatItSets) {
    const Contract made =
        contract_of(obligation("kind=\"ahead\"\nevent=[\"licence.add\"]\nmoment=\"ends_at\"\nahead=\"30d\"\n"
                               "evidence=[\"licence.renew\"]"));
    auto lines = at_once({line("2026-04-10", "licence.add", "licence:1", {{"ends_at", "2026-06-30"}}),
                          line("2026-05-10 10:00", "licence.renew", "licence:1", {{"ends_at", "2027-06-30"}}),
                          line("2026-05-10 10:00", "licence.add", "licence:1", {{"ends_at", "2027-06-30"}})});
    const Judged one = contract::judge(made, lines, at("2026-05-11")).at(0);
    EXPECT_EQ(one.state, State::Due);
    EXPECT_EQ(one.items.back().evidence.size(), 0U);
    lines.push_back(line("2027-05-01", "licence.renew", "licence:1"));
    EXPECT_EQ(contract::judge(made, lines, at("2027-05-02")).at(0).state, State::Met);
}

TEST(Judge, TakesACancellationForWhatWasPlannedBeforeIt) {
    const Contract made =
        contract_of(obligation("kind=\"ahead\"\nevent=[\"training.plan\"]\nmoment=\"starts_at\"\nahead=\"1w\"\n"
                               "evidence=[\"training.open\"]\ncancelled=[\"training.cancel\"]"));
    const auto judged = [&](const std::vector<Line>& lines) {
        return contract::judge(made, lines, at("2026-05-11")).at(0).state;
    };
    const auto plan = line("2026-05-10 10:00", "training.plan", "training:1", {{"starts_at", "2026-06-30 10:00"}});
    const auto cancel = line("2026-05-10 10:00", "training.cancel", "training:1");
    EXPECT_EQ(judged(at_once({plan, cancel, plan})), State::Due);
    EXPECT_EQ(judged(at_once({plan, plan, cancel})), State::NotApplicable);
}

TEST(Judge, LeavesLateWhatWasClearedAfterItsTime) {
    const Contract made =
        contract_of(obligation("kind=\"within\"\nevent=[\"anomaly.open\"]\nwithin=\"30m\"\n"
                               "evidence=[\"message.sent\"]\ncancelled=[\"anomaly.clear\"]"));
    std::vector<Line> lines{line("2026-05-10 10:00", "anomaly.open", "anomaly:1")};
    const auto with = [&](const Line& end) {
        return contract::judge(made, std::vector{lines.at(0), end}, at("2026-05-11 10:00")).at(0).state;
    };
    EXPECT_EQ(with(line("2026-05-10 10:29", "anomaly.clear", "anomaly:1")), State::NotApplicable);
    EXPECT_EQ(with(line("2026-05-10 10:30", "anomaly.clear", "anomaly:1")), State::Late);
    EXPECT_EQ(
        with(line("2026-05-10 12:00", "contract.record", "anomaly:1", {{"obligation", "o"}, {"what", "cancelled"}})),
        State::NotApplicable)
        << "what people enter, with why, puts right what was entered wrongly";
}

TEST(Judge, TakesWhatIsCalledOffBeforeItsTimeForNoBreach) {
    const Contract made =
        contract_of(obligation("kind=\"ahead\"\nevent=[\"stop.plan\"]\nmoment=\"starts_at\"\nahead=\"3w\"\n"
                               "cancelled=[\"stop.cancel\"]\nevidence=[\"stop.tell\"]"));
    const auto with = [&](std::string_view cancelled) {
        const std::vector<Line> lines{
            line("2026-05-10 10:00", "stop.plan", "stop:1", {{"starts_at", "2026-05-20 22:00"}}),
            line(cancelled, "stop.cancel", "stop:1")};
        return contract::judge(made, lines, at("2026-06-11")).at(0).state;
    };
    EXPECT_EQ(with("2026-05-10 11:00"), State::NotApplicable) << "it was late already, but does not come";
    EXPECT_EQ(with("2026-05-20 22:00"), State::Late) << "it came";
}

TEST(Judge, CountsWithinTheYear) {
    const Contract made = contract_of(obligation("kind=\"count\"\ntimes=3\nevidence=[\"visit.done\"]"));
    std::vector<Line> lines{line("2026-06-01", "visit.done", "visit:1"), line("2026-06-02", "visit.done", "visit:1"),
                            line("2026-10-01", "visit.done", "visit:2"),
                            line("2027-04-02", "visit.done", "visit:3", {{"period", "2026"}})};
    const auto first = contract::judge(made, lines, at("2026-12-01")).at(0);
    EXPECT_EQ(first.state, State::Due);
    EXPECT_EQ(first.items.at(0).done, 2) << "one visit counts once";
    EXPECT_EQ(contract::judge(made, lines, at("2027-04-01 01:00")).at(0).state, State::Late);
    const auto last = contract::judge(made, lines, at("2027-04-03")).at(0);
    EXPECT_EQ(last.items.at(0).state, State::Met);
    EXPECT_EQ(last.items.at(0).lateness, minutes(24 * 60));
    EXPECT_EQ(last.items.at(1).done, 0) << "and for one year only";
    const std::vector<std::pair<std::string, std::string>> by_hand{{"obligation", "o"}, {"what", "done"}};
    lines = {line("2026-06-01", "contract.record", "obligation:o", by_hand),
             line("2026-07-01", "contract.record", "obligation:o", by_hand)};
    EXPECT_EQ(contract::judge(made, lines, at("2026-08-01")).at(0).items.at(0).done, 2);
}

TEST(Judge, KnowsHowManyProvedGenerationsThereAreAndSinceWhenTooFew) {
    const Contract made = contract_of(obligation(
        "kind=\"standing\"\nleast=2\ncount=\"day\"\nevidence=[\"backup.run\"]\nproved=[\"backup.verify "
        "proof=whole\"]\nremoved=[\"backup.prune\"]\nnames_in=\"runs\"\nnames_prefix=\"backup:\"\nafter=\"3d\""));
    std::vector<Line> lines;
    const auto state = [&](std::string_view when) {
        const Judged one = contract::judge(made, lines, at(when)).at(0);
        return fmt::format("{} {} {}", contract::state_id(one.state), one.items.at(0).done, one.lateness.count());
    };
    EXPECT_EQ(state("2026-04-02"), "due 0 0");
    EXPECT_EQ(state("2026-04-04 00:10"), "late 0 10");
    lines.push_back(line("2026-04-04 18:00", "backup.run", "backup:1", {{"day", "2026-04-04"}}));
    lines.push_back(line("2026-04-04 19:00", "backup.run", "backup:2", {{"day", "2026-04-04"}}));
    lines.push_back(line("2026-04-05 18:00", "backup.run", "backup:3", {{"day", "2026-04-05"}}));
    EXPECT_EQ(state("2026-04-05 18:01").substr(0, 6), "late 0") << "nothing is proved";
    lines.push_back(line("2026-04-05 19:00", "backup.verify", "repository:a",
                         {{"proof", "whole"}, {"runs", "1"}, {"runs", "2"}, {"runs", "3"}}));
    EXPECT_EQ(state("2026-04-05 19:00"), "met 2 0") << "two days, not three runs";
    lines.push_back(line("2026-04-06 12:00", "backup.prune", "repository:a", {{"runs", "3"}}));
    EXPECT_EQ(state("2026-04-06 12:30"), "late 1 30");
    EXPECT_EQ(state("2026-04-06 11:59"), "met 2 0");
}

TEST(Judge, TakesSilenceForABreach) {
    const Contract each = contract_of(
        obligation("kind=\"standing\"\neach=true\nfresh=\"3d\"\nafter=\"14d\"\nevidence=[\"terminal.report\"]"));
    std::vector<Line> lines{line("2026-05-01", "terminal.report", "terminal:1"),
                            line("2026-05-03", "terminal.report", "terminal:2")};
    EXPECT_EQ(contract::judge(each, lines, at("2026-05-03 23:59")).at(0).state, State::Met);
    const Judged one = contract::judge(each, lines, at("2026-05-04 00:05")).at(0);
    EXPECT_EQ(one.state, State::Late);
    EXPECT_EQ(one.lateness, minutes(5));
    EXPECT_EQ(contract::judge(each, {}, at("2026-04-16")).at(0).state, State::Late) << "nobody ever reported";

    const Contract always = contract_of(obligation(
        "kind=\"continuous\"\nfresh=\"50h\"\nafter=\"3d\"\nbroken=[\"monitor.down\"]\nmended=[\"monitor.up\"]"
        "\nevidence=[\"log.sealed\"]"));
    lines = {line("2026-05-01 00:10", "log.sealed", "log:a"), line("2026-05-01 12:00", "monitor.down", "watch"),
             line("2026-05-01 12:30", "monitor.up", "watch")};
    const auto state = [&](std::string_view when) { return contract::judge(always, lines, at(when)).at(0).state; };
    EXPECT_EQ(state("2026-04-02"), State::Due) << "nothing is proved yet";
    EXPECT_EQ(state("2026-05-01 11:00"), State::Met);
    EXPECT_EQ(state("2026-05-01 12:10"), State::Late);
    EXPECT_EQ(state("2026-05-01 12:30"), State::Met);
    EXPECT_EQ(state("2026-05-03 02:10"), State::Late) << "50 hours without a sign";
    EXPECT_EQ(state("2029-03-31 23:59"), State::Late);
    EXPECT_EQ(state("2029-04-01 00:00"), State::NotApplicable) << "the contract is over";
}

TEST(Judge, TakesWhatPeopleRecordByHand) {
    const Contract made = contract_of(
        obligation("kind=\"within\"\nevent=[\"incident.open\"]\nwithin=\"4h\"\nevidence=[\"incident.report\"]"));
    std::vector<Line> lines{
        line("2026-05-01 10:00", "contract.record", "incident:9", {{"obligation", "o"}, {"what", "event"}}),
        line("2026-05-01 12:00", "contract.record", "incident:9", {{"obligation", "x"}, {"what", "done"}})};
    EXPECT_EQ(contract::judge(made, lines, at("2026-05-01 15:00")).at(0).state, State::Late);
    lines.push_back(line("2026-05-01 14:30", "contract.record", "incident:9", {{"obligation", "o"}, {"what", "done"}}));
    const Judged one = contract::judge(made, lines, at("2026-05-01 15:00")).at(0);
    EXPECT_EQ(one.state, State::Met);
    EXPECT_EQ(one.items.at(0).lateness, minutes(30));
    EXPECT_EQ(one.evidence.at(0).act, "contract.record");
}

TEST(Warnings, ComeAtTheirShareOfTheTime) {
    const Contract made = contract_of(obligation(
        "kind=\"within\"\nevent=[\"incident.open\"]\nclock=\"business\"\nwithin=\"4h\"\nevidence=[\"incident."
        "report\"]\nwarn=[50,90,100]"));
    const std::vector<Line> lines{line("2026-09-18 17:00", "incident.open", "incident:1")};
    const auto step = [&](std::string_view when) {
        const auto all = contract::judge(made, lines, at(when));
        return contract::warning_step(*all.at(0).obligation, all[0].items.at(0));
    };
    EXPECT_EQ(step("2026-09-18 17:30"), 0);
    EXPECT_EQ(step("2026-09-23 12:00"), 0) << "closed days do not count";
    EXPECT_EQ(step("2026-09-24 10:00"), 50);
    EXPECT_EQ(step("2026-09-24 11:30"), 50) << "75 is not asked for";
    EXPECT_EQ(step("2026-09-24 11:36"), 90);
    EXPECT_EQ(step("2026-09-24 12:00"), 100);
    const Contract count = contract_of(obligation("kind=\"count\"\ntimes=2\nevidence=[\"visit.done\"]"));
    const std::vector<Line> visit{line("2026-04-10", "visit.done", "visit:1")};
    const auto of_count = [&](std::string_view when, std::span<const Line> what) {
        const auto all = contract::judge(count, what, at(when));
        return contract::warning_step(*all.at(0).obligation, all[0].items.at(0));
    };
    EXPECT_EQ(of_count("2026-10-10", visit), 50);
    EXPECT_EQ(of_count("2026-09-20", visit), 0);
    EXPECT_EQ(of_count("2026-10-10", {}), 50);
}

TEST(KeyWording, SaysInPlainWordsWhichTurnOrThingIsMeant) {
    for (const auto& [key, words] : {std::pair("2026-11-23", "令和8年11月23日"),
                                     {"2026-11", "令和8年11月"},
                                     {"2026-Q1", "令和8年度 第1四半期"},
                                     {"2026", "令和8年度"},
                                     {"incident:2", "障害 2"},
                                     {"report:2026-10", "月次報告 令和8年10月"},
                                     {"terminal:unyo-01", "運用端末 unyo-01"},
                                     {"service:public:49502c7676a2c45a", "緊急停止"},
                                     {"", ""}})
        EXPECT_EQ(contract::key_wording(key), words) << key;
}

TEST(CalendarFile, FoldsEscapesAndNamesEachItemAlways) {
    Contract made = contract_of(obligation("kind=\"every\"\nperiod=\"month\"\nevidence=[\"site.upkeep\"]"));
    made.obligations[0].title = "とても長い題名で、折り返しと; \\ の書き換えが要るもの、二十五文字を超える日本語の題名";
    const auto due = contract::list_due(made, {}, at("2026-04-10"), at("2026-04-01"), at("2026-06-30"));
    ASSERT_EQ(due.size(), 2U);
    const std::string ics = contract::write_ics(made, due, at("2026-04-10"));
    for (std::size_t begin = 0, end; (end = ics.find("\r\n", begin)) != std::string::npos; begin = end + 2) {
        EXPECT_LE(end - begin, 75U);
        EXPECT_TRUE((static_cast<unsigned char>(ics[begin]) & 0xC0) != 0x80) << "a character was cut";
    }
    std::string whole = ics;
    for (std::size_t fold; (fold = whole.find("\r\n ")) != std::string::npos;) whole.erase(fold, 3);
    EXPECT_NE(whole.find("UID:c/o/2026-04@contract.yakuba\r\n"), std::string::npos);
    EXPECT_NE(whole.find("DTSTART;VALUE=DATE:20260430\r\n"), std::string::npos) << "the month's last day";
    EXPECT_NE(whole.find("折り返しと\\; \\\\ の"), std::string::npos);
    EXPECT_NE(whole.find("DESCRIPTION:令和8年4月\\n担当：運用 四郎（運用担当者）\\n条項：1\\n"), std::string::npos);
    EXPECT_EQ(whole.substr(whole.size() - 15), "END:VCALENDAR\r\n");
}

}  // namespace
