#include "ground/people/import.h"

#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/people/testing/office.h"

namespace people {
namespace {

using testing::TestOffice;

class ImportTest : public ::testing::TestWithParam<std::string> {
  protected:
    TestOffice office_{GetParam()};
    const DepartmentId shimin_ = office_.add_department("1010");
    const DepartmentId kouhou_ = office_.add_department("1020");
    const PersonId admin_ = office_.add_person("admin", {Role::SiteAdministrator});

    ImportPlan plan(std::string_view csv) {
        const Actor who = office_.actor(admin_);
        return office_.db().read([&](sys::Reader& db) { return plan_import(db, csv, who, office_.clock.now()); });
    }
    ImportResult import(std::string_view csv, ImportMode mode = ImportMode::AllOrNothing) {
        return import_accounts(office_.db(), csv, mode, office_.actor(admin_), office_.by(admin_));
    }
    std::optional<Person> find(std::string_view login) {
        return office_.db().read([&](sys::Reader& db) { return find_person(db, login); });
    }
    std::set<Role> roles_of(std::string_view login) {
        return office_.db().read([&](sys::Reader& db) {
            std::set<Role> roles;
            for (const Grant& grant : list_grants(db, find_person(db, login).value().id)) roles.insert(grant.role);
            return roles;
        });
    }
};
INSTANTIATE_TEST_SUITE_P(Engines, ImportTest, ::testing::ValuesIn(sys::testing::engines()),
                         [](const auto& engine) { return engine.param; });

TEST_P(ImportTest, AddsAHundredAndTwentyAuthorsAtOnce) {
    std::string csv = "\xEF\xBB\xBFログイン名,氏名,ふりがな,メール,所属コード,役割,認証\r\n";
    for (int i = 0; i < 120; ++i)
        csv += fmt::format("author{0},\"山田, {0}\",やまだ,a{0}@city.example,1010;1020,作成者,{1}\r\n", i,
                           i < 3 ? "本システム" : "庁内認証");
    const ImportPlan preview = plan(csv);
    EXPECT_TRUE(preview.faults.empty());
    EXPECT_EQ(preview.rows.size(), 120U);
    EXPECT_EQ(preview.rows[0].what, ImportRow::What::Add);
    EXPECT_FALSE(find("author0")) << "a preview writes nothing";

    const ImportResult result = import(csv);
    EXPECT_TRUE(result.is_done);
    EXPECT_EQ(result.added, 120);
    ASSERT_EQ(result.passwords.size(), 3U) << "directory accounts have none of ours";
    const auto person = find("author2");
    ASSERT_TRUE(person);
    EXPECT_EQ(person->name, "山田, 2");
    EXPECT_EQ(person->mail, "a2@city.example");
    EXPECT_EQ(person->memberships, (std::vector<Membership>{{shimin_, {2027, 4, 1}, {}}, {kouhou_, {2027, 4, 1}, {}}}));
    EXPECT_TRUE(person->must_change_password);
    EXPECT_EQ(roles_of("author2"), (std::set{Role::Author}));
    EXPECT_EQ(find("author7")->source, Source::Ldap);

    SignInDesk desk = office_.desk();
    EXPECT_EQ(result.passwords[2].login_name, "author2");
    EXPECT_EQ(result.passwords[2].person, person->id);
    EXPECT_TRUE(std::holds_alternative<NeedPasswordChange>(
        sign_in(desk, "author2", result.passwords[2].password, TestOffice::peer())));

    const ImportResult again = import(csv);
    EXPECT_TRUE(again.is_done);
    EXPECT_EQ(again.same, 120);
    EXPECT_EQ(again.added + again.changed, 0);
    EXPECT_TRUE(again.passwords.empty());
}

TEST_P(ImportTest, TellsEveryFaultOfALine) {
    const ImportPlan preview =
        plan("login,name,mail,department,role,source\nX,,no address,1010;9999;8888,作成者;社長,どこか\n");
    EXPECT_TRUE(preview.rows.empty());
    std::multiset<std::string> columns;
    for (const ImportFault& fault : preview.faults) {
        EXPECT_EQ(fault.line, 2);
        columns.insert(fault.column);
    }
    EXPECT_EQ(columns,
              (std::multiset<std::string>{"login", "name", "mail", "department", "department", "role", "source"}));
}

TEST_P(ImportTest, ImportsNothingWhenOneLineIsBadUnlessAskedTo) {
    const std::string csv =
        "login,name,department,role\n"
        "good.one,良い 一,1010,author\n"
        "Bad Name,悪い 一,1010,author\n"
        "bad.two,,1010,author\n"
        "bad.three,悪い 三,9999,author\n"
        "bad.four,悪い 四,1010,emperor\n"
        "bad.five,悪い 五,1010\n"
        "good.one,同じ,1010,author\n"
        "bad.six,悪い 六,1010,operator\n"
        "good.two,良い 二,,\n";
    const ImportResult refused = import(csv);
    EXPECT_FALSE(refused.is_done);
    EXPECT_FALSE(find("good.one"));
    EXPECT_TRUE(refused.passwords.empty());
    std::vector<std::pair<int, std::string>> where;
    for (const ImportFault& fault : refused.faults) {
        where.emplace_back(fault.line, fault.column);
        EXPECT_FALSE(fault.reason_ja.empty()) << fault.line;
        EXPECT_FALSE(fault.reason_en.empty()) << fault.line;
    }
    EXPECT_EQ(where,
              (std::vector<std::pair<int, std::string>>{
                  {3, "login"}, {4, "name"}, {5, "department"}, {6, "role"}, {7, ""}, {8, "login"}, {9, "role"}}));
    const ImportResult done = import(csv, ImportMode::GoodLines);
    EXPECT_TRUE(done.is_done);
    EXPECT_EQ(done.added, 2);
    EXPECT_EQ(done.faults.size(), 7U);
    EXPECT_TRUE(find("good.one") && find("good.two"));
    EXPECT_FALSE(find("bad.six"));
}

TEST_P(ImportTest, ChangesWhatTheTableNamesAndKeepsTheRest) {
    const PersonId id = office_.add_person("suzuki", {Role::Author}, shimin_);
    const ImportResult moved = import("login,department,role\nSUZUKI,1020,承認者；作成者\n");
    EXPECT_EQ(moved.changed, 1);
    EXPECT_TRUE(moved.passwords.empty());
    const auto person = find("suzuki");
    EXPECT_EQ(person->id, id);
    EXPECT_EQ(person->name, "名前 suzuki") << "there was no such column";
    EXPECT_EQ(person->memberships,
              (std::vector<Membership>{{shimin_, {2020, 4, 1}, base::Day{2027, 3, 31}}, {kouhou_, {2027, 4, 1}, {}}}));
    EXPECT_EQ(roles_of("suzuki"), (std::set{Role::Author, Role::Approver}));
    EXPECT_EQ(import("login,role\nsuzuki,\n").changed, 1) << "an empty cell takes the roles away";
    EXPECT_TRUE(roles_of("suzuki").empty());
}

TEST_P(ImportTest, KeepsRolesThatHoldForAPlace) {
    const PersonId id = office_.add_person("suzuki");
    office_.db().write([&](sys::Transaction& tx) {
        add_grant(tx, {{}, id, Role::Approver, {}, "kurashi/"}, office_.by());
    });
    EXPECT_EQ(import("login,role\nsuzuki,author\n").changed, 1);
    EXPECT_EQ(roles_of("suzuki"), (std::set{Role::Author, Role::Approver}));
}

TEST_P(ImportTest, RefusesToChangeOnesOwnRolesAndAccountsOfThoseWhoLeft) {
    office_.add_person("admin2", {Role::SiteAdministrator});
    const PersonId gone = office_.add_person("gone");
    office_.db().write([&](sys::Transaction& tx) { retire_person(tx, gone, {}, 1, office_.by()); });
    const ImportPlan made = plan("login,role\nadmin,author\ngone,author\nadmin2,site-administrator\n");
    ASSERT_EQ(made.faults.size(), 2U);
    EXPECT_EQ(made.faults[0].line, 2);
    EXPECT_EQ(made.faults[1].line, 3);
    ASSERT_EQ(made.rows.size(), 1U);
    EXPECT_EQ(made.rows[0].what, ImportRow::What::Same);
}

TEST_P(ImportTest, SaysWhatIsWrongWithTheWholeTable) {
    const auto reason = [&](std::string_view csv) {
        const ImportPlan made = plan(csv);
        EXPECT_TRUE(made.rows.empty());
        return made.faults.empty() ? std::string() : made.faults.back().reason_en;
    };
    EXPECT_NE(reason("").find("first line names the columns"), std::string::npos);
    EXPECT_NE(reason("name\n山田\n").find("missing"), std::string::npos);
    EXPECT_NE(reason("login,nickname\na1,b\n").find("not known"), std::string::npos);
    EXPECT_NE(reason("login,login\na1,b\n").find("twice"), std::string::npos);
    EXPECT_NE(reason("\x83\x8d\x83\x4f,x\n").find("not UTF-8"), std::string::npos);
    EXPECT_NE(reason(std::string((1U << 20) + 1, 'x')).find("1 MB"), std::string::npos);
    EXPECT_NE(reason("login\n\"open\n").find("not closed"), std::string::npos);
    std::string long_table = "login,name\n";
    for (int i = 0; i < 2001; ++i) long_table += "a,b\n";
    EXPECT_NE(reason(long_table).find("2000"), std::string::npos);
}

TEST_P(ImportTest, TakesBackWhatItExports) {
    office_.add_person("suzuki", {Role::Author, Role::Approver}, shimin_);
    const std::string csv = office_.db().read([&](sys::Reader& db) { return export_accounts(db, {2027, 4, 1}); });
    EXPECT_TRUE(csv.starts_with("\xEF\xBB\xBFログイン名,氏名,"));
    EXPECT_NE(csv.find("suzuki,名前 suzuki,,,1010,作成者;承認者,本システム\r\n"), std::string::npos) << csv;
    const ImportPlan again = plan(csv);
    EXPECT_TRUE(again.faults.empty());
    ASSERT_EQ(again.rows.size(), 2U);
    for (const ImportRow& row : again.rows) EXPECT_EQ(row.what, ImportRow::What::Same) << row.line;
}

}  // namespace
}  // namespace people
