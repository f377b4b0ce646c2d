#include "watch/guard/compare.h"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace guard {

namespace {

namespace fs = std::filesystem;
using release::Change;

class Compare : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    fs::path root_ = folder_.path() / "public";
    release::Manifest manifest_;

    void SetUp() override {
        fs::create_directory(root_);
        ::chmod(root_.c_str(), 0755);
        for (const std::string path : {"index.html", "kurashi/gomi.html", "kurashi/zei/index.html", "img/logo.png"})
            release(path, "the bytes of " + path);
        release::Entry redirect;
        redirect.path = "old.html";
        redirect.status = 301;
        redirect.location = "/";
        manifest_.apply(std::vector<Change>{Change::put(redirect)});
    }

    void release(const std::string& path, const std::string& bytes) {
        release::Entry entry;
        entry.path = path;
        entry.hash = sys::sha256(bytes);
        entry.size = static_cast<std::int64_t>(bytes.size());
        entry.type = "text/html";
        manifest_.apply(std::vector<Change>{Change::put(entry)});
        write(path, bytes);
    }
    void write(const std::string& path, const std::string& bytes) const {
        for (fs::path folder = (root_ / path).parent_path(); !fs::exists(folder);) {
            fs::create_directories(folder);
            for (; folder != root_; folder = folder.parent_path()) ::chmod(folder.c_str(), 0755);
            break;
        }
        std::ofstream(root_ / path, std::ios::binary) << bytes;
        ::chmod((root_ / path).c_str(), 0644);
    }
    /// "kind path" of each deviation.
    std::vector<std::string> found(int threads = 2) const {
        CompareOptions options;
        options.threads = threads;
        std::vector<std::string> all;
        const auto deviations = compare(manifest_, root_, options).deviations;
        std::set<std::string> paths;
        for (const Deviation& one : deviations) paths.insert(one.path);
        EXPECT_EQ(recheck(manifest_, root_, paths), deviations) << "a second look at the same paths says the same";
        for (const Deviation& one : deviations) {
            EXPECT_FALSE(one.detail.empty());
            all.push_back(std::string(deviance_name(one.kind)) + " " + one.path);
        }
        return all;
    }
};

using Found = std::vector<std::string>;

}  // namespace

TEST_F(Compare, FindsNothingInATreeThatIsTheRelease) {
    const Comparison comparison = compare(manifest_, root_);
    EXPECT_TRUE(comparison.deviations.empty());
    EXPECT_EQ(comparison.files, 4);
    EXPECT_EQ(comparison.bytes, manifest_.bytes());
}

TEST_F(Compare, FindsAnEditOfTheSameSizeWithItsTimesRestored) {
    const fs::path file = root_ / "kurashi/gomi.html";
    struct stat before {};
    ASSERT_EQ(::stat(file.c_str(), &before), 0);
    std::fstream(file, std::ios::in | std::ios::out).put('T');
    const timespec times[] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
    EXPECT_EQ(found(), Found{"changed kurashi/gomi.html"});
}

TEST_F(Compare, FindsLongerShorterAndEmptiedFiles) {
    std::ofstream(root_ / "index.html", std::ios::app) << "<script>";
    fs::resize_file(root_ / "kurashi/gomi.html", 3);
    fs::resize_file(root_ / "img/logo.png", 0);
    EXPECT_EQ(found(), (Found{"changed img/logo.png", "changed index.html", "changed kurashi/gomi.html"}));
}

TEST_F(Compare, ReadsNoMoreOfAHugeFileThanItTakesToKnow) {
    fs::resize_file(root_ / "index.html", std::uintmax_t{1} << 40);  // sparse
    const Comparison comparison = compare(manifest_, root_);
    ASSERT_EQ(comparison.deviations.size(), 1U);
    EXPECT_EQ(comparison.deviations[0].kind, Deviance::Changed);
    EXPECT_LT(comparison.bytes, 1 << 20);
}

TEST_F(Compare, FindsMissingFilesAndFolders) {
    fs::remove(root_ / "index.html");
    fs::remove_all(root_ / "kurashi");
    EXPECT_EQ(found(), (Found{"missing index.html", "missing kurashi/gomi.html", "missing kurashi/zei/index.html"}));
}

TEST_F(Compare, FindsExtraFilesEmptyFoldersAndWhatIsInThem) {
    write("kurashi/.htaccess", "php on");
    write("new/shell.php", "<?php");
    fs::create_directory(root_ / "kurashi/empty");
    write("old.html", "a file where the release has only a redirect");
    EXPECT_EQ(found(), (Found{"extra kurashi/.htaccess", "extra kurashi/empty/", "extra new/", "extra new/shell.php",
                              "extra old.html"}));
}

TEST_F(Compare, FindsModesOfFilesAndFolders) {
    ::chmod((root_ / "index.html").c_str(), 0666);
    ::chmod((root_ / "img/logo.png").c_str(), 04644);
    ::chmod((root_ / "kurashi").c_str(), 0777);
    EXPECT_EQ(found(), (Found{"mode img/logo.png", "mode index.html", "mode kurashi/"}));
}

TEST_F(Compare, FindsForeignOwners) {
    if (::geteuid() != 0) {  // only root can give a file away; a group of one's own is the most that others can do
        std::array<gid_t, 64> groups{};
        const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
        const auto* other = std::find_if(groups.begin(), groups.begin() + std::max(count, 0),
                                         [](gid_t group) { return group != ::getegid(); });
        if (other == groups.begin() + std::max(count, 0)) GTEST_SKIP() << "needs root or a second group";
        ASSERT_EQ(::chown((root_ / "index.html").c_str(), static_cast<uid_t>(-1), *other), 0);
        EXPECT_EQ(found(), Found{"owner index.html"});
        return;
    }
    ASSERT_EQ(::chown((root_ / "index.html").c_str(), 1234, 0), 0);
    ASSERT_EQ(::chown((root_ / "img").c_str(), 0, 1234), 0);
    EXPECT_EQ(found(), (Found{"owner img/", "owner index.html"}));
}

TEST_F(Compare, FindsHardLinksWithinAndOutOfTheTree) {
    fs::create_hard_link(root_ / "index.html", folder_.path() / "outside");
    fs::remove(root_ / "img/logo.png");
    release("copy.html", "the bytes of kurashi/gomi.html");
    fs::remove(root_ / "copy.html");
    fs::create_hard_link(root_ / "kurashi/gomi.html", root_ / "copy.html");
    EXPECT_EQ(found(), (Found{"hardlink copy.html", "missing img/logo.png", "hardlink index.html",
                              "hardlink kurashi/gomi.html"}));
}

TEST_F(Compare, FindsLinksInPlaceOfFilesAndFoldersEvenToTheRightBytes) {
    fs::rename(root_ / "index.html", folder_.path() / "index.html");
    fs::create_symlink(folder_.path() / "index.html", root_ / "index.html");
    fs::rename(root_ / "kurashi", folder_.path() / "kurashi");
    fs::create_symlink(folder_.path() / "kurashi", root_ / "kurashi");
    fs::create_symlink("nowhere", root_ / "img/dangling");
    EXPECT_EQ(found(), (Found{"link img/dangling", "link index.html", "link kurashi", "missing kurashi/gomi.html",
                              "missing kurashi/zei/index.html"}));
}

TEST_F(Compare, FindsFoldersAndPipesInPlaceOfFiles) {
    fs::remove(root_ / "index.html");
    fs::create_directory(root_ / "index.html");
    write("index.html/inside.html", "x");
    fs::remove(root_ / "img/logo.png");
    ASSERT_EQ(::mkfifo((root_ / "img/logo.png").c_str(), 0644), 0);
    ASSERT_EQ(::mkfifo((root_ / "img/pipe").c_str(), 0644), 0);
    EXPECT_EQ(found(),
              (Found{"type img/logo.png", "type img/pipe", "type index.html", "extra index.html/inside.html"}));
}

TEST_F(Compare, FindsAFileInPlaceOfAFolder) {
    fs::remove_all(root_ / "kurashi");
    write("kurashi", "a file");
    EXPECT_EQ(found(), (Found{"extra kurashi", "missing kurashi/gomi.html", "missing kurashi/zei/index.html"}));
}

TEST_F(Compare, FindsTheSameWithOneThreadAndWithMany) {
    for (int i = 0; i < 500; ++i) release(fmt::format("many/{}.html", i), fmt::format("page {}", i));
    for (int i = 0; i < 500; i += 7) std::ofstream(root_ / fmt::format("many/{}.html", i)) << "tampered";
    for (int i = 3; i < 500; i += 11) fs::remove(root_ / fmt::format("many/{}.html", i));
    const Found with_one = found(1);
    EXPECT_GT(with_one.size(), 100U);
    EXPECT_EQ(with_one, found(2));
    EXPECT_EQ(with_one, found(8));
}

TEST_F(Compare, TellsItsProgressUpToTheEnd) {
    for (int i = 0; i < 300; ++i) release(fmt::format("many/{}.html", i), fmt::format("page {}", i));
    for (const int threads : {1, 2}) {
        std::vector<std::int64_t> told;
        CompareOptions options;
        options.threads = threads;
        options.progress = [&](std::int64_t done, std::int64_t total) {
            EXPECT_EQ(total, 304);
            told.push_back(done);
        };
        compare(manifest_, root_, options);
        EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
        EXPECT_EQ(told.back(), 304);
        EXPECT_GE(told.size(), threads == 1 ? 2U : 1U);  // a second thread may take every file whose turn would tell
    }
}

TEST_F(Compare, StopsWhenToldTo) {
    CompareOptions options;
    options.is_stopped = [] { return true; };
    EXPECT_THROW(compare(manifest_, root_, options), base::Error);
}

TEST_F(Compare, RefusesARootThatIsNoFolder) {
    EXPECT_THROW(compare(manifest_, root_ / "nothing"), base::Error);
    EXPECT_THROW(compare(manifest_, root_ / "index.html"), base::Error);
    fs::create_symlink(root_, folder_.path() / "link");
    EXPECT_THROW(compare(manifest_, folder_.path() / "link"), base::Error);
}

TEST_F(Compare, ASecondLookSeesWhatHasBeenPutRightMeanwhile) {
    write("index.html", "not yet");
    fs::remove(root_ / "kurashi/gomi.html");
    write("extra/new.html", "x");
    const std::set<std::string> paths{"./",     "index.html",     "kurashi/gomi.html",
                                      "extra/", "extra/new.html", "never/was.html"};
    EXPECT_EQ(recheck(manifest_, root_, paths).size(), 4U);
    write("index.html", "the bytes of index.html");
    write("kurashi/gomi.html", "the bytes of kurashi/gomi.html");
    fs::remove_all(root_ / "extra");
    EXPECT_TRUE(recheck(manifest_, root_, paths).empty());
    fs::remove_all(root_ / "kurashi");
    fs::create_directory_symlink("img", root_ / "kurashi");
    EXPECT_EQ(recheck(manifest_, root_, {"kurashi/gomi.html"}).front().kind, Deviance::Missing)
        << "no link is followed";
}

}  // namespace guard
