#include "ground/base/csv.h"

namespace base {

namespace {

constexpr std::string_view kFormulaStarts = "=+-@\t\r";
// Japanese spreadsheets read these as the signs above.
constexpr std::string_view kWideStarts[] = {"＝", "＋", "－", "＠"};

bool is_formula(std::string_view cell) {
    return !cell.empty() && (kFormulaStarts.find(cell.front()) != std::string_view::npos ||
                             std::any_of(std::begin(kWideStarts), std::end(kWideStarts),
                                         [&](std::string_view wide) { return cell.starts_with(wide); }));
}

/// A cell that begins with apostrophes and then a formula gets one more, so that taking one away gives it back.
bool needs_apostrophe(std::string_view cell) {
    const std::size_t first = cell.find_first_not_of('\'');
    return first != std::string_view::npos && is_formula(cell.substr(first));
}

std::string as_read(std::string cell) {
    if (cell.starts_with('\'') && needs_apostrophe(std::string_view(cell).substr(1))) cell.erase(0, 1);
    return cell;
}

}  // namespace

CsvTable parse_csv(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    CsvTable table;
    int line = 1;
    std::size_t at = 0;
    const auto ends_line = [&](std::size_t place) {
        return place == text.size() || text[place] == '\n' || text.substr(place).starts_with("\r\n");
    };
    while (at < text.size()) {
        CsvRecord record{line, {}};
        for (bool more = true; more;) {
            std::string cell;
            if (at < text.size() && text[at] == '"') {
                const int begins = line;
                for (++at;; ++at) {
                    if (at == text.size()) {
                        table.broken_line = begins;
                        return table;
                    }
                    if (text[at] == '"') {
                        if (!text.substr(at + 1).starts_with('"')) break;
                        ++at;
                    }
                    if (text[at] == '\n') ++line;
                    cell += text[at];
                }
                ++at;
                if (!ends_line(at) && text[at] != ',') {
                    table.broken_line = begins;
                    return table;
                }
            } else {
                while (!ends_line(at) && text[at] != ',') cell += text[at++];
            }
            record.cells.push_back(as_read(std::move(cell)));
            more = at < text.size() && text[at] == ',';
            if (more) ++at;
        }
        if (at < text.size()) at += text[at] == '\r' ? 2 : 1;
        ++line;
        if (record.cells.size() > 1 || !record.cells.front().empty()) table.records.push_back(std::move(record));
    }
    return table;
}

std::string csv_line(std::span<const std::string> cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) line += ',';
        const std::string cell = (needs_apostrophe(cells[i]) ? "'" : "") + cells[i];
        if (cell.find_first_of(",\"\r\n") == std::string::npos && !cell.starts_with(' ') && !cell.ends_with(' ')) {
            line += cell;
            continue;
        }
        line += '"';
        for (const char c : cell) {
            if (c == '"') line += '"';
            line += c;
        }
        line += '"';
    }
    return line + "\r\n";
}

}  // namespace base
