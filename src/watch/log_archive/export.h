// Hands logs of a period over: one .zip with each day of each log cut to the period, an index for people and one for
// programs, the hashes, the ledger's lines that prove the days, a signature, and a verifier. A whole day that is packed
// goes in as its deflated bytes, so a month costs little more than copying it. docs/format/logs.md is the format.
#pragma once

#include "ground/sys/crypto.h"
#include "watch/log_archive/archive.h"
#include "watch/log_archive/mask.h"

namespace log_archive {

struct Order {
    base::Instant from, until;       ///< inclusive, exclusive
    std::vector<std::string> kinds;  ///< kinds or names of logs; empty = all
    bool is_masked = false;
    std::string by, why;
    std::string by_name = {};  ///< of the person, for who receives it; empty: not known
    std::string site_name, site_id;
    std::string verifier;  ///< tools/verify_logs.py
    const sys::SigningKey* key = nullptr;
    std::function<bool()> is_stopped = {};  ///< asked all along; then throws Interrupted
};

/// One day of one log in the archive.
struct Member {
    Day day;
    std::string file;  ///< "logs/access/2026-11-22.log"; empty when it has no line in the period
    std::int64_t lines = 0, bytes = 0;
    base::Hash sha256;
    bool is_sealed_whole = false;  ///< byte for byte the sealed day
};

struct Exported {
    std::vector<Member> members;
    std::int64_t lines = 0, bytes = 0;  ///< of the logs
    std::int64_t archive_bytes = 0;
    base::Hash sha256;  ///< of the archive
    std::string key;    ///< hexadecimal, public
    Masked masked;
    double seconds = 0;
};

/// Writes the archive to `file` (whole or not at all); temporary files stand beside it.
/// Throws Error(BadInput): an empty period or an unknown kind; Error(Damaged): a packed day is not what the record says
/// (take it out with `kinds`, or restore it); Error(Unavailable); base::Interrupted.
Exported export_logs(const Place& place, const Order& order, const std::filesystem::path& file);

/// Hands out the lines of one day with the time that each belongs to, until `take` returns false: that which it names,
/// or that of the line before it.
void each_line_of(const Place& place, const Day& day,
                  const std::function<bool(std::string_view line, base::Instant at)>& take);

}  // namespace log_archive
