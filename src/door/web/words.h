// How the screens say times, sizes and states: the small values that nearly every template shows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ground/base/time.h"
#include "ground/template/value.h"
#include "press/publish/receipt.h"
#include "press/workflow/moves.h"

namespace web {

/// "今日 9:42", "6月12日 15:01", "令和7年3月2日 17:00", or "Today 9:42", "12 June 15:01", "2 March 2025 17:00": {iso,
/// text} for time.html. Null for the instant 0.
tmpl::Value short_time(base::Instant at, base::Instant now);
/// The same with seconds, "今日 9:42:07": for records whose rows follow each other within a minute.
tmpl::Value exact_time(base::Instant at, base::Instant now);
/// "令和8年6月15日（月）", "Mon 15 June 2026".
std::string day_text(base::Day day);
/// "令和8年6月15日（月）9:42", "Mon 15 June 2026 9:42".
tmpl::Value long_time(base::Instant at);
std::string long_time_text(base::Instant at);
/// To wait for, rounded up to the minute: "午後3時5分" or "15:05" of today, else as long_time.
std::string clock_text(base::Instant at, base::Instant now);
/// "Mon 9 November 2026 17:30" for 令和8年11月9日（月）17時30分, and the like for whatever ground/calendar/era.h
/// writes: a fiscal year, a month, a day, with its weekday, with its time. Nothing for other texts.
std::optional<std::string> english_date(std::string_view text);
/// For <input type="datetime-local">: "2027-04-01T08:30"; "" for the instant 0.
std::string local_input(base::Instant at);
/// "1.2 MB", "3.4 GB".
std::string size_text(std::int64_t bytes);

/// {name, kind}: the words and the colour of a chip.
tmpl::Map chip(std::string_view kind, std::string_view name);
/// The chips of a page: the live side and the work in progress, which do not disturb each other.
tmpl::List chips(const content::Page& page, const workflow::Standing& standing);

/// Public path ("kurashi/a%20b.html") as people read it: "/kurashi/a b.html".
std::string readable_path(std::string_view path);
/// The title, or the path when there is none.
std::string title_of(const content::Page& page);

}  // namespace web
