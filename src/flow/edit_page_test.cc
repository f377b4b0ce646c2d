#include "flow/edit_page.h"

#include <thread>

#include <gtest/gtest.h>

#include "flow/activate_due.h"
#include "flow/testing/town.h"
#include "ground/ledger/store.h"
#include "press/content/redirects.h"

namespace flow {

namespace {

using namespace std::chrono_literals;
using base::PersonId;
using flow::testing::consent;
using flow::testing::people_of;
using people::Role;
using workflow::Live;
using workflow::State;
using workflow::Verb;

class EditPage : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    EditPage() : Town(GetParam()) {}
};

TEST_P(EditPage, GoesFromDraftToPublicThroughAnotherPersonsApproval) {
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

TEST_P(EditPage, NobodyApprovesTheirOwnInAnyDisguise) {
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

TEST_P(EditPage, AGroupOfOneWhoAsksIsRefusedAtSubmissionWithTheirName) {
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

TEST_P(EditPage, AnyChangeAfterSubmissionVoidsTheRequest) {
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

TEST_P(EditPage, ApprovalNeedsTheRevisionThatWasOpened) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome asked = submitted(page.id, "<p>一</p>", author);
    Consent unseen = consent(asked);
    unseen.opened = {};
    EXPECT_FALSE(approve(*site, unseen, chief));
    unseen.opened = read([&](sys::Reader& db) { return content::load_revision(db, page.live).hash; });
    EXPECT_FALSE(approve(*site, unseen, chief));
    EXPECT_TRUE(approve(*site, consent(asked), chief));
}

TEST_P(EditPage, AStaleSaveIsToldBothVersions) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome opened = look_at(*site, page.id);
    const Outcome first = edit(page.id, "<p>先</p>", author);
    try {
        save_draft(*site, save_of(opened, "<p>後</p>"), other_author);
        FAIL() << "it was overwritten unseen";
    } catch (const Stale& stale) {
        EXPECT_EQ(stale.kind(), base::Kind::Conflict);
        EXPECT_EQ(stale.based_on, opened.revision);
        EXPECT_EQ(stale.latest, first.revision);
        EXPECT_EQ(stale.current_version, first.version());
    }
    EXPECT_THROW(submit(*site, page.id, opened.version(), {}, author), Stale);
    const Outcome asked = submit(*site, page.id, first.version(), {}, author);
    EXPECT_THROW(take_back(*site, page.id, first.version(), author), Stale);
    EXPECT_TRUE(take_back(*site, page.id, asked.version(), author));
}

TEST_P(EditPage, OfTwoApproversAtOnceOneApproves) {
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

TEST_P(EditPage, ARouteAsksAllGroupsOfAStepAndThenTheNext) {
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

TEST_P(EditPage, APlannedPublicationAndItsEndHappenAtTheirTimes) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const base::Instant start = clock.now() + 1h, end = clock.now() + 2h;
    const Outcome draft = edit(page.id, "<p>予約</p>", author);
    Outcome at = submit(*site, page.id, draft.version(), {.publish_at = start, .withdraw_at = end}, author);
    at = approve(*site, consent(at), chief);
    ASSERT_TRUE(at) << at.refusal->ja;
    EXPECT_EQ(at.standing.state, State::Scheduled);
    EXPECT_NE(at.receipt, 0);
    EXPECT_FALSE(edit(page.id, "<p>変更</p>", author)) << "a schedule is called off first";
    EXPECT_EQ(read([](sys::Reader& db) { return next_activation(db); }), start);
    clock.set(start - 1ms);
    EXPECT_EQ(activate_due(*site), 0);
    EXPECT_EQ(look_at(*site, page.id).page.live, page.live);
    clock.set(start);
    EXPECT_EQ(activate_due(*site), 1);
    EXPECT_EQ(activate_due(*site), 0) << "once";
    at = look_at(*site, page.id);
    EXPECT_EQ(at.page.live, draft.revision);
    EXPECT_EQ(at.standing.state, State::None);
    EXPECT_EQ(at.page.live_since, start);
    EXPECT_EQ(read([](sys::Reader& db) { return next_activation(db); }), end);
    clock.set(end);
    EXPECT_EQ(activate_due(*site), 1);
    at = look_at(*site, page.id);
    EXPECT_FALSE(at.page.live);
    EXPECT_EQ(workflow::live_of(at.page, at.standing), Live::Expired);
    EXPECT_EQ(read([](sys::Reader& db) { return next_activation(db); }), std::nullopt);
    EXPECT_EQ(acts_of(page.id), (std::vector<std::string>{"page.save", "page.submit", "page.approve", "page.schedule",
                                                          "page.publish", "page.expire"}));
}

TEST_P(EditPage, WhatFellDueDuringALongStopHappensInTheOrderOfTheTimes) {
    const content::Page both = taken_over("kurashi/both.html"), other = taken_over("kurashi/other.html");
    const base::Instant start = clock.now() + 1h;
    Outcome draft = edit(both.id, "<p>一</p>", author);
    Outcome at = submit(*site, both.id, draft.version(), {.publish_at = start, .withdraw_at = start + 1h}, author);
    ASSERT_TRUE(approve(*site, consent(at), chief));
    // The other one's live revision ends before the next one begins.
    draft = edit(other.id, "<p>二</p>", author);
    at = submit(*site, other.id, draft.version(), {.withdraw_at = start}, author);
    ASSERT_TRUE(approve(*site, consent(at), chief));
    draft = edit(other.id, "<p>三</p>", author);
    at = submit(*site, other.id, draft.version(), {.publish_at = start + 1h}, author);
    ASSERT_TRUE(approve(*site, consent(at), chief));
    clock.advance(24h);
    EXPECT_EQ(activate_due(*site), 2);
    EXPECT_FALSE(look_at(*site, both.id).page.live);
    EXPECT_EQ(look_at(*site, other.id).page.live, draft.revision);
    EXPECT_EQ(look_at(*site, other.id).standing.live_until, base::Instant{});
}

TEST_P(EditPage, OneBadPlannedPageCostsOnlyItself) {
    const base::Instant start = clock.now() + 1h;
    std::vector<Outcome> planned;
    for (const char* path : {"kurashi/1.html", "kurashi/2.html", "kurashi/3.html"}) {
        const content::Page page = taken_over(path);
        const Outcome draft = edit(page.id, "<p>予約</p>", author);
        const Outcome asked = submit(*site, page.id, draft.version(), {.publish_at = start}, author);
        planned.push_back(approve(*site, consent(asked), chief));
    }
    const Outcome& bad = planned[0];
    write([&](sys::Transaction& tx) {
        content::Body body = asked_body(bad);
        body.title = "誰も承認していない題";
        content::replace_revision(tx, bad.revision, body, clock.now());
    });
    clock.set(start);
    EXPECT_EQ(activate_due(*site), 3);
    EXPECT_NE(look_at(*site, bad.page.id).page.live, bad.revision);
    EXPECT_TRUE(look_at(*site, bad.page.id).page.live) << "the old one stays";
    EXPECT_EQ(look_at(*site, bad.page.id).standing.state, State::Approved);
    EXPECT_FALSE(look_at(*site, bad.page.id).standing.problem.empty());
    EXPECT_EQ(look_at(*site, planned[1].page.id).page.live, planned[1].revision);
    EXPECT_EQ(look_at(*site, planned[2].page.id).page.live, planned[2].revision);
    const auto failures = list_failures_of(*site, author.person, 10);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures[0].id, bad.receipt);
    EXPECT_EQ(activate_due(*site), 0);
    EXPECT_FALSE(publish_now(*site, bad.page.id, look_at(*site, bad.page.id).version(), author))
        << "still not approved";
}

TEST_P(EditPage, AScheduleCanBeCalledOffAndPublishedByHand) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome draft = edit(page.id, "<p>予約</p>", author);
    Outcome at = submit(*site, page.id, draft.version(), {.publish_at = clock.now() + 1h}, author);
    at = approve(*site, consent(at), chief);
    const std::int64_t receipt = at.receipt;
    EXPECT_FALSE(cancel_schedule(*site, page.id, at.version(), other_author));
    at = cancel_schedule(*site, page.id, at.version(), author);
    ASSERT_TRUE(at);
    EXPECT_EQ(at.standing.state, State::Approved);
    EXPECT_FALSE(read([&](sys::Reader& db) { return publish::find_receipt(db, receipt); })) << "nobody waits for it";
    clock.advance(2h);
    EXPECT_EQ(activate_due(*site), 0);
    at = publish_now(*site, page.id, at.version(), author);
    ASSERT_TRUE(at);
    EXPECT_EQ(at.page.live, draft.revision);
    // Approved for publication by hand from the start.
    const Outcome next = edit(page.id, "<p>手動</p>", author);
    at = submit(*site, page.id, next.version(), {.is_by_hand = true}, author);
    at = approve(*site, consent(at), chief);
    EXPECT_EQ(at.standing.state, State::Approved);
    EXPECT_EQ(at.page.live, draft.revision);
    EXPECT_EQ(at.receipt, 0);
}

TEST_P(EditPage, AnEmergencyStaysOpenUntilAnotherHasApprovedIt) {
    const content::Page page = taken_over("kurashi/gomi.html");
    Outcome draft = edit(page.id, "<p>避難所を開設</p>", author);
    EXPECT_FALSE(emergency_publish(*site, page.id, draft.version(), "大雨", {}, author))
        << "an author has no such right";
    EXPECT_FALSE(emergency_publish(*site, page.id, draft.version(), " ", {}, chief)) << "no reason";
    const base::Finding finding{"image-alt", "1.1.1", base::Severity::Error, 1, 1, "説明がない"};
    Outcome at = emergency_publish(*site, page.id, draft.version(), "大雨警報", {finding}, chief);
    ASSERT_TRUE(at) << at.refusal->ja;
    EXPECT_EQ(at.page.live, draft.revision);
    EXPECT_NE(at.receipt, 0);
    EXPECT_TRUE(list_emergencies_for(*site, chief.person, 10).empty());
    EXPECT_TRUE(list_emergencies_for(*site, author.person, 10).empty());
    ASSERT_EQ(list_emergencies_for(*site, chief2.person, 10).size(), 1U);
    EXPECT_EQ(list_emergencies_for(*site, chief2.person, 10)[0].findings.size(), 1U);
    EXPECT_EQ(waiting_for(*site, chief2.person).emergencies, 1);
    // A further regular change does not close it.
    const Outcome next = submitted(page.id, "<p>避難所を追加</p>", author);
    ASSERT_TRUE(approve(*site, consent(next), chief2));
    EXPECT_EQ(waiting_for(*site, chief2.person).emergencies, 1);
    const std::int64_t version = look_at(*site, page.id).version();
    EXPECT_FALSE(approve_afterwards(*site, {page.id, version, at.hash, "", {}}, chief)) << "who did it";
    EXPECT_FALSE(approve_afterwards(*site, {page.id, version, at.hash, "", {}}, author)) << "who wrote it";
    EXPECT_FALSE(approve_afterwards(*site, {page.id, version, next.hash, "", {}}, chief2)) << "not what was published";
    const Outcome closed = approve_afterwards(*site, {page.id, version, at.hash, "確認した", {}}, chief2);
    ASSERT_TRUE(closed) << closed.refusal->ja;
    EXPECT_EQ(waiting_for(*site, chief2.person).emergencies, 0);
    EXPECT_FALSE(approve_afterwards(*site, {page.id, closed.version(), at.hash, "", {}}, chief2)) << "once";
}

TEST_P(EditPage, TakingDownNeedsApprovalOrTheAdministrator) {
    const content::Page page = taken_over("kurashi/old.html");
    const workflow::Ending gone{workflow::EndReason::Gone, "", "制度が終わった"};
    EXPECT_FALSE(withdraw(*site, page.id, 0, gone, Asking::AtOnce, chief));
    EXPECT_FALSE(withdraw(*site, page.id, 0, {workflow::EndReason::Moved, "", ""}, Asking::WithApproval, author));
    for (const char* bad :
         {"javascript:alert(1)", "../etc", "//evil.example/", "kurashi/a b.html", "https://a\n.example/"})
        EXPECT_THROW(withdraw(*site, page.id, 0, {workflow::EndReason::Moved, bad, ""}, Asking::AtOnce, admin),
                     base::Error)
            << bad;
    // A draft in progress is there again after the request, whatever becomes of that.
    const Outcome draft = edit(page.id, "<p>途中</p>", author);
    Outcome at = withdraw(*site, page.id, draft.version(), gone, Asking::WithApproval, author);
    ASSERT_TRUE(at) << at.refusal->ja;
    EXPECT_EQ(at.standing.state, State::Submitted);
    EXPECT_EQ(at.page.live, page.live);
    at = return_page(*site, page.id, at.version(), "まだ要ります", chief);
    EXPECT_EQ(at.standing.state, State::Draft);
    const workflow::Ending moved{workflow::EndReason::Moved, "kurashi/new.html", "統合"};
    at = withdraw(*site, page.id, at.version(), moved, Asking::WithApproval, author);
    EXPECT_FALSE(approve(*site, {page.id, at.version(), at.standing.hash, "", {}}, author));
    at = approve(*site, {page.id, at.version(), at.standing.hash, "", {}}, chief);
    ASSERT_TRUE(at) << at.refusal->ja;
    EXPECT_FALSE(at.page.live);
    EXPECT_NE(at.receipt, 0);
    EXPECT_EQ(at.standing.state, State::Draft);
    EXPECT_EQ(workflow::live_of(at.page, at.standing), Live::Withdrawn);
    EXPECT_EQ(at.standing.ended_how, moved);
    const auto redirect = read([&](sys::Reader& db) { return content::find_redirect(db, page.path); });
    ASSERT_TRUE(redirect);
    EXPECT_EQ(redirect->status, 301);
    EXPECT_EQ(redirect->location, "/kurashi/new.html");
    // And back: what was public becomes a draft, is approved, and the redirect goes.
    at = restore(*site, page.id, page.live, at.version(), author);
    ASSERT_TRUE(at);
    at = submit(*site, page.id, at.version(), {}, author);
    at = approve(*site, consent(at), chief);
    ASSERT_TRUE(at) << at.refusal->ja;
    EXPECT_EQ(workflow::live_of(at.page, at.standing), Live::Public);
    EXPECT_FALSE(read([&](sys::Reader& db) { return content::find_redirect(db, page.path); }));
    at = withdraw(*site, page.id, at.version(), {workflow::EndReason::Corrected, "", "誤り"}, Asking::AtOnce, admin);
    ASSERT_TRUE(at);
    EXPECT_FALSE(at.page.live);
    EXPECT_FALSE(read([&](sys::Reader& db) { return content::find_redirect(db, page.path); })) << "simply not there";
}

TEST_P(EditPage, APlannedTakedownHappensAtItsTimeAndTheAdministratorCallsSchedulesOff) {
    const content::Page page = taken_over("kurashi/old.html");
    const workflow::Ending gone{workflow::EndReason::Gone, "", ""};
    Outcome at = withdraw(*site, page.id, 0, gone, Asking::WithApproval, author, clock.now() + 1h);
    at = approve(*site, {page.id, at.version(), at.standing.hash, "", {}}, chief);
    ASSERT_EQ(at.standing.state, State::Scheduled);
    clock.advance(1h);
    EXPECT_EQ(activate_due(*site), 1);
    at = look_at(*site, page.id);
    EXPECT_EQ(workflow::live_of(at.page, at.standing), Live::Withdrawn);
    EXPECT_EQ(at.standing.state, State::None);
    EXPECT_EQ(read([&](sys::Reader& db) { return content::find_redirect(db, page.path); })->status, 410);

    const content::Page second = taken_over("kurashi/second.html");
    const Outcome draft = edit(second.id, "<p>予約</p>", author);
    at = submit(*site, second.id, draft.version(), {.publish_at = clock.now() + 1h}, author);
    at = approve(*site, consent(at), chief);
    at = withdraw(*site, second.id, at.version(), gone, Asking::AtOnce, admin);
    ASSERT_TRUE(at);
    EXPECT_EQ(at.standing.state, State::Approved) << "it does not come back by itself";
    clock.advance(2h);
    EXPECT_EQ(activate_due(*site), 0);
    EXPECT_FALSE(look_at(*site, second.id).page.live);
}

TEST_P(EditPage, AutosavesReplaceOnlyTheOwnUnaskedAutosave) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const auto autosave = [&](std::string html, const Doer& doer) {
        Save save = save_of(look_at(*site, page.id), std::move(html));
        save.saving = Saving::Autosave;
        return save_draft(*site, save, doer);
    };
    const Outcome first = autosave("<p>一</p>", author);
    EXPECT_NE(first.revision, page.live);
    const Outcome second = autosave("<p>二</p>", author);
    EXPECT_EQ(second.revision, first.revision);
    EXPECT_NE(second.hash, first.hash);
    EXPECT_GT(second.version(), first.version());
    EXPECT_EQ(autosave("<p>二</p>", author).version(), second.version()) << "nothing to keep";
    const Outcome by_hand = edit(page.id, "<p>三</p>", author);
    EXPECT_EQ(by_hand.revision, first.revision) << "the end of the row";
    const Outcome after = autosave("<p>四</p>", author);
    EXPECT_NE(after.revision, first.revision) << "what was saved by hand stays in the history";
    const Outcome others = autosave("<p>五</p>", other_author);
    EXPECT_NE(others.revision, after.revision);
    Outcome at = submit(*site, page.id, others.version(), {}, other_author);
    at = return_page(*site, page.id, at.version(), "直して", chief);
    const Outcome again = autosave("<p>六</p>", other_author);
    EXPECT_NE(again.revision, others.revision) << "the approver has seen that one";
    EXPECT_EQ(again.standing.state, State::Returned);
}

TEST_P(EditPage, MarkupIsCleanedAndLegacyMarkupIsNotLostUnseen) {
    const content::Page page = taken_over("kurashi/gomi.html", "<p><font color=\"red\">注意</font>本文</p>");
    const Outcome cleaned =
        edit(page.id, "<p><font color=\"red\">注意</font>本文</p><script>alert(1)</script><p onclick=\"x()\">次</p>",
             author);
    ASSERT_TRUE(cleaned);
    EXPECT_EQ(cleaned.removed.size(), 2U);
    const std::string kept = asked_body(cleaned).parts.at("main");
    EXPECT_EQ(kept.find("script"), std::string::npos);
    EXPECT_EQ(kept.find("onclick"), std::string::npos);
    EXPECT_NE(kept.find("<font color=\"red\">"), std::string::npos);
    Save losing = save_of(look_at(*site, page.id), "<p>注意本文</p><p>次</p>");
    try {
        save_draft(*site, losing, author);
        FAIL() << "the font element went without a word";
    } catch (const LostMarkup& lost) {
        ASSERT_FALSE(lost.losses.empty());
        EXPECT_NE(lost.losses[0].find("font"), std::string::npos) << lost.losses[0];
    }
    losing.accepts_losses = true;
    EXPECT_TRUE(save_draft(*site, losing, author));
    Save wrong = save_of(look_at(*site, page.id), "<p>x</p>");
    wrong.body.parts["sidebar"] = "<p>y</p>";
    EXPECT_THROW(save_draft(*site, wrong, author), base::Error) << "no such region";
    Save untitled = save_of(look_at(*site, page.id), "<p>x</p>");
    untitled.body.title = " ";
    EXPECT_THROW(save_draft(*site, untitled, author), base::Error);
}

TEST_P(EditPage, AttachmentsMustBeThereAndTakeNobodysPath) {
    const content::Page page = taken_over("kurashi/gomi.html"), other = taken_over("kurashi/other.html");
    Save save = save_of(look_at(*site, page.id), "<p>添付</p>");
    save.body.attachments = {attachment("kurashi/gomi.pdf")};
    save.body.attachments[0].size += 1;
    EXPECT_THROW(save_draft(*site, save, author), base::Error) << "not the bytes that we have";
    save.body.attachments = {attachment("kurashi/gomi.pdf"), attachment("kurashi/gomi.pdf")};
    EXPECT_THROW(save_draft(*site, save, author), base::Error) << "twice";
    save.body.attachments = {attachment("kurashi/gomi.pdf")};
    Outcome at = save_draft(*site, save, author);
    at = submit(*site, page.id, at.version(), {}, author);
    ASSERT_TRUE(approve(*site, consent(at), chief));
    save = save_of(look_at(*site, other.id), "<p>同じ名前</p>");
    save.body.attachments = {attachment("kurashi/gomi.pdf")};
    at = save_draft(*site, save, author);
    at = submit(*site, other.id, at.version(), {}, author);
    const Outcome refused = approve(*site, consent(at), chief);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.refusal->ja.find("kurashi/gomi.pdf"), std::string::npos);
    EXPECT_THROW(create_page(*site, {.path = "kurashi/gomi.pdf", .body = {.title = "題"}}, author), base::Error);
}

TEST_P(EditPage, PagesAreMadeWhereThePersonMay) {
    const Outcome made =
        create_page(*site, {.path = "kurashi/new.html", .body = {.title = "新しい"}, .department = ka}, author);
    ASSERT_TRUE(made) << made.refusal->ja;
    EXPECT_EQ(made.standing.state, State::Draft);
    EXPECT_FALSE(made.page.live);
    EXPECT_EQ(workflow::live_of(made.page, made.standing), Live::Never);
    EXPECT_FALSE(
        create_page(*site, {.path = "kurashi/x.html", .body = {.title = "題"}, .department = elsewhere}, author));
    EXPECT_FALSE(read([](sys::Reader& db) { return content::find_page(db, "kurashi/x.html"); }));
    EXPECT_THROW(create_page(*site, {.path = "kurashi/new.html", .body = {.title = "題"}, .department = ka}, author),
                 base::Error)
        << "the path is taken";
    for (const char* bad : {"", "kurashi/", "/a.html", "../a.html", "a//b.html", "a.php", "ゴミ.html", "a%2fb.html"})
        EXPECT_THROW(create_page(*site, {.path = bad, .body = {.title = "題"}, .department = ka}, author), base::Error)
            << bad;
    const content::Page frame = taken_over("kurashi/frame.html");
    const Outcome like = create_page(
        *site,
        {.path = "kurashi/like.html", .body = {.title = "枠", .parts = {{"main", "<p>中身</p>"}}}, .like = frame.id},
        admin);
    ASSERT_TRUE(like) << like.refusal->ja;
    EXPECT_EQ(like.page.document, frame.document);
    EXPECT_EQ(read([&](sys::Reader& db) { return content::list_regions(db, like.page.id).size(); }), 1U);
}

TEST_P(EditPage, ADiscardedDraftLeavesTheLivePageAndTheHistory) {
    const content::Page page = taken_over("kurashi/gomi.html");
    const Outcome draft = edit(page.id, "<p>捨てる</p>", author);
    const Outcome gone = discard(*site, page.id, draft.version(), author);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone.revision, page.live);
    EXPECT_EQ(gone.standing.state, State::None);
    EXPECT_EQ(read([&](sys::Reader& db) { return content::list_revisions(db, page.id, 9).size(); }), 2U);
    const Outcome next = edit(page.id, "<p>次</p>", author);
    EXPECT_EQ(read([&](sys::Reader& db) { return content::load_revision(db, next.revision).number; }), 3);
}

TEST_P(EditPage, SeveralAreApprovedEachForItself) {
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

TEST_P(EditPage, TheListsSayWhatWaitsForWhom) {
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

TEST_P(EditPage, WhoIsAskedFollowsThePeople) {
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

TEST_P(EditPage, TheLedgerNamesTheSystemUserOfTheCommandLine) {
    const content::Page page = taken_over("kurashi/gomi.html");
    Doer shell = author;
    shell.via = "cli:sato";
    edit(page.id, "<p>一</p>", shell);
    const auto lines = read([&](sys::Reader& db) {
        return ledger::find_lines(db, {.subject = fmt::format("page:{}", page.id.value), .limit = 1});
    });
    EXPECT_EQ(lines.at(0).entry.by, fmt::format("person:{}", author.person.value));
    EXPECT_NE(lines.at(0).entry.detail.find(R"("via":"cli:sato")"), std::string::npos) << lines.at(0).entry.detail;
}

INSTANTIATE_TEST_SUITE_P(Engines, EditPage, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow
