#include "ground/sys/local_socket.h"

#include <thread>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace sys {

using namespace std::chrono_literals;

TEST(LocalSocket, AnswersEachAskerItsOwnLine) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "door.sock";
    const LocalServer server(path, [](const std::string& line) { return "you said " + line; });
    std::vector<std::thread> askers;
    std::atomic<int> right{0};
    for (int i = 0; i < 20; ++i)
        askers.emplace_back([&, i] {
            if (ask_local(path, std::to_string(i), 5s) == "you said " + std::to_string(i)) ++right;
        });
    for (auto& asker : askers) asker.join();
    EXPECT_EQ(right, 20);
}

TEST(LocalSocket, SaysThatNobodyListens) {
    const TemporaryFolder folder;
    EXPECT_FALSE(ask_local(folder.path() / "nobody.sock", "hello", 1s));
}

TEST(LocalSocket, ReplacesTheSocketOfADeadProcessButNotOfALivingOne) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "door.sock";
    {
        const LocalServer first(path, [](const std::string&) { return "first"; });
        EXPECT_THROW(LocalServer(path, [](const std::string&) { return "second"; }), base::Error);
    }
    write_file(path, "left over");
    const LocalServer next(path, [](const std::string&) { return "next"; });
    EXPECT_EQ(ask_local(path, "", 5s), "next");
}

TEST(LocalSocket, GivesUpOnAListenerThatDoesNotAnswer) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "door.sock";
    const LocalServer server(path, [](const std::string& line) -> std::string {
        if (line == "fail") throw std::runtime_error("failed");
        std::this_thread::sleep_for(300ms);
        return "late";
    });
    EXPECT_THROW(ask_local(path, "slow", 50ms), base::Error);
    EXPECT_THROW(ask_local(path, "fail", 5s), base::Error);
}

TEST(LocalSocket, ReachesAPathThatIsTooLongForASocketAddress) {
    const TemporaryFolder folder;
    const auto deep = folder.path() / std::string(100, 'a') / std::string(100, 'b');
    make_folders(deep);
    const LocalServer server(deep / "door.sock", [](const std::string&) { return "here"; });
    EXPECT_EQ(ask_local(deep / "door.sock", "", 5s), "here");
}

}  // namespace sys
