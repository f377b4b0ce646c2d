#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "watch/logs/access_line.h"
#include "watch/logs/follow.h"

namespace logs {

namespace fs = std::filesystem;

namespace {

class FollowTest : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    fs::path file_ = folder_.path() / "a.log";

    void append(const std::string& text) { std::ofstream(file_, std::ios::app) << text; }
    static std::vector<std::string> read(Follower& follower, std::size_t most = 8U << 20) {
        std::vector<std::string> lines;
        follower.read([&](std::string_view line) { lines.emplace_back(line); }, most);
        return lines;
    }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_F(FollowTest, BeginsAtTheEndAndHandsOutWholeLinesOnce) {
    append("old\n");
    Follower follower(file_);
    EXPECT_EQ(read(follower), Lines{});
    append("one\nha");
    EXPECT_EQ(read(follower), Lines{"one"});
    append("lf\r\n");
    EXPECT_EQ(read(follower), Lines{"half"});
    EXPECT_EQ(read(follower), Lines{});
}

TEST_F(FollowTest, ReadsARenamedFileToItsEndBeforeTheNewOne) {
    append("old\n");
    Follower follower(file_);
    read(follower);
    append("last of the old\n");
    fs::rename(file_, folder_.path() / "a.log.1");
    append("first of the new\n");
    EXPECT_EQ(read(follower), (Lines{"last of the old", "first of the new"}));
}

TEST_F(FollowTest, BeginsAnewWhenTheFileWasCut) {
    append("old old old\n");
    Follower follower(file_);
    read(follower);
    fs::resize_file(file_, 0);
    append("new\n");
    EXPECT_EQ(read(follower), Lines{"new"});
}

TEST_F(FollowTest, ResumesWhereItStoppedEvenAcrossARotation) {
    append("old\n");
    Follower first(file_, {}, Follower::Start::Beginning);
    EXPECT_EQ(read(first), Lines{"old"});
    append("while away\nunfinished");
    const std::string position = first.position();
    {
        Follower second(file_, position);
        EXPECT_EQ(read(second), Lines{"while away"});
        EXPECT_EQ(read(second), Lines{});
        const std::string later = second.position();
        append(" line\n");
        Follower third(file_, later);
        EXPECT_EQ(read(third), Lines{"unfinished line"});
    }
    fs::rename(file_, folder_.path() / "a.log.1");
    append("new\n");
    Follower fourth(file_, position);
    EXPECT_EQ(read(fourth), (Lines{"while away", "unfinished line", "new"}));
}

TEST_F(FollowTest, KnowsAFileThatWasCutAndFilledAgainWhileItWasAway) {
    append("0123456789\n");
    Follower first(file_, {}, Follower::Start::Beginning);
    read(first);
    const std::string position = first.position();
    fs::resize_file(file_, 0);
    append("another beginning that is longer\nand more\n");
    Follower second(file_, position);
    EXPECT_EQ(read(second), (Lines{"another beginning that is longer", "and more"}));
}

TEST_F(FollowTest, CutsALineThatNeverEndsAndGoesOnAfterIt) {
    append("x\n");
    Follower follower(file_);
    read(follower);
    append(std::string(300'000, 'y'));
    append("\nnext\n");
    const Lines lines = read(follower);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].size(), kLongestLine);
    EXPECT_EQ(lines[1], "next");
}

TEST_F(FollowTest, StopsAtItsLimitAndGoesOnInTheNextTurn) {
    append("x\n");
    Follower follower(file_);
    read(follower);
    for (int line = 0; line < 20'000; ++line) append("0123456789\n");
    std::size_t lines = 0;
    Follower::Turn turn;
    int turns = 0;
    do {
        turn = follower.read([&](std::string_view) { ++lines; }, 70'000);
        EXPECT_LE(turn.bytes, 140'000U);
        ++turns;
    } while (turn.is_more);
    EXPECT_EQ(lines, 20'000U);
    EXPECT_GT(turns, 2);
}

TEST_F(FollowTest, SaysThatAFileIsMissingAndReadsAllOfItOnceItComes) {
    Follower follower(file_);
    EXPECT_TRUE(follower.read([](std::string_view) {}).is_missing);
    append("first\n");
    EXPECT_EQ(read(follower), Lines{"first"});
}

TEST(AccessLine, IsReadWithItsZone) {
    const auto access = read_access_line(
        R"L(192.0.2.7 - staff [22/Nov/2026:17:50:28 +0900] "GET /kurashi/?q=a%20b HTTP/1.1" 404 512 "https://a.example/" "Mozilla/5.0 (X11; \x22q\x22)" 0.013)L");
    ASSERT_TRUE(access);
    EXPECT_EQ(access->address, "192.0.2.7");
    EXPECT_EQ(base::format_utc(access->at), "2026-11-22T08:50:28.000Z");
    EXPECT_EQ(access->method, "GET");
    EXPECT_EQ(access->target, "/kurashi/?q=a%20b");
    EXPECT_EQ(access->status, 404);
    EXPECT_EQ(access->bytes, 512U);
    EXPECT_EQ(access->referrer, "https://a.example/");
    EXPECT_EQ(access->seconds, 0.013);
    const auto plain = read_access_line(R"(2001:db8::1 - - [22/Nov/2026:03:50:28 -0500] "\x16\x03\x01" 400 - "-" "-")");
    ASSERT_TRUE(plain);
    EXPECT_EQ(base::format_utc(plain->at), "2026-11-22T08:50:28.000Z");
    EXPECT_EQ(plain->method, "");
    EXPECT_FALSE(plain->seconds);
}

TEST(AccessLine, RefusesWhatIsNone) {
    for (const char* line :
         {"", "x", "1.2.3.4 - - [99/Nov/2026:17:50:28 +0900] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"",
          "1.2.3.4 - - [22/Nov/2026:17:50:28] \"GET / HTTP/1.1\" 200 1", "1.2.3.4 - - [22/Nov/2026:17:50:28 +0900] GET",
          "1.2.3.4 - - [22/Nov/2026:17:50:28 +0900] \"GET / HTTP/1.1\" abc 1 \"-\" \"-\"",
          "1.2.3.4 - - [22/Nov/2026:17:50:28 +0900] \"GET /"}) {
        SCOPED_TRACE(line);
        EXPECT_FALSE(read_access_line(line));
    }
}

TEST(AccessLine, CannotBeForgedByARequest) {
    Access access;
    access.address = "192.0.2.7";
    access.at = *base::parse_utc("2026-11-22T08:50:28.000Z");
    access.method = "GET";
    access.target = "/\" 200 1\n10.0.0.1 - - ";
    access.agent = "a\"b\\c\x01";
    access.status = 404;
    access.bytes = 7;
    access.seconds = 0.0125;
    std::string line;
    append_access_line(line, access);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto read = read_access_line(line);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->status, 404);
    EXPECT_EQ(read->at, access.at);
    EXPECT_EQ(read->agent, "a\\x22b\\x5Cc\\x01");
}

}  // namespace logs
