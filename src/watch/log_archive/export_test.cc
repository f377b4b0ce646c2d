#include "watch/log_archive/export.h"

#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"
#include "watch/log_archive/mask.h"
#include "watch/log_archive/requests.h"
#include "watch/logs/access_line.h"

namespace log_archive {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using base::Instant;

namespace {

Instant at(std::string_view text) {
    return base::parse_instant(text).value();
}

std::string masked(std::string_view line) {
    Masker masker("secret");
    std::string to;
    masker.mask(line, to);
    return to;
}

/// A site with three days of an access log, the first two of them sealed, the first packed.
class ExportTest : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    base::FixedClock clock_{at("2026-11-22 00:00:30")};
    std::unique_ptr<sys::Database> database_ = [&] {
        auto database =
            sys::Database::open({.url = {}, .file = folder_.path() / "watch.db", .readers = 4, .schema = {}});
        std::vector<sys::Migration> all;
        for (const auto& part : {ledger::migrations(), migrations(), request_migrations()})
            all.insert(all.end(), part.begin(), part.end());
        sys::migrate(*database, all);
        return database;
    }();
    Place place_{*database_, folder_.path() / "archive", clock_};
    fs::path log_ = folder_.path() / "access.log";
    std::vector<Series> series_{{"access", "access", log_.string(), file_source(log_)}};
    sys::SigningKey key_ = sys::SigningKey::from_seed(std::string(32, '7'));
    fs::path out_ = folder_.path() / "logs.zip";

    void SetUp() override {
        for (const char* when : {"2026-11-20 23:59:58", "2026-11-20 23:59:59", "2026-11-21 00:00:00",
                                 "2026-11-21 12:00:00", "2026-11-21 23:59:59", "2026-11-22 00:00:00"})
            add(when);
        clock_.advance(15min);
        turn();
    }

    void add(std::string_view when, std::string_view path = "/", std::string_view agent = "Mozilla/5.0") {
        logs::Access one;
        one.address = "192.0.2.7";
        one.at = at(when);
        one.method = "GET";
        one.target = path;
        one.status = 200;
        one.agent = agent;
        std::string line;
        logs::append_access_line(line, one);
        std::ofstream(log_, std::ios::app) << line << "\n";
    }
    void turn() {
        const auto collected = collect(place_, series_);
        seal(place_, collected, {400, 1});
    }

    Order order(std::string_view from, std::string_view until) {
        Order order;
        order.from = at(from);
        order.until = at(until);
        order.by = "person:1";
        order.why = "照会";
        order.key = &key_;
        order.verifier = sys::read_file(fs::path(YAKUBA_SOURCE_DIR) / "tools/verify_logs.py");
        return order;
    }

    /// Exit code of the verifier, and what it said.
    std::pair<int, std::string> run_verifier(const std::vector<std::string>& more = {}) {
        sys::Command command;
        command.arguments = {"python3", YAKUBA_SOURCE_DIR "/tools/verify_logs.py", out_.string()};
        command.arguments.insert(command.arguments.end(), more.begin(), more.end());
        const auto outcome = sys::run(command);
        return {outcome.exit_code, outcome.output + outcome.errors};
    }

    /// A member of the archive, as another program reads it.
    std::string member(const std::string& name) {
        sys::Command command;
        command.arguments = {
            "python3", "-c",
            "import sys,zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))",
            out_.string(), name};
        return sys::run(command).output;
    }
};

std::int64_t count_lines(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_F(ExportTest, CutsToTheSecondAtTheBordersOfDays) {
    const std::tuple<const char*, const char*, int> kCases[] = {
        {"2026-11-20", "2026-11-21", 2},
        {"2026-11-21", "2026-11-22", 3},
        {"2026-11-20 23:59:59", "2026-11-21 00:00:00", 1},
        {"2026-11-20 23:59:59", "2026-11-21 00:00:01", 2},
        {"2026-11-21 00:00:00", "2026-11-21 23:59:59", 2},
        {"2026-11-20", "2026-11-23", 6},
        {"2026-11-23", "2026-11-24", 0},
    };
    for (const auto& [from, until, lines] : kCases) {
        SCOPED_TRACE(std::string(from) + " " + until);
        EXPECT_EQ(export_logs(place_, order(from, until), out_).lines, lines);
    }
    EXPECT_EQ(run_verifier(), std::pair(0, std::string("all is well\n")));
    EXPECT_THROW(export_logs(place_, order("2026-11-22", "2026-11-22"), out_), base::Error);
}

TEST_F(ExportTest, TakesSealedDaysOverAsTheyAreAndSaysSo) {
    const Exported made = export_logs(place_, order("2026-11-20", "2026-11-23"), out_);
    ASSERT_GE(made.members.size(), 3U);
    EXPECT_EQ(made.members[0].day.state, State::Packed);
    EXPECT_TRUE(made.members[0].is_sealed_whole);
    EXPECT_EQ(made.members[0].sha256, made.members[0].day.sha256);
    EXPECT_EQ(count_lines(member("logs/access/2026-11-20.log")), 2);
    EXPECT_EQ(made.sha256, sys::sha256(sys::read_file(out_)));
    EXPECT_EQ(run_verifier({"--key", made.key}).first, 0);
    EXPECT_EQ(run_verifier({"--key", std::string(64, '0')}).first, 1);
    const std::string html = member("index.html");
    EXPECT_NE(html.find("照会"), std::string::npos);
}

TEST_F(ExportTest, IsRefusedByTheVerifierWhenAnythingWasChanged) {
    export_logs(place_, order("2026-11-20", "2026-11-23"), out_);
    sys::Command command;
    command.arguments = {"python3", "-c", R"python(
import sys, zipfile
sys.path.insert(0, sys.argv[2] + "/tools")
from verify_logs import verify
old = zipfile.ZipFile(sys.argv[1])
all = [(name, old.read(name)) for name in old.namelist()]
assert verify(sys.argv[1]) == []
for name, how in [("logs/access/2026-11-20.log", "change"), ("logs/access/2026-11-21.log", "drop"),
                  ("logs/access/2026-11-25.log", "add"), ("index.json", "change"), ("index.json.sig", "change"),
                  ("index.html", "change"), ("proof/ledger.jsonl", "change"), ("proof/ledger.jsonl", "drop")]:
    with zipfile.ZipFile(sys.argv[1], "w") as new:
        for one, data in all:
            if one == name and how == "change": data = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]
            if one != name or how != "drop": new.writestr(one, data)
        if how == "add": new.writestr(name, b"x")
    try:
        if not verify(sys.argv[1]): print("not found:", how, name)
    except (ValueError, KeyError): pass
)python",
                         out_.string(), YAKUBA_SOURCE_DIR};
    const auto outcome = sys::run(command);
    EXPECT_EQ(outcome.output + outcome.errors, "");
    EXPECT_EQ(outcome.exit_code, 0);
}

TEST_F(ExportTest, RefusesAPackedDayThatWasChanged) {
    const fs::path file = folder_.path() / "archive/access/2026-11-20.log.gz";
    std::string bytes = sys::read_file(file);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    sys::write_file(file, bytes);
    EXPECT_THROW(export_logs(place_, order("2026-11-20", "2026-11-21"), out_), base::Error);
    EXPECT_FALSE(fs::exists(out_));
    EXPECT_EQ(export_logs(place_, order("2026-11-21", "2026-11-22"), out_).lines, 3);
}

TEST_F(ExportTest, MasksWhatItSaysAndCountsIt) {
    add("2026-11-22 10:00:00", "/search?q=secret%20words", "someone@city.example.jp");
    turn();
    Order masked = order("2026-11-22 10:00", "2026-11-22 10:01");
    masked.is_masked = true;
    const Exported made = export_logs(place_, masked, out_);
    EXPECT_EQ(made.lines, 1);
    EXPECT_EQ(made.masked.addresses, 1);
    EXPECT_EQ(made.masked.queries, 1);
    EXPECT_EQ(made.masked.mails, 1);
    const std::string line = member("logs/access/" + base::format_day(made.members[0].day.day) + ".log");
    EXPECT_TRUE(
        line.starts_with("192.0.2.0 - - [22/Nov/2026:10:00:00 +0900] \"GET /search?- HTTP/1.1\" 200 0 \"-\" \"mail-"))
        << line;
    EXPECT_NE(member("index.json").find("/48"), std::string::npos);
    EXPECT_EQ(run_verifier().first, 0);
    EXPECT_FALSE(made.members[0].is_sealed_whole);
}

TEST_F(ExportTest, NeedsMemoryThatDoesNotGrowWithTheLog) {
    for (int each = 0; each < 1000; ++each)
        std::ofstream(log_, std::ios::app) << std::string(60'000, 'x') << "\n";  // 60 MB, of which 16 MB are kept
    const auto peak = [] {
        rusage use{};
        ::getrusage(RUSAGE_SELF, &use);
        return use.ru_maxrss;
    };
    const long before = peak();
    while (!collect(place_, series_)[0].is_whole) {
    }
    Order all = order("2026-11-20", "2026-11-24");
    all.is_masked = true;
    EXPECT_GE(export_logs(place_, all, out_).lines, 1000);
    EXPECT_LT(peak() - before, 24'000);  // KB
}

TEST_F(ExportTest, IsAskedForMadeAndForgotten) {
    Request asked;
    asked.by = "person:3";
    asked.from = at("2026-11-20");
    asked.until = at("2026-11-22");
    const auto ask_now = [&] {
        return database_->write([&](sys::Transaction& tx) { return ask(tx, asked, clock_.now()); });
    };
    EXPECT_THROW(ask_now(), base::Error);  // no reason
    asked.why = "警察からの照会";
    asked.kinds = {"nothing"};
    EXPECT_THROW(ask_now(), base::Error);
    asked.kinds = {"access"};
    const auto id = ask_now();
    const auto waiting = database_->read([](sys::Reader& db) { return find_waiting(db); });
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->id, id);
    EXPECT_EQ(waiting->kinds, asked.kinds);
    database_->write([&](sys::Transaction& tx) { finish(tx, *waiting, Exported{}, clock_.now()); });
    EXPECT_FALSE(database_->read([](sys::Reader& db) { return find_waiting(db); }));
    EXPECT_TRUE(database_->write([&](sys::Transaction& tx) { return expire(tx, clock_.now()); }).empty());
    clock_.advance(kKeptFor + 1min);
    EXPECT_EQ(database_->write([&](sys::Transaction& tx) { return expire(tx, clock_.now()); }).size(), 1U);
    EXPECT_EQ(database_->read([&](sys::Reader& db) { return load_request(db, id); }).state, "removed");
    for (int each = 0; each < kMostWaiting; ++each) ask_now();
    EXPECT_THROW(ask_now(), base::Error);
}

TEST(Mask, ShortensAddresses) {
    EXPECT_EQ(masked("192.0.2.77"), "192.0.2.0");
    EXPECT_EQ(masked("client: 198.51.100.23, port"), "client: 198.51.100.0, port");
    EXPECT_EQ(masked("203.0.113.9:51234"), "203.0.113.0:51234");
    EXPECT_EQ(masked("2001:db8:1:2::3 -"), "2001:db8:1:: -");
    EXPECT_EQ(masked("[2001:db8:1:2::3]:443"), "[2001:db8:1::]:443");
    EXPECT_EQ(masked("::ffff:192.0.2.77"), "::ffff:192.0.2.0");
    EXPECT_EQ(masked(R"({"address":"192.0.2.77"})"), R"({"address":"192.0.2.0"})");
    EXPECT_EQ(masked("at 17:50:28 took 0.013"), "at 17:50:28 took 0.013");
}

TEST(Mask, TakesQueriesOutWhole) {
    EXPECT_EQ(masked(R"("GET /a?q=x&y=1 HTTP/1.1" 200)"), R"("GET /a?- HTTP/1.1" 200)");
    // What looks like the query's end inside it is not its end.
    EXPECT_EQ(masked(R"("GET /a?q=one two HTTP/1.1" 200)"), R"("GET /a?- HTTP/1.1" 200)");
    EXPECT_EQ(masked(R"("GET /a?q=\"name\" rest HTTP/1.1" 200)"), R"("GET /a?- HTTP/1.1" 200)");
    EXPECT_EQ(masked(R"("GET /a?q=\x22name\x22 HTTP/1.1" 200 1 "https://b.example/?q=z" "agent")"),
              R"("GET /a?- HTTP/1.1" 200 1 "https://b.example/?-" "agent")");
    EXPECT_EQ(masked("open /a?token=1 failed"), "open /a?- failed");
    EXPECT_EQ(masked("really? yes"), "really? yes");
}

TEST(Mask, PutsTheSameWordForTheSameName) {
    const std::string line = R"(192.0.2.7 - sato [22/Nov/2026:17:50:28 +0900] "GET / HTTP/1.1" 200 1 "-" "-")";
    const std::string word = masked(line).substr(12, 15);
    EXPECT_TRUE(word.starts_with("name-"));
    EXPECT_EQ(masked("Failed password for sato from 192.0.2.9"), "Failed password for " + word + " from 192.0.2.0");
    EXPECT_EQ(masked("Failed password for invalid user sato from x"),
              "Failed password for invalid user " + word + " from x");
    EXPECT_EQ(masked("rejected user=<sato>, method"), "rejected user=<" + word + ">, method");
    EXPECT_EQ(masked("user=\"sato\" x"), "user=\"" + word + "\" x");
    EXPECT_EQ(masked(R"({"login":"sato","n":1})"), R"({"login":")" + word + R"(","n":1})");
    EXPECT_EQ(masked(R"({"name":"佐藤 \"花子\"","n":1})").find("佐藤"), std::string::npos);
    EXPECT_EQ(masked("user agent missing"), "user agent missing");
    EXPECT_EQ(masked("<  [22/Nov/3026:17:50:28 +0900]"), "<  [22/Nov/3026:17:50:28 +0900]");  // a name of no length
    EXPECT_EQ(masked("sato@city.example.jp"), masked("mailto:sato%40city.example.jp").substr(7));
}

}  // namespace log_archive
