#include "flow/manage_people.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "flow/ask_route.h"
#include "flow/edit_page.h"
#include "flow/sign_in_desk.h"
#include "flow/testing/town.h"
#include "ground/ledger/store.h"
#include "press/publish/queue.h"
#include "press/workflow/store.h"

namespace flow {
namespace {

using testing::Town;

class ManagePeopleTest : public ::testing::TestWithParam<std::string> {
  protected:
    Town town_{GetParam()};
    const base::Day today_{2027, 4, 1};

    people::Department load(base::DepartmentId id) {
        return town_.read([&](sys::Reader& db) { return people::load_department(db, id); });
    }
    Bequest merge(base::Day day) {
        return merge_department(*town_.site, {town_.ka, town_.elsewhere, day, load(town_.ka).version}, town_.by());
    }
};
INSTANTIATE_TEST_SUITE_P(Engines, ManagePeopleTest, ::testing::ValuesIn(sys::testing::engines()),
                         [](const auto& engine) { return engine.param; });

TEST_P(ManagePeopleTest, MoveEverythingToTheSuccessorInOneAct) {
    const content::Page page = town_.taken_over("kurashi/a.html");
    town_.write([&](sys::Transaction& tx) {
        content::Section section = *content::find_section(tx, "kurashi/");
        section.department = town_.ka;
        content::change_section(tx, section);
        people::add_grant(tx, {{}, town_.stranger.person, people::Role::Approver, town_.ka, {}}, town_.by());
        workflow::Route route;
        route.name = "課のルート";
        route.department = town_.ka;
        route.steps = {{"承認", {{"課長", {}, {{people::Role::Approver, town_.ka, false}}}}}};
        workflow::save_route(tx, route, town_.by());
    });
    people::Department below;
    below.code = "1101";
    below.name = "係";
    below.valid_from = {2020, 4, 1};
    below.parent = town_.ka;
    const base::DepartmentId below_id = save_department(*town_.site, below, town_.by());

    const Bequest seen = town_.read([&](sys::Reader& db) { return find_bequest(db, town_.ka, today_); });
    EXPECT_EQ(seen.pages, 1);
    EXPECT_EQ(seen.sections.size(), 1U);
    EXPECT_EQ(seen.people.size(), 4U);
    EXPECT_EQ(seen.grants.size(), 1U);
    EXPECT_EQ(seen.below.size(), 1U);
    EXPECT_EQ(seen.routes, std::vector<std::string>{"課のルート"});
    const Bequest moved = merge(today_);
    EXPECT_EQ(moved.pages, seen.pages);

    const people::Department gone = load(town_.ka);
    EXPECT_EQ(gone.valid_until, today_ - 1);
    EXPECT_EQ(gone.successor, town_.elsewhere);
    EXPECT_EQ(load(below_id).parent, town_.elsewhere);
    town_.read([&](sys::Reader& db) {
        EXPECT_EQ(content::load_page(db, page.id).department, town_.elsewhere);
        EXPECT_EQ(content::find_section(db, "kurashi/")->department, town_.elsewhere);
        const people::Person author = people::load_person(db, town_.author.person);
        ASSERT_EQ(author.memberships.size(), 2U);
        EXPECT_EQ(author.memberships[0].valid_until, today_ - 1);
        EXPECT_EQ(author.memberships[1].department, town_.elsewhere);
        EXPECT_EQ(author.memberships[1].valid_from, today_);
        EXPECT_EQ(people::list_grants(db, town_.ka).size(), 0U);
        EXPECT_EQ(people::list_grants(db, town_.elsewhere).size(), 1U);
        const auto routes = workflow::list_routes(db);
        ASSERT_EQ(routes.size(), 1U);
        EXPECT_EQ(routes[0].department, town_.elsewhere);
        EXPECT_EQ(routes[0].steps[0].groups[0].roles[0].department, town_.elsewhere);
        ledger::Search search;
        search.act = "department.merge";
        const auto lines = ledger::find_lines(db, search);
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_NE(lines[0].entry.detail.find(R"("people":4)"), std::string::npos);
        const Bequest left = find_bequest(db, town_.ka, today_);
        EXPECT_EQ(left.pages + static_cast<std::int64_t>(left.sections.size() + left.people.size() +
                                                         left.grants.size() + left.below.size() + left.routes.size()),
                  0);
    });
}

TEST_P(ManagePeopleTest, WhatWaitsForSomebodyWhoLeavesGoesToTheSuccessorWhoGetsTheRoles) {
    const content::Page page = town_.taken_over("kurashi/a.html");
    town_.write([&](sys::Transaction& tx) {
        content::Section section = *content::find_section(tx, "kurashi/");
        section.department = town_.ka;
        content::change_section(tx, section);
    });
    Site& site = *town_.site;
    const Outcome draft = town_.edit(page.id, "<p>新しい文</p>", town_.author);
    const Outcome asked = submit(site, page.id, draft.version(), {}, town_.author);
    ASSERT_TRUE(asked) << asked.refusal->ja;
    const auto leave = [&](const Doer& who, base::PersonId successor, bool bequeaths_roles, const Doer& doer) {
        const auto [person, actor] = town_.read([&](sys::Reader& db) {
            return std::pair(people::load_person(db, who.person),
                             people::load_actor(db, doer.person, site.clock.now()));
        });
        retire_person(site, {who.person, successor, bequeaths_roles, person.version}, actor,
                      {doer.person, site.clock.now()});
    };
    const auto try_to_approve = [&](const Doer& who) {
        const Outcome now = look_at(site, page.id);
        return approve(site, {page.id, now.version(), now.standing.hash, "", {}}, who);
    };
    leave(town_.chief, town_.stranger.person, false, town_.admin);
    EXPECT_FALSE(try_to_approve(town_.stranger)) << "named as the successor, without the role";
    EXPECT_THROW(leave(town_.chief2, town_.admin.person, true, town_.admin), base::Error)
        << "nobody gives a role to themselves";
    EXPECT_TRUE(
        town_.read([&](sys::Reader& db) { return people::load_actor(db, town_.chief2.person, site.clock.now()); })
            .is_active)
        << "and then nothing has happened";
    leave(town_.chief2, town_.stranger.person, true, town_.admin);
    EXPECT_EQ(waiting_for(site, town_.stranger.person).to_approve, 1);
    const Outcome approved = try_to_approve(town_.stranger);
    EXPECT_TRUE(approved) << approved.refusal->ja;
}

TEST_P(ManagePeopleTest, RolesThatOverlapOrAreSpentDoNotHinderTheSuccessor) {
    Site& site = *town_.site;
    const base::PersonId heir = town_.stranger.person;
    const auto held = [&](people::Role role, base::DepartmentId department) {
        std::vector<people::Grant> found;
        for (const people::Grant& one : town_.read([&](sys::Reader& db) { return people::list_grants(db, heir); }))
            if (one.role == role && one.department == department) found.push_back(one);
        return found;
    };
    town_.write([&](sys::Transaction& tx) {
        // Of the own department and of the same by name: one role, given twice.
        people::add_grant(
            tx, {{}, town_.chief.person, people::Role::Approver, town_.ka, {}, {}, base::Day{2027, 9, 30}}, town_.by());
        people::add_grant(
            tx, {{}, heir, people::Role::Approver, town_.ka, {}, base::Day{2026, 4, 1}, base::Day{2027, 3, 31}},
            town_.by());
        people::add_grant(
            tx, {{}, town_.chief.person, people::Role::Author, town_.elsewhere, "kurashi/", {}, base::Day{2027, 9, 30}},
            town_.by());
        people::add_grant(tx, {{}, heir, people::Role::Author, town_.elsewhere, "kurashi/"}, town_.by());
    });
    const auto leave = [&](const Doer& who) {
        const auto [person, actor] = town_.read([&](sys::Reader& db) {
            return std::pair(people::load_person(db, who.person),
                             people::load_actor(db, town_.admin.person, site.clock.now()));
        });
        retire_person(site, {who.person, heir, true, person.version}, actor, town_.by());
    };
    leave(town_.chief);
    const auto approver = held(people::Role::Approver, town_.ka);
    ASSERT_EQ(approver.size(), 1U);
    EXPECT_TRUE(approver[0].is_valid_on(today_)) << "not the spent one";
    EXPECT_EQ(approver[0].valid_until, std::nullopt) << "the longer of the two";
    const auto author = held(people::Role::Author, town_.elsewhere);
    ASSERT_EQ(author.size(), 1U);
    EXPECT_EQ(author[0].valid_until, std::nullopt) << "what the successor holds for good is not cut short";
}

TEST_P(ManagePeopleTest, TheOnlySiteAdministratorHandsOverAndGoes) {
    Site& site = *town_.site;
    town_.write([&](sys::Transaction& tx) {
        for (const people::Person& other : people::list_people(tx, {}))
            for (const people::Grant& one : people::list_grants(tx, other.id))
                if (one.role == people::Role::SiteAdministrator && other.id != town_.admin.person)
                    people::remove_grant(tx, one.id, town_.by());
        // For a while: not one to rely on.
        people::add_grant(tx, {{}, town_.chief.person, people::Role::SiteAdministrator, {}, {}, {}, today_ + 90},
                          town_.by());
    });
    const auto [admin, actor] = town_.read([&](sys::Reader& db) {
        return std::pair(people::load_person(db, town_.admin.person),
                         people::load_actor(db, town_.chief.person, site.clock.now()));
    });
    const people::By by{town_.chief.person, site.clock.now()};
    EXPECT_THROW(retire_person(site, {admin.id, town_.stranger.person, false, admin.version}, actor, by), base::Error);
    retire_person(site, {admin.id, town_.stranger.person, true, admin.version}, actor, by);
    const auto held = town_.read([&](sys::Reader& db) { return people::list_grants(db, town_.stranger.person); });
    EXPECT_TRUE(std::any_of(held.begin(), held.end(),
                            [](const people::Grant& one) { return one.role == people::Role::SiteAdministrator; }));
}

TEST_P(ManagePeopleTest, LetASubDepartmentTakeThePlaceOfTheOneAboveIt) {
    people::Department child;
    child.code = "1101";
    child.name = "新しい課";
    child.valid_from = {2020, 4, 1};
    child.parent = town_.ka;
    const base::DepartmentId id = save_department(*town_.site, child, town_.by());
    merge_department(*town_.site, {town_.ka, id, today_, load(town_.ka).version}, town_.by());
    EXPECT_EQ(load(id).parent, std::nullopt);
    EXPECT_EQ(load(town_.ka).successor, id);
}

TEST_P(ManagePeopleTest, RefuseADayToComeAndAnOldVersionAndThenChangeNothing) {
    EXPECT_THROW(merge(today_ + 1), base::Error);
    EXPECT_THROW(merge({2020, 4, 1}), base::Error) << "it has only begun";
    const std::int64_t version = load(town_.ka).version;
    people::Department renamed = load(town_.ka);
    renamed.name = "新しい名前";
    save_department(*town_.site, renamed, town_.by());
    EXPECT_THROW(merge_department(*town_.site, {town_.ka, town_.elsewhere, today_, version}, town_.by()), base::Error);
    EXPECT_EQ(load(town_.ka).successor, std::nullopt);
    EXPECT_EQ(town_.read([&](sys::Reader& db) { return people::list_posted(db, town_.ka, today_).size(); }), 4U);
}

TEST_P(ManagePeopleTest, SayWhoWouldBeAsked) {
    const content::Page page = town_.taken_over("kurashi/a.html");
    const auto ask = [&](const Doer& who) {
        return town_.read([&](sys::Reader& db) { return ask_route(db, *town_.site, page.id, who.person); });
    };
    const RouteAnswer by_author = ask(town_.author);
    EXPECT_EQ(by_author.route.id, 0);
    EXPECT_EQ(by_author.refusal, "");
    ASSERT_EQ(by_author.panels.size(), 1U);
    EXPECT_EQ(by_author.panels[0].candidates[0].size(), 4U) << "two approvers, two administrators in reserve";
    EXPECT_EQ(ask(town_.chief).panels[0].candidates[0].size(), 3U) << "not the one who asks";
    EXPECT_NE(ask(town_.stranger).refusal, "");
    EXPECT_EQ(ask(town_.author).route.name, by_author.route.name);
    // It says what a submission does.
    const Outcome outcome = town_.submitted(page.id, "<p>新しい文</p>", town_.author);
    EXPECT_EQ(list_asked(*town_.site, outcome.page.id).size(), 2U);
}

TEST(Directory, IsCheckedWithTheSystemsCertificatesWhenNoFileIsNamed) {
    settings::Settings settings;
    settings.folder = "/srv/site";
    EXPECT_TRUE(directory_of(settings).ca_file.empty()) << "the site's folder is no file of certificates";
    settings.ldap.ca_file = "keys/ca.pem";
    EXPECT_EQ(directory_of(settings).ca_file, "/srv/site/keys/ca.pem");
}

TEST(TableText, ReadsWhatJapaneseExcelWrites) {
    const std::string cp932 = "\x8E\x81\x96\xBC,\x87\x40\r\n";  // 氏名, and a circled one of NEC's
    EXPECT_EQ(table_text(cp932), "氏名,①\r\n");
    EXPECT_EQ(table_text("氏名,①\r\n"), "氏名,①\r\n");
    EXPECT_EQ(table_text("\xFF\xFE\xFD"), "\xFF\xFE\xFD") << "left for the import to refuse";
}

}  // namespace
}  // namespace flow
