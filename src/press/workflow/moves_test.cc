#include "press/workflow/moves.h"

#include <gtest/gtest.h>

namespace workflow {

namespace {

const base::Instant kNow{1'800'000'000'000};
const base::Hash kHash = base::Hash::find_hex(std::string(64, 'a')).value();
const base::Hash kOther = base::Hash::find_hex(std::string(64, 'b')).value();
constexpr PersonId kAuthor{1}, kApprover{2}, kSecond{3};

Group group(std::string name) {
    return {std::move(name), {}, {{people::Role::Approver, {}, false}}};
}

Standing standing_at(State state) {
    Standing standing;
    standing.page = {7};
    standing.state = state;
    standing.revision = {5};
    standing.hash = kHash;
    standing.submitted_by = kAuthor;
    standing.steps = {{"承認", {group("課")}}};
    standing.version = 3;
    return standing;
}

/// Everything is as it should be: only the table decides.
Case good_case(PersonId person = kApprover) {
    Case asked;
    asked.person = person;
    asked.right.is_allowed = true;
    asked.may_approve = asked.is_administrator = true;
    asked.requesters = {kAuthor};
    asked.latest = asked.subject = {5};
    asked.live = {4};
    asked.subject_hash = asked.opened = asked.emergency_hash = kHash;
    asked.panel = {{group("課")}, {{{kApprover, {}, "承認 花子", false}, {kSecond, {}, "承認 次郎", false}}}};
    asked.words = "理由";
    asked.now = kNow;
    asked.is_emergency_open = true;
    return asked;
}

constexpr std::string_view kLetters = "NDSRAC";  // None Draft Submitted Returned Approved sCheduled

}  // namespace

TEST(Decide, FollowsTheWholeTableOfMoves) {
    // One letter for each state that the verb is asked from: where it leads, or '-'.
    const std::pair<Verb, std::string_view> kTable[] = {{Verb::Edit, "DD-RD-"},
                                                        {Verb::Submit, "-S-S--"},
                                                        {Verb::AskWithdraw, "SS-S--"},
                                                        {Verb::TakeBack, "--D---"},
                                                        {Verb::Return, "--R---"},
                                                        {Verb::Approve, "--A---"},
                                                        {Verb::CancelSchedule, "-----A"},
                                                        {Verb::PublishNow, "----NN"},
                                                        {Verb::EmergencyPublish, "-NNN--"},
                                                        {Verb::ApproveAfterwards, kLetters},
                                                        {Verb::Withdraw, "NDSRAA"},
                                                        {Verb::Restore, "DD-RD-"},
                                                        {Verb::DiscardDraft, "-N-NN-"}};
    ASSERT_EQ(std::size(kTable), kVerbs);
    std::size_t moves = 0;
    for (const auto& [verb, row] : kTable)
        for (std::size_t i = 0; i < kStates; ++i) {
            SCOPED_TRACE(fmt::format("{} from {}", verb_id(verb), state_id(static_cast<State>(i))));
            const Decision decision = decide(standing_at(static_cast<State>(i)), verb, good_case());
            const char got = decision.next ? kLetters[static_cast<std::size_t>(*decision.next)] : '-';
            EXPECT_EQ(got, row[i]) << decision.refusal_en;
            EXPECT_EQ(decision.refusal_ja.empty(), decision.next.has_value());
            EXPECT_EQ(decision.refusal_en.empty(), decision.next.has_value());
            moves += row[i] != '-';
        }
    EXPECT_EQ(moves, all_moves().size());
}

TEST(Decide, RefusesEveryMoveToWhomThePeopleRefuse) {
    for (const Move& move : all_moves()) {
        SCOPED_TRACE(fmt::format("{} from {}", verb_id(move.verb), state_id(move.from)));
        Case asked = good_case();
        asked.right = {false, {}, "権限がありません", "no right"};
        const Decision decision = decide(standing_at(move.from), move.verb, asked);
        EXPECT_FALSE(decision);
        EXPECT_EQ(decision.refusal_ja, "権限がありません");
    }
}

TEST(Decide, KnowsEachStateAndVerbByItsId) {
    for (std::size_t i = 0; i < kStates; ++i)
        EXPECT_EQ(find_state(state_id(static_cast<State>(i))), static_cast<State>(i));
    for (std::size_t i = 0; i < kVerbs; ++i) {
        EXPECT_EQ(find_verb(verb_id(static_cast<Verb>(i))), static_cast<Verb>(i));
        EXPECT_FALSE(verb_label(static_cast<Verb>(i)).empty());
    }
    EXPECT_EQ(find_state("public"), std::nullopt);
    EXPECT_EQ(find_verb("delete"), std::nullopt);
}

TEST(Approve, IsRefusedToWhoeverWroteOrSubmittedIt) {
    // Even if the panel were wrong about them.
    Case asked = good_case(kAuthor);
    asked.panel.candidates[0].push_back({kAuthor, {}, "作成 太郎", false});
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::Approve, asked));
    asked = good_case(kSecond);
    asked.requesters.push_back(kSecond);
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::Approve, asked));
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::Return, asked));
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::ApproveAfterwards, asked));
}

TEST(Approve, IsRefusedToWhoeverIsNotAskedAtThisStepAndNamesWhoIs) {
    const Decision decision = decide(standing_at(State::Submitted), Verb::Approve, good_case(PersonId{99}));
    EXPECT_FALSE(decision);
    EXPECT_NE(decision.refusal_ja.find("承認 花子、承認 次郎"), std::string::npos) << decision.refusal_ja;
}

TEST(Approve, IsOfTheRevisionThatWasSubmittedUnchangedAndOpened) {
    Case asked = good_case();
    asked.subject_hash = kOther;
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::Approve, asked));
    asked = good_case();
    asked.subject = {6};
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::Approve, asked));
    asked = good_case();
    asked.opened = kOther;
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::Approve, asked));
    asked.opened = {};
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::Approve, asked));
}

TEST(Approve, NeedsEveryGroupOfAStepAndThenTheNextStep) {
    Standing standing = standing_at(State::Submitted);
    standing.steps = {{"課", {group("課"), group("広報")}}, {"部", {group("部")}}};
    Case asked = good_case();
    asked.panel.groups = standing.steps[0].groups;
    asked.panel.candidates = {{{kApprover, {}, "甲", false}}, {{kSecond, {}, "乙", false}}};

    Decision first = decide(standing, Verb::Approve, asked);
    ASSERT_TRUE(first);
    EXPECT_EQ(first.next, State::Submitted);
    EXPECT_EQ(first.step, 0U);
    EXPECT_EQ(first.groups, 0b01U);

    asked.have_agreed = {kApprover};
    asked.agreed_groups = first.groups;
    EXPECT_FALSE(decide(standing, Verb::Approve, asked)) << "nobody says yes twice at a step";
    asked.person = kSecond;
    const Decision second = decide(standing, Verb::Approve, asked);
    EXPECT_EQ(second.next, State::Submitted);
    EXPECT_EQ(second.step, 1U);
    EXPECT_FALSE(second.is_last_yes);

    standing.step = 1;
    asked.have_agreed.clear();
    asked.agreed_groups = 0;
    asked.panel = {standing.steps[1].groups, {{{kSecond, {}, "乙", false}}}};
    const Decision last = decide(standing, Verb::Approve, asked);
    EXPECT_EQ(last.next, State::Approved);
    EXPECT_TRUE(last.is_last_yes);
}

TEST(Approve, OfAFutureTimeSchedules) {
    Standing standing = standing_at(State::Submitted);
    standing.publish_at = kNow + std::chrono::milliseconds(1);
    EXPECT_EQ(decide(standing, Verb::Approve, good_case()).next, State::Scheduled);
    standing.publish_at = kNow;
    EXPECT_EQ(decide(standing, Verb::Approve, good_case()).next, State::Approved);
    standing.withdraw_at = kNow;
    EXPECT_FALSE(decide(standing, Verb::Approve, good_case())) << "its end has passed";
}

TEST(Approve, SaysInWhoseSteadADeputyDecides) {
    Case asked = good_case();
    asked.panel.candidates = {{{kApprover, PersonId{8}, "代理", false}}};
    EXPECT_EQ(decide(standing_at(State::Submitted), Verb::Approve, asked).on_behalf_of, PersonId{8});
}

TEST(Findings, OfSeverityErrorStopSubmissionAndApprovalButNoEmergency) {
    Case asked = good_case();
    asked.findings = {{"image-alt", "1.1.1", base::Severity::Warning, 1, 1, "?"}};
    EXPECT_TRUE(decide(standing_at(State::Draft), Verb::Submit, asked));
    asked.findings.push_back({"image-alt", "1.1.1", base::Severity::Error, 1, 1, "!"});
    EXPECT_FALSE(decide(standing_at(State::Draft), Verb::Submit, asked));
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::Approve, asked));
    EXPECT_TRUE(decide(standing_at(State::Draft), Verb::EmergencyPublish, asked));
}

TEST(Submit, SaysWhoCouldApproveWhenNobodyElseCan) {
    Case asked = good_case(kAuthor);
    asked.empty_group = EmptyGroup{"担当課の承認者", {"承認 花子"}};
    const Decision decision = decide(standing_at(State::Draft), Verb::Submit, asked);
    EXPECT_FALSE(decision);
    EXPECT_NE(decision.refusal_ja.find("承認 花子"), std::string::npos);
    EXPECT_NE(decision.refusal_en.find("承認 花子"), std::string::npos);
    asked.empty_group->left_out.clear();
    EXPECT_NE(decide(standing_at(State::Draft), Verb::Submit, asked).refusal_ja.find("サイト管理者"),
              std::string::npos);
}

TEST(Submit, RefusesTimesThatCannotBe) {
    const auto minute = std::chrono::minutes(1);
    const struct {
        base::Instant publish_at, withdraw_at;
        bool is_by_hand, is_good;
    } kCases[] = {{{}, {}, false, true},
                  {kNow + minute, {}, false, true},
                  {kNow, {}, false, true},
                  {kNow - minute, {}, false, false},
                  {kNow + minute, kNow + 2 * minute, false, true},
                  {kNow + minute, kNow + minute, false, false},
                  {{}, kNow, false, false},
                  {{}, kNow + minute, false, true},
                  {{}, {}, true, true},
                  {kNow + minute, {}, true, false}};
    for (const auto& one : kCases) {
        SCOPED_TRACE(
            fmt::format("{} {} {}", one.publish_at.milliseconds, one.withdraw_at.milliseconds, one.is_by_hand));
        Case asked = good_case(kAuthor);
        asked.publish_at = one.publish_at;
        asked.withdraw_at = one.withdraw_at;
        asked.is_by_hand = one.is_by_hand;
        EXPECT_EQ(static_cast<bool>(decide(standing_at(State::Draft), Verb::Submit, asked)), one.is_good);
    }
}

TEST(Words, AreNeededToReturnAndToPublishInAnEmergency) {
    Case asked = good_case();
    asked.words = " \n";
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::Return, asked));
    EXPECT_FALSE(decide(standing_at(State::Draft), Verb::EmergencyPublish, asked));
}

TEST(TakeBack, IsForTheAskerTheWritersAndTheAdministrator) {
    Case asked = good_case(kSecond);
    asked.is_administrator = false;
    EXPECT_FALSE(decide(standing_at(State::Submitted), Verb::TakeBack, asked));
    asked.person = kAuthor;
    EXPECT_EQ(decide(standing_at(State::Submitted), Verb::TakeBack, asked).next, State::Draft);
    asked = good_case(kSecond);
    EXPECT_TRUE(decide(standing_at(State::Submitted), Verb::TakeBack, asked));
}

TEST(Schedule, IsCalledOffByTheAskerOrAnApproverOnly) {
    Case asked = good_case(kSecond);
    asked.may_approve = false;
    EXPECT_FALSE(decide(standing_at(State::Scheduled), Verb::CancelSchedule, asked));
    EXPECT_FALSE(decide(standing_at(State::Scheduled), Verb::PublishNow, asked));
    asked.person = kAuthor;
    EXPECT_TRUE(decide(standing_at(State::Scheduled), Verb::CancelSchedule, asked));
    asked.subject_hash = kOther;
    EXPECT_FALSE(decide(standing_at(State::Scheduled), Verb::PublishNow, asked)) << "it was changed since";
}

TEST(Withdraw, AtOnceIsForTheAdministratorAndOfWhatIsPublic) {
    Case asked = good_case();
    asked.is_administrator = false;
    EXPECT_FALSE(decide(standing_at(State::None), Verb::Withdraw, asked));
    EXPECT_TRUE(decide(standing_at(State::None), Verb::AskWithdraw, asked));
    asked = good_case();
    asked.live = {};
    EXPECT_FALSE(decide(standing_at(State::None), Verb::Withdraw, asked));
    EXPECT_FALSE(decide(standing_at(State::None), Verb::AskWithdraw, asked));
    asked = good_case();
    asked.ending.reason = EndReason::Moved;
    EXPECT_FALSE(decide(standing_at(State::None), Verb::Withdraw, asked));
    asked.ending.target = "kurashi/new.html";
    EXPECT_TRUE(decide(standing_at(State::None), Verb::Withdraw, asked));
}

TEST(Withdraw, ARequestGoesBackToWhatWasBefore) {
    for (const State before : {State::None, State::Draft, State::Returned}) {
        Standing standing = standing_at(State::Submitted);
        standing.matter = Matter::Withdraw;
        standing.before = before;
        EXPECT_EQ(decide(standing, Verb::Return, good_case()).next, before);
        EXPECT_EQ(decide(standing, Verb::TakeBack, good_case()).next, before);
        EXPECT_EQ(decide(standing, Verb::Withdraw, good_case()).next, before);
        EXPECT_FALSE(decide(standing, Verb::EmergencyPublish, good_case()));
        EXPECT_EQ(after_ending(standing, Live::Withdrawn, {}, {4}, kNow).state, before);
        standing.state = State::Scheduled;
        EXPECT_EQ(decide(standing, Verb::CancelSchedule, good_case()).next, before);
    }
}

TEST(Emergency, IsApprovedAfterwardsByAnotherWhoOpenedWhatWasPublished) {
    Case asked = good_case();
    asked.opened = kOther;
    EXPECT_FALSE(decide(standing_at(State::None), Verb::ApproveAfterwards, asked));
    asked = good_case();
    asked.is_emergency_open = false;
    EXPECT_FALSE(decide(standing_at(State::None), Verb::ApproveAfterwards, asked));
    asked = good_case();
    asked.requesters = {kApprover};
    EXPECT_FALSE(decide(standing_at(State::None), Verb::ApproveAfterwards, asked));
}

TEST(AfterPublication, TheEndThatWasAskedForBecomesTheLiveOne) {
    Standing standing = standing_at(State::Scheduled);
    standing.publish_at = kNow;
    standing.withdraw_at = kNow + std::chrono::hours(1);
    standing.ended = Live::Withdrawn;
    standing.receipt = 12;
    const Standing after = after_publication(standing);
    EXPECT_EQ(after.state, State::None);
    EXPECT_EQ(after.live_until, kNow + std::chrono::hours(1));
    EXPECT_EQ(after.withdraw_at, base::Instant{});
    EXPECT_EQ(after.publish_at, base::Instant{});
    EXPECT_EQ(after.ended, Live::Never);
    EXPECT_EQ(after.receipt, 0);
    EXPECT_EQ(after.version, standing.version);
}

}  // namespace workflow
