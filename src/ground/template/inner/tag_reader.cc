#include "ground/template/inner/tag_reader.h"

#include <charconv>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/template/inner/mistake.h"

namespace tmpl {

namespace {

constexpr int kMostTerms = 200;
constexpr int kMostLevels = 64;

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool is_keyword(std::string_view word) {
    return word == "and" || word == "or" || word == "not" || word == "true" || word == "false" || word == "null" ||
           word == "in" || word == "with";
}

std::string suggest_filter(std::string_view name) {
    std::vector<std::string_view> known;
    for (const Filter& filter : all_filters()) known.push_back(filter.name);
    const auto nearest = base::find_nearest(name, known);
    return nearest ? fmt::format("{}?", *nearest) : fmt::format("{}", fmt::join(known, ", "));
}

}  // namespace

TagReader::TagReader(Program& program, std::size_t at, std::size_t end) : program_(program), at_(at), end_(end) {
    next();
}

void TagReader::next() {
    const std::string_view source = program_.source;
    while (at_ < end_ && is_space(source[at_])) ++at_;
    start_ = at_;
    kind_ = Kind::End;
    text_ = {};
    if (at_ >= end_) return;
    const char c = source[at_];
    const auto run = [&](auto&& belongs) {
        std::size_t stop = at_ + 1;
        while (stop < end_ && belongs(source[stop])) ++stop;
        text_ = source.substr(at_, stop - at_);
        at_ = stop;
    };
    if (is_name_start(c)) {
        kind_ = Kind::Name;
        run([](char d) { return is_name_start(d) || is_digit(d); });
    } else if (is_digit(c) || (c == '-' && at_ + 1 < end_ && is_digit(source[at_ + 1]))) {
        kind_ = Kind::Number;
        run(is_digit);
    } else if (c == '"' || c == '\'') {
        const std::size_t close = source.substr(0, end_).find(c, at_ + 1);
        if (close == std::string_view::npos) refuse(program_, at_, Mistake::UnclosedText, source.substr(at_, 1));
        kind_ = Kind::Text;
        text_ = source.substr(at_ + 1, close - at_ - 1);
        at_ = close + 1;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
        refuse(program_, at_, Mistake::FullWidth, base::first_code_points(source.substr(at_, end_ - at_), 1));
    } else {
        kind_ = Kind::Sign;
        const std::string_view two = source.substr(at_, end_ - at_ >= 2 ? 2 : 1);
        const bool is_pair = two == "==" || two == "!=" || two == "<=" || two == ">=";
        if (!is_pair && std::string_view("+-*/%").find(c) != std::string_view::npos) {
            refuse(program_, at_, Mistake::NoArithmetic, source.substr(at_, 1));
        }
        text_ = is_pair ? two : source.substr(at_, 1);
        at_ += text_.size();
    }
}

bool TagReader::is_word(std::string_view word) const {
    return (kind_ == Kind::Name || kind_ == Kind::Sign) && text_ == word;
}

bool TagReader::take(std::string_view word) {
    if (!is_word(word)) return false;
    next();
    return true;
}

std::string_view TagReader::take_name(const char* what) {
    if (kind_ != Kind::Name || is_keyword(text_)) complain(what);
    const std::string_view name = text_;
    next();
    return name;
}

std::string_view TagReader::take_text(const char* what) {
    if (kind_ != Kind::Text) complain(what);
    const std::string_view text = text_;
    next();
    return text;
}

void TagReader::expect_end() {
    if (!is_done()) complain("%} / }}");
}

void TagReader::complain(const char* needed) const {
    refuse(program_, start_, Mistake::BadExpression, needed, is_done() ? "%} / }}" : text_);
}

std::uint32_t TagReader::add(Expression made) {
    if (++terms_ > kMostTerms) refuse(program_, start_, Mistake::TooManyTerms);
    program_.expressions.push_back(made);
    return static_cast<std::uint32_t>(program_.expressions.size() - 1);
}

std::uint32_t TagReader::take_condition() {
    if (++depth_ > kMostLevels) refuse(program_, start_, Mistake::TooDeep);
    auto left = take_and();
    while (take("or")) {
        const auto right = take_and();
        left = add({.kind = Expression::Kind::Or, .a = left, .b = right});
    }
    --depth_;
    return left;
}

std::uint32_t TagReader::take_and() {
    auto left = take_not();
    while (take("and")) {
        const auto right = take_not();
        left = add({.kind = Expression::Kind::And, .a = left, .b = right});
    }
    return left;
}

std::uint32_t TagReader::take_not() {
    if (!is_word("not")) return take_comparison();
    if (++depth_ > kMostLevels) refuse(program_, start_, Mistake::TooDeep);
    next();
    const auto denied = take_not();
    --depth_;
    return add({.kind = Expression::Kind::Not, .a = denied});
}

std::uint32_t TagReader::take_comparison() {
    static constexpr std::pair<std::string_view, Expression::Kind> kSigns[] = {
        {"==", Expression::Kind::Equal},  {"!=", Expression::Kind::NotEqual},  {"<", Expression::Kind::Less},
        {">", Expression::Kind::Greater}, {"<=", Expression::Kind::LessEqual}, {">=", Expression::Kind::GreaterEqual}};
    const auto left = take_value();
    for (const auto& [sign, kind] : kSigns) {
        const auto offset = static_cast<std::uint32_t>(start_);
        if (!take(sign)) continue;
        const auto right = take_value();
        return add({.kind = kind, .a = left, .b = right, .offset = offset});
    }
    if (is_word("=")) complain("==");
    return left;
}

std::uint32_t TagReader::take_value() {
    auto value = take_primary();
    bool has_default = false;
    while (take("|")) {
        has_default = has_default || is_word("default");
        value = take_filter(value, has_default);
    }
    return value;
}

std::uint32_t TagReader::take_filter(std::uint32_t input, bool has_default) {
    const auto offset = start_;
    const std::string_view name = take_name("filter");
    const Filter* filter = find_filter(name);
    if (!filter) refuse(program_, offset, Mistake::UnknownFilter, name, suggest_filter(name));
    std::vector<std::uint32_t> arguments;
    if (take("(") && !take(")")) {
        do {
            arguments.push_back(take_primary());
        } while (take(","));
        if (!take(")")) complain(")");
    }
    const int count = static_cast<int>(arguments.size());
    if (count < filter->min_arguments || count > filter->max_arguments) {
        const auto wanted = filter->min_arguments == filter->max_arguments
                                ? fmt::format("{}", filter->min_arguments)
                                : fmt::format("{}-{}", filter->min_arguments, filter->max_arguments);
        refuse(program_, offset, Mistake::FilterArguments, name, wanted);
    }
    const auto first = static_cast<std::uint32_t>(program_.arguments.size());
    program_.arguments.insert(program_.arguments.end(), arguments.begin(), arguments.end());
    return add({.kind = Expression::Kind::Filter,
                .has_default = has_default,
                .a = input,
                .b = static_cast<std::uint32_t>(count),
                .c = first,
                .offset = static_cast<std::uint32_t>(offset),
                .filter = filter});
}

std::uint32_t TagReader::take_primary() {
    const auto offset = static_cast<std::uint32_t>(start_);
    const auto literal = [&](Value value) {
        next();
        program_.literals.push_back(std::move(value));
        const auto index = static_cast<std::uint32_t>(program_.literals.size() - 1);
        return add({.kind = Expression::Kind::Literal, .a = index, .offset = offset});
    };
    if (kind_ == Kind::Text) return literal(Value(text_));
    if (kind_ == Kind::Number) {
        std::int64_t number = 0;
        const auto [stop, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
        if (error != std::errc() || stop != text_.data() + text_.size())
            complain("-9223372036854775808 ... 9223372036854775807");
        return literal(Value(number));
    }
    if (is_word("true")) return literal(Value(true));
    if (is_word("false")) return literal(Value(false));
    if (is_word("null")) return literal(Value());
    if (take("(")) {
        const auto inner = take_condition();
        if (!take(")")) complain(")");
        return inner;
    }
    const auto first = static_cast<std::uint32_t>(program_.keys.size());
    program_.keys.push_back(take_name("value"));
    while (is_word(".")) {
        next();
        if (kind_ != Kind::Name) complain("name");
        program_.keys.push_back(text_);
        next();
    }
    const auto count = static_cast<std::uint32_t>(program_.keys.size()) - first;
    return add({.kind = Expression::Kind::Path, .a = first, .b = count, .offset = offset});
}

}  // namespace tmpl
