// The tables of the archive.
#pragma once

#include "watch/log_archive/archive.h"

namespace log_archive {

struct SeriesRow {
    std::string name, kind, position;
    base::Instant collected_at;
    base::Day began_on;                 ///< when its first lines were taken
    std::optional<base::Day> last_day;  ///< to which its newest line went
};

std::optional<SeriesRow> find_series(sys::Reader& db, std::string_view name);
/// By day.
std::vector<Day> days_of(sys::Reader& db, std::string_view series);
void keep_series(sys::Transaction& tx, const SeriesRow& row);
std::optional<Day> find_day(sys::Reader& db, std::string_view series, base::Day day);
void keep_day(sys::Transaction& tx, const Day& day);
void set_fault(sys::Transaction& tx, std::string_view series, base::Day day, std::string_view fault);

/// "log:access/2026-11-22", the subject of a day's ledger lines.
std::string subject_of(std::string_view series, base::Day day);

}  // namespace log_archive
