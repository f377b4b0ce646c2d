// The rules of an incident's steps, what it must say, and that nothing is done twice; on both engines.
#include "office/incidents/incident.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"
#include "office/incidents/runbooks.h"
#include "office/records/store.h"

namespace incidents {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::Instant;

const Instant kNow = base::from_local({{2027, 4, 2}, 10, 0, 0, 0});

class Incidents : public ::testing::TestWithParam<std::string> {
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
    NewIncident call(std::string once = "form-1") const {
        NewIncident made;
        made.title = "公開サイトが開かない";
        made.occurred_at = made.detected_at = kNow - 1min;
        made.reporter = "広報課 見本さん";
        made.once = std::move(once);
        return made;
    }
    Incident opened(std::string once = "form-1") {
        return write([&](sys::Transaction& tx) { return open(tx, call(std::move(once)), by()); });
    }
    By by() const { return {"person:3", kNow}; }
    /// Everything that any step wants, but measures and reports.
    void fill(IncidentId id) {
        Edit all{"公開サイトが開かない", 3, kNow - 2min, {}};
        for (const Field& field : all_fields()) all.values[std::string(field.id)] = field.is_number ? "15" : "書いた";
        write([&](sys::Transaction& tx) { return edit(tx, id, all, by(), 0); });
    }
    Incident go(IncidentId id, State to, std::string skipping = "") {
        return write([&](sys::Transaction& tx) { return advance(tx, id, {to, kNow, "", skipping}, by(), 0); });
    }
    std::string refusal(const std::function<void()>& act) {
        try {
            act();
        } catch (const Error& error) {
            return error.message();
        }
        return "";
    }
    std::vector<std::string> acts() {
        std::vector<std::string> names;
        ledger::Search search;
        search.subject = "incident:1";
        search.limit = 100;
        for (const auto& line : read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            names.insert(names.begin(), line.entry.act);
        return names;
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Engines, Incidents, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST_P(Incidents, GoStepByStepEachWithItsActAndEndOnlyWhole) {
    const IncidentId id = opened().id;
    EXPECT_EQ(read([&](sys::Reader& db) { return load_incident(db, id); }).number, "障害-2027-0001");
    EXPECT_NE(refusal([&] { go(id, State::Received); }).find("症状"), std::string::npos);
    fill(id);
    for (const State to : {State::Received, State::Investigating, State::Restored, State::Fixed}) go(id, to);
    EXPECT_NE(refusal([&] { go(id, State::Prevented); }).find("再発防止の措置"), std::string::npos);
    std::vector<Measure> made;
    for (const bool is_preventive : {false, true}) {
        Measure one;
        one.is_preventive = is_preventive;
        one.text = "監視項目を足す";
        one.owner = "管理 三郎";
        one.due_on = {2027, 4, 30};
        made.push_back(
            write([&](sys::Transaction& tx) { return add_measure(tx, id, one, is_preventive ? "a" : "b", by()); }));
    }
    go(id, State::Prevented);
    const std::string open_ends = refusal([&] { go(id, State::Closed); });
    EXPECT_NE(open_ends.find("効果の確認"), std::string::npos) << open_ends;
    EXPECT_NE(open_ends.find("最終報告の提出"), std::string::npos);
    for (Measure& one : made) {
        one.done_on = base::Day{2027, 4, 2};
        one.effect = "同じ操作で再発しない";
        one.similar = "ほかのサーバも同じ設定にした";
        write([&](sys::Transaction& tx) { return change_measure(tx, id, one, by()); });
    }
    EXPECT_TRUE(write([&](sys::Transaction& tx) {
        return add_report(tx, id, {"final", 9, 4, "市 広報課長", "mail", kNow}, by());
    }));
    const Incident closed = go(id, State::Closed);
    EXPECT_EQ(closed.closed_at, kNow);
    EXPECT_EQ(acts(),
              (std::vector<std::string>{"incident.open", "incident.locate", "incident.write", "incident.receive",
                                        "incident.investigate", "incident.restore", "incident.fix", "incident.measure",
                                        "incident.measure", "incident.prevent", "incident.measure", "incident.measure",
                                        "incident.report", "incident.close"}));
    EXPECT_NE(refusal([&] { fill(id); }), "") << "closed";
    EXPECT_EQ(write([&](sys::Transaction& tx) { return reopen(tx, id, "また起きた", by(), 0); }).state,
              State::Investigating);
    EXPECT_EQ(read([](sys::Reader& db) { return count_open(db); }), 1);
}

TEST_P(Incidents, NameEachFieldThatKeepsThemFromTheEnd) {
    const IncidentId id = opened().id;
    fill(id);
    for (const Field& field : all_fields()) {
        SCOPED_TRACE(field.id);
        Edit all{"公開サイトが開かない", 3, kNow - 2min, {}};
        for (const Field& each : all_fields())
            if (each.id != field.id) all.values[std::string(each.id)] = each.is_number ? "15" : "書いた";
        write([&](sys::Transaction& tx) { return edit(tx, id, all, by(), 0); });
        const auto missing = read([&](sys::Reader& db) { return list_missing(db, id, State::Closed); });
        const bool is_named = std::any_of(missing.begin(), missing.end(), [&](const Missing& each) {
            return each.id == "field-" + std::string(field.id) && each.wording == field.wording;
        });
        EXPECT_EQ(is_named, field.needed_from.has_value());
    }
}

TEST_P(Incidents, LeaveNoStepOutWithoutAWord) {
    const IncidentId id = opened().id;
    fill(id);
    EXPECT_NE(refusal([&] { go(id, State::Restored); }).find("省く理由"), std::string::npos);
    go(id, State::Restored, "自動で戻った");
    const auto steps = read([&](sys::Reader& db) { return list_steps(db, id); });
    ASSERT_EQ(steps.size(), 4U);
    EXPECT_TRUE(steps[1].is_skipped);
    EXPECT_EQ(steps[1].note, "自動で戻った");
    EXPECT_FALSE(steps[3].is_skipped);
    EXPECT_EQ(acts().back(), "incident.restore");
    const IncidentId other = opened("form-2").id;
    fill(other);
    go(other, State::Fixed, "すぐに直った");
    ledger::Search search;
    search.subject = fmt::format("incident:{}", other.value);
    search.act = "incident.restore";
    const auto lines = read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    ASSERT_EQ(lines.size(), 1U) << "clocks run from the restored service";
    EXPECT_NE(lines[0].entry.detail.find(R"("skipped":true)"), std::string::npos);
    EXPECT_NE(refusal([&] { go(id, State::Received); }).find("すでに"), std::string::npos);
}

TEST_P(Incidents, TakeAnEarlierTimeOnlyWithANoteAndInOrder) {
    const IncidentId id = opened().id;
    fill(id);
    const auto at = [&](Instant when, std::string note) {
        return refusal([&] {
            write([&](sys::Transaction& tx) { return advance(tx, id, {State::Received, when, note, ""}, by(), 0); });
        });
    };
    EXPECT_NE(at(kNow + 10min, "").find("これから"), std::string::npos);
    EXPECT_NE(at(kNow - 1h, "").find("理由"), std::string::npos);
    EXPECT_NE(at(kNow - 1h, "電話で受けた").find("前の段階"), std::string::npos);
    EXPECT_EQ(at(kNow, ""), "");
}

TEST_P(Incidents, DoNothingTwice) {
    const IncidentId id = opened().id;
    EXPECT_EQ(opened().id, id) << "the same form";
    EXPECT_NE(opened("form-2").id, id);
    const Entry contact{0, kNow, "contact", "広報課 見本さん", "電話", "状況を伝えた", "", {}};
    for (const bool is_new : {true, false}) {
        EXPECT_EQ(write([&](sys::Transaction& tx) { return add_entry(tx, id, contact, "c", by()); }), is_new);
        EXPECT_EQ(write([&](sys::Transaction& tx) { return tick(tx, id, "general", "証拠", "", by()); }), is_new);
        EXPECT_EQ(write([&](sys::Transaction& tx) {
                      return add_report(tx, id, {"first", 3, 4, "市", "phone", kNow}, by());
                  }),
                  is_new);
    }
    Measure one;
    one.text = "措置";
    one.owner = "人";
    one.due_on = {2027, 4, 30};
    const auto add = [&] {
        return write([&](sys::Transaction& tx) { return add_measure(tx, id, one, "m", by()); }).id;
    };
    const std::int64_t first = add();
    EXPECT_EQ(add(), first);
    const std::int64_t seen = read([&](sys::Reader& db) { return load_incident(db, id); }).version;
    fill(id);
    EXPECT_NE(
        refusal([&] {
            write([&](sys::Transaction& tx) { return advance(tx, id, {State::Received, kNow, "", ""}, by(), seen); });
        }).find("先に変えました"),
        std::string::npos);
}

TEST_P(Incidents, KeepAnAnomalyInOneIncidentOnly) {
    const IncidentId id = opened().id, other = opened("form-2").id;
    const Member member{7, "公開サイトが応答しません。", kNow, kNow, "service:watch"};
    const auto join = [&](IncidentId to) {
        return write([&](sys::Transaction& tx) { return add_member(tx, to, member, 4, by()); });
    };
    EXPECT_TRUE(join(id));
    EXPECT_FALSE(join(id));
    EXPECT_NE(refusal([&] { join(other); }).find("別の障害"), std::string::npos);
    EXPECT_EQ(read([&](sys::Reader& db) { return load_incident(db, id); }).severity, 4);
    EXPECT_EQ(read([](sys::Reader& db) { return find_by_anomaly(db, 7); }), id);
    NewIncident third = call("form-3");
    third.members = {member};
    EXPECT_NE(refusal([&] { write([&](sys::Transaction& tx) { return open(tx, third, by()); }); }), "");
}

TEST_P(Incidents, GoUpwardsOnly) {
    const IncidentId id = opened().id;
    const auto up = [&](Level to, std::string why) {
        return refusal([&] { write([&](sys::Transaction& tx) { return escalate(tx, id, to, why, by(), 0); }); });
    };
    EXPECT_NE(up(Level::Manager, ""), "");
    EXPECT_EQ(up(Level::Manager, "4時間たった"), "");
    EXPECT_NE(up(Level::Operator, "戻す"), "");
    EXPECT_EQ(up(Level::Lead, "24時間たった"), "");
}

TEST_P(Incidents, AreFoundByTheirWordsAsTheyStand) {
    NewIncident made = call("form-9");
    made.title = "50%_\\遅い";
    write([&](sys::Transaction& tx) { return open(tx, made, by()); });
    opened();
    const auto count = [&](std::string words) {
        Filter filter;
        filter.words = std::move(words);
        return read([&](sys::Reader& db) { return list_incidents(db, filter); }).size();
    };
    EXPECT_EQ(count("50%_\\"), 1U);
    EXPECT_EQ(count("%"), 1U);
    EXPECT_EQ(count("障害-2027"), 2U);
}

TEST_P(Incidents, HaveAManualThatACityMayRewrite) {
    const auto fitting = [&](std::string_view source, std::string_view kind) {
        return read([&](sys::Reader& db) { return list_runbooks_for(db, source, kind); });
    };
    ASSERT_FALSE(fitting("guard", "tree.changed").empty());
    EXPECT_EQ(fitting("guard", "tree.changed").front().slug, "tampering");
    EXPECT_EQ(fitting("nobody", "knows").front().slug, "general");
    Runbook mine = fitting("guard", "tree.changed").front();
    mine.body = "市の手順";
    const auto put = [&] { return write([&](sys::Transaction& tx) { return write_runbook(tx, mine, by()); }); };
    EXPECT_EQ(put().number, 1);
    EXPECT_NE(refusal([&] { put(); }).find("先に変えました"), std::string::npos);
    EXPECT_EQ(fitting("guard", "tree.changed").front().body, "市の手順");
    mine.number = 1;
    mine.steps = {"同じ", "同じ"};
    EXPECT_NE(refusal([&] { put(); }), "");
}

}  // namespace
}  // namespace incidents
