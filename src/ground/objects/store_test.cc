#include "ground/objects/store.h"

#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"

namespace objects {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

class ObjectStore : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    fs::path root_ = folder_.path() / "objects";
    std::unique_ptr<Store> store_ = open_folder(root_);

    fs::path file_of(const base::Hash& hash) const { return root_ / hash.hex().substr(0, 2) / hash.hex(); }
    fs::path write(const std::string& name, const std::string& bytes) const {
        std::ofstream(folder_.path() / name, std::ios::binary) << bytes;
        return folder_.path() / name;
    }
    void copy(const base::Hash& hash, const fs::path& target) const {
        sys::StagedFile out(target, folder_.path());
        store_->copy_into(hash, out);
        out.commit();
    }
    std::size_t count_staged() const {
        std::size_t files = 0;
        for (const auto& each : fs::recursive_directory_iterator(root_ / "staging")) files += each.is_regular_file();
        return files;
    }
};

template <class Work>
Kind kind_of(const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.kind();
    }
    ADD_FAILURE() << "nothing was thrown";
    return Kind::Bug;
}

/// Bytes without a period, so that a piece read twice or left out changes the hash.
std::string large_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& c : bytes) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

}  // namespace

TEST_F(ObjectStore, GivesBackWhatWasPutUnderItsHash) {
    const std::string bytes("\0with a zero and \xff", 18);
    const Stored first = store_->put(bytes);
    EXPECT_TRUE(first.is_new);
    EXPECT_EQ(first.hash, sys::sha256(bytes));
    EXPECT_EQ(first.size, 18);
    EXPECT_FALSE(store_->put(bytes).is_new);
    EXPECT_EQ(store_->load(first.hash), bytes);
    EXPECT_EQ(store_->find_size(first.hash), 18);
    EXPECT_EQ(store_->load(store_->put("").hash), "");
    EXPECT_EQ(count_staged(), 0U);
}

TEST_F(ObjectStore, SaysSoWhenAnObjectIsMissing) {
    const base::Hash nowhere = sys::sha256("never put");
    EXPECT_EQ(kind_of([&] { store_->load(nowhere); }), Kind::NotFound);
    EXPECT_EQ(kind_of([&] { copy(nowhere, folder_.path() / "x"); }), Kind::NotFound);
    EXPECT_FALSE(store_->find_size(nowhere));
    EXPECT_FALSE(fs::exists(folder_.path() / "x"));
}

TEST_F(ObjectStore, NoticesDamageOnLoadingAndLeavesTheTargetUntouched) {
    for (const std::size_t size : {std::size_t{1000}, std::size_t{6} << 20}) {
        SCOPED_TRACE(size);
        std::string bytes = large_bytes(size);
        const Stored stored = store_->put(bytes);
        bytes[size / 2] = static_cast<char>(bytes[size / 2] ^ 1);  // one bit, the same size
        std::ofstream(file_of(stored.hash), std::ios::binary) << bytes;
        EXPECT_EQ(kind_of([&] { store_->load(stored.hash); }), Kind::Damaged);
        const fs::path target = write("target", "old");
        EXPECT_EQ(kind_of([&] { copy(stored.hash, target); }), Kind::Damaged);
        EXPECT_EQ(sys::read_file(target), "old");
    }
}

TEST_F(ObjectStore, WritesWrongBytesUnderTheRightNameAgain) {
    for (const std::size_t size : {std::size_t{100}, std::size_t{5} << 20}) {
        SCOPED_TRACE(size);
        const std::string bytes = large_bytes(size);
        const Stored stored = store_->put(bytes);
        const fs::path source = write("source", bytes);
        for (const std::string& wrong : {std::string(size, 'x'), bytes.substr(1), std::string()}) {
            std::ofstream(file_of(stored.hash), std::ios::binary) << wrong;
            EXPECT_TRUE(store_->put(bytes).is_new);
            EXPECT_EQ(store_->load(stored.hash), bytes);
            std::ofstream(file_of(stored.hash), std::ios::binary) << wrong;
            EXPECT_TRUE(store_->put_file(source, sys::Durability::Now).is_new);
            EXPECT_EQ(store_->load(stored.hash), bytes);
        }
    }
}

TEST_F(ObjectStore, TakesLargeFilesPieceByPiece) {
    // Around the border between the two ways of reading, and well above it.
    for (const std::size_t size : {(std::size_t{4} << 20) - 1, std::size_t{4} << 20, (std::size_t{4} << 20) + 1,
                                   (std::size_t{9} << 20) + 12345}) {
        SCOPED_TRACE(size);
        const std::string bytes = large_bytes(size);
        const fs::path source = write("large", bytes);
        const Stored stored = store_->put_file(source, sys::Durability::Later);
        EXPECT_EQ(stored.hash, sys::sha256(bytes));
        EXPECT_EQ(stored.size, static_cast<std::int64_t>(size));
        EXPECT_FALSE(store_->put_file(source, sys::Durability::Later).is_new);
        const fs::path copied = folder_.path() / "copy";
        copy(stored.hash, copied);
        EXPECT_EQ(sys::sha256(sys::read_file(copied)), stored.hash);
        struct stat status {};
        ASSERT_EQ(::stat(copied.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777U, 0644U);
        EXPECT_EQ(status.st_nlink, 1U);
    }
    store_->sync();
    EXPECT_EQ(count_staged(), 0U);
}

TEST_F(ObjectStore, NeverKeepsBytesUnderAWrongNameWhenAFileChangesWhileItIsRead) {
    const fs::path source = write("changing", large_bytes(std::size_t{6} << 20));
    std::atomic<bool> is_done{false};
    std::thread writer([&] {
        const int file = ::open(source.c_str(), O_WRONLY | O_CLOEXEC);
        for (unsigned i = 0; !is_done; ++i) {
            const char c = static_cast<char>(i);
            EXPECT_EQ(::pwrite(file, &c, 1, static_cast<off_t>(i * 7919U % (6U << 20))), 1);
            if (i % 64 == 0) {
                EXPECT_EQ(::ftruncate(file, (6 << 20) - static_cast<off_t>(i % 4096)), 0);
            }
        }
        ::close(file);
    });
    int refused = 0;
    for (int i = 0; i < 25; ++i) {
        try {
            const Stored stored = store_->put_file(source, sys::Durability::Later);
            EXPECT_EQ(sys::sha256(store_->load(stored.hash)), stored.hash);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), Kind::Conflict) << error.message();
            ++refused;
        }
    }
    is_done = true;
    writer.join();
    EXPECT_GT(refused, 0);
    EXPECT_EQ(count_staged(), 0U);
}

TEST_F(ObjectStore, TakesNoFolderAndWaitsForNoPipe) {
    fs::create_directory(folder_.path() / "folder");
    ASSERT_EQ(::mkfifo((folder_.path() / "pipe").c_str(), 0644), 0);
    EXPECT_EQ(kind_of([&] { store_->put_file(folder_.path() / "folder", {}); }), Kind::BadInput);
    EXPECT_EQ(kind_of([&] { store_->put_file(folder_.path() / "pipe", {}); }), Kind::BadInput);
    EXPECT_EQ(kind_of([&] { store_->put_file(folder_.path() / "nothing", {}); }), Kind::BadInput);
}

TEST_F(ObjectStore, IsSafeWhenThreadsPutTheSameBytes) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) {
                const std::string bytes = fmt::format("object {}", i);
                EXPECT_EQ(store_->load(store_->put(bytes, sys::Durability::Later).hash), bytes);
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(count_staged(), 0U);
}

}  // namespace objects
