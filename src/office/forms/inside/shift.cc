#include "office/forms/inside/shift.h"

#include <charconv>

#include <fmt/format.h>

namespace forms {

namespace {

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
/// Of names of functions and sheets, in any script.
bool is_word(char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '.' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

struct Cell {
    std::size_t row_from = 0, end = 0;  // of the formula's bytes
    int row = 0;
};

/// "$B$10" at `at`.
std::optional<Cell> find_cell(std::string_view text, std::size_t at) {
    std::size_t i = at + (at < text.size() && text[at] == '$');
    const std::size_t letters = i;
    while (i < text.size() && is_letter(text[i])) ++i;
    if (i == letters || i - letters > 3) return std::nullopt;
    if (i < text.size() && text[i] == '$') ++i;
    Cell cell;
    cell.row_from = i;
    const auto [end, problem] = std::from_chars(text.data() + i, text.data() + text.size(), cell.row);
    cell.end = static_cast<std::size_t>(end - text.data());
    if (problem != std::errc() || cell.end == i || cell.end - i > 7 || cell.row < 1) return std::nullopt;
    if (cell.end < text.size() && (is_word(text[cell.end]) || text[cell.end] == '(' || text[cell.end] == '!'))
        return std::nullopt;
    return cell;
}

}  // namespace

int moved(const Shifts& shifts, int row) {
    int to = row;
    for (const Span& span : shifts)
        if (span.last < row) to += span.added();
    return to;
}

int moved_end(const Shifts& shifts, int row) {
    int to = row;
    for (const Span& span : shifts)
        if (span.first <= row) to += span.added();
    return to;
}

std::string move_formula(std::string_view formula, std::string_view own, const std::map<std::string, Shifts>& all,
                         const std::optional<Copy>& copy) {
    std::string text, sheet(own);
    bool is_end = false;  // of an area: "A1:" stands before
    for (std::size_t at = 0; at < formula.size();) {
        const char c = formula[at];
        if (c == '"') {
            auto end = formula.find('"', at + 1);
            end = end == std::string_view::npos ? formula.size() : end + 1;
            text += formula.substr(at, end - at);
            at = end;
            continue;
        }
        if (c == '\'') {  // 'a sheet''s name'!
            std::string name;
            std::size_t end = at + 1;
            for (; end < formula.size(); ++end) {
                if (formula[end] == '\'' && (end + 1 >= formula.size() || formula[end + 1] != '\'')) break;
                if (formula[end] == '\'') ++end;
                name += formula[end];
            }
            end = std::min(end + 1, formula.size());
            text += formula.substr(at, end - at);
            at = end;
            sheet = std::move(name);
            continue;
        }
        if (const auto cell = find_cell(formula, at)) {
            const auto shifts = all.find(sheet);
            int row = cell->row;
            if (shifts != all.end()) {
                const bool is_own_row = copy && sheet == own && row >= copy->span->first && row <= copy->span->last;
                row = is_own_row ? moved(shifts->second, row) + copy->number * copy->span->height()
                      : is_end   ? moved_end(shifts->second, row)
                                 : moved(shifts->second, row);
            }
            text += formula.substr(at, cell->row_from - at);
            text += fmt::format("{}", row);
            at = cell->end;
            is_end = at < formula.size() && formula[at] == ':';
            if (is_end)
                text += formula[at++];
            else
                sheet = own;
            continue;
        }
        if (is_word(c)) {  // a function, a number, or a sheet's plain name
            std::size_t end = at;
            while (end < formula.size() && is_word(formula[end])) ++end;
            const std::string_view word = formula.substr(at, end - at);
            sheet = end < formula.size() && formula[end] == '!' ? std::string(word) : std::string(own);
            text += word;
            at = end;
        } else {
            if (c != '!' && c != '$') sheet = own;
            text += c;
            ++at;
        }
        is_end = false;
    }
    return text;
}

}  // namespace forms
