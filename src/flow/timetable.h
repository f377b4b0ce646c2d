// What is done by the clock beside publishing: notices by day, tidying by night. Each is a kind of job with a record of
// every run, a lease (so several servers may run it) and a policy for runs that were missed.
#pragma once

#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/jobs/runner.h"

namespace flow {

/// One kind, in words, for the screen and the handbook.
struct Duty {
    std::string_view name;   ///< the job's kind: "tidy-sessions"; never changes
    std::string_view title;  ///< "切れたログインの掃除"
    std::string_view when;   ///< "毎日 3:10"
};
std::span<const Duty> all_duties();

/// For jobs::Runner. `is_stopped` ends a long one between two items.
std::vector<jobs::Kind> timetable(Site& site, std::function<bool()> is_stopped = {});

/// How it goes: what `site status` and the screen say.
struct DutyState {
    std::string name;
    std::int64_t attempts = 0;
    std::string problem;  ///< of the last try; empty: it is only late
    base::Instant due_at;
    bool was_given_up = false;
};
/// Runs that failed and have not been made good by a later one, and runs that are overdue by ten minutes.
std::vector<DutyState> list_troubled_duties(sys::Reader& db, base::Instant now);

}  // namespace flow
