// The real clamd from Debian with a signature of our own, and a daemon that lies.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "watch/antivirus/clamd.h"
#include "watch/antivirus/product.h"
#include "watch/antivirus/sweep.h"

namespace antivirus {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

/// What our signature is of; harmless.
constexpr std::string_view kMarker = "YAKUBA-ANTIVIRUS-TEST-SIGNATURE-5f1c2b";

void write(const fs::path& file, std::string_view text) {
    std::ofstream(file, std::ios::binary) << text;
}

/// clamd in a folder of its own, in the foreground, with one signature; ended by its own pid.
class RealClamd {
  public:
    RealClamd() {
        fs::permissions(folder_.path(), fs::perms::all);
        fs::create_directory(folder_.path() / "db");
        write(folder_.path() / "db/local.ndb", fmt::format("Yakuba.Test:0:*:{}\n", base::to_hex(kMarker)));
        write(folder_.path() / "clamd.conf",
              fmt::format(
                  "Foreground yes\nLocalSocket {0}/s\nLocalSocketMode 666\nDatabaseDirectory {0}/db\nLogFile {0}/log\n"
                  "StreamMaxLength 1M\nUser root\nSelfCheck 0\nConcurrentDatabaseReload no\nMaxThreads 2\n",
                  folder_.path().string()));
        const std::string config = (folder_.path() / "clamd.conf").string();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::freopen("/dev/null", "w", stdout);
            ::freopen("/dev/null", "w", stderr);
            ::execlp("clamd", "clamd", "-c", config.c_str(), nullptr);
            ::_exit(127);
        }
        for (int i = 0; i < 600 && !fs::exists(address()) && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++i)
            std::this_thread::sleep_for(50ms);
    }
    ~RealClamd() { stop(); }
    void stop() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    std::string address() const { return (folder_.path() / "s").string(); }

  private:
    sys::TemporaryFolder folder_;
    pid_t pid_ = 0;
};

/// Answers each connection with `words`, after reading up to `reads` bytes; keeps it open or not.
class LyingDaemon {
  public:
    enum class Then { Close, Hang };
    LyingDaemon(std::string words, std::size_t reads, Then then) {
        listener_ = sys::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
        EXPECT_EQ(::listen(listener_.get(), 8), 0);
        socklen_t length = sizeof at;
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &length);
        port_ = ntohs(at.sin_port);
        thread_ = std::thread([this, words = std::move(words), reads, then] {
            std::vector<sys::Descriptor> held;
            for (;;) {
                sys::Descriptor one(::accept(listener_.get(), nullptr, nullptr));
                if (!one) return;
                char buffer[4096];
                for (std::size_t got = 0; got < reads;) {
                    const ssize_t more = ::recv(one.get(), buffer, std::min(sizeof buffer, reads - got), 0);
                    if (more <= 0) break;
                    got += static_cast<std::size_t>(more);
                }
                ::send(one.get(), words.data(), words.size(), MSG_NOSIGNAL);
                if (then == Then::Hang) held.push_back(std::move(one));
            }
        });
    }
    ~LyingDaemon() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }
    std::string address() const { return fmt::format("127.0.0.1:{}", port_); }

  private:
    sys::Descriptor listener_;
    int port_ = 0;
    std::thread thread_;
};

TEST(Clamd, TheRealOneFindsOurSignatureAndNothingElse) {
    RealClamd daemon;
    Clamd engine(daemon.address(), 20s);
    const EngineState state = engine.state();
    ASSERT_TRUE(state.is_running) << state.problem << " (install what tools/packages-test.txt names)";
    EXPECT_TRUE(state.version.starts_with("ClamAV ")) << state.version;
    EXPECT_FALSE(state.signatures_at);  // a folder with signatures of our own only has no date
    const Answer clean = engine.scan("ただの文章です。");
    EXPECT_EQ(clean.verdict, Verdict::Clean) << clean.problem;
    EXPECT_EQ(engine.scan("").verdict, Verdict::Clean);
    const Answer found = engine.scan(std::string(300'000, 'a') + std::string(kMarker) + std::string(1000, 'b'));
    EXPECT_EQ(found.verdict, Verdict::Infected) << found.problem;
    EXPECT_EQ(found.name, "Yakuba.Test.UNOFFICIAL");
    // Past StreamMaxLength it stops reading: that is no verdict, whatever the rest would have been.
    const Answer large = engine.scan(std::string(8 << 20, 'x') + std::string(kMarker));
    EXPECT_EQ(large.verdict, Verdict::NotScanned);
    EXPECT_NE(large.problem, "");
    daemon.stop();
    const Answer none = engine.scan("ただの文章です。");
    EXPECT_EQ(none.verdict, Verdict::NotScanned);
    EXPECT_FALSE(engine.state().is_running);
}

TEST(Clamd, BelievesNothingButAWholeAnswerToTheWholeFile) {
    const std::string file(16 << 20, 'x');  // more than the sockets hold
    struct Lie {
        std::string_view words;
        std::size_t reads;
        LyingDaemon::Then then;
    };
    constexpr auto kAll = std::size_t{1} << 30;
    const Lie lies[] = {
        {""sv, 10, LyingDaemon::Then::Close},
        {"stream: OK"sv, 10, LyingDaemon::Then::Close},    // cut before its NUL
        {"stream: OK\0"sv, 10, LyingDaemon::Then::Close},  // to a file that it did not read
        {"stream: OK\0"sv.substr(0, 8), kAll, LyingDaemon::Then::Hang},
        {"HTTP/1.1 200 OK\r\n\r\n\0"sv, 1000, LyingDaemon::Then::Close},
        {"stream: FOUND\0"sv, 10, LyingDaemon::Then::Close},
        {"INSTREAM size limit exceeded. ERROR\0"sv, 1000, LyingDaemon::Then::Close},
        {""sv, 0, LyingDaemon::Then::Hang},
    };
    for (const Lie& lie : lies) {
        SCOPED_TRACE(lie.words);
        LyingDaemon daemon{std::string(lie.words), lie.reads, lie.then};
        Clamd engine(daemon.address(), 150ms);
        const Answer answer = engine.scan(file);
        EXPECT_EQ(answer.verdict, Verdict::NotScanned);
        EXPECT_NE(answer.problem, "");
        EXPECT_FALSE(engine.state().is_running);
    }
    LyingDaemon endless{std::string(100'000, 'A'), 0, LyingDaemon::Then::Hang};
    EXPECT_EQ(Clamd(endless.address(), 150ms).scan("a").verdict, Verdict::NotScanned);
    EXPECT_EQ(Clamd("127.0.0.1:1", 150ms).scan("a").verdict, Verdict::NotScanned);
    EXPECT_EQ(Clamd("/nowhere/clamd.ctl", 150ms).scan("a").verdict, Verdict::NotScanned);
}

TEST(ClamdVersion, TellsTheSignaturesDate) {
    ::setenv("TZ", "Asia/Tokyo", 1);
    ::tzset();
    const EngineState state = parse_version("ClamAV 1.4.6/27123/Mon Mar 10 09:26:52 2025");
    ASSERT_TRUE(state.signatures_at);
    EXPECT_EQ(base::format_local(*state.signatures_at), "2025-03-10 09:26");
    EXPECT_FALSE(parse_version("ClamAV 1.4.6").signatures_at);
    EXPECT_FALSE(parse_version("ClamAV 1.4.6/27123/yesterday").signatures_at);
    EXPECT_FALSE(parse_version("nginx").is_running);
}

TEST(EngineState, RaisesWhatIsAwayAndWhatIsOldAndClearsBoth) {
    const base::Instant now = *base::parse_instant("2026-11-22 09:00");
    EngineState state;
    state.problem = "接続できません。";
    auto told = judge(state, "clamd", 48h, now);
    ASSERT_EQ(told.size(), 1U);  // how old the signatures of an absent engine are is not known
    EXPECT_EQ(told[0].kind, "antivirus.engine");
    EXPECT_EQ(told[0].state, signals::State::Raise);
    state.is_running = true;
    state.signatures_at = now - 49h;
    told = judge(state, "clamd", 48h, now);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].state, signals::State::Clear);
    EXPECT_EQ(told[1].kind, "antivirus.signatures");
    EXPECT_EQ(told[1].state, signals::State::Raise);
    state.signatures_at = now - 47h;
    EXPECT_EQ(judge(state, "clamd", 48h, now)[1].state, signals::State::Clear);
    state.signatures_at.reset();
    EXPECT_EQ(judge(state, "clamd", 48h, now)[1].state, signals::State::Raise);
}

TEST(LinePattern, FindsTheDateBetweenItsParts) {
    EXPECT_EQ(LinePattern("Signature date: {date}*").match("Signature date: 2026-11-22 (rev 5)"), "2026-11-22 (rev 5)");
    EXPECT_EQ(LinePattern("* pattern {date} loaded").match("info pattern 20261122 loaded"), "20261122");
    EXPECT_EQ(LinePattern("* infected: *").match("C:\\a.exe infected: X"), "");
    EXPECT_FALSE(LinePattern("* infected: *").match("nothing is infected"));
    EXPECT_FALSE(LinePattern("ab*ba").match("aba"));
    EXPECT_FALSE(LinePattern("").match(""));
    EXPECT_EQ(LinePattern("all").match("all"), "");
    EXPECT_FALSE(LinePattern("all").match("all of it"));
}

TEST(ProductDate, IsReadInTheFormsThatProductsUse) {
    const std::pair<std::string_view, std::string_view> forms[] = {{"2026-11-22", "2026-11-22 00:00"},
                                                                   {"2026/11/22 04:05", "2026-11-22 04:05"},
                                                                   {"2026-11-22T04:05:06Z", "2026-11-22 13:05"},
                                                                   {"20261122", "2026-11-22 00:00"},
                                                                   {"rev 17.005, 22 Nov 2026", "2026-11-22 00:00"},
                                                                   {"Nov 22, 2026 11:00:00", "2026-11-22 11:00"},
                                                                   {"2026年11月22日 8:05", "2026-11-22 08:05"}};
    for (const auto& [text, wanted] : forms) {
        const auto at = parse_product_date(text);
        ASSERT_TRUE(at) << text;
        EXPECT_EQ(base::format_local(*at), wanted) << text;
    }
    for (const auto text : {"", "never", "2026-13-01", "version 12.5.6", "1998-01-01", "120261122"})
        EXPECT_FALSE(parse_product_date(text)) << text;
}

TEST(CityProduct, IsReadThroughItsLogStatusFileAndCommand) {
    sys::TemporaryFolder folder;
    ProductFiles files;
    EXPECT_FALSE(is_configured(files));
    files.log_file = folder.path() / "av.log";
    files.detection_pattern = "* DETECTED *";
    files.date_pattern = "*Pattern: {date}*";
    const base::Instant now = *base::parse_instant("2026-11-22 09:00");
    std::string position;
    EXPECT_FALSE(product_state(files).is_running);
    EXPECT_EQ(read_detections(files, position, now).back().state, signals::State::Raise);

    write(files.log_file, "10:00 DETECTED old C:\\x\n10:01 Pattern: 2026-11-20 03:00\n");
    EXPECT_EQ(base::format_local(product_state(files).signatures_at.value()), "2026-11-20 03:00");
    position.clear();
    EXPECT_EQ(read_detections(files, position, now).size(), 1U);  // the log is there; what is in it is no news
    std::ofstream(files.log_file, std::ios::app) << "11:00 DETECTED Trojan.X in \\\\pc-12\\a.doc\n11:01 all is well\n";
    auto told = read_detections(files, position, now);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].kind, "antivirus.detected");
    EXPECT_NE(told[0].text.find("Trojan.X in \\\\pc-12\\a.doc"), std::string::npos);
    EXPECT_EQ(told[1].state, signals::State::Clear);
    EXPECT_EQ(read_detections(files, position, now).size(), 1U);  // once

    files.command = {"sh", "-c", "echo 'Pattern: 2026-11-22 05:00'"};
    EXPECT_EQ(base::format_local(product_state(files).signatures_at.value()), "2026-11-22 05:00");
    files.command = {"sh", "-c", "exit 3"};
    EXPECT_FALSE(product_state(files).is_running);
    files.command = {"sleep", "60"};
    files.patience = 100ms;
    EXPECT_FALSE(product_state(files).is_running);
}

TEST(CityProduct, IsJudgedByTheEndOfALogOfAnySize) {
    sys::TemporaryFolder folder;
    ProductFiles files;
    files.log_file = folder.path() / "av.log";
    files.date_pattern = "*Pattern: {date}*";
    {
        std::ofstream log(files.log_file);
        log << "Pattern: 2026-01-01\n";
        log.seekp(std::streamoff{8} << 30);  // a sparse file
        log << "\nPattern: 2026-11-20 03:00\nall is well\n";
    }
    const EngineState state = product_state(files);
    ASSERT_TRUE(state.signatures_at);
    EXPECT_EQ(base::format_local(*state.signatures_at), "2026-11-20 03:00");
    files.log_file = folder.path();
    EXPECT_FALSE(product_state(files).is_running);
}

/// Finds `bad` in a file; goes away when told to.
class FakeEngine final : public Engine {
  public:
    int scans = 0;
    bool is_there = true;
    Answer scan(std::string_view bytes) override {
        ++scans;
        if (!is_there) return {Verdict::NotScanned, "", "接続できません。"};
        if (bytes.find("bad") != std::string_view::npos) return {Verdict::Infected, "Fake.Bad", ""};
        return {Verdict::Clean, "", ""};
    }
    EngineState state() override {
        EngineState state;
        state.is_running = is_there;
        return state;
    }
};

TEST(Sweep, GoesOnWhereItStoppedAndTellsWhatIsInfectedAndWhatNoLongerIs) {
    sys::TemporaryFolder folder;
    const fs::path tree = folder.path() / "tree", note = folder.path() / "position";
    fs::create_directories(tree / "b");
    for (int i = 0; i < 10; ++i) write(tree / fmt::format("f{}", i), "well");
    write(tree / "b/one", "this is bad");
    FakeEngine engine;
    base::FixedClock clock({0});
    std::vector<signals::Signal> told;
    SweepOptions options;
    options.bytes_per_second = 4;  // each small file is due a second
    std::chrono::milliseconds waited{0};
    options.pause = [&](std::chrono::milliseconds time) {
        waited += time;
        clock.advance(time);
    };
    int left = 4;
    options.is_stopped = [&] { return left-- == 0; };
    const auto take = [&](signals::Signal one) { told.push_back(std::move(one)); };
    Swept part = sweep(engine, {tree}, note, options, clock, take);
    EXPECT_EQ(part.files, 4);
    EXPECT_FALSE(part.is_finished);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].state, signals::State::Raise);
    EXPECT_GE(waited, 5s);
    options.is_stopped = nullptr;
    part = sweep(engine, {tree}, note, options, clock, take);
    EXPECT_EQ(part.files, 7);
    EXPECT_TRUE(part.is_finished);
    EXPECT_EQ(engine.scans, 11);  // none twice
    write(tree / "b/one", "cured");
    told.clear();
    EXPECT_EQ(sweep(engine, {tree}, note, options, clock, take).files, 11);  // a new round
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].state, signals::State::Clear);
}

TEST(Sweep, TellsOfFoldersThatItCannotLookIntoUntilItCan) {
    sys::TemporaryFolder folder;
    fs::create_directories(folder.path() / "tree");
    write(folder.path() / "tree/a", "well");
    FakeEngine engine;
    base::FixedClock clock({0});
    std::vector<signals::Signal> told;
    const auto round = [&] {
        told.clear();
        return sweep(engine, {folder.path() / "tree", folder.path() / "gone"}, folder.path() / "p", {}, clock,
                     [&](signals::Signal one) { told.push_back(std::move(one)); });
    };
    for (int again = 0; again < 2; ++again) {
        const Swept swept = round();
        EXPECT_EQ(swept.files, 1);
        EXPECT_EQ(swept.not_scanned, 1);
        ASSERT_EQ(told.size(), 1U);
        EXPECT_EQ(told[0].kind, "antivirus.unscanned");
        EXPECT_EQ(told[0].subject, (folder.path() / "gone").string());
        EXPECT_EQ(told[0].state, signals::State::Raise);
    }
    fs::create_directories(folder.path() / "gone");
    EXPECT_EQ(round().not_scanned, 0);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].state, signals::State::Clear);
    round();
    EXPECT_TRUE(told.empty());
}

TEST(Sweep, ClearsAFileThatWasTooLargeAndIsNoMore) {
    sys::TemporaryFolder folder;
    fs::create_directories(folder.path() / "tree");
    write(folder.path() / "tree/a", "much too large");
    FakeEngine engine;
    base::FixedClock clock({0});
    std::vector<signals::Signal> told;
    SweepOptions options;
    options.largest = 5;
    const auto round = [&] {
        told.clear();
        sweep(engine, {folder.path() / "tree"}, folder.path() / "p", options, clock,
              [&](signals::Signal one) { told.push_back(std::move(one)); });
    };
    round();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, "antivirus.unscanned");
    write(folder.path() / "tree/a", "ok");
    round();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, "antivirus.unscanned");
    EXPECT_EQ(told[0].state, signals::State::Clear);
}

TEST(Sweep, CountsNothingAsScannedWhileTheEngineIsAway) {
    sys::TemporaryFolder folder;
    fs::create_directories(folder.path() / "tree");
    write(folder.path() / "tree/a", "bad");
    FakeEngine engine;
    engine.is_there = false;
    base::FixedClock clock({0});
    int told = 0;
    const auto take = [&](signals::Signal) { ++told; };
    Swept part = sweep(engine, {folder.path() / "tree"}, folder.path() / "p", {}, clock, take);
    EXPECT_EQ(part.files, 0);
    EXPECT_FALSE(part.is_finished);
    EXPECT_NE(part.problem, "");
    engine.is_there = true;
    part = sweep(engine, {folder.path() / "tree"}, folder.path() / "p", {}, clock, take);
    EXPECT_EQ(part.infected, 1);
    EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace antivirus
