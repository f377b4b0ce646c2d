// The papers that go to who manages the domain: the application for the switch, and the one for the way back, each with
// the exact records before and after. Made as HTML to print and as text for a mail.
#pragma once

#include <string>
#include <vector>

#include "watch/cutover/plan.h"

namespace cutover {

struct Papers {
    std::string html, text;
};

/// `made_at` stands on it as its date.
Papers make_request(const Plan& plan, base::Instant made_at);

/// What stands in the way back besides the records.
struct SinceSwitch {
    std::optional<base::Instant> switched_at;
    std::int64_t publications = 0;     ///< since then
    std::vector<std::string> changed;  ///< public paths that changed since then, the first ones
    std::int64_t changed_count = 0;
};
Papers make_rollback(const Plan& plan, const SinceSwitch& since, base::Instant made_at);

}  // namespace cutover
