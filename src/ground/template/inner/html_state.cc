#include "ground/template/inner/html_state.h"

#include <algorithm>
#include <array>

namespace tmpl {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

template <std::size_t count>
bool is_one_of(std::string_view name, const std::array<std::string_view, count>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 6> kRawText = {"script", "style", "xmp", "iframe", "noembed", "noframes"};
constexpr std::array<std::string_view, 4> kAnimations = {"animate", "animatemotion", "animatetransform", "set"};
constexpr std::array<std::string_view, 4> kAnimated = {"values", "to", "from", "by"};
constexpr std::array<std::string_view, 18> kUrls = {
    "href", "src",      "action",  "formaction", "cite",     "poster", "background", "longdesc", "xlink:href",
    "data", "manifest", "profile", "classid",    "codebase", "code",   "archive",    "icon",     "ping"};

Place attribute_place(std::string_view tag, std::string_view name) {
    if (name.substr(0, 2) == "on") return Place::InEventAttribute;
    if (name == "style") return Place::InStyle;
    if (name == "srcdoc") return Place::InScript;
    if (is_one_of(tag, kAnimations) && is_one_of(name, kAnimated)) return Place::InScript;
    const bool is_own = ((tag == "script" || tag == "embed") && name == "src") || (tag == "object" && name == "data") ||
                        (tag == "base" && name == "href") ||
                        (tag == "script" && (name == "href" || name == "xlink:href"));
    if (is_own) return Place::OwnUrl;
    return is_one_of(name, kUrls) ? Place::Url : Place::Attribute;
}

}  // namespace

Place HtmlState::place() const {
    switch (state_) {
        case State::Data:
            return Place::Text;
        case State::Rcdata:
            return pending_.empty() ? Place::Rcdata : Place::InTag;
        case State::ValueDouble:
        case State::ValueSingle:
            return attribute_place(tag_, attribute_);
        case State::BeforeValue:
        case State::ValueUnquoted:
            return Place::Unquoted;
        case State::RawText:
        case State::Plaintext:
            return tag_ == "style" ? Place::InStyle : Place::InScript;
        case State::Unclear:
            return Place::Unclear;
        case State::TagOpen:
        case State::EndTagOpen:
            return Place::InTag;
        default:
            return is_inside_tag() ? Place::InTag : Place::InComment;
    }
}

bool HtmlState::is_inside_tag() const {
    switch (state_) {
        case State::TagName:
        case State::BeforeAttribute:
        case State::AttributeName:
        case State::AfterAttributeName:
        case State::AfterValue:
        case State::SelfClosing:
        case State::NeedsSpace:
            return true;
        default:
            return false;
    }
}

bool HtmlState::enter_statement() {
    if (state_ == State::BeforeValue || state_ == State::ValueUnquoted) return false;
    if (is_inside_tag()) tag_has_statement_ = true;
    return true;
}

std::optional<HtmlState> HtmlState::join(const HtmlState& a, const HtmlState& b) {
    if (a == b) return a;
    const bool is_same_tag = a.is_inside_tag() && b.is_inside_tag() && a.tag_ == b.tag_ &&
                             a.is_end_tag_ == b.is_end_tag_ && a.is_foreign_ == b.is_foreign_;
    if (!is_same_tag) return std::nullopt;
    HtmlState joined = a;
    joined.state_ = State::NeedsSpace;
    joined.tag_has_statement_ = true;
    joined.attribute_.clear();
    return joined;
}

bool HtmlState::feed(char c) {
    switch (state_) {
        case State::Data:
            if (c == '<') state_ = State::TagOpen;
            return true;
        case State::TagOpen:
            if (is_letter(c)) {
                state_ = State::TagName;
                is_end_tag_ = false;
                tag_.assign(1, lower(c));
            } else {
                state_ = c == '!'   ? State::MarkupDeclaration
                         : c == '?' ? State::Bogus
                         : c == '/' ? State::EndTagOpen
                         : c == '<' ? State::TagOpen
                                    : State::Data;
            }
            return true;
        case State::EndTagOpen:
            if (is_letter(c)) {
                state_ = State::TagName;
                is_end_tag_ = true;
                tag_.assign(1, lower(c));
            } else {
                state_ = c == '>' ? State::Data : State::Bogus;
            }
            return true;
        case State::RawText:
        case State::Rcdata:
            feed_raw(c);
            return true;
        case State::Plaintext:
        case State::Unclear:
            return true;
        case State::Bogus:
            if (c == '>') state_ = State::Data;
            return true;
        case State::MarkupDeclaration:
            // A CDATA section is text inside SVG and a comment up to the first '>' elsewhere.
            state_ = c == '-' ? State::MarkupDash : c == '[' ? State::Unclear : c == '>' ? State::Data : State::Bogus;
            return true;
        case State::MarkupBracket:
            // A CDATA section is text inside SVG and a comment up to the first '>' elsewhere.
            state_ = c == 'C' ? State::Unclear : c == '>' ? State::Data : State::Bogus;
            return true;
        case State::MarkupDash:
            state_ = c == '-' ? State::CommentStart : c == '>' ? State::Data : State::Bogus;
            return true;
        case State::CommentStart:
        case State::CommentStartDash:
        case State::Comment:
        case State::CommentDash:
        case State::CommentEnd:
        case State::CommentEndBang:
            feed_comment(c);
            return true;
        default:
            return feed_inside_tag(c);
    }
}

void HtmlState::feed_comment(char c) {
    const bool may_end = state_ == State::CommentStart || state_ == State::CommentStartDash ||
                         state_ == State::CommentEnd || state_ == State::CommentEndBang;
    if (c == '>' && may_end) {
        state_ = State::Data;
    } else if (c == '-') {
        state_ = state_ == State::CommentStart                                 ? State::CommentStartDash
                 : state_ == State::Comment || state_ == State::CommentEndBang ? State::CommentDash
                                                                               : State::CommentEnd;
    } else if (c == '!' && state_ == State::CommentEnd) {
        state_ = State::CommentEndBang;
    } else {
        state_ = State::Comment;
    }
}

bool HtmlState::feed_inside_tag(char c) {
    const auto begin_attribute = [&] {
        state_ = State::AttributeName;
        attribute_.assign(1, lower(c));
    };
    switch (state_) {
        case State::TagName:
            if (is_space(c)) {
                state_ = State::BeforeAttribute;
            } else if (c == '/') {
                state_ = State::SelfClosing;
            } else if (c == '>') {
                finish_tag();
            } else {
                tag_ += lower(c);
            }
            return true;
        case State::AttributeName:
        case State::AfterAttributeName:
            if (c == '=') {
                state_ = State::BeforeValue;
            } else if (is_space(c)) {
                state_ = State::AfterAttributeName;
            } else if (c == '/') {
                state_ = State::SelfClosing;
            } else if (c == '>') {
                finish_tag();
            } else if (state_ == State::AttributeName) {
                attribute_ += lower(c);
            } else {
                begin_attribute();
            }
            return true;
        case State::BeforeValue:
            if (is_space(c)) return true;
            if (c == '>') {
                finish_tag();
            } else {
                state_ = c == '"' ? State::ValueDouble : c == '\'' ? State::ValueSingle : State::ValueUnquoted;
            }
            return true;
        case State::ValueDouble:
        case State::ValueSingle:
            if (c == (state_ == State::ValueDouble ? '"' : '\'')) {
                state_ = State::AfterValue;
                attribute_.clear();
            }
            return true;
        case State::ValueUnquoted:
            if (is_space(c)) {
                state_ = State::BeforeAttribute;
                attribute_.clear();
            } else if (c == '>') {
                finish_tag();
            }
            return true;
        default:
            break;
    }
    // Between attributes: BeforeAttribute, AfterValue, SelfClosing, NeedsSpace.
    if (is_space(c)) {
        state_ = State::BeforeAttribute;
        attribute_.clear();
    } else if (c == '/') {
        state_ = State::SelfClosing;
        attribute_.clear();
    } else if (c == '>') {
        finish_tag();
    } else if (state_ == State::NeedsSpace || (c == '=' && tag_has_statement_)) {
        return false;
    } else {
        begin_attribute();
    }
    return true;
}

void HtmlState::finish_tag() {
    state_ = State::Data;
    attribute_.clear();
    tag_has_statement_ = false;
    if (tag_ == "svg" || tag_ == "math") is_foreign_ = !is_end_tag_;
    if (!is_end_tag_) {
        if (is_one_of(tag_, kRawText)) state_ = State::RawText;
        if (tag_ == "title" || tag_ == "textarea") state_ = State::Rcdata;
        if (tag_ == "plaintext") state_ = State::Plaintext;
    }
    is_end_tag_ = false;
    script_has_comment_ = false;
    pending_.clear();
    if (state_ == State::Data) tag_.clear();
}

/// Inside an element whose content is not markup: only its own end tag counts. Three cases are given up as Unclear,
/// because browsers read them differently depending on what stands around: a tag inside title or textarea (SVG has a
/// title with markup), a tag inside any such element of SVG, and <script> behind <!-- inside a script.
void HtmlState::feed_raw(char c) {
    if (pending_.empty()) {
        if (c == '<') pending_ = "<";
        return;
    }
    const std::string end_tag = "</" + tag_;
    if (pending_ == end_tag) {
        if (is_space(c) || c == '/' || c == '>') {
            is_end_tag_ = true;
            pending_.clear();
            state_ = c == '/' ? State::SelfClosing : State::BeforeAttribute;
            if (c == '>') finish_tag();
            return;
        }
    } else {
        pending_ += lower(c);
        const auto may_become = [&](std::string_view whole) { return whole.substr(0, pending_.size()) == pending_; };
        if (may_become(end_tag)) return;
        if (pending_ == "<!--") script_has_comment_ = true;
        const bool is_tag = pending_.size() == 2 && is_letter(c);
        if ((is_tag && (state_ == State::Rcdata || is_foreign_)) || (pending_ == "<script" && script_has_comment_)) {
            state_ = State::Unclear;
            return;
        }
        if (tag_ == "script" && (may_become("<!--") || may_become("<script"))) return;
    }
    pending_.clear();
    if (c == '<') pending_ = "<";
}

}  // namespace tmpl
