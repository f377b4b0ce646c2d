// A scan's result in the watch's one form.
#include <map>

#include <boost/json.hpp>

#include "watch/content/scan.h"

namespace content {

std::vector<signals::Signal> to_signals(const Scanned& scanned, const std::string& subject, base::Instant at) {
    std::vector<signals::Signal> all;
    std::map<std::string_view, std::int64_t> counts;
    for (const Threat& threat : scanned.threats) ++counts[threat.rule];
    for (const Threat& threat : scanned.threats) {
        auto& count = counts[threat.rule];
        if (count == 0) continue;  // one anomaly of one rule and file; how many there are stands in the payload
        const std::string where = threat.line > 0 ? fmt::format("（{}行目）", threat.line) : "";
        const boost::json::object payload{{"line", threat.line},
                                          {"offset", threat.offset},
                                          {"excerpt", threat.excerpt},
                                          {"count", std::exchange(count, 0)}};
        all.push_back({.source = "content",
                       .kind = "content.threat",
                       .subject = subject,
                       .rule = std::string(threat.rule),
                       .severity = threat.severity,
                       .observed_at = at,
                       .text = fmt::format("{}{}：{}", subject, where, threat.message),
                       .payload = boost::json::serialize(payload)});
    }
    if (!scanned.problem.empty())
        all.push_back({.source = "content",
                       .kind = "content.unread",
                       .subject = subject,
                       .severity = signals::Severity::Minor,
                       .observed_at = at,
                       .text = fmt::format("{}：{}", subject, scanned.problem)});
    return all;
}

}  // namespace content
