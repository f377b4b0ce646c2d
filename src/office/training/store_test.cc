#include "office/training/store.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"

namespace training {
namespace {

using namespace std::chrono_literals;

class Trainings : public ::testing::TestWithParam<std::string> {
  protected:
    Trainings() {
        std::vector<sys::Migration> all(ledger::migrations().begin(), ledger::migrations().end());
        all.insert(all.end(), migrations().begin(), migrations().end());
        sys::migrate(*db_, all);
    }
    template <class Work>
    auto write(Work&& work) {
        return db_->write(std::forward<Work>(work));
    }
    std::int64_t planned(base::Instant at, std::int64_t makes_up_for = 0) {
        Session made;
        made.starts_at = at;
        made.teacher = "講師 八重";
        made.makes_up_for = makes_up_for;
        return write([&](sys::Transaction& tx) { return plan_session(tx, made, by_); });
    }
    Session load(std::int64_t id) {
        return db_->read([&](sys::Reader& db) { return load_session(db, id); });
    }
    std::vector<std::string> acts() {
        std::vector<std::string> all;
        for (const ledger::Line& line : db_->read([](sys::Reader& db) { return ledger::find_lines(db, {}); }))
            all.insert(all.begin(), line.entry.act + " " + line.entry.subject);
        return all;
    }
    std::string newest_detail() {
        return db_->read([](sys::Reader& db) { return ledger::find_lines(db, {}); }).front().entry.detail;
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
    base::Instant start_ = base::parse_instant("2027-06-10 13:30").value();
    By by_{"person:1", base::parse_instant("2027-05-01 09:00").value()};
};
INSTANTIATE_TEST_SUITE_P(Engines, Trainings, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(Trainings, AreHeldOnceEverybodysAttendanceIsKnown) {
    const std::int64_t id = planned(start_);
    EXPECT_EQ(acts(), std::vector<std::string>{"training.plan training:1"});
    EXPECT_NE(newest_detail().find("\"starts_at\":\"2027-06-10T04:30:00.000Z\""), std::string::npos) << newest_detail();
    write([&](sys::Transaction& tx) { add_attendees(tx, id, "山田 花子,市民課\n鈴木 一郎\r\n\n", by_); });
    auto people = db_->read([&](sys::Reader& db) { return list_attendees(db, id); });
    ASSERT_EQ(people.size(), 2U);
    EXPECT_EQ(people[1].name, "鈴木 一郎");
    EXPECT_EQ(people[1].seat, 2);

    const auto hold = [&](base::Instant at) {
        write([&](sys::Transaction& tx) { hold_session(tx, id, load(id).version, {"person:1", at}); });
    };
    EXPECT_THROW(hold(start_ - 1min), base::Error) << "it has not begun";
    EXPECT_THROW(hold(start_ + 3h), base::Error) << "nobody's attendance is known";
    write([&](sys::Transaction& tx) {
        set_presence(tx, id, load_session(tx, id).version,
                     {{people[0].id, Presence::Came}, {people[1].id, Presence::Absent}}, by_);
    });
    hold(start_ + 3h);
    EXPECT_EQ(load(id).state, State::Held);
    EXPECT_NE(newest_detail().find("\"course\":\"author\""), std::string::npos);
    EXPECT_NE(newest_detail().find("\"period\":\"2027\""), std::string::npos) << "the fiscal year that it counts for";
    EXPECT_THROW(hold(start_ + 3h), base::Error) << "a second press of the button";

    const std::int64_t again = planned(start_ + 240h, id);
    write([&](sys::Transaction& tx) { EXPECT_EQ(add_absentees(tx, again, by_), 1); });
    write([&](sys::Transaction& tx) { EXPECT_EQ(add_absentees(tx, again, by_), 0) << "once"; });
    people = db_->read([&](sys::Reader& db) { return list_attendees(db, again); });
    ASSERT_EQ(people.size(), 1U);
    EXPECT_EQ(people[0].name, "鈴木 一郎");
    write([&](sys::Transaction& tx) {
        set_presence(tx, again, load_session(tx, again).version, {{people[0].id, Presence::Came}}, by_);
    });
    write([&](sys::Transaction& tx) { hold_session(tx, again, load(again).version, {"person:1", start_ + 250h}); });
    EXPECT_EQ(acts().back(), "training.makeup training:2") << "it is not one of the year's sessions";
}

TEST_P(Trainings, RefuseMoreTraineesThanSeatsAndNameTheLine) {
    const std::int64_t id = planned(start_);
    std::string lines;
    for (int i = 0; i < 31; ++i) lines += fmt::format("名前{}\n", i);
    try {
        write([&](sys::Transaction& tx) { add_attendees(tx, id, lines, by_); });
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_NE(error.message().find("31行目"), std::string::npos) << error.message();
    }
    EXPECT_TRUE(db_->read([&](sys::Reader& db) { return list_attendees(db, id); }).empty());
}

TEST_P(Trainings, GiveEachPersonOneSeatAndTheLowestThatIsFree) {
    const std::int64_t id = planned(start_);
    const auto invite = [&](std::string_view lines) {
        write([&](sys::Transaction& tx) { add_attendees(tx, id, lines, by_); });
    };
    const auto people = [&] { return db_->read([&](sys::Reader& db) { return list_attendees(db, id); }); };
    invite("山田,市民課\n鈴木\n佐藤");
    EXPECT_THROW(invite("田中\n山田,市民課"), base::Error) << "a second press of the button";
    EXPECT_EQ(people().size(), 3U);
    const std::int64_t version = load(id).version;
    write([&](sys::Transaction& tx) { remove_attendee(tx, id, people()[1].id, by_); });
    EXPECT_EQ(acts().back(), "training.uninvite training:1");
    EXPECT_THROW(write([&](sys::Transaction& tx) {
                     set_presence(tx, id, version, {{people()[0].id, Presence::Came}}, by_);
                 }),
                 base::Error)
        << "the form shows somebody who is gone";
    invite("山田,財政課");
    ASSERT_EQ(people().size(), 3U);
    EXPECT_EQ(people()[1].department, "財政課");
    EXPECT_EQ(people()[1].seat, 2);
    Session fewer = load(id);
    fewer.seats = 2;
    EXPECT_THROW(write([&](sys::Transaction& tx) { change_session(tx, fewer, by_); }), base::Error);
    fewer.seats = 3;
    write([&](sys::Transaction& tx) { change_session(tx, fewer, by_); });
}

TEST_P(Trainings, AreMadeOnceByAFormThatIsSentTwice) {
    Session made;
    made.starts_at = start_;
    made.teacher = "講師";
    Delivery given;
    given.title = given.version = given.medium = "1";
    given.hash = std::string(64, 'a');
    given.delivered_at = by_.at;
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(write([&](sys::Transaction& tx) { return plan_session(tx, made, by_, "once"); }), 1);
        EXPECT_EQ(write([&](sys::Transaction& tx) { return add_delivery(tx, given, by_, "once"); }), 1);
    }
    EXPECT_EQ(acts().size(), 2U);
}

TEST_P(Trainings, HaveOneTrainingSiteAtATime) {
    const std::int64_t first = planned(start_), second = planned(start_ + 24h);
    write([&](sys::Transaction& tx) { note_opened(tx, first, "demo", 30, by_); });
    EXPECT_THROW(write([&](sys::Transaction& tx) { note_opened(tx, second, "demo", 30, by_); }), base::Error);
    EXPECT_THROW(write([&](sys::Transaction& tx) { cancel_session(tx, first, load(first).version, "雨", by_); }),
                 base::Error);
    write([&](sys::Transaction& tx) { note_closed(tx, first, by_); });
    EXPECT_EQ(load(first).state, State::Planned);
    write([&](sys::Transaction& tx) { note_opened(tx, second, "copy", 30, by_); });
    EXPECT_EQ(db_->read([](sys::Reader& db) { return find_open(db); })->id, second);
    write([&](sys::Transaction& tx) { cancel_session(tx, first, load(first).version, "雨", by_); });
    EXPECT_EQ(load(first).state, State::Cancelled);
}

TEST_P(Trainings, MovedToAnotherDayArePlannedAnewForTheirDeadline) {
    const std::int64_t id = planned(start_);
    Session changed = load(id);
    changed.starts_at = start_ + 48h;
    write([&](sys::Transaction& tx) { change_session(tx, changed, by_); });
    EXPECT_EQ(acts(), (std::vector<std::string>{"training.plan training:1", "training.plan training:1"}));
    EXPECT_THROW(write([&](sys::Transaction& tx) { change_session(tx, changed, by_); }), base::Error) << "stale";
}

TEST_P(Trainings, TakeOnlySoundAnswersFromTheTrainingSite) {
    const std::int64_t id = planned(start_);
    const auto take = [&](std::int64_t seat, Answer answer) {
        const std::vector<std::pair<std::int64_t, Answer>> all{{seat, std::move(answer)}};
        write([&](sys::Transaction& tx) { take_answers(tx, id, all, by_); });
    };
    EXPECT_THROW(take(1, {6, 1, 1, ""}), base::Error);
    EXPECT_THROW(take(31, {5, 5, 5, ""}), base::Error);
    EXPECT_THROW(take(1, {5, 5, 5, std::string(5000, 'a')}), base::Error);
    EXPECT_THROW(take(1, {5, 5, 5, "\xFF"}), base::Error);
    take(1, {5, 4, 3, "よかった"});
    take(1, {2, 2, 2, "やはり"});
    const auto answers = db_->read([&](sys::Reader& db) { return list_answers(db, id); });
    ASSERT_EQ(answers.size(), 1U) << "one a seat";
    EXPECT_EQ(answers[0].comment, "やはり");
}

TEST_P(Trainings, KeepWhatWasAgreedAndHandedOver) {
    write([&](sys::Transaction& tx) { set_agreement(tx, {2027, {2027, 4, 20}, "総務課 係長", "集合研修"}, by_); });
    EXPECT_EQ(db_->read([](sys::Reader& db) { return find_agreement(db, 2027); })->method, "集合研修");
    Delivery made;
    made.title = "作成者の手引き";
    made.version = "1.0";
    made.medium = "USBメモリ";
    made.hash = "no hash";
    made.delivered_at = by_.at;
    EXPECT_THROW(write([&](sys::Transaction& tx) { add_delivery(tx, made, by_); }), base::Error);
    made.hash = std::string(64, 'a');
    const auto id = write([&](sys::Transaction& tx) { return add_delivery(tx, made, by_); });
    EXPECT_EQ(acts().back(), "training.deliver training-delivery:1");
    write([&](sys::Transaction& tx) { note_receipt(tx, id, "総務課 係長", by_); });
    EXPECT_THROW(write([&](sys::Transaction& tx) { note_receipt(tx, id, "ほかの人", by_); }), base::Error);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return list_deliveries(db); }).at(0).received_by, "総務課 係長");
}

TEST_P(Trainings, CountByThePlanOfTheContractUntilItIsChanged) {
    Plan plan = db_->read([](sys::Reader& db) { return load_plan(db, Course::Author); });
    EXPECT_EQ(plan.people, 120);
    EXPECT_EQ(plan.sessions, 4);
    plan.sessions = 5;
    write([&](sys::Transaction& tx) { set_plan(tx, plan, by_); });
    EXPECT_THROW(write([&](sys::Transaction& tx) { set_plan(tx, plan, by_); }), base::Error) << "stale";
    EXPECT_EQ(db_->read([](sys::Reader& db) { return load_plan(db, Course::Author); }).sessions, 5);
}

}  // namespace
}  // namespace training
