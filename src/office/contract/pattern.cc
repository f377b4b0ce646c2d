#include "office/contract/pattern.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace contract {

namespace {

constexpr std::size_t kLongest = 400;

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool is_act(std::string_view text) {
    const std::size_t dot = text.find('.');
    return dot != std::string_view::npos && is_word(text.substr(0, dot)) &&
           (text.substr(dot + 1) == "*" || is_word(text.substr(dot + 1)));
}

bool matches(std::string_view wanted, std::string_view found) {
    if (wanted.ends_with('*')) return found.starts_with(wanted.substr(0, wanted.size() - 1));
    return wanted == found;
}

bool has_value(const Line& line, std::string_view field, const std::vector<std::string>& wanted) {
    const auto is_wanted = [&](std::string_view found) {
        return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) { return matches(one, found); });
    };
    if (field == "subject") return is_wanted(line.subject);
    if (field == "by") return is_wanted(line.by);
    return std::any_of(line.data.begin(), line.data.end(),
                       [&](const auto& each) { return each.first == field && is_wanted(each.second); });
}

}  // namespace

std::optional<std::string_view> find_value(const Line& line, std::string_view field) {
    for (const auto& [name, value] : line.data)
        if (name == field) return value;
    return std::nullopt;
}

Pattern parse_pattern(std::string_view text) {
    const auto wrong = [&](std::string why) { return base::Error(base::Kind::BadInput, std::move(why)); };
    if (text.size() > kLongest) throw wrong("a pattern has at most 400 bytes");
    Pattern pattern;
    pattern.text = std::string(text);
    for (const std::string_view word : base::split(text, ' ')) {
        if (word.empty()) continue;
        if (pattern.act.empty()) {
            if (!is_act(word))
                throw wrong(fmt::format("\"{}\" is no act of the ledger: write it as backup.run or anomaly.*", word));
            pattern.act = std::string(word);
            continue;
        }
        const std::size_t equals = word.find('=');
        std::string_view field = word.substr(0, equals);
        const bool is_not = field.ends_with('!');
        if (is_not) field.remove_suffix(1);
        if (equals == std::string_view::npos || !is_word(field) || equals + 1 == word.size())
            throw wrong(fmt::format("\"{}\" must be of the form field=value or field!=value", word));
        auto& values = pattern.words.emplace_back(Pattern::Word{std::string(field), {}, is_not}).values;
        for (const std::string_view value : base::split(word.substr(equals + 1), '|')) {
            if (value.empty()) throw wrong(fmt::format("\"{}\" has an empty alternative", word));
            values.emplace_back(value);
        }
    }
    if (pattern.act.empty()) throw wrong("a pattern begins with an act of the ledger, such as backup.run");
    return pattern;
}

bool fits(const Pattern& pattern, const Line& line) {
    return matches(pattern.act, line.act) &&
           std::all_of(pattern.words.begin(), pattern.words.end(),
                       [&](const Pattern::Word& w) { return has_value(line, w.field, w.values) != w.is_not; });
}

bool fits_any(const std::vector<Pattern>& patterns, const Line& line) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const Pattern& one) { return fits(one, line); });
}

}  // namespace contract
