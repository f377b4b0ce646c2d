// Three years of both sample contracts: a town (testing/town.h) with incidents, anomalies, planned stops, patches,
// questions, reports, trainings, licences, terminals, invoices, and with missed nights and late answers. What is due
// when is worked out again there in the plainest way, day by day and minute by minute, and compared with the engine
// each quarter. What both say at chosen moments is kept in testdata/, and of the ledger itself its fingerprint.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/sys/crypto.h"
#include "office/contract/obligations.h"
#include "office/contract/testing/town.h"

namespace {

using base::Day;
using base::Instant;
using contract::State;
using contract::testing::Expected;
using contract::testing::kBegin;
using contract::testing::kEnd;
using contract::testing::moment;
using contract::testing::Town;

std::int64_t begun_minutes(Instant from, Instant to) {
    return to <= from ? 0 : ((to - from).count() + 59'999) / 60'000;
}

/// What the engine must say of `one` at `at`. An answer that was owed falls away only before its due moment.
std::string told(const Expected& one, bool is_answer, Instant at) {
    const bool is_done = one.done && *one.done <= at;
    const State state = is_done ? State::Met : at >= one.due ? State::Late : State::Due;
    const bool is_void = one.void_from && *one.void_from <= at && (!is_answer || *one.void_from < one.due);
    if (!is_done && is_void) return fmt::format("{} {} not-applicable 0", one.key, base::format_local(one.due));
    return fmt::format("{} {} {} {}", one.key, base::format_local(one.due), contract::state_id(state),
                       begun_minutes(one.due, is_done ? *one.done : at));
}

std::string told(const contract::Item& item) {
    return fmt::format("{} {} {} {}", item.key, base::format_local(item.due), contract::state_id(item.state),
                       item.lateness.count());
}

bool is_state(const contract::Obligation& obligation) {
    return obligation.kind == contract::Kind::Standing || obligation.kind == contract::Kind::Continuous;
}

void compare(const Town& town, const contract::Judged& judged, Instant at) {
    const auto found = town.expected.find(judged.obligation->id);
    ASSERT_NE(found, town.expected.end()) << judged.obligation->id;
    SCOPED_TRACE(judged.obligation->id + " at " + base::format_local(at));
    std::vector<std::string> wanted, said;
    const bool is_daily =
        judged.obligation->kind == contract::Kind::Every && judged.obligation->period == contract::Period::Day;
    const bool is_answer = judged.obligation->kind == contract::Kind::Within;
    for (const Expected& each : found->second) {
        const bool is_long_ago = is_daily && each.due < at - contract::kLookBack;
        if (each.known <= at && !is_long_ago) wanted.push_back(told(each, is_answer, at));
    }
    for (const contract::Item& item : judged.items)
        if (item.state != State::NotYet) said.push_back(told(item));
    std::sort(wanted.begin(), wanted.end());
    std::sort(said.begin(), said.end());
    EXPECT_EQ(said, wanted);
}

/// How many lines of each act, from when until when, and the fingerprint of all.
std::string ledger_text(const Town& town) {
    std::map<std::string, std::tuple<int, Instant, Instant>> acts;
    std::string all;
    for (const contract::Line& line : town.lines) {
        const auto [known, is_new] = acts.try_emplace(line.act, 0, line.at, line.at);
        ++std::get<0>(known->second);
        std::get<2>(known->second) = line.at;
        all += fmt::format("{} {} {} {} {}", line.stream, line.sequence, line.at.milliseconds, line.act, line.subject);
        for (const auto& [name, value] : line.data) all += fmt::format(" {}={}", name, value);
        all += "\n";
    }
    std::string text = fmt::format("# the ledger: {} lines, SHA-256 {}\n", town.lines.size(), sys::sha256(all).hex());
    for (const auto& [act, known] : acts)
        text += fmt::format("{:<24} {:>5}  {} .. {}\n", act, std::get<0>(known), base::format_local(std::get<1>(known)),
                            base::format_local(std::get<2>(known)));
    return text + "\n";
}

/// Each obligation with its state, due moment, minutes late now, how many items are late or were, and the newest proof.
std::string status_text(const std::vector<contract::Judged>& all, Instant at) {
    std::string text = fmt::format("# {}\n", base::format_local(at));
    for (const contract::Judged& one : all) {
        const auto late = std::count_if(one.items.begin(), one.items.end(),
                                        [](const contract::Item& item) { return item.state == State::Late; });
        text += fmt::format(
            "{:<24} {:<14} {:<16} {:>7} {:>3} {:>3} {}\n", one.obligation->id, contract::state_id(one.state),
            one.due ? base::format_local(*one.due) : "-", one.lateness.count(), late, one.late_before,
            one.evidence.empty() ? "-"
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

class ThreeYears : public ::testing::TestWithParam<const char*> {
  protected:
    ThreeYears() : read_(contract::read(contract::sample(GetParam()))), town_(read_.contract.calendars.at("office")) {}
    const contract::Contract& contract() const { return read_.contract; }
    std::vector<contract::Judged> judged(Instant at) const { return contract::judge(contract(), town_.lines, at); }
    /// How a state of the contract stands at that moment: "late 61".
    std::string state_of(const std::string& obligation, Instant at) const {
        for (const contract::Judged& one : judged(at))
            if (one.obligation->id == obligation)
                return fmt::format("{} {}", contract::state_id(one.state), one.lateness.count());
        return "no such obligation";
    }

    const contract::Read read_;
    const Town town_;
};

TEST_P(ThreeYears, NothingDueIsMissedAndLatenessIsToTheMinute) {
    ASSERT_TRUE(read_.is_usable());
    int compared = 0;
    for (Day day{2027, 4, 30}; day < kEnd; day = day + 91) {
        const Instant at = moment(day, 12 * 60);
        for (const contract::Judged& judged : judged(at)) {
            if (is_state(*judged.obligation)) continue;
            compare(town_, judged, at);
            ++compared;
        }
    }
    EXPECT_GT(compared, 12 * 22);
}

TEST_P(ThreeYears, WhatMustNotBreakIsLateForAsLongAsItWasBroken) {
    const std::string service = std::string(GetParam()) == "cms" ? "cms-service" : "web-server";
    for (const contract::Line& line : town_.lines) {
        if (line.act != "service.stop") continue;
        EXPECT_EQ(state_of(service, line.at - std::chrono::milliseconds(1)), "met 0");
        EXPECT_EQ(state_of(service, line.at + std::chrono::minutes(90)), "late 90");
        EXPECT_EQ(state_of(service, line.at + std::chrono::hours(3)), "met 0");
        break;
    }
    EXPECT_EQ(state_of("monitoring", moment({2028, 8, 12}, 59)), "late 2739");  // since 10 August, 3:20
    EXPECT_EQ(state_of("monitoring", moment({2028, 8, 12}, 60)), "met 0");
    if (std::string(GetParam()) != "cms") return;
    ASSERT_GE(town_.silences.size(), 1U) << "the terminal is silent over the end of the year";
    const auto [from, until] = town_.silences.front();
    EXPECT_EQ(state_of("terminals", from - std::chrono::minutes(1)), "met 0");
    EXPECT_EQ(state_of("terminals", from + std::chrono::minutes(61)), "late 61");
    EXPECT_EQ(state_of("terminals", until), "met 0");
}

TEST_P(ThreeYears, StandAsKeptAtChosenMoments) {
    std::string text = ledger_text(town_);
    // The first day, an ordinary one, the year's end, the leap day, the new fiscal year, a holiday, the first day of
    // work in January, the last minute.
    for (const Instant at :
         {moment(kBegin), moment({2027, 10, 13}, 720), moment({2027, 12, 31}, 1439), moment({2028, 2, 29}, 1430),
          moment({2028, 4, 1}), moment({2028, 8, 11}, 720), moment({2029, 1, 4}, 510), moment({2030, 3, 31}, 1439)})
        text += status_text(judged(at), at);
    compare_golden(fmt::format("status-{}.txt", GetParam()), text);
}

TEST_P(ThreeYears, ShowTheSameDeadlinesAheadAsLaterOn) {
    // With an empty ledger, what is due in a year is known on the first day, once each.
    const auto due = contract::list_due(contract(), {}, moment(kBegin), moment(kBegin), moment({2028, 4, 1}));
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

INSTANTIATE_TEST_SUITE_P(Samples, ThreeYears, ::testing::Values("cms", "portal"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
