// Time: an Instant is UTC milliseconds, a Day a date of the Japanese calendar day, and only this file converts between
// them. Japan has had no daylight saving time since 1952, so Japan Standard Time is UTC+9 throughout (JST; the
// municipal pages and contracts that we serve have no older times of day).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

/// Milliseconds since 1970-01-01T00:00:00Z.
struct Instant {
    std::int64_t milliseconds = 0;
    auto operator<=>(const Instant&) const = default;
};

inline Instant operator+(Instant at, std::chrono::milliseconds wait) {
    return {at.milliseconds + wait.count()};
}
inline Instant operator-(Instant at, std::chrono::milliseconds wait) {
    return {at.milliseconds - wait.count()};
}
inline std::chrono::milliseconds operator-(Instant a, Instant b) {
    return std::chrono::milliseconds(a.milliseconds - b.milliseconds);
}

/// A local date, proleptic Gregorian.
struct Day {
    int year = 1970;
    int month = 1;  ///< 1-12
    int day = 1;    ///< 1-31
    auto operator<=>(const Day&) const = default;
};

/// Days since 1970-01-01.
std::int64_t day_number(Day day);
Day day_from_number(std::int64_t number);
inline Day operator+(Day day, int days) {
    return day_from_number(day_number(day) + days);
}
inline Day operator-(Day day, int days) {
    return day_from_number(day_number(day) - days);
}
/// 0 = Sunday ... 6 = Saturday.
int weekday(Day day);
bool is_day(int year, int month, int day);

/// A wall-clock reading in Japan.
struct LocalTime {
    Day day;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millisecond = 0;
    auto operator<=>(const LocalTime&) const = default;
};
LocalTime to_local(Instant at);
Instant from_local(const LocalTime& time);
inline Day local_day(Instant at) {
    return to_local(at).day;
}

/// "2026-11-22T00:53:13.123Z": the one form in records, JSON and logs.
std::string format_utc(Instant at);
/// Nothing unless `text` is exactly that form.
std::optional<Instant> parse_utc(std::string_view text);
/// "2026-11-22".
std::string format_day(Day day);
std::optional<Day> parse_day(std::string_view text);
/// What people type for --at and in forms: "2027-04-01", "2027-04-01 09:00", "2027-04-01T09:00", with optional seconds,
/// all Japanese time, or the UTC form of format_utc.
std::optional<Instant> parse_instant(std::string_view text);
/// "2026-11-22 09:53" in Japanese time, for screens and prose.
std::string format_local(Instant at);

/// Where time comes from. Instants may step when the machine's clock is set; durations are taken from `monotonic`.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
    virtual std::chrono::nanoseconds monotonic() const = 0;
};

class SystemClock final : public Clock {
  public:
    Instant now() const override;
    std::chrono::nanoseconds monotonic() const override;
};

/// A clock that stands still until it is told to go on; for tests and for judging "as of" another moment.
class FixedClock final : public Clock {
  public:
    explicit FixedClock(Instant at) : at_(at) {}
    Instant now() const override { return at_; }
    std::chrono::nanoseconds monotonic() const override { return since_start_; }
    void advance(std::chrono::milliseconds by) {
        at_ = at_ + by;
        since_start_ += by;
    }
    /// Sets the wall clock alone, as an administrator would; monotonic time does not follow.
    void set(Instant at) { at_ = at; }

  private:
    Instant at_;
    std::chrono::nanoseconds since_start_{0};
};

}  // namespace base
