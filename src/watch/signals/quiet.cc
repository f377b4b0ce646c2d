// For whom nobody is called, and why: within a planned stop or while an operator is at work, and behind something else
// that is wrong. The anomaly stays and is watched on.
#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "watch/signals/inside/turns.h"

namespace signals {

using base::Instant;

namespace {

constexpr std::string_view kDependency = "dependency:";
/// For so long after a cause has gone its traces may still be seen: answers of a moment ago, a server that looks once a
/// second whether it may serve again.
constexpr auto kTraces = std::chrono::seconds(10);
/// By then every usual probe has looked again.
constexpr auto kLongestSettling = std::chrono::minutes(5);

/// What says that something does not answer. A full disk or a failing one is in nobody's plan.
constexpr std::string_view kReach[] = {"http", "tcp", "ping", "dns", "certificate"};

/// An emergency is told in every span, but for one: that something does not answer is what a planned stop is.
bool explains(const Window& window, const Anomaly& anomaly) {
    const bool is_planned = window.reason_kind == "planned-stop" && window.source == "probe" &&
                            std::find(std::begin(kReach), std::end(kReach), anomaly.kind) != std::end(kReach);
    return (anomaly.severity != Severity::Emergency || is_planned) &&
           fits({window.source, window.kind, window.subject}, anomaly.source, anomaly.kind, anomaly.subject);
}

std::string_view host_of(std::string_view subject) {
    return subject.substr(0, subject.find_first_of(":/"));
}

bool is_behind(const Anomaly& anomaly, const Pattern& pattern, const Anomaly& other) {
    if (!fits({pattern.source, pattern.kind, "*"}, other.source, other.kind, other.subject)) return false;
    if (pattern.subject == "=") return anomaly.subject == other.subject;
    if (pattern.subject == "@") return host_of(anomaly.subject) == host_of(other.subject);
    return fits({"*", "*", pattern.subject}, "", "", other.subject);
}

}  // namespace

Quiet find_quiet(const Anomaly& anomaly, const std::vector<Anomaly>& open, const std::vector<Window>& windows,
                 const Rules& rules, Instant now) {
    for (const Window& window : windows)
        if (window.from_at <= now && now < window.until_at && explains(window, anomaly))
            return {fmt::format("window:{}", window.id),
                    fmt::format("{}のため：{}", window.reason_kind == "operator" ? "運用担当者の作業中" : "計画停止",
                                window.why)};
    const Rule& rule = rules.of(anomaly.source, anomaly.kind, anomaly.subject);
    const std::string self = fmt::format("{}{}", kDependency, anomaly.id.value);
    for (const Pattern& pattern : rule.behind)
        for (const Anomaly& other : open)
            if (other.id != anomaly.id && other.suppressed_by != self && !other.is_no_data &&
                is_behind(anomaly, pattern, other))
                return {fmt::format("{}{}", kDependency, other.id.value),
                        fmt::format("異常第{}号（{}）の影響と考えられるため", other.id.value, other.text)};
    return {};
}

bool is_settling(sys::Reader& db, const Anomaly& anomaly, Instant now) {
    std::string_view id = anomaly.suppressed_by;
    if (!id.starts_with(kDependency)) return false;
    id.remove_prefix(kDependency.size());
    AnomalyId cause;
    std::from_chars(id.data(), id.data() + id.size(), cause.value);
    const auto found = find_anomaly(db, cause);
    return found && found->cleared_at && anomaly.last_at < *found->cleared_at + kTraces &&
           now - *found->cleared_at < kLongestSettling;
}

}  // namespace signals
