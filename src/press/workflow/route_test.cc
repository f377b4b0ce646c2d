#include "press/workflow/route.h"

#include <gtest/gtest.h>

#include "ground/people/testing/office.h"

namespace workflow {

namespace {

using base::PersonId;
using people::Role;
using people::testing::TestOffice;
using Names = std::vector<std::string>;

class Panels : public ::testing::TestWithParam<std::string> {
  protected:
    TestOffice office_{GetParam()};

    std::vector<std::string> names(const Step& step, std::vector<PersonId> requesters,
                                   std::optional<base::DepartmentId> department, std::vector<PersonId> earlier = {}) {
        return office_.db().read([&](sys::Reader& db) {
            const people::Scope scope = people::scope_of(db, department, "kurashi/gomi.html", office_.clock.now());
            std::vector<std::string> found;
            for (const auto& group : find_panel(db, step, requesters, scope, office_.clock.now(), earlier).candidates)
                for (const Candidate& one : group)
                    found.push_back(one.on_behalf_of ? fmt::format("{} for {}", one.name, one.on_behalf_of.value)
                                                     : one.name);
            return found;
        });
    }
};

TEST(Route, TheMostSpecificIsChosen) {
    content::Page page;
    page.path = "kurashi/gomi/index.html";
    page.kind = content::PageKind::TakenOver;
    const std::vector<base::DepartmentId> departments{{3}, {2}, {1}};
    std::vector<Route> routes;
    const auto add = [&](std::string name, std::string section, std::int64_t department,
                         std::optional<content::PageKind> kind) {
        routes.push_back({0, std::move(name), std::move(section), {department}, kind, default_route().steps, 1});
    };
    EXPECT_EQ(choose_route(routes, page, departments).name, default_route().name);
    EXPECT_EQ(choose_route(routes, page, departments, 3).steps.size(), 3U);
    add("elsewhere", "kosodate/", 0, {});
    add("other department", "", 9, {});
    add("other kind", "", 0, content::PageKind::Composed);
    EXPECT_EQ(choose_route(routes, page, departments).name, default_route().name);
    const struct {
        std::string_view name, section;
        std::int64_t department;
        std::optional<content::PageKind> kind;
    } kEver[] = {{"all", "", 0, {}},
                 {"kind", "", 0, content::PageKind::TakenOver},
                 {"far department", "", 1, {}},
                 {"near department", "", 3, {}},
                 {"section", "kurashi/", 0, {}},
                 {"section and department", "kurashi/", 2, {}},
                 {"sub-section", "kurashi/gomi/", 0, {}}};
    for (const auto& one : kEver) {  // each beats all before it
        add(std::string(one.name), std::string(one.section), one.department, one.kind);
        EXPECT_EQ(choose_route(routes, page, departments).name, one.name);
    }
}

TEST(Route, FaultsAreNamed) {
    const auto good = [] {
        Route route = default_route();
        route.section = "kurashi/";
        return route;
    };
    EXPECT_EQ(find_fault(good()), std::nullopt);
    const std::pair<const char*, std::function<void(Route&)>> kFaults[] = {
        {"no name", [](Route& r) { r.name = " "; }},
        {"bad section", [](Route& r) { r.section = "kurashi"; }},
        {"absolute section", [](Route& r) { r.section = "/kurashi/"; }},
        {"no step", [](Route& r) { r.steps.clear(); }},
        {"six steps", [](Route& r) { r.steps.resize(6, r.steps[0]); }},
        {"no group", [](Route& r) { r.steps[0].groups.clear(); }},
        {"nine groups", [](Route& r) { r.steps[0].groups.resize(9, r.steps[0].groups[0]); }},
        {"nobody", [](Route& r) { r.steps[0].groups[0].roles.clear(); }},
        {"a role that approves nothing", [](Route& r) { r.steps[0].groups[0].roles[0].role = Role::Author; }}};
    for (const auto& [name, spoil] : kFaults) {
        SCOPED_TRACE(name);
        Route route = good();
        spoil(route);
        EXPECT_TRUE(find_fault(route));
    }
}

TEST_P(Panels, ThePanelOfTheDefaultRouteAreTheApproversWhoReachThePage) {
    const auto bu = office_.add_department("10");
    const auto ka = office_.add_department("11", bu);
    const auto other = office_.add_department("20");
    office_.add_person("author", {Role::Author}, ka);
    const PersonId chief = office_.add_person("chief", {Role::Approver}, ka);
    const PersonId head = office_.add_person("head", {Role::Approver}, bu);
    office_.add_person("stranger", {Role::Approver}, other);
    const PersonId admin = office_.add_person("admin", {Role::SiteAdministrator});
    const Step& step = default_route().steps[0];
    EXPECT_EQ(names(step, {}, ka), (Names{"名前 chief", "名前 head", "名前 admin"}));
    EXPECT_EQ(names(step, {chief}, ka), (Names{"名前 head", "名前 admin"}));
    EXPECT_EQ(names(step, {chief, head}, ka, {}), (Names{"名前 admin"}));
    EXPECT_EQ(names(step, {}, ka, {chief, admin}), (Names{"名前 head"})) << "who said yes earlier gives way";
    EXPECT_EQ(names(step, {chief, head}, ka, {admin}), (Names{"名前 admin"})) << "unless there is nobody else";
    office_.db().read([&](sys::Reader& db) {
        const people::Scope scope = people::scope_of(db, ka, "kurashi/a.html", office_.clock.now());
        const Panel panel = find_panel(db, step, {}, scope, office_.clock.now());
        Names asked;
        for (const Candidate& one : list_to_ask(panel, 0)) asked.push_back(one.name);
        EXPECT_EQ(asked, (Names{"名前 chief", "名前 head"})) << "the administrator is a reserve";
        EXPECT_TRUE(list_to_ask(panel, 1).empty());
        const auto steps = std::span(default_route().steps);
        EXPECT_FALSE(find_empty_group(db, steps, std::vector{chief}, scope, office_.clock.now()));
        const auto empty = find_empty_group(db, steps, std::vector{chief, head, admin}, scope, office_.clock.now());
        ASSERT_TRUE(empty);
        EXPECT_EQ(empty->left_out, (Names{"名前 chief", "名前 head", "名前 admin"}));
    });
}

TEST_P(Panels, DeputiesComeInButNotForRequestersNorAsRequesters) {
    const auto ka = office_.add_department("11");
    const PersonId author = office_.add_person("author", {Role::Author}, ka);
    const PersonId chief = office_.add_person("chief", {Role::Approver}, ka);
    const PersonId deputy = office_.add_person("deputy", {}, ka);
    const base::Day today = base::local_day(office_.clock.now());
    const Step& step = default_route().steps[0];
    EXPECT_EQ(names(step, {author}, ka), (Names{"名前 chief"}));
    office_.db().write([&](sys::Transaction& tx) {
        people::add_absence(tx, {{}, chief, deputy, today, today, "休暇"}, office_.by());
        people::add_absence(tx, {{}, chief, author, today, today, "休暇"}, office_.by());
    });
    const std::string in_stead = fmt::format("名前 deputy for {}", chief.value);
    EXPECT_EQ(names(step, {author}, ka), (Names{"名前 chief", in_stead})) << "the author does not come in as a deputy";
    EXPECT_EQ(names(step, {chief}, ka), Names{}) << "nobody approves in the stead of whoever wrote it";
    const Step by_name{"課長", {{"課長", {chief}, {}}}};
    EXPECT_EQ(names(by_name, {author}, ka), (Names{"名前 chief", in_stead}));
    EXPECT_EQ(names(by_name, {chief}, ka), Names{}) << "a group of one that is the requester";
    office_.clock.advance(std::chrono::hours(24));
    EXPECT_EQ(names(by_name, {author}, ka), (Names{"名前 chief"})) << "the absence is over";
}

TEST_P(Panels, TheSuccessorTakesThePlaceOfWhoeverLeft) {
    const auto ka = office_.add_department("11");
    office_.add_person("admin", {Role::SiteAdministrator});
    const PersonId old = office_.add_person("old", {Role::Approver}, ka);
    const PersonId next = office_.add_person("next", {Role::Approver}, ka);
    const Step by_name{"課長", {{"課長", {old}, {}}}};
    EXPECT_EQ(names(by_name, {}, ka), (Names{"名前 old"}));
    office_.db().write([&](sys::Transaction& tx) {
        people::retire_person(tx, old, next, people::load_person(tx, old).version, office_.by());
    });
    EXPECT_EQ(names(by_name, {}, ka), (Names{"名前 next"}));
    EXPECT_EQ(names(by_name, {next}, ka), Names{});
}

TEST_P(Panels, AGroupOfAnotherDepartmentsRoleReachesOnlyWhoHoldsItThere) {
    const auto ka = office_.add_department("11");
    const auto koho = office_.add_department("90");
    office_.add_person("chief", {Role::Approver}, ka);
    office_.add_person("koho", {Role::Approver}, koho);
    office_.add_person("writer", {Role::Author}, koho);
    const Step step{"広報", {{"広報の確認", {}, {{Role::Approver, koho, false}}}}};
    EXPECT_EQ(names(step, {}, ka), (Names{"名前 koho"}));
}

INSTANTIATE_TEST_SUITE_P(Engines, Panels, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace workflow
