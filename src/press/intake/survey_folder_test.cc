#include <fstream>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "press/intake/source.h"

namespace intake {

namespace {

namespace fs = std::filesystem;

class SurveyFolder : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    fs::path root_ = folder_.path() / "site";
    void SetUp() override { fs::create_directory(root_); }

    void write(const std::string& path, const std::string& bytes = "x") const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::binary) << bytes;
    }
    void link(const fs::path& target, const std::string& path) const {
        fs::create_directories((root_ / path).parent_path());
        fs::create_symlink(target, root_ / path);
    }
    Survey survey(const Bounds& bounds = {}) const { return survey_folder(root_, bounds); }
};

std::vector<std::string> paths_of(const Survey& survey) {
    std::vector<std::string> paths;
    for (const Item& item : survey.items) paths.push_back(item.path);
    return paths;
}

std::string reason_of(const Survey& survey, const std::string& path) {
    for (const Skipped& skipped : survey.skipped)
        if (skipped.path == path) return skipped.reason;
    return "not skipped";
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_F(SurveyFolder, ListsEveryFileByPathBytesWithSizeAndTime) {
    write("b/index.html", "12345");
    write("a.html");
    write("b.html");
    write(".htaccess");
    write("b/.git/config");
    write(".well-known/security.txt");
    fs::create_directories(root_ / "empty/deeper");
    const Survey found = survey();
    EXPECT_EQ(paths_of(found), (Paths{".well-known/security.txt", "a.html", "b.html", "b/index.html"}));
    EXPECT_EQ(found.items.back().size, 5);
    EXPECT_GT(found.items.back().changed_at, 0);
    EXPECT_EQ(found.empty_folders, Paths{"empty/deeper"});
    EXPECT_EQ(found.skipped.size(), 2U);
    EXPECT_NE(reason_of(found, ".htaccess").find("no public content"), std::string::npos);
    EXPECT_NE(reason_of(found, "b/.git").find("no public content"), std::string::npos);
}

TEST_F(SurveyFolder, FollowsLinksInsideTheTreeAndSaysWhereTheyLead) {
    write("real/a.html", "abc");
    link("real/a.html", "alias.html");
    link("../real", "sub/folder");
    const Survey found = survey();
    EXPECT_EQ(paths_of(found), (Paths{"alias.html", "real/a.html", "sub/folder/a.html"}));
    EXPECT_EQ(found.items[0].link_target, "real/a.html");
    EXPECT_EQ(found.items[0].size, 3);
}

TEST_F(SurveyFolder, SkipsLinksOutNowhereAndInCircles) {
    write("a.html");
    fs::create_directory(folder_.path() / "site-beside");  // its name starts as the root's does
    std::ofstream(folder_.path() / "site-beside" / "secret") << "s";
    link("../site-beside/secret", "out");
    link(folder_.path() / "site-beside", "out-folder");
    link("/etc/passwd", "absolute");
    link("nowhere", "dangling");
    link("itself", "itself");
    link("..", "sub/up");
    link(".", "here");
    const Survey found = survey();
    EXPECT_EQ(paths_of(found), Paths{"a.html"});
    for (const std::string path : {"out", "out-folder", "absolute"})
        EXPECT_TRUE(reason_of(found, path).starts_with("a link out of the tree")) << path;
    for (const std::string path : {"dangling", "itself"})
        EXPECT_TRUE(reason_of(found, path).starts_with("a link that leads nowhere")) << path;
    for (const std::string path : {"sub/up", "here"})
        EXPECT_TRUE(reason_of(found, path).starts_with("a link to a folder above it")) << path;
}

TEST_F(SurveyFolder, IsNotDrownedByFoldersThatAllLinkToEachOther) {
    constexpr int kFolders = 12;  // 12! ways through them, and not one file to count
    for (int i = 0; i < kFolders; ++i)
        for (int j = 0; j < kFolders; ++j)
            if (i != j) link(fmt::format("../f{}", j), fmt::format("f{}/to{}", i, j));
    Bounds bounds;
    bounds.files = 2000;
    EXPECT_THROW(survey(bounds), base::Error);
}

TEST_F(SurveyFolder, SkipsWhatIsNoFile) {
    write("a.html");
    ASSERT_EQ(::mkfifo((root_ / "pipe").c_str(), 0644), 0);
    const sys::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (root_ / "socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
    void* const generic = &address;
    ASSERT_EQ(::bind(socket.get(), static_cast<const sockaddr*>(generic), sizeof address), 0);
    link("/dev/null", "device");
    const Survey found = survey();
    EXPECT_EQ(paths_of(found), Paths{"a.html"});
    EXPECT_TRUE(reason_of(found, "pipe").starts_with("not a regular file"));
    EXPECT_TRUE(reason_of(found, "socket").starts_with("not a regular file"));
    EXPECT_TRUE(reason_of(found, "device").starts_with("a link out of the tree"));
}

TEST_F(SurveyFolder, ListsWhatMayNotBeReadAndGoesOn) {
    write("a.html");
    write("secret.html");
    write("closed/b.html");
    ::chmod((root_ / "secret.html").c_str(), 0);
    ::chmod((root_ / "closed").c_str(), 0);
    // Root may read everything, so the test becomes somebody else for a moment.
    const bool is_root = ::geteuid() == 0;
    ::chmod(folder_.path().c_str(), 0755);
    const auto as_nobody = [&](uid_t user) { return is_root ? ::setresuid(user, user, 0) : 0; };
    ASSERT_EQ(as_nobody(65534), 0);
    Survey found;
    try {
        found = survey();
    } catch (const base::Error& error) {
        ADD_FAILURE() << error.message();
    }
    ASSERT_EQ(is_root ? ::setresuid(0, 0, 0) : 0, 0);
    ::chmod((root_ / "closed").c_str(), 0755);
    EXPECT_EQ(paths_of(found), Paths{"a.html"});
    EXPECT_TRUE(reason_of(found, "secret.html").starts_with("cannot be read"));
    EXPECT_TRUE(reason_of(found, "closed/").starts_with("cannot be read"));
}

TEST_F(SurveyFolder, TakesOneOfTheNamesThatOtherSystemsWouldConfuse) {
    write("Index.html");
    write("index.html");
    write("sub/パンフ.pdf");                        // composed
    write("sub/\xe3\x83\x8f\xe3\x82\x9aンフ.pdf");  // the same, decomposed as macOS writes it
    const Survey found = survey();
    EXPECT_EQ(paths_of(found), (Paths{"Index.html", "sub/\xe3\x83\x8f\xe3\x82\x9aンフ.pdf"}));
    EXPECT_EQ(reason_of(found, "index.html"), "differs from Index.html by case or Unicode form only");
    EXPECT_EQ(found.skipped.size(), 2U);
}

TEST_F(SurveyFolder, KeepsNamesThatOnlyLookAlike) {
    // Full-width, circled and ligature forms are other names to every file system.
    const Paths names{"(株).html", "1.html", "ガス.html", "ｶﾞｽ.html", "①.html", "１.html", "㈱.html"};
    for (const std::string& name : names) write(name);
    const Survey found = survey();
    EXPECT_EQ(found.items.size(), names.size());
    EXPECT_TRUE(found.skipped.empty());
}

TEST_F(SurveyFolder, TakesNamesThatAreNotUtf8) {
    const std::string shift_jis = "\x82\xb2\x82\xdd.html";  // ごみ
    write(shift_jis);
    write("\x82\xb2\x82\xdd/\xff.txt");
    EXPECT_EQ(paths_of(survey()), (Paths{shift_jis, "\x82\xb2\x82\xdd/\xff.txt"}));
    write("\x83\x41.txt");  // ア and チ: their second bytes are a letter's two cases
    write("\x83\x61.txt");
    EXPECT_EQ(survey().items.size(), 4U);
    write("\x82\xb2\x82\xdd.HTML");
    EXPECT_EQ(survey().skipped.size(), 1U);
}

TEST_F(SurveyFolder, KeepsToItsBounds) {
    write("a/b/c/d.html", "1234");
    write("small.html", "1");
    Bounds bounds;
    bounds.depth = 3;
    EXPECT_EQ(paths_of(survey(bounds)), Paths{"small.html"});
    EXPECT_EQ(reason_of(survey(bounds), "a/b/c"), "folders are nested deeper than 3");
    bounds = {};
    bounds.largest_file = 3;
    EXPECT_EQ(paths_of(survey(bounds)), Paths{"small.html"});
    EXPECT_NE(reason_of(survey(bounds), "a/b/c/d.html").find("takeover.largest_file_mb"), std::string::npos);
    bounds = {};
    bounds.largest_total = 4;
    EXPECT_THROW(survey(bounds), base::Error);
    bounds.largest_total = 5;
    EXPECT_EQ(survey(bounds).items.size(), 2U);
    bounds = {};
    bounds.files = 1;
    EXPECT_THROW(survey(bounds), base::Error);
}

TEST_F(SurveyFolder, RefusesARootThatIsNoFolder) {
    write("a.html");
    for (const fs::path& root : {root_ / "a.html", root_ / "nothing"}) try {
            survey_folder(root, {});
            ADD_FAILURE() << root;
        } catch (const base::Error& error) {
            EXPECT_EQ(error.kind(), base::Kind::NotFound);
        }
}

}  // namespace intake
