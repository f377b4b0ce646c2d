// The rules in YARA, compiled once from the texts inside the program. libyara 4.2 holds its rules for all threads and
// one scanner for each; a scanner stops at its time limit. Its own handlers for SIGSEGV and SIGBUS stay off: the bytes
// are in memory, and a library must not change what the whole program does on a signal.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "watch/signals/signal.h"

namespace content {

/// What a pattern says of itself in its `meta`.
struct PatternRule {
    std::string id;  ///< with '-', as in findings
    signals::Severity severity = signals::Severity::Warning;
    std::string message;  ///< Japanese
};
/// Every rule under rules/*.yar. Throws Error(Bug) when one does not compile or lacks its meta.
const std::map<std::string, PatternRule, std::less<>>& pattern_rules();

struct PatternHit {
    const PatternRule* rule = nullptr;
    std::size_t at = 0;  ///< the earliest string that matched
    std::size_t length = 0;
};
/// Calls `take` for each rule that holds for `bytes`. False when the time ran out, or memory did: some rules have not
/// spoken then.
bool find_patterns(std::string_view bytes, std::chrono::seconds patience, const std::function<void(PatternHit)>& take);

}  // namespace content
