#include "door/web/office.h"

#include <gtest/gtest.h>

#include "door/web/resources.h"
#include "door/web/screen.h"
#include "door/web/testing/visitor.h"
#include "ground/people/second_factor.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

TEST(Office, SendsStrangersToTheSignInScreenAndBack) {
    OpenOffice office;
    Visitor visitor = office.visitor();
    visitor.get("/pages?q=a");
    EXPECT_EQ(visitor.status, 303);
    EXPECT_EQ(visitor.location, "/login?to=%2Fpages%3Fq%3Da");
    visitor.follow();
    EXPECT_EQ(visitor.status, 200);
    visitor.post("/login",
                 {{"login", "author"}, {"password", std::string(testing::kPassword)}, {"to", visitor.hidden("to")}});
    EXPECT_EQ(visitor.status, 303);
    EXPECT_EQ(visitor.location, "/pages?q=a");
    EXPECT_EQ(visitor.follow().status, 200);
}

TEST(Office, NeverLeadsToAnotherHostAfterSigningIn) {
    OpenOffice office;
    for (const char* to : {"//evil.example/", "https://evil.example/", "/\\evil.example"}) {
        SCOPED_TRACE(to);
        Visitor visitor = office.visitor();
        visitor.get("/login");
        visitor.post("/login", {{"login", "author"}, {"password", std::string(testing::kPassword)}, {"to", to}});
        EXPECT_EQ(visitor.location, "/");
    }
}

TEST(Office, SaysAtEachPageWhatBrowsersMayDo) {
    OpenOffice office;
    Visitor visitor = office.visitor();
    for (const char* path : {"/login", "/nothing/here", "/", "/pages"}) {
        SCOPED_TRACE(path);
        visitor.get(path);
        const std::string policy(visitor.header("content-security-policy"));
        EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';")) << policy;
        EXPECT_NE(policy.find("frame-ancestors 'none'; base-uri 'none'"), std::string::npos);
        EXPECT_NE(policy.find("frame-src http://127.0.0.1:"), std::string::npos);
        EXPECT_EQ(policy.find("unsafe"), std::string::npos);
        EXPECT_EQ(visitor.header("cache-control"), "no-store");
        EXPECT_EQ(visitor.header("x-content-type-options"), "nosniff");
        EXPECT_EQ(visitor.header("x-frame-options"), "DENY");
        if (std::string_view(path) == "/nothing/here") visitor.sign_in("author");
    }
}

TEST(Office, RefusesEveryFormWithoutItsToken) {
    OpenOffice office;
    const content::Page page = office.town.taken_over("a.html");
    Visitor visitor = office.visitor();
    visitor.sign_in("admin-does-not-matter");
    visitor.sign_in("kanri").follow();
    std::size_t tried = 0;
    for (const Screen* screen : all_screens()) {
        for (const Route& route : screen->routes) {
            if (route.method != "POST") continue;
            std::string path(route.pattern);
            if (path == "/terminal-report") continue;  // comes from no browser; a token of its own stands in its head
            for (const auto& [from, to] :
                 {std::pair<std::string, std::string>{"{id}", std::to_string(page.id.value)}, {"{token}", "x"}})
                if (const std::size_t at = path.find(from); at != std::string::npos) path.replace(at, from.size(), to);
            SCOPED_TRACE(path);
            EXPECT_EQ(visitor.post(path, {{"csrf", "wrong"}, {"version", "0"}}).status, 403);
            EXPECT_EQ(visitor.post(path, {{"csrf", ""}, {"version", "0"}}).status, 403);
            ++tried;
        }
    }
    EXPECT_GT(tried, 15U);
    visitor.post("/questions/new", {{"csrf", "wrong"}, {"text", "ログインし直す前に書いた文章です"}});
    EXPECT_TRUE(visitor.shows("古くなりました") && visitor.shows("ログインし直す前に書いた文章です"));
    EXPECT_FALSE(visitor.shows("権限をご相談")) << "it is no question of rights";
    visitor.extra_headers = {{"Sec-Fetch-Site", "cross-site"}};
    EXPECT_EQ(visitor.get("/").post("/account/end-others", {}).status, 403);
    visitor.extra_headers.clear();
    EXPECT_EQ(visitor.get("/").post("/account/end-others", {}).status, 303);
}

TEST(Office, NamesTheBrowsersOfASessionAsPeopleDo) {
    OpenOffice office;
    const std::string chrome =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537";
    const std::pair<std::string, std::string> kAgents[] = {
        {chrome, "Chrome（Windows）"}, {chrome + " Edg/120.0", "Edge（Windows）"}, {"curl/7.88", "curl/7.88"}};
    for (const auto& [agent, words] : kAgents) {
        Visitor visitor = office.visitor();
        visitor.extra_headers = {{"User-Agent", agent}};
        visitor.sign_in("author");
        EXPECT_TRUE(visitor.get("/account").shows(words)) << agent;
    }
}

TEST(Office, TakesNoTokenOfAnotherSession) {
    OpenOffice office;
    Visitor mine = office.visitor(), theirs = office.visitor();
    mine.sign_in("author").follow();
    theirs.sign_in("other").follow();
    EXPECT_EQ(mine.post("/logout", {{"csrf", theirs.hidden("csrf")}}).status, 403);
    EXPECT_EQ(mine.get("/").post("/logout", {}).status, 303);
}

TEST(SignIn, SlowsGuessingDownAndSaysWhenToComeAgain) {
    OpenOffice office;
    Visitor visitor = office.visitor();
    for (int i = 0; i < 5; ++i) {
        visitor.sign_in("author", "wrong");
        EXPECT_EQ(visitor.status, 422);
        EXPECT_TRUE(visitor.shows("ログインできませんでした"));
    }
    visitor.sign_in("author", "wrong");
    visitor.sign_in("author");
    EXPECT_EQ(visitor.status, 429);
    EXPECT_TRUE(visitor.shows("待ち時間の解除"));
    EXPECT_TRUE(visitor.shows("失敗が続いたため、午前10時")) << visitor.body;
    EXPECT_FALSE(visitor.shows("2027-04-01 10"));
    const std::size_t at = visitor.body.find("失敗が続いたため、") + std::string_view("失敗が続いたため、").size();
    const std::string until = visitor.body.substr(at, visitor.body.find("まで", at) - at);
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    admin.get(fmt::format("/people/{}", office.town.author.person.value));
    EXPECT_TRUE(admin.shows("失敗が続いたため、" + until + "まで"))
        << until << ": the same for whoever is asked to help";
    EXPECT_EQ(joined(testing::find_screen_faults(visitor.body)), "");
    office.town.clock.advance(std::chrono::hours(2));
    EXPECT_EQ(visitor.sign_in("author").status, 303);
}

TEST(SignIn, AsksForANewPasswordTheFirstTime) {
    OpenOffice office;
    office.town.write([&](sys::Transaction& tx) {
        people::set_password(tx, office.town.author.person, sys::hash_password("first password given"), true,
                             office.town.by());
    });
    Visitor visitor = office.visitor();
    visitor.sign_in("author", "first password given");
    EXPECT_TRUE(visitor.location.starts_with("/login/password"));
    EXPECT_EQ(visitor.get("/").status, 303) << "the unfinished session opens nothing";
    visitor.get("/login/password");
    EXPECT_EQ(joined(testing::find_screen_faults(visitor.body)), "");
    EXPECT_EQ(visitor.post("/login/password", {{"password", "kawa no hotori no"}, {"password_again", "other"}}).status,
              422);
    EXPECT_EQ(visitor.post("/login/password", {{"password", "short"}, {"password_again", "short"}}).status, 422);
    EXPECT_EQ(
        visitor.post("/login/password", {{"password", "kawa no hotori no"}, {"password_again", "kawa no hotori no"}})
            .status,
        303);
    EXPECT_EQ(visitor.follow().status, 200);
    EXPECT_EQ(office.visitor().sign_in("author", "kawa no hotori no").location, "/");
}

TEST(SignIn, SetsUpASecondFactorForAdministratorsAndAsksForIt) {
    OpenOffice office("sqlite", true);
    Visitor visitor = office.visitor();
    visitor.sign_in("kanri");
    EXPECT_TRUE(visitor.location.starts_with("/login/enrol"));
    visitor.follow();
    EXPECT_EQ(visitor.status, 200);
    EXPECT_EQ(joined(testing::find_screen_faults(visitor.body)), "");
    const std::string secret = visitor.hidden("secret");
    std::string raw;  // base32
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : secret) {
        bits = (bits << 5) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
        count += 5;
        if (count >= 8) raw += static_cast<char>(bits >> (count -= 8) & 0xff);
    }
    visitor.post("/login/enrol", {{"code", "000000"}, {"secret", secret}, {"uri", visitor.hidden("uri")}});
    EXPECT_EQ(visitor.status, 422);
    EXPECT_EQ(visitor.hidden("secret"), secret) << "the app need not be set up again";
    visitor.post("/login/enrol", {{"code", people::code_at(raw, office.town.clock.now())}, {"secret", secret}});
    EXPECT_EQ(visitor.status, 200);
    EXPECT_TRUE(visitor.shows("予備コード"));
    EXPECT_EQ(joined(testing::find_screen_faults(visitor.body)), "");
    EXPECT_EQ(visitor.get("/").status, 200);

    office.town.clock.advance(std::chrono::minutes(5));
    Visitor again = office.visitor();
    again.sign_in("kanri");
    EXPECT_TRUE(again.location.starts_with("/login/code"));
    again.follow();
    EXPECT_EQ(joined(testing::find_screen_faults(again.body)), "");
    EXPECT_EQ(again.post("/login/code", {{"code", "123456"}}).status, 422);
    EXPECT_EQ(again.post("/login/code", {{"code", people::code_at(raw, office.town.clock.now())}}).status, 303);
    EXPECT_EQ(again.get("/").status, 200);
}

TEST(SignIn, EndsWithSigningOut) {
    OpenOffice office;
    Visitor visitor = office.visitor();
    visitor.sign_in("author").follow();
    const auto cookies = visitor.cookies;
    visitor.post("/logout", {});
    EXPECT_EQ(visitor.location, "/login");
    EXPECT_TRUE(visitor.follow().shows("ログアウトしました"));
    EXPECT_EQ(visitor.get("/").status, 303);
    visitor.cookies = cookies;
    EXPECT_EQ(visitor.get("/").status, 303) << "an old cookie opens nothing";
}

TEST(SignIn, GivesBackWhatWasTypedWhenTheSessionIsOver) {
    OpenOffice office;
    const content::Page page = office.town.taken_over("a.html");
    Visitor visitor = office.visitor();
    visitor.sign_in("author").follow();
    office.town.clock.advance(std::chrono::hours(13));
    visitor.post(fmt::format("/pages/{}/edit", page.id.value),
                 {{"version", "0.1"}, {"part.main", "<p>これは失われてはならない長い文章です</p>"}});
    EXPECT_EQ(visitor.status, 401);
    EXPECT_TRUE(visitor.shows("これは失われてはならない長い文章です"));
    EXPECT_EQ(joined(testing::find_screen_faults(visitor.body)), "");
}

TEST(Office, IsReachedOverHttpsOrOnThisMachineOnly) {
    OpenOffice office;
    Visitor visitor = office.visitor();
    visitor.extra_headers = {{"Host", "cms.city.example"}};
    EXPECT_EQ(visitor.get("/login").status, 403);
    EXPECT_TRUE(visitor.shows("HTTPS"));
    visitor.extra_headers = {{"X-Forwarded-Proto", "https"}};
    EXPECT_EQ(visitor.get("/login").status, 403) << "a proxy that the settings do not name";
}

TEST(StaticFiles, KeepForEverUnderANameWithTheirHash) {
    OpenOffice office;
    Visitor visitor = office.visitor();
    visitor.get("/login");
    for (const char* mark : {"rel=\"stylesheet\" href=\"", "script type=\"module\" src=\""}) {
        const std::size_t at = visitor.body.find(mark) + std::string_view(mark).size();
        const std::string path = visitor.body.substr(at, visitor.body.find('"', at) - at);
        Visitor other = office.visitor();
        other.get(path);
        EXPECT_EQ(other.status, 200);
        EXPECT_EQ(other.header("cache-control"), "public, max-age=31536000, immutable");
        EXPECT_GT(other.body.size(), 1000U);
    }
}

TEST(Errors, SayWhatToDo) {
    OpenOffice office;
    const content::Page page = office.town.taken_over("a.html");
    Visitor author = office.visitor(), stranger = office.visitor();
    author.sign_in("author");
    stranger.sign_in("stranger");
    EXPECT_EQ(author.get("/pages/999999").status, 404);
    EXPECT_TRUE(author.shows("ページ一覧へ"));
    EXPECT_EQ(joined(testing::find_screen_faults(author.body)), "");
    EXPECT_EQ(author.get("/pages/abc").status, 404);
    EXPECT_EQ(author.get("/review").status, 403);
    EXPECT_TRUE(author.shows("承認者")) << "who may is named";
    EXPECT_EQ(joined(testing::find_screen_faults(author.body)), "");
    EXPECT_EQ(stranger.get(fmt::format("/pages/{}/edit", page.id.value)).status, 403);
}

TEST(Office, NamesTheSettingWhenThePortForPreviewsIsTaken) {
    OpenOffice first;
    flow::testing::Town town("sqlite");
    settings::Settings settings = town.site->settings;
    settings.office.address = "127.0.0.1:0";
    settings.office.preview_address = first.server->preview_url().substr(std::string_view("http://").size());
    OfficeServer second(*town.site, settings);
    try {
        second.start();
        FAIL() << "two on one port";
    } catch (const base::Error& error) {
        EXPECT_NE(error.message().find("office.preview_address"), std::string::npos) << error.message();
    }
}

TEST(Errors, SayHowMuchMayBeSent) {
    OpenOffice office;
    const content::Page page = office.town.taken_over("kurashi/a.html");
    Visitor author = office.visitor();
    author.sign_in("author").get("/");
    author.post_json(fmt::format("/pages/{}/draft.json", page.id.value),
                     "{\"text\":\"" + std::string(17U << 20, 'a') + "\"}");
    EXPECT_EQ(author.status, 413);
    EXPECT_TRUE(author.shows("1つのファイルは200MBまで、文章は16MBまで送れます")) << author.body.substr(0, 500);
    EXPECT_TRUE(author.get("/pages/no-number").shows("この画面は見つかりません"));
    EXPECT_EQ(author.body.find("there is no such page"), std::string::npos);
    EXPECT_TRUE(author.get("/no/such/screen").shows("この画面は見つかりません"));
}

TEST(Resources, NameEveryTemplateThatTheScreensShow) {
    std::size_t templates = 0;
    for (const base::Resource& resource : all_resources()) {
        EXPECT_FALSE(resource.bytes.empty()) << resource.name;
        if (resource.name.ends_with(".html")) ++templates;
    }
    EXPECT_GT(templates, 25U);
    const Views views;
    for (const base::Resource& resource : all_resources())
        if (resource.name.ends_with(".html"))
            for (const tmpl::Problem& problem : tmpl::check(*views.set().find(resource.name), views.set()))
                ADD_FAILURE() << problem.text();
}

}  // namespace
}  // namespace web
