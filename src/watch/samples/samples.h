// Figures over time in a store of fixed size: a minute's minimum, maximum, mean and count for 30 days, an hour's for 13
// months. Sixty minutes of one series are one row, so that a hundred series take some 80 MB, not a gigabyte. A late
// sample goes where it belongs; a minute without a sample is a gap, never a zero. Values keep seven digits.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"

namespace samples {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();  ///< hours, not minutes

struct Sample {
    std::string name;     ///< "disk.used", "http.time": what, in words of a-z 0-9 . _ -
    std::string subject;  ///< where: "/srv", "www.city.example:443"
    base::Instant at;
    double value = 0;
};

struct Keep {
    std::chrono::hours minutes{24 * 30};
    std::chrono::hours hours{24 * 400};
};

constexpr std::int64_t kMostSeries = 2000;

/// What became of a batch. Refused: not a finite number, a bad name, from the future (above 5 minutes), older than what
/// is kept, or of a series too many.
struct Added {
    std::int64_t taken = 0, refused = 0;
};
Added add(sys::Transaction& tx, std::span<const Sample> all, base::Instant now, const Keep& keep = {});

/// A stretch of time; nothing in `mean` is a gap.
struct Point {
    base::Instant from;
    std::optional<double> least, most, mean;
    std::int64_t count = 0;
};
struct Chart {
    std::chrono::milliseconds step{0};  ///< a whole number of minutes, or of hours
    std::vector<Point> points;          ///< one each step, gaps too
};
struct Query {
    std::string name, subject;
    base::Instant from, until;
    int points = 300;  ///< at most; 1 to 2,000
};
/// By minutes where they are still kept and the step is below an hour, else by hours. Throws Error(BadInput) when
/// `until` is not after `from`.
Chart read(sys::Reader& db, const Query& query);
/// The newest minute that has a sample; nothing when there is none within the span that keeps minutes.
std::optional<Point> find_newest(sys::Reader& db, std::string_view name, std::string_view subject);

struct Series {
    std::string name, subject;
    base::Instant newest_at;
};
/// By name and subject. `name` empty: all; "disk.": those that begin so.
std::vector<Series> list_series(sys::Reader& db, std::string_view name = {});

/// Forgets what is older than what is kept, and series without a sample left. Returns the number of rows.
std::int64_t tidy(sys::Transaction& tx, base::Instant now, const Keep& keep = {});

}  // namespace samples
