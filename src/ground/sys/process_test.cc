#include "ground/sys/process.h"

#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace sys {
namespace {

using std::chrono::steady_clock;

Command shell(std::string script) {
    Command command;
    command.arguments = {"/bin/sh", "-c", std::move(script)};
    return command;
}

TEST(RunProgram, GivesBothStreamsAndTheExitCode) {
    const Outcome outcome = run(shell("echo out; echo err >&2; exit 7"));
    EXPECT_EQ(outcome.exit_code, 7);
    EXPECT_EQ(outcome.output, "out\n");
    EXPECT_EQ(outcome.errors, "err\n");
    EXPECT_FALSE(outcome.timed_out);
    EXPECT_FALSE(outcome.was_cut);
}

TEST(RunProgram, PassesArgumentsWithoutAShell) {
    Command command;
    command.arguments = {"printf", "%s|", "$HOME", "a b", "; exit 3", ""};
    EXPECT_EQ(run(command).output, "$HOME|a b|; exit 3||");
}

TEST(RunProgram, FeedsMoreThanAPipeHolds) {
    Command command;
    command.arguments = {"cat"};
    command.input.assign(3'000'000, 'x');
    EXPECT_EQ(run(command).output, command.input);
}

TEST(RunProgram, SurvivesAProgramThatDoesNotReadItsInput) {
    Command command = shell("exec 0<&-; echo done");
    command.input.assign(3'000'000, 'x');
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.output, "done\n");
}

TEST(RunProgram, AddsToTheEnvironment) {
    Command command = shell("echo $YAKUBA_WORD; test -n \"$PATH\" && echo path");
    command.environment = {{"YAKUBA_WORD", "役場"}};
    EXPECT_EQ(run(command).output, "役場\npath\n");
}

TEST(RunProgram, EndsWithItsWholeGroupWhenPatienceIsOut) {
    const TemporaryFolder folder;
    Command command = shell("sleep 60 & echo $! >" + (folder.path() / "pid").string() + "; wait");
    command.patience = std::chrono::milliseconds(300);
    const auto before = steady_clock::now();
    const Outcome outcome = run(command);
    EXPECT_LT(steady_clock::now() - before, std::chrono::seconds(20));
    EXPECT_TRUE(outcome.timed_out);
    EXPECT_EQ(outcome.exit_code, 128 + SIGKILL);
    const std::string pid(base::trim(read_file(folder.path() / "pid")));
    // The orphan is a zombie at most, until init takes it.
    bool is_running = true;
    for (int i = 0; i < 100 && is_running; ++i) {
        const auto stat = find_file("/proc/" + pid + "/stat");
        is_running = stat && stat->find(") Z") == std::string::npos;
        if (is_running) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_FALSE(is_running);
}

TEST(RunProgram, DoesNotWaitForWhatItLeavesInTheBackground) {
    const auto before = steady_clock::now();
    const Outcome outcome = run(shell("sleep 60 & echo started"));
    EXPECT_LT(steady_clock::now() - before, std::chrono::seconds(20));
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_FALSE(outcome.timed_out);
    EXPECT_EQ(outcome.output, "started\n");
}

TEST(RunProgram, CutsOutputAboveTheLimit) {
    Command command = shell("head -c 100000 /dev/zero; echo short >&2");
    command.output_limit = 1000;
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.output.size(), 1000U);
    EXPECT_EQ(outcome.errors, "short\n");
    EXPECT_TRUE(outcome.was_cut);
    EXPECT_EQ(outcome.exit_code, 0);
}

TEST(RunProgram, TellsTheSignalThatKilledIt) {
    EXPECT_EQ(run(shell("kill -TERM $$")).exit_code, 128 + SIGTERM);
}

TEST(RunProgram, SaysThatAProgramIsMissing) {
    Command command;
    command.arguments = {"no-such-program-here"};
    try {
        run(command);
        FAIL() << "it ran";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Unavailable);
        EXPECT_NE(error.message().find("no-such-program-here"), std::string::npos);
    }
}

TEST(RunProgram, LeavesNoFileOpen) {
    const auto count = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator());
    };
    const auto before = count();
    for (int i = 0; i < 20; ++i) run(shell("exit 0"));
    EXPECT_EQ(count(), before);
}

TEST(RunProgram, ServesSeveralThreads) {
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            for (int k = 0; k < 5; ++k) {
                Command command;
                command.arguments = {"cat"};
                command.input = std::string(10'000, static_cast<char>('a' + i));
                if (run(command).output == command.input) ++right;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, 40);
}

TEST(RunProgram, AsksAProgramToStopAndWaitsForItsSafePoint) {
    Command command = shell("trap 'sleep 0.1; echo safe; exit 5' INT; echo started; while :; do sleep 0.05; done");
    const auto start = steady_clock::now();
    command.is_stopped = [&] { return steady_clock::now() - start > std::chrono::milliseconds(300); };
    const Outcome outcome = run(command);
    EXPECT_TRUE(outcome.was_stopped);
    EXPECT_FALSE(outcome.timed_out);
    EXPECT_EQ(outcome.output, "started\nsafe\n");
    EXPECT_EQ(outcome.exit_code, 5);
}

TEST(RunProgram, KillsAProgramThatDoesNotComeToASafePoint) {
    Command command = shell("trap '' INT; sleep 60");
    const auto start = steady_clock::now();
    command.is_stopped = [&] { return steady_clock::now() - start > std::chrono::milliseconds(300); };
    command.ending = std::chrono::milliseconds(200);
    const Outcome outcome = run(command);
    EXPECT_TRUE(outcome.was_stopped);
    EXPECT_EQ(outcome.exit_code, 128 + SIGKILL);
    EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(RunProgram, EndsItWithTheThreadThatRunsItWhenAskedTo) {
    const TemporaryFolder folder;
    const auto note = folder.path() / "pid";
    Command command = shell("echo $$ > " + note.string() + "; exec sleep 30");
    command.dies_with_us = true;
    const pid_t runner = ::fork();
    ASSERT_GE(runner, 0);
    if (runner == 0) {
        run(command);
        ::_exit(0);
    }
    std::string text;
    for (int i = 0; i < 500 && text.empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        text = find_file(note).value_or("");
    }
    ASSERT_FALSE(text.empty());
    const pid_t program = std::stoi(text);
    ::kill(runner, SIGKILL);
    ::waitpid(runner, nullptr, 0);
    bool is_gone = false;
    for (int i = 0; i < 500 && !is_gone; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        const std::string state = find_file("/proc/" + text.substr(0, text.find('\n')) + "/stat").value_or("");
        is_gone = state.empty() || state.find(") Z") != std::string::npos;
    }
    EXPECT_TRUE(is_gone);
    if (!is_gone) ::kill(program, SIGKILL);
}

}  // namespace
}  // namespace sys
