// The list of what has to be so before the switch. What a program can see is looked at; the rest a person ticks, with
// name and time. Pure over what was observed and ticked.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "watch/cutover/store.h"

namespace cutover {

enum class Proof { Observed, Ticked };
struct PointRow {
    std::string_view id;       ///< "ttl": in records; never changes
    std::string_view wording;  ///< TTLを短くしてから十分な時間がたっている
    std::string_view hint;     ///< what to do when it is not so
    Proof proof = Proof::Ticked;
};
std::span<const PointRow> all_points();
/// Throws Error(NotFound), Error(BadInput) for a point that is looked at and not ticked.
void need_tickable(std::string_view id);

struct Point {
    const PointRow* row = nullptr;
    bool is_done = false;
    std::string text;  ///< what was seen, or the note of who ticked it
    std::string by;    ///< who ticked it; empty for what was observed
    std::optional<base::Instant> at;
};
/// In the order of the table. An observation holds for a day.
std::vector<Point> judge_points(std::span<const Observed> observed, std::span<const Tick> ticks, base::Instant now);
std::size_t count_open(std::span<const Point> points);

/// Was the TTL of everything that will change lowered, and has what was handed out before ended? `since_before`: the
/// TTL that the plan's records had.
Observed judge_ttl(const Plan& plan, std::span<const SeenTtl> seen, base::Instant now);
/// Records that must not change (MX, TXT, CAA, NS) and did, as sentences.
std::vector<std::string> changed_records(const Plan& plan, std::span<const RecordSet> now);

}  // namespace cutover
