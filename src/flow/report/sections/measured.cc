#include "flow/report/sections/measured.h"

#include "watch/samples/samples.h"

namespace flow::report {

std::vector<DayFigure> read_days(const Source& source, std::string_view name, std::string_view subject) {
    sys::Database* watch = source.site.find_watch();
    const base::Instant begin = source.month.begin(), until = source.until();
    if (watch == nullptr || until <= begin) return {};
    const samples::Chart chart = watch->read([&](sys::Reader& db) {
        return samples::read(db, {std::string(name), std::string(subject), begin, until, source.hours()});
    });
    std::vector<DayFigure> days;
    std::vector<int> counts;
    bool is_any = false;
    for (const samples::Point& point : chart.points) {
        const base::Day day = base::local_day(point.from);
        if (days.empty() || days.back().day != day) {
            days.push_back({day, {}, {}, {}, 0});
            counts.push_back(0);
        }
        if (!point.mean) continue;
        is_any = true;
        DayFigure& figure = days.back();
        figure.mean = figure.mean.value_or(0) + *point.mean;
        ++counts.back();
        figure.sum += *point.mean * static_cast<double>(chart.step.count()) / 1000;
        if (!figure.most || *point.most > *figure.most) {
            figure.most = point.most;
            figure.most_at = point.from;
        }
    }
    if (!is_any) return {};
    for (std::size_t i = 0; i < days.size(); ++i)
        if (days[i].mean) *days[i].mean /= counts[i];
    return days;
}

std::optional<double> mean_of(const std::vector<DayFigure>& days) {
    double sum = 0;
    int count = 0;
    for (const DayFigure& day : days)
        if (day.mean) {
            sum += *day.mean;
            ++count;
        }
    if (count == 0) return std::nullopt;
    return sum / count;
}

const DayFigure* highest(const std::vector<DayFigure>& days) {
    const DayFigure* found = nullptr;
    for (const DayFigure& day : days)
        if (day.most && (found == nullptr || *day.most > *found->most)) found = &day;
    return found;
}

std::string hour_text(const DayFigure& day) {
    if (!day.most_at) return "";
    const base::LocalTime local = base::to_local(*day.most_at);
    return fmt::format("{}月{}日 {}時台", local.day.month, local.day.day, local.hour);
}

}  // namespace flow::report
