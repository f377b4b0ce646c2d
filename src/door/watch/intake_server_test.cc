// Alertmanager's webhook over the wire.
#include "door/watch/intake_server.h"

#include <atomic>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/http/server.h"
#include "ground/sys/files.h"
#include "ground/sys/http_client.h"

namespace door {
namespace {

constexpr std::string_view kFiring =
    R"({"version":"4","status":"firing","truncatedAlerts":0,"alerts":[{"status":"firing","labels":)"
    R"({"alertname":"HostDown","instance":"web1","severity":"critical"},"annotations":{"summary":"止まりました。"},)"
    R"("startsAt":"2026-11-22T00:30:00Z","endsAt":"0001-01-01T00:00:00Z","fingerprint":"00aa"}]})";

class IntakeServerTest : public ::testing::Test {
  protected:
    IntakeServerTest() {
        std::filesystem::create_directories(folder_.path() / "run");
        settings_.watch.address = "127.0.0.1:0";
        settings_.watch.token = "0123456789abcdef";
    }
    void start() {
        database_ = flow::open_watch(folders_);
        desk_ = std::make_unique<flow::WatchDesk>(*database_, folders_, settings_, clock_);
        server_ = std::make_unique<IntakeServer>(*desk_, settings_, clock_);
        server_->start();
    }
    sys::Fetched post(std::string_view body, std::string token) {
        sys::FetchOptions options;
        options.method = "POST";
        options.headers = {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}};
        options.body = std::string(body);
        return client_.try_fetch(server_->url() + "/alertmanager", options);
    }

    sys::TemporaryFolder folder_;
    flow::Folders folders_ = flow::folders_of(folder_.path());
    settings::Settings settings_;
    base::FixedClock clock_{base::parse_utc("2026-11-22T01:00:00.000Z").value()};
    std::unique_ptr<sys::Database> database_;
    std::unique_ptr<flow::WatchDesk> desk_;
    std::unique_ptr<IntakeServer> server_;
    sys::HttpClient client_;
};

TEST_F(IntakeServerTest, TakesEachAlertOnceFromWhoeverKnowsTheToken) {
    start();
    EXPECT_EQ(post(kFiring, "0123456789abcdeX").status, 401);
    EXPECT_EQ(post(kFiring, "").status, 401);
    const auto list = [&] { return database_->read([](sys::Reader& db) { return signals::list_anomalies(db, {}); }); };
    EXPECT_TRUE(list().empty());
    EXPECT_EQ(post(kFiring, settings_.watch.token).body, R"({"taken":1,"duplicates":0,"skipped":0})");
    // The second of two Alertmanagers.
    EXPECT_EQ(post(kFiring, settings_.watch.token).body, R"({"taken":0,"duplicates":1,"skipped":0})");
    ASSERT_EQ(list().size(), 1U);
    EXPECT_EQ(list()[0].text, "止まりました。");
    EXPECT_EQ(post("{}", settings_.watch.token).status, 400);
    EXPECT_EQ(client_.try_fetch(server_->url() + "/alertmanager").status, 405);
}

TEST_F(IntakeServerTest, SaysThatItIsAliveWhileTheWatchTurns) {
    start();
    EXPECT_EQ(client_.try_fetch(server_->url() + "/alive").status, 200);
    clock_.advance(std::chrono::minutes(2));
    EXPECT_EQ(client_.try_fetch(server_->url() + "/alive").status, 503);
    desk_->turn();
    EXPECT_EQ(client_.try_fetch(server_->url() + "/alive").status, 200);
}

TEST_F(IntakeServerTest, PingsADeadMansSwitchOnlyWhileTheWatchTurns) {
    std::atomic<int> pings = 0;
    http::ServerOptions options;
    options.address = "127.0.0.1:0";
    http::Server outside(options, [&](http::Request&) {
        ++pings;
        return http::text("ok");
    });
    outside.start();
    settings_.watch.heartbeat_url = outside.url() + "/ping/abc";
    start();
    EXPECT_EQ(desk_->ping(), std::chrono::seconds(settings_.watch.heartbeat_seconds));
    EXPECT_EQ(pings, 1);
    clock_.advance(std::chrono::minutes(2));
    desk_->ping();
    EXPECT_EQ(pings, 1) << "a watch that stands still is silent";
    outside.stop();
    desk_->turn();
    for (int i = 0; i < 3; ++i) desk_->ping();
    const auto found = database_->read([](sys::Reader& db) { return signals::list_anomalies(db, {}); });
    ASSERT_EQ(found.size(), 1U) << "and one whose silence is the network's says so here";
    EXPECT_EQ(found[0].kind, "heartbeat.unreachable");
}

TEST_F(IntakeServerTest, DoesNotOpenWithoutAToken) {
    settings_.watch.token = "short";
    EXPECT_THROW(start(), base::Error);
}

}  // namespace
}  // namespace door
