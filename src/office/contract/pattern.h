// Which lines of the ledger are meant: "backup.run kind=data outcome=made", "anomaly.open subject=anomaly:*
// severity=serious|emergency source!=contract". First the act ("anomaly.*": all of that group), then words of the line;
// * at the end of a value is any ending, | separates alternatives, != is a line that has none of them (nor need it have
// the field). A line as the engine sees it is here too: no JSON, no database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ground/base/time.h"

namespace contract {

struct Line {
    std::string stream;
    std::int64_t sequence = 0;
    base::Instant at;
    std::string act, subject, by;
    std::vector<std::pair<std::string, std::string>> data;  ///< a list has one entry an item
};
/// The first value of that name; nothing when there is none.
std::optional<std::string_view> find_value(const Line& line, std::string_view field);

struct Pattern {
    struct Word {
        std::string field;
        std::vector<std::string> values;
        bool is_not = false;
    };
    std::string act;
    std::vector<Word> words;
    std::string text;  ///< as written
};

/// Throws Error(BadInput) that says what is wrong with it.
Pattern parse_pattern(std::string_view text);
bool fits(const Pattern& pattern, const Line& line);
bool fits_any(const std::vector<Pattern>& patterns, const Line& line);

}  // namespace contract
