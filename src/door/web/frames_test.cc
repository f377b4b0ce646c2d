// The screen of frames, over real HTTP.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "press/frames/testing/town_pages.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

class FrameScreens : public ::testing::Test {
  protected:
    FrameScreens() {
        flow::testing::Town& town = office_.town;
        int number = 0;
        for (const std::string& page :
             frames::testing::pages(frames::testing::Layout::Contents, 24, 1, frames::testing::Marked::No)) {
            const auto stored = town.site->objects->put(page);
            town.write([&](sys::Transaction& tx) {
                content::NewPage made;
                made.path = fmt::format("old/p{}.html", number++);
                made.kind = content::PageKind::TakenOver;
                made.document = stored.hash;
                made.body.title = "題";
                made.made_at = town.clock.now();
                content::add_page(tx, made);
            });
        }
        admin_.sign_in("kanri");
    }
    std::string faults() {
        std::string text;
        for (const std::string& line : testing::find_screen_faults(admin_.body)) text += line + "\n";
        return text;
    }
    /// Of the first group in the list.
    std::string group_path() {
        admin_.get("/frames");
        const std::size_t at = admin_.body.find("href=\"/frames/");
        if (at == std::string::npos) return "";
        return admin_.body.substr(at + 6, admin_.body.find('"', at + 6) - at - 6);
    }
    std::size_t regions(const std::string& path) {
        return office_.town.read(
            [&](sys::Reader& db) { return content::list_regions(db, content::find_page(db, path)->id).size(); });
    }

    OpenOffice office_;
    Visitor admin_ = office_.visitor();
};

TEST_F(FrameScreens, LeadFromTheProposalToPagesThatCanBeEdited) {
    EXPECT_EQ(admin_.get("/frames").status, 200);
    EXPECT_EQ(faults(), "");
    EXPECT_TRUE(admin_.shows("枠はまだありません"));
    admin_.post("/frames/find", {});
    EXPECT_EQ(admin_.location, "/frames");
    const std::string path = group_path();
    ASSERT_NE(path, "");
    EXPECT_EQ(faults(), "");
    EXPECT_TRUE(admin_.shows("div.contents"));

    EXPECT_EQ(admin_.get(path).status, 200);
    EXPECT_EQ(faults(), "");
    EXPECT_TRUE(admin_.shows("一つ外側に広げる"));
    EXPECT_EQ(regions("old/p3.html"), 0U) << "looking changes nothing";
    EXPECT_EQ(admin_.get(path + "?selector=div%5B").status, 422);
    EXPECT_TRUE(admin_.shows("セレクタの書き方に誤りがあります"));
    EXPECT_EQ(admin_.get(path + "?selector=%23nowhere").status, 200);
    EXPECT_TRUE(admin_.shows("この範囲が見つかりません"));

    admin_.get(path);
    admin_.post(path + "/accept", {{"version", admin_.hidden("version")}, {"selector", "div.contents"}});
    EXPECT_EQ(admin_.location, path);
    EXPECT_TRUE(admin_.follow().shows("ページを編集できるようにしました"));
    EXPECT_TRUE(admin_.shows("決定済み"));
    EXPECT_EQ(faults(), "");
    EXPECT_EQ(regions("old/p3.html"), 1U);
}

TEST_F(FrameScreens, AreForSiteAdministratorsAndRefuseAnOldVersion) {
    admin_.get("/frames");
    admin_.post("/frames/find", {});
    const std::string path = group_path();
    ASSERT_NE(path, "");
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get("/frames").status, 403);
    EXPECT_EQ(author.get(path).status, 403);
    admin_.get(path);
    admin_.post(path + "/accept", {{"version", "99"}, {"selector", "div.contents"}});
    EXPECT_EQ(admin_.status, 422);
    EXPECT_EQ(regions("old/p3.html"), 0U);
}

}  // namespace
}  // namespace web
