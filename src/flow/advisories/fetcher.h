// Asks one source of weaknesses in its own way: a list by one conditional request, MyJVN by questions whose answers
// come in pages, OSV once for each package, Debian's tracker into a file because it is too large for memory. Says what
// came; keeps nothing but the bytes of the last list that could be read, for whoever wants to know later what it said.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "flow/watch_advisories.h"
#include "office/advisories/readers.h"

namespace flow {

constexpr std::string_view kTracker = "debian";

/// Debian's tracker out of a file, for the release of the settings or of this machine. Throws Error(BadInput) when that
/// is not known.
advisories::Reading read_tracker_file(Site& site, const std::filesystem::path& file,
                                      std::span<const vulnerabilities::Component> components);
/// The first thing that was wrong with what came.
std::string problem_of(const advisories::Reading& reading);

class Fetcher {
  public:
    Fetcher(Site& site, const FeedSource& source, sys::HttpClient& client);

    /// Nothing when it has not changed. MyJVN's entry is asked for what changed since `since`. Notes headers, hash and
    /// time of change in `feed`. Throws Error(Unavailable) for what did not come.
    std::optional<advisories::Reading> fetch(vulnerabilities::Feed& feed,
                                             std::span<const vulnerabilities::Component> components, base::Day since,
                                             base::Instant now);
    /// The details of these entries of JVN iPedia, of as many as came; `problem` says why of the others.
    std::vector<advisories::Advisory> fetch_details(std::span<const std::string> ids, std::string& problem);

  private:
    std::optional<sys::Fetched> ask(const std::string& address, vulnerabilities::Feed* feed);
    advisories::Reading read_pages(const std::string& address, const advisories::Format& format,
                                   advisories::Reading reading);
    std::optional<advisories::Reading> fetch_tracker(vulnerabilities::Feed& feed,
                                                     std::span<const vulnerabilities::Component> components,
                                                     base::Instant now);
    advisories::Reading ask_osv(std::span<const vulnerabilities::Component> components);
    advisories::Reading ask_osv_page(const vulnerabilities::Component& one, const std::string& page);
    std::filesystem::path kept_file() const;

    Site& site_;
    const FeedSource& source_;
    sys::HttpClient& client_;
    sys::FetchOptions options_;
};

}  // namespace flow
