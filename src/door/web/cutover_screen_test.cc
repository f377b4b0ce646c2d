// 「切替」 over real HTTP: from the plan to the end, with what the watch would find put into the store.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "ground/dns/testing/name_server.h"
#include "press/content/redirects.h"
#include "watch/cutover/readiness.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

class CutoverScreen : public ::testing::Test {
  protected:
    CutoverScreen() {
        admin_.sign_in("kanri");
        names_.set("www.city.example", dns::Type::A, 300, {"192.0.2.10"});
    }
    std::string faults() const {
        std::string text;
        for (const std::string& line : testing::find_screen_faults(admin_.body)) text += line + "\n";
        return text;
    }
    void look_at(const std::string& path) {
        admin_.get(path);
        EXPECT_EQ(admin_.status, 200) << path;
        EXPECT_EQ(faults(), "") << path;
    }
    void save_plan(Visitor::Fields changed = {}) {
        look_at("/cutover/plan");
        Visitor::Fields fields{{"version", admin_.hidden("version")},
                               {"names", "WWW.city.example"},
                               {"old", "http://192.0.2.10"},
                               {"new", "http://192.0.2.20"},
                               {"addresses", ""},
                               {"paths", "/a.html\n/old/<b>.html\n"},
                               {"name_server", names_.address()},
                               {"resolvers", ""},
                               {"moment", "2027-04-01T06:00"},
                               {"manager", "県"},
                               {"applicant", "市"},
                               {"contact", "電話"}};
        for (auto& [name, value] : changed)
            for (auto& [known, old] : fields)
                if (known == name) old = value;
        admin_.post("/cutover/plan", fields);
    }
    Visitor& press(const std::string& button, Visitor::Fields more = {}) {
        look_at("/cutover");
        more.emplace_back("do", button);
        return admin_.post("/cutover", more);
    }
    sys::Database& watch() { return office_.town.site->watch(); }
    cutover::State state() {
        return watch().read([](sys::Reader& db) { return cutover::load_state(db); });
    }
    /// A round as the watch makes one; the second path is missing.
    void compare() {
        watch().write([&](sys::Transaction& tx) {
            const cutover::By by{"service:watch", office_.town.clock.now()};
            cutover::begin_round(tx, cutover::Scope::All, by);
            std::vector<cutover::Result> results;
            for (const auto& due : cutover::list_due(tx, 9)) {
                cutover::Result result{due.id, due.path, {}, ""};
                if (due.path != "/a.html") {
                    result.compared.differences.push_back({cutover::Differs::Missing,
                                                           "旧サーバにあるページが、新サーバにはありません。",
                                                           {"<200>"},
                                                           {"404"}});
                    result.proposal = "/a.html";
                }
                results.push_back(std::move(result));
            }
            cutover::note_results(tx, cutover::load_state(tx).plan_version, results, by.at);
            cutover::end_round(tx, by);
        });
    }

    OpenOffice office_;
    Visitor admin_ = office_.visitor();
    dns::testing::NameServer names_;
};

TEST_F(CutoverScreen, LeadsFromThePlanToTheEnd) {
    look_at("/cutover");
    EXPECT_TRUE(admin_.shows("計画を作る"));
    save_plan();
    ASSERT_EQ(admin_.location, "/cutover") << admin_.body;
    look_at("/cutover");
    EXPECT_TRUE(admin_.shows("計画（第1版）"));
    EXPECT_TRUE(admin_.shows("2件のうち0件"));
    press("check");
    EXPECT_EQ(admin_.location, "/cutover#check") << admin_.body;
    EXPECT_TRUE(state().wanted_at);
    compare();
    look_at("/cutover");
    EXPECT_TRUE(admin_.shows("/old/&lt;b&gt;.html"));
    const std::string difference = "/cutover/difference?path=%2Fold%2F%253Cb%253E.html";
    look_at(difference);
    EXPECT_TRUE(admin_.shows("&lt;200&gt;"));
    EXPECT_TRUE(admin_.shows("value=\"/a.html\""));

    // A redirect comes into the site; a decision without a reason does not.
    admin_.post("/cutover/difference", {{"path", "/old/%3Cb%3E.html"}, {"do", "redirect"}, {"location", "//evil"}});
    EXPECT_EQ(admin_.status, 422);
    EXPECT_EQ(faults(), "");
    admin_.post("/cutover/difference",
                {{"path", "/old/%3Cb%3E.html"}, {"do", "redirect"}, {"location", "https://evil.example/"}});
    EXPECT_EQ(admin_.status, 422);
    for (const char* path : {"/a.html", "/unknown.html"}) {  // not missing, never compared
        admin_.post("/cutover/difference", {{"path", path}, {"do", "redirect"}, {"location", "/b.html"}});
        EXPECT_NE(admin_.location, "/cutover/differences") << path;
    }
    office_.town.read([&](sys::Reader& db) { EXPECT_FALSE(content::find_redirect(db, "unknown.html")); });
    admin_.post("/cutover/difference", {{"path", "/old/%3Cb%3E.html"}, {"do", "redirect"}, {"location", "/a.html"}});
    EXPECT_EQ(admin_.location, "/cutover/differences") << admin_.body;
    office_.town.read([&](sys::Reader& db) {
        const auto redirect = content::find_redirect(db, "old/%3Cb%3E.html");
        ASSERT_TRUE(redirect);
        EXPECT_EQ(redirect->location, "/a.html");
    });
    look_at(difference);
    const auto accept = [&](const std::string& reason, const std::string& checked_at) {
        admin_.post("/cutover/difference",
                    {{"path", "/old/%3Cb%3E.html"}, {"do", "accept"}, {"reason", reason}, {"checked_at", checked_at}});
    };
    const std::string checked_at = admin_.hidden("checked_at");
    accept("", checked_at);
    EXPECT_EQ(admin_.status, 422);
    accept("転送する", "1");  // compared again since
    EXPECT_EQ(admin_.status, 409);
    EXPECT_EQ(faults(), "");
    accept("転送する", checked_at);
    EXPECT_EQ(admin_.location, "/cutover/differences");
    look_at("/cutover/differences?outcome=accepted");
    EXPECT_TRUE(admin_.shows("転送する"));

    press("tick", {{"point", "search"}, {"note", "<確認>"}});
    EXPECT_EQ(admin_.location, "/cutover#ready");
    look_at("/cutover");
    EXPECT_TRUE(admin_.shows("&lt;確認&gt;"));
    press("tick", {{"point", "ttl"}});
    EXPECT_EQ(admin_.status, 422);
    press("look");
    EXPECT_TRUE(state().look_wanted_at);
    press("request");
    EXPECT_EQ(admin_.location, "/cutover#papers");
    look_at("/cutover/papers/1");
    EXPECT_TRUE(admin_.shows("192.0.2.20"));
    admin_.get("/cutover/papers/1/file");
    EXPECT_TRUE(admin_.header("content-disposition").starts_with("attachment"));

    press("roll-back", {{"reason", "x"}});  // nothing was switched
    EXPECT_EQ(admin_.status, 409);
    press("switch");
    EXPECT_EQ(admin_.location, "/cutover#watch") << admin_.body;
    EXPECT_TRUE(state().switched_at);
    save_plan();  // not now
    EXPECT_EQ(admin_.status, 409);
    watch().write([&](sys::Transaction& tx) {
        cutover::note_look(tx, cutover::load_state(tx).plan_version,
                           {office_.town.clock.now(), {{"192.0.2.53", "old", "192.0.2.10", {}, {}}}, 12, "時間切れ"});
    });
    look_at("/cutover");
    EXPECT_TRUE(admin_.shows("旧アドレスのまま"));
    EXPECT_TRUE(admin_.shows("時間切れ"));
    press("way-back");
    EXPECT_EQ(admin_.location, "/cutover#papers");
    press("finish");
    look_at("/cutover");
    EXPECT_TRUE(admin_.shows("に完了しました。"));
}

TEST_F(CutoverScreen, SaysThatItWasSwitchedBack) {
    save_plan();
    press("switch");
    look_at("/cutover");
    EXPECT_FALSE(admin_.shows("切戻し済み"));
    press("roll-back", {{"reason", "新サーバが遅い"}});
    look_at("/cutover");
    EXPECT_TRUE(admin_.shows("切戻し済み"));
    EXPECT_FALSE(admin_.shows("完了"));
}

TEST_F(CutoverScreen, RefusesAStalePlanAndWhatCannotBeRead) {
    save_plan({{"old", "www.city.example"}});
    EXPECT_EQ(admin_.status, 422);
    EXPECT_EQ(faults(), "");
    EXPECT_TRUE(admin_.shows("WWW.city.example"));  // what was typed stays
    save_plan({{"paths", "/a.html\nb.html"}});
    EXPECT_EQ(admin_.status, 422);
    EXPECT_TRUE(admin_.shows("2行目"));
    save_plan();
    ASSERT_EQ(admin_.location, "/cutover");
    save_plan({{"version", "0"}});
    EXPECT_EQ(admin_.status, 409);
    save_plan({{"paths", ""}});
    EXPECT_EQ(admin_.location, "/cutover");
    EXPECT_EQ(state().plan_version, 2);
}

TEST_F(CutoverScreen, IsNotForAuthors) {
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_FALSE(author.get("/").shows("/cutover"));
    for (const char* path :
         {"/cutover", "/cutover/plan", "/cutover/differences", "/cutover/difference?path=/", "/cutover/papers/1"})
        EXPECT_EQ(author.get(path).status, 403) << path;
    author.get("/");
    EXPECT_EQ(author.post("/cutover", {{"do", "check"}}).status, 403);
}

}  // namespace
}  // namespace web
