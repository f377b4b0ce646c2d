#include "flow/init_demo.h"

#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "flow/contract_status.h"
#include "flow/edit_page.h"
#include "flow/office_hours.h"
#include "flow/verify_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/people/accounts.h"
#include "office/helpdesk/roster.h"
#include "office/incidents/incident.h"
#include "office/registers/store.h"
#include "office/stops/stop.h"
#include "office/training/store.h"
#include "office/visits/store.h"
#include "office/vulnerabilities/patches.h"
#include "press/content/redirects.h"
#include "press/content/store.h"
#include "press/content/templates.h"
#include "press/frames/store.h"
#include "press/workflow/store.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
using workflow::State;

/// The city is made once; the tests only look at it.
class DemoCity : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        folder_ = fs::temp_directory_path() / fmt::format("yakuba-demo-{}", ::getpid());
        fs::remove_all(folder_);
        NewSite made;
        made.folder = folder_;
        demo_ = init_demo(made, clock_);
    }
    static void TearDownTestSuite() { fs::remove_all(folder_); }

    static std::map<std::string, std::string> public_pages() {
        std::map<std::string, std::string> pages;
        for (const auto& each : fs::recursive_directory_iterator(folder_ / "public"))
            if (each.path().extension() == ".html") {
                std::ifstream in(each.path(), std::ios::binary);
                pages[each.path().lexically_relative(folder_ / "public").string()] = {std::istreambuf_iterator(in), {}};
            }
        return pages;
    }
    static std::size_t count(std::string_view text, std::string_view word) {
        std::size_t found = 0;
        for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
        return found;
    }

    static inline base::SystemClock clock_;
    static inline fs::path folder_;
    static inline Demo demo_;
};

TEST_F(DemoCity, HasPeopleOfEachRoleAndPagesInEachState) {
    const auto site = Site::open(folder_, clock_);
    std::set<std::string> roles;
    for (const DemoLogin& one : demo_.people) roles.insert(one.role);
    EXPECT_EQ(roles.size(), people::kAllRoles.size());
    site->database->read([&](sys::Reader& db) {
        for (const State state : {State::Draft, State::Submitted, State::Returned, State::Approved, State::Scheduled})
            EXPECT_FALSE(workflow::list_in_state(db, state, "", 10).standings.empty()) << workflow::state_id(state);
        const auto live = [&](const std::string& path) {
            const content::Page page = content::find_page(db, path).value();
            return workflow::live_of(page, workflow::find_standing(db, page.id));
        };
        EXPECT_EQ(live("oshirase/kazenosekkyo.html"), workflow::Live::Expired);
        EXPECT_EQ(live("oshirase/chosha-lift.html"), workflow::Live::Withdrawn);
        EXPECT_EQ(live("kurashi/todokede/juminhyo.html"), workflow::Live::Public);
        EXPECT_EQ(workflow::list_open_emergencies(db, 10).size(), 1U);
        EXPECT_GE(people::list_departments(db).size(), 25U);
        content::PageFilter news;
        news.under = "oshirase/";
        EXPECT_GE(content::list_pages(db, news).pages.size(), 26U);
        news.under = "bosai/";
        EXPECT_GE(content::list_pages(db, news).pages.size(), 10U);
        const content::Page failed = content::find_page(db, "oshirase/koyo.html").value();
        EXPECT_NE(workflow::find_standing(db, failed.id).problem.find("kanko/koyo-map.svg"), std::string::npos);
        EXPECT_EQ(content::list_submitted_templates(db).size(), 1U);
        EXPECT_EQ(content::find_redirect(db, "kurashi/ininjo.html").value().location, "/kurashi/todokede/daihyo.html");
    });
    EXPECT_GE(demo_.pages, 200);
}

TEST_F(DemoCity, AsksNobodyOnThisMachineForADeviceOfTheirs) {
    const settings::Settings settings = settings::load(folder_ / "yakuba.toml");
    EXPECT_EQ(settings.office.town_hall_networks, (settings::TextList{"127.0.0.1/32", "::1/128"}));
    EXPECT_FALSE(settings.office.second_factor_roles.empty()) << "elsewhere it would be asked for";
}

TEST_F(DemoCity, HasSetUpItsOffice) {
    const auto site = Site::open(folder_, clock_);
    const auto contract = find_contract(site->folders, site->settings);
    EXPECT_EQ(contract::problems_text(contract.value().problems, "contract.toml"), "");
    site->database->read([&](sys::Reader& db) {
        EXPECT_GE(workflow::list_routes(db).size(), 3U);
        const base::Day today = base::local_day(clock_.now());
        const auto absences = people::list_absences(db, today);
        EXPECT_GE(absences.size(), 3U);
        EXPECT_TRUE(std::any_of(absences.begin(), absences.end(), [&](const auto& one) { return one.covers(today); }));
        const auto groups = frames::list_groups(db);
        ASSERT_EQ(groups.size(), 1U);
        EXPECT_EQ(groups[0].state, frames::GroupState::Accepted);
        EXPECT_EQ(groups[0].covered, 4);
        // At the second step of its route, and with a deputy asked in an absent approver's stead.
        const auto second = workflow::find_standing(db, content::find_page(db, "bosai/hinanjo.html").value().id);
        EXPECT_EQ(second.state, State::Submitted);
        EXPECT_EQ(second.step, 1U);
        const auto asked = workflow::list_asked(db, content::find_page(db, "kurashi/zeikin/noufu.html").value().id);
        EXPECT_TRUE(std::any_of(asked.begin(), asked.end(), [](const auto& one) { return bool(one.on_behalf_of); }));
    });
    const std::string home = sys::read_file(folder_ / "public/index.html");
    EXPECT_NE(home.find("星と川のまち、星見野市"), std::string::npos);
    EXPECT_NE(home.find("/banner/opendata.svg"), std::string::npos);
    EXPECT_NE(home.find("〒000-0000"), std::string::npos);
}

TEST_F(DemoCity, HasADeskWithSomethingOnEachBoard) {
    const auto site = Site::open(folder_, clock_);
    site->database->read([&](sys::Reader& db) {
        std::set<helpdesk::State> states;
        for (const auto& one : helpdesk::list_questions(db, {})) states.insert(one.state);
        EXPECT_EQ(states.size(), 3U) << "questions that are open, that wait, that are closed";
        EXPECT_EQ(helpdesk::count_questions(db).unaccepted, 1);
        EXPECT_EQ(incidents::list_incidents(db, {}).size(), 2U);
        const auto stops = stops::list_stops(db, {});
        ASSERT_EQ(stops.size(), 1U);
        EXPECT_TRUE(stops[0].page) << "the residents' notice is a draft";
        EXPECT_TRUE(stops[0].limits.residents) << "the contract says until when";
        EXPECT_EQ(training::list_sessions(db).size(), 2U);
        EXPECT_FALSE(training::find_open(db));
        EXPECT_EQ(visits::list_visits(db).size(), 2U);
        for (const auto& kind : registers::all_registers())
            EXPECT_FALSE(registers::list_entries(db, kind.id).empty()) << kind.id;
        EXPECT_EQ(vulnerabilities::list_patches(db).size(), 1U);
        EXPECT_TRUE(helpdesk::list_gaps(helpdesk::load_month(db, base::local_day(clock_.now()).year,
                                                             base::local_day(clock_.now()).month),
                                        helpdesk_hours_of(site->settings))
                        .empty());
    });
}

TEST_F(DemoCity, WritesTheWordsThatItsContractWaitsFor) {
    const auto site = Site::open(folder_, clock_);
    const ContractStatus status = judge_contract(*site, clock_.now());
    const ContractLines found =
        gather_contract_lines(*status.contract, site->database.get(), site->find_watch(), clock_.now());
    std::set<std::string> late;
    int looked_at = 0;
    for (const contract::Judged& judged : status.obligations) {
        if (judged.state == contract::State::Late) late.insert(judged.obligation->id);
        for (const auto* patterns : {&judged.obligation->evidence, &judged.obligation->event})
            for (const contract::Pattern& pattern : *patterns)
                for (const auto& word : pattern.words) {
                    bool is_written = false, has_field = false;
                    for (const contract::Line& line : found.lines) {
                        is_written = is_written || line.act == pattern.act;
                        has_field = has_field || (line.act == pattern.act && contract::find_value(line, word.field));
                    }
                    EXPECT_EQ(is_written, has_field) << pattern.text << " waits for a field that nobody writes";
                    looked_at += has_field ? 1 : 0;
                }
    }
    EXPECT_GE(looked_at, 8);
    EXPECT_EQ(late, std::set<std::string>{});
}

TEST_F(DemoCity, HasAPartThatWasTakenOverInShiftJis) {
    const auto site = Site::open(folder_, clock_);
    site->database->read([&](sys::Reader& db) {
        const content::Page page = content::find_page(db, "gikai/teirei.htm").value();
        EXPECT_EQ(page.kind, content::PageKind::TakenOver);
        EXPECT_EQ(page.encoding, "shift_jis");
        EXPECT_EQ(content::list_regions(db, page.id).size(), 1U);
        EXPECT_EQ(workflow::find_standing(db, page.id).state, State::Returned);
        EXPECT_EQ(sys::read_file(folder_ / "public/gikai/teirei.htm"), site->objects->load(page.document));
    });
}

TEST_F(DemoCity, HasFormsThatAreWholePdfFiles) {
    std::size_t forms = 0;
    for (const auto& each : fs::recursive_directory_iterator(folder_ / "public")) {
        if (each.path().extension() != ".pdf") continue;
        ++forms;
        const std::string bytes = sys::read_file(each.path());
        EXPECT_TRUE(bytes.starts_with("%PDF-")) << each.path();
        EXPECT_NE(bytes.rfind("%%EOF"), std::string::npos) << each.path();
        EXPECT_LT(bytes.size(), 150'000U) << each.path();
    }
    EXPECT_GE(forms, 4U);
}

TEST_F(DemoCity, IsPublicAsItWasApproved) {
    EXPECT_GE(demo_.release, 3) << "its history is of several days";
    EXPECT_TRUE(verify_site(folder_, {}, clock_).is_well());
}

TEST_F(DemoCity, EveryPublicPageHasATitleALanguageAndOneMainHeading) {
    const auto pages = public_pages();
    EXPECT_GE(pages.size(), 200U);
    for (const auto& [path, html] : pages) {
        SCOPED_TRACE(path);
        EXPECT_EQ(count(html, "<h1"), 1U);
        EXPECT_EQ(count(html, "<html lang=\"ja\""), 1U);
        EXPECT_EQ(count(html, "<title></title>"), 0U);
        EXPECT_EQ(count(html, "<title>"), 1U);
        EXPECT_EQ(html.find("[["), html.npos);
    }
}

TEST_F(DemoCity, EveryLinkWithinTheSiteLeadsSomewhere) {
    std::size_t links = 0;
    for (const auto& [path, html] : public_pages())
        for (const std::string_view attribute : {"href=\"/", "src=\"/"})
            for (auto at = html.find(attribute); at != html.npos; at = html.find(attribute, at + 1)) {
                const auto from = at + attribute.size();
                std::string target =
                    base::percent_decode(html.substr(from, html.find_first_of("\"#?", from) - from)).value();
                if (target.empty() || target.ends_with('/')) target += "index.html";
                EXPECT_TRUE(fs::exists(folder_ / "public" / target)) << path << " links to /" << target;
                ++links;
            }
    EXPECT_GT(links, 1000U);
}

TEST_F(DemoCity, IsServedOnLoopbackOnly) {
    const std::vector<std::string> inside{"127.0.0.1:8080", "[::1]:8081", "localhost:8082"}, outside{"0.0.0.0:8080"};
    EXPECT_NO_THROW(check_demo_addresses(folder_, inside));
    EXPECT_THROW(check_demo_addresses(folder_, outside), base::Error);
    EXPECT_NO_THROW(check_demo_addresses(folder_.parent_path(), outside)) << "not a demo";
}

TEST(DemoDates, CountFromTheDayAndSkipToTheDayOfTheWeek) {
    const base::Day sunday{2026, 11, 22};
    EXPECT_EQ(set_demo_dates("会は[[+0]]から", sunday), "会は令和8年11月22日（日曜日）から");
    EXPECT_EQ(set_demo_dates("[[+1 sat]]", sunday), "令和8年11月28日（土曜日）");
    EXPECT_EQ(set_demo_dates("[[+0 weekday]]、[[+40 sun]]", sunday),
              "令和8年11月23日（月曜日）、令和9年1月3日（日曜日）");
    EXPECT_EQ(set_demo_dates("[[fy]] [[fy+1]]", {2027, 3, 31}), "令和8年度 令和9年度");
    EXPECT_THROW(set_demo_dates("[[tomorrow]]", sunday), base::Error);
}

}  // namespace

}  // namespace flow
