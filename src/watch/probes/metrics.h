// The board for Prometheus: as OpenMetrics text, and as a sample configuration of Prometheus and Alertmanager with
// rules on these very names.
#pragma once

#include <map>
#include <string>

#include "watch/probes/board.h"

namespace probes {

/// OpenMetrics 1.0. Without a board, or with one that has grown old, yakuba_watch_up is 0 and nothing else is said.
std::string open_metrics(const std::optional<Board>& board, base::Instant now);
/// The content type that goes with it.
inline constexpr std::string_view kOpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

struct PrometheusPlan {
    std::string metrics_address = "127.0.0.1:9480";
    bool has_token = false;  ///< read from the file yakuba.token beside the configuration
    std::string webhook;     ///< where Alertmanager reports to: the watch's intake; empty: a receiver that does nothing
    bool has_webhook_token = false;  ///< read from the file yakuba-webhook.token beside the configuration
};
/// By file name: prometheus.yml, yakuba.rules.yml, alertmanager.yml.
std::map<std::string, std::string> prometheus_files(const PrometheusPlan& plan);

}  // namespace probes
