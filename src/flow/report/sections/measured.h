// Measured figures by day: for the sections on response, traffic and resources.
#pragma once

#include "flow/report/section.h"

namespace flow::report {

struct DayFigure {
    base::Day day;
    std::optional<double> mean, most;
    std::optional<base::Instant> most_at;  ///< the hour of `most`
    double sum = 0;                        ///< of the mean over time, in units times seconds
};
/// One for each day of the month up to the end of the report. Empty when the series has no figure at all.
std::vector<DayFigure> read_days(const Source& source, std::string_view name, std::string_view subject);
/// The mean over the days; nothing without any.
std::optional<double> mean_of(const std::vector<DayFigure>& days);
/// The day of the highest.
const DayFigure* highest(const std::vector<DayFigure>& days);
/// "4月3日 14時台".
std::string hour_text(const DayFigure& day);

}  // namespace flow::report
