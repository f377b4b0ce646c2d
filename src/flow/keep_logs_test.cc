// The watch's desk of logs on a town's site: what it keeps, what it says when it cannot, and the archives that are
// asked for.
#include "flow/keep_logs.h"

#include <fstream>

#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/process.h"
#include "watch/log_archive/requests.h"
#include "watch/log_archive/search.h"

namespace flow {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class LogDeskTest : public ::testing::Test {
  protected:
    testing::Town town_{"sqlite"};
    std::vector<signals::Signal> told_;
    settings::Settings settings_ = town_.site->settings;

    std::unique_ptr<LogDesk> desk(Site* site) {
        return std::make_unique<LogDesk>(
            site, town_.site->watch(), town_.site->folders.site, settings_, town_.clock,
            [this](std::span<const signals::Signal> all) { told_.insert(told_.end(), all.begin(), all.end()); });
    }
    void append(const fs::path& file, const std::string& line) {
        fs::create_directories(file.parent_path());
        std::ofstream(file, std::ios::app) << line << "\n";
    }
    log_archive::Place place() { return log_place(town_.site->watch(), town_.site->folders, town_.clock); }
    std::vector<log_archive::Day> days() {
        return town_.site->watch().read([](sys::Reader& db) { return log_archive::list_days(db); });
    }
    /// Whether the newest word on it is that it is wrong; nothing when there was none.
    std::optional<bool> is_wrong(std::string_view kind, std::string_view subject) {
        std::optional<bool> wrong;
        for (const auto& one : told_)
            if (one.kind == kind && one.subject == subject) wrong = one.state == signals::State::Raise;
        return wrong;
    }
};

TEST_F(LogDeskTest, KeepsEveryKindOfLog) {
    settings_.log_archive.files = {{"nginx-error", (town_.site->folders.site / "logs/error.log").string()}};
    append(town_.site->folders.site / "logs/access.log",
           R"(192.0.2.7 - - [01/Apr/2027:09:00:00 +0900] "GET / HTTP/1.1" 200 1 "-" "-")");
    append(office_log_file(town_.site->folders),
           R"(192.0.2.7 - - [01/Apr/2027:09:00:00 +0900] "GET /pages HTTP/1.1" 200 1 "-" "-")");
    append(system_log_file(town_.site->folders, "watch"), R"({"time":"2027-04-01T00:00:00.000Z","what":"x"})");
    append(town_.site->folders.site / "logs/error.log", "2027/04/01 09:00:00 [error] x");
    town_.site->watch().write([&](sys::Transaction& tx) {
        ledger::append(tx,
                       {town_.clock.now(), "service:watch", "anomaly.open", "anomaly:1", R"({"source":"intrusion"})"},
                       ledger::kWatch);
    });
    desk(town_.site.get())->turn({});
    std::map<std::string, std::int64_t> lines;
    for (const auto& day : days()) lines[day.series] += day.lines;
    EXPECT_EQ(lines["access"], 1);
    EXPECT_EQ(lines["office"], 1);
    EXPECT_EQ(lines["system-watch"], 1);
    EXPECT_EQ(lines["other-nginx-error"], 1);
    EXPECT_EQ(lines["audit-watch"], 1);
    EXPECT_GT(lines["audit-office"], 3);
    EXPECT_GT(lines["security"], 1);
    EXPECT_LT(lines["security"], lines["audit-office"] + 1);
}

TEST_F(LogDeskTest, SaysThatALogCannotBeReadOnlyWhenItStaysAway) {
    settings_.log_archive.files = {{"app", (town_.site->folders.site / "logs/app.log").string()}};
    const auto logs = desk(town_.site.get());
    logs->turn({});
    EXPECT_FALSE(is_wrong("log.unread", "other-app"));
    town_.clock.advance(4min);
    logs->turn({});
    EXPECT_EQ(is_wrong("log.unread", "other-app"), true);
    append(town_.site->folders.site / "logs/app.log", "2027-04-01 10:00:00 x");
    logs->turn({});
    EXPECT_EQ(is_wrong("log.unread", "other-app"), false);
}

TEST_F(LogDeskTest, DoesNotShowAFileThatIsNoLog) {
    settings_.log_archive.files = {{"a", (town_.site->folders.site / "yakuba.toml").string()},
                                   {"b", "logs/../yakuba.toml"}};
    settings_.monitor.access_logs = {"/etc/passwd"};
    const auto logs = desk(town_.site.get());
    logs->turn({});
    town_.clock.advance(4min);
    logs->turn({});
    EXPECT_EQ(is_wrong("log.unread", "other-a"), true);
    EXPECT_EQ(is_wrong("log.unread", "other-b"), true);
    EXPECT_EQ(is_wrong("log.unread", "access-etc-passwd"), true);
    for (const auto& day : days()) EXPECT_TRUE(day.kind != "other" && day.kind != "access") << day.series;
}

TEST_F(LogDeskTest, SaysThatADayWasChangedUntilItIsBack) {
    append(town_.site->folders.site / "logs/access.log",
           R"(192.0.2.7 - - [01/Apr/2027:09:00:00 +0900] "GET / HTTP/1.1" 200 1 "-" "-")");
    desk(town_.site.get())->turn({});
    town_.clock.advance(15h);
    desk(town_.site.get())->turn({});
    EXPECT_EQ(is_wrong("log.changed", "access"), false);
    const fs::path file = place().folder / "access/2027-04-01.log";
    const std::string bytes = sys::read_file(file);
    sys::write_file(file, std::string(bytes.size(), 'x'));
    town_.clock.advance(24h);
    desk(town_.site.get())->turn({});
    EXPECT_EQ(is_wrong("log.changed", "access"), true);
    sys::write_file(file, bytes);
    town_.clock.advance(24h);
    desk(town_.site.get())->turn({});
    EXPECT_EQ(is_wrong("log.changed", "access"), false);
}

TEST_F(LogDeskTest, GoesOnInTheOfficesLedgerOnceItsDatabaseIsBack) {
    const auto count = [&](std::string_view series) {
        std::int64_t lines = 0;
        for (const auto& day : days())
            if (day.series == series) lines += day.lines;
        return lines;
    };
    desk(town_.site.get())->turn({});
    const auto security = count("security"), audit = count("audit-office");
    desk(nullptr)->turn({});
    EXPECT_EQ(is_wrong("log.unread", "audit-office"), true);
    desk(town_.site.get())->turn({});
    EXPECT_EQ(count("security"), security);
    EXPECT_EQ(count("audit-office"), audit);
}

TEST_F(LogDeskTest, MakesTheArchiveThatWasAskedFor) {
    append(town_.site->folders.site / "logs/access.log",
           R"(192.0.2.7 - - [01/Apr/2027:09:00:00 +0900] "GET / HTTP/1.1" 200 1 "-" "-")");
    const auto logs = desk(town_.site.get());
    logs->turn({});
    log_archive::Request request;
    request.by = fmt::format("person:{}", town_.chief.person.value);
    request.why = "照会";
    request.from = town_.clock.now() - 24h;
    request.until = town_.clock.now();
    const auto id = town_.site->watch().write(
        [&](sys::Transaction& tx) { return log_archive::ask(tx, request, town_.clock.now()); });
    logs->make_exports({});
    const auto made = town_.site->watch().read([&](sys::Reader& db) { return log_archive::load_request(db, id); });
    EXPECT_EQ(made.state, "ready") << made.problem;
    const fs::path file = export_file(town_.site->folders, id);
    EXPECT_EQ(sys::sha256(sys::read_file(file)).hex(), made.sha256);
    const char* const kRead = "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('index.html').decode())";
    const std::string index = sys::run({{"python3", "-c", kRead, file.string()}}).output;
    EXPECT_NE(index.find("名前 chief（"), std::string::npos)
        << "who receives it knows no numbers of persons: " << index;
    ledger::Search search;
    search.stream = std::string(ledger::kWatch);
    search.act = "log.exported";
    EXPECT_EQ(town_.site->watch().read([&](sys::Reader& db) { return ledger::find_lines(db, search); }).size(), 1U);
    town_.clock.advance(log_archive::kKeptFor + 1min);
    logs->make_exports({});
    EXPECT_FALSE(fs::exists(file));
}

TEST_F(LogDeskTest, SignsWithOneKeyThatStandsInTheLedger) {
    const auto first = load_log_key(place(), town_.site->folders).public_key();
    EXPECT_EQ(load_log_key(place(), town_.site->folders).public_key(), first);
    ledger::Search search;
    search.stream = std::string(ledger::kWatch);
    search.act = "log.key-made";
    EXPECT_EQ(town_.site->watch().read([&](sys::Reader& db) { return ledger::find_lines(db, search); }).size(), 1U);
    fs::permissions(town_.site->folders.keys / "logs.key", fs::perms::group_read, fs::perm_options::add);
    EXPECT_THROW(load_log_key(place(), town_.site->folders), base::Error);
}

}  // namespace
}  // namespace flow
