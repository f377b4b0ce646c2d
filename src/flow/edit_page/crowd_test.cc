// Many people at once on a few pages: whatever they do and in whatever order, what design.md calls invariants 3, 4, 5
// and 7 holds.
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "flow/activate_due.h"
#include "flow/edit_page.h"
#include "flow/testing/town.h"
#include "ground/ledger/store.h"

namespace flow {

namespace {

using base::PersonId;
using workflow::State;

constexpr int kThreads = 8;
constexpr int kPages = 4;
constexpr int kTurns = 40;  // of each thread

class Crowd : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    Crowd() : Town(GetParam()) {}

    /// What was acknowledged, to be found again afterwards.
    struct Saved {
        base::PageId page;
        std::string html;
    };
    struct Tally {
        std::vector<Saved> saves;
        std::map<base::PageId, int> publications, withdrawals;
        int done = 0, refused = 0, stale = 0;
    };

    Outcome act(std::mt19937& random, base::PageId page, const std::string& html, const Doer& doer, bool& is_save) {
        const Outcome seen = look_at(*site, page);
        const std::int64_t version = seen.version();
        switch (random() % 12) {
            case 0:
            case 1:
            case 2:
                is_save = true;
                return save_draft(*site, save_of(seen, html), doer);
            case 3:
            case 4:
                return submit(*site, page, version, {.publish_at = random() % 3 == 0 ? clock.now() : base::Instant{}},
                              doer);
            case 5:
            case 6:
            case 7:
                return approve(*site, {page, version, random() % 8 == 0 ? base::Hash{} : seen.standing.hash, "", {}},
                               doer);
            case 8:
                return random() % 2 == 0 ? return_page(*site, page, version, "直して", doer)
                                         : take_back(*site, page, version, doer);
            case 9:
                return random() % 2 == 0 ? emergency_publish(*site, page, version, "急ぎ", doer)
                                         : approve_afterwards(*site, {page, version, seen.hash, "", {}}, doer);
            case 10:
                return random() % 2 == 0 ? restore(*site, page, seen.revision, version, doer)
                                         : discard(*site, page, version, doer);
            default:
                return withdraw(*site, page, version, {workflow::EndReason::Gone, "", ""},
                                random() % 2 == 0 ? Asking::AtOnce : Asking::WithApproval, doer);
        }
    }

    Tally work(unsigned seed, const std::vector<base::PageId>& pages) {
        std::mt19937 random(seed);
        const std::vector<Doer> people{author, other_author, chief, chief2, admin, author};
        Tally tally;
        for (int i = 0; i < kTurns; ++i) {
            const base::PageId page = pages[random() % pages.size()];
            const std::string html = fmt::format("<p>{}の{}</p>", seed, i);
            const base::RevisionId live_before = look_at(*site, page).page.live;
            try {
                bool is_save = false;
                const Outcome outcome = act(random, page, html, people[random() % people.size()], is_save);
                ++(outcome ? tally.done : tally.refused);
                if (!outcome) continue;
                if (is_save) tally.saves.push_back({page, html});
                if (outcome.receipt != 0) ++(outcome.page.live ? tally.publications : tally.withdrawals)[page];
                if (is_save && outcome.page.live != live_before) {
                    // Somebody else published meanwhile; a save itself never does.
                    EXPECT_NE(outcome.page.live, outcome.revision);
                }
            } catch (const base::Error& error) {
                EXPECT_EQ(error.kind(), base::Kind::Conflict) << error.message();
                ++tally.stale;
            }
        }
        return tally;
    }

    /// What is public was approved by somebody who neither wrote nor submitted it, or is an emergency, or the
    /// takeover's.
    void expect_approved(sys::Reader& db, const content::Page& page, base::RevisionId baseline) {
        if (!page.live || page.live == baseline) return;
        const content::Revision live = content::load_revision(db, page.live);
        EXPECT_EQ(live.hash, content::revision_hash(page.path, page.document, live.body));
        const auto emergencies = workflow::list_emergencies(db, page.id, 1000);
        const bool is_emergency = std::any_of(emergencies.begin(), emergencies.end(), [&](const auto& one) {
            return one.revision == live.id && one.hash == live.hash;
        });
        const auto approvals = workflow::list_approvals(db, page.id, 1000);
        const bool is_approved = std::any_of(approvals.begin(), approvals.end(), [&](const workflow::Approval& one) {
            return one.said == workflow::Said::Yes && one.matter == workflow::Matter::Publish &&
                   one.revision == live.id && one.hash == live.hash && one.person != live.author;
        });
        EXPECT_TRUE(is_approved || is_emergency) << page.path;
    }
};

TEST_P(Crowd, EightThreadsOfMixedActsKeepWhatAlwaysHolds) {
    std::vector<base::PageId> pages;
    std::map<base::PageId, base::RevisionId> baseline;
    for (int i = 0; i < kPages; ++i) {
        const content::Page page = taken_over(fmt::format("kurashi/{}.html", i));
        pages.push_back(page.id);
        baseline[page.id] = page.live;
    }
    std::vector<Tally> tallies(kThreads);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { tallies[i] = work(i + 1, pages); });
    for (std::thread& thread : threads) thread.join();

    Tally sum;
    for (const Tally& one : tallies) {
        sum.done += one.done;
        sum.refused += one.refused;
        sum.stale += one.stale;
        for (const auto& [page, count] : one.publications) sum.publications[page] += count;
        for (const auto& [page, count] : one.withdrawals) sum.withdrawals[page] += count;
    }
    RecordProperty("done", sum.done);
    RecordProperty("refused", sum.refused);
    RecordProperty("stale", sum.stale);
    EXPECT_EQ(sum.done + sum.refused + sum.stale, kThreads * kTurns);
    EXPECT_GT(sum.done, kThreads * kTurns / 16);
    EXPECT_GT(sum.publications.size(), 0U);

    read([&](sys::Reader& db) {
        EXPECT_TRUE(ledger::verify(db, ledger::kOffice).is_whole());
        for (const base::PageId id : pages) {
            SCOPED_TRACE(id.value);
            const content::Page page = content::load_page(db, id);
            const workflow::Standing standing = workflow::find_standing(db, id);
            expect_approved(db, page, baseline[id]);
            EXPECT_EQ(workflow::list_asked(db, id).empty(), standing.state != State::Submitted);
            EXPECT_EQ(standing.state == State::Scheduled, standing.receipt != 0);
            // No acknowledged save is missing: each text is in the history.
            std::set<std::string> texts;
            for (const content::Revision& one : content::list_revisions(db, id, 1000)) {
                const auto body = content::load_revision(db, one.id).body;
                if (const auto part = body.parts.find("main"); part != body.parts.end()) texts.insert(part->second);
            }
            for (const Tally& tally : tallies)
                for (const Saved& saved : tally.saves) {
                    if (saved.page != id) continue;
                    EXPECT_TRUE(texts.contains(saved.html)) << saved.html;
                }
            // Each change of the public side has its line and its receipt, and nobody approved twice for one round and
            // step.
            const auto count = [&](std::string_view act) {
                return static_cast<int>(
                    ledger::find_lines(
                        db, {.subject = fmt::format("page:{}", id.value), .act = std::string(act), .limit = 1000})
                        .size());
            };
            EXPECT_EQ(count("page.publish"), sum.publications[id]);
            EXPECT_EQ(count("page.withdraw"), sum.withdrawals[id]);
            EXPECT_EQ(publish::list_receipts(db, id, 1000).size(),
                      static_cast<std::size_t>(sum.publications[id] + sum.withdrawals[id]));
            std::set<std::tuple<std::int64_t, std::size_t, PersonId>> words;
            for (const workflow::Approval& one : workflow::list_approvals(db, id, 1000)) {
                if (one.said != workflow::Said::Yes) continue;
                EXPECT_TRUE(words.emplace(one.round, one.step, one.person).second);
            }
        }
    });
}

INSTANTIATE_TEST_SUITE_P(Engines, Crowd, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow
