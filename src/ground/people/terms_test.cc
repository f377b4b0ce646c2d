// Roles that hold for a time, who may manage whom, and lists that stay fast with thousands of people.
#include <algorithm>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/people/testing/office.h"

namespace people {
namespace {

using testing::TestOffice;

class TermsTest : public ::testing::TestWithParam<std::string> {
  protected:
    TestOffice office_{GetParam()};

    template <class Work>
    auto write(const Work& work) {
        return office_.db().write([&](sys::Transaction& tx) { return work(tx); });
    }
    template <class Work>
    auto read(const Work& work) {
        return office_.db().read([&](sys::Reader& db) { return work(db); });
    }
};
INSTANTIATE_TEST_SUITE_P(Engines, TermsTest, ::testing::ValuesIn(sys::testing::engines()),
                         [](const auto& engine) { return engine.param; });

TEST_P(TermsTest, LetARoleHoldFromItsFirstDayToItsLast) {
    const DepartmentId ka = office_.add_department("10");
    const PersonId person = office_.add_person("tanaka", {}, ka);
    Grant grant{{}, person, Role::Approver, {}, {}, base::Day{2027, 4, 2}, base::Day{2027, 4, 3}};
    grant.id = write([&](sys::Transaction& tx) { return add_grant(tx, grant, office_.by()); });
    EXPECT_EQ(read([&](sys::Reader& db) { return list_grants(db, person); }), std::vector{grant});
    std::vector<bool> may_approve;
    for (int day = 1; day <= 4; ++day)
        may_approve.push_back(read([&](sys::Reader& db) {
            const base::Instant noon = base::from_local({{2027, 4, day}, 12, 0, 0, 0});
            return static_cast<bool>(may(load_actor(db, person, noon), Act::PageApprove, scope_of(db, ka, "a", noon)));
        }));
    EXPECT_EQ(may_approve, (std::vector<bool>{false, true, true, false}));
}

TEST_P(TermsTest, DoNotLeaveTheSiteToAnAdministratorWhoseRoleEnds) {
    const PersonId first = office_.add_person("first", {Role::SiteAdministrator});
    const PersonId second = office_.add_person("second");
    const auto leave = [&] {
        write([&](sys::Transaction& tx) {
            retire_person(tx, first, second, load_person(tx, first).version, office_.by());
            return 0;
        });
    };
    write([&](sys::Transaction& tx) {
        return add_grant(tx,
                         {{}, second, Role::SiteAdministrator, {}, {}, base::Day{2027, 4, 1}, base::Day{2027, 9, 30}},
                         office_.by());
    });
    EXPECT_THROW(leave(), base::Error);
    write([&](sys::Transaction& tx) {
        remove_grant(tx, list_grants(tx, second).front().id, office_.by());
        return add_grant(tx, {{}, second, Role::SiteAdministrator, {}, {}}, office_.by());
    });
    leave();
    EXPECT_EQ(read([&](sys::Reader& db) { return load_person(db, first).successor; }), second);
}

TEST_P(TermsTest, ListPeopleByTheirReadingPageAfterPage) {
    const DepartmentId ka = office_.add_department("10");
    std::vector<std::string> expected;
    for (int i = 0; i < 30; ++i) {
        const PersonId id =
            office_.add_person(fmt::format("p{:02}", i), {Role::Author}, i % 3 == 0 ? std::optional(ka) : std::nullopt);
        write([&](sys::Transaction& tx) {
            Person person = load_person(tx, id);
            person.kana = fmt::format("よみ{:02}", (i * 7) % 10);  // the same reading three times
            change_person(tx, person, office_.by());
            return 0;
        });
    }
    PeopleQuery query;
    query.is_by_kana = true;
    query.limit = 4;
    query.on = {2027, 4, 1};
    for (const bool only_ka : {false, true}) {
        query.department = only_ka ? std::optional(ka) : std::nullopt;
        query.after = {};
        std::vector<std::pair<std::string, PersonId>> seen;
        for (auto page = read([&](sys::Reader& db) { return list_people(db, query); }); !page.empty();
             page = read([&](sys::Reader& db) { return list_people(db, query); })) {
            EXPECT_LE(page.size(), 4U);
            for (const Person& person : page) seen.emplace_back(person.kana, person.id);
            query.after = page.back().id;
        }
        EXPECT_EQ(seen.size(), only_ka ? 10U : 30U);
        EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    }
}

TEST_P(TermsTest, FindThemByAnIndexHoweverManyThereAre) {
    if (GetParam() != "sqlite") return;  // plans are SQLite's to tell; PostgreSQL has the same indexes
    const auto plan_of = [&](const std::string& sql) {
        std::string plan;
        read([&](sys::Reader& db) {
            for (const sys::Row& row : db.query("EXPLAIN QUERY PLAN " + sql)) plan += row.text(3) + "\n";
            return 0;
        });
        return plan;
    };
    for (const std::string sql :
         {"SELECT id FROM person WHERE (kana, id) > ('や', 7) AND state = 'active' ORDER BY kana, id LIMIT 51",
          "SELECT id FROM person WHERE (kana, id) > ('や', 7) AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id "
          "= person.id AND m.department_id = 3 AND m.valid_from <= '2027-04-01') ORDER BY kana, id LIMIT 51",
          "SELECT id FROM person WHERE (kana, id) > ('や', 7) AND EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id "
          "= person.id AND g.role = 'approver') ORDER BY kana, id LIMIT 51",
          "SELECT id FROM person WHERE id IN (SELECT person_id FROM membership WHERE department_id = 3) ORDER BY id",
          "SELECT g.id FROM role_grant g WHERE g.person_id = 3 ORDER BY g.id",
          "SELECT g.id FROM role_grant g WHERE g.department_id = 3 ORDER BY g.id"}) {
        SCOPED_TRACE(sql);
        const std::string plan = plan_of(sql);
        EXPECT_EQ(plan.find("SCAN"), std::string::npos) << plan;
    }
}

TEST_P(TermsTest, NobodyManagesAnAccountThatCouldDoMoreThanTheyMayGive) {
    const PersonId admin = office_.add_person("admin", {Role::SiteAdministrator});
    const PersonId lead = office_.add_person("lead", {Role::MaintenanceLead});
    const PersonId author = office_.add_person("author", {Role::Author});
    const PersonId operator_id = office_.add_person("operator", {Role::Operator});
    const auto may_do = [&](PersonId who, PersonId to) {
        const Actor actor = office_.actor(who);
        return static_cast<bool>(may_manage(actor, to, read([&](sys::Reader& db) { return list_grants(db, to); })));
    };
    EXPECT_TRUE(may_do(admin, author));
    EXPECT_FALSE(may_do(admin, operator_id));
    EXPECT_FALSE(may_do(admin, admin)) << "one's own account";
    EXPECT_TRUE(may_do(lead, operator_id));
    EXPECT_FALSE(may_do(lead, admin)) << "with the administrator's new password the lead could act as the city";
    EXPECT_FALSE(may_do(author, operator_id));
}

}  // namespace
}  // namespace people
