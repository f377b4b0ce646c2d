// Faults made for real, by a child that burns or holds or has a network of its own, seen through the kernel's own
// files. A second each at most.
#include <csignal>
#include <cstring>
#include <functional>
#include <iostream>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/sys/process.h"
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

/// Ends the child that runs a check which is not met.
void check(bool is_met, std::string_view what) {
    if (is_met) return;
    std::cerr << "not met: " << what << std::endl;
    std::_Exit(1);
}

void ip(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ip");
    const sys::Outcome outcome = sys::run({.arguments = arguments});
    check(outcome.exit_code == 0, outcome.errors);
}

/// In the child: a network of its own with one cable, `line` at this end, as the kernel shows it.
void lay_a_cable(Machine& machine) {
    check(::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0, "a network of its own");
    check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mounts of its own");
    const std::string sys = (machine.folder() / "own-sys").string();
    std::filesystem::create_directory(sys);
    check(::mount("sysfs", sys.c_str(), "sysfs", 0, nullptr) == 0, "its /sys");
    machine.world.sys = sys;
    machine.remove("proc/net");
    std::filesystem::create_directory_symlink("/proc/self/net", machine.folder() / "proc/net");
    ip({"link", "add", "line", "type", "veth", "peer", "name", "far"});
    ip({"link", "set", "far", "up"});
    ip({"link", "set", "line", "up"});
    ip({"address", "add", "203.0.113.1/24", "dev", "line"});
    ip({"neigh", "add", "203.0.113.9", "lladdr", "02:00:00:00:00:09", "dev", "line"});
}

void pull_the_cable() {
    Machine machine;
    lay_a_cable(machine);
    One links(machine, "links kind=links");
    check(links.run().state == State::Ok, "the cable is in");
    ip({"link", "set", "far", "down"});
    Reading pulled = links.run();
    for (int wait = 0; wait < 100 && pulled.state == State::Ok; ++wait) {  // the kernel tells it in its own time
        std::this_thread::sleep_for(10ms);
        pulled = links.run();
    }
    check(pulled.state == State::Failed && pulled.text.find("line のリンクが切れました") != std::string::npos,
          "it is seen to be pulled: " + pulled.text);
    ip({"link", "set", "far", "up"});
    for (int wait = 0; wait < 100 && pulled.state != State::Ok; ++wait) {
        std::this_thread::sleep_for(10ms);
        pulled = links.run();
    }
    check(pulled.state == State::Ok, "and back: " + pulled.text);
    std::_Exit(0);
}

void fill_the_line() {
    Machine machine;
    lay_a_cable(machine);
    One traffic(machine, "traffic kind=traffic limit_mbps=1");
    traffic.run();
    machine.clock.advance(1s);
    check(traffic.run().state == State::Ok, "a quiet line");
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(9);
    ::inet_pton(AF_INET, "203.0.113.9", &there.sin_addr);
    const std::string load(1000, 'x');
    for (int sent = 0; sent < 200; ++sent)
        check(
            ::sendto(socket, load.data(), load.size(), 0, reinterpret_cast<const sockaddr*>(&there), sizeof there) > 0,
            "sending");
    machine.clock.advance(1s);
    const Reading full = traffic.run();
    check(full.state == State::Warning && value_of(full, "sent.line") > 200'000, "a full line is told: " + full.text);
    std::_Exit(0);
}

}  // namespace

TEST(RealNetwork, IsSeenToLoseItsCable) {
    EXPECT_EXIT(pull_the_cable(), ::testing::ExitedWithCode(0), "");
}

TEST(RealNetwork, IsSeenToBeFull) {
    EXPECT_EXIT(fill_the_line(), ::testing::ExitedWithCode(0), "");
}

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
