// What one content rule is, and the table of them (rules.cc). A rule is one file: rules/ID.yar, patterns over the bytes
// (its `meta` holds severity and message), or rules/ID.cc, code over the tags of a page. Each has examples under
// rules/samples/ID/hit and .../clean; a test walks the table and fails on a rule without them.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "watch/content/subject.h"

namespace content {

struct Finding {
    std::size_t at = 0;      ///< offset into Subject::text()
    std::size_t length = 0;  ///< of what to show
    signals::Severity severity = signals::Severity::Warning;
};

struct Rule {
    std::string_view id;       ///< "hidden-frame": in findings, samples and the handbook; never changes
    std::string_view message;  ///< Japanese sentence for who reads the finding
    /// No clock, no network, no database.
    std::vector<Finding> (*run)(const Subject&);
};

/// Rules in C++.
std::span<const Rule* const> all_rules();
/// Ids of the rules in YARA: rules/ID.yar, where the rule's name has '_' for '-'.
std::span<const std::string_view> all_patterns();

}  // namespace content
