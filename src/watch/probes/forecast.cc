#include "watch/probes/forecast.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace probes {

namespace {

constexpr std::size_t kMostPoints = 144;
constexpr std::chrono::minutes kSpacing{15};
constexpr std::chrono::hours kShortest{1};

}  // namespace

bool add_to_history(History& history, Point point) {
    if (!history.empty() && point.at < history.back().at) history.clear();
    if (!history.empty() && point.at - history.back().at < kSpacing) return false;
    if (history.size() >= kMostPoints) history.erase(history.begin());
    history.push_back(point);
    return true;
}

std::optional<double> seconds_until(const History& history, double room) {
    if (history.size() < 4 || history.back().at - history.front().at < kShortest) return std::nullopt;
    std::vector<double> slopes;
    slopes.reserve(history.size() * history.size() / 2);
    for (std::size_t a = 0; a < history.size(); ++a)
        for (std::size_t b = a + 1; b < history.size(); ++b) {
            const double seconds = static_cast<double>((history[b].at - history[a].at).count()) / 1000;
            if (seconds > 0) slopes.push_back((history[b].value - history[a].value) / seconds);
        }
    const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
    std::nth_element(slopes.begin(), middle, slopes.end());
    if (middle == slopes.end() || *middle <= 0) return std::nullopt;
    return room / *middle;
}

std::string write_history(const History& history) {
    std::string text;
    for (const Point& point : history) text += fmt::format("{} {}\n", point.at.milliseconds, point.value);
    return text;
}

History read_history(std::string_view text) {
    History history;
    for (const std::string_view line : base::split(text, '\n')) {
        Point point;
        const char* end = line.data() + line.size();
        const auto time = std::from_chars(line.data(), end, point.at.milliseconds);
        if (time.ec != std::errc{} || time.ptr == end) continue;
        const auto value = std::from_chars(time.ptr + 1, end, point.value);
        if (value.ec != std::errc{} || !std::isfinite(point.value)) continue;
        if (history.empty() || history.back().at <= point.at) history.push_back(point);
    }
    if (history.size() > kMostPoints) history.erase(history.begin(), history.end() - kMostPoints);
    return history;
}

}  // namespace probes
