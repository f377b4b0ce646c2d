#include "flow/others.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/take_over_site.h"
#include "flow/testing/composed_town.h"
#include "ground/base/error.h"

namespace flow {

namespace {

namespace fs = std::filesystem;

settings::Settings with_area(const std::string& path, const std::string& folder) {
    settings::Settings settings;
    settings.folder = "/srv/site";
    settings.others.push_back({path, folder});
    return settings;
}

TEST(Areas, HoldTheirPathAndAllBelowIt) {
    const auto settings = with_area("/gikai/%E9%8C%B2/", "others/gikai");
    for (const std::string_view inside :
         {"gikai/%E9%8C%B2/index.html", "gikai/録/a/b.pdf", "gikai/%E9%8C%B2/", "gikai/%E9%8C%B2"})
        EXPECT_TRUE(find_area(settings, inside)) << inside;
    for (const std::string_view outside : {"gikai/index.html", "gikai/%E9%8C%B2.html", "index.html", ""})
        EXPECT_FALSE(find_area(settings, outside)) << outside;
    EXPECT_EQ(find_area(settings, "gikai/録/x.html")->folder, "/srv/site/others/gikai");
}

TEST(Areas, AreRefusedWhereYakubaWritesItself) {
    EXPECT_NO_THROW(check_areas(with_area("/gikai/", "others/gikai")));
    EXPECT_NO_THROW(check_areas(with_area("/gikai/", "/srv/sftp/gikai")));
    for (const std::string folder : {"public/gikai", "public", "objects", ".", "/srv", "releases/x", "others/../keys"})
        EXPECT_THROW(check_areas(with_area("/gikai/", folder)), base::Error) << folder;
    EXPECT_THROW(check_areas(with_area("/", "others/all")), base::Error);
    auto two = with_area("/gikai/", "others/gikai");
    two.others.push_back({"/gikai/kaigiroku/", "others/kaigiroku"});
    EXPECT_THROW(check_areas(two), base::Error);
}

class AreaOfAnother : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        town_.site->settings.others.push_back({"/gikai/", "others/gikai"});
        fs::create_directories(folder());
        std::ofstream(folder() / "index.html") << "<title>会議録</title>";
    }
    fs::path folder() const { return town_.site->folders.others / "gikai"; }

    testing::ComposedTown town_{GetParam()};
};

TEST_P(AreaOfAnother, TakesNoPageAndNoAttachment) {
    content::Body body;
    body.title = "会議録";
    body.template_name = "article";
    try {
        create_page(*town_.site, {"gikai/index.html", body, town_.ka, {}, "ja"}, town_.admin);
        FAIL() << "the page was taken";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Conflict);
        EXPECT_NE(error.message().find("ほかのシステムが書き込む領域 /gikai/"), std::string::npos) << error.message();
    }
    body.attachments.push_back(town_.attachment("gikai/roku.pdf"));
    EXPECT_THROW(create_page(*town_.site, {"kurashi/roku.html", body, town_.ka, {}, "ja"}, town_.admin), base::Error);
}

TEST_P(AreaOfAnother, KeepsItsFilesWhateverIsPublished) {
    // Such a page can be there: the area was declared later.
    town_.put_page("gikai/index.html", "article", "議会");
    town_.put_page("index.html", "article", "トップページ");
    town_.publish();
    EXPECT_TRUE(town_.is_public("index.html"));
    EXPECT_FALSE(town_.is_public("gikai/index.html"));
    EXPECT_EQ(sys::read_file(folder() / "index.html"), "<title>会議録</title>");
    EXPECT_EQ(town_.verify_deviations(), 0U) << "the guard has nothing to say about another's files";
    const auto failed = town_.read([](sys::Reader& db) { return publish::list_failed_sources(db, 10); });
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_NE(failed.front().problem.find("/gikai/"), std::string::npos) << failed.front().problem;
}

TEST_P(AreaOfAnother, IsLeftOutOfATakeover) {
    const sys::TemporaryFolder source;
    fs::create_directories(source.path() / "gikai");
    std::ofstream(source.path() / "gikai" / "index.html") << "<title>古い会議録</title>";
    std::ofstream(source.path() / "kurashi.html") << "<title>くらし</title>";
    const TakenOver taken = take_over_site(*town_.site, source.path().string(), {});
    EXPECT_EQ(taken.pages, 1);
    ASSERT_EQ(taken.skipped.size(), 1U);
    EXPECT_EQ(taken.skipped.front().path, "gikai/index.html");
    EXPECT_NE(taken.skipped.front().reason.find("/gikai/"), std::string::npos);
}

TEST_P(AreaOfAnother, IsMeasuredWithoutFollowingLinks) {
    std::ofstream(folder() / "roku.pdf") << "1234567890";
    fs::create_symlink("/etc", folder() / "link");
    const Area area = list_areas(town_.site->settings).front();
    EXPECT_EQ(measure(area).files, 2);
    EXPECT_TRUE(measure(area).is_there);
    fs::remove_all(folder());
    EXPECT_FALSE(measure(area).is_there);
    fs::create_symlink(folder(), folder());
    EXPECT_NE(measure(area).unread, "") << "what cannot be read is not empty";
    fs::remove(folder());
    fs::create_directories(folder() / "open");
    fs::create_directories(folder() / "shut");
    std::ofstream(folder() / "open" / "a") << "1";
    EXPECT_EQ(measure(area).unread, "");
    for (fs::path at = folder(); at != fs::temp_directory_path() && at.has_relative_path(); at = at.parent_path())
        ::chmod(at.c_str(), 0755);  // anybody gets here
    ::chmod((folder() / "shut").c_str(), 0);
    const bool is_root = ::geteuid() == 0;  // who may read all
    ASSERT_EQ(is_root ? ::setresuid(65534, 65534, 0) : 0, 0);
    const AreaSize size = measure(area);
    ASSERT_EQ(is_root ? ::setresuid(0, 0, 0) : 0, 0);
    EXPECT_NE(size.unread.find("shut"), std::string::npos) << size.unread;
    EXPECT_EQ(size.files, 1) << "the rest is counted";
}

INSTANTIATE_TEST_SUITE_P(Engines, AreaOfAnother, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace

}  // namespace flow
