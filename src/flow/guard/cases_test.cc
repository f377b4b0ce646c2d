#include "flow/guard/cases.h"

#include <gtest/gtest.h>

namespace flow {

namespace {

using namespace std::chrono_literals;
using guard::Deviance;
using guard::Deviation;
using signals::State;
using Said = std::vector<std::string>;

class CasesTest : public ::testing::Test {
  protected:
    base::FixedClock clock_{base::Instant{1'806'537'600'000}};
    Cases cases_{5};

    void look(const std::string& path, const std::vector<Deviance>& kinds, bool is_paused = false) {
        Cases::Look look{path, {}, guard::Writer{12, 33, "/usr/bin/vi", "vi a"}};
        for (const Deviance kind : kinds) look.found.push_back({path, kind, "what is there"});
        cases_.note(look, 7, is_paused, clock_.now(), clock_.monotonic());
    }
    void healed(const std::string& path, delivery::Healed::Outcome outcome, const std::string& problem = "") {
        cases_.note({path, outcome, "evidence-1", problem}, clock_.now(), clock_.monotonic());
    }
    /// "raise tree.changed /a", by order.
    Said said() {
        Said said;
        for (const signals::Signal& one : cases_.take_signals())
            said.push_back(fmt::format("{} {} {}", signals::state_id(one.state), one.kind, one.subject));
        return said;
    }
    std::vector<std::string> sick() {
        std::vector<std::string> paths;
        for (const delivery::Sick& one : cases_.take_sick(100, clock_.monotonic())) paths.push_back(one.path);
        return paths;
    }
};

}  // namespace

TEST_F(CasesTest, EachWayToDeviateIsRaisedOnceAndClearedOnce) {
    look("a b.html", {Deviance::Changed, Deviance::Mode});
    look("a b.html", {Deviance::Changed, Deviance::Mode});
    EXPECT_EQ(said(), (Said{"raise tree.changed /a%20b.html", "raise tree.mode /a%20b.html"}));
    look("a b.html", {Deviance::Changed});
    EXPECT_EQ(said(), Said{"clear tree.mode /a%20b.html"});
    look("a b.html", {});
    look("a b.html", {});
    EXPECT_EQ(said(), Said{"clear tree.changed /a%20b.html"});
    EXPECT_EQ(cases_.open(), 0U);
}

TEST_F(CasesTest, TellsWhoDidItAndWhereTheEvidenceIs) {
    look("a.html", {Deviance::Changed});
    auto signal = cases_.take_signals().at(0);
    EXPECT_EQ(signal.severity, signals::Severity::Serious);
    EXPECT_NE(signal.payload.find(R"("program":"/usr/bin/vi")"), std::string::npos) << signal.payload;
    EXPECT_NE(signal.payload.find(R"("release":7)"), std::string::npos);
    const auto orders = cases_.take_sick(10, clock_.monotonic());
    ASSERT_EQ(orders.size(), 1U);
    look("a.html", {});  // the right bytes are seen before the healer has told of them
    EXPECT_NE(orders[0].writer.find(R"("process":12)"), std::string::npos);
    healed("a.html", delivery::Healed::Outcome::Put);
    EXPECT_EQ(cases_.open(), 1U) << "what is in hand is not closed before it is known what was done";
    look("a.html", {});
    signal = cases_.take_signals().at(0);
    EXPECT_EQ(signal.state, State::Clear);
    EXPECT_NE(signal.payload.find("evidence-1"), std::string::npos) << signal.payload;
}

TEST_F(CasesTest, AWorkingOperatorHearsOfItMildly) {
    look("a.html", {Deviance::Changed}, true);
    EXPECT_EQ(cases_.take_signals().at(0).severity, signals::Severity::Minor);
}

TEST_F(CasesTest, WhatCannotBePutRightIsTriedAgainSoonThenLaterAndToldOnce) {
    look("a.html", {Deviance::Changed});
    said();
    EXPECT_EQ(sick(), Said{"a.html"});
    EXPECT_EQ(sick(), Said{}) << "it is in hand";
    healed("a.html", delivery::Healed::Outcome::Left, "its folder has gone");
    EXPECT_EQ(said(), Said{}) << "somebody may just be removing the folder";
    look("a.html", {Deviance::Changed});
    EXPECT_EQ(sick(), Said{}) << "looking again does not make it try again at once";
    clock_.advance(100ms);
    EXPECT_EQ(sick(), Said{"a.html"});
    healed("a.html", delivery::Healed::Outcome::Left, "mounted");
    EXPECT_EQ(said(), Said{"info tree.unhealed /a.html"});
    for (const auto rest : {400ms, 1600ms, 6400ms, 25'600ms, 30'000ms, 30'000ms}) {
        clock_.advance(rest - 1ms);
        EXPECT_EQ(sick(), Said{});
        clock_.advance(1ms);
        EXPECT_EQ(sick(), Said{"a.html"});
        healed("a.html", delivery::Healed::Outcome::Left, "mounted");
        EXPECT_EQ(said(), Said{});
    }
}

TEST_F(CasesTest, AFloodSpeaksOnceForAllAndEndsWhenItIsQuiet) {
    for (int i = 0; i < 20; ++i) look(fmt::format("{:02}.html", i), {Deviance::Changed});
    EXPECT_TRUE(cases_.is_flood());
    const Said first = said();
    EXPECT_EQ(first.size(), 6U) << "five by themselves, then one for all";
    EXPECT_EQ(first.back(), "raise tree.flood /");
    EXPECT_EQ(cases_.open(), 20U);
    // The whole tree is put right, at growing intervals while it goes on.
    EXPECT_TRUE(cases_.take_tree_turn(clock_.monotonic()));
    EXPECT_FALSE(cases_.take_tree_turn(clock_.monotonic()));
    clock_.advance(1s);
    EXPECT_TRUE(cases_.take_tree_turn(clock_.monotonic()));
    clock_.advance(1s);
    EXPECT_FALSE(cases_.take_tree_turn(clock_.monotonic()));
    for (int i = 0; i < 20; ++i) look(fmt::format("{:02}.html", i), {});
    EXPECT_EQ(said().size(), 5U) << "what was told is cleared";
    cases_.tick(clock_.now(), clock_.monotonic());
    EXPECT_TRUE(cases_.is_flood()) << "not yet quiet for long";
    clock_.advance(11s);
    cases_.tick(clock_.now(), clock_.monotonic());
    EXPECT_EQ(said(), Said{"clear tree.flood /"});
    look("later.html", {Deviance::Changed});
    EXPECT_EQ(said(), Said{"raise tree.changed /later.html"});
}

TEST_F(CasesTest, TenInAMinuteEachAreNoFloodWhenTheyAreSpread) {
    for (int i = 0; i < 40; ++i) {
        look("a.html", {Deviance::Changed});
        look("a.html", {});
        clock_.advance(15s);
    }
    EXPECT_FALSE(cases_.is_flood());
}

TEST_F(CasesTest, ItsMemoryIsBounded) {
    for (std::size_t i = 0; i < Cases::kMostCases + 500; ++i) look(std::to_string(i), {Deviance::Extra});
    EXPECT_EQ(cases_.open(), Cases::kMostCases);
    EXPECT_LT(said().size(), 10U);
}

}  // namespace flow
