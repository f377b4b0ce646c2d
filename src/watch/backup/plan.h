// When backups are made: pure calculation over the office's calendar, so that three years can be simulated in a test.
//
// On days when the office is open, backups run in the window alone (21:30-4:45 as the contracts have it: outside
// opening hours and four hours before and after them); on closed days at any time. A window that crosses midnight
// belongs to the day on which it starts, and so does a backup made in it. What was missed is made up for as soon as it
// is allowed; one run then stands for all that were missed, since a past state cannot be saved any more.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/calendar/office.h"
#include "ground/settings/settings.h"
#include "watch/backup/manifest.h"

namespace backup {

struct Policy {
    int daily_at = 0;  ///< minutes since midnight
    calendar::DailyWindow window;
    calendar::OfficeCalendar office;
    std::chrono::minutes extra{0};  ///< between further backups through the day; 0: none
    std::chrono::minutes longest{240};
};
Policy policy_of(const settings::Settings& settings, calendar::OfficeCalendar office);

bool is_allowed(const Policy& policy, base::Instant at);
/// `at` itself when it is allowed.
base::Instant next_allowed(const Policy& policy, base::Instant at);
/// The end of the time in which a run that begins at `at` may go on: the window's end or the longest run. `at` itself
/// when it is not allowed.
base::Instant must_end(const Policy& policy, base::Instant at);

/// The day that a backup of that moment stands for.
base::Day day_of(const Policy& policy, base::Instant at);
/// When the daily backup of `day` begins: the set time when the window holds it, else the window's start.
base::Instant due_at(const Policy& policy, base::Day day);
/// The newest day whose daily backup is due by `now`.
base::Day last_due(const Policy& policy, base::Instant now);

enum class Why { Daily, Extra, Monthly, Change, Asked };
std::string_view why_id(Why why);    ///< "daily", "extra", "monthly", "change", "asked"
std::string_view why_name(Why why);  ///< in Japanese
std::optional<Why> find_why(std::string_view id);

/// What is known of one repository. Moments after `now` do not count: the clock has been set back since.
struct History {
    struct Series {
        std::optional<base::Instant> newest;           ///< the last whole backup
        std::optional<base::Instant> failed_at;        ///< the last try since then
        int failures = 0;                              ///< tries since then
        std::optional<base::Instant> damaged_at = {};  ///< when one made since then was read back, and found damaged
    } data, system;
    std::string fingerprint;  ///< of program and settings in the newest system backup
    double seconds = 0;       ///< that the newest run took
};

struct Due {
    Kind kind = Kind::Data;
    Why why = Why::Daily;
    base::Instant at;     ///< since when it is due
    base::Instant begin;  ///< when it may begin: allowed, and not too soon after a failure; may be later than now
    bool operator==(const Due&) const = default;
};
/// What is due at `now`, data first. `fingerprint`: of the program and settings as they are; what it leaves off at its
/// end is not known now, and counts as it was.
std::vector<Due> list_due(const Policy& policy, const History& history, std::string_view fingerprint,
                          base::Instant now);
/// The next daily and system backups after `now` when all goes well, to the end of `days`.
std::vector<Due> list_planned(const Policy& policy, const History& history, std::string_view fingerprint,
                              base::Instant now, int days);

/// Since when the newest data backup that was read back is too old: 25 hours after the daily one was due. Nothing
/// while all is well. `verified`: when the newest such backup was taken.
std::optional<base::Instant> late_since(const Policy& policy, std::optional<base::Instant> verified, base::Instant now);

}  // namespace backup
