// What inspection tools wrote, as findings: wapiti and testssl (JSON), lynis (its report file), nmap (XML), and lists
// of a third party (CSV). Any bytes are taken: what is no result of that tool is refused as a whole, one entry that
// cannot be read costs itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "office/advisories/advisory.h"

namespace vulnerabilities {

struct Finding {
    std::string tool;  ///< "wapiti", "testssl", "lynis", "nmap", "csv"
    std::string key;   ///< the same for the same finding in the next run
    std::string title, place, detail;
    advisories::Severity severity = advisories::Severity::Unknown;
};
struct Results {
    std::string tool;
    std::vector<Finding> findings;
    std::int64_t left_out = 0;
};
constexpr std::size_t kLargestResults = std::size_t{32} << 20;

/// Throws Error(BadInput) when it is none of that tool's. `tool` empty: by what stands in it.
Results read_results(std::string_view tool, std::string_view bytes);

}  // namespace vulnerabilities
