// Rules as data: a series of signals goes in, the anomalies that must come out stand below it. One letter a signal:
// R raise, C clear, I info, . nothing. A year of clock passes in a second.
#include "watch/signals/rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"
#include "watch/signals/pipeline.h"

namespace signals {
namespace {

using namespace std::chrono_literals;

struct Series {
    std::string name;
    std::vector<std::string> rules;
    std::string start;  ///< Japanese time
    std::chrono::milliseconds every;
    std::string letters;                ///< blanks do not count
    std::chrono::milliseconds after;    ///< time that passes behind the last letter
    std::vector<std::string> expected;  ///< "09:02-09:06 cleared flapping", oldest first
};

std::string told(const Anomaly& anomaly) {
    const auto hour = [](base::Instant at) { return base::format_local(at).substr(11); };
    std::string text = hour(anomaly.opened_at) + "-";
    if (anomaly.cleared_at) text += hour(*anomaly.cleared_at);
    if (anomaly.is_no_data) text += " no-data";
    if (anomaly.is_flapping) text += " flapping";
    return text;
}

std::vector<std::string> play(const Series& series) {
    sys::testing::TestDatabase store;
    const auto db = store.open_empty("sqlite");
    std::vector<sys::Migration> all(ledger::migrations().begin(), ledger::migrations().end());
    all.insert(all.end(), migrations().begin(), migrations().end());
    sys::migrate(*db, all);
    base::FixedClock clock(base::parse_instant(series.start).value());
    Pipeline pipeline(*db, clock, Rules(series.rules));
    pipeline.tick();
    const auto pass = [&](std::chrono::milliseconds span) {
        for (const auto step = std::min(span, std::chrono::milliseconds(30s)); span > 0ms; span -= step) {
            clock.advance(step);
            pipeline.tick();
        }
    };
    for (const char letter : series.letters) {
        if (letter == ' ') continue;
        if (letter != '.')
            pipeline.take({.source = "probe",
                           .kind = "disk.space",
                           .subject = "/srv",
                           .state = letter == 'R'   ? State::Raise
                                    : letter == 'C' ? State::Clear
                                                    : State::Info,
                           .observed_at = clock.now(),
                           .text = letter == 'I' ? "" : "/srv の空きが少なくなっています。"});
        pass(series.every);
    }
    pass(series.after);
    std::vector<std::string> found;
    for (const Anomaly& anomaly : db->read([](sys::Reader& reader) { return list_anomalies(reader, {}); }))
        found.insert(found.begin(), told(anomaly));
    EXPECT_TRUE(db->read([](sys::Reader& reader) { return ledger::verify(reader, ledger::kWatch); }).is_whole());
    return found;
}

TEST(Rules, MakeOfASeriesTheAnomaliesThatTheySay) {
    const Series kSeries[] = {
        {"one raise is enough by default", {}, "2027-04-01 09:00", 1min, "CRC", 0ms, {"09:01-09:02"}},
        {"three in a row",
         {"probe disk.* * raise_after=3"},
         "2027-04-01 09:00",
         1min,
         "R R C R R R C",
         0ms,
         {"09:05-09:06"}},
        {"two in a row to be well",
         {"probe disk.* * clear_after=2"},
         "2027-04-01 09:00",
         1min,
         "R C R C C",
         0ms,
         {"09:00-09:04"}},
        {"between the thresholds nothing moves",
         {"probe disk.* * raise_after=2 clear_after=2"},
         "2027-04-01 09:00",
         1min,
         "R I R I C I C",
         0ms,
         {"09:02-09:06"}},
        {"it has to hold",
         {"probe * * hold=5m"},
         "2027-04-01 09:00",
         1min,
         "R R R C R R R R R R R C",
         0ms,
         {"09:09-09:11"}},
        {"it holds though only said once", {"probe * * hold=5m"}, "2027-04-01 09:00", 1min, "R", 10min, {"09:05-"}},
        {"well for long enough",
         {"probe * * clear_hold=5m"},
         "2027-04-01 09:00",
         1min,
         "R C R C",
         10min,
         {"09:00-09:08"}},
        {"silence is not well",
         {"probe * * silent_after=10m"},
         "2027-04-01 09:00",
         1min,
         "C C C",
         20min,
         {"09:12- no-data"}},
        {"who speaks only of what is wrong may fall silent when it is over",
         {"probe * * wrong_silent_after=10m"},
         "2027-04-01 09:00",
         1min,
         "R R C",
         60min,
         {"09:00-09:02"}},
        {"and not before",
         {"probe * * wrong_silent_after=10m"},
         "2027-04-01 09:00",
         1min,
         "R R",
         20min,
         {"09:00- no-data"}},
        {"silence ends", {"probe * * silent_after=3m"}, "2027-04-01 09:00", 1min, "C.....C", 0ms, {"09:03-09:06"}},
        {"what is wrong and silent stays wrong",
         {"probe * * silent_after=3m"},
         "2027-04-01 09:00",
         1min,
         "R.....R",
         0ms,
         {"09:00-"}},
        {"an event ends by itself",
         {"probe * * ends_after=30m"},
         "2027-04-01 09:00",
         10min,
         "R.R",
         1h,
         {"09:00-09:50"}},
        {"what changes all the time is one",
         {"probe * * flaps=4/30m"},
         "2027-04-01 09:00",
         1min,
         "RCRCRCRCRC",
         10min,
         {"09:00-09:01", "09:02- flapping"}},
        {"and is over when it has been quiet",
         {"probe * * flaps=4/30m"},
         "2027-04-01 09:00",
         1min,
         "RCRCRCRC",
         40min,
         {"09:00-09:01", "09:02-09:36"}},
        {"over midnight, the year's end and 2/29",
         {"probe * * raise_after=2"},
         "2027-12-31 23:58",
         1min,
         "RRRRC",
         0ms,
         {"23:59-00:02"}},
    };
    for (const Series& series : kSeries) {
        SCOPED_TRACE(series.name);
        EXPECT_EQ(play(series), series.expected);
    }
}

TEST(Rules, HoldOverAYearOfClock) {
    sys::testing::TestDatabase store;
    const auto db = store.open_empty("sqlite");
    std::vector<sys::Migration> all(ledger::migrations().begin(), ledger::migrations().end());
    all.insert(all.end(), migrations().begin(), migrations().end());
    sys::migrate(*db, all);
    base::FixedClock clock(base::parse_instant("2027-04-01 00:00").value());
    Pipeline pipeline(*db, clock, Rules({"probe * * raise_after=2 silent_after=4h"}));
    // Each hour all is well, but on each 13th day, when it is wrong from 03:00 to 05:00; no watching on 2028-02-29.
    int days = 0;
    for (int hour = 0; hour < 24 * 365; ++hour) {
        const auto local = base::to_local(clock.now());
        pipeline.tick();
        const bool is_wrong = local.day.day == 13 && local.hour >= 3 && local.hour < 5;
        days += local.day.day == 13 && local.hour == 0;
        if (local.day != base::Day{2028, 2, 29})
            pipeline.take({.source = "probe",
                           .kind = "http.down",
                           .subject = "www.city.example:443",
                           .state = is_wrong ? State::Raise : State::Clear,
                           .observed_at = clock.now(),
                           .text = "www.city.example につながりません。"});
        clock.advance(1h);
        // An hour at once is no jump: both clocks went on.
    }
    Filter filter;
    filter.limit = 100;
    const auto found = db->read([&](sys::Reader& reader) { return list_anomalies(reader, filter); });
    int no_data = 0;
    for (const Anomaly& anomaly : found) {
        const auto local = base::to_local(anomaly.opened_at);
        if (local.day == base::Day{2028, 2, 29}) {
            ++no_data;
            EXPECT_EQ(anomaly.cleared_at, base::parse_instant("2028-03-01 00:00"));
            continue;
        }
        EXPECT_EQ(local.day.day, 13);
        EXPECT_EQ(local.hour, 4) << "the second in a row";
        EXPECT_EQ(*anomaly.cleared_at - anomaly.opened_at, 1h);
    }
    EXPECT_EQ(days, 12);
    EXPECT_EQ(found.size(), 13U);
    EXPECT_EQ(no_data, 1);
}

TEST(ParseRule, SaysWhichWordIsWrong) {
    for (const std::string_view line : {"probe disk.*", "probe * * raise_after=0", "probe * * hold=5", "* * * often",
                                        "* * * severity=high", "* * * behind=net", "* * * colour=red"})
        EXPECT_THROW(parse_rule(line), base::Error) << line;
    const Rule rule = parse_rule("probe disk.* /srv* raise_after=3 hold=5m flaps=4/2h behind=probe:net.*:@");
    EXPECT_EQ(rule.raise_after, 3);
    EXPECT_EQ(rule.hold, 5min);
    EXPECT_EQ(rule.flap_span, 2h);
    ASSERT_EQ(rule.behind.size(), 1U);
    EXPECT_EQ(rule.behind[0].kind, "net.*");
}

}  // namespace
}  // namespace signals
