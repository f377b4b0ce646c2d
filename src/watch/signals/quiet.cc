// For whom nobody is called, and why: within a planned stop or while an operator is at work, and behind something else
// that is wrong. The anomaly stays and is watched on.
#include <fmt/format.h>

#include "watch/signals/inside/turns.h"

namespace signals {

using base::Instant;

namespace {

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
    if (anomaly.severity != Severity::Emergency)
        for (const Window& window : windows)
            if (window.from_at <= now && now < window.until_at &&
                fits({window.source, window.kind, window.subject}, anomaly.source, anomaly.kind, anomaly.subject))
                return {fmt::format("window:{}", window.id),
                        fmt::format("{}のため：{}",
                                    window.reason_kind == "operator" ? "運用担当者の作業中" : "計画停止", window.why)};
    const Rule& rule = rules.of(anomaly.source, anomaly.kind, anomaly.subject);
    const std::string self = fmt::format("dependency:{}", anomaly.id.value);
    for (const Pattern& pattern : rule.behind)
        for (const Anomaly& other : open)
            if (other.id != anomaly.id && other.suppressed_by != self && !other.is_no_data &&
                is_behind(anomaly, pattern, other))
                return {fmt::format("dependency:{}", other.id.value),
                        fmt::format("異常第{}号（{}）の影響と考えられるため", other.id.value, other.text)};
    return {};
}

}  // namespace signals
