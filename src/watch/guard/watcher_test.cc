#include "watch/guard/watcher.h"

#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "ground/sys/lease.h"
#include "ground/sys/testing/without_openat2.h"
#include "watch/guard/inside/holders.h"
#include "watch/guard/mounts.h"

namespace guard {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Names = std::set<std::string>;

constexpr std::string_view kOnOverlay = "on overlayfs the kernel does not tell of mappings";

/// Both means see the same; what fanotify alone can is asked of it alone.
class WatcherTest : public ::testing::TestWithParam<Watcher::Means> {
  protected:
    sys::TemporaryFolder folder_;
    fs::path root_ = folder_.path() / "public";
    std::unique_ptr<Watcher> watcher_;

    void SetUp() override {
        fs::create_directories(root_ / "kurashi/zei");
        write("index.html");
        write("kurashi/gomi.html");
        write("kurashi/zei/index.html");
        fs::create_directory(folder_.path() / "log");
        try {
            watcher_ = std::make_unique<Watcher>(root_, std::vector{folder_.path() / "log"}, GetParam());
        } catch (const base::Error& error) {
            if (GetParam() == Watcher::Means::Inotify) FAIL() << error.message();
            GTEST_SKIP() << error.message();
        }
    }
    void write(const std::string& path, const std::string& bytes = "x") const {
        std::ofstream(root_ / path, std::ios::app) << bytes;
    }
    /// All that is told until nothing more comes.
    Touches touched() const {
        Touches all;
        for (Touches some = watcher_->wait(1000ms); !some.empty(); some = watcher_->wait(20ms)) {
            all.paths.merge(some.paths);
            all.folders.merge(some.folders);
            all.beside.merge(some.beside);
            all.is_overflown |= some.is_overflown;
            all.is_root_moved |= some.is_root_moved;
        }
        return all;
    }
    static Names names(const Touches& touched) {
        Names names;
        for (const auto& [path, writer] : touched.paths) names.insert(path);
        return names;
    }
    Names names() const { return names(touched()); }
    void wait_for_leases(std::size_t count) const {
        for (int tries = 0; tries < 5000 && watcher_->count_leases() != count; ++tries) ::usleep(1000);
        ASSERT_EQ(watcher_->count_leases(), count) << watcher_->remark();
    }
    /// What is told until a path of that kind is.
    Touches wait_for(const std::function<bool(const Touches&)>& is_it) const {
        Touches told;
        for (int tries = 0; tries < 100 && !is_it(told); ++tries) told = watcher_->wait(100ms);
        return told;
    }
    /// On overlayfs they are not: that is said.
    bool are_mappings_told() const {
        const sys::Descriptor root(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        const bool are_told = sys::are_mappings_told(root);
        EXPECT_EQ(watcher_->remark().find("overlayfs") == std::string::npos, are_told) << watcher_->remark();
        return are_told;
    }
    static HeldFile file_at(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::lstat(path.c_str(), &status), 0);
        return {status.st_dev, status.st_ino};
    }
};

/// A file mapped so that memory is written through to it, and closed.
class Mapping {
  public:
    explicit Mapping(const fs::path& path) {
        const sys::Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        at_ = ::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
        EXPECT_NE(at_, MAP_FAILED);
    }
    ~Mapping() { ::munmap(at_, 1); }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    void store(char byte) { *static_cast<volatile char*>(at_) = byte; }

  private:
    void* at_;
};

}  // namespace

TEST_P(WatcherTest, DoesNotStartWhereTheKernelDoesNotKeepPathsInside) {
    EXPECT_THROW(sys::testing::run_without_openat2([&] { Watcher watcher(root_, {}, GetParam()); }), base::Error);
}

TEST_P(WatcherTest, TellsEachWayInWhichAFileCanBeTouched) {
    ASSERT_EQ(watcher_->means(), GetParam());
    EXPECT_EQ(watcher_->count_folders(), 3U);
    write("index.html");
    EXPECT_EQ(names(), Names{"index.html"});
    ::chmod((root_ / "kurashi/gomi.html").c_str(), 0600);
    EXPECT_EQ(names(), Names{"kurashi/gomi.html"});
    fs::resize_file(root_ / "kurashi/gomi.html", 0);
    EXPECT_EQ(names(), Names{"kurashi/gomi.html"});
    fs::remove(root_ / "kurashi/zei/index.html");
    EXPECT_EQ(names(), Names{"kurashi/zei/index.html"});
    std::ofstream(folder_.path() / "other") << "y";
    fs::rename(folder_.path() / "other", root_ / "index.html");
    EXPECT_EQ(names(), Names{"index.html"});
    fs::create_symlink("index.html", root_ / "kurashi/link");
    EXPECT_EQ(names(), Names{"kurashi/link"});
    fs::create_hard_link(root_ / "index.html", root_ / "kurashi/twin");
    EXPECT_TRUE(names().contains("kurashi/twin"));
    ::chmod((root_ / "kurashi").c_str(), 0700);
    EXPECT_TRUE(names().contains("kurashi/"));
    ::chmod(root_.c_str(), 0711);
    EXPECT_EQ(names(), Names{"./"});
}

TEST_P(WatcherTest, KeepsQuietAboutWhatHappensElsewhere) {
    std::ofstream(folder_.path() / "other") << "y";
    std::ifstream(root_ / "index.html").get();
    fs::create_directory(folder_.path() / "others");
    std::ofstream(folder_.path() / "others/1") << "y";
    EXPECT_TRUE(watcher_->wait(30ms).empty());
}

TEST_P(WatcherTest, TellsOfASecondNameElsewhereAndOfWhatIsWrittenThroughIt) {
    EXPECT_EQ(watcher_->count_files(), 3U);
    const fs::path twin = folder_.path() / "twin";
    fs::create_hard_link(root_ / "kurashi/gomi.html", twin);
    EXPECT_EQ(names(), Names{"kurashi/gomi.html"});
    std::ofstream(twin, std::ios::app) << "y";
    EXPECT_EQ(names(), Names{"kurashi/gomi.html"});
    ::chmod(twin.c_str(), 0600);
    EXPECT_EQ(names(), Names{"kurashi/gomi.html"});
    fs::remove(twin);
    EXPECT_EQ(names(), Names{"kurashi/gomi.html"});
}

TEST_P(WatcherTest, TellsOfAMappingThatNoEventTellsOfAndOfItsEnd) {
    wait_for_leases(3);
    if (!are_mappings_told()) GTEST_SKIP() << kOnOverlay;
    auto mapping = std::make_optional<Mapping>(root_ / "kurashi/gomi.html");
    const Touches told = wait_for([](const Touches& some) { return !some.held.empty(); });
    EXPECT_EQ(told.held,
              (std::map<std::string, HeldFile>{{"kurashi/gomi.html", file_at(root_ / "kurashi/gomi.html")}}));
    EXPECT_TRUE(told.paths.contains("kurashi/gomi.html"));
    mapping->store('J');
    EXPECT_FALSE(wait_for([](const Touches& some) { return !some.held.empty(); }).held.empty()) << "told again";
    mapping.reset();
    EXPECT_EQ(wait_for([](const Touches& some) { return !some.let_go.empty(); }).let_go, Names{"kurashi/gomi.html"});
    wait_for_leases(3);
}

TEST_P(WatcherTest, TellsOfFilesThatWereHeldBeforeItCameAndOfThoseThatComeLater) {
    if (!are_mappings_told()) GTEST_SKIP() << kOnOverlay;
    Mapping before(root_ / "index.html");
    watcher_ = std::make_unique<Watcher>(root_, std::vector<fs::path>(), GetParam());
    EXPECT_EQ(wait_for([](const Touches& some) { return !some.held.empty(); }).held.begin()->first, "index.html");
    std::ofstream(folder_.path() / "new") << "y";
    fs::rename(folder_.path() / "new", root_ / "index.html");  // as it is put right: the mapping leads to no name now
    EXPECT_EQ(wait_for([](const Touches& some) { return !some.let_go.empty(); }).let_go, Names{"index.html"});
    wait_for_leases(3);
    fs::create_directory(root_ / "new");
    write("new/a.html");
    touched();
    wait_for_leases(4);
    Mapping later(root_ / "new/a.html");
    EXPECT_EQ(wait_for([](const Touches& some) { return !some.held.empty(); }).held.begin()->first, "new/a.html");
    fs::rename(root_ / "new", folder_.path() / "gone");
    EXPECT_EQ(wait_for([](const Touches& some) { return !some.let_go.empty(); }).let_go, Names{"new/a.html"});
}

TEST_P(WatcherTest, SaysNothingOfWhoeverWritesAndIsDone) {
    wait_for_leases(3);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) {
        if (i > 0) std::this_thread::sleep_for(5ms);
        write("index.html");
    }
    const bool was_quick = std::chrono::steady_clock::now() - start < 80ms;  // whoever holds it for 100 ms is told
    const Touches told = touched();
    EXPECT_TRUE(told.held.empty() || !was_quick);
    EXPECT_EQ(names(told), Names{"index.html"});
    wait_for_leases(3);
}

TEST_P(WatcherTest, TellsOfSecondNamesOfFilesThatCameOrWereMovedLater) {
    const auto twin_of = [&](const std::string& path) {
        const fs::path twin = folder_.path() / ("twin-" + fs::path(path).filename().string());
        fs::remove(twin);
        fs::create_hard_link(root_ / path, twin);
        EXPECT_TRUE(names().contains(path)) << path;
        std::ofstream(twin, std::ios::app) << "y";
        EXPECT_EQ(names(), Names{path});
    };
    write("new.html");
    std::ofstream(folder_.path() / "other") << "y";
    fs::rename(folder_.path() / "other", root_ / "index.html");  // as a placement does
    fs::rename(root_ / "kurashi", root_ / "moved");
    names();
    twin_of("new.html");
    twin_of("index.html");
    twin_of("moved/gomi.html");
    fs::rename(root_ / "moved/gomi.html", root_ / "moved/zei/gomi.html");
    names();
    twin_of("moved/zei/gomi.html");
    EXPECT_EQ(watcher_->count_files(), 4U);
    fs::remove_all(root_ / "moved");
    names();
    EXPECT_EQ(watcher_->count_files(), 2U);
}

TEST_P(WatcherTest, KnowsAFileByItsFirstNameWhileASecondComesAndGoes) {
    fs::create_hard_link(root_ / "index.html", root_ / "kurashi/twin.html");
    names();
    fs::remove(root_ / "kurashi/twin.html");
    names();
    fs::create_hard_link(root_ / "index.html", folder_.path() / "twin");
    EXPECT_EQ(names(), Names{"index.html"});
}

TEST_P(WatcherTest, FollowsFoldersThatComeAndGo) {
    fs::create_directories(root_ / "new/deep/er");
    write("new/deep/er/1.html");  // perhaps before the folder is marked
    EXPECT_TRUE(names().contains("new/deep/er/1.html"));
    write("new/deep/er/2.html");  // certainly after
    EXPECT_EQ(names(), Names{"new/deep/er/2.html"});
    fs::rename(root_ / "new", root_ / "kurashi/moved");
    const Touches moved = touched();
    EXPECT_EQ(moved.folders, (Names{"kurashi/moved/", "new/"}));
    EXPECT_TRUE(names(moved).contains("kurashi/moved/deep/er/1.html"));
    write("kurashi/moved/deep/er/2.html");
    EXPECT_EQ(names(), Names{"kurashi/moved/deep/er/2.html"});
    fs::rename(root_ / "kurashi/moved", folder_.path() / "away");
    EXPECT_EQ(touched().folders, Names{"kurashi/moved/"});
    std::ofstream(folder_.path() / "away/deep/3.html") << "y";
    EXPECT_TRUE(watcher_->wait(30ms).empty()) << "what was moved out is no longer watched";
    fs::rename(folder_.path() / "away", root_ / "back");
    EXPECT_TRUE(names().contains("back/deep/3.html"));
    write("back/deep/3.html");
    EXPECT_EQ(names(), Names{"back/deep/3.html"});
    EXPECT_EQ(watcher_->count_folders(), 6U);
    fs::remove_all(root_ / "back");
    EXPECT_TRUE(names().contains("back/deep/er/1.html"));
    EXPECT_EQ(watcher_->count_folders(), 3U);
}

TEST_P(WatcherTest, MissesNothingInFoldersThatAreMadeWhileItLooks) {
    Names wanted;
    for (int i = 0; i < 300; ++i) {
        const std::string folder = fmt::format("d{}/e", i);
        fs::create_directories(root_ / folder);
        write(folder + "/f");
        wanted.insert(folder + "/f");
    }
    const Names found = names();
    for (const std::string& path : wanted) EXPECT_TRUE(found.contains(path)) << path;
}

TEST_P(WatcherTest, TellsThatTheRootItselfWasReplaced) {
    fs::rename(root_, folder_.path() / "old");
    fs::create_directory(root_);
    EXPECT_TRUE(touched().is_root_moved);
}

TEST_P(WatcherTest, TellsOfTheFoldersBeside) {
    std::ofstream(folder_.path() / "log/1") << "y";
    EXPECT_EQ(touched().beside, std::set{folder_.path() / "log/1"});
    fs::rename(folder_.path() / "log", folder_.path() / "old");
    EXPECT_TRUE(touched().is_root_moved);
}

TEST_P(WatcherTest, TellsThatItLostSome) {
    const bool is_fanotify = GetParam() == Watcher::Means::Fanotify;
    int held = 0;
    std::ifstream(fmt::format("/proc/sys/fs/{}/max_queued_events", is_fanotify ? "fanotify" : "inotify")) >> held;
    if (held > 50'000) GTEST_SKIP() << "the kernel's queue holds " << held;
    for (int i = 0; i < held + 500; ++i) write(fmt::format("{}", i));
    EXPECT_TRUE(touched().is_overflown);
}

TEST_P(WatcherTest, WakesFromAnotherThread) {
    watcher_->wake();
    EXPECT_TRUE(watcher_->wait(60s).empty());
}

INSTANTIATE_TEST_SUITE_P(Means, WatcherTest, ::testing::Values(Watcher::Means::Fanotify, Watcher::Means::Inotify),
                         [](const auto& one) {
                             return one.param == Watcher::Means::Fanotify ? "Fanotify" : "Inotify";
                         });

TEST(WatcherWithFanotify, NamesTheProcess) {
    const sys::TemporaryFolder folder;
    fs::create_directory(folder.path() / "public");
    Watcher watcher(folder.path() / "public", {});
    if (watcher.means() != Watcher::Means::Fanotify || !watcher.remark().empty()) GTEST_SKIP() << watcher.remark();
    std::ofstream(folder.path() / "public/a") << "x";
    const Touches touched = watcher.wait(1s);
    ASSERT_TRUE(touched.paths.contains("a"));
    const auto& writer = touched.paths.at("a");
    ASSERT_TRUE(writer);
    EXPECT_EQ(writer->process, ::getpid());
    EXPECT_EQ(writer->user, ::geteuid());
    EXPECT_NE(writer->program.find("watch_guard_test"), std::string::npos) << writer->program;
    EXPECT_NE(writer->command.find("watch_guard_test"), std::string::npos) << writer->command;
}

TEST(Holders, AreFoundByWhatTheyHaveOpenAndByTheirMappings) {
    const sys::TemporaryFolder folder;
    if (!sys::are_mappings_told(sys::Descriptor(::open(folder.path().c_str(), O_RDONLY | O_CLOEXEC))))
        GTEST_SKIP() << kOnOverlay;
    std::ofstream(folder.path() / "file") << "x";
    struct stat status {};
    ASSERT_EQ(::stat((folder.path() / "file").c_str(), &status), 0);
    const HeldFile file{status.st_dev, status.st_ino};
    EXPECT_FALSE(inside::find_holder(file, 10s));
    for (const bool is_mapped : {false, true}) {
        int ready[2];
        ASSERT_EQ(::pipe(ready), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const sys::Descriptor open(is_mapped ? -1 : ::open((folder.path() / "file").c_str(), O_WRONLY));
            std::optional<Mapping> mapping;
            if (is_mapped) mapping.emplace(folder.path() / "file");
            [[maybe_unused]] const ssize_t told = ::write(ready[1], "x", 1);
            ::pause();
        }
        char byte = 0;
        ASSERT_EQ(::read(ready[0], &byte, 1), 1);
        const auto holder = inside::find_holder(file, 10s);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        for (const int end : ready) ::close(end);
        ASSERT_TRUE(holder);
        EXPECT_EQ(holder->process, child);
    }
}

TEST_P(WatcherTest, MarksFoldersAloneWhereThatIsAsked) {
    EXPECT_EQ(watcher_->count_files(), 3U);
    watcher_ = std::make_unique<Watcher>(root_, std::vector<fs::path>(), GetParam(), Watcher::Marks::Folders);
    write("new.html");
    EXPECT_EQ(names(touched()), Names{"new.html"});
    EXPECT_EQ(watcher_->count_files(), 0U);
    EXPECT_EQ(watcher_->count_leases(), 0U);
    EXPECT_EQ(watcher_->count_folders(), 3U);
}

TEST(Watcher, GivesUpTheMarksOfFilesWhereTheKernelPermitsNoMoreForFoldersAndSaysAllThatItCannotTell) {
    const sys::TemporaryFolder folder;
    for (const char* name : {"a", "b", "c", "d"}) {
        fs::create_directories(folder.path() / "public" / name);
        for (int file = 0; file < 10; ++file)
            std::ofstream(folder.path() / "public" / name / std::to_string(file)) << "x";
    }
    const pid_t child = ::fork();
    if (child == 0) {  // with a bound of its own
        if (::unshare(CLONE_NEWUSER) != 0) ::_exit(77);
        std::ofstream bound("/proc/sys/user/max_inotify_watches");
        if (!(bound << "12" << std::flush)) ::_exit(77);
        const rlimit files{66, 66};  // of which each table needs most itself
        if (::setrlimit(RLIMIT_NOFILE, &files) != 0) ::_exit(77);
        try {
            const Watcher watcher(folder.path() / "public", {}, Watcher::Means::Inotify);
            for (int tries = 0; tries < 5000 && watcher.remark().find("LimitNOFILE") == std::string::npos; ++tries)
                ::usleep(1000);
            const bool says_both = watcher.remark().find("LimitNOFILE") != std::string::npos &&
                                   watcher.remark().find("no file has a mark") != std::string::npos;
            ::_exit(watcher.count_folders() == 5 && watcher.count_files() == 0 && says_both ? 0 : 1);
        } catch (const base::Error&) {
            ::_exit(2);
        }
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_NE(WEXITSTATUS(status), 77) << "no user namespace can be made here: permit them, or run the tests as root";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Watcher, RefusesARootThatIsNoFolder) {
    const sys::TemporaryFolder folder;
    EXPECT_THROW(Watcher(folder.path() / "nothing", {}), base::Error);
    fs::create_directory_symlink(folder.path(), folder.path() / "link");
    EXPECT_THROW(Watcher(folder.path() / "link", {}), base::Error);
}

TEST(Mounts, AreReadFromTheKernelsList) {
    const std::string_view text =
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "36 22 8:1 /evil /srv/city/public/kurashi rw - ext4 /dev/sda1 rw\n"
        "37 22 8:1 /evil /srv/city/public/a\\040b\\134c.html rw - ext4 /dev/sda1 rw\n"
        "38 22 8:1 / /srv/city/public rw - ext4 /dev/sda1 rw\n"
        "39 22 8:1 / /srv/city/public2/x rw - ext4 /dev/sda1 rw\n"
        "short line\n";
    EXPECT_EQ(parse_mounts_below(text, "/srv/city/public/"), (std::vector<std::string>{"a b\\c.html", "kurashi"}));
}

}  // namespace guard
