// The engine's known traps, each with the real program.
#include "watch/backup/restic.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"

namespace backup {
namespace {

namespace fs = std::filesystem;
using base::Error;

class ResticTest : public ::testing::Test {
  protected:
    ResticTest() {
        sys::write_file(folder_.path() / "password", "correct horse\n", sys::Durability::Later, 0600);
        fs::create_directories(folder_.path() / "source/below");
        write("source/a.txt", "first");
        write("source/below/b.bin", sys::random_bytes(300'000));
    }
    void write(const std::string& name, const std::string& bytes) const {
        sys::write_file(folder_.path() / name, bytes, sys::Durability::Later);
    }
    Access access() const {
        Access access;
        access.repository = (folder_.path() / "repository").string();
        access.password_file = folder_.path() / "password";
        return access;
    }
    Restic made() const {
        fs::copy(YAKUBA_SOURCE_DIR "/src/watch/backup/testdata/repository", access().repository,
                 fs::copy_options::recursive);
        return Restic(access());
    }
    Restic::Source source() const {
        return {.paths = {folder_.path() / "source"},
                .excluded = {},
                .tags = {"yakuba=1", "kind=data", "taken=1790000000000"},
                .host = "site-1"};
    }
    /// The largest file of data.
    fs::path pack() const {
        fs::path found;
        for (const auto& each : fs::recursive_directory_iterator(folder_.path() / "repository/data"))
            if (each.is_regular_file() && (found.empty() || each.file_size() > fs::file_size(found)))
                found = each.path();
        return found;
    }
    static void flip(const fs::path& file) {
        fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(1000);
        const char byte = static_cast<char>(stream.get() ^ 1);
        stream.seekp(1000);
        stream.put(byte);
    }
    static base::Instant now() { return base::SystemClock().now(); }

    sys::TemporaryFolder folder_;
};

TEST_F(ResticTest, MakesARepositoryOnce) {
    const Restic restic(access());
    EXPECT_EQ(restic.look().what, Standing::What::Missing);
    restic.init();
    EXPECT_TRUE(restic.look().is_ready());
    EXPECT_THROW(restic.init(), Error);
}

TEST_F(ResticTest, MakesASnapshotAndGivesEverythingBack) {
    const Restic restic = made();
    const Made made = restic.backup(source());
    EXPECT_EQ(made.snapshot.size(), 64U);
    EXPECT_EQ(made.files, 2);
    EXPECT_EQ(made.bytes, 300'005);
    EXPECT_TRUE(made.unread.empty()) << made.unread.front();
    const auto snapshots = restic.list_snapshots();
    ASSERT_EQ(snapshots.size(), 1U);
    EXPECT_EQ(snapshots[0].id, made.snapshot);
    EXPECT_EQ(snapshots[0].host, "site-1");
    EXPECT_EQ(snapshots[0].tag("kind"), "data");
    EXPECT_EQ(snapshots[0].tag("none"), "");
    EXPECT_LT(std::abs((now() - std::chrono::milliseconds(snapshots[0].time.milliseconds)).milliseconds), 60'000);
    const std::string root = (folder_.path() / "source").string();
    EXPECT_EQ(restic.dump(made.snapshot, root + "/a.txt"), "first");
    EXPECT_THROW(restic.dump(made.snapshot, root + "/none"), Error);
    EXPECT_THROW(restic.dump(made.snapshot, root + "/below/b.bin", 1000), Error);
    EXPECT_TRUE(restic.list_locks().empty());
    const auto nodes = restic.list_files(made.snapshot, root);
    EXPECT_EQ(std::count_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.is_file; }), 2);
    restic.restore(made.snapshot, folder_.path() / "back", Restic::Proof::Engine);
    EXPECT_EQ(sys::read_file(fs::path((folder_.path() / "back").string() + root) / "a.txt"), "first");
    EXPECT_TRUE(restic.check(Part{}).is_whole);
    EXPECT_TRUE(restic.check(Part{2, 7}).is_whole);
    restic.forget(std::vector{made.snapshot});
    EXPECT_TRUE(restic.list_snapshots().empty());
    EXPECT_TRUE(restic.list_locks().empty());
}

TEST_F(ResticTest, TakesANameForWhatItIsAndForNoPattern) {
    const Restic restic = made();
    const fs::path odd = folder_.path() / "odd [a]*", like = folder_.path() / "odd ab";
    for (const fs::path& each : {odd, like}) {
        fs::create_directory(each);
        sys::write_file(each / "a.txt", "words", sys::Durability::Later);
    }
    Restic::Source from = source();
    from.paths = {odd, like};
    from.excluded = {like / "a.txt"};
    const std::string snapshot = restic.backup(from).snapshot;
    const std::string wanted[] = {odd.string()};
    restic.restore(snapshot, folder_.path() / "back", Restic::Proof::Caller, wanted);
    EXPECT_TRUE(fs::exists((folder_.path() / "back").string() + (odd / "a.txt").string()));
    EXPECT_FALSE(fs::exists((folder_.path() / "back").string() + like.string()));
    from.paths = {odd};
    from.excluded = {odd / "a.txt"};
    EXPECT_EQ(restic.backup(from).files, 0);
}

TEST_F(ResticTest, FindsTheSnapshotsOfAFolderWithoutTheEngineWhileTheyAreWhole) {
    const Restic restic = made();
    EXPECT_FALSE(restic.find_snapshot_names()) << "it has no folder for them: no whole repository";
    fs::create_directory(folder_.path() / "repository/snapshots");
    EXPECT_EQ(restic.find_snapshot_names(), std::vector<std::string>{});
    const std::string snapshot = restic.backup(source()).snapshot;
    EXPECT_EQ(restic.find_snapshot_names(), std::vector{snapshot});
    fs::create_directory(folder_.path() / "repository/snapshots/.DAV");  // a file server's own
    EXPECT_EQ(restic.find_snapshot_names(), std::vector{snapshot});
    const fs::path odd = folder_.path() / "repository/snapshots" / std::string(64, 'a');
    fs::create_directory(odd);
    EXPECT_FALSE(restic.find_snapshot_names()) << "no file can be read there";
    fs::remove(odd);
    const fs::path file = folder_.path() / "repository/snapshots" / snapshot;
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    const std::string bytes = sys::read_file(file);
    sys::write_file(file, bytes.substr(1), sys::Durability::Later);
    EXPECT_FALSE(restic.find_snapshot_names()) << "then the engine says what is wrong";
    sys::write_file(file, bytes, sys::Durability::Later);
    EXPECT_TRUE(restic.find_snapshot_names());
    fs::rename(folder_.path() / "password", folder_.path() / "away");
    EXPECT_FALSE(restic.find_snapshot_names());
    fs::rename(folder_.path() / "away", folder_.path() / "password");
    fs::remove(folder_.path() / "repository/config");
    EXPECT_FALSE(restic.find_snapshot_names());
}

TEST_F(ResticTest, SeesOneFlippedByteThatAPlainCheckDoesNot) {
    const Restic restic = made();
    restic.backup(source());
    const auto name = base::Hash::find_hex(pack().filename().string());
    ASSERT_TRUE(name);
    EXPECT_TRUE(restic.is_pack_whole(*name));
    flip(pack());
    EXPECT_TRUE(restic.check(std::nullopt).is_whole) << "the trap is gone: then reading may be spared";
    const Check check = restic.check(Part{});
    EXPECT_FALSE(check.is_whole);
    EXPECT_FALSE(check.problems.empty());
    EXPECT_FALSE(restic.is_pack_whole(*name));
    EXPECT_THROW(restic.restore(restic.list_snapshots()[0].id, folder_.path() / "back", Restic::Proof::Engine), Error);
}

TEST_F(ResticTest, SeesEachKindOfDamageToEachKindOfFile) {
    const Restic restic = made();
    restic.backup(source());
    const fs::path whole = folder_.path() / "repository", kept = folder_.path() / "kept";
    fs::copy(whole, kept, fs::copy_options::recursive);
    // A missing pack is seen without reading; who reads it, waits while the engine asks again and again.
    const std::pair<const char*, const char*> cases[] = {
        {"data", "delete"}, {"index", "truncate"}, {"snapshots", "zero"}, {"keys", "delete"}, {"config", "truncate"}};
    for (const auto& [kind, how] : cases) {
        SCOPED_TRACE(fmt::format("{} {}", how, kind));
        fs::path file = whole / kind;
        if (fs::is_directory(file))
            for (const auto& each : fs::recursive_directory_iterator(whole / kind))
                if (each.is_regular_file()) file = each.path();
        fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
        if (std::string_view(kind) == "data") file = pack();
        const auto size = fs::file_size(file);
        if (std::string_view(how) == "delete") fs::remove(file);
        if (std::string_view(how) == "truncate") fs::resize_file(file, size / 2);
        if (std::string_view(how) == "zero") std::ofstream(file, std::ios::binary) << std::string(size, '\0');
        const Standing standing = restic.look();
        bool is_found = !standing.is_ready() || standing.snapshots.size() != 1;
        try {
            const bool is_read = std::string_view(kind) != "data";
            is_found = is_found || !restic.check(is_read ? std::optional(Part{}) : std::nullopt).is_whole;
        } catch (const Error&) {
            is_found = true;
        }
        EXPECT_TRUE(is_found);
        fs::remove_all(whole);
        fs::copy(kept, whole, fs::copy_options::recursive);
    }
    EXPECT_TRUE(restic.check(Part{}).is_whole);
}

TEST_F(ResticTest, RefusesAMissingSourceBeforeAnythingRuns) {
    const Restic restic = made();
    Restic::Source asked = source();
    asked.paths.push_back(folder_.path() / "not there");
    EXPECT_THROW(restic.backup(asked), Error);
    EXPECT_TRUE(restic.list_snapshots().empty());
}

TEST_F(ResticTest, TellsAWrongPasswordFromAMissingRepository) {
    const Restic restic = made();
    write("password", "wrong\n");
    fs::permissions(folder_.path() / "password", fs::perms::owner_read);
    EXPECT_EQ(restic.look().what, Standing::What::WrongKey);
    try {
        restic.backup(source());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::NotAllowed);
    }
    EXPECT_THROW(restic.check(Part{}), Error);
    fs::permissions(folder_.path() / "password", fs::perms::others_read, fs::perm_options::add);
    EXPECT_NE(restic.look().problem.find("chmod"), std::string::npos);
    fs::remove(folder_.path() / "password");
    EXPECT_EQ(restic.look().what, Standing::What::WrongKey);
}

TEST_F(ResticTest, IsUnreachableWhereNobodyAnswers) {
    for (const char* where : {"sftp:nobody@127.0.0.1:/x", "s3:http://127.0.0.1:9/bucket/x"}) {
        Access elsewhere = access();
        elsewhere.repository = where;
        elsewhere.environment = {{"AWS_ACCESS_KEY_ID", "x"}, {"AWS_SECRET_ACCESS_KEY", "y"}};
        const Standing standing = Restic(elsewhere).look();
        EXPECT_EQ(standing.what, Standing::What::Unreachable) << where << standing.problem;
        EXPECT_FALSE(standing.problem.empty());
        EXPECT_THROW(Restic(elsewhere).backup(source()), Error);
    }
}

TEST_F(ResticTest, ClearsTheLockOfADeadProcessAndOfNobodyElse) {
    const Restic restic = made();
    restic.backup(source());
    // A backup that is killed in the middle: its lock stays.
    const fs::path pipe = folder_.path() / "pid";
    sys::Command killed;
    killed.arguments = {"/bin/sh", "-c",
                        fmt::format("head -c 100000000 /dev/zero | (sleep 60; cat) | restic --no-cache -r {0} "
                                    "--password-file {1} backup --quiet --stdin & echo $!; wait",
                                    access().repository, access().password_file.string())};
    killed.is_stopped = [&] {
        if (!fs::exists(folder_.path() / "repository/locks") || fs::is_empty(folder_.path() / "repository/locks"))
            return false;
        const auto locks = restic.list_locks();
        if (locks.empty()) return false;
        EXPECT_EQ(restic.clear_stale_locks(now()).size(), 1U) << "its owner is alive";
        ::kill(static_cast<pid_t>(locks[0].process), SIGKILL);
        return true;
    };
    killed.ending = std::chrono::milliseconds(1);
    sys::run(killed);
    ASSERT_EQ(restic.list_locks().size(), 1U);
    EXPECT_THROW(restic.forget(std::vector{restic.list_snapshots()[0].id}), Error) << "the trap is gone";
    for (int i = 0; i < 100 && !restic.clear_stale_locks(now()).empty(); ++i)  // the kernel takes its time
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_TRUE(restic.list_locks().empty());
    EXPECT_TRUE(restic.check(Part{}).is_whole);
    restic.forget(std::vector{restic.list_snapshots()[0].id});
}

TEST_F(ResticTest, StopsAtASafePointWhenAsked) {
    const Restic restic = made();
    Access slow = access();
    // In the middle of its work: one that is stopped while it starts may leave its lock, which the next run takes away.
    slow.is_stopped = [&] {
        const fs::path data = fs::path(slow.repository) / "data";
        const auto is_file = [](const fs::directory_entry& entry) { return entry.is_regular_file(); };
        return fs::exists(data) && std::ranges::any_of(fs::recursive_directory_iterator(data), is_file);
    };
    for (int i = 0; i < 40; ++i) write(fmt::format("source/{}.bin", i), sys::random_bytes(4 << 20));
    EXPECT_THROW(Restic(slow).backup(source()), base::Interrupted);
    EXPECT_TRUE(restic.list_snapshots().empty());
    EXPECT_TRUE(restic.list_locks().empty()) << "it took its lock with it";
}

TEST_F(ResticTest, SaysThatTheDiskIsFullAndKeepsWhatWasThere) {
    const fs::path disk = folder_.path() / "disk";
    fs::create_directories(disk);
    ASSERT_EQ(::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=3m,mode=0700"), 0) << "root rights are needed";
    Access small = access();
    small.repository = (disk / "repository").string();
    made();
    fs::copy(access().repository, small.repository, fs::copy_options::recursive);
    const Restic restic(small);
    restic.backup(source());
    write("source/large.bin", sys::random_bytes(8 << 20));
    EXPECT_THROW(restic.backup(source()), Error);
    EXPECT_EQ(restic.list_snapshots().size(), 1U);
    EXPECT_TRUE(restic.check(Part{}).is_whole);
    ::umount2(disk.c_str(), MNT_DETACH);
}

TEST_F(ResticTest, NamesWhatItCouldNotRead) {
    const Restic restic = made();
    // A file that is there and cannot be read, also by root.
    const fs::path disk = folder_.path() / "source/proc";
    fs::create_directories(disk);
    ASSERT_EQ(::mount("/proc/self", disk.c_str(), nullptr, MS_BIND, nullptr), 0) << "root rights are needed";
    Restic::Source asked = source();
    asked.paths = {folder_.path() / "source/a.txt", disk / "mem"};
    const Made made = restic.backup(asked);
    ::umount2(disk.c_str(), MNT_DETACH);
    EXPECT_FALSE(made.unread.empty());
}

TEST(Repository, IsAFolderOrOfAKindThatRunsNothingElse) {
    for (const char* good : {"sftp:user@host:/folder", "sftp://user@host:22//folder", "s3:https://host/bucket/city"})
        EXPECT_NO_THROW(check_repository(good, false)) << good;
    EXPECT_NO_THROW(check_repository("/mnt/disk", true));
    for (const char* bad : {"rclone:remote:folder", "rest:https://user:word@host/", "sftp:-oProxyCommand=x:/", "b2:x:y",
                            "sftp:user@-oProxyCommand=x:/f", "sftp://-oProxyCommand=x/f", "-x"})
        EXPECT_THROW(check_repository(bad, false), Error) << bad;
}

TEST(EnvironmentFile, IsReadUnlessOthersMayReadItOrItChangesPrograms) {
    const sys::TemporaryFolder folder;
    const fs::path file = folder.path() / "environment";
    sys::write_file(file, "# keys\nAWS_ACCESS_KEY_ID=abc\n\nAWS_SECRET_ACCESS_KEY=d=e f\n", sys::Durability::Later,
                    0600);
    const auto read = read_environment_file(file);
    EXPECT_EQ(read.at("AWS_SECRET_ACCESS_KEY"), "d=e f");
    EXPECT_EQ(read.size(), 2U);
    for (const char* bad : {"PATH=/tmp", "LD_PRELOAD=x", "RESTIC_PASSWORD_COMMAND=rm", "no equals", "=x", "a b=c"}) {
        sys::write_file(file, std::string(bad) + "\n", sys::Durability::Later, 0600);
        EXPECT_THROW(read_environment_file(file), Error) << bad;
    }
    sys::write_file(file, "A=b\n", sys::Durability::Later, 0644);
    EXPECT_THROW(read_environment_file(file), Error);
}

}  // namespace
}  // namespace backup
