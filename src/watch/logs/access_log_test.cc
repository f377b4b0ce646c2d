#include "watch/logs/access_log.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "ground/sys/files.h"
#include "watch/logs/follow.h"

namespace logs {

namespace fs = std::filesystem;

namespace {

Access sample(std::string_view target = "/kurashi/") {
    Access access;
    access.address = "192.0.2.7";
    access.at = {1'795'000'000'000};
    access.method = "GET";
    access.target = target;
    access.status = 200;
    access.bytes = 5120;
    access.seconds = 0.0004;
    return access;
}

}  // namespace

TEST(AccessLog, WritesWholeLinesOfManyThreadsOnceAndRotates) {
    const sys::TemporaryFolder folder;
    const fs::path file = folder.path() / "logs" / "access.log";
    std::atomic<std::uint64_t> read{0};
    {
        AccessLog log({.file = file, .most_bytes = 300'000, .older_files = 3});
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&] {
                for (int line = 0; line < 1000; ++line) log.add(sample());
            });
        threads.clear();
        log.flush();
        for (int turn = 0; turn < 9; ++turn) {
            for (int line = 0; line < 1000; ++line) log.add(sample());
            log.flush();
        }
        EXPECT_EQ(log.dropped(), 0U);
    }
    int files = 0;
    for (const char* suffix : {"", ".1", ".2", ".3", ".4"}) {
        std::ifstream stream(file.string() + suffix);
        files += stream.is_open();
        for (std::string line; std::getline(stream, line);) {
            const auto access = read_access_line(line);
            ASSERT_TRUE(access) << line;
            EXPECT_EQ(access->at.milliseconds, 1'795'000'000'000);
            ++read;
        }
    }
    EXPECT_EQ(files, 4);
    EXPECT_EQ(read, 13'000U);
}

TEST(AccessLog, DropsWhatDoesNotFitAndCountsIt) {
    const sys::TemporaryFolder folder;
    AccessLog log({.file = folder.path() / "a.log", .buffer_bytes = 200});
    for (int line = 0; line < 2000; ++line) log.add(sample());
    log.flush();
    std::ifstream stream(folder.path() / "a.log");
    std::uint64_t written = 0;
    for (std::string line; std::getline(stream, line);) ++written;
    EXPECT_GT(log.dropped(), 0U);
    EXPECT_EQ(written + log.dropped(), 2000U);
}

TEST(AccessLog, GoesOnInANewFileWhenTheOldOneWasMovedAway) {
    const sys::TemporaryFolder folder;
    const fs::path file = folder.path() / "a.log";
    AccessLog log({.file = file});
    log.add(sample("/one"));
    log.flush();
    fs::rename(file, folder.path() / "a.log.old");
    log.add(sample("/two"));
    log.flush();
    std::ifstream stream(file);
    std::string line;
    ASSERT_TRUE(std::getline(stream, line));
    EXPECT_EQ(read_access_line(line)->target, "/two");
}

TEST(AccessLog, NeverStopsWhoeverServesWhenItCannotBeWritten) {
    AccessLog log({.file = "/proc/nowhere/a.log"});
    for (int line = 0; line < 10; ++line) log.add(sample());
    log.flush();
    EXPECT_EQ(log.dropped(), 10U);
}

}  // namespace logs
