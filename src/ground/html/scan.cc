#include "ground/html/scan.h"

#include <algorithm>
#include <cstring>

#include "ground/base/text.h"
#include "ground/html/inner/ascii.h"

namespace html {

namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

bool ends_name(char c) {
    return is_blank(c) || c == '/' || c == '>';
}

/// Tags that end SVG and MathML content when they appear in it (HTML5, "in foreign content").
constexpr std::string_view kBreakouts[] = {
    "b",     "big",   "blockquote", "body",   "br",   "center", "code",  "dd", "div",  "dl",   "dt",
    "em",    "embed", "h1",         "h2",     "h3",   "h4",     "h5",    "h6", "head", "hr",   "i",
    "img",   "li",    "listing",    "menu",   "meta", "nobr",   "ol",    "p",  "pre",  "ruby", "s",
    "small", "span",  "strong",     "strike", "sub",  "sup",    "table", "tt", "u",    "ul",   "var"};

struct RawElement {
    std::string_view tag;
    int kind;  // 1 raw, 2 with references, 3 script, 4 plaintext
};
constexpr RawElement kRawElements[] = {{"script", 3}, {"style", 1},   {"title", 2},    {"textarea", 2}, {"xmp", 1},
                                       {"iframe", 1}, {"noembed", 1}, {"noframes", 1}, {"plaintext", 4}};

}  // namespace

bool Scanner::next(Token& token) {
    if (at_ >= bytes_.size()) return false;
    token.attributes.clear();
    token.is_raw = false;
    token.is_self_closing = false;
    token.span.begin = at_;
    if (raw_ != Raw::No) {
        read_raw_text(token);
        if (!token.span.is_empty()) return true;
    }
    if (bytes_[at_] == '<' && at_ + 1 < bytes_.size()) {
        const char second = bytes_[at_ + 1];
        if (is_letter(second) || second == '/' || second == '!' || second == '?') {
            const bool is_text = second == '/' && at_ + 2 >= bytes_.size();
            if (!is_text) {
                read_markup(token);
                token.span.end = at_;
                return true;
            }
        }
    }
    token.type = TokenType::Text;
    std::size_t from = at_ + 1;
    for (;;) {
        const std::size_t open = bytes_.find('<', from);
        if (open == kNowhere || open + 1 >= bytes_.size()) {
            at_ = bytes_.size();
            break;
        }
        const char second = bytes_[open + 1];
        if (is_letter(second) || second == '!' || second == '?' || (second == '/' && open + 2 < bytes_.size())) {
            at_ = open;
            break;
        }
        from = open + 1;
    }
    token.span.end = at_;
    token.name = token.span;
    return true;
}

void Scanner::read_markup(Token& token) {
    const std::string_view rest = bytes_.substr(at_);
    const char second = rest[1];
    if (is_letter(second)) return read_tag(token, false);
    if (second == '/' && is_letter(rest[2])) return read_tag(token, true);
    if (rest.starts_with("<!--")) return read_comment(token, at_ + 4);
    if (foreign_depth_ > 0 && rest.starts_with("<![CDATA[")) {
        token.type = TokenType::Cdata;
        const std::size_t close = bytes_.find("]]>", at_ + 9);
        token.name = {at_ + 9, std::min(close, bytes_.size())};
        at_ = close == kNowhere ? bytes_.size() : close + 3;
        return;
    }
    // A doctype, or what HTML5 calls a bogus comment: up to the next '>'.
    const bool is_doctype = rest.size() >= 9 && base::equals_ignoring_case(rest.substr(0, 9), "<!doctype");
    token.type = is_doctype ? TokenType::Doctype : TokenType::Comment;
    const std::size_t content = at_ + (is_doctype ? 9 : second == '?' ? 1 : 2);
    const std::size_t close = std::min(bytes_.find('>', content), bytes_.size());
    token.name = {content, close};
    at_ = std::min(close + 1, bytes_.size());
}

void Scanner::read_comment(Token& token, std::size_t content) {
    token.type = TokenType::Comment;
    for (std::size_t close = bytes_.find('>', content); close != kNowhere; close = bytes_.find('>', close + 1)) {
        const std::string_view before = bytes_.substr(content, close - content);
        if (before.empty() || before == "-") {
            token.name = {content, content};
        } else if (before.ends_with("--")) {
            token.name = {content, close - 2};
        } else if (before.ends_with("--!")) {
            token.name = {content, close - 3};
        } else {
            continue;
        }
        at_ = close + 1;
        return;
    }
    token.name = {content, bytes_.size()};
    at_ = bytes_.size();
}

void Scanner::read_tag(Token& token, bool is_end) {
    token.type = is_end ? TokenType::EndTag : TokenType::StartTag;
    std::size_t at = at_ + (is_end ? 2 : 1);
    token.name.begin = at;
    while (at < bytes_.size() && !ends_name(bytes_[at])) ++at;
    token.name.end = at;
    name_length_ = token.name.size() < name_.size() ? token.name.size() : 0;
    for (std::size_t i = 0; i < name_length_; ++i) name_[i] = to_lower_letter(bytes_[token.name.begin + i]);
    at_ = at;
    read_attributes(token);
    if (token.type == TokenType::StartTag) {
        enter_tag(token);
    } else if (is_end && foreign_depth_ > 0 && (tag() == "svg" || tag() == "math")) {
        --foreign_depth_;
    }
}

void Scanner::read_attributes(Token& token) {
    const char* const base = bytes_.data();
    const char* const end = base + bytes_.size();
    const char* at = base + at_;
    const auto offset = [base](const char* p) { return static_cast<std::size_t>(p - base); };
    while (at < end) {
        const char c = *at;
        if (c == '>') {
            token.is_self_closing = at > base && at[-1] == '/' &&
                                    (token.attributes.empty() || token.attributes.back().value.end < offset(at));
            at_ = offset(at) + 1;
            return;
        }
        if (is_blank(c) || c == '/') {
            ++at;
            continue;
        }
        ScannedAttribute attribute;
        attribute.name.begin = offset(at);
        ++at;  // an '=' here belongs to the name
        while (at < end && !ends_name(*at) && *at != '=') ++at;
        attribute.name.end = offset(at);
        attribute.value = {attribute.name.end, attribute.name.end};
        const char* look = at;
        while (look < end && is_blank(*look)) ++look;
        if (look < end && *look == '=') {
            ++look;
            while (look < end && is_blank(*look)) ++look;
            at = look;
            if (at >= end) break;
            attribute.has_value = *at != '>';
            if (*at == '"' || *at == '\'') {
                const auto* const close =
                    static_cast<const char*>(std::memchr(at + 1, *at, static_cast<std::size_t>(end - at - 1)));
                if (close == nullptr) break;
                attribute.value = {offset(at) + 1, offset(close)};
                at = close + 1;
            } else {
                attribute.value.begin = offset(at);
                while (at < end && !is_blank(*at) && *at != '>') ++at;
                attribute.value.end = offset(at);
            }
        }
        token.attributes.push_back(attribute);
    }
    // The page ends within the tag: readers drop it.
    token.type = TokenType::Comment;
    token.name = {bytes_.size(), bytes_.size()};
    token.attributes.clear();
    at_ = bytes_.size();
}

void Scanner::enter_tag(const Token& token) {
    const std::string_view name = tag();
    if (name == "svg" || name == "math") {
        if (!token.is_self_closing) ++foreign_depth_;
        return;
    }
    if (foreign_depth_ > 0) {
        if (std::find(std::begin(kBreakouts), std::end(kBreakouts), name) != std::end(kBreakouts)) foreign_depth_ = 0;
        return;
    }
    if (name.size() < 3) return;
    for (const RawElement& element : kRawElements) {
        if (element.tag != name) continue;
        constexpr Raw kKinds[] = {Raw::No, Raw::Raw, Raw::Rcdata, Raw::Script, Raw::Plaintext};
        raw_ = kKinds[element.kind];
        raw_length_ = name.size();
        std::copy(name.begin(), name.end(), raw_name_.begin());
    }
}

bool Scanner::is_end_tag_at(std::size_t at) const {
    const std::size_t name_end = at + 2 + raw_length_;
    if (name_end >= bytes_.size() || bytes_[at + 1] != '/') return false;
    for (std::size_t i = 0; i < raw_length_; ++i) {
        if (to_lower_letter(bytes_[at + 2 + i]) != raw_name_[i]) return false;
    }
    return ends_name(bytes_[name_end]);
}

std::size_t Scanner::find_raw_end(std::size_t from) const {
    for (std::size_t at = bytes_.find('<', from); at != kNowhere; at = bytes_.find('<', at + 1)) {
        if (is_end_tag_at(at)) return at;
    }
    return bytes_.size();
}

// Script text has states of its own: in <!-- ... -->, a <script> ... </script> pair does not end the element.
std::size_t Scanner::find_script_end(std::size_t from) const {
    enum class State { Plain, Escaped, Doubled } state = State::Plain;
    std::size_t at = from;
    std::size_t close = from;  // next "-->" at or after `at`, found when needed
    bool knows_close = false;
    for (;;) {
        const std::size_t open = bytes_.find('<', at);
        if (state != State::Plain) {
            if (!knows_close || (close != kNowhere && close < at)) {
                close = bytes_.find("-->", at);
                knows_close = true;
            }
            if (close != kNowhere && (open == kNowhere || close < open)) {
                state = State::Plain;
                at = close + 3;
                continue;
            }
        }
        if (open == kNowhere) return bytes_.size();
        at = open + 1;
        if (is_end_tag_at(open)) {
            if (state != State::Doubled) return open;
            state = State::Escaped;
        } else if (state == State::Plain && bytes_.substr(open, 4) == "<!--") {
            state = State::Escaped;
            at = open + 2;
        } else if (state == State::Escaped && open + 7 < bytes_.size() &&
                   base::equals_ignoring_case(bytes_.substr(open + 1, 6), "script") && ends_name(bytes_[open + 7])) {
            state = State::Doubled;
        }
    }
}

void Scanner::read_raw_text(Token& token) {
    token.type = TokenType::Text;
    token.is_raw = raw_ != Raw::Rcdata;
    std::size_t end = bytes_.size();
    if (raw_ == Raw::Script) {
        end = find_script_end(at_);
    } else if (raw_ != Raw::Plaintext) {
        end = find_raw_end(at_);
    }
    raw_ = Raw::No;
    token.span.end = end;
    token.name = token.span;
    at_ = end;
    if (token.span.is_empty()) token.is_raw = false;
}

}  // namespace html
