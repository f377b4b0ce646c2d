// Takeover and publication on a disk that is full: at every size at which they run out of space they say so and lose
// nothing, and with room made they arrive where they should. Needs to mount a small tmpfs, so it runs as root (as CI
// does).

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "ground/sys/files.h"
#include "ground/sys/process.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;

class SmallDisk {
  public:
    explicit SmallDisk(fs::path at) : at_(std::move(at)) {
        fs::create_directories(at_);
        resize(64 << 10, 0);
    }
    ~SmallDisk() { ::umount2(at_.c_str(), MNT_DETACH); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    void resize(std::size_t kilobytes, unsigned long flags = MS_REMOUNT) const {
        const std::string options = "size=" + std::to_string(kilobytes) + "k,mode=0755";
        ASSERT_EQ(::mount("tmpfs", at_.c_str(), "tmpfs", flags, options.c_str()), 0)
            << "root rights are needed to mount a tmpfs";
    }

  private:
    fs::path at_;
};

sys::Outcome yakuba(const fs::path& site, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {program_path("yakuba"), "--site", site.string()});
    return sys::run({arguments});
}

std::size_t kilobytes_used(const fs::path& disk) {
    const auto space = fs::space(disk);
    return (space.capacity - space.free) / 1024;
}

TEST(FullDisk, IsReportedAndLosesNothing) {
    const sys::TemporaryFolder work;
    std::map<std::string, std::string> files;
    for (int i = 0; i < 40; ++i)
        files["page" + std::to_string(i) + ".html"] =
            "<html><title>" + std::to_string(i) + "</title>" + std::string(20'000, 'x') + std::to_string(i);
    write_tree(work.path() / "source", files);
    const auto wanted = tree_of(work.path() / "source");
    const SmallDisk disk(work.path() / "disk");
    const fs::path site = work.path() / "disk/site";
    ASSERT_EQ(sys::run({{program_path("yakuba"), "site", "init", site.string()}}).exit_code, 0);
    const std::vector<std::vector<std::string>> commands{{"site", "takeover", (work.path() / "source").string()},
                                                         {"site", "publish"}};
    for (const auto& command : commands) {
        int refusals = 0;
        for (std::size_t more = 16;; more += 96) {
            disk.resize(kilobytes_used(work.path() / "disk") + more);
            const sys::Outcome outcome = yakuba(site, command);
            if (outcome.exit_code == 0) break;
            EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
            EXPECT_FALSE(outcome.errors.empty());
            ++refusals;
            ASSERT_LT(refusals, 60);
            for (const auto& [path, hash] : tree_of(site / "public")) EXPECT_EQ(wanted.at(path), hash) << path;
        }
        EXPECT_GT(refusals, 2) << "the disk was never full";
    }
    EXPECT_EQ(tree_of(site / "public"), wanted);
    EXPECT_EQ(yakuba(site, {"guard", "verify"}).exit_code, 0);
    EXPECT_EQ(yakuba(site, {"ledger", "verify"}).exit_code, 0);
}

}  // namespace

}  // namespace tests
