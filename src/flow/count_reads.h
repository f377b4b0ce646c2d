// What residents read and looked for: pages, addresses that were not found, and the words that a page of search results
// was opened with, counted from the access log of a period. The kept logs come first, since the server's own log is
// rotated away; machines that say what they are are not counted. Leaves out a search on another site: its words are in
// that site's log.
#pragma once

#include <chrono>
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
    std::map<std::string, std::int64_t> searches;        ///< by words, escaped as paths are
    std::int64_t views = 0;
    bool is_there = false;              ///< there was a log to count
    bool is_cut = false;                ///< the log is larger than what is read; the newest part was counted
    std::optional<base::Instant> from;  ///< of the oldest line that was counted
};
Reads count_reads(Site& site, base::Instant from, base::Instant until);

/// The most frequent, by count and then by path; paths for people to read.
std::vector<std::pair<std::string, std::int64_t>> most_frequent(const std::map<std::string, std::int64_t>& counts,
                                                                std::size_t most);

struct Unanswered {
    std::vector<std::pair<std::string, std::int64_t>> searches;
    std::int64_t pages = 0;  ///< that were read
    bool is_cut = false;     ///< time ran out before every page was read
};
/// Of the 60 most frequent searches those whose words are on no public page: no page's title and text has them all,
/// however they are written. Reads every public page while one is left to be found and there is time.
Unanswered list_unanswered(Site& site, const Reads& reads, std::size_t most,
                           std::chrono::seconds patience = std::chrono::seconds(60));

}  // namespace flow
