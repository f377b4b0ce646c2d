#include <gtest/gtest.h>

#include "flow/activate_due.h"
#include "flow/edit_page.h"
#include "flow/preview_page.h"
#include "flow/testing/town.h"
#include "press/content/redirects.h"

namespace flow {

namespace {

using namespace std::chrono_literals;
using flow::testing::consent;
using workflow::Live;
using workflow::State;

class PublicSide : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    PublicSide() : Town(GetParam()) {}
};

TEST_P(PublicSide, APlannedPublicationAndItsEndHappenAtTheirTimes) {
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

TEST_P(PublicSide, WhatFellDueDuringALongStopHappensInTheOrderOfTheTimes) {
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

TEST_P(PublicSide, OneBadPlannedPageCostsOnlyItself) {
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

TEST_P(PublicSide, AScheduleCanBeCalledOffAndPublishedByHand) {
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

TEST_P(PublicSide, AnEmergencyStaysOpenUntilAnotherHasApprovedIt) {
    const content::Page page = taken_over("kurashi/gomi.html");
    Outcome draft = edit(page.id, "<p>避難所を開設</p>", author);
    EXPECT_FALSE(emergency_publish(*site, page.id, draft.version(), "大雨", author)) << "an author has no such right";
    EXPECT_FALSE(emergency_publish(*site, page.id, draft.version(), " ", chief)) << "no reason";
    Outcome at = emergency_publish(*site, page.id, draft.version(), "大雨警報", chief);
    ASSERT_TRUE(at) << at.refusal->ja;
    EXPECT_EQ(at.page.live, draft.revision);
    EXPECT_NE(at.receipt, 0);
    EXPECT_TRUE(list_emergencies_for(*site, chief.person, 10).empty());
    EXPECT_TRUE(list_emergencies_for(*site, author.person, 10).empty());
    ASSERT_EQ(list_emergencies_for(*site, chief2.person, 10).size(), 1U);
    EXPECT_TRUE(list_emergencies_for(*site, chief2.person, 10)[0].findings.empty());
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

TEST_P(PublicSide, IsPreviewedAsGoneFromTheDayOfItsEnd) {
    using namespace std::chrono_literals;
    const content::Page page = taken_over("kurashi/old.html");
    const base::Instant end = clock.now() + 24h * 30;
    const auto is_shown = [&](base::Instant at) { return !preview_at(*site, page.id, at).type.empty(); };
    EXPECT_TRUE(is_shown(end));
    Outcome at = withdraw(*site, page.id, 0, {workflow::EndReason::Gone, "", "制度が終わるため"}, Asking::WithApproval,
                          author, end);
    ASSERT_TRUE(at) << at.refusal->ja;
    EXPECT_TRUE(is_shown(end - 1ms)) << "asked for";
    EXPECT_FALSE(is_shown(end));
    at = approve(*site, {page.id, at.version(), at.standing.hash, "", {}}, chief);
    ASSERT_TRUE(at) << at.refusal->ja;
    EXPECT_TRUE(is_shown(end - 1ms)) << "planned";
    EXPECT_FALSE(is_shown(end + 24h));
    // The day on which a revision ends that is only asked for yet.
    const content::Page other = taken_over("kurashi/other.html");
    const Outcome draft = edit(other.id, "<p>期限のある文</p>", author);
    Submission wish;
    wish.withdraw_at = end;
    ASSERT_TRUE(submit(*site, other.id, draft.version(), wish, author));
    EXPECT_FALSE(preview_at(*site, other.id, clock.now()).type.empty());
    EXPECT_TRUE(preview_at(*site, other.id, end).type.empty());
}

TEST_P(PublicSide, SendsVisitorsOnlyWhereThereIsSomething) {
    const content::Page page = taken_over("kurashi/old.html");
    taken_over("kurashi/new/index.html");
    const content::Page ended = taken_over("kurashi/ended.html");
    ASSERT_TRUE(withdraw(*site, ended.id, 0, {workflow::EndReason::Gone, "", ""}, Asking::AtOnce, admin));
    const auto fault = [&](const std::string& target) -> std::string {
        try {
            const Outcome at = withdraw(*site, page.id, look_at(*site, page.id).version(),
                                        {workflow::EndReason::Moved, target, ""}, Asking::WithApproval, author);
            if (at.refusal) return at.refusal->ja;
            take_back(*site, page.id, at.version(), author);
            return "";
        } catch (const base::Error& error) {
            return error.message();
        }
    };
    EXPECT_NE(fault("kurashi/no-such-page.html").find("このサイトにありません"), std::string::npos);
    EXPECT_NE(fault("kurashi/ended.html").find("まだ公開されていません"), std::string::npos);
    for (const char* bad : {"https://", "https://localhost/", "https://user@example.jp/", "https://.example.jp/",
                            "https://example.jp:port/", "ftp://example.jp/"})
        EXPECT_NE(fault(bad).find("https:// で始まるアドレス"), std::string::npos) << bad;
    for (const char* own : {"kurashi/old.html"}) EXPECT_NE(fault(own).find("自身"), std::string::npos) << own;
    EXPECT_NE(fault(site->settings.site.url + "kurashi/old.html").find("自身"), std::string::npos);
    const content::Page index = taken_over("kosodate/index.html");
    EXPECT_THROW(withdraw(*site, index.id, 0, {workflow::EndReason::Moved, "kosodate/", ""}, Asking::AtOnce, admin),
                 base::Error)
        << "a folder is its index page";
    for (const char* good : {"kurashi/new/index.html", "kurashi/new/", "https://www.example.lg.jp/kurashi/?a=1#b",
                             "http://example.jp:8080/"})
        EXPECT_EQ(fault(good), "") << good;
    // What was there when it was asked for has gone when it is approved.
    const content::Page target = taken_over("kurashi/target.html");
    Outcome at = withdraw(*site, page.id, look_at(*site, page.id).version(),
                          {workflow::EndReason::Moved, "kurashi/target.html", ""}, Asking::WithApproval, author);
    ASSERT_TRUE(withdraw(*site, target.id, 0, {workflow::EndReason::Gone, "", ""}, Asking::AtOnce, admin));
    EXPECT_FALSE(approve(*site, {page.id, at.version(), at.standing.hash, "", {}}, chief));
    EXPECT_TRUE(look_at(*site, page.id).page.live);
    // Or when it is to happen.
    const content::Page later = taken_over("kurashi/later.html"), goal = taken_over("kurashi/goal.html");
    at = withdraw(*site, later.id, 0, {workflow::EndReason::Moved, "kurashi/goal.html", ""}, Asking::WithApproval,
                  author, clock.now() + std::chrono::hours(24));
    ASSERT_TRUE(approve(*site, {later.id, at.version(), at.standing.hash, "", {}}, chief));
    ASSERT_TRUE(withdraw(*site, goal.id, 0, {workflow::EndReason::Gone, "", ""}, Asking::AtOnce, admin));
    clock.advance(std::chrono::hours(25));
    activate_due(*site);
    EXPECT_TRUE(look_at(*site, later.id).page.live) << "nobody is sent to a page that is not there";
    EXPECT_FALSE(look_at(*site, later.id).standing.problem.empty());
}

TEST_P(PublicSide, TakingDownNeedsApprovalOrTheAdministrator) {
    const content::Page page = taken_over("kurashi/old.html");
    const workflow::Ending gone{workflow::EndReason::Gone, "", "制度が終わった"};
    EXPECT_FALSE(withdraw(*site, page.id, 0, gone, Asking::AtOnce, chief));
    EXPECT_FALSE(withdraw(*site, page.id, 0, {workflow::EndReason::Moved, "", ""}, Asking::WithApproval, author));
    for (const char* bad : {"javascript:alert(1)", "../etc", "//evil.example/", "kurashi/a b.html",
                            "https://a\n.example/", "kurashi/old.html"})
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
    taken_over("kurashi/new.html");
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

TEST_P(PublicSide, APlannedTakedownHappensAtItsTimeAndTheAdministratorCallsSchedulesOff) {
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

INSTANTIATE_TEST_SUITE_P(Engines, PublicSide, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

}  // namespace flow
