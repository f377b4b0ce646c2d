#include "ground/people/rights.h"

#include <set>

#include <gtest/gtest.h>

namespace people {
namespace {

constexpr DepartmentId kOurs{11}, kAbove{1}, kOther{22};
const Scope kPage{{kOurs, kAbove}, "kurashi/gomi/index.html"};

Actor actor_with(Standing standing) {
    return {PersonId{5}, "佐藤", true, {std::move(standing)}};
}

struct Case {
    std::string_view name;
    Standing standing;  // of any role
    bool reaches_page;  // whether 'S' is met for kPage
    bool reaches_somewhere;
};
std::vector<Case> cases() {
    return {
        {"everywhere", {Role::Author, true, {}, "", {}}, true, true},
        {"own department", {Role::Author, false, {kOurs}, "", {}}, true, true},
        {"department above", {Role::Author, false, {kAbove}, "", {}}, true, true},
        {"other department", {Role::Author, false, {kOther}, "", {}}, false, true},
        {"section", {Role::Author, false, {}, "kurashi/", {}}, true, true},
        {"other section", {Role::Author, false, {}, "kanko/", {}}, false, true},
        {"department and section", {Role::Author, false, {kOurs}, "kurashi/", {}}, true, true},
        {"department, other section", {Role::Author, false, {kOurs}, "kanko/", {}}, false, true},
        {"section, other department", {Role::Author, false, {kOther}, "kurashi/", {}}, false, true},
        {"no posting", {Role::Author, false, {}, "", {}}, false, false},
    };
}

TEST(RightsTable, IsKeptForEveryActRoleAndPlace) {
    int combinations = 0;
    for (const ActRow& row : all_acts()) {
        for (const Role role : kAllRoles) {
            const char cell = row.cells[static_cast<std::size_t>(role)];
            for (const Case& one : cases()) {
                for (const bool is_deputy : {false, true}) {
                    SCOPED_TRACE(std::string(row.id) + " " + std::string(role_id(role)) + " " + std::string(one.name) +
                                 (is_deputy ? " as a deputy" : ""));
                    Standing standing = one.standing;
                    standing.role = role;
                    if (is_deputy) standing.on_behalf_of = PersonId{9};
                    const Actor actor = actor_with(standing);
                    const bool is_whole = standing.is_everywhere;
                    const bool is_open = !is_deputy || row.can_deputise;
                    const bool expected =
                        is_open && (cell == 'A' || (cell == 'W' && is_whole) || (cell == 'S' && one.reaches_page));
                    const Decision decision = may(actor, row.act, kPage);
                    EXPECT_EQ(decision.is_allowed, expected);
                    EXPECT_EQ(decision.reason_ja.empty(), expected) << "a refusal says why, and nothing else does";
                    EXPECT_EQ(decision.reason_en.empty(), expected);
                    EXPECT_EQ(decision.on_behalf_of.has_value(), expected && is_deputy);
                    EXPECT_EQ(may_somewhere(actor, row.act), is_open && (cell == 'A' || (cell == 'W' && is_whole) ||
                                                                         (cell == 'S' && one.reaches_somewhere)));
                    Actor locked = actor;
                    locked.is_active = false;
                    EXPECT_FALSE(may(locked, row.act, kPage));
                    EXPECT_FALSE(may_somewhere(locked, row.act));
                    ++combinations;
                }
            }
        }
    }
    EXPECT_EQ(combinations, static_cast<int>(all_acts().size() * kAllRoles.size() * 10 * 2));
}

TEST(RightsTable, HasWordsForEachActAndSomebodyWhoMay) {
    std::set<std::string_view> ids;
    for (const ActRow& row : all_acts()) {
        SCOPED_TRACE(row.id);
        EXPECT_TRUE(ids.insert(row.id).second);
        EXPECT_EQ(find_act(row.id), row.act);
        EXPECT_EQ(&act_row(row.act), &row);
        EXPECT_FALSE(row.name_ja.empty());
        EXPECT_FALSE(row.name_en.empty());
        EXPECT_NE(row.cells.find_first_not_of('-'), std::string_view::npos);
    }
    EXPECT_FALSE(find_act("page.fly"));
}

std::set<std::string_view> acts_of(Role role) {
    std::set<std::string_view> acts;
    for (const ActRow& row : all_acts())
        if (may(actor_with({role, true, {}, "", {}}), row.act)) acts.insert(row.id);
    return acts;
}

TEST(RightsTable, LetsOnlyTheCityApprovePages) {
    for (const Role role :
         {Role::Author, Role::Operator, Role::MaintenanceManager, Role::MaintenanceLead, Role::Auditor})
        EXPECT_FALSE(acts_of(role).contains("page.approve")) << role_id(role);
    EXPECT_TRUE(acts_of(Role::Approver).contains("page.approve"));
    EXPECT_TRUE(acts_of(Role::SiteAdministrator).contains("page.approve"));
}

TEST(RightsTable, LetsAuditorsLookAndTakeCopiesOnly) {
    EXPECT_EQ(acts_of(Role::Auditor),
              (std::set<std::string_view>{"page.read", "people.read", "ledger.read", "ledger.export", "release.read",
                                          "release.export", "monitor.read", "logs.export", "contract.read"}));
}

TEST(RightsTable, GivesAuthorsWhatTheyNeedToMakePages) {
    EXPECT_EQ(acts_of(Role::Author), (std::set<std::string_view>{"page.read", "page.create", "page.edit", "page.submit",
                                                                 "asset.add", "people.read", "release.read"}));
}

TEST(RightsTable, AsksForThePasswordAgainForKeysPeopleAndEmergencies) {
    for (const Act act : {Act::KeyChange, Act::PeopleManage, Act::PagePublishEmergency, Act::EmergencyStop,
                          Act::BackupRestore, Act::ReleaseRollBack})
        EXPECT_TRUE(act_row(act).needs_fresh_proof) << act_row(act).id;
    EXPECT_FALSE(act_row(Act::PageEdit).needs_fresh_proof);
}

TEST(May, NamesTheRolesThatMayWhenTheRoleIsMissing) {
    const Decision decision = may(actor_with({Role::Author, true, {}, "", {}}), Act::PageApprove, kPage);
    EXPECT_NE(decision.reason_ja.find("承認者、サイト管理者"), std::string::npos) << decision.reason_ja;
    EXPECT_NE(decision.reason_en.find("approver or site administrator"), std::string::npos) << decision.reason_en;
}

TEST(May, SaysThatThePlaceIsTheReasonWhenTheRoleIsThere) {
    const Decision decision = may(actor_with({Role::Approver, false, {kOther}, "", {}}), Act::PageApprove, kPage);
    EXPECT_NE(decision.reason_ja.find("担当する部署や場所の外"), std::string::npos) << decision.reason_ja;
    EXPECT_NE(decision.reason_en.find("your own departments"), std::string::npos) << decision.reason_en;
}

TEST(May, PrefersTheOwnRightToTheDeputys) {
    Actor actor = actor_with({Role::Approver, false, {kOurs}, "", PersonId{9}});
    EXPECT_EQ(may(actor, Act::PageApprove, kPage).on_behalf_of, PersonId{9});
    actor.standings.push_back({Role::Approver, false, {kOurs}, "", {}});
    EXPECT_EQ(may(actor, Act::PageApprove, kPage).on_behalf_of, std::nullopt);
}

TEST(MayGrant, KeepsTheCitysRolesAndTheMaintainersApart) {
    const Actor city = actor_with({Role::SiteAdministrator, true, {}, "", {}});
    const Actor lead = actor_with({Role::MaintenanceLead, true, {}, "", {}});
    const PersonId other{77};
    for (const Role role : {Role::Author, Role::Approver, Role::SiteAdministrator, Role::Auditor}) {
        EXPECT_TRUE(may_grant(city, role, other)) << role_id(role);
        EXPECT_FALSE(may_grant(lead, role, other)) << role_id(role);
    }
    for (const Role role : {Role::Operator, Role::MaintenanceManager}) {
        EXPECT_FALSE(may_grant(city, role, other)) << role_id(role);
        EXPECT_TRUE(may_grant(lead, role, other)) << role_id(role);
    }
    EXPECT_TRUE(may_grant(city, Role::MaintenanceLead, other)) << "the city appoints the lead";
}

TEST(MayGrant, IsRefusedForOneself) {
    const Actor city = actor_with({Role::SiteAdministrator, true, {}, "", {}});
    EXPECT_FALSE(may_grant(city, Role::Approver, city.person));
}

TEST(MayGrant, IsRefusedToAnAdministratorOfOnePlace) {
    EXPECT_FALSE(may_grant(actor_with({Role::SiteAdministrator, false, {kOurs}, "", {}}), Role::Author, PersonId{77}));
}

}  // namespace
}  // namespace people
