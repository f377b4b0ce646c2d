// Takeover, saves, approval and publication on a disk that is full: at every size at which they run out of space they
// say so and lose nothing, and with room made they arrive where they should. Needs to mount a small tmpfs, so it runs
// as root (as CI does).

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "editor_acts.h"
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

/// "acts": an editor's act; else the program.
sys::Outcome yakuba(const fs::path& site, std::vector<std::string> arguments) {
    if (arguments.front() == "acts") {
        arguments.front() = program_path("crash-acts");
        arguments.insert(arguments.begin() + 1, site.string());
    } else {
        arguments.insert(arguments.begin(), {program_path("yakuba"), "--site", site.string()});
    }
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
    files["kurashi/gomi.html"] = "<html><title>ごみ</title><body><div id=\"main\"><p>月曜日</p></div></body></html>";
    write_tree(work.path() / "source", files);
    const auto wanted = tree_of(work.path() / "source");
    const SmallDisk disk(work.path() / "disk");
    const fs::path site = work.path() / "disk/site";
    ASSERT_EQ(sys::run({{program_path("yakuba"), "site", "init", site.string()}}).exit_code, 0);
    ASSERT_EQ(yakuba(site, {"acts", "prepare", "0"}).exit_code, 0);
    // Each runs on a disk with ever more room, until it is done. `least`: how often the disk has to have been too
    // small.
    const auto run_short_of_room = [&](const std::vector<std::string>& command, int least, auto&& check) {
        int refusals = 0;
        for (std::size_t more = 4;; more += least > 2 ? 96 : 12) {
            disk.resize(kilobytes_used(work.path() / "disk") + more);
            const sys::Outcome outcome = yakuba(site, command);
            check();
            if (outcome.exit_code == 0) break;
            EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
            EXPECT_FALSE(outcome.errors.empty());
            ASSERT_LT(++refusals, 60);
        }
        EXPECT_GE(refusals, least) << command.back() << ": the disk was never full";
    };
    const auto expect_no_half_page = [&] {
        for (const auto& [path, hash] : tree_of(site / "public"))
            if (wanted.contains(path)) {
                EXPECT_EQ(wanted.at(path), hash) << path;
            }
    };
    run_short_of_room({"site", "takeover", (work.path() / "source").string()}, 3, expect_no_half_page);
    run_short_of_room({"site", "publish"}, 3, expect_no_half_page);
    const auto first = tree_of(site / "public");
    for (const auto& [path, hash] : wanted) EXPECT_EQ(first.at(path), hash) << path;

    disk.resize(kilobytes_used(work.path() / "disk") + 4096);
    ASSERT_EQ(yakuba(site, {"page", "region", "kurashi/", "--under", "--selector", "#main"}).exit_code, 0);
    std::set<std::string> acknowledged;
    int refused = 0;
    for (int number = 1; number <= 40 && refused < 5; ++number) {  // saves until the disk is full
        disk.resize(kilobytes_used(work.path() / "disk") + 64 - std::min(60, 4 * number));
        const sys::Outcome saved = yakuba(site, {"acts", "save", std::to_string(number)});
        if (saved.output.ends_with("done\n"))
            acknowledged.insert(saved_text(number));
        else
            ++refused;
    }
    EXPECT_EQ(refused, 5) << "the disk was never full";
    disk.resize(kilobytes_used(work.path() / "disk") + 4096);
    const std::string saved = yakuba(site, {"acts", "list", "0"}).output;
    for (const std::string& text : acknowledged) EXPECT_NE(saved.find(text), std::string::npos) << text << " is lost";

    EXPECT_EQ(yakuba(site, {"acts", "save", "100"}).exit_code, 0);
    EXPECT_EQ(tree_of(site / "public"), first) << "a live page stays while its next revision is written";
    EXPECT_EQ(yakuba(site, {"acts", "submit", "100"}).exit_code, 0);
    run_short_of_room({"acts", "approve", "100"}, 0, [&] { EXPECT_EQ(tree_of(site / "public"), first); });
    run_short_of_room({"site", "publish"}, 1, [] {});
    EXPECT_NE(sys::read_file(site / "public/kurashi/gomi.html").find(saved_text(100)), std::string::npos);
    EXPECT_EQ(yakuba(site, {"guard", "verify"}).exit_code, 0);
    EXPECT_EQ(yakuba(site, {"ledger", "verify"}).exit_code, 0);
}

}  // namespace

}  // namespace tests
