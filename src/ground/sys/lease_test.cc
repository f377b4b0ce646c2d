#include "ground/sys/lease.h"

#include <atomic>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

namespace sys {

namespace {

class Lease : public ::testing::Test {
  protected:
    TemporaryFolder folder_;
    std::filesystem::path path_ = folder_.path() / "file";
    void SetUp() override { std::ofstream(path_) << "x"; }
    Writers find() const { return find_writers(Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC))); }
};

}  // namespace

TEST_F(Lease, TellsOfWhoeverMayWrite) {
    EXPECT_EQ(find(), Writers::None);
    Descriptor reader(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(find(), Writers::None);
    Descriptor writer(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
    EXPECT_EQ(find(), Writers::Some);
    if (!are_mappings_told(writer)) GTEST_SKIP() << "on overlayfs the kernel does not tell of mappings";
    void* mapped = ::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, writer.get(), 0);
    ASSERT_NE(mapped, MAP_FAILED);
    writer = Descriptor();
    EXPECT_EQ(find(), Writers::Some) << "the mapping holds it";
    ::munmap(mapped, 1);
    EXPECT_EQ(find(), Writers::None);
    EXPECT_EQ(find_writers(Descriptor(::open(folder_.path().c_str(), O_RDONLY | O_CLOEXEC))), Writers::Unknown);
}

TEST_F(Lease, AskingEndsNobodyWhoIsOpeningTheFileMeanwhile) {
    std::atomic<bool> is_over = false;
    std::thread opener([&] {
        while (!is_over) Descriptor(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
    });
    for (int i = 0; i < 2000; ++i) find();  // SIGIO would end this process
    is_over = true;
    opener.join();
    EXPECT_EQ(find(), Writers::None);
}

}  // namespace sys
