#include "ground/template/inner/parser.h"

#include <algorithm>

#include "ground/base/text.h"
#include "ground/template/inner/mistake.h"

namespace tmpl {

namespace {

constexpr std::size_t kLongestSource = 1U << 20U;

bool is_blank(std::string_view text) {
    return base::trim(text).empty();
}

}  // namespace

void Parser::run() {
    if (source_.size() > kLongestSource) refuse(program_, 0, Mistake::TooLong);
    if (!base::is_utf8(source_)) refuse(program_, 0, Mistake::NotUtf8);
    std::size_t at = 0;
    for (std::size_t open = find_tag(0); open < source_.size(); open = find_tag(at)) {
        const char sign = source_[open + 1];
        const std::size_t end = find_end_of_tag(open, sign == '{' ? "}}" : sign == '%' ? "%}" : "#}");
        std::size_t after = end + 2;
        const bool is_raw = sign == '%' && base::trim(source_.substr(open + 2, end - open - 2)) == "raw";
        const std::size_t text_end = sign == '{' ? open : take_line(open, after);
        add_literal(at, text_end);
        if (listener_) listener_->saw_tag(open, end + 2);
        if (is_raw) {
            refuse_outside_block(open);
            std::size_t after_raw = 0;
            const std::size_t raw_end = end_of_raw(after, open, after_raw);
            floor_ = after;
            const std::size_t raw_tag_end = after_raw;
            add_literal(after, take_line(raw_end, after_raw));
            if (listener_) listener_->saw_tag(raw_end, raw_tag_end);
            after = after_raw;
        } else if (sign == '{') {
            show(open, end);
        } else if (sign == '%') {
            statement(open, end);
        }
        at = after;
        floor_ = after;
    }
    add_literal(at, source_.size());
    if (listener_) listener_->saw_tag(source_.size(), source_.size());
    if (!open_.empty()) refuse(program_, open_.back().offset, Mistake::UnclosedStatement, open_.back().name);
    program_.has_tags = tags_ > 0;
    program_.has_quotes = quotes_ > 0;
    program_.ends_in_text = html_.is_at_text();
}

std::size_t Parser::find_tag(std::size_t from) const {
    for (std::size_t at = from; (at = source_.find('{', at)) != std::string_view::npos; ++at) {
        const char sign = at + 1 < source_.size() ? source_[at + 1] : ' ';
        if (sign == '{' || sign == '%' || sign == '#') return at;
    }
    return source_.size();
}

/// A statement or comment alone on its line takes the whole line with it, so that loops leave no blank lines: gives the
/// line's begin and moves `after` behind its end.
std::size_t Parser::take_line(std::size_t open, std::size_t& after) const {
    const auto is_gap = [&](std::size_t at) {
        return source_[at] == ' ' || source_[at] == '\t' || source_[at] == '\r';
    };
    std::size_t begin = open;
    while (begin > floor_ && is_gap(begin - 1)) --begin;
    if (begin > 0 && source_[begin - 1] != '\n') return open;
    std::size_t end = after;
    while (end < source_.size() && is_gap(end)) ++end;
    if (end < source_.size() && source_[end] != '\n') return open;
    after = std::min(end + 1, source_.size());
    return begin;
}

std::size_t Parser::find_end_of_tag(std::size_t open, std::string_view close) const {
    const std::string_view begin = source_.substr(open, 2);
    char quote = 0;
    for (std::size_t i = open + 2; begin != "{#" && i + 1 < source_.size(); ++i) {
        if (quote) {
            if (source_[i] == quote) quote = 0;
        } else if (source_[i] == '"' || source_[i] == '\'') {
            quote = source_[i];
        } else if (source_.substr(i, 2) == close) {
            return i;
        }
    }
    const std::size_t end = source_.find(close, open + 2);  // a stray quote is complained of where it stands
    if (end == std::string_view::npos) refuse(program_, open, Mistake::UnclosedTag, begin, close);
    return end;
}

std::size_t Parser::end_of_raw(std::size_t from, std::size_t open, std::size_t& after) const {
    for (std::size_t at = source_.find("{%", from); at != std::string_view::npos; at = source_.find("{%", at + 2)) {
        const std::size_t end = source_.find("%}", at);
        if (end == std::string_view::npos) break;
        if (base::trim(source_.substr(at + 2, end - at - 2)) != "endraw") continue;
        after = end + 2;
        return at;
    }
    refuse(program_, open, Mistake::UnclosedStatement, "raw");
}

void Parser::refuse_outside_block(std::size_t offset) const {
    if (!program_.parent.empty() && open_.empty()) refuse(program_, offset, Mistake::TextOutsideBlock);
}

void Parser::add_text(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    if (program_.ops.size() > barrier_) {
        Op& last = program_.ops.back();
        if (last.code == Op::Code::Text && last.a + last.b == begin) {
            last.b += static_cast<std::uint32_t>(end - begin);
            return;
        }
    }
    add({.code = Op::Code::Text,
         .a = static_cast<std::uint32_t>(begin),
         .b = static_cast<std::uint32_t>(end - begin),
         .offset = static_cast<std::uint32_t>(begin)});
}

void Parser::add_literal(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    if (!program_.parent.empty() && open_.empty()) {
        if (!is_blank(source_.substr(begin, end - begin))) {
            refuse(program_, source_.find_first_not_of(" \t\r\n\f\v", begin), Mistake::TextOutsideBlock);
        }
        return;
    }
    std::size_t text = begin;
    HtmlState before;
    for (std::size_t i = begin; i < end; ++i) {
        const char c = source_[i];
        const bool was_value = html_.is_in_quoted_value();
        const bool was_url = was_value && (c == '"' || c == '\'') && is_url(html_.place());
        if (listener_) before = html_;
        if (!html_.feed(c)) refuse(program_, i, Mistake::NeedsSpace, base::first_code_points(source_.substr(i), 1));
        if (listener_) listener_->saw_literal(i, before, html_);
        tags_ += c == '<' ? 1 : 0;
        quotes_ += c == '"' || c == '\'' ? 1 : 0;
        if (!was_value && html_.is_in_quoted_value() && is_url(html_.place())) {
            add_text(text, i + 1);
            text = i + 1;
            url_begin_ = add({.code = Op::Code::UrlBegin, .offset = static_cast<std::uint32_t>(i + 1)});
            url_statements_ = statements_;
        } else if (was_url && !html_.is_in_quoted_value()) {
            add_text(text, i);
            text = i;
            end_url(i);
        }
    }
    add_text(text, end);
}

/// An address without values needs no check: its steps fall back into the text around it.
void Parser::end_url(std::size_t offset) {
    const auto steps = program_.ops.size() - url_begin_;
    const bool is_literal =
        url_statements_ == statements_ && (steps == 1 || (steps == 2 && program_.ops.back().code == Op::Code::Text));
    if (!is_literal) {
        add({.code = Op::Code::UrlEnd, .offset = static_cast<std::uint32_t>(offset)});
        barrier_ = program_.ops.size();
        return;
    }
    const Op literal = program_.ops.back();
    program_.ops.resize(url_begin_);
    if (steps == 2) add_text(literal.a, literal.a + literal.b);
}

void Parser::refuse_place(std::size_t offset, std::string_view what) const {
    switch (html_.place()) {
        case Place::Unquoted:
            refuse(program_, offset, Mistake::UnquotedAttribute);
        case Place::InScript:
            refuse(program_, offset, Mistake::InScript, html_.attribute().empty() ? html_.tag() : html_.attribute());
        case Place::InEventAttribute:
            refuse(program_, offset, Mistake::InEventAttribute, html_.attribute());
        case Place::InStyle:
            refuse(program_, offset, Mistake::InStyle);
        case Place::InComment:
            refuse(program_, offset, Mistake::InComment);
        case Place::InTag:
            refuse(program_, offset, Mistake::InTag);
        case Place::Unclear:
            refuse(program_, offset, Mistake::UnclearMarkup);
        default:
            refuse(program_, offset, Mistake::PartInTag, what);
    }
}

void Parser::check_part_place(std::string_view what, std::size_t offset) const {
    const Place place = html_.place();
    if (place == Place::Text || place == Place::Rcdata || place == Place::Attribute) return;
    if (place == Place::InTag) refuse(program_, offset, Mistake::PartInTag, what);
    refuse_place(offset, what);
}

void Parser::show(std::size_t open, std::size_t end) {
    refuse_outside_block(open);
    TagReader reader(program_, open + 2, end);
    const auto value = reader.take_value();
    reader.expect_end();
    if (!takes_values(html_.place())) refuse_place(open, "{{ }}");
    if (listener_) {
        const auto text = base::trim(source_.substr(open + 2, end - open - 2));
        listener_->saw_entry(Entry::Kind::Variable, text);
    }
    add({.code = Op::Code::Show, .place = html_.place(), .a = value, .offset = static_cast<std::uint32_t>(open)});
}

const BlockRange* Program::find_block(std::string_view block) const {
    const auto at = block_index.find(block);
    return at == block_index.end() ? nullptr : &blocks[at->second];
}

std::shared_ptr<const Program> parse_program(std::string name, std::string source, Listener* listener) {
    const auto program = std::make_shared<Program>();
    program->name = std::move(name);
    program->source = std::move(source);
    Parser(*program, listener).run();
    return program;
}

}  // namespace tmpl
