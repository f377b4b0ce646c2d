// The rules of a planned stop, and that what is told is told once; on both engines.
#include "office/stops/stop.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"
#include "office/records/store.h"

namespace stops {
namespace {

using namespace std::chrono_literals;
using base::Instant;

const Instant kNow = base::from_local({{2027, 4, 2}, 10, 0, 0, 0});

class Stops : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        std::vector<sys::Migration> all;
        for (const auto& part : {ledger::migrations(), records::migrations(), migrations()})
            all.insert(all.end(), part.begin(), part.end());
        sys::migrate(*db_, all);
    }
    template <class Work>
    auto write(Work work) {
        return db_->write([&](sys::Transaction& tx) { return work(tx); });
    }
    template <class Work>
    auto read(Work work) {
        return db_->read([&](sys::Reader& db) { return work(db); });
    }
    Plan typed() const {
        Plan plan;
        plan.title = "サーバの入替え";
        plan.starts_at = kNow + 24h * 40;
        plan.ends_at = plan.starts_at + 2h;
        plan.what = plan.works = plan.reason = plan.contact = plan.work = plan.decider = "書いた";
        return plan;
    }
    PlannedStop planned(std::string once = "form-1") {
        return write([&](sys::Transaction& tx) { return plan(tx, typed(), {}, once, by(kNow)); });
    }
    static By by(Instant at) { return {"person:3", at}; }
    std::string refusal(const std::function<void()>& act) {
        try {
            act();
        } catch (const base::Error& error) {
            return error.message();
        }
        return "";
    }
    std::vector<std::string> acts() {
        std::vector<std::string> names;
        ledger::Search search;
        search.subject = "stop:1";
        for (const auto& line : read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            names.insert(names.begin(), line.entry.act);
        return names;
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Engines, Stops, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(Stops, AreRefusedWhenItIsTooLateToTell) {
    const auto with = [&](Limits limits, std::string unavoidable) {
        return refusal([&] {
            Plan late = typed();
            late.unavoidable = unavoidable;
            write([&](sys::Transaction& tx) { return plan(tx, late, limits, unavoidable + "x", by(kNow)); });
        });
    };
    const std::string told = with({kNow - 1min, kNow + 1h}, "");
    EXPECT_NE(told.find("利用者（住民）への周知の期限（令和9年4月2日（金）9時59分）"), std::string::npos) << told;
    EXPECT_EQ(told.find("職員への"), std::string::npos);
    EXPECT_NE(with({kNow + 1h, kNow}, "").find("職員への"), std::string::npos) << "the moment itself is late";
    EXPECT_EQ(with({kNow - 1min, kNow}, "部品の故障"), "");
    EXPECT_EQ(with({kNow + 1min, kNow + 1h}, "いらない理由"), "");
    EXPECT_EQ(read([](sys::Reader& db) { return load_stop(db, {2}); }).plan.unavoidable, "")
        << "what is in time excuses nothing";
}

TEST_P(Stops, AreRefusedForEachThingThatIsMissingOrWrong) {
    const std::vector<std::pair<std::string, std::function<void(Plan&)>>> faults = {
        {"件名", [](Plan& plan) { plan.title = " "; }},
        {"止まるもの", [](Plan& plan) { plan.what.clear(); }},
        {"使えるもの", [](Plan& plan) { plan.works.clear(); }},
        {"理由", [](Plan& plan) { plan.reason.clear(); }},
        {"問合せ先", [](Plan& plan) { plan.contact.clear(); }},
        {"作業の内容", [](Plan& plan) { plan.work.clear(); }},
        {"実施の判断をする人", [](Plan& plan) { plan.decider = std::string(201, 'a'); }},
        {"これから", [](Plan& plan) { plan.starts_at = kNow; }},
        {"終了は、開始より後", [](Plan& plan) { plan.ends_at = plan.starts_at; }},
        {"31日", [](Plan& plan) { plan.ends_at = plan.starts_at + 24h * 32; }},
        {"400日", [](Plan& plan) { plan.starts_at = kNow + 24h * 401, plan.ends_at = plan.starts_at + 1h; }},
        {"切戻し", [](Plan& plan) { plan.rollback_at = plan.ends_at + 1h; }},
    };
    int at = 0;
    for (const auto& [words, spoil] : faults) {
        SCOPED_TRACE(words);
        Plan plan_of = typed();
        spoil(plan_of);
        const std::string problem = refusal([&] {
            write([&](sys::Transaction& tx) {
                return plan(tx, plan_of, {}, plan_of.title + std::to_string(at++), by(kNow));
            });
        });
        EXPECT_NE(problem.find(words), std::string::npos) << problem;
    }
}

TEST_P(Stops, GoFromPlanToEndAndCloseEditingMeanwhile) {
    const PlannedStop stop = planned();
    EXPECT_EQ(planned().id, stop.id) << "the same form";
    const Instant start_at = stop.plan.starts_at;
    const auto frozen = [&](Instant at) {
        return read([&](sys::Reader& db) { return find_freeze(db, at); }).has_value();
    };
    EXPECT_FALSE(frozen(start_at - 1min));
    EXPECT_TRUE(frozen(start_at)) << "also before anybody has said that it has begun";
    EXPECT_NE(
        refusal([&] { write([&](sys::Transaction& tx) { return end(tx, stop.id, start_at, "", by(start_at), 0); }); }),
        "");
    write([&](sys::Transaction& tx) { return start(tx, stop.id, start_at, by(start_at), stop.version); });
    EXPECT_NE(
        refusal([&] { write([&](sys::Transaction& tx) { return start(tx, stop.id, start_at, by(start_at), 0); }); }),
        "");
    const Instant late = stop.plan.ends_at + 1h;
    EXPECT_TRUE(frozen(late));
    EXPECT_TRUE(read([&](sys::Reader& db) { return load_stop(db, stop.id); }).is_overdue(late));
    EXPECT_NE(refusal([&] {
                  write([&](sys::Transaction& tx) { return end(tx, stop.id, late, "", by(late), 0); });
              }).find("遅れた理由"),
              std::string::npos);
    write([&](sys::Transaction& tx) { return end(tx, stop.id, late, "部品が合わなかった", by(late), 0); });
    EXPECT_FALSE(frozen(late));
    EXPECT_EQ(read([&](sys::Reader& db) { return load_stop(db, stop.id); }).round, 2) << "letters may be on their way";
    EXPECT_EQ(acts(), (std::vector<std::string>{"stop.plan", "stop.start", "stop.end"}));
    EXPECT_NE(refusal([&] { write([&](sys::Transaction& tx) { return cancel(tx, stop.id, "やめる", by(late), 0); }); }),
              "");
}

TEST_P(Stops, ThatTakeLongerAreToldAgain) {
    const PlannedStop stop = planned();
    const Instant begun = stop.plan.starts_at, longer = stop.plan.ends_at + 2h;
    const auto to = [&](Instant ends_at, std::string_view why) {
        return write([&](sys::Transaction& tx) { return extend(tx, stop.id, ends_at, why, by(begun + 1h), 0); });
    };
    EXPECT_NE(refusal([&] { to(longer, "部品待ち"); }), "") << "while it is planned the plan is changed";
    write([&](sys::Transaction& tx) { return start(tx, stop.id, begun, by(begun), 0); });
    EXPECT_NE(refusal([&] { to(longer, " "); }).find("理由"), std::string::npos);
    EXPECT_NE(refusal([&] { to(begun + 1h, "部品待ち"); }).find("これから"), std::string::npos);
    EXPECT_NE(refusal([&] { to(stop.plan.ends_at, "部品待ち"); }).find("同じ"), std::string::npos);
    EXPECT_NE(refusal([&] { to(begun + 24h * 32, "部品待ち"); }).find("31日"), std::string::npos);
    const PlannedStop extended = to(longer, "部品待ち");
    EXPECT_EQ(extended.plan.ends_at, longer);
    EXPECT_EQ(extended.round, stop.round + 1);
    EXPECT_EQ(extended.revision, 0) << "the notice is to be written anew";
    EXPECT_FALSE(extended.is_overdue(stop.plan.ends_at + 1h));
    EXPECT_EQ(acts(), (std::vector<std::string>{"stop.plan", "stop.start", "stop.extend"}));
}

TEST_P(Stops, ThatWereToldOfAreToldToHaveEnded) {
    const PlannedStop stop = planned();
    const Instant begun = stop.plan.starts_at, over = stop.plan.ends_at;
    write([&](sys::Transaction& tx) {
        return tell(tx, stop.id, {1, Audience::Residents, kNow, "公開記録 第3号", "person:3"}, by(kNow));
    });
    write([&](sys::Transaction& tx) { set_page(tx, stop.id, {4}, {5}, 1); });
    write([&](sys::Transaction& tx) { return start(tx, stop.id, begun, by(begun), 0); });
    const PlannedStop ended = write([&](sys::Transaction& tx) { return end(tx, stop.id, over, "", by(over), 0); });
    EXPECT_EQ(ended.round, 2);
    EXPECT_EQ(ended.revision, 0) << "the notice is to be written anew";
    EXPECT_EQ(ended.notice_until(), over + 72h);
    const auto noticed = read([&](sys::Reader& db) { return find_noticed(db, {4}); });
    ASSERT_TRUE(noticed);
    EXPECT_EQ(noticed->id, stop.id);
    EXPECT_FALSE(read([&](sys::Reader& db) { return find_noticed(db, {7}); }));
}

TEST_P(Stops, AreToldOnceForEachRound) {
    const PlannedStop stop = planned();
    const auto told = [&](int round) {
        return write([&](sys::Transaction& tx) {
            return tell(tx, stop.id, {round, Audience::Staff, kNow, "37通", "person:3"}, by(kNow));
        });
    };
    EXPECT_TRUE(told(1));
    EXPECT_FALSE(told(1));
    EXPECT_NE(refusal([&] {
                  write([&](sys::Transaction& tx) {
                      return tell(tx, stop.id, {1, Audience::Residents, kNow, "", "person:3"}, by(kNow));
                  });
              }),
              "")
        << "without proof";
    Plan worded = typed();
    worded.contact = "広報課（内線1234）";
    const Limits over{kNow - 1h, kNow - 1h};
    const PlannedStop edited =
        write([&](sys::Transaction& tx) { return change(tx, stop.id, worded, over, by(kNow), stop.version); });
    EXPECT_EQ(edited.round, 1) << "nobody has to be told again, and no day is missed";
    EXPECT_EQ(edited.plan.contact, worded.contact);
    Plan later = typed();
    later.ends_at = later.ends_at + 1h;
    write([&](sys::Transaction& tx) { return change(tx, stop.id, later, {}, by(kNow), edited.version); });
    EXPECT_NE(refusal([&] {
                  write([&](sys::Transaction& tx) { return change(tx, stop.id, typed(), {}, by(kNow), stop.version); });
              }),
              "")
        << "stale";
    EXPECT_TRUE(told(2));
    const PlannedStop gone = write([&](sys::Transaction& tx) { return cancel(tx, stop.id, "延期", by(kNow), 0); });
    EXPECT_EQ(gone.round, 3);
    EXPECT_EQ(acts(), (std::vector<std::string>{"stop.plan", "stop.tell", "stop.edit", "stop.plan", "stop.tell",
                                                "stop.cancel"}));
    EXPECT_NE(planned().id, stop.id) << "planned again after it was called off";
    EXPECT_EQ(planned().id, planned().id);
    EXPECT_NE(refusal([&] { write([&](sys::Transaction& tx) { set_page(tx, stop.id, {4}, {5}, 2); }); }), "")
        << "a notice of the round before";
}

TEST_P(Stops, FollowAnEmergencyStopToItsReport) {
    EmergencyReport made;
    made.subject = "service:public:ab";
    made.stopped_at = kNow;
    made.part = "public";
    made.by = "person:3";
    made.reason = "改ざん";
    const auto add = [&] { return write([&](sys::Transaction& tx) { return add_emergency(tx, made); }); };
    EXPECT_TRUE(add());
    EXPECT_FALSE(add());
    const auto report = [&] {
        return write([&](sys::Transaction& tx) {
            return set_reported(tx, made.subject, 8, "市", "mail", kNow + 10min, by(kNow + 11min));
        });
    };
    EXPECT_TRUE(report());
    EXPECT_FALSE(report());
    EXPECT_EQ(read([](sys::Reader& db) { return list_emergencies(db, 10); }).front().delivery, 8);
}

}  // namespace
}  // namespace stops
