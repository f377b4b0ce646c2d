#include "watch/guard/sweep.h"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/release/manifest.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace guard {

namespace {

namespace fs = std::filesystem;
using release::Change;
using Names = std::set<std::string>;

class SweepTest : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    fs::path root_ = folder_.path() / "public";
    release::Manifest manifest_;
    Sweep sweep_;
    Sweep::Result result_;
    int turns_left_ = -1;  ///< -1 = as many as it takes

    void SetUp() override {
        fs::create_directory(root_);
        for (int i = 0; i < 300; ++i) release(fmt::format("s{}/p{}.html", i % 3, i));
        for (const auto& item : fs::recursive_directory_iterator(root_))
            ::chmod(item.path().c_str(), item.is_directory() ? 0755 : 0644);
        ::chmod(root_.c_str(), 0755);
    }
    void release(const std::string& path) {
        release::Entry entry;
        entry.path = path;
        entry.hash = sys::sha256(path);
        entry.size = static_cast<std::int64_t>(path.size());
        entry.type = "text/html";
        manifest_.apply(std::vector<Change>{Change::put(entry)});
        fs::create_directories((root_ / path).parent_path());
        write(path, path);
    }
    void write(const std::string& path, const std::string& bytes) const { std::ofstream(root_ / path) << bytes; }
    Names suspects(Sweep::Depth depth) {
        Names names;
        Sweep::Plan plan;
        plan.entries = [&](const std::string& after, std::size_t limit) { return manifest_.list_after(after, limit); };
        plan.unknown = [&](std::vector<std::string> paths) {
            std::erase_if(paths, [&](const std::string& path) {
                return path.ends_with('/') ? manifest_.holds_files(path.substr(0, path.size() - 1))
                                           : manifest_.contains(path);
            });
            return paths;
        };
        result_ = sweep_.run(
            depth, root_, plan, [&](const std::string& path) { names.insert(path); },
            [&] { return turns_left_ < 0 || turns_left_-- > 0; });
        return names;
    }
};

}  // namespace

TEST_F(SweepTest, NamesEverythingThatDeviates) {
    EXPECT_EQ(suspects(Sweep::Depth::Bytes), Names{});
    EXPECT_TRUE(result_.is_whole);
    EXPECT_EQ(result_.files, 300);
    EXPECT_EQ(result_.hashed, 300);
    write("s0/p0.html", "S0/p0.html");  // the same size
    write("s0/p3.html", "longer than before");
    fs::remove(root_ / "s1/p1.html");
    ::chmod((root_ / "s2/p2.html").c_str(), 0600);
    ::chmod((root_ / "s2").c_str(), 0700);
    fs::create_hard_link(root_ / "s2/p5.html", folder_.path() / "twin");
    fs::create_directories(root_ / "shop/deep");
    write("shop/deep/index.html", "scam");
    fs::create_symlink("p4.html", root_ / "s1/link");
    EXPECT_EQ(suspects(Sweep::Depth::Bytes),
              (Names{"s0/p0.html", "s0/p3.html", "s1/p1.html", "s2/p2.html", "s2/", "s2/p5.html", "shop/", "shop/deep/",
                     "shop/deep/index.html", "s1/link"}));
}

TEST_F(SweepTest, AQuickLookHashesOnlyWhatHasANewChangeTime) {
    suspects(Sweep::Depth::Bytes);
    EXPECT_EQ(suspects(Sweep::Depth::ChangeTimes), Names{});
    EXPECT_EQ(result_.hashed, 0);
    EXPECT_EQ(result_.files, 300);
    // Through another name and with the times restored: the change time alone tells.
    const fs::path twin = folder_.path() / "twin";
    fs::create_hard_link(root_ / "s0/p0.html", twin);
    struct stat before {};
    ::stat(twin.c_str(), &before);
    std::fstream(twin, std::ios::in | std::ios::out).put('!');
    const timespec times[] = {before.st_atim, before.st_mtim};
    ::utimensat(AT_FDCWD, twin.c_str(), times, 0);
    fs::remove(twin);
    EXPECT_EQ(suspects(Sweep::Depth::ChangeTimes), Names{"s0/p0.html"});
    EXPECT_EQ(result_.hashed, 1);
    EXPECT_EQ(suspects(Sweep::Depth::ChangeTimes), Names{"s0/p0.html"}) << "until it is right";
}

TEST_F(SweepTest, AGlanceLooksAtTheFilesAlone) {
    suspects(Sweep::Depth::Bytes);
    write("s0/p0.html", "S0/p0.html");  // the same size
    fs::remove(root_ / "s1/p1.html");
    write("s1/extra.html", "for a longer look");
    EXPECT_EQ(suspects(Sweep::Depth::Glance), (Names{"s0/p0.html", "s1/p1.html"}));
    EXPECT_EQ(result_.hashed, 1);
    EXPECT_TRUE(result_.is_whole);
    EXPECT_GT(result_.work.count(), 0);
}

TEST_F(SweepTest, StopsBetweenTwoTurnsAndForgetsNothing) {
    suspects(Sweep::Depth::Bytes);
    turns_left_ = 1;
    suspects(Sweep::Depth::Bytes);
    EXPECT_FALSE(result_.is_whole);
    turns_left_ = -1;
    suspects(Sweep::Depth::ChangeTimes);
    EXPECT_EQ(result_.hashed, 0);
    fs::remove_all(root_);
    EXPECT_THROW(suspects(Sweep::Depth::ChangeTimes), base::Error);
}

}  // namespace guard
