// When something that grows will be full: a robust slope over samples of the last day and a half, that survive a
// restart as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"

namespace probes {

struct Point {
    base::Instant at;
    double value = 0;
};
using History = std::vector<Point>;

/// Keeps one point in a quarter of an hour and 144 of them; true when it was kept. A clock that goes back begins anew.
bool add_to_history(History& history, Point point);
/// Until `room` more has been used; nothing while it does not grow, or with less than an hour and four points seen.
std::optional<double> seconds_until(const History& history, double room);

std::string write_history(const History& history);
/// What cannot be read is left out.
History read_history(std::string_view text);

}  // namespace probes
