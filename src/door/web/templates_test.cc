// The screens of templates, over real HTTP: by form, as code, rows that move, two people at once, and the second
// administrator.
#include "press/content/templates.h"

#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "flow/mark_changes.h"
#include "flow/publish_site.h"
#include "ground/people/accounts.h"
#include "ground/sys/crypto.h"
#include "press/content/theme_files.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

class TemplatesTest : public ::testing::Test {
  protected:
    TemplatesTest() {
        const std::string hash = sys::hash_password(testing::kPassword);
        office_.town.write([&](sys::Transaction& tx) {
            people::Person person;
            person.login_name = "daini";
            person.name = "名前 daini";
            const base::PersonId id = people::add_person(tx, person, "not a password", office_.town.by());
            people::add_grant(tx, {{}, id, people::Role::SiteAdministrator, {}, {}}, office_.town.by());
            people::set_password(tx, id, hash, false, office_.town.by());
            content::NewPage made;
            made.path = "index.html";
            made.body.title = "市のホームページ";
            made.body.template_name = "home";
            made.body.parts["body"] = "<p>本文</p>";
            made.author = office_.town.author.person;
            made.made_at = office_.town.clock.now();
            const content::Page page = content::add_page(tx, made);
            flow::change_live(tx, page.id, page.latest, office_.town.clock.now());
        });
        publish();
        first_.sign_in("kanri");
        second_.sign_in("daini");
    }

    void publish() { flow::Press::find(*office_.town.site)->publish({}); }
    content::Template find(std::string_view name) {
        return *office_.town.read([&](sys::Reader& db) { return content::find_template(db, name); });
    }
    std::string path_of(std::string_view name, std::string_view rest = "") {
        return fmt::format("/templates/{}{}", find(name).id.value, rest);
    }
    std::string latest_source(std::string_view name) {
        return office_.town
            .read([&](sys::Reader& db) { return content::find_template_revision(db, find(name).latest); })
            ->source;
    }
    /// Opens the form and sends it with these values.
    Visitor& send(Visitor& visitor, std::string_view name, Visitor::Fields fields, std::string_view rest = "") {
        visitor.get(path_of(name, rest));
        EXPECT_EQ(visitor.status, 200) << visitor.body;
        fields.emplace_back("version", visitor.hidden("version"));
        fields.emplace_back("revision", visitor.hidden("revision"));
        return visitor.post(path_of(name, rest), std::move(fields));
    }
    std::string public_index() {
        return sys::find_file(office_.town.site->folders.document_root / "index.html").value_or("");
    }
    static std::string faults_of(const Visitor& visitor) {
        std::string text;
        for (const std::string& line : testing::find_screen_faults(visitor.body)) text += line + "\n";
        return text;
    }

    OpenOffice office_;
    Visitor first_ = office_.visitor(), second_ = office_.visitor(), author_ = office_.visitor();
};

TEST_F(TemplatesTest, AreWholeAndValidScreens) {
    for (const std::string& path :
         {std::string("/templates"), std::string("/templates/new"), path_of("header"), path_of("home"), path_of("main"),
          path_of("newest"), path_of("site.css"), path_of("base"), path_of("header", "/code"),
          path_of("header", "/preview"), path_of("site.css", "/preview"), path_of("header", "/compare"),
          path_of("header", "/pages"), path_of("header", "/history")}) {
        SCOPED_TRACE(path);
        EXPECT_EQ(first_.get(path).status, 200) << first_.body;
        EXPECT_EQ(faults_of(first_), "");
    }
    author_.sign_in("author");
    EXPECT_EQ(author_.get("/templates").status, 403);
    EXPECT_EQ(author_.get(path_of("header")).status, 403);
}

TEST_F(TemplatesTest, AreChangedByFormAndLiveOnlyAfterASecondAdministrator) {
    send(first_, "header", {{"f.brand", "ほしみ市"}, {"note", "名前を変えます"}, {"do", "submit"}});
    EXPECT_EQ(first_.location, path_of("header", "/submit")) << first_.body;
    first_.follow();
    EXPECT_EQ(faults_of(first_), "");
    EXPECT_TRUE(first_.shows("1ページ")) << "the number of pages that change";
    EXPECT_TRUE(first_.shows("市のホームページ"));
    first_.post(path_of("header", "/submit"), {{"version", first_.hidden("version")}});
    EXPECT_EQ(first_.location, "/templates");
    EXPECT_EQ(faults_of(first_.follow()), "");
    first_.get(path_of("header", "/review"));
    EXPECT_TRUE(first_.shows("自分では承認できません"));
    EXPECT_EQ(faults_of(first_), "");

    second_.get(path_of("header", "/review"));
    EXPECT_EQ(faults_of(second_), "");
    EXPECT_TRUE(second_.shows("<ins>ほしみ市</ins>") || second_.shows("ほしみ市"));
    const Visitor::Fields seen{{"version", second_.hidden("version")}, {"opened", second_.hidden("opened")}};
    auto back = seen;
    back.emplace_back("do", "return");
    EXPECT_EQ(second_.post(path_of("header", "/review"), back).status, 422) << "a return says why";
    back.emplace_back("comment", "「市」を大きく");
    EXPECT_EQ(second_.post(path_of("header", "/review"), back).location, "/templates");
    EXPECT_TRUE(first_.get(path_of("header")).shows("「市」を大きく"));

    send(first_, "header", {{"f.brand", "ほしみ市役所"}, {"do", "submit"}});
    first_.follow();
    first_.post(path_of("header", "/submit"), {{"version", first_.hidden("version")}});
    second_.get(path_of("header", "/review"));
    second_.post(path_of("header", "/review"),
                 {{"version", second_.hidden("version")}, {"opened", second_.hidden("opened")}, {"do", "approve"}});
    EXPECT_TRUE(second_.location.starts_with("/receipts/")) << second_.body;
    publish();
    EXPECT_NE(public_index().find("ほしみ市役所"), std::string::npos);
}

TEST_F(TemplatesTest, TakeAPictureThatIsPublicOnlyOnceItIsApproved) {
    const std::string png = "\x89PNG\r\n\x1a\n a picture of the summer festival";
    const auto send_picture = [&](std::string_view name, std::string_view bytes, std::string_view act) {
        first_.get(path_of("home"));
        EXPECT_TRUE(first_.shows("multipart/form-data"));
        first_.post_file(path_of("home"),
                         {{"f.banners.rows", "1"},
                          {"f.banners.0.alt", "夏まつり"},
                          {"f.banners.0.url", "/"},
                          {"f.banners.0.image", ""},
                          {"csrf", first_.hidden("csrf")},
                          {"version", first_.hidden("version")},
                          {"revision", first_.hidden("revision")},
                          {"do", std::string(act)}},
                         "file.f.banners.0.image", name, bytes);
    };
    send_picture("まつり.png", "<html>no picture</html>", "save");
    EXPECT_EQ(first_.status, 422);
    EXPECT_TRUE(first_.shows("画像ではありません")) << first_.body;
    EXPECT_TRUE(first_.shows("夏まつり")) << "what was typed stays";

    send_picture("Natsu Matsuri.png", png, "submit");
    ASSERT_EQ(first_.location, path_of("home", "/submit")) << first_.body;
    const std::string path = content::theme_file_path(sys::sha256(png), "natsu-matsuri.png");
    EXPECT_NE(latest_source("home").find("/" + path), std::string::npos) << latest_source("home");
    publish();
    const auto file = office_.town.site->folders.document_root / path;
    EXPECT_FALSE(std::filesystem::exists(file)) << "nobody has approved it";
    first_.follow();
    first_.post(path_of("home", "/submit"), {{"version", first_.hidden("version")}});
    second_.get(path_of("home", "/review"));
    second_.post(path_of("home", "/review"),
                 {{"version", second_.hidden("version")}, {"opened", second_.hidden("opened")}, {"do", "approve"}});
    EXPECT_TRUE(second_.location.starts_with("/receipts/")) << second_.body;
    publish();
    EXPECT_EQ(sys::find_file(file).value_or(""), png);
    EXPECT_NE(public_index().find(path), std::string::npos) << public_index();

    // An address that was typed by hand leads to no other object.
    const auto secret = office_.town.site->objects->put("the words of a draft that nobody has approved");
    send(first_, "home",
         {{"f.banners.rows", "1"},
          {"f.banners.0.alt", "夏まつり"},
          {"f.banners.0.url", "/"},
          {"f.banners.0.image", "/" + content::theme_file_path(secret.hash, "a.png")},
          {"do", "submit"}});
    first_.follow();
    first_.post(path_of("home", "/submit"), {{"version", first_.hidden("version")}});
    EXPECT_TRUE(first_.shows("画像をもう一度アップロードしてください")) << first_.status << first_.body;
}

TEST_F(TemplatesTest, NameTheirWordsAndKeepClassListsOutOfTheForm) {
    first_.get(path_of("home"));
    EXPECT_TRUE(first_.shows("新着情報の欄の見出し</label>")) << first_.body;
    EXPECT_FALSE(first_.shows("page home")) << "a list of classes is no text";
    EXPECT_FALSE(first_.shows("行目"));
    first_.get(path_of("base"));
    EXPECT_TRUE(first_.shows("本文へ飛ぶリンクの文字"));
    EXPECT_FALSE(first_.shows("value=\"#main\"")) << "where the skip link leads belongs to the code";
    first_.get(path_of("error"));
    EXPECT_TRUE(first_.shows("ページが見つからないときの文（404）</label>"));
    EXPECT_TRUE(first_.shows("リンクの文字</label>")) << "what nobody has named is called by what it is";
    // Nor is a form of one's own making heard about what is not in it.
    send(first_, "home", {{"t.text-1", "トップ"}, {"note", "試し"}, {"do", "save"}});
    EXPECT_NE(latest_source("home").find("{% block kind %}page home{% endblock %}"), std::string::npos);
    send(first_, "home",
         {{"code", "{% extends \"base\" %}{% block kind %}トップの見た目{% endblock %}"}, {"do", "keep"}}, "/code");
    EXPECT_TRUE(first_.shows("文章は書けません")) << first_.body;
    EXPECT_EQ(latest_source("home").find("トップの見た目"), std::string::npos);
}

TEST_F(TemplatesTest, RefuseColoursThatCannotBeRead) {
    send(first_, "site.css", {{"f.key", "#8fb8c0"}, {"do", "save"}});
    EXPECT_EQ(first_.status, 422);
    EXPECT_EQ(faults_of(first_), "");
    EXPECT_TRUE(first_.shows("4.5:1以上"));
    EXPECT_TRUE(first_.shows("value=\"#8fb8c0\"")) << "what was chosen stays";
    send(first_, "site.css", {{"f.key", "#660033"}, {"do", "save"}});
    EXPECT_EQ(first_.status, 303) << first_.body;
    EXPECT_NE(latest_source("site.css").find("--key: #660033;"), std::string::npos);
}

TEST_F(TemplatesTest, MoveRowsWithoutSavingThem) {
    const Visitor::Fields menu{{"m.rows", "3"},     {"m.0.level", "1"},      {"m.0.title", "一"},  {"m.0.url", "/a/"},
                               {"m.1.level", "2"},  {"m.1.title", "一の下"}, {"m.1.url", "/a/b/"}, {"m.2.level", "1"},
                               {"m.2.title", "二"}, {"m.2.url", "/b/"}};
    auto up = menu;
    up.emplace_back("do", "up:menu:2");
    send(first_, "main", up);
    EXPECT_EQ(first_.status, 200);
    EXPECT_EQ(faults_of(first_), "");
    EXPECT_LT(first_.body.find("value=\"二\""), first_.body.find("value=\"一\""));
    EXPECT_TRUE(first_.shows("data-focus=\"down-menu-0\"")) << "the row is the first now: only down is left";
    EXPECT_EQ(latest_source("main"), "[]");
    auto saved = menu;
    saved.emplace_back("do", "save");
    EXPECT_EQ(send(first_, "main", saved).status, 303) << first_.body;
    const auto items = content::parse_menu(latest_source("main"));
    ASSERT_EQ(items.size(), 2U);
    ASSERT_EQ(items[0].items.size(), 1U);
    EXPECT_EQ(items[0].items[0].url, "/a/b/");
    auto bad = menu;
    bad[5].second = "";
    bad[1].second = "2";
    bad.emplace_back("do", "save");
    EXPECT_EQ(send(first_, "main", bad).status, 422);
    EXPECT_EQ(faults_of(first_), "");

    send(first_, "home", {{"f.banners.rows", "1"}, {"f.banners.0.image", "/a.png"}, {"do", "add:banners"}});
    EXPECT_EQ(first_.status, 200);
    EXPECT_TRUE(first_.shows("f.banners.1.image"));
    EXPECT_EQ(send(first_, "home", {{"f.banners.rows", "1"}, {"f.banners.0.image", "/a.png"}, {"do", "save"}}).status,
              422)
        << "a banner says what it shows and where it leads";
}

TEST_F(TemplatesTest, KeepWhatWasTypedWhenSomebodyElseWasFirst) {
    first_.get(path_of("footer"));
    const Visitor::Fields mine{{"version", first_.hidden("version")},
                               {"revision", first_.hidden("revision")},
                               {"f.phone", "0123-45-6789"},
                               {"do", "save"}};
    send(second_, "footer", {{"f.number", "1000020000000"}, {"do", "save"}});
    first_.post(path_of("footer"), mine);
    EXPECT_EQ(first_.status, 409);
    EXPECT_EQ(faults_of(first_), "");
    EXPECT_TRUE(first_.shows("0123-45-6789"));
    EXPECT_TRUE(first_.shows("名前 daini"));
    EXPECT_TRUE(first_.shows("1000020000000")) << "and what the other has changed";
    auto again = mine;
    again[0].second = first_.hidden("version");
    EXPECT_EQ(first_.post(path_of("footer"), again).status, 303);
}

TEST_F(TemplatesTest, SayInWhichLineTheCodeIsWrong) {
    send(first_, "header", {{"code", "<p>一</p>\n<p>{{ 二 }</p>\n"}, {"do", "save"}}, "/code");
    EXPECT_EQ(first_.status, 422);
    EXPECT_EQ(faults_of(first_), "");
    EXPECT_TRUE(first_.shows("2行"));
    send(first_, "site.css", {{"code", "a { color: red;\nb { color: blue }\n"}, {"do", "save"}}, "/code");
    EXPECT_EQ(first_.status, 422);
    EXPECT_TRUE(first_.shows("1行"));
    send(first_, "header", {{"code", "<p>{% include \"nothing\" %}</p>\n"}, {"do", "keep"}}, "/code");
    EXPECT_EQ(first_.status, 303) << "a draft may wait for its part";
    first_.get(path_of("header", "/submit"));
    EXPECT_EQ(first_.post(path_of("header", "/submit"), {{"version", first_.hidden("version")}}).status, 422);
}

TEST_F(TemplatesTest, UseAnEarlierVersionAgain) {
    const std::string before = latest_source("footer");
    const content::TemplateRevisionId live = find("footer").live;
    send(first_, "footer", {{"f.phone", "0123-45-6789"}, {"do", "save"}});
    first_.get(path_of("footer", "/history"));
    first_.post(path_of("footer", "/restore"),
                {{"version", first_.hidden("version")}, {"revision", std::to_string(live.value)}});
    EXPECT_EQ(first_.location, path_of("footer", "/compare")) << first_.body;
    EXPECT_EQ(latest_source("footer"), before);
    EXPECT_EQ(faults_of(first_.follow()), "");
}

TEST_F(TemplatesTest, ShowTheDraftOnARealPageOnly) {
    send(first_, "header", {{"f.brand", "ためしの市"}, {"do", "preview"}});
    first_.follow();
    const std::size_t at = first_.body.find("src=\"http://");
    ASSERT_NE(at, std::string::npos);
    const std::string address = first_.body.substr(at + 5, first_.body.find('"', at + 5) - at - 5);
    sys::HttpClient client;
    const auto shown = client.fetch(address, {});
    EXPECT_EQ(shown.status, 200);
    EXPECT_NE(shown.body.find("ためしの市"), std::string::npos);
    EXPECT_EQ(public_index().find("ためしの市"), std::string::npos);
    EXPECT_EQ(client.fetch(address, {}).status, 410) << "a preview opens once";
}

TEST_F(TemplatesTest, FilePagesUnderCategories) {
    for (const char* sign : {"event", "life"}) {
        first_.get("/categories");
        EXPECT_EQ(faults_of(first_), "");
        EXPECT_EQ(
            first_.post("/categories", {{"name", std::string("分類 ") + sign}, {"sign", sign}, {"parent", ""}}).status,
            303);
    }
    EXPECT_EQ(first_.post("/categories", {{"name", "二つ目"}, {"sign", "life"}, {"parent", ""}}).status, 422);
    const auto id = office_.town.read([](sys::Reader& db) { return content::find_live(db, "index.html")->id; });
    const std::string page = fmt::format("/pages/{}", id.value);
    first_.get(page + "/edit");
    EXPECT_EQ(faults_of(first_), "");
    first_.post(page + "/edit", {{"version", first_.hidden("version")},
                                 {"title", "市のホームページ"},
                                 {"categories", "1"},
                                 {"category.life", "1"},
                                 {"do", "save"}});
    EXPECT_EQ(first_.status, 303) << first_.body;
    const auto body = [&] {
        return office_.town.read(
            [&](sys::Reader& db) { return content::load_revision(db, content::load_page(db, id).latest).body; });
    };
    EXPECT_EQ(body().categories, std::vector<std::string>{"life"});
    EXPECT_TRUE(first_.get(page + "/compare").shows("<ins>分類 life</ins>"));
    first_.get(page + "/edit");
    first_.post(
        page + "/edit",
        {{"version", first_.hidden("version")}, {"title", "市のホームページ"}, {"categories", "1"}, {"do", "save"}});
    EXPECT_EQ(body().categories, std::vector<std::string>{});
    EXPECT_EQ(faults_of(first_.get("/categories/life")), "");
    first_.post("/categories/life", {{"version", first_.hidden("version")}, {"do", "end"}});
    EXPECT_EQ(first_.location, "/categories") << first_.body;
    EXPECT_EQ(first_.get("/categories/life").status, 404);
}

}  // namespace
}  // namespace web
