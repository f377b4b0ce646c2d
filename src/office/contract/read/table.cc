#include "office/contract/read/table.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace contract {

namespace {

using settings::Node;
using Type = settings::Node::Type;

constexpr std::size_t kMostProblems = 50;
constexpr std::size_t kLongestShown = 60;
constexpr std::size_t kMostItems = 100;

std::string shown(std::string_view text) {
    std::string cut(base::first_code_points(text, kLongestShown));
    std::replace_if(
        cut.begin(), cut.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    if (cut.size() < text.size()) cut += "...";
    return cut;
}

std::optional<int> find_number(std::string_view text) {
    if (text.empty() || text.size() > 4) return std::nullopt;
    int number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return number;
}

}  // namespace

std::optional<Span> find_span(std::string_view text) {
    if (text.size() < 2) return std::nullopt;
    const auto number = find_number(text.substr(0, text.size() - 1));
    const int most = text.back() == 'w' ? 520 : text.back() == 'd' ? 3660 : 9999;  // ten years
    if (!number || *number == 0 || *number > most) return std::nullopt;
    switch (text.back()) {
        case 'w':
            return Span{*number * 7, true};
        case 'd':
            return Span{*number, true};
        case 'h':
            return Span{*number * 60, false};
        case 'm':
            return Span{*number, false};
        default:
            return std::nullopt;
    }
}

std::optional<int> find_minute(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hour = find_number(text.substr(0, 2)), minute = find_number(text.substr(3));
    if (!hour || !minute || *minute > 59 || *hour * 60 + *minute > 24 * 60) return std::nullopt;
    return *hour * 60 + *minute;
}

void Problems::add(settings::Place place, std::string message, bool is_warning) {
    if (all_.size() < kMostProblems) all_.push_back({place.line, place.column, std::move(message), is_warning});
}

const Node* Table::find(std::string_view key) {
    asked_.emplace_back(key);
    return node_ ? node_->find(key) : nullptr;
}

void Table::note(std::string_view key, std::string message, bool is_warning) {
    const Node* node = node_ ? node_->find(key) : nullptr;
    problems_.add(node ? node->key_place : place_, fmt::format("{}: {}", what_, message), is_warning);
}

const Node* Table::need(std::string_view key, Need need, Type type, std::string_view form) {
    const Node* node = find(key);
    if (!node) {
        if (need == Need::Required) note(key, fmt::format("{} is missing; write {} = {}", key, key, form));
        return nullptr;
    }
    if (node->type == type) return node;
    note(key, fmt::format("{} must be written as {} = {}", key, key, form));
    return nullptr;
}

bool Table::is_text(const Node& node, std::string_view key, std::size_t longest) {
    const bool has_control = std::any_of(node.text.begin(), node.text.end(),
                                         [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (has_control) note(key, fmt::format("{} must be one line without control characters", key));
    if (base::count_code_points(node.text) > longest)
        note(key, fmt::format("{} must have at most {} characters", key, longest));
    return !has_control;
}

std::string Table::text(std::string_view key, Need required, std::size_t longest) {
    const Node* node = need(key, required, Type::String, "\"...\"");
    if (!node || !is_text(*node, key, longest)) return {};
    if (node->text.empty() && required == Need::Required) note(key, fmt::format("{} must not be empty", key));
    return node->text;
}

std::string Table::id(std::string_view key, Need required) {
    std::string id = text(key, required, 60);
    const bool is_well = std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    if (!is_well) note(key, fmt::format("{} must be letters, digits, - and . only, not \"{}\"", key, shown(id)));
    return id;
}

std::int64_t Table::number(std::string_view key, std::int64_t least, std::int64_t most,
                           std::optional<std::int64_t> usual) {
    const Node* node = need(key, usual ? Need::Optional : Need::Required, Type::Whole, "(a whole number)");
    if (!node) return usual.value_or(least);
    if (node->integer >= least && node->integer <= most) return node->integer;
    note(key, fmt::format("{} must be from {} to {}, not {}", key, least, most, node->integer));
    return least;
}

bool Table::flag(std::string_view key, bool usual) {
    const Node* node = need(key, Need::Optional, Type::Boolean, "true or false");
    return node ? node->boolean : usual;
}

std::optional<base::Day> Table::day(std::string_view key, Need required) {
    const Node* node = find(key);
    if (!node) {
        if (required == Need::Required) note(key, fmt::format("{} is missing; write {} = \"2027-04-01\"", key, key));
        return std::nullopt;
    }
    const auto day =
        node->type == Type::String || node->type == Type::Moment ? base::parse_day(node->text) : std::nullopt;
    if (!day || day->year < 1990 || day->year > 2090) {
        note(key, fmt::format("{} must be a day such as \"2027-04-01\", from 1990 to 2090", key));
        return std::nullopt;
    }
    return day;
}

Span Table::span(std::string_view key, Need required) {
    const Node* node = need(key, required, Type::String, "\"30d\"");
    if (!node) return {};
    const auto span = find_span(node->text);
    if (!span) note(key, fmt::format("{} must be a number above 0 and d, w, h or m, such as \"30d\" or \"60m\"", key));
    return span.value_or(Span{});
}

int Table::minute(std::string_view key, int usual) {
    const Node* node = need(key, Need::Optional, Type::String, "\"17:30\"");
    if (!node) return usual;
    const auto minute = find_minute(node->text);
    if (!minute) note(key, fmt::format("{} must be a time of day such as \"17:30\"", key));
    return minute.value_or(usual);
}

std::vector<std::string> Table::texts(std::string_view key, Need required) {
    const Node* node = need(key, required, Type::List, "[\"...\"]");
    std::vector<std::string> all;
    if (!node) return all;
    if (node->nodes.size() > kMostItems) note(key, fmt::format("{} has at most {} entries", key, kMostItems));
    for (const Node& each : node->nodes) {
        if (all.size() >= kMostItems) break;
        if (each.type != Type::String) note(key, fmt::format("{} is a list of texts between quotes", key));
        if (each.type == Type::String && is_text(each, key, 400)) all.push_back(each.text);
    }
    if (all.empty() && required == Need::Required) note(key, fmt::format("{} must not be empty", key));
    return all;
}

std::vector<Pattern> Table::patterns(std::string_view key, Need required) {
    std::vector<Pattern> all;
    for (const std::string& text : texts(key, required)) {
        try {
            all.push_back(parse_pattern(text));
        } catch (const base::Error& error) {
            note(key, fmt::format("{}: {}", key, shown(error.message())));
        }
    }
    return all;
}

std::size_t Table::choice(std::string_view key, std::span<const std::string_view> words,
                          std::optional<std::size_t> usual) {
    const Node* node =
        need(key, usual ? Need::Optional : Need::Required, Type::String, "\"" + std::string(words[0]) + "\"");
    if (!node) return usual.value_or(0);
    const auto found = std::find(words.begin(), words.end(), node->text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    const auto nearest = base::find_nearest(base::first_code_points(node->text, kLongestShown), words);
    note(key, fmt::format("{} must be one of {}, not \"{}\"{}", key, fmt::join(words, ", "), shown(node->text),
                          nearest ? fmt::format("; did you mean {}?", *nearest) : ""));
    return usual.value_or(0);
}

Table Table::table(std::string_view key) {
    const Node* node = find(key);
    if (node && node->type != Type::Table) {
        note(key, fmt::format("{} is a section: write [{}] and its lines below", key, key));
        node = nullptr;
    }
    return {node, place_, fmt::format("[{}]", key), problems_};
}

std::vector<Table> Table::rows(std::string_view key, std::size_t most) {
    std::vector<Table> rows;
    const Node* node = find(key);
    if (!node) return rows;
    const bool is_of_tables =
        node->type == Type::List &&
        std::all_of(node->nodes.begin(), node->nodes.end(), [](const Node& each) { return each.type == Type::Table; });
    if (!is_of_tables) {
        note(key, fmt::format("{} is a list of tables: write [[{}]] above each entry", key, key));
        return rows;
    }
    if (node->nodes.size() > most) note(key, fmt::format("at most {} [[{}]] are taken", most, key));
    for (const Node& each : node->nodes)
        if (rows.size() < most) rows.emplace_back(&each, each.place, fmt::format("[[{}]]", key), problems_);
    return rows;
}

void Table::finish() {
    if (!node_) return;
    std::vector<std::string_view> known(asked_.begin(), asked_.end());
    for (const Node& each : node_->nodes) {
        if (std::find(known.begin(), known.end(), each.name) != known.end()) continue;
        const auto nearest = base::find_nearest(base::first_code_points(each.name, kLongestShown), known);
        problems_.add(each.key_place, fmt::format("{}: there is no {}{}", what_, shown(each.name),
                                                  nearest ? fmt::format("; did you mean {}?", *nearest) : ""));
    }
}

}  // namespace contract
