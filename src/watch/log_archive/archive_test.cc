#include "watch/log_archive/archive.h"

#include <fstream>
#include <random>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "watch/log_archive/export.h"
#include "watch/log_archive/inside/store.h"
#include "watch/log_archive/packing.h"
#include "watch/log_archive/search.h"
#include "watch/log_archive/stamp.h"
#include "watch/logs/access_line.h"

namespace log_archive {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using base::Instant;

namespace {

std::unique_ptr<sys::Database> open_database(const fs::path& folder) {
    auto database = sys::Database::open({.url = {}, .file = folder / "watch.db", .readers = 2, .schema = {}});
    std::vector<sys::Migration> all;
    for (const auto& part : {ledger::migrations(), migrations()}) all.insert(all.end(), part.begin(), part.end());
    sys::migrate(*database, all);
    return database;
}

Instant at(std::string_view text) {
    return base::parse_instant(text).value();
}

std::string access(std::string_view when, std::string_view path = "/", std::string_view address = "192.0.2.7") {
    logs::Access one;
    one.address = address;
    one.at = at(when);
    one.method = "GET";
    one.target = path;
    one.status = 200;
    one.bytes = 12;
    std::string line;
    logs::append_access_line(line, one);
    return line;
}

class ArchiveTest : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    base::FixedClock clock_{at("2026-11-22 12:00")};
    std::unique_ptr<sys::Database> database_ = open_database(folder_.path());
    Place place_{*database_, folder_.path() / "archive", clock_};
    fs::path log_ = folder_.path() / "access.log";
    std::vector<Series> series_{{"access", "access", log_.string(), file_source(log_)}};
    Policy policy_{30, 1};

    void append(const std::string& text) { std::ofstream(log_, std::ios::app) << text; }
    std::vector<Collected> collect() { return log_archive::collect(place_, series_); }
    Sealed turn() {
        const auto collected = collect();
        return seal(place_, collected, policy_);
    }
    std::vector<Day> days() {
        return database_->read([](sys::Reader& db) { return list_days(db, Filter{{}, {}, {}, true}); });
    }
    std::string lines(std::string_view day) {
        std::string all;
        for (const Day& one : days())
            if (base::format_day(one.day) == day && one.bytes > 0)
                each_line_of(place_, one, [&](std::string_view line, Instant) {
                    all += std::string(line) + "\n";
                    return true;
                });
        return all;
    }
    std::vector<std::string> acts() {
        ledger::Search search;
        search.stream = std::string(ledger::kWatch);
        search.limit = 1000;
        std::vector<std::string> all;
        database_->read([&](sys::Reader& db) {
            for (const auto& line : ledger::find_lines(db, search))
                all.push_back(line.entry.act + " " + line.entry.subject);
        });
        std::sort(all.begin(), all.end());
        return all;
    }
};

}  // namespace

TEST(Stamp, ReadsWhatServersWrite) {
    const Instant near = at("2027-01-03 00:00");
    const std::pair<const char*, const char*> kCases[] = {
        {R"(192.0.2.7 - - [22/Nov/2026:17:50:28 +0900] "GET / HTTP/1.1" 200 1 "-" "-")", "2026-11-22 17:50:28"},
        {R"({"time":"2026-11-22T08:50:28.000Z","level":"info"})", "2026-11-22 17:50:28"},
        {R"({"stream":"watch","seq":3,"at":"2026-11-22T08:50:28.000Z"})", "2026-11-22 17:50:28"},
        {R"({"stream":"watch","seq":3,"at":"2026-11-22T08:50:28.000Z","detail":{"time":"2020-01-01T00:00:00Z"}})",
         "2026-11-22 17:50:28"},
        {"2026-11-22T17:50:28+09:00 host app[1]: x", "2026-11-22 17:50:28"},
        {"<6>2026-11-22 17:50 placed", "2026-11-22 17:50"},
        {"2026/11/22 17:50:28 [error] 7#7: *1 open()", "2026-11-22 17:50:28"},
        {"[Sun Nov 22 17:50:28.000000 2026] [core:error]", "2026-11-22 17:50:28"},
        {"Dec 31 23:59:59 host sshd[1]: x", "2026-12-31 23:59:59"},
        {"Jan  2 03:04:05 host sshd[1]: x", "2027-01-02 03:04:05"},
    };
    for (const auto& [line, time] : kCases) {
        SCOPED_TRACE(line);
        EXPECT_EQ(stamp_of(line, near), at(time));
    }
    for (const char* line : {"", "no time", "2026-13-22 17:50:28", "\xff\xfe", "{\"time\":1}", "[22/Nov/2026]"}) {
        SCOPED_TRACE(line);
        EXPECT_FALSE(stamp_of(line, near));
    }
}

TEST_F(ArchiveTest, PutsEachLineIntoItsDayOnce) {
    append(access("2026-11-21 23:59:59") + "\n" + access("2026-11-22 00:00:00") + "\nno time\n");
    collect();
    append(access("2026-11-22 11:00:00", "/b") + "\nhalf");
    collect();
    collect();
    EXPECT_EQ(lines("2026-11-21"), access("2026-11-21 23:59:59") + "\n");
    EXPECT_EQ(lines("2026-11-22"),
              access("2026-11-22 00:00:00") + "\nno time\n" + access("2026-11-22 11:00:00", "/b") + "\n");
}

TEST_F(ArchiveTest, LosesNoLineAndTakesNoneTwiceOverEveryKindOfRotation) {
    const auto rotated = [&](const char* suffix) { return fs::path(log_.string() + suffix); };
    std::string expected;
    int number = 0;
    const auto write = [&](int count) {
        for (int each = 0; each < count; ++each) {
            const std::string line = access("2026-11-22 10:00:00", "/" + std::to_string(++number)) + "\n";
            expected += line;
            append(line);
        }
    };
    write(30);
    collect();
    write(5);
    fs::rename(log_, rotated(".1"));  // renamed, and again before anybody looks
    write(7);
    fs::rename(rotated(".1"), rotated(".2"));
    fs::rename(log_, rotated(".1"));
    write(3);
    collect();
    EXPECT_EQ(lines("2026-11-22"), expected) << "renamed";
    write(4);
    fs::copy_file(log_, rotated("-20261122"));  // copied and cut
    fs::resize_file(log_, 0);
    write(40);
    collect();
    collect();
    EXPECT_EQ(lines("2026-11-22"), expected) << "copied and cut";
    write(6);
    {  // renamed and packed while nobody looked
        std::ofstream packed(rotated(".3.gz"), std::ios::binary);
        Packer packer(Packer::Form::Gzip, [&](std::string_view bytes) { packed << bytes; });
        packer.add(sys::read_file(log_));
        packer.finish();
    }
    fs::remove(log_);
    ::usleep(20'000);
    write(8);
    collect();
    collect();
    EXPECT_EQ(lines("2026-11-22"), expected) << "packed";
}

TEST_F(ArchiveTest, TakesAPackedLogWithTheNumberOfOneThatIsGone) {
    const auto pack = [&](const std::string& text) {  // into the same file, so that its inode stays
        std::ofstream packed(log_.string() + ".1.gz", std::ios::binary | std::ios::trunc);
        Packer packer(Packer::Form::Gzip, [&](std::string_view bytes) { packed << bytes; });
        packer.add(text);
        packer.finish();
    };
    const std::string first = access("2026-11-22 10:00:00", "/first-of-all") + "\n";
    const std::string second = access("2026-11-22 11:00:00", "/second") + "\n";
    pack(first);
    collect();
    collect();
    EXPECT_EQ(lines("2026-11-22"), first);
    pack(second);
    collect();
    collect();
    EXPECT_EQ(lines("2026-11-22"), first + second);
}

TEST_F(ArchiveTest, ReadsNothingThroughALink) {
    std::ofstream(folder_.path() / "press.key") << "secret\n";
    fs::create_symlink(folder_.path() / "press.key", log_);
    EXPECT_TRUE(collect().front().is_missing);
    fs::create_symlink(folder_.path() / "press.key", log_.string() + ".1.gz");
    const auto collected = collect();
    EXPECT_TRUE(collected.front().is_missing);
    EXPECT_EQ(collected.front().lines, 0);
    EXPECT_THROW(Pieces(log_, false), base::Error);
}

TEST_F(ArchiveTest, LosesAndDoublesNothingWhenItIsKilled) {
    // A child writes and collects until it is killed, again and again; then all lines are counted.
    std::mt19937 random(7);
    database_.reset();
    int written = 0;
    for (int round = 0; round < 12; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            const auto database = open_database(folder_.path());
            const Place place{*database, folder_.path() / "archive", clock_};
            for (;;) log_archive::collect(place, series_, 2000);
        }
        for (int each = 0; each < 300; ++each)
            append(access("2026-11-22 10:00:00", "/" + std::to_string(++written)) + "\n");
        ::usleep(static_cast<useconds_t>(random() % 40'000));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    database_ = open_database(folder_.path());
    const Place place{*database_, folder_.path() / "archive", clock_};
    while (!log_archive::collect(place, series_)[0].is_whole) {
    }
    std::string expected;
    for (int each = 1; each <= written; ++each)
        expected += access("2026-11-22 10:00:00", "/" + std::to_string(each)) + "\n";
    std::string all;
    for (const Day& one : days())
        each_line_of(place, one, [&](std::string_view line, Instant) {
            all += std::string(line) + "\n";
            return true;
        });
    EXPECT_TRUE(all == expected) << std::count(all.begin(), all.end(), '\n') << " lines of " << written;
}

TEST_F(ArchiveTest, SurvivesLinesOfAnyBytesAndLength) {
    append(std::string("\0\xff\x01\x1b[2J\n", 8) + std::string(3'000'000, 'y') + "\n" + access("2026-11-22 09:00:00") +
           "\n");
    collect();
    collect();
    const std::string all = lines("2026-11-22");
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3);
    EXPECT_LT(all.size(), 40'000U);
    EXPECT_TRUE(all.ends_with(access("2026-11-22 09:00:00") + "\n"));
}

TEST_F(ArchiveTest, SealsPacksAndRemovesByThePolicy) {
    append(access("2026-11-22 11:00:00") + "\n");
    turn();
    EXPECT_EQ(acts(), std::vector<std::string>{});
    clock_.advance(12h + 5min);  // 00:05: lines may still come
    turn();
    EXPECT_EQ(acts(), std::vector<std::string>{});
    clock_.advance(10min);
    turn();
    turn();
    EXPECT_EQ(acts(), std::vector<std::string>{"log.sealed log:access/2026-11-22"});
    clock_.advance(48h);
    turn();
    EXPECT_EQ(acts(),
              (std::vector<std::string>{"log.packed log:access/2026-11-22", "log.sealed log:access/2026-11-22",
                                        "log.sealed log:access/2026-11-23", "log.sealed log:access/2026-11-24"}));
    EXPECT_EQ(days()[0].state, State::Packed);
    EXPECT_FALSE(fs::exists(folder_.path() / "archive/access/2026-11-22.log"));
    EXPECT_EQ(lines("2026-11-22"), access("2026-11-22 11:00:00") + "\n");
    EXPECT_TRUE(verify(place_).faults.empty());
    clock_.advance(30 * 24h);
    turn();
    EXPECT_EQ(days()[0].state, State::Removed);
    EXPECT_FALSE(fs::exists(folder_.path() / "archive/access/2026-11-22.log.gz"));
    EXPECT_TRUE(verify(place_).faults.empty());
}

TEST_F(ArchiveTest, PutsWhatComesAfterItsDayWasSealedIntoToday) {
    append(access("2026-11-22 11:00:00") + "\n");
    turn();
    clock_.advance(13h);
    turn();
    append(access("2026-11-22 23:59:58", "/late") + "\n");
    turn();
    EXPECT_EQ(lines("2026-11-22"), access("2026-11-22 11:00:00") + "\n");
    EXPECT_EQ(lines("2026-11-23"), access("2026-11-22 23:59:58", "/late") + "\n");
    Search asked;
    asked.from = at("2026-11-22");
    asked.until = at("2026-11-23");
    EXPECT_EQ(search(place_, asked).hits.size(), 2U);  // found by its own time all the same
}

TEST_F(ArchiveTest, RemovesNothingBeforeItsTimeBecauseALineSaysThatItIsOld) {
    append(access("2026-11-02 11:00:00") + "\n" + access("2020-01-01 11:00:00", "/older") + "\n");
    const auto take = [&] {
        const auto collected = log_archive::collect(place_, series_, 1U << 20, policy_.keep_days);
        seal(place_, collected, policy_);
    };
    take();
    EXPECT_EQ(lines("2026-11-22"), access("2020-01-01 11:00:00", "/older") + "\n") << "older than anything kept";
    clock_.advance(24h * 29);
    take();
    EXPECT_EQ(lines("2026-11-02"), access("2026-11-02 11:00:00") + "\n") << "it came 29 days ago";
    clock_.advance(24h);
    take();
    EXPECT_EQ(days()[0].state, State::Removed);
}

TEST_F(ArchiveTest, GoesOnWhenTheClockWasAheadAndIsPutBack) {
    append(access("2026-11-22 11:00:00") + "\n");
    turn();
    clock_.set(at("2026-11-25 12:00"));
    turn();
    clock_.set(at("2026-11-22 12:01"));
    append(access("2026-11-22 12:00:30", "/b") + "\n");
    EXPECT_EQ(collect()[0].problem, "");
    EXPECT_EQ(lines("2026-11-25"), access("2026-11-22 12:00:30", "/b") + "\n");
    EXPECT_TRUE(verify(place_).faults.empty());
}

TEST_F(ArchiveTest, FindsADayThatIsMissingOrWasChanged) {
    append(access("2026-11-22 11:00:00") + "\n");
    turn();
    clock_.advance(13h);
    turn();
    const fs::path file = folder_.path() / "archive/access/2026-11-22.log";
    std::string bytes = sys::read_file(file);
    EXPECT_TRUE(verify(place_).faults.empty());
    std::string changed = bytes;
    changed[0] = '7';
    sys::write_file(file, changed);
    Verified found = verify(place_);
    ASSERT_EQ(found.faults.size(), 1U);
    EXPECT_EQ(found.faults[0].what, "changed");
    EXPECT_EQ(days()[0].fault, "changed");
    // Once found, it is looked at again each time, also when its turn has not come.
    EXPECT_EQ(verify(place_, [](const Day&) { return false; }).faults.size(), 1U);
    fs::remove(file);
    found = verify(place_);
    ASSERT_EQ(found.faults.size(), 1U);
    EXPECT_EQ(found.faults[0].what, "missing");
    sys::write_file(file, bytes);
    EXPECT_TRUE(verify(place_).faults.empty());
    EXPECT_EQ(days()[0].fault, "");
    database_->write([](sys::Transaction& tx) { tx.execute("DELETE FROM log_day WHERE day = '2026-11-22'"); });
    found = verify(place_);
    ASSERT_EQ(found.faults.size(), 1U);
    EXPECT_EQ(found.faults[0].what, "missing");
}

TEST_F(ArchiveTest, SaysWhenTodaysLinesWereChangedBeforeSealing) {
    append(access("2026-11-22 11:00:00") + "\n");
    turn();
    const fs::path file = folder_.path() / "archive/access/2026-11-22.log";
    std::string bytes = sys::read_file(file);
    bytes[0] = '7';
    std::ofstream(file) << bytes;
    clock_.advance(13h);
    EXPECT_EQ(turn().faults.size(), 1U);
    for (int day = 0; day < 2; ++day) {  // it does not become well by itself
        const Verified found = verify(place_);
        ASSERT_EQ(found.faults.size(), 1U);
        EXPECT_NE(found.faults[0].message.find("封印する前"), std::string::npos) << found.faults[0].message;
        EXPECT_EQ(days()[0].fault, "changed");
    }
    std::ofstream(file) << "";
    EXPECT_EQ(verify(place_).faults.size(), 1U);
}

TEST_F(ArchiveTest, GoesOnWhenTodaysFileWasCut) {
    append(access("2026-11-22 11:00:00") + "\n");
    turn();
    fs::resize_file(folder_.path() / "archive/access/2026-11-22.log", 3);
    append(access("2026-11-22 11:00:01") + "\n");
    EXPECT_FALSE(collect()[0].problem.empty());
    append(access("2026-11-22 11:00:02") + "\n");
    EXPECT_EQ(collect()[0].problem, "");
    clock_.advance(13h);
    EXPECT_EQ(turn().faults.size(), 1U);
    EXPECT_TRUE(lines("2026-11-22").ends_with(access("2026-11-22 11:00:02") + "\n"));
}

TEST_F(ArchiveTest, MissesALogThatWasThere) {
    EXPECT_NE(collect()[0].problem, "");
    series_[0].must_be_there = false;
    EXPECT_EQ(collect()[0].problem, "");
    append(access("2026-11-22 11:00:00") + "\n");
    EXPECT_EQ(collect()[0].problem, "");
    fs::remove(log_);
    EXPECT_NE(collect()[0].problem, "");
    clock_.advance(13h);
    turn();  // what was collected is sealed all the same
    EXPECT_EQ(acts(), std::vector<std::string>{"log.sealed log:access/2026-11-22"});
}

TEST_F(ArchiveTest, KeepsTheLinesOfTheLedger) {
    series_ = {{"audit-watch", "audit", "", ledger_source(*database_, std::string(ledger::kWatch))},
               {"security", "security", "",
                ledger_source(*database_, std::string(ledger::kWatch),
                              [](const ledger::Line& line) { return line.entry.act == "person.sign-in"; })}};
    database_->write([&](sys::Transaction& tx) {
        ledger::append(tx, {clock_.now(), "person:1", "person.sign-in", "person:1"}, ledger::kWatch);
        ledger::append(tx, {clock_.now(), "person:1", "page.save", "page:1"}, ledger::kWatch);
    });
    EXPECT_EQ(collect()[0].lines, 2);
    EXPECT_EQ(collect()[0].lines, 0);
    EXPECT_EQ(days()[0].lines, 2);
    EXPECT_EQ(days()[1].lines, 1);
}

TEST_F(ArchiveTest, SearchesByWordsAndFieldsAndGoesOnWhereItStopped) {
    for (int each = 0; each < 50; ++each)
        append(access("2026-11-22 10:00:00", "/a" + std::to_string(each), each % 2 ? "192.0.2.7" : "198.51.100.9") +
               "\n");
    collect();
    Search asked;
    asked.from = at("2026-11-22 10:00:00");
    asked.until = at("2026-11-22 10:00:01");
    asked.address = "198.51.";
    asked.limit = 20;
    Found found = search(place_, asked);
    ASSERT_EQ(found.hits.size(), 20U);
    EXPECT_FALSE(found.is_cut);
    asked.after = found.after;
    found = search(place_, asked);
    EXPECT_EQ(found.hits.size(), 5U);
    EXPECT_EQ(found.after, "");
    asked.after.clear();
    asked.text = "GET /a49 ";
    EXPECT_EQ(search(place_, asked).hits.size(), 0U);
    asked.address.clear();
    EXPECT_EQ(search(place_, asked).hits.size(), 1U);
    asked.status = "4";
    EXPECT_EQ(search(place_, asked).hits.size(), 0U);
    asked.after = "nonsense";
    EXPECT_THROW(search(place_, asked), base::Error);
}

TEST_F(ArchiveTest, StopsASearchThatReadsTooMuch) {
    for (int each = 0; each < 3000; ++each) append(access("2026-11-22 10:00:00") + "\n");
    collect();
    Search asked;
    asked.from = at("2026-11-22");
    asked.until = at("2026-11-23");
    asked.text = "nowhere";
    asked.most_bytes = 50'000;
    Found found = search(place_, asked);
    EXPECT_TRUE(found.is_cut);
    EXPECT_LT(found.lines, 2000);
    int turns = 1;
    for (; !found.after.empty(); ++turns) {
        asked.after = found.after;
        found = search(place_, asked);
    }
    EXPECT_GT(turns, 2);
    EXPECT_LT(turns, 20);
}

}  // namespace log_archive
