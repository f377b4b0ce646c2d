#include "press/workflow/store.h"

#include <thread>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/people/testing/office.h"
#include "press/content/store.h"

namespace workflow {

namespace {

using people::Role;
using people::testing::TestOffice;

std::vector<sys::Migration> all_migrations() {
    std::vector<sys::Migration> all(content::migrations().begin(), content::migrations().end());
    all.insert(all.end(), migrations().begin(), migrations().end());
    return all;
}

class WorkflowStore : public ::testing::TestWithParam<std::string> {
  protected:
    TestOffice office_{GetParam(), all_migrations()};

    content::Page add_page(std::string path) {
        return office_.db().write([&](sys::Transaction& tx) {
            content::NewPage made;
            made.path = std::move(path);
            made.body.title = "題";
            made.author = {1};
            made.made_at = office_.clock.now();
            return content::add_page(tx, made);
        });
    }
    Standing set(Standing standing) {
        return office_.db().write(
            [&](sys::Transaction& tx) { return set_standing(tx, standing, office_.clock.now()); });
    }
    Standing find(base::PageId page) {
        return office_.db().read([&](sys::Reader& db) { return find_standing(db, page); });
    }
};
using Names = std::vector<std::string>;

TEST_P(WorkflowStore, KeepsEveryFieldOfAStanding) {
    const content::Page page = add_page("kurashi/gomi.html");
    Standing standing;
    standing.page = page.id;
    standing.state = State::Scheduled;
    standing.matter = Matter::Withdraw;
    standing.owner = {3};
    standing.is_autosaved = true;
    standing.revision = page.latest;
    standing.hash = base::Hash::find_hex(std::string(64, 'c')).value();
    standing.submitted_by = {4};
    standing.submitted_at = {5};
    standing.round = 6;
    standing.steps = {
        {"課",
         {{"課長", {PersonId{7}, PersonId{8}}, {{Role::Approver, {9}, false}, {Role::SiteAdministrator, {}, true}}}}}};
    standing.step = 1;
    standing.publish_at = {10};
    standing.is_by_hand = true;
    standing.withdraw_at = {11};
    standing.ending = {EndReason::Moved, "kurashi/new.html", "移転"};
    standing.before = State::Returned;
    standing.comment = "言葉";
    standing.problem = "失敗";
    standing.receipt = 12;
    standing.live_until = {13};
    standing.ended = Live::Expired;
    standing.ended_how = {EndReason::Corrected, "x", "y"};
    standing.ended_at = {14};
    standing.last_live = page.latest;
    const Standing kept = set(standing);
    const Standing read = find(page.id);
    EXPECT_EQ(kept.version, 1);
    EXPECT_EQ(read.version, 1);
    EXPECT_EQ(read.changed_at, office_.clock.now());
    EXPECT_EQ(read.state, standing.state);
    EXPECT_EQ(read.matter, standing.matter);
    EXPECT_EQ(read.owner, standing.owner);
    EXPECT_EQ(read.is_autosaved, true);
    EXPECT_EQ(read.revision, standing.revision);
    EXPECT_EQ(read.hash, standing.hash);
    EXPECT_EQ(read.submitted_by, standing.submitted_by);
    EXPECT_EQ(read.submitted_at, standing.submitted_at);
    EXPECT_EQ(read.round, 6);
    EXPECT_EQ(read.steps, standing.steps);
    EXPECT_EQ(read.step, 1U);
    EXPECT_EQ(read.publish_at, standing.publish_at);
    EXPECT_EQ(read.is_by_hand, true);
    EXPECT_EQ(read.withdraw_at, standing.withdraw_at);
    EXPECT_EQ(read.ending, standing.ending);
    EXPECT_EQ(read.before, standing.before);
    EXPECT_EQ(read.comment, standing.comment);
    EXPECT_EQ(read.problem, standing.problem);
    EXPECT_EQ(read.receipt, 12);
    EXPECT_EQ(read.live_until, standing.live_until);
    EXPECT_EQ(read.ended, standing.ended);
    EXPECT_EQ(read.ended_how, standing.ended_how);
    EXPECT_EQ(read.ended_at, standing.ended_at);
    EXPECT_EQ(read.last_live, standing.last_live);
}

TEST_P(WorkflowStore, RefusesAChangeMadeFromAnOldVersion) {
    const content::Page page = add_page("a.html");
    Standing first = find(page.id);
    EXPECT_EQ(first.version, 0);
    first.state = State::Draft;
    set(first);
    for (const Standing& old : {first, Standing{.page = page.id, .version = 7}}) {
        try {
            set(old);
            ADD_FAILURE() << "version " << old.version << " was taken";
        } catch (const base::Error& error) {
            EXPECT_EQ(error.kind(), base::Kind::Conflict);
        }
    }
    EXPECT_EQ(find(page.id).version, 1);
}

TEST_P(WorkflowStore, OfTwoWhoChangeAtOnceOneIsTold) {
    const content::Page page = add_page("a.html");
    for (int round = 0; round < 10; ++round) {
        const Standing seen = find(page.id);
        std::atomic<int> done{0}, told{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&, i] {
                Standing mine = seen;
                mine.state = State::Draft;
                mine.comment = std::to_string(i);
                try {
                    set(mine);
                    ++done;
                } catch (const base::Error& error) {
                    EXPECT_EQ(error.kind(), base::Kind::Conflict) << error.message();
                    ++told;
                }
            });
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(done, 1);
        EXPECT_EQ(told, 3);
    }
    EXPECT_EQ(find(page.id).version, 10);
}

TEST_P(WorkflowStore, FindsWhatIsDueInTheOrderOfTheTimes) {
    std::vector<base::PageId> pages;
    for (const char* path : {"a.html", "b.html", "c.html", "d.html"}) pages.push_back(add_page(path).id);
    const auto plan = [&](base::PageId page, State state, std::int64_t publish_at, std::int64_t live_until) {
        Standing standing = find(page);
        standing.state = state;
        standing.publish_at = {publish_at};
        standing.live_until = {live_until};
        set(standing);
    };
    plan(pages[0], State::Scheduled, 300, 0);
    plan(pages[1], State::None, 0, 200);
    plan(pages[2], State::Submitted, 100, 0);  // not approved: the clock has nothing to do with it
    plan(pages[3], State::Scheduled, 400, 350);
    office_.db().read([&](sys::Reader& db) {
        EXPECT_EQ(next_due(db), base::Instant{200});
        EXPECT_TRUE(list_due(db, {199}, 10).empty());
        EXPECT_EQ(list_due(db, {300}, 10), (std::vector{pages[1], pages[0]}));
        EXPECT_EQ(list_due(db, {1000}, 10), (std::vector{pages[1], pages[0], pages[3]}));
        EXPECT_EQ(list_due(db, {1000}, 2).size(), 2U);
    });
    for (const std::size_t i : {0U, 1U, 3U}) plan(pages[i], State::Approved, 0, 0);
    EXPECT_EQ(office_.db().read([](sys::Reader& db) { return next_due(db); }), std::nullopt);
}

TEST_P(WorkflowStore, ListsWhatWaitsForAPersonPageByPage) {
    const PersonId me{5}, other{6};
    std::vector<base::PageId> mine;
    for (int i = 0; i < 7; ++i) {
        Standing standing = find(add_page(fmt::format("p{}.html", i)).id);
        standing.state = State::Draft;
        standing.owner = i == 3 ? other : me;
        office_.clock.advance(std::chrono::milliseconds(i < 5 ? 1 : 0));  // the last ones at the same time
        set(standing);
        if (i != 3) mine.insert(mine.begin(), standing.page);
    }
    office_.db().read([&](sys::Reader& db) {
        EXPECT_EQ(count_waiting(db, List::Drafts, me), 6);
        EXPECT_EQ(count_waiting(db, List::Returned, me), 0);
        std::vector<base::PageId> seen;
        std::string after;
        int pages = 0;
        do {
            const StandingList list = list_waiting(db, List::Drafts, me, after, 4);
            for (const Standing& one : list.standings) seen.push_back(one.page);
            after = list.next;
            ++pages;
        } while (!after.empty());
        EXPECT_EQ(pages, 2);
        EXPECT_EQ(seen, mine);
        EXPECT_EQ(list_in_state(db, State::Draft, "", 50).standings.size(), 7U);
        const auto many = list_standings(db, std::vector<base::PageId>{mine[0], {999}, mine[1]});
        ASSERT_EQ(many.size(), 3U);
        EXPECT_EQ(many[0].state, State::Draft);
        EXPECT_EQ(many[1].state, State::None);
        EXPECT_EQ(many[1].page, base::PageId{999});
        EXPECT_EQ(many[2].page, mine[1]);
    });
}

TEST_P(WorkflowStore, WhoIsAskedIsForgottenWhenItIsNoLongerSubmitted) {
    Standing standing = find(add_page("a.html").id);
    standing.state = State::Submitted;
    standing = set(standing);
    office_.db().write([&](sys::Transaction& tx) {
        set_asked(tx, standing.page, std::vector<Candidate>{{{5}, {}, "五", false}, {{6}, {7}, "六", true}});
    });
    office_.db().read([&](sys::Reader& db) {
        EXPECT_EQ(count_waiting(db, List::ToApprove, {5}), 1);
        EXPECT_EQ(list_waiting(db, List::ToApprove, {6}, "", 5).standings.at(0).page, standing.page);
        EXPECT_EQ(list_asked(db, standing.page).at(1).on_behalf_of, PersonId{7});
    });
    standing = set(standing);
    EXPECT_EQ(office_.db().read([](sys::Reader& db) { return count_waiting(db, List::ToApprove, {5}); }), 1);
    standing.state = State::Returned;
    set(standing);
    EXPECT_EQ(office_.db().read([](sys::Reader& db) { return count_waiting(db, List::ToApprove, {5}); }), 0);
}

TEST_P(WorkflowStore, CountsOnlyYesesToExactlyWhatIsAsked) {
    const content::Page page = add_page("a.html");
    Standing standing = find(page.id);
    standing.revision = page.latest;
    standing.hash = base::Hash::find_hex(std::string(64, 'd')).value();
    standing.round = 2;
    standing.step = 1;
    Approval good{0, page.id, page.latest, standing.hash, Matter::Publish, 2, 1, 0b10, {5}, {}, Said::Yes, "よし", {9}};
    std::vector<Approval> others(6, good);
    others[0].round = 1;
    others[1].step = 0;
    others[2].hash = base::Hash::find_hex(std::string(64, 'e')).value();
    others[3].said = Said::Returned;
    others[4].said = Said::YesAfterwards;
    others[5] = good;
    others[5].person = {6};
    others[5].groups = 0b01;
    office_.db().write([&](sys::Transaction& tx) {
        add_approval(tx, good);
        for (const Approval& one : others) add_approval(tx, one);
        const Agreed agreed = find_agreed(tx, standing);
        EXPECT_EQ(agreed.people, (std::vector<PersonId>{{5}, {6}}));
        EXPECT_EQ(agreed.groups, 0b11U);
        EXPECT_EQ(list_agreed_earlier(tx, standing), (std::vector<PersonId>{{5}}));
        EXPECT_EQ(list_approvals(tx, page.id, 50).size(), 7U);
        EXPECT_EQ(list_approvals(tx, page.id, 50).back().comment, "よし");
    });
}

TEST_P(WorkflowStore, AnEmergencyIsClosedOnce) {
    const content::Page page = add_page("a.html");
    office_.db().write([&](sys::Transaction& tx) {
        const base::Hash hash = base::Hash::find_hex(std::string(64, 'd')).value();
        add_emergency(tx, {0,
                           page.id,
                           page.latest,
                           hash,
                           {5},
                           "大雨",
                           {9},
                           {{1}, {5}},
                           {},
                           {},
                           {{"image-alt", "1.1.1", base::Severity::Error, 3, 4, "説明がない"}}});
        const auto open = find_open_emergency(tx, page.id);
        ASSERT_TRUE(open);
        EXPECT_EQ(open->writers, (std::vector<PersonId>{{1}, {5}}));
        EXPECT_EQ(open->findings.at(0).message, "説明がない");
        EXPECT_EQ(open->hash, hash);
        EXPECT_EQ(list_open_emergencies(tx, 10).size(), 1U);
        close_emergency(tx, open->id, {6}, {10});
        EXPECT_FALSE(find_open_emergency(tx, page.id));
        EXPECT_THROW(close_emergency(tx, open->id, {7}, {11}), base::Error);
        EXPECT_EQ(list_emergencies(tx, page.id, 10).at(0).approved_by, PersonId{6});
    });
}

TEST_P(WorkflowStore, NoTwoPagesClaimOnePath) {
    const base::PageId a = add_page("a.html").id, b = add_page("b.html").id;
    office_.db().write([&](sys::Transaction& tx) {
        const std::vector<std::string> one{"x.pdf"}, two{"x.pdf", "y.pdf"};
        EXPECT_EQ(claim_paths(tx, a, one), std::nullopt);
        EXPECT_EQ(claim_paths(tx, b, two), a);
        EXPECT_EQ(find_claim(tx, "y.pdf"), std::nullopt) << "a refused claim changes nothing";
        EXPECT_EQ(claim_paths(tx, a, two), std::nullopt);
        EXPECT_EQ(claim_paths(tx, a, {}), std::nullopt);
        EXPECT_EQ(claim_paths(tx, b, two), std::nullopt);
        EXPECT_EQ(find_claim(tx, "y.pdf"), b);
    });
}

TEST_P(WorkflowStore, KeepsRoutesWithTheirVersionsAndLedgerLines) {
    Route route;
    route.name = "くらし";
    route.section = "kurashi/";
    route.steps = default_route(2).steps;
    const people::By by = office_.by({3});
    const auto save = [&](Route one) {
        return office_.db().write([&](sys::Transaction& tx) { return save_route(tx, one, by); });
    };
    const Route kept = save(route);
    EXPECT_EQ(kept.version, 1);
    EXPECT_THROW(save(route), base::Error) << "the same place twice";
    Route changed = kept;
    changed.kind = content::PageKind::Composed;
    EXPECT_EQ(save(changed).version, 2);
    EXPECT_THROW(save(changed), base::Error) << "an old version";
    route.steps.clear();
    EXPECT_THROW(save(route), base::Error);
    office_.db().read([&](sys::Reader& db) {
        ASSERT_EQ(list_routes(db).size(), 1U);
        EXPECT_EQ(find_route(db, kept.id)->steps, default_route(2).steps);
        EXPECT_EQ(find_route(db, kept.id)->kind, content::PageKind::Composed);
    });
    office_.db().write([&](sys::Transaction& tx) { remove_route(tx, kept.id, 2, by); });
    EXPECT_EQ(office_.ledger(), (Names{"route.save route:1", "route.save route:1", "route.remove route:1"}));
}

/// On SQLite; PostgreSQL plans by the size of the tables, which are empty here.
TEST(WorkflowPlans, ListsUseTheirIndexes) {
    TestOffice office("sqlite", all_migrations());
    office.db().read([&](sys::Reader& db) {
        for (const char* sql :
             {"SELECT page_id FROM standing WHERE owner_id = 1 AND state = 'draft' AND (changed_at, page_id) < (5, 5) "
              "ORDER BY changed_at DESC, page_id DESC LIMIT 5",
              "SELECT page_id FROM standing WHERE state = 'submitted' ORDER BY changed_at DESC, page_id DESC LIMIT 5",
              "SELECT page_id FROM standing WHERE due_at <= 5", "SELECT page_id FROM standing WHERE ends_at <= 5",
              "SELECT min(due_at) FROM standing WHERE due_at IS NOT NULL",
              "SELECT page_id FROM asked WHERE person_id = 1",
              "SELECT id FROM emergency WHERE approved_by = 0 ORDER BY id LIMIT 5",
              "SELECT id FROM approval WHERE page_id = 1 ORDER BY id DESC LIMIT 5"}) {
            SCOPED_TRACE(sql);
            for (const sys::Row& row : db.query(std::string("EXPLAIN QUERY PLAN ") + sql)) {
                EXPECT_EQ(row.text(3).find("SCAN"), std::string::npos) << row.text(3);
                EXPECT_EQ(row.text(3).find("TEMP B-TREE"), std::string::npos) << row.text(3);
            }
        }
    });
}

INSTANTIATE_TEST_SUITE_P(Engines, WorkflowStore, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace

}  // namespace workflow
