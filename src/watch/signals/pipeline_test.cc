#include "watch/signals/pipeline.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"

namespace signals {
namespace {

using base::Instant;
using namespace std::chrono_literals;

class PipelineTest : public ::testing::Test {
  protected:
    PipelineTest() {
        std::vector<sys::Migration> all(ledger::migrations().begin(), ledger::migrations().end());
        all.insert(all.end(), migrations().begin(), migrations().end());
        sys::migrate(*db_, all);
        pipeline_.tick();
    }

    Signal down(std::string subject = "www.city.example:443") const {
        return {.source = "probe",
                .kind = "http.down",
                .subject = std::move(subject),
                .observed_at = clock_.now(),
                .text = "公開サイトにつながりません。"};
    }
    Signal up(std::string subject = "www.city.example:443") const {
        Signal signal = down(std::move(subject));
        signal.state = State::Clear;
        return signal;
    }
    std::vector<Anomaly> all(Filter filter = {}) {
        filter.limit = 1000;
        return db_->read([&](sys::Reader& db) { return list_anomalies(db, filter); });
    }
    std::vector<std::string> events(AnomalyId id) {
        std::vector<std::string> found;
        for (const Event& event : db_->read([&](sys::Reader& db) { return list_events(db, id); }))
            found.push_back(event.what);
        return found;
    }
    std::int64_t count(std::string_view table) {
        return db_->read(
            [&](sys::Reader& db) { return db.find(fmt::format("SELECT COUNT(*) FROM {}", table))->integer(0); });
    }
    void pass(std::chrono::milliseconds span) {
        clock_.advance(span);
        pipeline_.tick();
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty("sqlite");
    base::FixedClock clock_{base::parse_instant("2027-04-01 09:00").value()};
    Pipeline pipeline_{*db_, clock_, Rules({"probe http.* * behind=probe:net.*:@"})};
};

TEST_F(PipelineTest, TakesASignalOnceByItsSourcesOwnId) {
    Signal signal = down();
    signal.external_id = "a@1";
    EXPECT_EQ(pipeline_.take(signal).signals, 1);
    EXPECT_EQ(pipeline_.take(signal).duplicates, 1);
    signal.state = State::Clear;
    EXPECT_EQ(pipeline_.take(signal).cleared, 1);
    EXPECT_EQ(pipeline_.take(signal).duplicates, 1);
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all()[0].signals, 1);
    EXPECT_EQ(all()[0].standing, Standing::Cleared);
}

TEST_F(PipelineTest, KeepsToBeReadWhatIsNoAnomaly) {
    Signal trial = down("198.51.100.7");
    trial.kind = "block";
    trial.state = State::Info;
    trial.severity = Severity::Note;
    for (const char* text : {"遮断するところです。", "また遮断するところです。"}) {
        trial.text = text;
        trial.observed_at = clock_.now();
        pipeline_.take(trial);
        pass(1min);
    }
    pipeline_.take(down());
    EXPECT_EQ(all().size(), 1U);
    const auto notes = [&](Instant from, int limit) {
        std::string texts;
        for (const KeptSignal& one : db_->read([&](sys::Reader& db) { return list_notes(db, from, limit); }))
            texts += one.text;
        return texts;
    };
    EXPECT_EQ(notes(clock_.now() - 24h, 100), "また遮断するところです。遮断するところです。");
    EXPECT_EQ(notes(clock_.now() - 24h, 1), "また遮断するところです。");
    EXPECT_EQ(notes(clock_.now() - 90s, 100), "また遮断するところです。");
}

TEST_F(PipelineTest, RecordsWhatCameAndWentWhenTheClearArrivesFirst) {
    const Instant start = clock_.now() - 10min;
    Signal clear = up();
    clear.external_id = "a@1";
    pipeline_.take(clear);
    EXPECT_TRUE(all().empty());
    Signal raise = down();
    raise.external_id = "a@1";
    raise.observed_at = start;
    EXPECT_EQ(pipeline_.take(raise).late, 1);
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all()[0].standing, Standing::Cleared);
    EXPECT_EQ(all()[0].first_at, start);
    EXPECT_EQ(all()[0].cleared_at, clear.observed_at);
    EXPECT_EQ(pipeline_.take(raise).duplicates, 1);
    EXPECT_EQ(all().size(), 1U);
}

TEST_F(PipelineTest, PutsALateRaiseIntoTheSpanInWhichItWas) {
    pipeline_.take(down());
    Signal late = down();
    late.observed_at = clock_.now() - 1min;
    pass(5min);
    pipeline_.take(up());
    pipeline_.take(late);
    ASSERT_EQ(all().size(), 2U) << "before the span: one of its own";
    late.observed_at = clock_.now() - 3min;
    pipeline_.take(late);
    EXPECT_EQ(all().size(), 2U) << "within the span of the first: counted there or with the past one";
}

TEST_F(PipelineTest, RaisesTheSeverityAndNeverLowersIt) {
    Signal signal = down();
    pipeline_.take(signal);
    signal.severity = Severity::Emergency;
    pipeline_.take(signal);
    signal.severity = Severity::Note;
    pipeline_.take(signal);
    const Anomaly anomaly = all().at(0);
    EXPECT_EQ(anomaly.severity, Severity::Emergency);
    EXPECT_EQ(anomaly.signals, 3);
    EXPECT_EQ(events(anomaly.id), (std::vector<std::string>{"open", "severity"}));
}

TEST_F(PipelineTest, SuppressesTheCallForWhatIsBehindADeadNetwork) {
    pipeline_.take(down());
    pipeline_.tick();
    EXPECT_EQ(all()[0].suppressed_by, "");
    Signal network = down("www.city.example");
    network.kind = "net.ping";
    pipeline_.take(network);
    pass(1s);
    const Anomaly hidden = db_->read([&](sys::Reader& db) { return load_anomaly(db, {1}); });
    EXPECT_EQ(hidden.suppressed_by, "dependency:2");
    EXPECT_NE(hidden.suppressed_why, "");
    network.state = State::Clear;
    network.observed_at = clock_.now();
    pipeline_.take(network);
    pass(5s);
    pipeline_.take(down());
    pass(1s);
    EXPECT_EQ(events({1}), (std::vector<std::string>{"open", "suppress"})) << "a trace of what is over";
    pass(5s);
    pipeline_.take(down());
    pass(1s);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return load_anomaly(db, {1}); }).suppressed_by, "");
    EXPECT_EQ(events({1}), (std::vector<std::string>{"open", "suppress", "release"}));
    Signal elsewhere = down("other.city.example");
    elsewhere.kind = "net.ping";
    pipeline_.take(elsewhere);
    pass(1s);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return load_anomaly(db, {1}); }).suppressed_by, "");
}

TEST_F(PipelineTest, CallsNobodyForWhatGoesWithItsCauseAndDoesNotWaitForEver) {
    Signal network = down();
    network.kind = "net.ping";
    pipeline_.take(network);
    pipeline_.take(down());
    pass(1s);
    network.state = State::Clear;
    network.observed_at = clock_.now();
    pipeline_.take(network);
    pass(4min);
    EXPECT_EQ(events({2}), (std::vector<std::string>{"open", "suppress"})) << "nothing was heard of it since";
    pass(2min);
    EXPECT_EQ(events({2}), (std::vector<std::string>{"open", "suppress", "release"}));

    network.state = State::Raise;
    network.observed_at = clock_.now();
    pipeline_.take(network);
    pass(1s);
    network.state = State::Clear;
    network.observed_at = clock_.now();
    pipeline_.take(network);
    pass(1s);
    pipeline_.take(up());
    pass(1h);
    EXPECT_EQ(events({2}), (std::vector<std::string>{"open", "suppress", "release", "suppress", "clear"}));
}

TEST_F(PipelineTest, APlannedStopOfWhatIsProbedCallsNobodyThatItDoesNotAnswer) {
    const auto add = [&](std::string source, std::string reason) {
        db_->write([&](sys::Transaction& tx) {
            add_window(tx,
                       {.reason_kind = std::move(reason),
                        .why = "機器の交換",
                        .by = "stop:1",
                        .from_at = clock_.now(),
                        .until_at = clock_.now() + 1h,
                        .source = std::move(source)},
                       clock_.now());
        });
    };
    const auto by = [&](AnomalyId id) {
        return db_->read([&](sys::Reader& db) { return load_anomaly(db, id); }).suppressed_by;
    };
    Signal site = down();
    site.kind = "http";
    site.severity = Severity::Emergency;
    Signal full = site;
    full.kind = "disk";
    Signal tampered = site;
    tampered.source = "guard";
    tampered.kind = "tree.changed";
    pipeline_.take(site);
    pipeline_.take(tampered);
    pipeline_.take(full);
    add("probe", "operator");
    add("guard", "planned-stop");
    pass(1s);
    EXPECT_EQ(by({1}), "");
    EXPECT_EQ(by({2}), "") << "nobody plans that pages are changed";
    add("probe", "planned-stop");
    pass(1s);
    EXPECT_EQ(by({1}), "window:3");
    EXPECT_EQ(by({2}), "");
    EXPECT_EQ(by({3}), "") << "nor that a disk is full";
    pass(1h);
    EXPECT_EQ(by({1}), "") << "what is still wrong at its end is told";
}

TEST_F(PipelineTest, KeepsOnWatchingDuringAPlannedStopAndCallsForAnEmergencyAllTheSame) {
    const auto id = db_->write([&](sys::Transaction& tx) {
        return add_window(tx,
                          {.reason_kind = "planned-stop",
                           .why = "機器の交換",
                           .by = "person:1",
                           .from_at = clock_.now(),
                           .until_at = clock_.now() + 2h},
                          clock_.now());
    });
    pipeline_.take(down());
    Signal tampered = down("/index.html");
    tampered.kind = "tree.changed";
    tampered.severity = Severity::Emergency;
    pipeline_.take(tampered);
    pass(1s);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return load_anomaly(db, {1}); }).suppressed_by,
              fmt::format("window:{}", id));
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return load_anomaly(db, {2}); }).suppressed_by, "");
    pass(2h);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return load_anomaly(db, {1}); }).suppressed_by, "");
}

TEST_F(PipelineTest, NotesAClockThatWasPutBackAndGoesOnJudging) {
    pipeline_.take(up());
    clock_.set(clock_.now() - 1h);
    pipeline_.tick();
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all()[0].kind, "clock.step");
    // What is observed now is not late, though the clock showed more before.
    EXPECT_EQ(pipeline_.take(down()).late, 0);
    EXPECT_EQ(all().size(), 2U);
    for (int i = 0; i < 30; ++i) pass(30s);
    Filter open;
    open.standing = Standing::Open;
    ASSERT_EQ(all(open).size(), 1U);
    EXPECT_EQ(all(open)[0].kind, "http.down");
}

TEST_F(PipelineTest, FindsAClockThatWasPutBackWhileItDidNotRun) {
    base::FixedClock earlier(clock_.now() - 1h);
    Pipeline next(*db_, earlier, Rules());
    next.tick();
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all()[0].kind, "clock.step");
}

TEST_F(PipelineTest, DoesNotTakeItsOwnAbsenceForSilence) {
    Pipeline before(*db_, clock_, Rules({"probe * * silent_after=10m"}));
    before.tick();
    before.take(up());
    clock_.advance(24h);
    Pipeline next(*db_, clock_, Rules({"probe * * silent_after=10m"}));
    next.tick();
    EXPECT_TRUE(all().empty());
    clock_.advance(11min);
    next.tick();
    ASSERT_EQ(all().size(), 1U);
    EXPECT_TRUE(all()[0].is_no_data);
}

TEST_F(PipelineTest, KeepsAStormOfTenThousandInOneGroupAndInFewRows) {
    std::vector<Signal> storm;
    for (int i = 0; i < 10'000; ++i) {
        Signal signal = down(fmt::format("/kurashi/{}.html", i));
        signal.source = "guard";
        signal.kind = i % 2 == 0 ? "tree.changed" : "tree.extra";
        signal.severity = i == 7'000 ? Severity::Emergency : Severity::Serious;
        signal.payload = fmt::format("{{\"hash\":\"{}\"}}", i);
        storm.push_back(signal);
    }
    EXPECT_EQ(pipeline_.take(storm).signals, 10'000);
    const auto found = all();
    ASSERT_EQ(found.size(), static_cast<std::size_t>(kStormFrom) + 1);
    const Anomaly whole = found.front();
    EXPECT_TRUE(whole.is_storm);
    EXPECT_EQ(whole.severity, Severity::Emergency);
    EXPECT_EQ(whole.signals, 10'000 - kStormFrom);
    EXPECT_EQ(whole.members, kMostMembers);
    for (std::size_t i = 1; i < found.size(); ++i) EXPECT_EQ(found[i].storm, whole.id);
    EXPECT_LE(count("signal"), 300);
    EXPECT_LE(count("evidence"), 300);
    EXPECT_LE(count("watched"), kMostMembers + kStormFrom);
    EXPECT_LE(count("ledger_line"), 30);
    // The oldest payloads are there.
    const auto kept = db_->read([&](sys::Reader& db) { return list_signals(db, found.back().id); });
    EXPECT_EQ(kept.at(0).payload, "{\"hash\":\"0\"}");

    for (Signal& signal : storm) signal.state = State::Clear;
    pipeline_.take(storm);
    pass(1s);
    EXPECT_EQ(all().front().standing, Standing::Open) << "beyond the members that it knows it has to be quiet";
    for (int i = 0; i < 61; ++i) pass(1min);
    for (const Anomaly& anomaly : all()) EXPECT_EQ(anomaly.standing, Standing::Cleared);
    // One answer and one closing for all.
    db_->write([&](sys::Transaction& tx) {
        const By by{"person:1", clock_.now()};
        answer(tx, whole.id, {.decision = Decision::Now, .who = "運用担当者", .why = "改ざんのため"}, by);
        close(tx, whole.id, "復旧を確認", by);
    });
    for (const Anomaly& anomaly : all()) EXPECT_EQ(anomaly.standing, Standing::Closed);
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return ledger::verify(db, ledger::kWatch); }).is_whole());
}

TEST_F(PipelineTest, ClosesOnlyWhatIsWellAndAnswered) {
    pipeline_.take(down());
    const By by{"person:1", clock_.now()};
    const auto refuses = [&](auto act) {
        try {
            db_->write(act);
            return false;
        } catch (const base::Error&) {
            return true;
        }
    };
    const auto close_it = [&](sys::Transaction& tx) { close(tx, {1}, "", by); };
    EXPECT_TRUE(refuses(close_it)) << "it is open";
    EXPECT_TRUE(refuses([&](sys::Transaction& tx) {
        answer(tx, {1}, {.decision = Decision::Now, .why = "不通のため"}, by);
    })) << "nobody acts";
    EXPECT_TRUE(refuses([&](sys::Transaction& tx) {
        answer(tx, {1}, {.decision = Decision::Later, .who = "保守", .why = "夜間に", .due_at = by.at - 1h}, by);
    })) << "a day that is over";
    pipeline_.take(up());
    EXPECT_TRUE(refuses(close_it)) << "nobody has answered";
    const auto version = all()[0].version;
    db_->write([&](sys::Transaction& tx) {
        answer(tx, {1}, {.decision = Decision::Not, .why = "短時間で復旧したため"}, by, version);
    });
    EXPECT_TRUE(refuses([&](sys::Transaction& tx) { close(tx, {1}, "", by, version); })) << "somebody was faster";
    db_->write(close_it);
    EXPECT_EQ(all()[0].answer.by, "person:1");
    EXPECT_EQ(events({1}), (std::vector<std::string>{"open", "clear", "answer", "close"}));
    const auto counts = db_->read([](sys::Reader& db) { return count_anomalies(db); });
    EXPECT_EQ(counts.open + counts.cleared, 0);
}

TEST_F(PipelineTest, TakesWhateverBytesADetectorSends) {
    Signal wild = down(std::string("a\0b\xff", 4));
    wild.text = std::string(100'000, 'x');
    wild.payload = "no json";
    wild.observed_at = clock_.now() + 24h;
    EXPECT_EQ(pipeline_.take(wild).opened, 1);
    const Anomaly anomaly = all().at(0);
    EXPECT_LE(anomaly.text.size(), 1000U);
    EXPECT_EQ(anomaly.first_at, clock_.now());
}

TEST_F(PipelineTest, FindsAnomaliesByWhatIsAsked) {
    for (int i = 0; i < 5; ++i) {
        Signal signal = down(fmt::format("host{}_x", i));
        signal.severity = static_cast<Severity>(i);
        pipeline_.take(signal);
    }
    EXPECT_EQ(all({.least = Severity::Serious}).size(), 2U);
    EXPECT_EQ(all({.words = "host3_"}).size(), 1U);
    EXPECT_EQ(all({.words = "host%"}).size(), 0U);
    EXPECT_EQ(all({.only_unanswered = true}).size(), 5U);
    EXPECT_EQ(all({.before = 3}).size(), 2U);
    EXPECT_EQ(all({.from = clock_.now() + 1s}).size(), 0U);
}

TEST_F(PipelineTest, ForgetsWhatIsClosedAndOldAlone) {
    pipeline_.take(down());
    pipeline_.take(up());
    pipeline_.take(down("still.city.example:443"));
    const By by{"person:1", clock_.now()};
    db_->write([&](sys::Transaction& tx) {
        answer(tx, {1}, {.decision = Decision::Not, .why = "短時間"}, by);
        close(tx, {1}, "", by);
    });
    db_->write([&](sys::Transaction& tx) { forget(tx, {clock_.now() + 1s, clock_.now() - 1s, clock_.now() + 1s}); });
    EXPECT_EQ(all().size(), 2U);
    EXPECT_EQ(count("signal"), 1) << "the open one keeps its evidence";
    EXPECT_EQ(count("watched"), 1) << "and is watched";
    db_->write([&](sys::Transaction& tx) { forget(tx, {clock_.now() + 1s, clock_.now() + 1s, clock_.now() + 1s}); });
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all()[0].standing, Standing::Open);
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return ledger::verify(db, ledger::kWatch); }).is_whole());
}

}  // namespace
}  // namespace signals
