// The emergency stop: takes the whole public site (a notice page instead, 503) or the office (the site stays, nothing
// can be changed) out of service, and brings it back. It has to work when nothing else does, so a stop is a file that
// the servers look for, not a row: neither database nor key is needed. The act itself is noted in a file first and goes
// to the ledger as soon as the database can be reached; a stop that was cut off in the middle is finished there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "flow/site.h"

namespace flow {

enum class Part { Public, Office };
std::string_view part_id(Part part);    ///< "public", "office"
std::string_view part_name(Part part);  ///< in Japanese
std::optional<Part> find_part(std::string_view id);

/// Longest notice, in bytes: what servers read into memory.
constexpr std::size_t kLargestNotice = 64 << 10;
/// What a stopped server says about when to ask again.
constexpr std::chrono::seconds kRetryAfter{3600};

struct Stop {
    std::string id;  ///< hexadecimal, of the act that stopped it
    Part part = Part::Public;
    base::Instant at;
    std::string by;      ///< "person:5", "system:cli:0"
    std::string second;  ///< who agreed, where two people are asked for; else empty
    std::string reason;  ///< for the record
    std::string notice;  ///< for visitors: plain text, paragraphs by empty lines
};

/// The page that visitors get while the public site is stopped; it is there exactly while it is.
std::filesystem::path notice_file(const Folders& folders, Part part);
/// What is stopped now. A damaged note counts as a stop with nothing known of it: what is in doubt stays shut.
std::optional<Stop> find_stop(const Folders& folders, Part part);

/// What the notice says when nobody wrote another.
std::string usual_notice(Part part);
/// Stops it; servers follow within a second. Throws Error(BadInput) when the reason is empty or the notice too long,
/// Error(Conflict) when it is stopped already.
Stop stop_service(const Folders& folders, const Stop& asked, std::string_view site_name);
/// Brings it back. Throws Error(Conflict) when it is not stopped, Error(BadInput) when the reason is empty.
void resume_service(const Folders& folders, const Stop& asked);

/// One who asks for a stop or its end, where a second person has to agree. Kept for half an hour; the ledger's line
/// tells all others who may agree.
struct StopAsked {
    Stop stop;  ///< `reason` and `by` are those of the request
    bool is_resume = false;
};
std::optional<StopAsked> find_stop_asked(const Folders& folders, Part part, base::Instant now);
void ask_stop(Site& site, const StopAsked& asked);
void forget_stop_asked(const Folders& folders, Part part);

/// Finishes what was cut off, and writes into the ledger what is not there yet. Returns the number of lines. To be
/// called by whoever has the database, at its start and about once a second.
int record_stops(Site& site);

}  // namespace flow
