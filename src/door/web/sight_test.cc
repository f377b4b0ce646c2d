// What people of other departments learn from the office's lists: what is public, and no more.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "press/workflow/store.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

class SightTest : public ::testing::Test {
  protected:
    SightTest() {
        stranger_.sign_in("stranger");
        author_.sign_in("author");
        admin_.sign_in("kanri");
    }

    /// A page of the author's department that was never public, with a title of its own.
    content::Page add_draft(const std::string& path, const std::string& title) {
        return office_.town.write([&](sys::Transaction& tx) {
            content::NewPage made;
            made.path = path;
            made.department = office_.town.ka;
            made.body.title = title;
            made.author = office_.town.author.person;
            made.made_at = office_.town.clock.now();
            content::Page page = content::add_page(tx, made);
            workflow::Standing standing = workflow::find_standing(tx, page.id);
            standing.state = workflow::State::Draft;
            standing.owner = office_.town.author.person;
            workflow::set_standing(tx, standing, office_.town.clock.now());
            return page;
        });
    }

    /// The live page gets a draft with that title.
    flow::Outcome retitle(const content::Page& page, const std::string& title) {
        flow::Save save = office_.town.save_of(flow::look_at(*office_.town.site, page.id), "<p>新しい文</p>");
        save.body.title = title;
        return flow::save_draft(*office_.town.site, save, office_.town.author);
    }

    OpenOffice office_;
    Visitor stranger_ = office_.visitor(), author_ = office_.visitor(), admin_ = office_.visitor();
};

TEST_F(SightTest, HidesUnpublishedPagesOfOtherDepartmentsFromEveryList) {
    const content::Page secret = add_draft("jinji/secret.html", "職員の処分");
    for (const std::string path :
         {"/pages", "/pages?state=draft", "/pages?state=never", "/pages?q=%E5%87%A6%E5%88%86", "/pages?sort=title",
          "/pages?sort=changed", "/pages.json?q=", "/pages.json?q=secret"}) {
        SCOPED_TRACE(path);
        EXPECT_FALSE(stranger_.get(path).shows("職員の処分")) << stranger_.body;
        EXPECT_FALSE(stranger_.shows("secret.html"));
        EXPECT_TRUE(author_.get(path).shows("職員の処分")) << author_.body;
        EXPECT_TRUE(admin_.get(path).shows("職員の処分"));
    }
    EXPECT_EQ(stranger_.get(fmt::format("/pages/{}", secret.id.value)).status, 403);
}

TEST_F(SightTest, ShowsPublicPagesOfOthersAsThePublicSeesThem) {
    const content::Page page = office_.town.taken_over("kurashi/a.html");
    ASSERT_TRUE(retitle(page, "市長の辞任について"));
    stranger_.get("/pages");
    EXPECT_TRUE(stranger_.shows("/kurashi/a.html")) << stranger_.body;
    EXPECT_FALSE(stranger_.shows("市長の辞任"));
    EXPECT_FALSE(stranger_.shows("chip--draft")) << "that somebody is at it is not public";
    EXPECT_FALSE(stranger_.shows(fmt::format("href=\"/pages/{}\"", page.id.value))) << "a link that would be refused";
    EXPECT_FALSE(stranger_.get("/pages?q=%E8%BE%9E%E4%BB%BB").shows("a.html")) << "found by the words of a draft";
    EXPECT_TRUE(stranger_.get("/pages.json?q=a.html").shows("/kurashi/a.html"));
    EXPECT_FALSE(stranger_.shows("市長の辞任"));
    EXPECT_FALSE(stranger_.get("/pages.json?q=%E8%BE%9E%E4%BB%BB").shows("a.html"));
    EXPECT_TRUE(author_.get("/pages").shows("市長の辞任"));
}

TEST_F(SightTest, NamesNoPageToBeCopiedThatWouldNotOpen) {
    const content::Page page = office_.town.taken_over("kurashi/a.html");
    ASSERT_TRUE(retitle(page, "市長の辞任について"));
    const std::string path = fmt::format("/pages/new?like={}", page.id.value);
    EXPECT_FALSE(stranger_.get(path).shows("市長の辞任")) << stranger_.body;
    EXPECT_TRUE(author_.get(path).shows("市長の辞任"));
}

TEST_F(SightTest, MakesNoPageLikeOneThatWouldNotOpen) {
    const content::Page page = office_.town.taken_over("kurashi/a.html", "<p>消したはずの名前</p>");
    office_.town.write([&](sys::Transaction& tx) { content::set_live(tx, page.id, {}, office_.town.clock.now()); });
    stranger_.get("/pages/new");
    stranger_.post(
        "/pages/new",
        {{"like", std::to_string(page.id.value)}, {"folder", "kurashi"}, {"file", "b.html"}, {"name", "うつし"}});
    EXPECT_EQ(stranger_.status, 403);
    EXPECT_FALSE(office_.town.read([](sys::Reader& db) { return content::find_page(db, "kurashi/b.html"); }));
}

TEST_F(SightTest, OpensAPageForThoseWhomARouteAsks) {
    const content::Page secret = add_draft("jinji/secret.html", "職員の処分");
    const std::string path = fmt::format("/pages/{}", secret.id.value);
    EXPECT_EQ(stranger_.get(path).status, 403);
    office_.town.write([&](sys::Transaction& tx) {
        const workflow::Candidate asked{office_.town.stranger.person, {}, "名前 stranger", false};
        workflow::set_asked(tx, secret.id, std::span(&asked, 1));
    });
    EXPECT_EQ(stranger_.get(path).status, 200);
    EXPECT_TRUE(stranger_.get("/pages?state=draft").shows("職員の処分"));
}

TEST_F(SightTest, ListsTheReceiptsThatOpen) {
    const content::Page page = office_.town.taken_over("kurashi/a.html");
    ASSERT_TRUE(retitle(page, "市長の辞任について"));
    std::int64_t first = 0;
    office_.town.write([&](sys::Transaction& tx) {
        for (int i = 0; i < 120; ++i) {
            publish::Receipt receipt;
            receipt.kind = "publish";
            receipt.page = i % 2 == 0 ? page.id : base::PageId{};
            receipt.person = office_.town.admin.person;
            receipt.made_at = receipt.due_at = office_.town.clock.now();
            const std::int64_t id = publish::add_receipt(tx, receipt);
            if (i == 0) first = id;
        }
    });
    // Sixty of 120 are the stranger's to see: a whole screen, and ten behind it.
    const auto rows = [](const Visitor& visitor) {
        std::set<std::string> found;
        for (std::size_t at = 0; (at = visitor.body.find("href=\"/receipts/", at)) != std::string::npos; ++at)
            found.insert(visitor.body.substr(at + 6, visitor.body.find('"', at + 6) - at - 6));
        return found;
    };
    stranger_.get("/receipts");
    EXPECT_FALSE(stranger_.shows("市長の辞任"));
    auto seen = rows(stranger_);
    EXPECT_EQ(seen.size(), 50U);
    const std::size_t next = stranger_.body.find("/receipts?before=");
    ASSERT_NE(next, std::string::npos);
    stranger_.get(stranger_.body.substr(next, stranger_.body.find('"', next) - next));
    EXPECT_FALSE(stranger_.shows("rel=\"next\""));
    seen.merge(rows(stranger_));
    EXPECT_EQ(seen.size(), 60U);
    EXPECT_EQ(stranger_.get(fmt::format("/receipts/{}", first)).status, 403);
    EXPECT_TRUE(author_.get("/receipts").shows("市長の辞任"));
}

TEST_F(SightTest, OffersPublicPicturesOnly) {
    content::Page page = office_.town.taken_over("kurashi/a.html");
    flow::Save save = office_.town.save_of(flow::look_at(*office_.town.site, page.id), "<p>新しい文</p>");
    content::Attachment picture = office_.town.attachment("kurashi/hidden.png");
    picture.type = "image/png";
    save.body.attachments.push_back(picture);
    ASSERT_TRUE(flow::save_draft(*office_.town.site, save, office_.town.author));
    EXPECT_FALSE(stranger_.get("/images.json?q=").shows("hidden.png")) << stranger_.body;
    stranger_.extra_headers = {{"Referer", fmt::format("http://127.0.0.1/pages/{}/edit", page.id.value)}};
    EXPECT_NE(stranger_.get("/kurashi/hidden.png").status, 200);
}

}  // namespace
}  // namespace web
