// What becomes of planned changes that cannot be made, and of failures that are over.
#include "flow/activate_due.h"

#include <gtest/gtest.h>

#include "flow/edit_page.h"
#include "flow/open_failures.h"
#include "flow/testing/town.h"

namespace flow {

namespace {

using flow::testing::consent;
using std::chrono::hours;
using std::chrono::minutes;

class ActivateDue : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    ActivateDue() : Town(GetParam()) {}

    /// Live, and to end in an hour.
    base::PageId ending_page() {
        const content::Page page = taken_over("kurashi/a.html");
        const Outcome draft = edit(page.id, "<p>一</p>", author);
        Submission submission;
        submission.withdraw_at = clock.now() + hours(1);
        const Outcome asked = submit(*site, page.id, draft.version(), submission, author);
        EXPECT_TRUE(approve(*site, consent(asked), chief));
        return page.id;
    }
    /// A fault that no page is to blame for.
    void break_receipts(bool is_broken) {
        write([&](sys::Transaction& tx) {
            tx.execute(is_broken ? "ALTER TABLE receipt RENAME TO receipt_away"
                                 : "ALTER TABLE receipt_away RENAME TO receipt");
        });
    }
    std::vector<workflow::Stuck> stuck() {
        return read([&](sys::Reader& db) { return workflow::list_stuck(db, clock.now(), 10); });
    }
    std::optional<base::Instant> next() {
        return read([](sys::Reader& db) { return next_activation(db); });
    }
    std::vector<publish::Receipt> open() {
        return read([](sys::Reader& db) { return list_open_failures(db, 10); });
    }
    void settle(std::int64_t receipt, std::string_view problem = "") {
        write([&](sys::Transaction& tx) {
            publish::DirtyBatch batch;
            batch.causes = {receipt};
            if (problem.empty())
                publish::note_unchanged(tx, batch, clock.now());
            else
                publish::note_failed(tx, batch, problem);
        });
    }
};
INSTANTIATE_TEST_SUITE_P(Engines, ActivateDue, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(ActivateDue, TriesAnEndThatFailsEverLaterAndNeverSpins) {
    const base::PageId page = ending_page();
    clock.advance(hours(2));
    break_receipts(true);
    std::chrono::milliseconds waited{0};
    for (std::int64_t attempt = 1; attempt <= 9; ++attempt) {
        EXPECT_EQ(activate_due(*site), 0);
        ASSERT_EQ(stuck().size(), 1U);
        EXPECT_EQ(stuck()[0].page, page);
        EXPECT_EQ(stuck()[0].attempts, attempt);
        EXPECT_FALSE(stuck()[0].problem.empty());
        const auto wait = next().value() - clock.now();
        EXPECT_GE(wait, waited) << "the press would come again at once";
        EXPECT_GE(wait, minutes(1));
        EXPECT_LE(wait, minutes(60));
        waited = wait;
        EXPECT_EQ(activate_due(*site), 0);
        EXPECT_EQ(stuck()[0].attempts, attempt) << "not before its time";
        clock.advance(wait);
    }
    const auto acts = acts_of(page);
    EXPECT_EQ(std::count(acts.begin(), acts.end(), "page.publish-failed"), 1) << "told once, not at each try";
    break_receipts(false);
    EXPECT_EQ(activate_due(*site), 1);
    EXPECT_TRUE(stuck().empty());
    EXPECT_FALSE(read([&](sys::Reader& db) { return content::load_page(db, page).live; }));
    EXPECT_EQ(next(), std::nullopt);
}

TEST_P(ActivateDue, HoldsUpNoOtherPage) {
    ending_page();
    const content::Page other = taken_over("kurashi/b.html");
    const Outcome draft = edit(other.id, "<p>二</p>", author);
    Submission submission;
    submission.publish_at = clock.now() + hours(3);
    const Outcome asked = submit(*site, other.id, draft.version(), submission, author);
    ASSERT_TRUE(approve(*site, consent(asked), chief));
    clock.advance(hours(2));
    break_receipts(true);
    activate_due(*site);
    break_receipts(false);
    clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(activate_due(*site), 0) << "the one waits for its time, the other is not due yet";
    clock.advance(hours(1));
    EXPECT_EQ(activate_due(*site), 2);
}

TEST_P(ActivateDue, AFailureIsOpenUntilThePageIsPublishedAfterAll) {
    const content::Page page = taken_over("kurashi/a.html");
    const Outcome first = approve(*site, consent(submitted(page.id, "<p>一</p>", author)), chief);
    ASSERT_TRUE(first);
    settle(first.receipt, "そのページは作れません");
    write([&](sys::Transaction& tx) {
        publish::note_failed_source(tx, fmt::format("page:{}", page.id.value), "そのページは作れません", {},
                                    clock.now());
    });
    ASSERT_EQ(open().size(), 1U);
    EXPECT_EQ(list_failures_of(*site, author.person, 10).size(), 1U);
    const Outcome second = approve(*site, consent(submitted(page.id, "<p>二</p>", author)), chief);
    ASSERT_TRUE(second);
    EXPECT_EQ(open().size(), 1U) << "the next one is on its way, no more";
    settle(second.receipt);
    EXPECT_TRUE(open().empty());
    EXPECT_TRUE(list_failures_of(*site, author.person, 10).empty());
    EXPECT_EQ(read([](sys::Reader& db) { return publish::list_failed(db, 10); }).size(), 1U)
        << "it stays in the history";
}

TEST_P(ActivateDue, AFailureIsOverWhenNobodyWantsThePublicationAnyMore) {
    const content::Page page = taken_over("kurashi/a.html");
    const Outcome draft = edit(page.id, "<p>一</p>", author);
    Submission submission;
    submission.publish_at = clock.now() + hours(1);
    const Outcome asked = submit(*site, page.id, draft.version(), submission, author);
    ASSERT_TRUE(approve(*site, consent(asked), chief));
    write([&](sys::Transaction& tx) {
        tx.execute("UPDATE revision SET body = REPLACE(body, '一', '二') WHERE id = $1", {draft.revision.value});
    });
    clock.advance(hours(2));
    activate_due(*site);
    ASSERT_EQ(open().size(), 1U);
    const Outcome now = look_at(*site, page.id);
    ASSERT_TRUE(discard(*site, page.id, now.version(), author));
    EXPECT_TRUE(open().empty());
}

}  // namespace

}  // namespace flow
