// The yearly inspection by a third party: who looked, how independent they are, what was looked at and when, what they
// found, what was done about it, and what the second look said. It is reported with its original file, and the next
// one is planned a year later.
#pragma once

#include "office/vulnerabilities/results.h"
#include "office/vulnerabilities/store.h"

namespace vulnerabilities {

constexpr int kPlannedAhead = 90;  ///< days before the next one is due, from which on it has to be planned

struct Inspection {
    std::int64_t id = 0;
    std::string number, title, body, independence, scope;
    base::Day begins_on;
    std::optional<base::Day> ends_on, next_on;
    std::optional<base::Instant> reported_at;
    std::string reported_to, made_by;
    base::Instant made_at;
    std::int64_t change = 0;
    std::int64_t open = 0, all = 0;  ///< findings
    std::string subject() const;     ///< "inspection:2"
};
struct StoredFinding : Finding {
    std::int64_t id = 0;
    std::string state;  ///< "open", "accepted", "mended", "cleared"
    std::string note, decided_by;
    base::Instant found_at;
    std::optional<base::Instant> decided_at, retested_at;
    std::string mark() const;  ///< changes with each decision: for decide_finding
};
std::string_view finding_state_wording(std::string_view state);

/// Act "inspection.plan". Throws Error(BadInput) that names the field that is missing.
/// The same `once` (of a form) gives the same inspection.
Inspection plan_inspection(sys::Transaction& tx, const Inspection& made, const By& by, std::string_view once = {});
struct Imported {
    std::int64_t found = 0, added = 0, again = 0, cleared = 0;
    bool is_whole = true;  ///< false: it broke off, or entries could not be read; then nothing is cleared
};
/// Act "inspection.import". A re-test by the same tools clears what was mended and is not found any more on the hosts
/// that it looked at, and opens again what is.
Imported import_results(sys::Transaction& tx, std::int64_t inspection, const Results& results, bool is_retest,
                        std::string_view file_hash, const By& by);
/// "mended" or "accepted" (with its reason), or back to "open". `mark`: as the form showed it; throws Error(Conflict)
/// when it was decided or looked at since.
void decide_finding(sys::Transaction& tx, std::int64_t finding, std::string_view state, std::string_view note,
                    const By& by, std::string_view mark = {});
/// Act "inspection.report". Throws Error(Conflict) while a finding is open, or when it was reported already;
/// Error(BadInput) without whom it was handed to, or without an end.
void report_inspection(sys::Transaction& tx, std::int64_t inspection, std::string_view to, base::Day ends_on,
                       std::optional<base::Day> next_on, std::int64_t change, const By& by);

std::vector<Inspection> list_inspections(sys::Reader& db);  ///< newest first
Inspection load_inspection(sys::Reader& db, std::int64_t id);
std::vector<StoredFinding> list_findings(sys::Reader& db, std::int64_t inspection);
/// The day by which the next one has to be there, when it is near and none was planned since.
std::optional<base::Day> find_unplanned(sys::Reader& db, base::Day today);

}  // namespace vulnerabilities
