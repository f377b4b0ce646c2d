#include "watch/probes/runner.h"

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "watch/probes/board.h"
#include "watch/probes/testing/machine.h"
#include "watch/signals/rules.h"

namespace probes {

namespace {

using namespace std::chrono_literals;

/// What the made-up probes answer, by the plan's name.
struct Script {
    std::mutex mutex;
    std::map<std::string, Reading> answers;
    std::map<std::string, int> runs;
    std::atomic<bool> is_hanging{false};
};
Script* script = nullptr;

class Scripted final : public Probe {
  public:
    Scripted(const Plan& plan, const World&) : plan_(plan) {}
    Reading run() override {
        while (plan_.id == "hanging" && script->is_hanging) std::this_thread::sleep_for(1ms);
        if (plan_.id == "throwing") throw base::Error(base::Kind::Unavailable, "gone");
        const std::scoped_lock lock(script->mutex);
        ++script->runs[plan_.id];
        return script->answers[plan_.id];
    }

  private:
    const Plan& plan_;
};

std::unique_ptr<Probe> make_scripted(const Plan& plan, const World& world) {
    return std::make_unique<Scripted>(plan, world);
}

const Kind kScripted{"scripted", "作り物", "試験", "", {10, 2, 2, 2, signals::Severity::Serious}, {}, make_scripted};

class RunnerTest : public ::testing::Test {
  protected:
    RunnerTest() { script = &script_; }
    ~RunnerTest() override { script_.is_hanging = false; }

    static Plan plan(const std::string& id, double every = 10, const std::string& behind = "") {
        Plan plan;
        plan.id = id;
        plan.kind = &kScripted;
        plan.title = id;
        plan.rhythm = kScripted.rhythm;
        plan.rhythm.every = every;
        plan.behind = behind;
        return plan;
    }
    void answer(const std::string& id, State state, const std::string& text = "x") {
        const std::scoped_lock lock(script_.mutex);
        script_.answers[id] = {state, text, {{"value", 7, "seconds"}}};
    }
    int runs(const std::string& id) {
        const std::scoped_lock lock(script_.mutex);
        return script_.runs[id];
    }
    void start(std::vector<Plan> plans, int threads = 2) {
        runner_ = std::make_unique<Runner>(
            std::move(plans), machine_.world, [this](const Result& result) { results_.push_back(result); }, threads);
    }
    /// Lets the fake time go on in small steps, and the threads do what has come.
    void pass(std::chrono::milliseconds time) {
        for (auto gone = 0ms; gone < time; gone += 500ms) {
            machine_.clock.advance(500ms);
            runner_->turn();
            for (int wait = 0; wait < 2000 && !runner_->is_idle() && !script_.is_hanging; ++wait) {
                std::this_thread::sleep_for(1ms);
                runner_->turn();
            }
        }
    }
    std::vector<Result> of(const std::string& id) const {
        std::vector<Result> found;
        for (const Result& one : results_)
            if (one.id == id) found.push_back(one);
        return found;
    }

    Machine machine_;
    Script script_;
    std::vector<Result> results_;
    std::unique_ptr<Runner> runner_;
};

}  // namespace

TEST_F(RunnerTest, RunsEachProbeInItsRhythmAndSpreadsTheStarts) {
    answer("a", State::Ok);
    answer("b", State::Ok);
    answer("fast", State::Ok);
    std::vector<Plan> plans{plan("a"), plan("b"), plan("fast", 2)};
    plans.push_back(plan("off"));
    plans.back().is_on = false;
    start(std::move(plans));
    pass(100s);
    EXPECT_NEAR(runs("a"), 10, 1);
    EXPECT_NEAR(runs("b"), 10, 1);
    EXPECT_NEAR(runs("fast"), 50, 1);
    EXPECT_EQ(runs("off"), 0);
    EXPECT_NE(of("a")[0].at, of("b")[0].at);
}

TEST_F(RunnerTest, TellsSinceWhenAStateHolds) {
    answer("a", State::Ok);
    start({plan("a", 1)});
    pass(5s);
    answer("a", State::Failed, "壊れました。");
    pass(5s);
    const auto results = of("a");
    const auto failed =
        std::find_if(results.begin(), results.end(), [](const Result& one) { return !is_well(one.reading.state); });
    ASSERT_NE(failed, results.end());
    EXPECT_TRUE(failed->has_changed);
    EXPECT_EQ(results.back().since, failed->at);
    EXPECT_FALSE(results.back().has_changed);
    const signals::Signal signal = signal_of(results.back());
    EXPECT_EQ(signal.state, signals::State::Raise);
    EXPECT_EQ(signal.severity, signals::Severity::Serious);
    EXPECT_EQ(signal.source, "probe");
    EXPECT_EQ(signal.kind, "scripted");
    EXPECT_EQ(signal.subject, "a");
    EXPECT_EQ(signal.text, "a：壊れました。");
    EXPECT_EQ(boost::json::parse(signal.payload).at("samples").at(0).at("value").to_number<double>(), 7);
    EXPECT_EQ(signal_of(results.front()).state, signals::State::Clear);
}

TEST_F(RunnerTest, AProbeThatHangsCostsOnlyItself) {
    answer("a", State::Ok);
    answer("hanging", State::Ok);
    script_.is_hanging = true;
    start({plan("hanging", 1), plan("a", 1)}, 1);
    for (int step = 0; step < 40; ++step) {
        machine_.clock.advance(500ms);
        for (int wait = 0; wait < 10; ++wait) {
            runner_->turn();
            std::this_thread::sleep_for(1ms);
        }
    }
    EXPECT_EQ(of("hanging").size(), 1U);  // told once, and not started again
    EXPECT_EQ(of("hanging")[0].reading.state, State::NoData);
    EXPECT_GE(of("a").size(), 10U);
    script_.is_hanging = false;
    pass(5s);
    EXPECT_EQ(of("hanging").back().reading.state, State::Ok);
}

TEST_F(RunnerTest, GoesOnWithANewPlanAndLeavesAloneWhatStaysAsItWas) {
    for (const char* id : {"a", "b", "c", "hanging"}) answer(id, State::Ok);
    start({plan("a"), plan("b"), plan("hanging", 1)}, 1);
    pass(12s);
    const base::Instant since = of("a").at(0).at;
    const int before = runs("b");
    const std::size_t told = of("hanging").size();
    script_.is_hanging = true;
    const auto step = [&](int times) {
        for (int done = 0; done < times; ++done) {
            machine_.clock.advance(500ms);
            for (int wait = 0; wait < 10; ++wait) {
                runner_->turn();
                std::this_thread::sleep_for(1ms);
            }
        }
    };
    step(3);  // it is at work, and hangs
    runner_->replan({plan("a"), plan("b", 1), plan("c", 1)});
    step(30);
    EXPECT_EQ(of("a").back().since, since) << "it was not begun anew";
    EXPECT_GE(runs("b"), before + 5);
    EXPECT_GE(runs("c"), 5) << "another thread has taken the place of the one that hangs";
    ASSERT_EQ(runner_->results().size(), 3U);
    EXPECT_EQ(runner_->results()[2].id, "c");
    script_.is_hanging = false;
    pass(5s);
    EXPECT_EQ(of("hanging").size(), told) << "what is gone is not heard any more";
}

TEST_F(RunnerTest, AProbeThatThrowsHasNoDataAndRaises) {
    start({plan("throwing", 1)});
    pass(2s);
    ASSERT_FALSE(of("throwing").empty());
    EXPECT_EQ(of("throwing")[0].reading.state, State::NoData);
    EXPECT_NE(of("throwing")[0].reading.text.find("gone"), std::string::npos);
    EXPECT_EQ(signal_of(of("throwing")[0]).state, signals::State::Raise);
    EXPECT_EQ(signal_of(of("throwing")[0]).severity, signals::Severity::Warning);
}

TEST_F(RunnerTest, LooksAtOnceAtWhatAFailureStandsBehind) {
    answer("network", State::Ok);
    answer("server", State::Ok);
    start({plan("network", 60), plan("server", 1, "network")});
    pass(12s);
    const int before = runs("network");
    answer("server", State::Failed);
    answer("network", State::Failed);
    pass(2s);
    EXPECT_GT(runs("network"), before);
    EXPECT_EQ(of("network").back().reading.state, State::Failed);
}

TEST_F(RunnerTest, GivesThePipelineARuleForEachPlan) {
    const std::vector<Plan> plans{plan("network", 60), plan("server", 5, "network")};
    const signals::Rule rule = signals::parse_rule(rule_of(plans[1], plans));
    EXPECT_TRUE(signals::fits(rule.about, "probe", "scripted", "server"));
    EXPECT_FALSE(signals::fits(rule.about, "probe", "scripted", "network"));
    EXPECT_EQ(rule.raise_after, 2);
    EXPECT_EQ(rule.clear_after, 2);
    EXPECT_EQ(rule.silent_after, 60s);
    ASSERT_EQ(rule.behind.size(), 1U);
    EXPECT_TRUE(signals::fits(rule.behind[0], "probe", "scripted", "network"));
}

TEST_F(RunnerTest, RunsOnceForThePersonAtTheKeyboard) {
    answer("a", State::Ok);
    answer("b", State::Warning);
    start({plan("a"), plan("b")});
    const auto all = runner_->run_once();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].reading.state, State::Warning);
    EXPECT_EQ(runner_->run_once({"a"}).size(), 1U);
    EXPECT_EQ(runs("a"), 2);
    EXPECT_THROW(runner_->run_once({"c"}), base::Error);
}

TEST_F(RunnerTest, WritesABoardThatIsReadAgainAndGrowsOld) {
    answer("a", State::Warning, "「引用」と\n改行");
    start({plan("a", 1), plan("late", 60)});
    pass(2s);
    Board board{machine_.clock.now(), {}};
    for (const Result& result : runner_->results()) board.standings.push_back(standing_of(result));
    const auto file = machine_.folder() / "monitor.json";
    EXPECT_FALSE(find_board(file));
    write_board(file, board);
    const auto read = find_board(file);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->standings.size(), 2U);
    EXPECT_EQ(read->standings[0].text, "「引用」と\n改行");
    EXPECT_EQ(read->standings[0].state, State::Warning);
    EXPECT_EQ(read->standings[0].since, board.standings[0].since);
    EXPECT_EQ(read->standings[0].samples.at(0).unit, "seconds");
    EXPECT_EQ(read->standings[1].state, State::NoData);
    EXPECT_TRUE(read->is_alive(machine_.clock.now() + 29s));
    EXPECT_FALSE(read->is_alive(machine_.clock.now() + 31s));
    machine_.write("monitor.json", "{");
    EXPECT_THROW(find_board(file), base::Error);
}

}  // namespace probes
