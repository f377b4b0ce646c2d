// What residents read: pages and addresses that were not found, counted from the access log of a period. The kept logs
// come first, since the server's own log is rotated away; machines that say what they are are not counted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flow/site.h"

namespace flow {

struct Reads {
    std::map<std::string, std::int64_t> pages, missing;  ///< by path, as the log has it
    std::int64_t views = 0;
    bool is_there = false;              ///< there was a log to count
    bool is_cut = false;                ///< the log is larger than what is read; the newest part was counted
    std::optional<base::Instant> from;  ///< of the oldest line that was counted
};
Reads count_reads(Site& site, base::Instant from, base::Instant until);

/// The most frequent, by count and then by path; paths for people to read.
std::vector<std::pair<std::string, std::int64_t>> most_frequent(const std::map<std::string, std::int64_t>& counts,
                                                                std::size_t most);

}  // namespace flow
