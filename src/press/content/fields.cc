#include "press/content/fields.h"

#include <charconv>

#include <boost/json.hpp>

#include "ground/base/colour.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/inner/leads.h"
#include "press/content/inner/names.h"

namespace content {

namespace json = boost::json;

namespace {

using base::Error;
using base::Kind;

constexpr std::string_view kKinds[] = {"text", "lines", "link", "image", "colour", "number", "switch", "items"};
constexpr std::size_t kMostFields = 60;
constexpr std::int64_t kMostRows = 50;
constexpr std::int64_t kLongestLine = 300, kLongestLines = 4000;  // characters

struct Marks {
    std::string_view open, close, escaped;  ///< `escaped`: `close` inside a JSON text
};
Marks marks_of(TemplateKind kind) {
    return kind == TemplateKind::Style ? Marks{"/* fields", "*/", "*\\/"} : Marks{"{# fields", "#}", "#\\u007d"};
}

bool may_have_fields(TemplateKind kind) {
    return kind != TemplateKind::Menu && kind != TemplateKind::List;
}

/// The declaration's place: all of it, and the JSON inside.
struct Place {
    std::size_t begin = 0, end = 0;  ///< `end` behind its line
    std::string_view inside;
};
std::optional<Place> find_place(TemplateKind kind, std::string_view source) {
    if (!may_have_fields(kind)) return std::nullopt;
    const Marks marks = marks_of(kind);
    const std::size_t begin = source.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || source.substr(begin, marks.open.size()) != marks.open) return std::nullopt;
    const std::size_t after = begin + marks.open.size(), close = source.find(marks.close, after);
    if (close == std::string_view::npos) return std::nullopt;
    std::size_t end = close + marks.close.size();
    if (source.substr(end, 1) == "\n") ++end;
    return Place{begin, end, source.substr(after, close - after)};
}

[[noreturn]] void refuse(std::string_view why) {
    throw Error(Kind::BadInput, fmt::format("入力項目の宣言（fields）を読めません。{}", why));
}

std::string text_of(const json::object& object, std::string_view key, bool is_needed) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr && !is_needed) return {};
    if (value == nullptr || !value->is_string()) refuse(fmt::format("「{}」に文字がありません。", key));
    return std::string(value->as_string());
}

std::int64_t number_of(const json::object& object, std::string_view key, std::int64_t otherwise) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) return otherwise;
    if (!value->is_int64()) refuse(fmt::format("「{}」は整数で書いてください。", key));
    return value->as_int64();
}

std::string value_text(const json::value& value) {
    if (value.is_string()) return std::string(value.as_string());
    if (value.is_int64()) return std::to_string(value.as_int64());
    if (value.is_bool()) return value.as_bool() ? "1" : "";
    refuse("「value」の形が違います。");
}

void read_value(Field& field, const json::value& value) {
    if (field.kind != FieldKind::Items) {
        field.value = value_text(value);
        return;
    }
    if (!value.is_array()) refuse(fmt::format("「{}」の「value」は並びで書いてください。", field.name));
    for (const json::value& row : value.as_array()) {
        if (!row.is_object()) refuse(fmt::format("「{}」の行の形が違います。", field.name));
        std::vector<std::string> cells;
        for (const Field& each : field.of) {
            const json::value* cell = row.as_object().if_contains(each.name);
            cells.push_back(cell == nullptr ? std::string() : value_text(*cell));
        }
        field.rows.push_back(std::move(cells));
    }
}

std::vector<Field> read_fields(const json::value& list, TemplateKind kind, bool is_inner) {
    if (!list.is_array() || list.as_array().size() > kMostFields)
        refuse(fmt::format("{}個までの項目を [ ] の中に並べてください。", kMostFields));
    std::vector<Field> fields;
    for (const json::value& one : list.as_array()) {
        if (!one.is_object()) refuse("項目は { } で書いてください。");
        const json::object& object = one.as_object();
        Field field;
        field.name = text_of(object, "name", true);
        require_name(field.name, "入力項目の記号");
        for (const Field& known : fields)
            if (known.name == field.name) refuse(fmt::format("「{}」が2つあります。", field.name));
        const std::string word = text_of(object, "kind", true);
        const auto found = std::find(std::begin(kKinds), std::end(kKinds), word);
        if (found == std::end(kKinds)) refuse(fmt::format("「{}」という種類はありません。", word));
        field.kind = static_cast<FieldKind>(found - std::begin(kKinds));
        const bool is_colour = field.kind == FieldKind::Colour;
        if (is_colour != (kind == TemplateKind::Style))
            refuse("スタイルの項目は色だけで、色の項目はスタイルだけで使えます。");
        if (is_inner && field.kind == FieldKind::Items) refuse("並びの中に並びは置けません。");
        field.label = text_of(object, "label", true);
        if (field.label.empty()) refuse(fmt::format("「{}」の「label」が空です。", field.name));
        field.hint = text_of(object, "hint", false);
        field.is_required = object.contains("required") && object.at("required") == json::value(true);
        field.least = number_of(object, "least", 0);
        field.most = number_of(object, "most", 0);
        if (const json::value* against = object.if_contains("against")) {
            if (!against->is_array()) refuse("「against」は [ ] で書いてください。");
            for (const json::value& name : against->as_array()) field.against.push_back(value_text(name));
        }
        if (field.kind == FieldKind::Items) {
            if (!object.contains("of")) refuse(fmt::format("「{}」の行の項目「of」がありません。", field.name));
            field.of = read_fields(object.at("of"), kind, true);
        }
        if (const json::value* value = object.if_contains("value"); value != nullptr && !is_colour)
            read_value(field, *value);
        fields.push_back(std::move(field));
    }
    return fields;
}

/// Where the value of --name stands in a style sheet: the first declaration of it.
std::optional<std::pair<std::size_t, std::size_t>> find_property(std::string_view css, std::string_view name,
                                                                 std::size_t from) {
    const std::string mark = fmt::format("--{}:", name);
    for (std::size_t at = css.find(mark, from); at != std::string_view::npos; at = css.find(mark, at + 1)) {
        if (at > 0 &&
            std::string_view("-_abcdefghijklmnopqrstuvwxyz0123456789").find(css[at - 1]) != std::string_view::npos)
            continue;
        std::size_t begin = at + mark.size();
        while (begin < css.size() && css[begin] == ' ') ++begin;
        std::size_t end = std::min(css.find_first_of(";}\n", begin), css.size());
        while (end > begin && (css[end - 1] == ' ' || css[end - 1] == '\t' || css[end - 1] == '\r')) --end;
        return std::pair(begin, end);
    }
    return std::nullopt;
}

json::value parse_json(std::string_view inside, int line) {
    json::error_code problem;
    json::parse_options options;
    options.max_depth = 8;
    json::stream_parser parser({}, options);
    const std::size_t read = parser.write_some(inside.data(), inside.size(), problem);
    if (!problem) parser.finish(problem);
    if (problem || inside.find_first_not_of(" \t\r\n", read) != std::string_view::npos)
        throw Error(
            Kind::BadInput,
            fmt::format("{}行目：入力項目の宣言（fields）を読めません。JSONの書き方を確かめてください（{}）。",
                        line + std::count(inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(read), '\n'),
                        problem.message()));
    return parser.release();
}

json::value value_json(const Field& field) {
    if (field.kind == FieldKind::Switch) return field.value == "1";
    if (field.kind != FieldKind::Items) return json::string(field.value);
    json::array rows;
    for (const auto& cells : field.rows) {
        json::object row;
        for (std::size_t i = 0; i < field.of.size() && i < cells.size(); ++i) row[field.of[i].name] = cells[i];
        rows.push_back(std::move(row));
    }
    return rows;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

std::optional<std::string> find_fault(const Field& field, const std::string& value) {
    if (value.empty()) {
        if (field.is_required || field.kind == FieldKind::Number || field.kind == FieldKind::Colour)
            return fmt::format("「{}」を入れてください。", field.label);
        return std::nullopt;
    }
    const auto longest = field.most > 0 && field.kind != FieldKind::Number ? field.most
                         : field.kind == FieldKind::Lines                  ? kLongestLines
                                                                           : kLongestLine;
    switch (field.kind) {
        case FieldKind::Text:
        case FieldKind::Lines:
            if (static_cast<std::int64_t>(base::count_code_points(value)) > longest)
                return fmt::format("「{}」は{}文字までにしてください。", field.label, longest);
            if (field.kind == FieldKind::Text && value.find('\n') != std::string::npos)
                return fmt::format("「{}」は1行にしてください。", field.label);
            return std::nullopt;
        case FieldKind::Link:
            if (!may_lead_to(value) || value.size() > 2000)
                return fmt::format("「{}」は「/」か https:// などで始めてください。", field.label);
            return std::nullopt;
        case FieldKind::Image:
            if (!value.starts_with('/') || value.starts_with("//") || value.size() > 1000)
                return fmt::format("「{}」は、このサイトの画像を「/」で始まるアドレスで指定してください。",
                                   field.label);
            return std::nullopt;
        case FieldKind::Colour:
            if (!base::find_colour(value))
                return fmt::format("「{}」の色は #004c59 の形で入れてください。", field.label);
            return std::nullopt;
        case FieldKind::Number: {
            std::int64_t number = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
            if (error != std::errc() || end != value.data() + value.size() || number < field.least ||
                (field.most > 0 && number > field.most))
                return fmt::format("「{}」は{}から{}までの数にしてください。", field.label, field.least, field.most);
            return std::nullopt;
        }
        case FieldKind::Switch:
        case FieldKind::Items:
            break;
    }
    return std::nullopt;
}

void check_contrast(std::span<const Field> fields, const Field& field, std::vector<FieldProblem>& problems) {
    const auto colour = base::find_colour(field.value);
    if (!colour) return;
    for (const std::string& name : field.against) {
        const auto other =
            std::find_if(fields.begin(), fields.end(), [&](const Field& one) { return one.name == name; });
        const auto beside = base::find_colour(other == fields.end() ? name : other->value);
        if (!beside) continue;
        const double ratio = base::contrast(*colour, *beside);
        if (ratio >= base::kTextContrast) continue;
        problems.push_back(
            {field.name, 0, "",
             fmt::format("「{}」（{}）と{}の明るさの差が小さく、文字が読みにくくなります（{:.2f}:1）。4.5:1以上になる色"
                         "にしてください。",
                         field.label, field.value,
                         other == fields.end() ? fmt::format("文字や背景の色（{}）", name)
                                               : fmt::format("「{}」（{}）", other->label, other->value),
                         ratio)});
    }
}

}  // namespace

std::vector<Field> parse_fields(TemplateKind kind, std::string_view source) {
    const auto place = find_place(kind, source);
    if (!place) return {};
    const auto line = 1 + std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(place->begin), '\n');
    std::vector<Field> fields = read_fields(parse_json(place->inside, static_cast<int>(line)), kind, false);
    if (kind != TemplateKind::Style) return fields;
    for (Field& field : fields) {
        const auto property = find_property(source, field.name, place->end);
        if (!property) refuse(fmt::format("スタイルの中に「--{}:」がありません。", field.name));
        field.value = base::trim(source.substr(property->first, property->second - property->first));
    }
    return fields;
}

std::string with_fields(TemplateKind kind, std::string_view source, std::span<const Field> filled) {
    const auto place = find_place(kind, source);
    if (!place) return std::string(source);
    const auto find = [&](std::string_view name) {
        return std::find_if(filled.begin(), filled.end(), [&](const Field& one) { return one.name == name; });
    };
    if (kind == TemplateKind::Style) {
        std::string css(source);
        for (const Field& field : parse_fields(kind, source)) {
            const auto given = find(field.name);
            const auto property = find_property(css, field.name, place->end);
            if (given != filled.end() && property)
                css.replace(property->first, property->second - property->first, given->value);
        }
        return css;
    }
    json::value list = parse_json(place->inside, 1);
    const std::vector<Field> known = parse_fields(kind, source);
    bool has_changed = false;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto given = find(known[i].name);
        if (given == filled.end() || (given->value == known[i].value && given->rows == known[i].rows)) continue;
        Field next = known[i];
        next.value = given->value;
        next.rows = given->rows;
        list.as_array()[i].as_object()["value"] = value_json(next);
        has_changed = true;
    }
    if (!has_changed) return std::string(source);
    const Marks marks = marks_of(kind);
    std::string text;
    for (const json::value& one : list.as_array())
        text += fmt::format("{}{}", text.empty() ? "[" : ",\n ", json::serialize(one));
    text += ']';
    replace_all(text, marks.close, marks.escaped);
    return fmt::format("{}{}\n{}\n{}\n{}", source.substr(0, place->begin), marks.open, text, marks.close,
                       source.substr(place->end));
}

std::string_view without_fields(TemplateKind kind, std::string_view source) {
    const auto place = find_place(kind, source);
    return place ? source.substr(place->end) : source;
}

std::vector<std::string> page_parts(std::string_view source) {
    constexpr std::string_view kMark = "fields.";
    std::vector<std::string> names{"body"};
    for (std::size_t at = source.find(kMark); at != std::string_view::npos; at = source.find(kMark, at)) {
        at += kMark.size();
        std::size_t end = at;
        while (end < source.size() &&
               (std::isalnum(static_cast<unsigned char>(source[end])) != 0 || source[end] == '_'))
            ++end;
        std::string name(source.substr(at, end - at));
        if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(std::move(name));
    }
    return names;
}

std::vector<FieldProblem> check_fields(std::span<const Field> fields) {
    std::vector<FieldProblem> problems;
    for (const Field& field : fields) {
        if (field.kind == FieldKind::Items) {
            const std::int64_t most = field.most > 0 ? std::min(field.most, kMostRows) : kMostRows;
            if (static_cast<std::int64_t>(field.rows.size()) > most)
                problems.push_back({field.name, 0, "", fmt::format("「{}」は{}個までです。", field.label, most)});
            for (std::size_t row = 0; row < field.rows.size(); ++row)
                for (std::size_t i = 0; i < field.of.size(); ++i)
                    if (auto fault = find_fault(field.of[i], field.rows[row][i]))
                        problems.push_back({field.name, row, field.of[i].name,
                                            fmt::format("「{}」の{}番目：{}", field.label, row + 1, *fault)});
            continue;
        }
        if (auto fault = find_fault(field, field.value))
            problems.push_back({field.name, 0, "", std::move(*fault)});
        else if (field.kind == FieldKind::Colour)
            check_contrast(fields, field, problems);
    }
    return problems;
}

}  // namespace content
