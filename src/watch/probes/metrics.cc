#include "watch/probes/metrics.h"

#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace probes {

namespace {

/// A label's value: backslash, quote and new line escaped (OpenMetrics 1.0, section 3.2.1).
std::string label(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '\\' || c == '"') escaped += '\\';
        if (c == '\n')
            escaped += "\\n";
        else
            escaped += c;
    }
    return escaped;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

void family(std::string& text, std::string_view name, std::string_view help) {
    fmt::format_to(std::back_inserter(text), "# TYPE {} gauge\n# HELP {} {}\n", name, name, help);
}

}  // namespace

std::string open_metrics(const std::optional<Board>& board, base::Instant now) {
    const bool is_alive = board && board->is_alive(now);
    std::string text;
    family(text, "yakuba_watch_up", "1 while the watch is running and its results are fresh.");
    fmt::format_to(std::back_inserter(text), "yakuba_watch_up {}\n", is_alive ? 1 : 0);
    if (is_alive) {
        family(text, "yakuba_probe_well", "1 while the probe finds what it looks at well.");
        for (const Standing& one : board->standings)
            if (one.since)
                fmt::format_to(std::back_inserter(text), "yakuba_probe_well{{probe=\"{}\",kind=\"{}\"}} {}\n",
                               label(one.id), label(one.kind), is_well(one.state) ? 1 : 0);
        family(text, "yakuba_probe_state", "The probe's state: 1 for the one that holds.");
        for (const Standing& one : board->standings)
            fmt::format_to(std::back_inserter(text), "yakuba_probe_state{{probe=\"{}\",kind=\"{}\",state=\"{}\"}} 1\n",
                           label(one.id), label(one.kind), state_id(one.state));
        family(text, "yakuba_probe_value", "What the probe has measured, by the name of the figure.");
        for (const Standing& one : board->standings)
            for (const Figure& figure : one.samples)
                fmt::format_to(std::back_inserter(text),
                               "yakuba_probe_value{{probe=\"{}\",kind=\"{}\",figure=\"{}\"}} {}\n", label(one.id),
                               label(one.kind), label(figure.name), number(figure.value));
    }
    text += "# EOF\n";
    return text;
}

std::map<std::string, std::string> prometheus_files(const PrometheusPlan& plan) {
    std::map<std::string, std::string> files;
    files["prometheus.yml"] = fmt::format(
        "# A sample made by `yakuba monitor prometheus-config`: reads Yakuba's /metrics and judges by "
        "yakuba.rules.yml.\n"
        "global:\n"
        "  scrape_interval: 15s\n"
        "  evaluation_interval: 15s\n"
        "rule_files:\n"
        "  - yakuba.rules.yml\n"
        "alerting:\n"
        "  alertmanagers:\n"
        "    - static_configs:\n"
        "        - targets: ['127.0.0.1:9093']\n"
        "scrape_configs:\n"
        "  - job_name: yakuba\n"
        "{}"
        "    static_configs:\n"
        "      - targets: ['{}']\n",
        plan.has_token ? "    authorization:\n      credentials_file: yakuba.token\n" : "", plan.metrics_address);
    files["yakuba.rules.yml"] =
        "groups:\n"
        "  - name: yakuba\n"
        "    rules:\n"
        "      - alert: YakubaWatchDown\n"
        "        expr: up{job=\"yakuba\"} == 0 or yakuba_watch_up == 0\n"
        "        for: 1m\n"
        "        labels:\n"
        "          severity: critical\n"
        "        annotations:\n"
        "          summary: 役場の監視が止まっています\n"
        "          description: '{{ $labels.instance }} の監視から、新しい結果が来ていません。'\n"
        "      - alert: YakubaProbeFailed\n"
        "        expr: yakuba_probe_state{state=\"failed\"} == 1\n"
        "        for: 30s\n"
        "        labels:\n"
        "          severity: critical\n"
        "        annotations:\n"
        "          summary: '監視項目 {{ $labels.probe }} が異常です'\n"
        "      - alert: YakubaProbeWarning\n"
        "        expr: yakuba_probe_state{state=~\"warning|no-data\"} == 1\n"
        "        for: 5m\n"
        "        labels:\n"
        "          severity: warning\n"
        "        annotations:\n"
        "          summary: '監視項目 {{ $labels.probe }} に注意が必要です（{{ $labels.state }}）'\n"
        "      - alert: YakubaDiskFullSoon\n"
        "        expr: yakuba_probe_value{kind=\"disk\",figure=\"full_in\"} < 86400\n"
        "        for: 15m\n"
        "        labels:\n"
        "          severity: warning\n"
        "        annotations:\n"
        "          summary: '{{ $labels.probe }} は1日以内に一杯になる見込みです'\n";
    files["alertmanager.yml"] = fmt::format(
        "# A sample made by `yakuba monitor prometheus-config`.\n"
        "route:\n"
        "  receiver: yakuba\n"
        "  group_by: [alertname, probe]\n"
        "  group_wait: 5s\n"
        "  group_interval: 30s\n"
        "  repeat_interval: 4h\n"
        "inhibit_rules:\n"
        "  - source_matchers: [alertname = YakubaWatchDown]\n"
        "    target_matchers: [alertname =~ \"YakubaProbe.*\"]\n"
        "    equal: [instance]\n"
        "receivers:\n"
        "  - name: yakuba\n"
        "{}",
        plan.webhook.empty()
            ? ""
            : fmt::format("    webhook_configs:\n      - url: '{}'\n        send_resolved: true\n{}", plan.webhook,
                          plan.has_webhook_token ? "        http_config:\n"
                                                   "          authorization:\n"
                                                   "            credentials_file: yakuba-webhook.token\n"
                                                 : ""));
    return files;
}

}  // namespace probes
