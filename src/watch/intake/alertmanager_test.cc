#include "watch/intake/alertmanager.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"
#include "watch/signals/pipeline.h"

namespace intake {
namespace {

using signals::Severity;
using signals::State;

const base::Instant kNow = base::parse_utc("2026-11-22T01:00:00.000Z").value();

std::string alert(std::string_view status, std::string_view starts, std::string_view ends,
                  std::string_view fingerprint = "0011223344556677") {
    return fmt::format(
        R"({{"status":"{}","labels":{{"alertname":"HostDown","instance":"web1:9100","severity":"critical"}},)"
        R"("annotations":{{"summary":"web1 が応答しません。"}},"startsAt":"{}","endsAt":"{}",)"
        R"("generatorURL":"http://prometheus.example/","fingerprint":"{}"}})",
        status, starts, ends, fingerprint);
}

std::string webhook(std::string_view alerts) {
    return fmt::format(
        R"({{"receiver":"yakuba","status":"firing","alerts":[{}],"groupLabels":{{}},"commonLabels":{{}},)"
        R"("commonAnnotations":{{}},"externalURL":"http://am.example/","version":"4",)"
        R"("groupKey":"{{}}:{{}}","truncatedAlerts":0}})",
        alerts);
}

const std::string kFiring = alert("firing", "2026-11-22T00:30:00.123456789Z", "0001-01-01T00:00:00Z");
const std::string kResolved = alert("resolved", "2026-11-22T09:30:00.123+09:00", "2026-11-22T00:40:00Z");

TEST(Alertmanager, MakesSignalsOfItsAlerts) {
    const Webhook read = read_alertmanager(webhook(kFiring + "," + kResolved), kNow);
    ASSERT_EQ(read.signals.size(), 2U);
    const auto& raised = read.signals[0];
    EXPECT_EQ(raised.state, State::Raise);
    EXPECT_EQ(raised.severity, Severity::Serious);
    EXPECT_EQ(raised.kind, "HostDown");
    EXPECT_EQ(raised.subject, "web1:9100");
    EXPECT_EQ(raised.text, "web1 が応答しません。");
    EXPECT_EQ(base::format_utc(raised.observed_at), "2026-11-22T00:30:00.123Z");
    const auto& cleared = read.signals[1];
    EXPECT_EQ(cleared.state, State::Clear);
    EXPECT_EQ(base::format_utc(cleared.observed_at), "2026-11-22T00:40:00.000Z");
    EXPECT_EQ(cleared.external_id, raised.external_id) << "the same moment in another zone";
    EXPECT_EQ(signals::fingerprint(cleared), signals::fingerprint(raised));
}

TEST(Alertmanager, LetsABadAlertCostItselfAlone) {
    const Webhook read = read_alertmanager(
        webhook(R"(7,{},{"status":"firing","labels":{"alertname":""}},)" + kFiring + "," +
                alert("firing", "yesterday", "") + "," + alert("pending", "2026-11-22T00:30:00Z", "")),
        kNow);
    EXPECT_EQ(read.signals.size(), 1U);
    EXPECT_EQ(read.skipped, 5U);
}

TEST(Alertmanager, RefusesWhatIsNoMessageOfIts) {
    for (const std::string_view body : {"", "[]", "{}", R"({"alerts":{}})", "{\"alerts\":[", "\xff"})
        EXPECT_THROW(read_alertmanager(body, kNow), base::Error) << body;
    EXPECT_THROW(read_alertmanager(std::string(kLargestWebhook + 1, ' '), kNow), base::Error);
}

/// Two senders, each message twice, in every order of four: one anomaly, and it is over.
TEST(Alertmanager, IsOneAnomalyHoweverItsMessagesArrive) {
    const std::string second = alert("firing", "2026-11-22T00:50:00Z", "0001-01-01T00:00:00Z");
    std::vector<std::string> messages{kFiring, kFiring, kResolved, kResolved};
    std::sort(messages.begin(), messages.end());
    do {
        sys::testing::TestDatabase store;
        const auto db = store.open_empty("sqlite");
        std::vector<sys::Migration> all(ledger::migrations().begin(), ledger::migrations().end());
        all.insert(all.end(), signals::migrations().begin(), signals::migrations().end());
        sys::migrate(*db, all);
        const base::FixedClock clock(kNow);
        signals::Pipeline pipeline(*db, clock, signals::Rules());
        signals::Taken sum;
        for (const auto& message : messages) {
            const auto taken = pipeline.take(read_alertmanager(webhook(message), kNow).signals);
            sum.signals += taken.signals;
            sum.duplicates += taken.duplicates;
        }
        EXPECT_EQ(sum.signals, 2);
        EXPECT_EQ(sum.duplicates, 2);
        const auto list = [&] {
            return db->read([](sys::Reader& reader) { return signals::list_anomalies(reader, {}); });
        };
        ASSERT_EQ(list().size(), 1U);
        EXPECT_EQ(list()[0].standing, signals::Standing::Cleared);
        EXPECT_EQ(base::format_utc(list()[0].first_at), "2026-11-22T00:30:00.123Z");
        // The next firing of the same alert is a new one.
        pipeline.take(read_alertmanager(webhook(second), kNow).signals);
        EXPECT_EQ(list().size(), 2U);
    } while (std::next_permutation(messages.begin(), messages.end()));
}

}  // namespace
}  // namespace intake
