// The screen of frames, over real HTTP.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "ground/people/accounts.h"
#include "ground/sys/crypto.h"
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
                const content::Page added = content::add_page(tx, made);
                content::set_live(tx, added.id, added.latest, town.clock.now());
            });
        }
        town.write([&](sys::Transaction& tx) {
            people::Person person;
            person.login_name = "daini";
            person.name = "名前 daini";
            const base::PersonId id = people::add_person(tx, person, sys::hash_password(testing::kPassword), town.by());
            people::set_password(tx, id, sys::hash_password(testing::kPassword), false, town.by());
            people::add_grant(tx, {{}, id, people::Role::SiteAdministrator, {}, {}}, town.by());
        });
        admin_.sign_in("kanri");
        second_.sign_in("daini");
    }
    std::string faults() { return faults(admin_); }
    static std::string faults(const Visitor& visitor) {
        std::string text;
        for (const std::string& line : testing::find_screen_faults(visitor.body)) text += line + "\n";
        return text;
    }
    /// The group's path, once its pages can be edited.
    std::string accepted() {
        admin_.get("/frames");
        admin_.post("/frames/find", {});
        const std::string path = group_path();
        admin_.get(path);
        admin_.post(path + "/accept", {{"version", admin_.hidden("version")}, {"selector", "div.contents"}});
        EXPECT_EQ(admin_.location, path);
        return path;
    }
    /// Asked for by the first administrator: the path of the request.
    std::string asked(const std::string& path) {
        EXPECT_EQ(admin_.get(path + "/type?type=article").status, 200);
        EXPECT_EQ(faults(), "");
        const std::string planned = admin_.hidden("planned"), looked = admin_.hidden("looked");
        admin_.post(path + "/type", {{"type", "article"}, {"looked", looked}, {"planned", planned}, {"reason", " "}});
        EXPECT_EQ(admin_.status, 422);
        EXPECT_TRUE(admin_.shows("理由を書いてください"));
        admin_.post(path + "/type",
                    {{"type", "article"}, {"looked", looked}, {"planned", planned}, {"reason", "読みやすく"}});
        EXPECT_EQ(admin_.status, 303) << admin_.body;
        return admin_.location;
    }
    content::PageKind kind(const std::string& path) {
        return office_.town.read([&](sys::Reader& db) { return content::find_page(db, path)->kind; });
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
    Visitor admin_ = office_.visitor(), second_ = office_.visitor();
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
    admin_.get("/");
    EXPECT_EQ(faults(), "");
    EXPECT_TRUE(admin_.shows("24ページを編集できるようになります")) << "whoever comes home is told what is next";
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_FALSE(author.shows("枠の画面を開く"));

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
    admin_.get("/");
    EXPECT_FALSE(admin_.shows("枠の画面を開く")) << "it is done";
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

TEST_F(FrameScreens, AreForTheFirstLookWithoutAProposalAndForAPlaceThatIsPointedAt) {
    admin_.get("/frames");
    admin_.post("/frames/find", {});
    const std::string path = group_path();
    admin_.get(path);
    const std::size_t at = admin_.body.find("data-pick-url=\"");
    ASSERT_NE(at, std::string::npos);
    const std::size_t begin = at + 15;
    std::string pick = admin_.body.substr(begin, admin_.body.find('"', begin) - begin);
    pick.replace(pick.find("&amp;"), 5, "&");
    const std::size_t source = admin_.body.find("<iframe");
    const std::size_t src = admin_.body.find("src=\"", source) + 5;
    Visitor preview(admin_.body.substr(src, admin_.body.find("/~", src) - src));
    preview.get(
        admin_.body.substr(admin_.body.find("/~", src), admin_.body.find('"', src) - admin_.body.find("/~", src)));
    EXPECT_EQ(preview.status, 200);
    const std::string policy(preview.header("content-security-policy"));
    EXPECT_TRUE(policy.starts_with("sandbox allow-scripts; script-src 'nonce-")) << policy;
    EXPECT_TRUE(preview.shows("data-yakuba-region"));
    const std::size_t node = preview.body.find("data-yakuba-node=", preview.body.find("class=\"contents\"") - 60);
    ASSERT_NE(node, std::string::npos);
    const std::string number = std::to_string(std::strtol(preview.body.c_str() + node + 17, nullptr, 10));
    EXPECT_EQ(admin_.get(pick + number).status, 303);
    EXPECT_EQ(admin_.follow().status, 200);
    EXPECT_TRUE(admin_.shows("aria-current=\"true\"")) << "the element in its place among the others";
    EXPECT_EQ(admin_.get(pick + "1").status, 400) << "<html> can be no region";
    EXPECT_EQ(admin_.get(pick + "99999999999").status, 400);
}

TEST_F(FrameScreens, GiveAGroupATypeByTwoAdministratorsAndTakeItBack) {
    const std::string path = accepted();
    EXPECT_TRUE(admin_.follow().shows("ページの型を変える"));
    EXPECT_EQ(admin_.get(path + "/type").status, 200);
    EXPECT_EQ(faults(), "");
    EXPECT_EQ(admin_.get(path + "/type?type=nothing").status, 422);
    const std::string request = asked(path);
    EXPECT_TRUE(admin_.follow().shows("自分では承認できません"));
    EXPECT_EQ(faults(), "");
    EXPECT_TRUE(admin_.shows("変更後の見え方"));
    admin_.post(request, {{"do", "approve"}, {"opened", admin_.hidden("opened")}});
    EXPECT_EQ(admin_.status, 422) << "not by whoever asked";
    EXPECT_EQ(kind("old/p3.html"), content::PageKind::TakenOver);
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get(request).status, 403);

    second_.get("/");
    EXPECT_EQ(faults(second_), "");
    EXPECT_TRUE(second_.shows("承認するデザインの変更"));
    EXPECT_TRUE(second_.shows("href=\"" + request + "\""));
    EXPECT_FALSE(admin_.get("/").shows("承認するデザインの変更")) << "their own waits for somebody else";
    EXPECT_TRUE(admin_.get("/templates").shows("href=\"" + request + "\""));
    EXPECT_EQ(second_.get(request).status, 200);
    EXPECT_EQ(faults(second_), "");
    EXPECT_TRUE(second_.shows("読みやすく"));
    const std::string opened = second_.hidden("opened");
    second_.post(request, {{"do", "return"}, {"opened", opened}, {"reason", ""}});
    EXPECT_EQ(second_.status, 422);
    second_.post(request, {{"do", "approve"}, {"opened", std::string(64, '0')}});
    EXPECT_EQ(second_.status, 422) << "something else was looked at";
    second_.post(request, {{"do", "approve"}, {"opened", opened}});
    EXPECT_TRUE(second_.location.starts_with("/receipts/")) << second_.body;
    EXPECT_EQ(kind("old/p3.html"), content::PageKind::Composed);

    EXPECT_TRUE(admin_.get(request).shows("元に戻す"));
    EXPECT_EQ(faults(), "");
    admin_.post(request, {{"do", "take-back"}, {"reason", ""}});
    EXPECT_EQ(admin_.status, 422);
    admin_.post(request, {{"do", "take-back"}, {"reason", "読みにくい"}});
    EXPECT_TRUE(admin_.location.starts_with("/receipts/")) << admin_.body;
    EXPECT_EQ(kind("old/p3.html"), content::PageKind::TakenOver);
    EXPECT_TRUE(admin_.get(request).shows("取消し"));
}

TEST_F(FrameScreens, LetSeveralRegionsBePutIntoTheFieldsOfTheType) {
    const std::string path = accepted();
    EXPECT_FALSE(admin_.get(path + "/type?type=procedure").shows("編集範囲を入れる場所")) << "nothing to choose";
    office_.town.write([](sys::Transaction& tx) {
        const content::Page page = *content::find_page(tx, "old/p3.html");
        auto all = content::list_regions(tx, page.id);
        all.push_back({"お知らせ&欄", all[0].end + 6, all[0].end + 6, "div"});
        content::set_regions(tx, page.id, all);
    });
    EXPECT_TRUE(admin_.get(path + "/type?type=procedure").shows("編集範囲を入れる場所"));
    EXPECT_EQ(faults(), "");
    EXPECT_TRUE(admin_.shows("編集範囲「お知らせ&amp;欄」")) << "it goes nowhere yet, and that is said";
    const std::string chosen = "&to.main=body&to.%E3%81%8A%E7%9F%A5%E3%82%89%E3%81%9B%26%E6%AC%84=notes";
    admin_.get(path + "/type?type=article" + chosen);
    EXPECT_EQ(admin_.status, 200) << "a field that this type lacks says nothing";
    admin_.get(path + "/type?type=procedure" + chosen);
    EXPECT_FALSE(admin_.shows("編集範囲「お知らせ&amp;欄」"));
    const auto ask_with = [&](const std::string& place, const std::string& act) {
        admin_.post(path + "/type", {{"type", "procedure"},
                                     {"looked", admin_.hidden("looked")},
                                     {"planned", admin_.hidden("planned")},
                                     {"to.main", "body"},
                                     {"to.お知らせ&欄", place},
                                     {"reason", "読みやすく"},
                                     {"do", act}});
    };
    ask_with("", "ask");
    EXPECT_EQ(admin_.status, 422) << "another place was chosen than the one that was looked at";
    EXPECT_TRUE(admin_.shows("見ていたものと違います"));
    EXPECT_TRUE(admin_.shows("読みやすく")) << "the reason stays";
    EXPECT_TRUE(admin_.shows("<option value=\"\" selected>")) << "and so does the new choice";
    ask_with("notes", "look");
    EXPECT_EQ(admin_.status, 200);
    EXPECT_TRUE(admin_.shows("読みやすく"));
    ask_with("notes", "ask");
    ASSERT_EQ(admin_.status, 303) << admin_.body;
    EXPECT_TRUE(second_.get(admin_.location).shows("注意していただきたいこと"));
    EXPECT_EQ(faults(second_), "");
    second_.post(admin_.location, {{"do", "approve"}, {"opened", second_.hidden("opened")}});
    EXPECT_TRUE(second_.location.starts_with("/receipts/")) << second_.body;
    EXPECT_EQ(kind("old/p3.html"), content::PageKind::Composed);
}

TEST_F(FrameScreens, RefuseARequestWhosePagesHaveChangedAndLetItBeWithdrawn) {
    const std::string path = accepted(), request = asked(path);
    const content::Page page =
        office_.town.read([](sys::Reader& db) { return *content::find_page(db, "old/p3.html"); });
    office_.town.edit(page.id, "<p>書きかけ</p>", office_.town.admin);
    EXPECT_TRUE(second_.get(request).shows("このままでは承認できません"));
    EXPECT_FALSE(second_.shows("承認して公開する"));
    admin_.get(request);
    admin_.post(request, {{"do", "return"}, {"reason", "第3号を直してから"}});
    EXPECT_TRUE(admin_.follow().shows("もう一度依頼する"));
    EXPECT_FALSE(second_.get("/").shows("承認するデザインの変更"));
}

}  // namespace
}  // namespace web
