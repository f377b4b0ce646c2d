// What inspection tools wrote, as findings: wapiti and testssl (JSON), lynis (its report file), nmap (XML), and lists
// of a third party (CSV). Any bytes are taken: what is no result of that tool is refused as a whole, one entry that
// cannot be read costs itself.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "office/advisories/advisory.h"

namespace vulnerabilities {

struct Finding {
    std::string tool;  ///< "wapiti", "testssl", "lynis", "nmap", "csv"
    std::string key;   ///< the same for the same finding in the next run
    std::string title, place, detail;
    std::string host;  ///< that it was found on, as the tool names it; "" where it names none
    advisories::Severity severity = advisories::Severity::Unknown;
};
struct Results {
    std::string tool;
    std::vector<Finding> findings;
    std::int64_t left_out = 0;
    /// Which hosts it looked at, also those on which it found nothing (of a CSV: those that stand in it), and whether
    /// it came to its end: only of these can be said that something is not there any more.
    std::set<std::string> hosts;
    bool is_whole = true;
};
constexpr std::size_t kLargestResults = std::size_t{32} << 20;

/// Throws Error(BadInput) when it is none of that tool's. `tool` empty: by what stands in it.
Results read_results(std::string_view tool, std::string_view bytes);

}  // namespace vulnerabilities
