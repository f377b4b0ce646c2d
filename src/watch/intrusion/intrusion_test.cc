// The detectors on generated logs: each attack is told, and an ordinary day is quiet.
#include <functional>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/sys/files.h"
#include "watch/intrusion/access_watch.h"
#include "watch/intrusion/crawlers.h"
#include "watch/intrusion/eve.h"
#include "watch/intrusion/kernel_watch.h"
#include "watch/intrusion/sign_in_watch.h"
#include "watch/intrusion/signatures.h"

namespace intrusion {

using namespace std::chrono_literals;

namespace {

const base::Instant kMorning = *base::parse_utc("2026-11-24T00:00:00.000Z");

people::Network network(const char* text) {
    return *people::parse_network(text);
}

class AccessWatchTest : public ::testing::Test {
  protected:
    std::vector<signals::Signal> told_;
    Allowed allowed_;
    AccessLimits limits_;
    std::unique_ptr<AccessWatch> watch_;

    void start() {
        watch_ = std::make_unique<AccessWatch>(limits_, allowed_,
                                               [this](signals::Signal signal) { told_.push_back(std::move(signal)); });
    }
    void see(std::string_view address, base::Instant at, std::string_view target = "/", int status = 200,
             std::string_view agent = "Mozilla/5.0", std::optional<double> seconds = 0.001) {
        if (!watch_) start();
        logs::Access access;
        access.address = address;
        access.at = at;
        access.method = "GET";
        access.target = target;
        access.status = status;
        access.bytes = 5000;
        access.agent = agent;
        access.seconds = seconds;
        watch_->see(access);
    }
    std::multiset<std::string> kinds() const {
        std::multiset<std::string> all;
        for (const auto& signal : told_) all.insert(signal.kind + " " + signal.subject);
        return all;
    }
    using Kinds = std::multiset<std::string>;
};

}  // namespace

TEST_F(AccessWatchTest, TellsOfAFloodFromOneAddressOnceAMinute) {
    for (int request = 0; request < 5000; ++request) see("192.0.2.7", kMorning + request * 20ms);
    EXPECT_EQ(kinds(), (Kinds{"flood.address 192.0.2.7", "flood.address 192.0.2.7"}));
    EXPECT_EQ(told_[0].severity, signals::Severity::Serious);
    EXPECT_LT(told_[0].observed_at - kMorning, 30s);
}

TEST_F(AccessWatchTest, IsNotBlindedByALineFromTheFuture) {
    const base::FixedClock clock(kMorning);
    watch_ = std::make_unique<AccessWatch>(
        limits_, allowed_, [this](signals::Signal signal) { told_.push_back(std::move(signal)); }, &clock);
    see("192.0.2.9", kMorning + 24h * 365);
    for (int request = 0; request < 2500; ++request) see("192.0.2.7", kMorning + request * 20ms);
    EXPECT_EQ(kinds(), Kinds{"flood.address 192.0.2.7"});
    EXPECT_EQ(watch_->numbers().left_alone, 0U);
}

TEST_F(AccessWatchTest, TellsOfAFloodFromANetworkOfManyAddresses) {
    for (int request = 0; request < 6000; ++request)
        see("198.51.100." + std::to_string(request % 250 + 1), kMorning + request * 8ms);
    EXPECT_EQ(kinds(), Kinds{"flood.network 198.51.100.0/24"});
}

TEST_F(AccessWatchTest, TellsOfScanningForPathsAndOfBurstsOfErrors) {
    for (int path = 0; path < 40; ++path)
        see("192.0.2.8", kMorning + path * 1s, "/backup" + std::to_string(path) + ".zip?x", 404);
    EXPECT_EQ(kinds(), Kinds{"scan.paths 192.0.2.8"});
    told_.clear();
    for (int path = 0; path < 100; ++path) see("192.0.2.9", kMorning + path * 200ms, "/form", 500);
    EXPECT_EQ(kinds(), Kinds{"errors.burst 192.0.2.9"});
}

TEST_F(AccessWatchTest, TellsOfAttacksThatGoOnAndNotOfASingleOne) {
    see("192.0.2.10", kMorning, "/wp-login.php", 404);
    EXPECT_EQ(kinds(), Kinds{});
    for (int attempt = 0; attempt < 6; ++attempt)
        see("192.0.2.11", kMorning + attempt * 30s, "/list?id=1%2527%20UnIoN%20SeLeCt%20password", 200);
    ASSERT_EQ(kinds(), Kinds{"attack.probe 192.0.2.11"});
    EXPECT_EQ(told_[0].rule, "sql-injection");
}

TEST_F(AccessWatchTest, TellsOfAnswersThatAreDrawnOut) {
    for (int request = 0; request < 30; ++request)
        see("192.0.2.12", kMorning + request * 5s, "/big.pdf", 200, "x", 120.0);
    EXPECT_EQ(kinds(), Kinds{"slow.client 192.0.2.12"});
}

TEST_F(AccessWatchTest, NeverJudgesTheTownHallProxiesThisMachineOrItsOwnRefusals) {
    allowed_.networks = {network("10.1.0.0/16")};
    allowed_.proxies = {network("203.0.113.5")};
    for (int request = 0; request < 5000; ++request)
        for (const char* address : {"10.1.2.3", "203.0.113.5", "127.0.0.1", "::1"})
            see(address, kMorning + request * 5ms, "/wp-login.php" + std::to_string(request), 404);
    for (const int refusal : {403, 429, 503})
        for (int request = 0; request < 3000; ++request) see("192.0.2.7", kMorning + request * 10ms, "/", refusal);
    EXPECT_EQ(kinds(), Kinds{});
    EXPECT_EQ(watch_->numbers().judged, 0U);
}

TEST_F(AccessWatchTest, JudgesByTheLinesOwnTimes) {
    // A day's log read in one go, and lines that come late.
    for (int hour = 0; hour < 24; ++hour)
        for (int request = 0; request < 500; ++request) see("192.0.2.7", kMorning + hour * 1h + request * 7s);
    for (int request = 0; request < 5000; ++request) see("192.0.2.7", kMorning);
    EXPECT_EQ(kinds(), Kinds{});
}

TEST_F(AccessWatchTest, AsksForNamesOnlyWhenACrawlerWouldBeToldOf) {
    const base::SystemClock clock;
    Crawlers crawlers({[](const people::Address& address) -> std::optional<std::string> {
                           if (address.text() == "66.249.66.1") return "crawl-66-249-66-1.googlebot.com";
                           if (address.text() == "192.0.2.66") return "fake.googlebot.com";
                           if (address.text() == "192.0.2.67") return "googlebot.com.evil.example";
                           return std::nullopt;
                       },
                       [](const std::string&) { return std::vector{*people::parse_address("66.249.66.1")}; }},
                      clock);
    int asked = 0;
    allowed_.is_verified_crawler = [&](const people::Address& address, std::string_view agent) {
        ++asked;
        return crawlers.is_verified(address, agent);
    };
    see("66.249.66.1", kMorning, "/", 200, "Googlebot/2.1");
    EXPECT_EQ(asked, 0);
    for (const char* address : {"66.249.66.1", "192.0.2.66", "192.0.2.67", "192.0.2.68"})
        for (int request = 0; request < 1300; ++request)
            see(address, kMorning + request * 10ms, "/", 200, "Googlebot/2.1");
    EXPECT_EQ(kinds(), (Kinds{"flood.address 192.0.2.66", "flood.address 192.0.2.67", "flood.address 192.0.2.68"}));
}

TEST(Crawlers, AreAskedForAgainAfterAWhileAndAtMostTenTimesAMinute) {
    base::FixedClock clock(kMorning);
    bool is_server_away = true;
    int asked = 0;
    Crawlers crawlers({[&](const people::Address& address) -> std::optional<std::string> {
                           ++asked;
                           if (is_server_away) return std::nullopt;
                           return address.text() + ".search.msn.com";
                       },
                       [](const std::string& name) {
                           return std::vector{*people::parse_address(name.substr(0, name.find(".search")))};
                       }},
                      clock);
    const auto is_bing = [&](const char* address) {
        return crawlers.is_verified(*people::parse_address(address), "Mozilla/5.0 (compatible; bingbot/2.0)");
    };
    EXPECT_FALSE(is_bing("192.0.2.1"));
    is_server_away = false;
    EXPECT_FALSE(is_bing("192.0.2.1"));  // remembered
    EXPECT_EQ(asked, 1);
    clock.advance(Crawlers::kDistrusted);
    EXPECT_TRUE(is_bing("192.0.2.1"));
    EXPECT_TRUE(is_bing("192.0.2.1"));
    EXPECT_EQ(asked, 2);
    for (int one = 0; one < 100; ++one) is_bing(("198.51.100." + std::to_string(one)).c_str());
    EXPECT_EQ(asked, 1 + Crawlers::kMostInAMinute);
    EXPECT_FALSE(is_bing("198.51.100.99"));  // nobody was asked: not verified now
    EXPECT_TRUE(is_bing("192.0.2.1"));       // who is known stays known
    clock.advance(1min);
    EXPECT_TRUE(is_bing("198.51.100.99"));
}

TEST_F(AccessWatchTest, LooksNobodyUpOnceOneSignalStandsForAll) {
    int asked = 0;
    limits_.signals_per_minute = 5;
    allowed_.is_verified_crawler = [&](const people::Address&, std::string_view) {
        ++asked;
        return false;
    };
    for (int address = 0; address < 200; ++address)
        for (int attack = 0; attack < 6; ++attack)
            see("192.0.2." + std::to_string(address), kMorning + address * 10ms, "/.env", 404, "Googlebot/2.1");
    EXPECT_EQ(asked, 6);
    EXPECT_EQ(told_.back().kind, "flood.distributed");
}

TEST_F(AccessWatchTest, StaysBoundedUnderAFloodOfAddressesAndTellsOfItOnce) {
    limits_.addresses = 1000;
    limits_.signals_per_minute = 20;
    start();
    for (int address = 0; address < 3000; ++address) {
        const std::string text =
            "10." + std::to_string(address / 250 % 250) + "." + std::to_string(address % 250) + ".9";
        for (int attack = 0; attack < 6; ++attack) see(text, kMorning + address * 10ms, "/.env", 404);
    }
    EXPECT_LE(watch_->numbers().addresses, 1000U);
    EXPECT_EQ(told_.size(), 21U);
    EXPECT_EQ(told_.back().kind, "flood.distributed");
    see("no address", kMorning);
    EXPECT_EQ(watch_->numbers().unreadable, 1U);
}

TEST_F(AccessWatchTest, IsQuietOnAnOrdinaryDay) {
    allowed_.networks = {network("10.0.0.0/8")};
    allowed_.is_verified_crawler = [](const people::Address&, std::string_view) { return true; };
    std::mt19937 random(20261124);
    const auto pick = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    std::multimap<base::Instant, std::function<void(base::Instant)>> day;
    const auto plan = [&](base::Instant at, std::string address, std::string target, int status,
                          std::string agent = "Mozilla/5.0", double seconds = 0.002) {
        day.emplace(at, [=, this](base::Instant when) { see(address, when, target, status, agent, seconds); });
    };
    for (int visitor = 0; visitor < 4000; ++visitor) {  // residents: a few pages, each with its pictures and styles
        const std::string address = fmt::format("203.0.{}.{}", pick(200), pick(250) + 1);
        base::Instant at = kMorning + std::chrono::seconds(pick(86'400));
        for (int page = pick(6); page >= 0; --page, at = at + std::chrono::seconds(10 + pick(90)))
            for (int part = 0; part < 12; ++part)
                plan(at + std::chrono::milliseconds(pick(900)), address, fmt::format("/kurashi/{}/{}", pick(300), part),
                     pick(100) == 0 ? 404 : 200);
    }
    for (int pupil = 0; pupil < 40; ++pupil)  // a school class behind one address
        for (int request = 0; request < 20; ++request)
            plan(kMorning + 2h + std::chrono::seconds(pick(120)), "198.51.100.20", fmt::format("/kodomo/{}", pick(50)),
                 200);
    for (int poll = 0; poll < 288; ++poll)
        plan(kMorning + poll * 5min, "192.0.2.30", "/news.rss", 304, "FeedReader/1.0");
    for (int crawl = 0; crawl < 8000; ++crawl)
        plan(kMorning + std::chrono::seconds(pick(86'400)), "66.249.66.1", fmt::format("/old/{}", crawl),
             pick(20) == 0 ? 404 : 200, "Googlebot/2.1");
    for (int noise = 0; noise < 300; ++noise)  // what every server on the internet gets
        plan(kMorning + std::chrono::seconds(pick(86'400)), fmt::format("45.{}.{}.9", pick(250), pick(250)),
             "/wp-login.php", 404);
    for (int download = 0; download < 200; ++download)
        plan(kMorning + std::chrono::seconds(pick(86'400)), fmt::format("203.0.113.{}", pick(250)), "/koho.pdf", 200,
             "Mozilla/5.0", 45);
    for (int request = 0; request < 20'000; ++request)
        plan(kMorning + std::chrono::seconds(pick(36'000)), "10.1.1.1", fmt::format("/missing/{}", request), 404);
    for (const auto& [at, act] : day) act(at);
    EXPECT_EQ(kinds(), Kinds{}) << told_[0].text;
    EXPECT_GT(watch_->numbers().judged, 100'000U);
}

TEST(Signatures, HitTheirSamplesAndMissTheInnocentOnes) {
    std::set<std::string_view> ids;
    for (const Signature& one : all_signatures()) {
        SCOPED_TRACE(one.id);
        EXPECT_TRUE(ids.insert(one.id).second);
        const Signature* found = find_attack(one.hit, "", "");
        ASSERT_NE(found, nullptr);
        EXPECT_EQ(found->id, one.id);
        EXPECT_EQ(find_attack(one.miss, "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "https://city.example/"), nullptr);
    }
    EXPECT_EQ(find_attack("/", "() \\x7B :; }; /bin/x", "")->id, "shellshock");
    EXPECT_EQ(find_attack("/", "sqlmap/1.7", "")->id, "scanner");
    EXPECT_EQ(normalised("%25%32%65%2"), ".%2");
    EXPECT_EQ(normalised("a+%e3%81"), "a \xe3\x81");
}

namespace {

class SignInTest : public ::testing::Test {
  protected:
    std::vector<signals::Signal> told_;
    SignInWatch watch_{{}, [this](signals::Signal signal) { told_.push_back(std::move(signal)); }};
};

}  // namespace

TEST_F(SignInTest, TellsOfGuessingSprayingAndOfSuccessAfterIt) {
    for (int attempt = 0; attempt < 12; ++attempt)
        watch_.see({kMorning + attempt * 10s, "192.0.2." + std::to_string(attempt), "person:7"});
    ASSERT_FALSE(told_.empty());
    EXPECT_EQ(told_[0].kind, "sign-in.guessing");
    EXPECT_EQ(told_[0].subject, "person:7");
    told_.clear();
    watch_.see({kMorning + 3min, "192.0.2.99", "person:7", true});
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_EQ(told_[0].kind, "sign-in.after-guessing");
    told_.clear();
    for (int account = 0; account < 5; ++account)
        watch_.see({kMorning + 1h + account * 20s, "198.51.100.1", "person:" + std::to_string(account + 20)});
    ASSERT_FALSE(told_.empty());
    EXPECT_EQ(told_[0].kind, "sign-in.spraying");
    EXPECT_EQ(told_[0].subject, "198.51.100.1");
}

TEST_F(SignInTest, LeavesPeopleAloneWhoMistypeInTheMorning) {
    for (int person = 0; person < 60; ++person)
        for (int attempt = 0; attempt < 3; ++attempt)
            watch_.see({kMorning + person * 1min + attempt * 5s, "10.0.0." + std::to_string(person),
                        "person:" + std::to_string(person), attempt == 2});
    EXPECT_TRUE(told_.empty());
}

namespace {

class KernelTest : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    std::vector<signals::Signal> told_;
    base::Instant now_ = kMorning;
    KernelWatch watch_{{}, {network("10.0.0.0/8")}, folder_.path(), [this](signals::Signal signal) {
                           told_.push_back(std::move(signal));
                       }};

    void write(const std::string& counters, const std::vector<std::string>& rows) {
        std::filesystem::create_directories(folder_.path() / "net");
        sys::write_file(folder_.path() / "net/netstat",
                        "TcpExt: SyncookiesSent EmbryonicRsts ListenOverflows ListenDrops TCPReqQFullDrop\nTcpExt: " +
                            counters + "\nIpExt: InNoRoutes\nIpExt: 0\n");
        std::string table = "  sl  local_address rem_address   st\n   0: 00000000:0050 00000000:0000 0A 0 0 0 0 0 1\n";
        for (const std::string& row : rows) table += "   1: " + row + " 0 0 0 0 0 1\n";
        sys::write_file(folder_.path() / "net/tcp", table);
    }
    std::map<std::string, signals::State> look() {
        told_.clear();
        watch_.look(now_);
        now_ = now_ + 5s;
        std::map<std::string, signals::State> states;
        for (const auto& signal : told_) states[signal.kind + " " + signal.subject] = signal.state;
        return states;
    }
    using States = std::map<std::string, signals::State>;
};

}  // namespace

TEST_F(KernelTest, TellsOfDroppedAndForcedConnectionsAndClears) {
    write("1000 0 500 500 0", {});
    EXPECT_EQ(look(), States{});  // what was before is no news
    write("1900 0 560 560 0", {});
    EXPECT_EQ(look(),
              (States{{"syn.drops kernel", signals::State::Raise}, {"syn.cookies kernel", signals::State::Raise}}));
    EXPECT_EQ(look(),
              (States{{"syn.drops kernel", signals::State::Clear}, {"syn.cookies kernel", signals::State::Clear}}));
    EXPECT_EQ(look(), States{});
}

TEST_F(KernelTest, TellsOfHalfOpenAndOfHeldConnections) {
    std::vector<std::string> rows;
    for (int port = 0; port < 300; ++port)
        rows.push_back(fmt::format("0100A8C0:0050 0{}0200C0:{:04X} 03", port % 9 + 1, port + 1024));
    for (int port = 0; port < 150; ++port) rows.push_back(fmt::format("0100A8C0:0050 076433C6:{:04X} 01", port + 1024));
    for (int port = 0; port < 150; ++port) rows.push_back(fmt::format("0100A8C0:0050 0700000A:{:04X} 01", port + 1024));
    write("0 0 0 0 0", rows);
    EXPECT_EQ(look(), (States{{"syn.half-open kernel", signals::State::Raise},
                              {"slow.client 198.51.100.7", signals::State::Raise}}));
    write("0 0 0 0 0", {});
    EXPECT_EQ(look(), (States{{"syn.half-open kernel", signals::State::Clear},
                              {"slow.client 198.51.100.7", signals::State::Clear}}));
}

TEST_F(KernelTest, TellsWhenThisMachineCallsVeryManyOthers) {
    std::vector<std::string> rows;
    for (int target = 0; target < 50; ++target)
        rows.push_back(fmt::format("0100A8C0:{:04X} 0A{:02X}33C6:01BB 01", 40'000 + target, target));
    write("0 0 0 0 0", rows);
    EXPECT_EQ(look(), States{});
    EXPECT_EQ(look(), States{});  // the same ones are not new
    rows.clear();
    for (int target = 0; target < 100; ++target)
        rows.push_back(fmt::format("0100A8C0:{:04X} 0B{:02X}33C6:01BD 02", 40'000 + target, target));
    write("0 0 0 0 0", rows);
    EXPECT_EQ(look(), (States{{"fan-out このサーバ", signals::State::Raise}}));
    EXPECT_EQ(told_[0].severity, signals::Severity::Emergency);
    now_ = now_ + 2min;
    EXPECT_EQ(look(), (States{{"fan-out このサーバ", signals::State::Clear}}));
}

TEST_F(KernelTest, NamesTheProgramThatCallsOnlyWhereItSeesMostOfTheCalls) {
    const auto call = [&](int network) {
        std::vector<std::string> rows;
        for (int target = 0; target < 100; ++target)
            rows.push_back(fmt::format("0100A8C0:{:04X} {:02X}{:02X}33C6:01BD 02 0 0 0 0 0 {}", 40'000 + target,
                                       network, target, 1'000 + target));
        write("0 0 0 0 0", rows);
    };
    const auto hold = [&](const std::string& name, int pid, int from, int until) {
        const auto program = folder_.path() / std::to_string(pid);
        std::filesystem::create_directories(program / "fd");
        sys::write_file(program / "comm", name + "\n");
        for (int socket = from; socket < until; ++socket)
            std::filesystem::create_symlink(fmt::format("socket:[{}]", 1'000 + socket),
                                            program / "fd" / std::to_string(socket));
    };
    const auto text = [&] {
        look();
        return told_.empty() ? std::string() : told_.front().text;
    };
    hold("innocent", 4711, 0, 40);
    call(11);
    const std::string unknown = text();
    EXPECT_EQ(unknown.find("innocent"), std::string::npos) << unknown;
    EXPECT_NE(unknown.find("ss -tnp"), std::string::npos) << unknown;
    hold("worm", 4712, 40, 100);
    EXPECT_EQ(text(), unknown) << "it is looked for once";
    now_ = now_ + 2min;
    EXPECT_EQ(look(), (States{{"fan-out このサーバ", signals::State::Clear}}));
    call(12);
    EXPECT_NE(text().find("（60本）を接続しているプログラムは worm 4712 です。"), std::string::npos)
        << told_.front().text;
}

TEST_F(KernelTest, SaysWhenItCannotLook) {
    EXPECT_EQ(look(), (States{{"kernel.unreadable kernel", signals::State::Raise}}));
    write("0 0 0 0 0", {});
    EXPECT_EQ(look(), (States{{"kernel.unreadable kernel", signals::State::Clear}}));
    KernelWatch real({}, {}, "/proc", [&](signals::Signal signal) { told_.push_back(std::move(signal)); });
    real.look(now_);
    for (const auto& signal : told_)
        EXPECT_NE(signal.state == signals::State::Raise ? signal.kind : "", "kernel.unreadable");
    EXPECT_TRUE(read_tcp_counters(sys::read_file("/proc/net/netstat")).contains("ListenDrops"));
}

TEST(Eve, TakesAlertsWithTheirZoneAndSeverity) {
    const std::string line =
        R"({"timestamp":"2026-11-22T18:03:21.123456+0900","flow_id":1234567890123,"event_type":"alert","src_ip":"192.0.2.7","src_port":4444,)"
        R"("dest_ip":"10.0.0.1","dest_port":80,"proto":"TCP","alert":{"action":"allowed","gid":1,"signature_id":2100498,"rev":7,)"
        R"("signature":"GPL ATTACK_RESPONSE id check returned root","category":"Potentially Bad Traffic","severity":2}})";
    const auto alert = read_eve_line(line);
    ASSERT_TRUE(alert);
    EXPECT_EQ(base::format_utc(alert->at), "2026-11-22T09:03:21.123Z");
    EXPECT_EQ(alert->number, 2100498);
    const signals::Signal signal = signal_of(*alert);
    EXPECT_EQ(signal.severity, signals::Severity::Warning);
    EXPECT_EQ(signal.subject, "192.0.2.7");
    EXPECT_EQ(signal.rule, "1:2100498");
    EXPECT_EQ(signal.external_id, signal_of(*read_eve_line(line)).external_id);
    std::string worst = line;
    worst.replace(worst.find("\"severity\":2"), 12, "\"severity\":1");
    EXPECT_EQ(signal_of(*read_eve_line(worst)).severity, signals::Severity::Serious);
    for (const char* other : {"", "{", "[]", R"({"event_type":"flow"})", R"({"event_type":"alert","alert":{}})",
                              R"({"event_type":"alert","alert":1,"timestamp":"2026-11-22T18:03:21.123456+0900"})",
                              R"({"event_type":"alert","alert":{},"timestamp":"yesterday, about noon or +0900"})"})
        EXPECT_FALSE(read_eve_line(other)) << other;
    EXPECT_EQ(base::format_utc(
                  read_eve_line(R"({"event_type":"alert","alert":{},"timestamp":"2026-11-22T09:03:21+0000"})")->at),
              "2026-11-22T09:03:21.000Z");
}

}  // namespace intrusion
