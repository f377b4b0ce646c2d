// In a network of the test's own (a namespace of a child process): attackers are really kept out and let in again, and
// the kernel's counters really tell of what was done.
#include <iostream>
#include <map>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ground/sys/files.h"
#include "ground/sys/process.h"
#include "watch/intrusion/block.h"
#include "watch/intrusion/kernel_watch.h"

namespace intrusion {

using namespace std::chrono_literals;

namespace {

const base::Instant kNow{1'795'000'000'000};

signals::Signal attack_by(const std::string& address) {
    return {.source = "intrusion", .kind = "attack.probe", .subject = address, .observed_at = kNow};
}

std::vector<people::Address> nobody() {
    return {};
}

/// Ends the child that runs a check which is not met.
void check(bool is_met, std::string_view what) {
    if (is_met) return;
    std::cerr << "not met: " << what << std::endl;
    std::_Exit(1);
}

/// In the child: a network with this machine's loopback and a cable into nowhere.
void enter_own_network() {
    check(::unshare(CLONE_NEWNET) == 0, "a network namespace");
    const auto ip = [](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "ip");
        const sys::Outcome outcome = sys::run({.arguments = arguments});
        check(outcome.exit_code == 0, outcome.errors);
    };
    ip({"link", "set", "lo", "up"});
    ip({"address", "add", "198.51.100.1/32", "dev", "lo"});
    ip({"address", "add", "198.51.100.9/32", "dev", "lo"});
    ip({"link", "add", "nowhere", "type", "veth", "peer", "name", "end"});
    ip({"link", "set", "end", "up"});
    ip({"address", "add", "203.0.113.1/24", "dev", "nowhere"});
    ip({"link", "set", "nowhere", "up"});
}

sockaddr_in at(const char* address, int port) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address, &place.sin_addr);
    return place;
}

sys::Descriptor listen_on(const char* address, int port, int backlog) {
    sys::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in place = at(address, port);
    check(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0, "bind");
    check(::listen(socket.get(), backlog) == 0, "listen");
    return socket;
}

sys::Descriptor dial(const char* from, const char* to, int port) {
    sys::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const sockaddr_in here = at(from, 0), there = at(to, port);
    check(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0, "bind");
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0)
        check(errno == EINPROGRESS, "connect");
    return socket;
}

bool gets_in(const char* from, int patience_ms) {
    const sys::Descriptor socket = dial(from, "198.51.100.1", 8080);
    pollfd waiting{socket.get(), POLLOUT, 0};
    return ::poll(&waiting, 1, patience_ms) == 1 && (waiting.revents & (POLLERR | POLLHUP)) == 0;
}

void block_for_real() {
    enter_own_network();
    const sys::Descriptor server = listen_on("198.51.100.1", 8080, 100);
    std::vector<signals::Signal> told;
    const auto take = [&](signals::Signal signal) { told.push_back(std::move(signal)); };
    check(gets_in("198.51.100.9", 1000), "the attacker gets in at first");
    Blocker dry({.mode = Blocking::DryRun, .indispensable = nobody}, take);
    dry.see(attack_by("198.51.100.9"), kNow);
    check(told.size() == 1 && gets_in("198.51.100.9", 1000), "a dry run only tells");
    Blocker careful({.mode = Blocking::On}, take);
    careful.see(attack_by("198.51.100.9"), kNow);
    check(told.size() == 2 && told[1].text.find("遮断しません") != std::string::npos && gets_in("198.51.100.9", 1000),
          "an address of this machine's own is spared");
    // The attacker stands on this machine only because the test has no other.
    Blocker blocker({.mode = Blocking::On,
                     .span = 2s,
                     .never = {*people::parse_network("203.0.113.0/24")},
                     .indispensable = [] { return std::vector{*people::parse_address("198.51.100.77")}; }},
                    take);
    blocker.see(attack_by("198.51.100.77"), kNow);
    for (const char* address : {"198.51.100.9", "2001:db8::7", "203.0.113.7", "127.0.0.1", "nobody", "198.51.100.9"})
        blocker.see(attack_by(address), kNow);
    for (const auto& signal : told) check(signal.state != signals::State::Raise, signal.text);
    const auto listed = blocker.list();
    check(listed == std::vector<std::string>{"198.51.100.9", "2001:db8::7"}, "those two are listed");
    check(!gets_in("198.51.100.9", 200), "the attacker is kept out");
    check(gets_in("198.51.100.1", 1000), "others are not");
    ::usleep(2'200'000);
    check(gets_in("198.51.100.9", 1000), "and is let in again by itself");
    blocker.see(attack_by("198.51.100.9"), kNow);
    blocker.clear();
    check(gets_in("198.51.100.9", 1000), "and by hand");
    std::_Exit(0);
}

void overflow_for_real() {
    enter_own_network();
    std::map<std::string, signals::State> states;
    KernelWatch watch({.drops = 5, .from_address = 3}, {}, "/proc/self",
                      [&](signals::Signal signal) { states[signal.kind + " " + signal.subject] = signal.state; });
    watch.look(kNow);
    check(states.empty(), "quiet at first");
    const sys::Descriptor server = listen_on("198.51.100.1", 8080, 1);
    std::vector<sys::Descriptor> clients;
    for (int client = 0; client < 60; ++client) clients.push_back(dial("198.51.100.9", "198.51.100.1", 8080));
    ::usleep(50'000);
    watch.look(kNow + 5s);
    check(states["syn.drops kernel"] == signals::State::Raise && states.contains("syn.drops kernel"),
          "dropped connections are told");
    std::_Exit(0);
}

void fan_out_for_real() {
    enter_own_network();
    std::map<std::string, signals::State> states;
    std::string text;
    KernelWatch watch({}, {}, "/proc", [&](signals::Signal signal) {
        states[signal.kind] = signal.state;
        if (signal.kind == "fan-out") text = signal.text;
    });
    watch.look(kNow);
    std::vector<sys::Descriptor> calls;
    for (int target = 2; target < 102; ++target)
        calls.push_back(dial("203.0.113.1", ("203.0.113." + std::to_string(target)).c_str(), 445));
    watch.look(kNow + 5s);
    check(states.contains("fan-out") && states["fan-out"] == signals::State::Raise, "a worm's calls are told");
    check(text.find(fmt::format(" {} です。", ::getpid())) != std::string::npos, "and which program it is: " + text);
    std::_Exit(0);
}

}  // namespace

TEST(Blocking, KeepsAnAttackerOutForAWhileAndNobodyElse) {
    EXPECT_EXIT(block_for_real(), testing::ExitedWithCode(0), "");
}

TEST(KernelWatchForReal, TellsOfConnectionsThatWereDropped) {
    EXPECT_EXIT(overflow_for_real(), testing::ExitedWithCode(0), "");
}

TEST(KernelWatchForReal, TellsOfAWorm) {
    EXPECT_EXIT(fan_out_for_real(), testing::ExitedWithCode(0), "");
}

TEST(Blocking, AnswersOnlyWhatIsAboutOneAddressAndBoundedlyMany) {
    EXPECT_TRUE(is_worth_blocking(attack_by("192.0.2.1")));
    signals::Signal other = attack_by("192.0.2.0/24");
    EXPECT_FALSE(is_worth_blocking(other));
    other = attack_by("192.0.2.1");
    other.kind = "errors.burst";
    EXPECT_FALSE(is_worth_blocking(other));
    other = {.source = "suricata", .kind = "alert", .subject = "192.0.2.1", .severity = signals::Severity::Minor};
    EXPECT_FALSE(is_worth_blocking(other));
    int told = 0;
    Blocker blocker({.mode = Blocking::DryRun, .most_per_minute = 5, .indispensable = nobody},
                    [&](const signals::Signal&) { ++told; });
    for (int address = 0; address < 50; ++address) blocker.see(attack_by("192.0.2." + std::to_string(address)), kNow);
    EXPECT_EQ(told, 5);
    Blocker off({}, [&](const signals::Signal&) { ++told; });
    off.see(attack_by("192.0.2.1"), kNow);
    EXPECT_EQ(told, 5);
    EXPECT_EQ(find_blocking("on"), Blocking::On);
    EXPECT_EQ(find_blocking("anything"), Blocking::Off);
}

TEST(Blocking, BlocksNobodyWhileItCannotTellWhomTheMachineNeeds) {
    std::vector<signals::Signal> told;
    Blocker blocker({.mode = Blocking::On,
                     .program = "/nowhere/nft",
                     .indispensable = []() -> std::vector<people::Address> {
                         throw base::Error(base::Kind::Unavailable, "no /proc");
                     }},
                    [&](signals::Signal signal) { told.push_back(std::move(signal)); });
    blocker.see(attack_by("192.0.2.1"), kNow);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, "block.unavailable");
    EXPECT_NE(told[0].text.find("no /proc"), std::string::npos);
}

TEST(Blocking, TellsWhenItCannot) {
    std::vector<signals::Signal> told;
    Blocker blocker({.mode = Blocking::On, .program = "/nowhere/nft", .indispensable = nobody},
                    [&](signals::Signal signal) { told.push_back(std::move(signal)); });
    blocker.see(attack_by("192.0.2.1"), kNow);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, "block.unavailable");
    EXPECT_EQ(told[0].state, signals::State::Raise);
}

}  // namespace intrusion
