#include <thread>

#include <gtest/gtest.h>

#include "flow/edit_page.h"
#include "flow/testing/town.h"

namespace flow {

namespace {

using flow::testing::consent;
using flow::testing::people_of;
using workflow::State;
using workflow::Verb;

class RequestApproval : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    RequestApproval() : Town(GetParam()) {}
};

TEST_P(RequestApproval, GoesFromDraftToPublicThroughAnotherPersonsApproval) {
    const content::Page page = taken_over("kurashi/gomi.html");
    Outcome saved = edit(page.id, "<p>新しい文</p>", author);
    ASSERT_TRUE(saved);
    EXPECT_EQ(saved.standing.state, State::Draft);
    EXPECT_EQ(saved.page.live, page.live) << "what is public stays while its next revision is written";
    Outcome asked = submit(*site, page.id, saved.version(), {.comment = "お願いします"}, author);
    ASSERT_TRUE(asked) << asked.refusal->en;
    EXPECT_EQ(asked.standing.state, State::Submitted);
    EXPECT_EQ(people_of(list_asked(*site, page.id)), (std::vector{chief.person, chief2.person}));
    const Outcome done = approve(*site, {page.id, asked.version(), asked.hash, "よし", {}}, chief);
    ASSERT_TRUE(done) << done.refusal->en;
    EXPECT_EQ(done.standing.state, State::None);
    EXPECT_EQ(done.page.live, saved.revision);
    ASSERT_NE(done.receipt, 0);
    const auto receipt = read([&](sys::Reader& db) { return publish::find_receipt(db, done.receipt).value(); });
    EXPECT_EQ(receipt.person, author.person);
    EXPECT_EQ(receipt.reason, "お願いします");
    const auto dirty = read([&](sys::Reader& db) { return publish::take_dirty(db); });
    EXPECT_TRUE(std::count(dirty.keys.begin(), dirty.keys.end(), fmt::format("page:{}", page.id.value)));
    EXPECT_EQ(dirty.causes, std::vector{done.receipt});
    EXPECT_EQ(acts_of(page.id), (std::vector<std::string>{"page.save", "page.submit", "page.approve", "page.publish"}));
    EXPECT_TRUE(list_asked(*site, page.id).empty());
}

TEST_P(RequestApproval, TellsTheSecondWhoWantsTheSameFileWhenAsking) {
    const content::Page one = taken_over("kurashi/one.html"), two = taken_over("kurashi/two.html");
    const auto drafted = [&](const content::Page& page) {
        Save save = save_of(look_at(*site, page.id), "<p>資料を付けました</p>");
        save.body.title = "題 " + page.path;
        save.body.attachments.push_back(attachment("kurashi/shiryo.pdf"));
        return save_draft(*site, save, author);
    };
    const Outcome first = drafted(one), second = drafted(two);
    Outcome asked = submit(*site, one.id, first.version(), {}, author);
    ASSERT_TRUE(asked) << asked.refusal->ja;
    Outcome late = submit(*site, two.id, second.version(), {}, author);
    ASSERT_FALSE(late);
    EXPECT_NE(late.refusal->ja.find("/kurashi/shiryo.pdf"), std::string::npos) << late.refusal->ja;
    EXPECT_NE(late.refusal->ja.find("/kurashi/one.html"), std::string::npos) << late.refusal->ja;
    EXPECT_EQ(late.standing.state, State::Draft) << "nothing has changed";
    // Free again when the first takes its request back.
    asked = take_back(*site, one.id, asked.version(), author);
    late = submit(*site, two.id, second.version(), {}, author);
    ASSERT_TRUE(late) << late.refusal->ja;
    EXPECT_FALSE(submit(*site, one.id, asked.version(), {}, author));
    // And taken for good once it is public.
    late = approve(*site, consent(late), chief);
    ASSERT_TRUE(late) << late.refusal->ja;
    const Outcome again = submit(*site, one.id, asked.version(), {}, author);
    ASSERT_FALSE(again);
    EXPECT_NE(again.refusal->ja.find("/kurashi/two.html"), std::string::npos) << again.refusal->ja;
    // Its own file is in nobody's way.
    EXPECT_TRUE(submitted(two.id, "<p>直しました</p>", author));
}

TEST_P(RequestApproval, NobodyApprovesTheirOwnInAnyDisguise) {
    // Author and submitter in one, who is an approver too.
    content::Page page = taken_over("kurashi/a.html");
    Outcome asked = submitted(page.id, "<p>一</p>", chief);
    EXPECT_FALSE(approve(*site, consent(asked), chief));
    EXPECT_TRUE(approve(*site, consent(asked), chief2));

    // One wrote, another submitted: neither.
    page = taken_over("kurashi/b.html");
    Outcome draft = edit(page.id, "<p>二</p>", chief);
    asked = submit(*site, page.id, draft.version(), {}, chief2);
    ASSERT_TRUE(asked) << asked.refusal->ja;
    EXPECT_FALSE(approve(*site, consent(asked), chief));
    EXPECT_FALSE(approve(*site, consent(asked), chief2));
    EXPECT_TRUE(approve(*site, consent(asked), admin)) << "the administrator is the reserve";

    // One of several writers of what was not public yet.
    page = taken_over("kurashi/c.html");
    edit(page.id, "<p>三</p>", chief);
    draft = edit(page.id, "<p>四</p>", author);
    asked = submit(*site, page.id, draft.version(), {}, author);
    EXPECT_FALSE(approve(*site, consent(asked), chief));
    EXPECT_TRUE(approve(*site, consent(asked), chief2));

    // Somebody else brings the approver's own words back.
    page = taken_over("kurashi/d.html");
    const Outcome theirs = edit(page.id, "<p>五</p>", chief);
    Outcome back = discard(*site, page.id, theirs.version(), author);
    ASSERT_TRUE(back);
    back = restore(*site, page.id, theirs.revision, back.version(), author);
    ASSERT_TRUE(back);
    asked = submit(*site, page.id, back.version(), {}, author);
    EXPECT_FALSE(approve(*site, consent(asked), chief));
    EXPECT_TRUE(approve(*site, consent(asked), chief2));

    // The deputy of the one who asks, and the one who asks as a deputy of the approver.
    const base::Day today = base::local_day(clock.now());
    write([&](sys::Transaction& tx) {
        people::add_absence(tx, {{}, chief.person, other_author.person, today, today, ""}, by());
        people::add_absence(tx, {{}, chief2.person, author.person, today, today, ""}, by());
    });
    page = taken_over("kurashi/e.html");
    asked = submitted(page.id, "<p>六</p>", chief);
    EXPECT_FALSE(approve(*site, consent(asked), other_author)) << "only in the stead of who wrote it";
    Outcome deputised = approve(*site, consent(asked), author);
    EXPECT_TRUE(deputised) << "in chief2's stead: " << deputised.refusal->ja;
    const auto words = read([&](sys::Reader& db) { return workflow::list_approvals(db, page.id, 1); });
    EXPECT_EQ(words.at(0).on_behalf_of, chief2.person);
    page = taken_over("kurashi/f.html");
    asked = submitted(page.id, "<p>七</p>", author);
    EXPECT_FALSE(approve(*site, consent(asked), author));
}

TEST_P(RequestApproval, AGroupOfOneWhoAsksIsRefusedAtSubmissionWithTheirName) {
    write([&](sys::Transaction& tx) {
        workflow::save_route(tx, {0, "課長", "kurashi/", {}, {}, {{"課長", {{"課長", {chief.person}, {}}}}}, 0}, by());
    });
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome draft = edit(page.id, "<p>一</p>", chief);
    const Outcome refused = submit(*site, page.id, draft.version(), {}, chief);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.refusal->ja.find("名前 chief"), std::string::npos) << refused.refusal->ja;
    EXPECT_EQ(look_at(*site, page.id).standing.state, State::Draft);
}

TEST_P(RequestApproval, AnyChangeAfterSubmissionVoidsTheRequest) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome asked = submitted(page.id, "<p>見せた文</p>", author);
    EXPECT_FALSE(edit(page.id, "<p>後から</p>", author)) << "not through the front door";
    content::Body body = asked_body(asked);
    body.attachments.push_back(attachment("kurashi/extra.pdf"));
    write([&](sys::Transaction& tx) { content::replace_revision(tx, asked.revision, body, clock.now()); });
    EXPECT_FALSE(approve(*site, consent(asked), chief)) << "the attachment changed the revision";
    Outcome opened_again = look_at(*site, page.id);
    EXPECT_NE(opened_again.hash, asked.hash);
    EXPECT_FALSE(approve(*site, consent(opened_again), chief)) << "and opening it again does not help";
    write([&](sys::Transaction& tx) {
        content::add_revision(tx, {page.id, asked_body(asked), author.person, clock.now(), asked.revision, ""});
    });
    opened_again = look_at(*site, page.id);
    EXPECT_FALSE(approve(*site, consent(opened_again), chief)) << "a further revision";
    EXPECT_EQ(look_at(*site, page.id).page.live, page.live);
    EXPECT_TRUE(read([&](sys::Reader& db) { return workflow::list_approvals(db, page.id, 5); }).empty());
}

TEST_P(RequestApproval, ApprovalNeedsTheRevisionThatWasOpened) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome asked = submitted(page.id, "<p>一</p>", author);
    Consent unseen = consent(asked);
    unseen.opened = {};
    EXPECT_FALSE(approve(*site, unseen, chief));
    unseen.opened = read([&](sys::Reader& db) { return content::load_revision(db, page.live).hash; });
    EXPECT_FALSE(approve(*site, unseen, chief));
    EXPECT_TRUE(approve(*site, consent(asked), chief));
}

TEST_P(RequestApproval, OfTwoApproversAtOnceOneApproves) {
    for (int round = 0; round < 5; ++round) {
        const content::Page page = taken_over(fmt::format("kurashi/{}.html", round));
        const Outcome asked = submitted(page.id, "<p>一</p>", author);
        std::atomic<int> done{0}, late{0};
        std::vector<std::thread> threads;
        for (const Doer& doer : {chief, chief2, admin})
            threads.emplace_back([&, doer] {
                try {
                    const Outcome outcome = approve(*site, consent(asked), doer);
                    if (outcome) ++done;
                } catch (const Stale&) {
                    ++late;
                }
            });
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(done, 1);
        EXPECT_EQ(late, 2);
        read([&](sys::Reader& db) {
            EXPECT_EQ(workflow::list_approvals(db, page.id, 9).size(), 1U);
            EXPECT_EQ(publish::list_receipts(db, page.id, 9).size(), 1U);
        });
    }
}

TEST_P(RequestApproval, ARouteAsksAllGroupsOfAStepAndThenTheNext) {
    write([&](sys::Transaction& tx) {
        const auto person = [](const Doer& doer) { return workflow::Group{"人", {doer.person}, {}}; };
        workflow::save_route(
            tx, {0, "二段", "kurashi/", {}, {}, {{"課", {person(chief), person(chief2)}}, {"部", {person(admin)}}}, 0},
            by());
    });
    const content::Page page = taken_over("kurashi/gomi.html");
    Outcome at = submitted(page.id, "<p>一</p>", author);
    EXPECT_FALSE(approve(*site, consent(at), admin)) << "not yet";
    at = approve(*site, consent(at), chief2);
    ASSERT_TRUE(at);
    EXPECT_EQ(at.standing.state, State::Submitted);
    EXPECT_EQ(people_of(list_asked(*site, page.id)), std::vector{chief.person});
    EXPECT_FALSE(approve(*site, consent(at), chief2)) << "twice";
    at = approve(*site, consent(at), chief);
    EXPECT_EQ(at.standing.step, 1U);
    EXPECT_EQ(people_of(list_asked(*site, page.id)), std::vector{admin.person});
    EXPECT_EQ(at.page.live, page.live);
    // Returned at the second step, everything starts anew.
    at = return_page(*site, page.id, at.version(), "直してください", admin);
    ASSERT_TRUE(at);
    EXPECT_EQ(at.standing.state, State::Returned);
    EXPECT_EQ(at.standing.comment, "直してください");
    at = submit(*site, page.id, at.version(), {}, author);
    EXPECT_EQ(at.standing.step, 0U);
    EXPECT_FALSE(approve(*site, consent(at), admin));
    for (const Doer& doer : {chief, chief2, admin}) {
        at = approve(*site, consent(at), doer);
        ASSERT_TRUE(at) << at.refusal->ja;
    }
    EXPECT_EQ(at.standing.state, State::None);
    EXPECT_EQ(at.page.live, at.revision);
}

TEST_P(RequestApproval, SeveralAreApprovedEachForItself) {
    std::vector<Consent> consents;
    for (int i = 0; i < 4; ++i)
        consents.push_back(consent(submitted(taken_over(fmt::format("kurashi/{}.html", i)).id, "<p>一</p>", author)));
    consents[1].opened = {};
    consents[2].version -= 1;
    const std::vector<Outcome> outcomes = approve_all(*site, consents, chief);
    ASSERT_EQ(outcomes.size(), 4U);
    EXPECT_TRUE(outcomes[0]);
    EXPECT_FALSE(outcomes[1]);
    EXPECT_FALSE(outcomes[2]);
    EXPECT_TRUE(outcomes[3]);
}

TEST_P(RequestApproval, TheListsSayWhatWaitsForWhom) {
    const content::Page a = taken_over("kurashi/a.html"), b = taken_over("kurashi/b.html"),
                        c = taken_over("kurashi/c.html");
    edit(a.id, "<p>下書き</p>", author);
    submitted(b.id, "<p>依頼</p>", author);
    Outcome at = submitted(c.id, "<p>差戻し</p>", author);
    return_page(*site, c.id, at.version(), "直して", chief);
    const Waiting mine = waiting_for(*site, author.person), theirs = waiting_for(*site, chief.person);
    EXPECT_EQ(mine.drafts, 1);
    EXPECT_EQ(mine.submitted, 1);
    EXPECT_EQ(mine.returned, 1);
    EXPECT_EQ(mine.to_approve, 0);
    EXPECT_EQ(theirs.to_approve, 1);
    EXPECT_EQ(theirs.drafts, 0);
    EXPECT_EQ(waiting_for(*site, admin.person).to_approve, 0) << "the reserve is not bothered";
    EXPECT_EQ(list_verbs(*site, b.id, author.person), std::vector{Verb::TakeBack});
    EXPECT_EQ(list_verbs(*site, b.id, chief.person),
              (std::vector{Verb::Return, Verb::Approve, Verb::EmergencyPublish}));
    EXPECT_EQ(list_verbs(*site, a.id, author.person),
              (std::vector{Verb::Edit, Verb::Submit, Verb::AskWithdraw, Verb::Restore, Verb::DiscardDraft}));
    EXPECT_TRUE(list_verbs(*site, a.id, stranger.person).empty());
}

TEST_P(RequestApproval, WhoIsAskedFollowsThePeople) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome asked = submitted(page.id, "<p>一</p>", author);
    EXPECT_EQ(refresh_requests(*site), 0);
    const base::Day today = base::local_day(clock.now());
    write([&](sys::Transaction& tx) {
        people::add_absence(tx, {{}, chief.person, other_author.person, today, today, ""}, by());
        people::retire_person(tx, chief2.person, {}, people::load_person(tx, chief2.person).version, by());
    });
    EXPECT_EQ(refresh_requests(*site), 1);
    EXPECT_EQ(people_of(list_asked(*site, page.id)), (std::vector{other_author.person, chief.person}));
    EXPECT_EQ(waiting_for(*site, other_author.person).to_approve, 1);
    EXPECT_TRUE(approve(*site, consent(asked), other_author)) << "asking does not change the version";
}

INSTANTIATE_TEST_SUITE_P(Engines, RequestApproval, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace

}  // namespace flow
