// Tables as comma-separated text (RFC 4180), as spreadsheets write and read them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

struct CsvRecord {
    int line = 0;  ///< on which it begins, from 1
    std::vector<std::string> cells;
};

struct CsvTable {
    std::vector<CsvRecord> records;  ///< without blank lines
    std::optional<int>
        broken_line;  ///< where a quoted cell begins that does not end as it should; nothing after it is read
};

/// Takes CRLF and LF, a byte order mark, and line breaks within quotes.
CsvTable parse_csv(std::string_view text);

/// One record with CRLF. A cell that a spreadsheet would run as a formula (it begins with = + - @, these in full width,
/// a tab or a return) gets an apostrophe before it; parse_csv takes that away again.
std::string csv_line(std::span<const std::string> cells);

}  // namespace base
