#include "ground/sys/files.h"

#include <atomic>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"

namespace sys {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;
using What = FileEvent::What;

class Files : public ::testing::Test {
  protected:
    TemporaryFolder folder;
    const fs::path& at = folder.path();

    static mode_t mode_of(const fs::path& path) {
        struct stat about {};
        EXPECT_EQ(::stat(path.c_str(), &about), 0);
        return about.st_mode & 07777;
    }
    std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(at), {})); }
    template <class Work>
    static Kind kind_of(const Work& work) {
        try {
            work();
        } catch (const Error& error) {
            EXPECT_FALSE(error.message().empty());
            return error.kind();
        }
        ADD_FAILURE() << "nothing was thrown";
        return Kind::Bug;
    }
};

TEST_F(Files, ReadBackWhatWasWritten) {
    std::string bytes;
    for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(i * 7);
    for (const auto durability : {Durability::Now, Durability::Later}) {
        write_file(at / "a", bytes, durability);
        EXPECT_EQ(read_file(at / "a"), bytes);
        write_file(at / "a", "", durability);
        EXPECT_EQ(read_file(at / "a"), "");
    }
    EXPECT_EQ(entries(), 1U);
    EXPECT_EQ(read_file("/proc/self/comm").back(), '\n');  // a file that says its size is 0
}

TEST_F(Files, HaveTheModeThatWasAskedForWhateverTheMask) {
    const mode_t before = ::umask(077);
    write_file(at / "public", "x");
    write_file(at / "secret", "x", Durability::Now, 0600);
    make_folders(at / "a/b", 0750);
    ::umask(before);
    EXPECT_EQ(mode_of(at / "public"), 0644U);
    EXPECT_EQ(mode_of(at / "secret"), 0600U);
    EXPECT_EQ(mode_of(at / "a"), 0750U);
    EXPECT_EQ(mode_of(at / "a/b"), 0750U);
}

TEST_F(Files, AreNamedWhenTheyAreMissingTooLargeOrNoFiles) {
    write_file(at / "ten", "0123456789");
    EXPECT_EQ(read_file(at / "ten", 10).size(), 10U);
    EXPECT_EQ(kind_of([&] { read_file(at / "ten", 9); }), Kind::BadInput);
    EXPECT_EQ(kind_of([&] { read_file(at / "none"); }), Kind::NotFound);
    EXPECT_EQ(kind_of([&] { read_file(at); }), Kind::BadInput);
    EXPECT_EQ(kind_of([&] { write_file(at / "none" / "x", "x"); }), Kind::Unavailable);
    EXPECT_EQ(find_file(at / "none"), std::nullopt);
    EXPECT_EQ(find_file(at / "ten" / "below"), std::nullopt);
    ASSERT_EQ(::mkfifo((at / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(kind_of([&] { read_file(at / "pipe"); }), Kind::BadInput);
    try {
        read_file(at / "none");
    } catch (const Error& error) {
        EXPECT_NE(error.message().find((at / "none").string()), std::string::npos);
    }
}

TEST_F(Files, AreSeenOldOrNewButNeverHalf) {
    const std::string one(200'000, '1');
    const std::string two(300'000, '2');
    write_file(at / "page", one);
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (int i = 0; i < 60; ++i) write_file(at / "page", i % 2 == 0 ? two : one, Durability::Later);
        done = true;
    });
    while (!done) {
        const std::string seen = read_file(at / "page");
        ASSERT_TRUE(seen == one || seen == two) << seen.size();
    }
    writer.join();
}

TEST_F(Files, LeaveTheOldOneAndNoTemporaryWhenTheDiskIsFull) {
    write_file(at / "page", "old");
    // A limit on the size of files fails a write in the middle as a full disk does; in a child, for it cannot be raised
    // again.
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{100'000, 100'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            write_file(at / "page", std::string(300'000, 'x'));
            ::_exit(1);
        } catch (const Error& error) {
            ::_exit(error.kind() == Kind::Unavailable ? 0 : 2);
        }
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(read_file(at / "page"), "old");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, LeaveNoTemporaryWhenTheRenameFails) {
    {
        const FileWatcher watcher([](const FileEvent& event) {
            if (event.what == What::Rename) throw Error(Kind::Unavailable, "the disk failed");
        });
        EXPECT_EQ(kind_of([&] { write_file(at / "page", "new"); }), Kind::Unavailable);
    }
    make_folders(at / "folder/below");
    EXPECT_EQ(kind_of([&] { write_file(at / "folder", "new"); }), Kind::Unavailable);
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, AreStagedWhereTheCallerSays) {
    make_folders(at / "staging");
    make_folders(at / "public");
    fs::path temporary;
    {
        const FileWatcher watcher([&](const FileEvent& event) {
            if (event.what == What::Rename) temporary = event.path;
        });
        write_file(at / "public/index.html", "x", at / "staging");
    }
    EXPECT_EQ(temporary.parent_path(), at / "staging");
    EXPECT_TRUE(fs::is_empty(at / "staging"));
}

TEST_F(Files, AreSavedBeforeTheyAreNamed) {
    std::vector<What> order;
    {
        const FileWatcher watcher([&](const FileEvent& event) { order.push_back(event.what); });
        write_file(at / "now", "bytes");
        write_file(at / "later", "bytes", Durability::Later);
        sync_filesystem(at);
        make_folders(at / "folder");
        EXPECT_TRUE(remove_file(at / "now"));
    }
    EXPECT_EQ(order, (std::vector<What>{What::Write, What::SyncFile, What::Rename, What::SyncFolder,  //
                                        What::Write, What::Rename, What::SyncFilesystem,              //
                                        What::MakeFolder, What::SyncFolder,                           //
                                        What::Remove, What::SyncFolder}));
    write_file(at / "unwatched", "x");
    EXPECT_EQ(order.size(), 11U);
}

TEST_F(Files, AreRemovedOnceAndLinksAreNotFollowed) {
    write_file(at / "target", "x");
    fs::create_symlink(at / "target", at / "link");
    EXPECT_TRUE(remove_file(at / "link"));
    EXPECT_FALSE(remove_file(at / "link"));
    EXPECT_TRUE(fs::exists(at / "target"));
    make_folders(at / "folder");
    EXPECT_EQ(kind_of([&] { remove_file(at / "folder"); }), Kind::Unavailable);
}

TEST_F(Files, ReplaceALinkInsteadOfWritingThroughIt) {
    write_file(at / "target", "old");
    fs::create_symlink(at / "target", at / "link");
    write_file(at / "link", "new");
    EXPECT_EQ(read_file(at / "target"), "old");
    EXPECT_FALSE(fs::is_symlink(at / "link"));
}

TEST_F(Files, LieInFoldersThatAreMadeWithTheirParents) {
    make_folders(at / "a/b/c/");
    make_folders(at / "a/b/c");
    EXPECT_TRUE(fs::is_directory(at / "a/b/c"));
    write_file(at / "file", "x");
    EXPECT_EQ(kind_of([&] { make_folders(at / "file"); }), Kind::Unavailable);
    EXPECT_EQ(kind_of([&] { make_folders(at / "file/below"); }), Kind::Unavailable);
}

TEST_F(Files, InheritTheGroupInEveryFolderBelowOneThatHandsItDown) {
    make_folders(at / "shared");
    ASSERT_EQ(::chmod((at / "shared").c_str(), 02750), 0);
    make_folders(at / "shared/a/b", 0750);
    for (const char* each : {"shared/a", "shared/a/b"})
        EXPECT_EQ(fs::status(at / each).permissions() & fs::perms::mask, fs::perms(02750)) << each;
}

TEST_F(Files, AreLockedByOneAtATime) {
    auto held = FileLock::find(at / "lock");
    ASSERT_TRUE(held);
    EXPECT_FALSE(FileLock::find(at / "lock"));
    held.reset();
    EXPECT_TRUE(FileLock::find(at / "lock"));
}

TEST_F(Files, AreNotLockedByAChildThatIsJustBeingStarted) {
    auto held = FileLock::find(at / "lock");
    ASSERT_TRUE(held);
    const pid_t child = ::fork();
    if (child == 0) {  // with a copy of the descriptor, as before it becomes another program
        ::pause();
        ::_exit(0);
    }
    ASSERT_GT(child, 0);
    held.reset();
    EXPECT_TRUE(FileLock::find(at / "lock"));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

TEST_F(Files, AreOnALocalDiskInTheTests) {
    EXPECT_FALSE(is_network_filesystem(at));
    EXPECT_EQ(kind_of([&] { is_network_filesystem(at / "none"); }), Kind::Unavailable);
}

TEST(TemporaryFolders, GoWithAllThatIsInThem) {
    fs::path path;
    {
        const TemporaryFolder folder;
        path = folder.path();
        make_folders(path / "a/b");
        write_file(path / "a/b/c", "x");
        EXPECT_TRUE(fs::exists(path / "a/b/c"));
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST(DescriptorOwner, ClosesItsFileOnce) {
    int number = -1;
    {
        Descriptor one(::dup(0));
        number = one.get();
        Descriptor other(std::move(one));
        EXPECT_FALSE(one);  // NOLINT(bugprone-use-after-move)
        EXPECT_EQ(other.get(), number);
        other = Descriptor(::dup(0));
        EXPECT_TRUE(other);
    }
    struct stat about {};
    EXPECT_NE(::fstat(number, &about), 0);
}

}  // namespace
}  // namespace sys
