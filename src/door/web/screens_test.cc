// The screens, over real HTTP: each one whole and valid, the way of a page from draft to publication, and what happens
// when two people are at it.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/publish_site.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

std::string faults_of(const Visitor& visitor) {
    std::string text;
    for (const std::string& line : testing::find_screen_faults(visitor.body)) text += line + "\n";
    return text;
}

class ScreensTest : public ::testing::Test {
  protected:
    ScreensTest()
        : page_(office_.town.taken_over("kurashi/a.html", "<p>受付は17時までです。</p>\n<p>同じ文</p>")),
          path_(fmt::format("/pages/{}", page_.id.value)) {
        author_.sign_in("author");
        chief_.sign_in("chief");
        admin_.sign_in("kanri");
    }

    /// Opens the edit screen and saves.
    Visitor& save(Visitor& visitor, const std::string& text, const std::string& act = "save") {
        visitor.get(path_ + "/edit");
        EXPECT_EQ(visitor.status, 200);
        return visitor.post(
            path_ + "/edit",
            {{"version", visitor.hidden("version")}, {"title", "題"}, {"part.main", text}, {"do", act}});
    }
    /// The same, sent for approval.
    void submit(const std::string& text) {
        save(author_, text, "submit");
        EXPECT_EQ(author_.location, path_ + "/submit");
        author_.follow();
        author_.post(path_ + "/submit", {{"version", author_.hidden("version")}, {"comment", "お願いします"}});
        EXPECT_EQ(author_.location, path_);
        EXPECT_TRUE(author_.follow().shows("承認を依頼しました"));
    }
    content::Page now() {
        return office_.town.read([&](sys::Reader& db) { return content::load_page(db, page_.id); });
    }
    std::string text_of(base::RevisionId id) {
        return office_.town.read([&](sys::Reader& db) { return content::load_revision(db, id).body.parts.at("main"); });
    }

    OpenOffice office_;
    content::Page page_;
    std::string path_;
    Visitor author_ = office_.visitor(), chief_ = office_.visitor(), admin_ = office_.visitor();
};

TEST_F(ScreensTest, AreWholeAndValidForEverybodyWhoMaySeeThem) {
    save(author_, "<p>受付は17時15分までです。</p>\n<p>同じ文</p>");
    for (const std::string& path :
         {std::string("/"), std::string("/pages"), std::string("/pages?under=kurashi%2F&state=draft&mine=1"),
          std::string("/pages?q=nothing-like-this"), std::string("/pages?state=live&sort=changed"),
          std::string("/pages?state=never"), std::string("/receipts"), std::string("/account"), path_, path_ + "/edit",
          path_ + "/compare", path_ + "/history", path_ + "/receipts", path_ + "/preview",
          path_ + "/preview?at=2027-05-01T09:00", path_ + "/submit", path_ + "/withdraw", path_ + "/emergency"}) {
        SCOPED_TRACE(path);
        Visitor& visitor = path.ends_with("/emergency") ? chief_ : path == path_ + "/withdraw" ? admin_ : author_;
        EXPECT_EQ(visitor.get(path).status, 200) << visitor.body;
        EXPECT_EQ(faults_of(visitor), "");
        EXPECT_TRUE(visitor.shows("aria-label=\"主なメニュー\""));
    }
}

TEST_F(ScreensTest, BringAPageFromDraftToPublication) {
    submit("<p>受付は17時15分までです。</p>\n<p>同じ文</p>");
    EXPECT_EQ(author_.get(path_ + "/edit").status, 403) << "what is asked is not changed under the approver";

    EXPECT_TRUE(chief_.get("/").shows("承認するもの"));
    EXPECT_EQ(chief_.get("/review").status, 200);
    EXPECT_TRUE(chief_.shows("未確認"));
    EXPECT_EQ(faults_of(chief_), "");
    chief_.get(path_ + "/review");
    EXPECT_EQ(chief_.status, 200);
    EXPECT_EQ(faults_of(chief_), "");
    EXPECT_TRUE(chief_.shows("<ins>15分</ins>"));
    EXPECT_EQ(chief_
                  .post(path_ + "/review", {{"version", chief_.hidden("version")},
                                            {"opened", chief_.hidden("opened")},
                                            {"do", "return"},
                                            {"comment", ""}})
                  .status,
              422)
        << "a return says why";
    chief_.post(path_ + "/review", {{"version", chief_.hidden("version")},
                                    {"opened", chief_.hidden("opened")},
                                    {"do", "return"},
                                    {"comment", "曜日も書いてください"}});
    EXPECT_EQ(chief_.location, "/review");

    EXPECT_TRUE(author_.get("/").shows("曜日も書いてください"));
    EXPECT_TRUE(author_.get(path_ + "/edit").shows("曜日も書いてください"));
    submit("<p>受付は平日の17時15分までです。</p>\n<p>同じ文</p>");
    chief_.get(path_ + "/review");
    chief_.post(path_ + "/review",
                {{"version", chief_.hidden("version")}, {"opened", chief_.hidden("opened")}, {"do", "approve"}});
    EXPECT_TRUE(chief_.location.starts_with("/receipts/")) << chief_.body;
    const std::string receipt = chief_.location;
    chief_.follow();
    EXPECT_EQ(faults_of(chief_), "");
    EXPECT_TRUE(chief_.shows("data-behaviour=\"live-wait\""));
    EXPECT_TRUE(chief_.get(receipt + "/state").shows("\"state\":\"waiting\""));

    flow::publish_site(*office_.town.site, {});
    EXPECT_TRUE(chief_.get(receipt + "/state").shows("\"state\":\"placed\""));
    EXPECT_TRUE(chief_.get(receipt).shows("/kurashi/a.html"));
    EXPECT_EQ(text_of(now().live), "<p>受付は平日の17時15分までです。</p>\n<p>同じ文</p>");
    EXPECT_EQ(faults_of(author_.get(path_)), "");
    EXPECT_EQ(faults_of(author_.get(path_ + "/history")), "");
}

TEST_F(ScreensTest, ShowBothVersionsWhenSomebodyElseWasFirst) {
    author_.get(path_ + "/edit");
    const std::string version = author_.hidden("version");
    save(chief_, "<p>受付は18時までです。</p>\n<p>同じ文</p>");
    author_.post(path_ + "/edit", {{"version", version},
                                   {"title", "わたしの題"},
                                   {"part.main", "<p>受付は19時までです。</p>\n<p>同じ文</p>"},
                                   {"do", "save"}});
    EXPECT_EQ(author_.status, 409);
    EXPECT_EQ(faults_of(author_), "");
    EXPECT_TRUE(author_.shows("名前 chief"));
    EXPECT_TRUE(author_.shows("わたしの題"));
    EXPECT_TRUE(author_.shows("&lt;p&gt;受付は19時までです。")) << "the typed text is in the form that goes on";
    // Side by side: the form again, with the own text, made from theirs.
    const std::string after = author_.hidden("version");
    Visitor merging = office_.visitor();
    merging.cookies = author_.cookies;
    merging.get("/");
    merging.post(path_ + "/edit", {{"version", after},
                                   {"title", "わたしの題"},
                                   {"part.main", "<p>受付は19時までです。</p>\n<p>同じ文</p>"},
                                   {"do", "merge"}});
    EXPECT_EQ(merging.status, 200);
    EXPECT_EQ(faults_of(merging), "");
    EXPECT_TRUE(merging.shows("受付は18時までです"));
    EXPECT_TRUE(merging.shows("受付は19時までです"));
    EXPECT_TRUE(merging.shows("data-unsaved")) << "the browser keeps the words and asks before they are left";
    EXPECT_FALSE(merging.get(path_ + "/edit").shows("data-unsaved"));
    author_.post(path_ + "/edit", {{"version", after},
                                   {"title", "わたしの題"},
                                   {"part.main", "<p>受付は19時までです。</p>\n<p>同じ文</p>"},
                                   {"do", "save"}});
    EXPECT_EQ(author_.status, 303);
    EXPECT_EQ(text_of(now().latest), "<p>受付は19時までです。</p>\n<p>同じ文</p>");
    // The other's revision is in the history.
    EXPECT_TRUE(author_.get(path_ + "/history").shows("第3版"));
}

TEST_F(ScreensTest, SaveByThemselvesAndKeepWhatCannotBeSaved) {
    author_.get(path_ + "/edit");
    const std::string first = author_.hidden("version");
    author_.post_json(path_ + "/draft.json",
                      fmt::format(R"({{"version":"{}","fields":{{"title":"題","part.main":"<p>一</p>"}}}})", first));
    EXPECT_EQ(author_.status, 200) << author_.body;
    const base::RevisionId saved = now().latest;
    const std::string second = fmt::format("{}.{}", flow::look_at(*office_.town.site, page_.id).version(), saved.value);
    EXPECT_TRUE(author_.shows("\"version\":\"" + second + "\""));
    author_.post_json(path_ + "/draft.json",
                      fmt::format(R"({{"version":"{}","fields":{{"title":"題","part.main":"<p>二</p>"}}}})", second));
    EXPECT_EQ(now().latest, saved) << "a row of autosaves is one revision";
    EXPECT_EQ(text_of(saved), "<p>二</p>");
    save(chief_, "<p>三</p>");
    author_.post_json(path_ + "/draft.json",
                      fmt::format(R"({{"version":"{}","fields":{{"title":"題","part.main":"<p>四</p>"}}}})", second));
    EXPECT_EQ(author_.status, 409);
    const std::size_t at = author_.body.find("/pages/");
    const std::string conflict = author_.body.substr(at, author_.body.find('"', at) - at);
    EXPECT_EQ(author_.get(conflict).status, 409);
    EXPECT_EQ(faults_of(author_), "");
    EXPECT_TRUE(author_.shows("&lt;p&gt;四&lt;/p&gt;"));
    EXPECT_EQ(chief_.get(conflict).status, 404) << "of the one who typed it only";
}

TEST_F(ScreensTest, ApproveSeveralOnlyAfterEachWasOpened) {
    submit("<p>一</p>");
    const workflow::Standing standing = flow::look_at(*office_.town.site, page_.id).standing;
    const std::string key = fmt::format("{}.{}.{}", page_.id.value, standing.version, standing.hash.hex());
    chief_.get("/review");
    EXPECT_EQ(chief_.post("/review", {{"page", key}}).status, 400);
    chief_.get(path_ + "/review");
    EXPECT_TRUE(chief_.get("/review").shows(key));
    EXPECT_EQ(faults_of(chief_), "");
    EXPECT_EQ(chief_.post("/review", {{"page", key}}).status, 303);
    EXPECT_TRUE(chief_.follow().shows("1件を承認しました"));
    EXPECT_EQ(text_of(now().live), "<p>一</p>");
}

TEST_F(ScreensTest, AskTwiceBeforeAnEmergencyAndAgainAfterwards) {
    save(chief_, "<p>避難してください</p>");
    chief_.get(path_ + "/emergency");
    EXPECT_EQ(chief_.post(path_ + "/emergency", {{"version", chief_.hidden("version")}, {"reason", ""}}).status, 422);
    office_.town.clock.advance(std::chrono::minutes(20));  // the proof of identity is no longer fresh
    chief_.get(path_ + "/emergency");
    EXPECT_TRUE(chief_.shows("もう一度入れてください"));
    EXPECT_EQ(chief_
                  .post(path_ + "/emergency",
                        {{"version", chief_.hidden("version")}, {"reason", "洪水"}, {"password", "wrong"}})
                  .status,
              422);
    chief_.post(
        path_ + "/emergency",
        {{"version", chief_.hidden("version")}, {"reason", "洪水"}, {"password", std::string(testing::kPassword)}});
    EXPECT_TRUE(chief_.location.starts_with("/receipts/")) << chief_.body;
    Visitor other = office_.visitor();
    other.sign_in("chief2");
    EXPECT_TRUE(other.get("/").shows("事後承認が必要です"));
    EXPECT_EQ(faults_of(other), "");
    other.get(path_ + "/afterwards");
    EXPECT_EQ(faults_of(other), "");
    other.post(path_ + "/afterwards", {{"version", other.hidden("version")}, {"opened", other.hidden("opened")}});
    EXPECT_TRUE(other.follow().shows("事後承認しました"));
}

TEST_F(ScreensTest, EndAPublicationAtOnceForTheAdministrator) {
    admin_.get(path_ + "/withdraw");
    admin_.post(
        path_ + "/withdraw",
        {{"version", admin_.hidden("version")}, {"reason", "moved"}, {"target", "/kurashi/b.html"}, {"do", "at-once"}});
    EXPECT_EQ(admin_.status, 422);
    EXPECT_TRUE(admin_.shows("このサイトにありません"));
    office_.town.taken_over("kurashi/b.html");
    admin_.post(path_ + "/withdraw", {{"version", admin_.hidden("version")},
                                      {"reason", "moved"},
                                      {"target", "/kurashi/b.html"},
                                      {"words", "統合"},
                                      {"do", "at-once"}});
    EXPECT_EQ(admin_.status, 303) << admin_.body;
    EXPECT_FALSE(now().live);
    EXPECT_EQ(faults_of(admin_.get(path_)), "");
    EXPECT_TRUE(admin_.get("/pages?state=withdrawn").shows("kurashi/a.html"));
}

TEST_F(ScreensTest, MoveAPageAsADraftAndSayWhoLinksToIt) {
    EXPECT_EQ(author_.get(path_ + "/move").status, 403);
    EXPECT_FALSE(author_.get(path_).shows("場所を変える"));
    EXPECT_TRUE(admin_.get(path_).shows("場所を変える"));
    EXPECT_EQ(faults_of(admin_.get(path_ + "/move")), "");
    const std::string version = admin_.hidden("version");
    admin_.post(path_ + "/move", {{"version", version}, {"place", "/bosai/a.html"}});
    EXPECT_EQ(admin_.status, 422);
    EXPECT_TRUE(admin_.shows("別のフォルダには移せません"));
    EXPECT_EQ(faults_of(admin_), "");
    admin_.post(path_ + "/move", {{"version", version}, {"place", "/kurashi/b.html"}});
    EXPECT_EQ(admin_.location, path_);
    EXPECT_TRUE(admin_.follow().shows("新しい場所の下書きにしました"));
    EXPECT_EQ(now().path, "kurashi/b.html");
    EXPECT_EQ(faults_of(admin_), "");
}

TEST_F(ScreensTest, TakeFilesByTheirBytesAndAttachThem) {
    author_.get(path_ + "/edit");
    const Visitor::Fields fields{
        {"version", author_.hidden("version")}, {"title", "題"}, {"do", "attach"}, {"attachment_title", "申請書"}};
    author_.post_file(path_ + "/edit", fields, "attachment", "様式 Form-1.PDF", "%PDF-1.7\nsample");
    EXPECT_EQ(author_.status, 303) << author_.body;
    const auto body = office_.town.read([&](sys::Reader& db) { return content::load_revision(db, now().latest).body; });
    ASSERT_EQ(body.attachments.size(), 1U);
    EXPECT_EQ(body.attachments[0].path, "kurashi/form-1.pdf");
    EXPECT_EQ(body.attachments[0].title, "申請書");
    author_.follow();
    EXPECT_EQ(faults_of(author_), "");
    author_.post_file(path_ + "/edit", {{"version", author_.hidden("version")}, {"title", "題"}, {"do", "attach"}},
                      "attachment", "a.pdf", "<script>alert(1)</script>");
    EXPECT_EQ(author_.status, 422);
    EXPECT_TRUE(author_.shows("使えない種類のファイルです"));
    author_.post_file(path_ + "/edit", {{"version", author_.hidden("version")}, {"title", "題"}, {"do", "attach"}},
                      "attachment", "a.pdf", "");
    EXPECT_TRUE(author_.shows("「a.pdf」には中身がありません"));
    office_.town.site->settings.antivirus.clamd = "/nowhere/clamd.ctl";
    author_.post_file(path_ + "/edit",
                      {{"version", author_.hidden("version")}, {"title", "途中の題"}, {"do", "attach"}}, "attachment",
                      "a.pdf", "%PDF-1.7\nsample");
    EXPECT_EQ(author_.status, 422);
    EXPECT_TRUE(author_.shows("「a.pdf」を受け付けられません"));
    EXPECT_TRUE(author_.shows("途中の題")) << "the form goes on";
}

TEST_F(ScreensTest, ServePicturesOfTheEditorAndNothingElse) {
    author_.get(path_ + "/edit");
    const std::string png = "\x89PNG\r\n\x1a\nrest";
    author_.extra_headers = {{"Referer", office_.server->url() + path_ + "/edit"}};
    author_.post_file(path_ + "/upload.json", {}, "file", "地図.png", png);
    EXPECT_EQ(author_.status, 200) << author_.body;
    EXPECT_TRUE(author_.shows("\"url\":\"a.png\"")) << "the page's own name, where the file's has no letters";
    EXPECT_EQ(author_.get("/kurashi/a.png").status, 200);
    EXPECT_EQ(author_.body, png);
    EXPECT_EQ(author_.header("content-type"), "image/png");
    Visitor stranger = office_.visitor();
    stranger.sign_in("stranger");
    stranger.extra_headers = author_.extra_headers;
    EXPECT_EQ(stranger.get("/kurashi/a.png").status, 404) << "another department's draft is none of theirs";
    EXPECT_EQ(author_.get("/kurashi/a.html").status, 404) << "a public page is never shown on the office's origin";
    author_.extra_headers.clear();
    save(author_, "<p><img src=\"a.png\" alt=\"地図\"></p>");
    const auto body = office_.town.read([&](sys::Reader& db) { return content::load_revision(db, now().latest).body; });
    ASSERT_EQ(body.attachments.size(), 1U) << "the picture belongs to the page that shows it";
    EXPECT_EQ(body.attachments[0].path, "kurashi/a.png");
}

TEST_F(ScreensTest, OpenAPreviewOnceAndOnAnotherOrigin) {
    save(author_, "<p>下書きの文</p>");
    author_.get(path_ + "/preview");
    EXPECT_TRUE(author_.shows("href=\"" + path_ + "/edit\"") && author_.shows("href=\"" + path_ + "/submit\""))
        << "back to the words, and on";
    constexpr std::string_view kFrame = "<iframe class=\"preview__frame\" src=\"";
    const std::size_t at = author_.body.find(kFrame) + kFrame.size();
    const std::string address = author_.body.substr(at, author_.body.find('"', at) - at);
    EXPECT_TRUE(address.starts_with(office_.server->preview_url() + "/~"));
    EXPECT_NE(office_.server->preview_url(), office_.server->url());
    sys::HttpClient client;
    const sys::Fetched first = client.fetch(address);
    EXPECT_EQ(first.status, 200);
    EXPECT_NE(first.body.find("下書きの文"), std::string::npos);
    EXPECT_EQ(first.find_header("content-security-policy"), "sandbox allow-scripts allow-popups");
    EXPECT_EQ(client.fetch(address).status, 410);
    EXPECT_EQ(client.fetch(office_.server->preview_url() + "/~wrong/kurashi/a.html").status, 410);
    EXPECT_EQ(client.fetch(office_.server->preview_url() + "/login").status, 404) << "no screens here";
}

TEST_F(ScreensTest, TellWhoAsksAndWhoApprovesWhatTheChecksSay) {
    save(author_, "<p>文</p>");
    EXPECT_FALSE(author_.get(path_ + "/submit").shows("公開前チェックの指摘"));
    save(author_, "<p>文</p><h2></h2>");
    EXPECT_TRUE(author_.get(path_ + "/submit").shows("文字のない見出しが1か所あります"));
    author_.post(path_ + "/submit", {{"version", author_.hidden("version")}});
    EXPECT_EQ(author_.status, 303) << author_.body;
    Visitor chief = office_.visitor();
    chief.sign_in("chief");
    EXPECT_TRUE(chief.get(path_ + "/review").shows("文字のない見出しが1か所あります"));
}

TEST_F(ScreensTest, RestoreAnEarlierRevisionAsADraft) {
    save(author_, "<p>一</p>");
    const base::RevisionId first = now().latest;
    save(author_, "<p>二</p>");
    author_.get(path_ + "/history");
    author_.post(path_ + "/restore",
                 {{"version", author_.hidden("version")}, {"revision", std::to_string(first.value)}});
    EXPECT_EQ(author_.status, 303) << author_.body;
    EXPECT_EQ(text_of(now().latest), "<p>一</p>");
    author_.get(path_);
    author_.post(path_ + "/discard", {{"version", author_.hidden("version")}});
    EXPECT_TRUE(author_.follow().shows("下書きを破棄しました"));
}

TEST_F(ScreensTest, RefuseAStepThatComesTooLate) {
    author_.get(path_ + "/edit");
    const std::string before = author_.hidden("version");
    submit("<p>一</p>");
    // Back in the browser, where the form still is, and on with writing.
    author_.post(path_ + "/edit",
                 {{"version", before}, {"title", "題"}, {"part.main", "<p>依頼の後に書いた長い文章</p>"}});
    EXPECT_EQ(author_.status, 403);
    EXPECT_TRUE(author_.shows("&lt;p&gt;依頼の後に書いた長い文章&lt;/p&gt;")) << "nothing that was typed is lost";
    EXPECT_TRUE(author_.shows("href=\"" + path_ + "\"")) << "where the request can be taken back";
    EXPECT_EQ(faults_of(author_), "");
    author_.get(path_);
    const std::string version = author_.hidden("version");
    chief_.get(path_ + "/review");
    chief_.post(path_ + "/review",
                {{"version", chief_.hidden("version")}, {"opened", chief_.hidden("opened")}, {"do", "approve"}});
    author_.post(path_ + "/take-back", {{"version", version}});
    EXPECT_EQ(author_.status, 409);
    EXPECT_TRUE(author_.shows("操作は行われていません"));
    EXPECT_EQ(faults_of(author_), "");
}

TEST_F(ScreensTest, MakeANewPageInTheFrameOfAnother) {
    author_.get(fmt::format("/pages/new?like={}", page_.id.value));
    EXPECT_EQ(faults_of(author_), "");
    const Visitor::Fields fields{
        {"like", std::to_string(page_.id.value)}, {"name", "新しいページ"}, {"folder", "/kurashi/"}};
    Visitor::Fields wrong = fields, right = fields;
    wrong.emplace_back("file", "a.html");
    EXPECT_EQ(author_.post("/pages/new", wrong).status, 422) << "the path is taken";
    EXPECT_EQ(faults_of(author_), "");
    Visitor::Fields blank = fields;
    blank.emplace_back("file", "a b");
    EXPECT_EQ(author_.post("/pages/new", blank).status, 422) << "no spaces in addresses";
    EXPECT_TRUE(author_.shows("新しいページ")) << "what was typed stays";
    right.emplace_back("file", "shinki");
    EXPECT_EQ(author_.post("/pages/new", right).status, 303) << author_.body;
    EXPECT_TRUE(author_.follow().shows("/kurashi/shinki.html"));
    EXPECT_EQ(faults_of(author_), "");
}

TEST_F(ScreensTest, EditAndPreviewAPageOfAType) {
    office_.town.write([&](sys::Transaction& tx) {
        content::Section root = content::find_section(tx, "").value(),
                         ours = content::find_section(tx, "kurashi/").value();
        root.department = office_.town.elsewhere;
        ours.department = office_.town.ka;
        content::change_section(tx, root);
        content::change_section(tx, ours);
    });
    author_.get("/pages/new");
    EXPECT_EQ(faults_of(author_), "");
    EXPECT_TRUE(author_.shows("value=\"procedure\""));
    EXPECT_TRUE(author_.shows("name=\"folder\" value=\"/kurashi/\"")) << "where the author may make pages";
    EXPECT_TRUE(author_.shows("<option value=\"/kurashi/\">"));
    EXPECT_FALSE(author_.shows("<option value=\"/\">")) << "and not where not";
    EXPECT_FALSE(author_.shows("value=\"archive\"")) << "what the press makes by itself is no choice";
    author_.post("/pages/new",
                 {{"type", "procedure"}, {"name", "手続き"}, {"folder", "/kurashi/"}, {"file", "tetsuzuki.html"}});
    EXPECT_EQ(author_.status, 303) << author_.body;
    const std::string edit = author_.location;
    author_.follow();
    EXPECT_TRUE(author_.shows("必要なもの")) << "the fields of the page type";
    EXPECT_EQ(faults_of(author_), "");
    author_.post(edit, {{"version", author_.hidden("version")},
                        {"title", "手続き"},
                        {"part.body", "<p>ここに</p>"},
                        {"part.needs", "<ul><li>印鑑</li></ul>"},
                        {"do", "save"}});
    EXPECT_EQ(author_.status, 303) << author_.body;
    author_.get(edit.substr(0, edit.rfind('/')) + "/preview");
    constexpr std::string_view kFrame = "<iframe class=\"preview__frame\" src=\"";
    const std::size_t at = author_.body.find(kFrame) + kFrame.size();
    sys::HttpClient client;
    const sys::Fetched shown = client.fetch(author_.body.substr(at, author_.body.find('"', at) - at));
    EXPECT_EQ(shown.status, 200);
    EXPECT_NE(shown.body.find("<li>印鑑</li>"), std::string::npos) << shown.body;
}

TEST_F(ScreensTest, PageListsWithoutCountingFromTheStart) {
    for (int i = 0; i < 60; ++i) office_.town.taken_over(fmt::format("oshirase/{:03}.html", i));
    author_.get("/pages?under=oshirase%2F");
    EXPECT_TRUE(author_.shows("/oshirase/049.html"));
    EXPECT_FALSE(author_.shows("/oshirase/050.html"));
    const std::size_t at = author_.body.find("rel=\"next\"");
    ASSERT_NE(at, std::string::npos);
    const std::size_t begin = author_.body.rfind("href=\"", at) + 6;
    std::string next = author_.body.substr(begin, author_.body.find('"', begin) - begin);
    for (std::size_t amp = next.find("&amp;"); amp != std::string::npos; amp = next.find("&amp;"))
        next.replace(amp, 5, "&");
    author_.get(next);
    EXPECT_TRUE(author_.shows("/oshirase/059.html"));
    EXPECT_FALSE(author_.shows("/oshirase/049.html"));
    EXPECT_EQ(faults_of(author_), "");
}

}  // namespace
}  // namespace web
