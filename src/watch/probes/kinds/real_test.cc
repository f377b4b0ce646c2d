// Faults made for real, by a child that burns or holds, seen through the kernel's own files. A second each at most.
#include <csignal>
#include <cstring>
#include <functional>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watch/probes/testing/machine.h"

namespace probes {

namespace {

using namespace std::chrono_literals;

class RealMachine : public ::testing::Test {
  protected:
    const std::string name_ = fmt::format("ykb{}", ::getpid());  ///< of the child; other tests run beside this one

    RealMachine() { machine_.world.proc = "/proc"; }
    ~RealMachine() override { stop(); }
    /// A child that does `work` after which it holds on; ready when this returns.
    void start(const std::function<void()>& work) {
        int ends[2];
        ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::prctl(PR_SET_NAME, name_.c_str());
            work();
            if (::write(ends[1], "x", 1) != 1) ::_exit(1);
            for (;;) ::pause();
        }
        children_.push_back(child);
        ::close(ends[1]);
        char ready = 0;
        EXPECT_EQ(::read(ends[0], &ready, 1), 1);
        ::close(ends[0]);
    }
    void stop() {
        for (const pid_t child : children_) {
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, 0);
        }
        children_.clear();
    }

    Machine machine_;
    std::vector<pid_t> children_;
};

}  // namespace

TEST_F(RealMachine, IsSeenToBeBusy) {
    One cpu(machine_, "cpu kind=cpu warn=80");
    cpu.run();
    for (long one = ::sysconf(_SC_NPROCESSORS_ONLN); one > 0; --one) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (volatile unsigned burnt = 0;;) burnt = burnt + 1;
        }
        children_.push_back(child);
    }
    std::this_thread::sleep_for(700ms);
    const Reading reading = cpu.run();
    EXPECT_EQ(reading.state, State::Warning) << reading.text;
    EXPECT_GT(value_of(reading, "used"), 80);
    const Reading load = One(machine_, "load kind=load warn=0.000001 fail=1000000").run();
    EXPECT_EQ(load.state, State::Warning) << load.text;
}

TEST_F(RealMachine, IsSeenToHaveLessMemory) {
    constexpr std::size_t kHeld = 256U << 20;
    start([] {
        void* held = ::mmap(nullptr, kHeld, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        std::memset(held, 1, kHeld);
    });
    const Reading process = One(machine_, "p kind=processes name=" + name_ + " memory_mb=200").run();
    EXPECT_EQ(process.state, State::Warning) << process.text;
    EXPECT_GT(value_of(process, "resident_bytes"), kHeld * 0.9);
    const Reading memory = One(machine_, "memory kind=memory warn=0.1 fail=0.2").run();
    EXPECT_EQ(memory.state, State::Failed) << memory.text;
    stop();
    EXPECT_EQ(One(machine_, "p kind=processes name=" + name_ + " memory_mb=200").run().state, State::Failed);
}

TEST_F(RealMachine, IsSeenToRunOutOfFiles) {
    One processes(machine_, "p kind=processes name=" + name_);
    start([] {
        const rlimit few{100, 100};
        ::setrlimit(RLIMIT_NOFILE, &few);
        while (::open("/dev/null", O_RDONLY) >= 0) {
        }
    });
    const Reading reading = processes.run();
    EXPECT_EQ(reading.state, State::Warning) << reading.text;
    EXPECT_GT(value_of(reading, "files"), 90) << reading.text;
    stop();
    const Reading after = processes.run();
    EXPECT_EQ(after.state, State::Failed) << "and that it has gone: " << after.text;
}

}  // namespace probes
