// Which probes run, and how: the program's own plan, changed by the lines of the setting monitor.probes. A line names a
// probe and what is different about it:
//
//     disk.site warn=85 fail=95 every=60          a probe of the standard plan with other limits
//     raid off                                    one that is not wanted
//     http.library kind=http url=https://lib.example/ title="図書館のサイト" behind=ping.gateway
//
// Values with blanks stand in double quotes. What a line may say is the kind's options (docs/handbook/monitoring.md)
// and the words every, patience, raise, clear, severity, behind, title, kind, on, off.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "watch/probes/probe.h"

namespace probes {

/// A line that cannot be used, and why; the others count.
struct BadLine {
    std::string line;
    std::string problem;
};

struct Plans {
    std::vector<Plan> plans;  ///< in the order of the standard plan, those of the settings after it
    std::vector<BadLine> bad;
};

/// `standard` are lines too (defaults.h). Never throws for what stands in `lines`.
Plans make_plans(std::span<const std::string> standard, std::span<const std::string> lines);

/// `lines` so that the probe `id` is planned as `line` says ("" = as in the standard plan); the other lines stay as
/// they are. Throws Error(BadInput) when the line cannot be used, or names another probe.
std::vector<std::string> with_line(std::span<const std::string> standard, std::span<const std::string> lines,
                                   std::string_view id, std::string_view line);

/// What a probe may be called: small letters, digits, dots, hyphens and underscores, at most 60.
bool is_probe_id(std::string_view id);

/// The line by which `plan` differs from `from`; without one, from what its kind alone says. "" when it does not.
std::string line_of(const Plan& plan, const Plan* from = nullptr);
/// A plan of this kind as it is without a word in the settings.
Plan plan_of(const Kind& kind, std::string_view id);

}  // namespace probes
