// The maintenance that nobody sees and a contract asks for: the database is tended and checked, stored objects are read
// back by parts, and the ledger is verified. Each run leaves a line in the ledger with its figures; one that finds
// something wrong fails after that, so that it is told as every failing duty is.
#pragma once

#include <chrono>
#include <functional>

#include "flow/object_copies.h"
#include "flow/site.h"

namespace flow {

/// Objects are read back in so many days.
constexpr int kScrubParts = 7;

struct UpkeepMeans {
    std::function<bool()> is_stopped = {};
    std::function<void()> keep_alive = {};  ///< called about once a minute by work that is long
    std::chrono::minutes longest{60};       ///< for one run; what is left is said
    ObjectSources sources = {};             ///< where what is damaged may still be whole, beside the public file
};

/// Figures for the planner of queries, of the office's database and of the watch's.
void tend_database(Site& site);
/// The engine's own thorough check of both. Throws Error(Damaged) with what it found.
void check_database(Site& site);
/// Reads the part of the object store whose turn it is on `day` and compares each file with its name, which is its
/// hash; what is damaged is taken from where it is still whole. Throws Error(Damaged): some differ, and stay so.
void scrub_objects(Site& site, base::Day day, const UpkeepMeans& means);
/// Both streams, against themselves and the releases that signed them. Throws Error(Damaged).
void check_ledgers(Site& site);

/// Puts on record a run of maintenance that another program of the server does by a timer of its own, as certbot renews
/// certificates. `duty` is small letters and hyphens ("renew-certificate") and none of the timetable's; `result` is
/// "success" or, in a word, how it failed (systemd's $SERVICE_RESULT). Throws Error(BadInput): one of them is not so.
void record_upkeep(Site& site, std::string_view duty, std::string_view result, std::string_view note,
                   const std::string& by);

}  // namespace flow
