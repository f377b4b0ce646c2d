// The pages of a section's archive: which period an entry belongs to, and what a period is called. By month, or by so
// many entries counted from the oldest: an entry keeps its page whatever comes later.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "press/content/live.h"
#include "press/content/model.h"

namespace render {

/// "2026-11" or "3".
std::string period_of(const content::Section& section, const content::Membership& entry);

struct Range {
    base::Instant from, until;         ///< by month
    std::int64_t first = 0, last = 0;  ///< by count: places
};
/// Throws Error(NotFound) when the section has no such period.
Range range_of(const content::Section& section, std::string_view period);

/// "2026年11月（令和8年）" or "41件目から60件目まで".
std::string period_title(const content::Section& section, std::string_view period);
/// Newest first; all that hold an entry.
std::vector<std::string> list_periods(sys::Reader& db, const content::Section& section);
/// The nearest periods that hold an entry.
struct PeriodsBeside {
    std::string newer, older;  ///< "" = none
};
PeriodsBeside periods_beside(sys::Reader& db, const content::Section& section, std::string_view period);

/// "archive:kurashi/:2026-11".
std::string archive_source(std::string_view section, std::string_view period);
/// "kurashi/archive/2026-11.html".
std::string archive_path(std::string_view section, std::string_view period);

}  // namespace render
