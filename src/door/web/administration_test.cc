// The administrators' screens over real HTTP: each one whole and valid, who sees it, and what is true after its forms.
#include <gtest/gtest.h>

#include "door/web/testing/visitor.h"
#include "ground/ledger/store.h"
#include "press/workflow/store.h"

namespace web {
namespace {

using testing::OpenOffice;
using testing::Visitor;

std::string faults_of(const Visitor& visitor) {
    std::string text;
    for (const std::string& line : testing::find_screen_faults(visitor.body)) text += line + "\n";
    return text;
}

class AdministrationTest : public ::testing::Test {
  protected:
    AdministrationTest() { admin_.sign_in("kanri"); }

    std::vector<std::string> acts() {
        std::vector<std::string> found;
        ledger::Search search;
        for (const auto& line : office_.town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            found.push_back(line.entry.act);
        return found;
    }
    bool has(const std::string& act) {
        const auto all = acts();
        return std::find(all.begin(), all.end(), act) != all.end();
    }
    people::Person find(std::string_view login) {
        return office_.town.read([&](sys::Reader& db) { return people::find_person(db, login).value(); });
    }
    std::string path_of(const flow::Doer& doer) const { return fmt::format("/people/{}", doer.person.value); }

    OpenOffice office_;
    Visitor admin_ = office_.visitor();
};

TEST_F(AdministrationTest, AnAbsenceIsOnesOwnMatter) {
    Visitor chief = office_.visitor(), author = office_.visitor();
    chief.sign_in("chief");
    author.sign_in("author");
    const std::string deputy = std::to_string(office_.town.chief2.person.value);
    EXPECT_EQ(chief.get("/absences").status, 200);
    EXPECT_EQ(faults_of(chief), "");
    EXPECT_FALSE(chief.shows("id=\"person\"")) << "only for oneself";
    chief.post("/absences", {{"deputy", deputy}, {"from", "2027-04-05"}, {"until", "2027-04-02"}});
    EXPECT_EQ(chief.status, 422);
    EXPECT_EQ(faults_of(chief), "");
    EXPECT_TRUE(chief.shows("value=\"2027-04-02\"")) << "what was typed is there";
    chief.post("/absences", {{"person", std::to_string(office_.town.author.person.value)},
                             {"deputy", deputy},
                             {"from", "2027-04-01"},
                             {"until", "2027-04-05"},
                             {"reason", "九州への出張"}});
    EXPECT_EQ(chief.location, "/absences");
    EXPECT_TRUE(chief.follow().shows("不在中"));
    EXPECT_TRUE(chief.shows("九州への出張"));
    EXPECT_TRUE(has("absence.add"));
    const auto all = office_.town.read([&](sys::Reader& db) { return people::list_absences(db, {2027, 4, 1}); });
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].person, office_.town.chief.person) << "whatever the form said";
    EXPECT_FALSE(author.get("/absences").shows("九州への出張"));
    const std::string end = fmt::format("/absences/{}/end", all[0].id.value);
    EXPECT_TRUE(author.post(end, {}).follow().shows("利用者を管理する人だけ")) << author.body;
    EXPECT_FALSE(has("absence.remove"));
    EXPECT_TRUE(admin_.get("/absences").shows("名前 chief"));
    EXPECT_EQ(faults_of(admin_), "");
    EXPECT_EQ(admin_.post(end, {}).location, "/absences");
    EXPECT_TRUE(has("absence.remove"));
}

TEST_F(AdministrationTest, ScreensAreWholeAndForAdministratorsOnly) {
    office_.town.taken_over("kurashi/a.html");
    const std::string person = path_of(office_.town.author);
    const std::string department = fmt::format("/departments/{}", office_.town.ka.value);
    Visitor author = office_.visitor();
    author.sign_in("author");
    for (const std::string& path : {std::string("/people"),
                                    std::string("/people?q=author&role=author&state=all"),
                                    std::string("/people?q=zzz"),
                                    std::string("/people/new"),
                                    std::string("/people/import"),
                                    person,
                                    person + "/edit",
                                    person + "/role",
                                    person + "/end",
                                    person + "/do/lock",
                                    person + "/do/password",
                                    std::string("/departments"),
                                    std::string("/departments?all=1"),
                                    std::string("/departments/new"),
                                    department,
                                    department + "/end",
                                    std::string("/sections"),
                                    std::string("/sections/1"),
                                    std::string("/routes"),
                                    std::string("/routes/new"),
                                    std::string("/routes?page=/kurashi/a.html&person=author"),
                                    std::string("/settings"),
                                    std::string("/settings/office.idle_minutes"),
                                    std::string("/settings/office.town_hall_networks"),
                                    std::string("/settings/publish.feeds"),
                                    std::string("/ledger"),
                                    std::string("/ledger?act=person.add&from=2027-04-01&until=2027-04-01"),
                                    std::string("/ledger?person=nobody-is-called-this")}) {
        SCOPED_TRACE(path);
        EXPECT_EQ(admin_.get(path).status, 200) << admin_.body;
        EXPECT_EQ(faults_of(admin_), "");
        EXPECT_EQ(author.get(path).status, 403);
    }
    EXPECT_FALSE(author.get("/").shows("/people"));
}

TEST_F(AdministrationTest, APersonIsRegisteredAndSignsInWithThePasswordShownOnce) {
    admin_.get("/people/new");
    admin_.post("/people/new", {{"name", "山田 花子"},
                                {"kana", "やまだ はなこ"},
                                {"login", "Yamada"},
                                {"mail", ""},
                                {"source", "local"},
                                {"posting.department", std::to_string(office_.town.ka.value)},
                                {"posting.from", ""},
                                {"posting.until", ""},
                                {"role", "author"},
                                {"role", "approver"}});
    ASSERT_EQ(admin_.status, 200) << admin_.body;
    EXPECT_EQ(faults_of(admin_), "");
    const std::size_t at = admin_.body.find("<code>") + 6;
    const std::string password = admin_.body.substr(at, admin_.body.find("</code>") - at);
    Visitor yamada = office_.visitor();
    yamada.sign_in("yamada", password);
    EXPECT_TRUE(yamada.location.starts_with("/login/password")) << "it must be changed first";
    const people::Person person = find("yamada");
    EXPECT_EQ(person.memberships.size(), 1U);
    EXPECT_EQ(office_.town.read([&](sys::Reader& db) { return people::list_grants(db, person.id).size(); }), 2U);
    // What was wrong is said, and nothing typed is lost.
    admin_.get("/people/new");
    admin_.post("/people/new", {{"name", "別の人"}, {"login", "yamada"}, {"source", "local"}});
    EXPECT_EQ(admin_.status, 409);
    EXPECT_TRUE(admin_.shows("すでに使われています"));
    EXPECT_TRUE(admin_.shows("別の人"));
    EXPECT_EQ(faults_of(admin_), "");
}

TEST_F(AdministrationTest, ActsOnPeopleAskForThePasswordWhenTheLastProofIsOld) {
    const std::string path = path_of(office_.town.author) + "/do/lock";
    office_.town.clock.advance(std::chrono::minutes(20));
    admin_.get(path);
    EXPECT_EQ(faults_of(admin_), "");
    EXPECT_TRUE(admin_.shows("あなたのパスワード"));
    admin_.post(path, {{"version", admin_.hidden("version")}, {"grant", ""}});
    EXPECT_EQ(admin_.status, 422);
    admin_.post(path, {{"version", admin_.hidden("version")}, {"grant", ""}, {"password", "wrong"}});
    EXPECT_EQ(admin_.status, 422);
    EXPECT_EQ(find("author").state, people::PersonState::Active);
    admin_.post(path,
                {{"version", admin_.hidden("version")}, {"grant", ""}, {"password", std::string(testing::kPassword)}});
    EXPECT_EQ(admin_.status, 303) << admin_.body;
    EXPECT_EQ(find("author").state, people::PersonState::Locked);
    EXPECT_TRUE(has("person.disable"));
}

TEST_F(AdministrationTest, ARoleChangeEndsTheSessionsAndTheLastAdministratorStays) {
    Visitor author = office_.visitor();
    author.sign_in("author");
    EXPECT_EQ(author.get("/account").status, 200);
    const std::string path = path_of(office_.town.author);
    admin_.get(path + "/role");
    admin_.post(path + "/role", {{"role", "site-administrator"},
                                 {"department", ""},
                                 {"section", ""},
                                 {"from", "2027-04-01"},
                                 {"until", "2027-04-30"}});
    EXPECT_EQ(admin_.location, path) << admin_.body;
    EXPECT_EQ(author.get("/account").status, 303) << "signed out";
    EXPECT_TRUE(admin_.follow().shows("令和9年4月30日まで"));
    // One's own account is another's to manage.
    EXPECT_EQ(admin_.get(path_of(office_.town.admin) + "/edit").status, 403);
    // The one whose role ends cannot be all that is left.
    author.sign_in("author");
    author.get(path_of(office_.town.admin) + "/end");
    author.post(path_of(office_.town.admin) + "/end", {{"version", author.hidden("version")}, {"successor", ""}});
    // `site init` has made an administrator besides.
    EXPECT_EQ(author.status, 303);
}

TEST_F(AdministrationTest, ATableIsLookedAtAndThenTakenWhole) {
    const std::string good = "login,name,department,role\r\nito,伊藤 空,11,作成者\r\nkato,加藤 海,11,承認者\r\n";
    const std::string bad = good + "x,短い,99,王様\r\n";
    admin_.get("/people/import");
    admin_.post_file("/people/import", {}, "file", "people.csv", bad);
    EXPECT_EQ(admin_.status, 422);
    EXPECT_EQ(faults_of(admin_), "");
    EXPECT_TRUE(admin_.shows("4行目"));
    EXPECT_FALSE(admin_.shows("この内容で登録する"));
    admin_.post_file("/people/import", {}, "file", "people.csv", good);
    EXPECT_EQ(admin_.status, 200) << admin_.body;
    EXPECT_EQ(faults_of(admin_), "");
    EXPECT_TRUE(admin_.shows("登録 2人"));
    EXPECT_FALSE(office_.town.read([](sys::Reader& db) { return people::find_person(db, "ito").has_value(); }));
    admin_.post("/people/import", {{"csv", admin_.hidden("csv")}, {"do", "apply"}});
    EXPECT_EQ(admin_.status, 200) << admin_.body;
    EXPECT_EQ(find("ito").name, "伊藤 空");
    EXPECT_TRUE(admin_.shows("2人を登録し"));
    EXPECT_EQ(admin_.get("/people/table.csv").status, 200);
    EXPECT_TRUE(admin_.shows("加藤 海"));
    EXPECT_TRUE(admin_.get("/people/sample.csv").shows("所属コード"));
}

TEST_F(AdministrationTest, ADepartmentIsMergedAfterAPreview) {
    office_.town.taken_over("kurashi/a.html");
    const std::string path = fmt::format("/departments/{}/end", office_.town.ka.value);
    const std::string to = std::to_string(office_.town.elsewhere.value);
    admin_.get(path);
    const std::string version = admin_.hidden("version");
    admin_.post(path, {{"version", version}, {"to", to}, {"day", "2027-04-01"}, {"do", "preview"}});
    EXPECT_EQ(admin_.status, 200) << admin_.body;
    EXPECT_EQ(faults_of(admin_), "");
    EXPECT_TRUE(admin_.shows("名前 author"));
    EXPECT_FALSE(has("department.merge")) << "looking changes nothing";
    admin_.post(path, {{"version", version}, {"to", to}, {"day", "2027-04-01"}, {"do", "merge"}});
    EXPECT_EQ(admin_.location, "/departments") << admin_.body;
    EXPECT_TRUE(has("department.merge"));
    EXPECT_TRUE(admin_.get("/departments?all=1").shows("令和9年3月31日まで"));
    EXPECT_EQ(faults_of(admin_), "");
}

TEST_F(AdministrationTest, ARouteOfTwoStepsIsMadeWithoutAScript) {
    const std::string chief = std::to_string(office_.town.chief.person.value);
    admin_.get("/routes/new");
    Visitor::Fields form{{"version", "0"},       {"name", "二段階"},
                         {"section", ""},        {"department", std::to_string(office_.town.ka.value)},
                         {"kind", ""},           {"steps", "1"},
                         {"s0.name", "課長"},    {"s0.groups", "1"},
                         {"s0.g0.name", "課長"}, {"s0.g0.person", chief}};
    Visitor::Fields more = form;
    more.emplace_back("do", "add-step");
    admin_.post("/routes/new", more);
    EXPECT_EQ(admin_.status, 200) << admin_.body;
    EXPECT_EQ(faults_of(admin_), "");
    EXPECT_EQ(admin_.hidden("steps"), "2");
    EXPECT_TRUE(admin_.shows("二段階")) << "what was typed is still there";
    form[5].second = "2";
    for (const auto& field : Visitor::Fields{{"s1.name", "広報"},
                                             {"s1.groups", "1"},
                                             {"s1.g0.name", "広報"},
                                             {"s1.g0.role", "site-administrator:0:0"},
                                             {"do", "save"}})
        form.push_back(field);
    admin_.post("/routes/new", form);
    EXPECT_EQ(admin_.location, "/routes") << admin_.body;
    EXPECT_TRUE(admin_.follow().shows("二段階"));
    EXPECT_EQ(faults_of(admin_), "");
    const auto routes = office_.town.read([](sys::Reader& db) { return workflow::list_routes(db); });
    ASSERT_EQ(routes.size(), 1U);
    EXPECT_EQ(routes[0].steps.size(), 2U);
    EXPECT_TRUE(has("route.save"));
    // A group of nobody is warned of.
    const std::string path = fmt::format("/routes/{}", routes[0].id);
    office_.town.write([&](sys::Transaction& tx) {
        const people::Person person = people::load_person(tx, office_.town.chief.person);
        people::retire_person(tx, person.id, {}, person.version, office_.town.by());
    });
    EXPECT_TRUE(admin_.get(path).shows("いま承認できる人がいません"));
    form[0].second = admin_.hidden("version");
    form.back().second = "remove";
    admin_.post(path, form);
    EXPECT_EQ(admin_.location, "/routes") << admin_.body;
    EXPECT_TRUE(office_.town.read([](sys::Reader& db) { return workflow::list_routes(db); }).empty());
}

TEST_F(AdministrationTest, ASettingIsSavedAndWaitsForTheRestart) {
    const std::string path = "/settings/office.idle_minutes";
    admin_.get(path);
    const std::string version = admin_.hidden("version");
    admin_.post(path, {{"version", version}, {"value", "never"}});
    EXPECT_EQ(admin_.status, 422);
    admin_.post(path, {{"version", version}, {"value", "0"}});
    EXPECT_EQ(admin_.status, 422);
    EXPECT_TRUE(admin_.shows("1から1440までの数"));
    EXPECT_EQ(faults_of(admin_), "");
    admin_.post(path, {{"version", version}, {"value", "30"}});
    EXPECT_EQ(admin_.location, "/settings") << admin_.body;
    EXPECT_TRUE(admin_.follow().shows("再起動待ち"));
    EXPECT_TRUE(has("site.settings"));
    admin_.post(path, {{"version", version}, {"value", "31"}});
    EXPECT_EQ(admin_.status, 409) << "made from a form that is no longer true";
    EXPECT_EQ(admin_.get("/settings/mail.password").status, 403);
}

TEST_F(AdministrationTest, TheLedgerLinksOnlyToWhatItsReaderMayOpen) {
    const std::string link = fmt::format("href=\"/people/{}\"", office_.town.author.person.value);
    EXPECT_TRUE(admin_.get("/ledger").shows(link));
    office_.town.write([&](sys::Transaction& tx) {
        people::add_grant(tx, {{}, office_.town.chief2.person, people::Role::Auditor, {}, {}}, office_.town.by());
    });
    Visitor auditor = office_.visitor();
    auditor.sign_in("chief2");
    EXPECT_TRUE(auditor.get("/ledger").shows("利用者「名前 author」を登録しました"));
    EXPECT_FALSE(auditor.shows("href=\"/people/"));
    EXPECT_EQ(auditor.get(path_of(office_.town.author)).status, 403);
}

TEST_F(AdministrationTest, TheLedgerIsFoundCheckedAndTakenAway) {
    EXPECT_TRUE(admin_.get("/ledger").shows("利用者「名前 author」を登録しました"));
    EXPECT_TRUE(admin_.shows("まだ検証していません"));
    admin_.post("/ledger/verify", {});
    EXPECT_EQ(admin_.location, "/ledger");
    EXPECT_TRUE(admin_.follow().shows("書き換えや抜けはありません"));
    EXPECT_TRUE(admin_.shows("異常なし"));
    EXPECT_TRUE(admin_.get(fmt::format("/ledger?subject=person%3A{}", office_.town.chief.person.value))
                    .shows("利用者「名前 chief」"));
    EXPECT_FALSE(admin_.shows("利用者「名前 author」を登録しました"));
    EXPECT_TRUE(admin_.get("/ledger?person=chief").shows("何人もいます") || admin_.shows("条件に合う記録はありません"));
    admin_.get("/ledger");
    admin_.post("/ledger/export", {{"format", "jsonl"}});
    EXPECT_EQ(admin_.status, 200);
    const ledger::Report report = ledger::verify_export(admin_.body);
    EXPECT_TRUE(report.is_whole()) << report.problems.at(0).message;
    EXPECT_EQ(report.first, 1);
    EXPECT_TRUE(has("ledger.export"));
    admin_.post("/ledger/export", {{"format", "csv"}, {"act", "person.add"}});
    EXPECT_TRUE(admin_.shows("を登録しました"));
    EXPECT_FALSE(admin_.shows("person.sign-in"));
    office_.town.write(
        [](sys::Transaction& tx) { tx.execute("UPDATE ledger_line SET actor = 'person:1' WHERE sequence = 5"); });
    admin_.get("/ledger");
    admin_.post("/ledger/verify", {});
    EXPECT_TRUE(admin_.shows("業務記録に問題が見つかりました"));
    EXPECT_EQ(faults_of(admin_), "");
}

TEST_F(AdministrationTest, WhatTheWatchKeepsIsReadAndTakenAwayToo) {
    const auto run = [&](std::string_view kind) {
        office_.town.site->watch().write([&](sys::Transaction& tx) {
            ledger::append(tx,
                           {office_.town.clock.now(), "system:cli:0", "backup.run", fmt::format("backup:{}", kind),
                            R"({"outcome":"made"})"},
                           ledger::kWatch);
        });
    };
    run("data");
    run("system");
    office_.town.site->watch().write([&](sys::Transaction& tx) {
        ledger::append(tx, {office_.town.clock.now(), "service:contract", "contract.late", "obligation:visits", "{}"},
                       ledger::kWatch);
    });
    EXPECT_TRUE(admin_.get("/ledger?stream=watch&act=contract.late").shows("href=\"/contract/visits\""));
    EXPECT_TRUE(admin_.get("/ledger?act=backup.run").shows("条件に合う記録はありません"));
    admin_.get("/ledger?stream=watch&act=backup.run");
    EXPECT_TRUE(admin_.shows("backup:data") && admin_.shows("backup:system") && admin_.shows("システム（コマンド）"));
    EXPECT_EQ(faults_of(admin_), "");
    admin_.get("/ledger?stream=watch&before=2");
    EXPECT_TRUE(admin_.shows("backup:data") && !admin_.shows("backup:system")) << "a line that evidence names is first";
    admin_.post("/ledger/export", {{"format", "jsonl"}, {"stream", "watch"}});
    EXPECT_EQ(ledger::verify_export(admin_.body).entries, 3);
    ledger::Search exports;
    exports.act = "ledger.export";
    const auto told =
        office_.town.site->database->read([&](sys::Reader& db) { return ledger::find_lines(db, exports); });
    EXPECT_NE(told.front().entry.detail.find(R"("stream":"watch")"), std::string::npos);
    admin_.get("/ledger");
    admin_.post("/ledger/verify", {});
    EXPECT_TRUE(admin_.follow().shows("書き換えや抜けはありません"));
    office_.town.site->watch().write(
        [](sys::Transaction& tx) { tx.execute("UPDATE ledger_line SET actor = 'person:1' WHERE sequence = 1"); });
    admin_.get("/ledger");
    admin_.post("/ledger/verify", {});
    EXPECT_TRUE(admin_.shows("watch: "));
}

TEST(EnrolmentScreen, ShowsTheKeyAsAPictureAndInGroups) {
    OpenOffice office("sqlite", true);
    Visitor admin = office.visitor();
    admin.sign_in("kanri");
    ASSERT_TRUE(admin.location.starts_with("/login/enrol")) << admin.location;
    admin.follow();
    EXPECT_TRUE(admin.shows("<svg class=\"qr\""));
    EXPECT_EQ(faults_of(admin), "");
}

}  // namespace
}  // namespace web
