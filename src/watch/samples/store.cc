// The only file with SQL on sample_series, sample_minutes and sample_hours.
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/samples/block.h"
#include "watch/samples/samples.h"

namespace samples {

using base::Instant;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kMinute = 60'000, kHour = 3'600'000;

// `hour` counts hours since 1970. A row of sample_hours is made of its minutes as long as they are kept; what comes
// later than that is added to it alone.
constexpr std::string_view kSamples = R"sql(
CREATE TABLE sample_series (
    id {id},
    name {key} NOT NULL,
    subject TEXT NOT NULL,
    newest_at BIGINT NOT NULL,
    UNIQUE (name, subject)
);
CREATE TABLE sample_minutes (
    series_id BIGINT NOT NULL REFERENCES sample_series (id),
    hour BIGINT NOT NULL,
    minutes {blob} NOT NULL,
    PRIMARY KEY (series_id, hour)
);
CREATE INDEX sample_minutes_hour ON sample_minutes (hour);
CREATE TABLE sample_hours (
    series_id BIGINT NOT NULL REFERENCES sample_series (id),
    hour BIGINT NOT NULL,
    least {real} NOT NULL,
    most {real} NOT NULL,
    mean {real} NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (series_id, hour)
);
CREATE INDEX sample_hours_hour ON sample_hours (hour);
)sql";

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
}

std::optional<std::int64_t> find_id(sys::Reader& db, std::string_view name, std::string_view subject) {
    const auto row = db.find("SELECT id FROM sample_series WHERE name = $1 AND subject = $2",
                             {std::string(name), std::string(subject)});
    if (!row) return std::nullopt;
    return row->integer(0);
}

Block load(sys::Reader& db, std::int64_t series, std::int64_t hour) {
    const auto row = db.find("SELECT minutes FROM sample_minutes WHERE series_id = $1 AND hour = $2", {series, hour});
    return row ? unpack(row->blob(0)) : Block{};
}

Minute whole(const Block& block) {
    Minute sum;
    for (const Minute& minute : block) sum = joined(sum, minute);
    return sum;
}

Minute read_hour(const sys::Row& row, std::size_t first) {
    return {row.real(first), row.real(first + 1), row.real(first + 2), row.integer(first + 3)};
}

void put_hour(sys::Transaction& tx, std::int64_t series, std::int64_t hour, const Minute& sum) {
    tx.execute(
        "INSERT INTO sample_hours (series_id, hour, least, most, mean, count) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (series_id, hour) DO UPDATE SET least = $3, most = $4, mean = $5, count = $6",
        {series, hour, sum.least, sum.most, sum.mean, sum.count});
}

/// One hour of one series, with what is new in it.
void merge(sys::Transaction& tx, std::int64_t series, std::int64_t hour, const Block& fresh, bool has_minutes) {
    if (!has_minutes) {
        const auto row = tx.find("SELECT least, most, mean, count FROM sample_hours WHERE series_id = $1 AND hour = $2",
                                 {series, hour});
        put_hour(tx, series, hour, joined(row ? read_hour(*row, 0) : Minute{}, whole(fresh)));
        return;
    }
    Block block = load(tx, series, hour);
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = joined(block[i], fresh[i]);
    tx.execute(
        "INSERT INTO sample_minutes (series_id, hour, minutes) VALUES ($1, $2, $3) ON CONFLICT (series_id, hour) DO "
        "UPDATE SET minutes = $3",
        {series, hour, sys::Blob{pack(block)}});
    put_hour(tx, series, hour, whole(block));
}

void join_into(Point& point, const Minute& minute) {
    if (minute.count == 0) return;
    const Minute before{point.least.value_or(0), point.most.value_or(0), point.mean.value_or(0), point.count};
    const Minute after = joined(before, minute);
    point.least = after.least;
    point.most = after.most;
    point.mean = after.mean;
    point.count = after.count;
}

}  // namespace

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kSteps[] = {{"samples/0001_samples", kSamples}};
    return kSteps;
}

Added add(sys::Transaction& tx, std::span<const Sample> all, Instant now, const Keep& keep) {
    Added added;
    std::map<std::tuple<std::string, std::string>, std::map<std::int64_t, Block>> fresh;
    std::map<std::tuple<std::string, std::string>, Instant> newest;
    for (const Sample& sample : all) {
        const bool is_good = is_name(sample.name) && base::is_utf8(sample.subject) && sample.subject.size() <= 1000 &&
                             sample.subject.find('\0') == std::string::npos && std::isfinite(sample.value) &&
                             sample.at <= now + 5min && now - sample.at < keep.hours && sample.at.milliseconds >= 0;
        if (!is_good) {
            ++added.refused;
            continue;
        }
        const std::tuple key{sample.name, sample.subject};
        const auto at = sample.at.milliseconds;
        Minute& minute = fresh[key][at / kHour][static_cast<std::size_t>(at % kHour / kMinute)];
        minute = joined(minute, {sample.value, sample.value, sample.value, 1});
        newest[key] = std::max(newest[key], sample.at);
        ++added.taken;
    }
    for (const auto& [key, hours] : fresh) {
        const auto& [name, subject] = key;
        auto id = find_id(tx, name, subject);
        if (!id) {
            if (tx.find("SELECT COUNT(*) FROM sample_series")->integer(0) >= kMostSeries) {
                for (const auto& [hour, block] : hours) {
                    added.taken -= whole(block).count;
                    added.refused += whole(block).count;
                }
                continue;
            }
            id = tx.insert("INSERT INTO sample_series (name, subject, newest_at) VALUES ($1, $2, 0) RETURNING id",
                           {name, subject});
        }
        for (const auto& [hour, block] : hours) merge(tx, *id, hour, block, now - Instant{hour * kHour} < keep.minutes);
        tx.execute("UPDATE sample_series SET newest_at = $2 WHERE id = $1 AND newest_at < $2",
                   {*id, newest[key].milliseconds});
    }
    return added;
}

Chart read(sys::Reader& db, const Query& query) {
    if (query.until <= query.from)
        throw base::Error(base::Kind::BadInput, "終わりの日時は、始まりの日時より後にしてください。");
    const std::int64_t most = std::clamp(query.points, 1, 2000);
    const std::int64_t span = query.until.milliseconds - query.from.milliseconds;
    std::int64_t unit = kMinute;
    std::int64_t step = ((span + most - 1) / most + unit - 1) / unit * unit;
    const auto id = find_id(db, query.name, query.subject);
    const auto has_minutes = [&] {
        const auto row = db.find("SELECT MIN(hour) FROM sample_minutes WHERE series_id = $1", {*id});
        return row && !row->is_null(0) && row->integer(0) * kHour <= std::max(query.from.milliseconds, std::int64_t{0});
    };
    // Where minutes are gone, or a point spans hours anyway, hours say the same.
    const auto oldest_hour =
        !id ? std::optional<sys::Row>{} : db.find("SELECT MIN(hour) FROM sample_hours WHERE series_id = $1", {*id});
    const bool is_older = oldest_hour && !oldest_hour->is_null(0) && !has_minutes() &&
                          db.find(
                              "SELECT 1 FROM sample_hours WHERE series_id = $1 AND hour >= $2 AND hour < (SELECT "
                              "COALESCE(MIN(hour), $3) FROM sample_minutes WHERE series_id = $1)",
                              {*id, query.from.milliseconds / kHour, query.until.milliseconds / kHour});
    if (step > kHour || is_older) {
        unit = kHour;
        step = ((span + most - 1) / most + unit - 1) / unit * unit;
    }
    Chart chart{milliseconds(step), {}};
    const std::int64_t start = query.from.milliseconds / unit * unit;
    for (std::int64_t at = start; at < query.until.milliseconds; at += step)
        chart.points.push_back({Instant{at}, {}, {}, {}, 0});
    if (!id) return chart;
    const auto take = [&](std::int64_t at, const Minute& minute) {
        if (at < start || at >= query.until.milliseconds) return;
        join_into(chart.points[static_cast<std::size_t>((at - start) / step)], minute);
    };
    const std::int64_t first = start / kHour;
    const std::int64_t last = (query.until.milliseconds - 1) / kHour;
    if (unit == kHour) {
        db.each(
            "SELECT hour, least, most, mean, count FROM sample_hours WHERE series_id = $1 AND hour >= $2 AND hour <= "
            "$3 ORDER BY hour",
            {*id, first, last}, [&](const sys::Row& row) {
                take(row.integer(0) * kHour, read_hour(row, 1));
                return true;
            });
        return chart;
    }
    db.each("SELECT hour, minutes FROM sample_minutes WHERE series_id = $1 AND hour >= $2 AND hour <= $3 ORDER BY hour",
            {*id, first, last}, [&](const sys::Row& row) {
                const Block block = unpack(row.blob(1));
                for (std::size_t i = 0; i < block.size(); ++i)
                    take(row.integer(0) * kHour + static_cast<std::int64_t>(i) * kMinute, block[i]);
                return true;
            });
    return chart;
}

std::optional<Point> find_newest(sys::Reader& db, std::string_view name, std::string_view subject) {
    const auto id = find_id(db, name, subject);
    if (!id) return std::nullopt;
    const auto row =
        db.find("SELECT hour, minutes FROM sample_minutes WHERE series_id = $1 ORDER BY hour DESC LIMIT 1", {*id});
    if (!row) return std::nullopt;
    const Block block = unpack(row->blob(1));
    for (std::size_t i = block.size(); i-- > 0;) {
        if (block[i].count == 0) continue;
        Point point{{row->integer(0) * kHour + static_cast<std::int64_t>(i) * kMinute}, {}, {}, {}, 0};
        join_into(point, block[i]);
        return point;
    }
    return std::nullopt;
}

std::vector<Series> list_series(sys::Reader& db, std::string_view name) {
    std::vector<Series> found;
    for (const auto& row : db.query("SELECT name, subject, newest_at FROM sample_series ORDER BY name, subject"))
        if (row.text(0).starts_with(name)) found.push_back({row.text(0), row.text(1), {row.integer(2)}});
    return found;
}

std::int64_t tidy(sys::Transaction& tx, Instant now, const Keep& keep) {
    const std::int64_t minutes_from = (now - keep.minutes).milliseconds / kHour;
    const std::int64_t hours_from = (now - keep.hours).milliseconds / kHour;
    std::int64_t rows = tx.execute("DELETE FROM sample_minutes WHERE hour < $1", {minutes_from});
    rows += tx.execute("DELETE FROM sample_hours WHERE hour < $1", {hours_from});
    rows += tx.execute(
        "DELETE FROM sample_series WHERE newest_at < $1 AND NOT EXISTS (SELECT 1 FROM sample_hours WHERE "
        "series_id = id) AND NOT EXISTS (SELECT 1 FROM sample_minutes WHERE series_id = id)",
        {hours_from * kHour});
    return rows;
}

}  // namespace samples
