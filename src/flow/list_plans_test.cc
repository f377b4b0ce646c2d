// The office's lists on a grown site, on both engines: none may read a whole table. The pages' own lists are asserted
// beside their store (press/content/lists_test.cc).

#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/sys/testing/plans.h"
#include "press/publish/receipt.h"
#include "press/workflow/store.h"

namespace flow {
namespace {

constexpr int kPages = 3000, kPeople = 500, kLines = 300;

/// Rows by the thousand in a few statements; `n` has the column i.
constexpr std::string_view kRows[] = {
    R"(INSERT INTO section (path, title) SELECT 'plans/', 't')",
    R"(INSERT INTO page (path, section_id, kind, title, encoding, language, document_hash, made_at, changed_at)
       SELECT 'plans/p' || i, (SELECT id FROM section WHERE path = 'plans/'), 'composed', 't', 'utf-8', 'ja', '', 1, 1
       FROM n)",
    R"(INSERT INTO revision (page_id, number, title, body, hash, author_id, made_at)
       SELECT id, 1, 't', '{}', '', 1, 1 FROM page WHERE path LIKE 'plans/p%')",
    R"(INSERT INTO standing SELECT id, CASE id % 6 WHEN 0 THEN 'draft' WHEN 1 THEN 'submitted' WHEN 2 THEN 'returned'
       WHEN 3 THEN 'approved' WHEN 4 THEN 'scheduled' ELSE 'none' END, 'publish', id % 50 + 1, 0, NULL, '', 0, 0, 0,
       '[]', 0, 0, 0, 0, '', '', '', 'none', '', '', 0, 0, 'never', '', '', '', 0, 0, CASE WHEN id % 6 = 4 THEN id END,
       NULL, id, 1 FROM page WHERE path LIKE 'plans/p%')",
    R"(INSERT INTO asked SELECT id, id % 40 + 1, 0, 'name' FROM page WHERE path LIKE 'plans/p%' AND id % 6 = 1)",
    R"(INSERT INTO approval (page_id, revision_id, revision_hash, matter, round, step, groups_said, person_id,
       on_behalf_of, said, comment, said_at) SELECT page_id, id,
       '0000000000000000000000000000000000000000000000000000000000000000', 'publish', 1, 0, 1, 1, 0, 'approve', '', 1
       FROM revision)",
    R"(INSERT INTO receipt (kind, page_id, person_id, reason, due_at, made_at, state, release_number)
       SELECT 'publish', id, 1, '', 0, 0, CASE WHEN id % 500 = 0 THEN 'failed' ELSE 'checked' END, id
       FROM page WHERE path LIKE 'plans/p%')",
};

class OfficeLists : public ::testing::TestWithParam<std::string> {
  protected:
    testing::Town town_{GetParam()};

    void SetUp() override {
        town_.write([&](sys::Transaction& tx) {
            for (const std::string_view rows : kRows)
                tx.execute(fmt::format(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) {}", kPages, rows));
            tx.execute(fmt::format(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) INSERT INTO person "
                "(login_name, name, kana, mail, state, source, password_hash, must_change_password, version) "
                "SELECT 'p' || i, 'n', 'k' || (i * 7919 % 1000), '', 'active', 'local', '', 0, 1 FROM n",
                kPeople));
            tx.execute("INSERT INTO membership (person_id, department_id, valid_from) SELECT id, " +
                       std::to_string(town_.ka.value) +
                       ", '2020-04-01' FROM person WHERE login_name LIKE 'p%' AND id % 9 = 0");
            for (int i = 0; i < kLines; ++i)
                ledger::append(tx, {town_.clock.now(), fmt::format("person:{}", i % 30),
                                    i % 3 == 0 ? "page.approve" : "page.save", fmt::format("page:{}", i % 40), "{}"});
            if (GetParam() == "postgres") tx.execute("ANALYZE");
        });
    }
    /// `ask` answers from indexes; of the tables in `small` it may read all.
    void expect_index(const std::string& what, const std::function<void(sys::Reader&)>& ask,
                      std::initializer_list<std::string_view> small = {}) {
        town_.read([&](sys::Reader& db) {
            EXPECT_FALSE(sys::testing::list_plan_steps(db, ask).empty()) << what;
            for (const std::string& step : sys::testing::list_full_scans(db, ask)) {
                const bool is_small = std::any_of(small.begin(), small.end(), [&](std::string_view table) {
                    return step.ends_with(table) || step.find(fmt::format(" {} ", table)) != std::string::npos;
                });
                EXPECT_TRUE(is_small) << what << ": " << step;
            }
        });
    }
};

TEST_P(OfficeLists, OfWorkInProgressComeFromAnIndex) {
    using workflow::List;
    for (const List list :
         {List::Drafts, List::Returned, List::ToApprove, List::Submitted, List::Approved, List::Scheduled}) {
        const std::string what = fmt::format("list {}", static_cast<int>(list));
        for (const std::string_view after : {"", "500|500"})
            expect_index(what, [&](sys::Reader& db) { list_waiting(db, list, {7}, after, 50); });
        expect_index(what + ", count", [&](sys::Reader& db) { count_waiting(db, list, {7}); });
    }
    expect_index("in a state", [](sys::Reader& db) { list_in_state(db, workflow::State::Submitted, "", 50); });
    expect_index("of some pages", [](sys::Reader& db) {
        workflow::list_standings(db, std::vector<base::PageId>{{3}, {5}, {8}});
    });
    expect_index("asked", [](sys::Reader& db) { workflow::list_asked(db, {7}); });
    expect_index("approvals", [](sys::Reader& db) { workflow::list_approvals(db, {7}, 20); });
    // Pages with which the clock's work fails, and emergencies that nobody has approved yet: a handful.
    expect_index("due", [](sys::Reader& db) { workflow::list_due(db, {500}, 20); }, {"stuck", "due"});
    expect_index("next due", [](sys::Reader& db) { workflow::next_due(db); }, {"stuck"});
    expect_index("open emergencies", [](sys::Reader& db) { workflow::list_open_emergencies(db, 20); });
}

TEST_P(OfficeLists, OfReceiptsComeFromAnIndex) {
    expect_index("recent", [](sys::Reader& db) { publish::list_recent(db, 0, 50); });
    expect_index("further", [](sys::Reader& db) { publish::list_recent(db, 900, 50); });
    expect_index("of a page", [](sys::Reader& db) { publish::list_receipts(db, {7}, 20); });
    expect_index("failed", [](sys::Reader& db) { publish::list_failed(db, 20); });
    expect_index("open failed", [](sys::Reader& db) { publish::list_open_failed(db, 20); });
}

TEST_P(OfficeLists, OfTheLedgerComeFromAnIndex) {
    const auto with = [](const std::function<void(ledger::Search&)>& change) {
        ledger::Search search;
        change(search);
        return [search](sys::Reader& db) { ledger::find_lines(db, search); };
    };
    expect_index("newest", with([](ledger::Search&) {}));
    expect_index("by a person", with([](ledger::Search& s) { s.by = "person:7"; }));
    expect_index("on a page", with([](ledger::Search& s) { s.subject = "page:7", s.before = 200; }));
    expect_index("of an act", with([](ledger::Search& s) { s.act = "page.approve"; }));
    expect_index("of some days", with([&](ledger::Search& s) { s.from = {1}, s.until = town_.clock.now(); }));
    expect_index("of all", with([&](ledger::Search& s) { s.by = "person:7", s.act = "page", s.from = {1}; }));
}

TEST_P(OfficeLists, OfPeopleComeFromAnIndex) {
    people::PeopleQuery query;
    query.limit = 50;
    query.on = {2027, 4, 1};
    for (const bool is_by_kana : {false, true})
        for (const std::int64_t after : {0, 100}) {
            query.is_by_kana = is_by_kana;
            query.after = {after};
            query.department = std::nullopt;
            query.role = std::nullopt;
            expect_index("all", [&](sys::Reader& db) { people::list_people(db, query); });
            query.department = town_.ka;
            expect_index("of a department", [&](sys::Reader& db) { people::list_people(db, query); });
            query.department = std::nullopt;
            query.role = people::Role::Approver;
            expect_index("of a role", [&](sys::Reader& db) { people::list_people(db, query); });
        }
    expect_index("posted", [&](sys::Reader& db) { people::list_posted(db, town_.ka, {2027, 4, 1}); });
    expect_index("by login name", [](sys::Reader& db) { people::find_person(db, "p7"); });
    expect_index("grants", [](sys::Reader& db) { people::list_grants(db, base::PersonId{7}); });
}

INSTANTIATE_TEST_SUITE_P(Engines, OfficeLists, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace
}  // namespace flow
