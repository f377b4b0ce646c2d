// The watch of the real program: an alert comes in by the wire, the program that calls people hangs, the watch is
// killed; the next start sends the message again, marked as a repetition, and the records say what was tried.
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "ground/base/text.h"
#include "ground/settings/settings.h"
#include "ground/sys/files.h"
#include "ground/sys/http_client.h"
#include "serving.h"

namespace tests {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kAlert =
    R"({"version":"4","alerts":[{"status":"firing","labels":{"alertname":"HostDown","instance":"web1",)"
    R"("severity":"disaster"},"annotations":{"summary":"web1 が応答しません。"},"startsAt":"2026-11-22T00:30:00Z",)"
    R"("endsAt":"0001-01-01T00:00:00Z","fingerprint":"00aa"}]})";
constexpr std::string_view kToken = "0123456789abcdef";

/// Notes each call; the first hangs as long as a file "hang" is there.
constexpr std::string_view kCaller =
    "#!/bin/sh\necho \"$YAKUBA_MESSAGE $YAKUBA_REPEATED $YAKUBA_KIND\" >> \"$0.calls\"\n"
    "while [ -e \"$0.hang\" ]; do sleep 0.2; done\n";

std::vector<std::vector<std::string>> calls_of(const std::filesystem::path& caller) {
    std::vector<std::vector<std::string>> calls;
    const std::string text = sys::find_file(caller.string() + ".calls").value_or("");
    for (const auto line : base::split(text, '\n')) {
        if (line.empty()) continue;
        calls.emplace_back();
        for (const auto word : base::split(line, ' ')) calls.back().emplace_back(word);
    }
    return calls;
}

bool wait_for_calls(const std::filesystem::path& caller, std::size_t count) {
    for (int i = 0; i < 300 && calls_of(caller).size() < count; ++i) std::this_thread::sleep_for(100ms);
    return calls_of(caller).size() >= count;
}

int hand_in(const Serving& serving) {
    sys::FetchOptions options;
    options.method = "POST";
    options.headers = {{"Authorization", "Bearer " + std::string(kToken)}};
    options.body = std::string(kAlert);
    sys::HttpClient client;
    const auto addresses = boost::json::parse(serving.answer()).as_object();
    return client.fetch(std::string(addresses.at("alerts").as_string()), options).status;
}

TEST(WatchOfTheProgram, LosesNoMessageWhenItIsKilledWhileCalling) {
    const TestSite site("sqlite");
    const auto caller = site.beside("caller");
    sys::write_file(caller, kCaller, sys::Durability::Later, 0755);
    sys::write_file(caller.string() + ".hang", "");
    std::string toml = sys::read_file(site.folder() / "yakuba.toml");
    const std::vector<std::pair<std::string, settings::Value>> values{
        {"watch.address", "127.0.0.1:0"},
        {"watch.token", std::string(kToken)},
        // The servers that this test does not run are nobody's business.
        {"watch.rules", settings::TextList{"alertmanager * *", "* * * severity=minor"}},
        {"watch.timeout_seconds", settings::Integer{60}},
        {"watch.on_call", settings::TextList{fmt::format("always emergency 0 command {} name=当番", caller.string())}}};
    for (const auto& [key, value] : values) toml = settings::edited(toml, key, value);
    sys::write_file(site.folder() / "yakuba.toml", toml);

    Serving first(site, {"--role", "watch", "--json"});
    EXPECT_EQ(hand_in(first), 200);
    EXPECT_EQ(hand_in(first), 200) << "the second of two senders";
    ASSERT_TRUE(wait_for_calls(caller, 1));
    first.kill_now();
    std::filesystem::remove(caller.string() + ".hang");

    Serving next(site, {"--role", "watch", "--json"});
    ASSERT_TRUE(wait_for_calls(caller, 2));
    EXPECT_EQ(hand_in(next), 200) << "Alertmanager says it again after each of its own restarts";
    std::this_thread::sleep_for(2s);
    EXPECT_EQ(next.stop(SIGTERM, 30s), 0);
    const auto calls = calls_of(caller);
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0][0], calls[1][0]) << "the same message";
    EXPECT_EQ(calls[0][1], "0");
    EXPECT_EQ(calls[1][1], "1") << "marked as a repetition";

    const auto listed = site.json({"anomaly", "list", "--words", "web1"}, 1).at("anomalies").as_array();
    ASSERT_EQ(listed.size(), 1U);
    const std::string number = std::to_string(listed[0].at("id").as_int64());
    const auto shown = site.json({"anomaly", "show", number});
    EXPECT_EQ(shown.at("kind").as_string(), "HostDown");
    EXPECT_EQ(shown.at("messages").as_array().size(), 1U);
    EXPECT_EQ(shown.at("messages").at(0).at("standing").as_string(), "sent");
    EXPECT_EQ(shown.at("messages").at(0).at("tries").as_int64(), 2);
    EXPECT_TRUE(site.json({"ledger", "verify"}).at("streams").at("watch").at("ok").as_bool());

    site.json({"anomaly", "answer", number, "--act", "now", "--who", "運用担当者", "--why", "不通のため"});
    EXPECT_EQ(site.run({"anomaly", "close", number}).exit_code, 2) << "it is still wrong";
}

}  // namespace

}  // namespace tests
