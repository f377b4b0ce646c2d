#include "ground/sys/beneath.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/testing/without_openat2.h"

namespace sys {
namespace {

class OpenBeneath : public ::testing::Test {
  protected:
    TemporaryFolder folder_;
    Descriptor root_;

    void SetUp() override {
        std::filesystem::create_directories(folder_.path() / "public/kurashi");
        std::ofstream(folder_.path() / "public/kurashi/gomi.html") << "x";
        std::ofstream(folder_.path() / "secret") << "x";
        std::filesystem::create_symlink("../secret", folder_.path() / "public/out");
        root_ = Descriptor(::open((folder_.path() / "public").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    bool opens(const std::string& path) const { return bool(open_beneath(root_.get(), path, O_RDONLY)); }
};

}  // namespace

TEST_F(OpenBeneath, OpensWhatIsInsideAndNothingElse) {
    for (const char* inside : {"", "kurashi", "kurashi/gomi.html"}) EXPECT_TRUE(opens(inside)) << inside;
    for (const char* outside : {"out", "../secret", "kurashi/../../secret", "/etc/passwd", "kurashi/none"})
        EXPECT_FALSE(opens(outside)) << outside;
}

TEST_F(OpenBeneath, SaysWhereTheKernelDoesNotKeepPathsInside) {
    try {
        testing::run_without_openat2([&] { opens("kurashi/gomi.html"); });
        FAIL() << "it was opened by another way, or taken for missing";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Unavailable);
        EXPECT_NE(std::string(error.what()).find("RestrictSUIDSGID"), std::string::npos) << error.what();
    }
    EXPECT_TRUE(opens("kurashi/gomi.html")) << "other threads are as before";
}

}  // namespace sys
