#include "watch/probes/metrics.h"

#include <gtest/gtest.h>

#include "ground/sys/files.h"
#include "ground/sys/process.h"

namespace probes {

namespace {

Board sample_board(base::Instant at) {
    Standing disk{"disk.site", "disk", "ディスク",
                  "/srv",      "文",   State::Failed,
                  at,          at,     {{"used", 97.25, "percent"}, {"full_in", 4e5}}};
    Standing odd{"a\"b\\c\nd", "http", "題", "x", "文", State::NoData, {}, at, {}};
    return {at, {disk, odd}};
}

}  // namespace

TEST(OpenMetrics, PassesPrometheusOwnCheck) {
    const base::Instant now{1'795'000'000'000};
    const std::string text = open_metrics(sample_board(now), now);
    EXPECT_NE(text.find("yakuba_watch_up 1\n"), std::string::npos);
    EXPECT_NE(text.find("yakuba_probe_value{probe=\"disk.site\",kind=\"disk\",figure=\"used\"} 97.25\n"),
              std::string::npos);
    EXPECT_NE(text.find("{probe=\"a\\\"b\\\\c\\nd\",kind=\"http\",state=\"no-data\"} 1\n"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("# EOF\n"));
    // promtool reads the older text form, in which the last line is a comment.
    const sys::Outcome checked = sys::run({.arguments = {"promtool", "check", "metrics"}, .input = text});
    EXPECT_EQ(checked.exit_code, 0) << checked.output << checked.errors;
}

TEST(OpenMetrics, SaysNothingOfABoardThatHasGrownOld) {
    const base::Instant now{1'795'000'000'000};
    for (const auto& text :
         {open_metrics(std::nullopt, now), open_metrics(sample_board(now), now + std::chrono::minutes(1))}) {
        EXPECT_NE(text.find("yakuba_watch_up 0\n"), std::string::npos);
        EXPECT_EQ(text.find("yakuba_probe"), std::string::npos);
    }
}

TEST(PrometheusFiles, AreAcceptedByTheRealPrograms) {
    for (const bool has_token : {false, true}) {
        const sys::TemporaryFolder folder;
        PrometheusPlan plan;
        plan.has_token = plan.has_webhook_token = has_token;
        plan.webhook = has_token ? "http://127.0.0.1:8080/intake/alertmanager" : "";
        for (const auto& [name, text] : prometheus_files(plan)) sys::write_file(folder.path() / name, text);
        if (has_token) sys::write_file(folder.path() / "yakuba.token", "secret");
        const auto passes = [&](std::vector<std::string> arguments) {
            const sys::Outcome checked = sys::run({.arguments = std::move(arguments)});
            EXPECT_EQ(checked.exit_code, 0) << checked.output << checked.errors;
        };
        passes({"promtool", "check", "config", (folder.path() / "prometheus.yml").string()});
        passes({"promtool", "check", "rules", (folder.path() / "yakuba.rules.yml").string()});
        passes({"amtool", "check-config", (folder.path() / "alertmanager.yml").string()});
        EXPECT_EQ(sys::read_file(folder.path() / "alertmanager.yml").find("yakuba-webhook.token") != std::string::npos,
                  has_token);
    }
}

TEST(PrometheusFiles, HaveRulesThatFireOnOurNames) {
    const sys::TemporaryFolder folder;
    for (const auto& [name, text] : prometheus_files({})) sys::write_file(folder.path() / name, text);
    sys::write_file(folder.path() / "test.yml",
                    "rule_files: [yakuba.rules.yml]\nevaluation_interval: 15s\ntests:\n"
                    "  - interval: 15s\n    input_series:\n"
                    "      - series: 'yakuba_probe_state{probe=\"http.public\",kind=\"http\",state=\"failed\"}'\n      "
                    "  values: '1x20'\n"
                    "      - series: 'yakuba_watch_up{job=\"yakuba\",instance=\"a\"}'\n        values: '1x4 0x16'\n"
                    "    alert_rule_test:\n"
                    "      - eval_time: 1m\n        alertname: YakubaProbeFailed\n        exp_alerts:\n"
                    "          - exp_labels: {severity: critical, probe: http.public, kind: http, state: failed}\n"
                    "            exp_annotations: {summary: '監視項目 http.public が異常です'}\n"
                    "      - eval_time: 1m\n        alertname: YakubaWatchDown\n"
                    "      - eval_time: 3m\n        alertname: YakubaWatchDown\n        exp_alerts:\n"
                    "          - exp_labels: {severity: critical, job: yakuba, instance: a}\n"
                    "            exp_annotations: {summary: 役場の監視が止まっています, description: 'a "
                    "の監視から、新しい結果が来ていません。'}\n");
    const sys::Outcome tested =
        sys::run({.arguments = {"promtool", "test", "rules", (folder.path() / "test.yml").string()}});
    EXPECT_EQ(tested.exit_code, 0) << tested.output << tested.errors;
}

}  // namespace probes
