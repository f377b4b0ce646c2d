// Looks for lines in the logs that are kept: words as they stand there, and fields of access logs. Reads as much as a
// screen may wait for, then says where it stopped, so that the next call goes on.
#pragma once

#include "watch/log_archive/archive.h"

namespace log_archive {

struct Search {
    base::Instant from, until;       ///< inclusive, exclusive
    std::vector<std::string> kinds;  ///< empty = all
    std::string text;                ///< somewhere in the line, byte by byte
    std::string status;              ///< of access logs: "404", or its beginning: "4"
    std::string path;                ///< somewhere in what was asked for
    std::string address;             ///< the beginning of the client's address
    std::size_t limit = 100;         ///< lines
    std::string after;               ///< where an earlier search stopped
    std::uint64_t most_bytes = 512U << 20;
    std::chrono::milliseconds patience{4000};
};

struct Hit {
    std::string series, kind;
    base::Instant at;
    std::string line;  ///< valid UTF-8, at most 2,000 characters
};

struct Found {
    std::vector<Hit> hits;
    std::int64_t lines = 0;  ///< that were looked at
    std::string after;       ///< for the next search; empty = all was looked at
    bool is_cut = false;     ///< it stopped for time or bytes, not for `limit`
    base::Instant reached;   ///< where it stopped
    std::string problem;     ///< Japanese: a day that could not be read
};

/// By day, then by log, then in the order of the lines. Throws Error(BadInput) when `after` is none.
Found search(const Place& place, const Search& asked);

}  // namespace log_archive
