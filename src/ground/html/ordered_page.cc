// Most pages need no mending: every tag is closed in its turn, or left out where HTML lets it be. For those the tree is
// the order of the tags, and the scanner's tokens are enough; a parser that reads letter by letter and can mend
// anything (Gumbo) takes six times as long. So this follows HTML5's tree builder for as long as the page gives no
// reason to mend, and gives up at the first one: what it cannot do never comes out wrong, it only takes the longer way.
// Handled are the end tags that may be left out (p, li, dt, dd, rt, option, table parts), the tbody that nobody writes,
// and what follows
// </body>. Left to Gumbo: everything HTML5 calls a parse error of nesting, SVG, MathML, frames, templates, fragments.
// The tests compare both ways node for node.
#include <array>

#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/inner/document_builder.h"
#include "ground/html/inner/gumbo_tree.h"
#include "ground/html/inner/tag_rules.h"

namespace html {

namespace {

bool is_section(std::string_view tag) {
    return tag == "tbody" || tag == "thead" || tag == "tfoot";
}
bool is_cell(std::string_view tag) {
    return tag == "td" || tag == "th";
}
bool is_known_table_context(std::string_view tag) {
    return tag == "table" || tag == "tr" || tag == "colgroup" || is_section(tag);
}

/// One that Gumbo replaces: controls but for white space, and code points that are no characters. `utf8` is valid.
bool has_odd_character(std::string_view utf8) {
    const auto byte = [utf8](std::size_t at) { return static_cast<unsigned char>(utf8[at]); };
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const unsigned char first = byte(i);
        if (first < 0x20 ? !is_blank(utf8[i]) : first == 0x7F) return true;
        if (first == 0xC2 && byte(i + 1) < 0xA0) return true;
        if (first == 0xEF && byte(i + 1) == 0xB7 && byte(i + 2) >= 0x90 && byte(i + 2) <= 0xAF) return true;
        if (first == 0xEF && byte(i + 1) == 0xBF && byte(i + 2) >= 0xBE) return true;
        if (first >= 0xF0 && (byte(i + 1) & 0x0F) == 0x0F && byte(i + 2) == 0xBF && byte(i + 3) >= 0xBE) return true;
    }
    return false;
}

/// "&#x99999999999;": Gumbo counts past the end of its number, and what comes out is by chance.
bool find_endless_number(std::string_view words) {
    constexpr std::size_t kDigits = 8;
    for (std::size_t at = words.find("&#"); at != std::string_view::npos; at = words.find("&#", at + 2)) {
        const std::string_view digits = words.substr(at + 2, kDigits + 2);
        const std::size_t end = digits.find_first_not_of("0123456789abcdefABCDEFxX");
        if (std::min(end, digits.size()) > kDigits) return true;
    }
    return false;
}

/// Every function that says bool says false for "this page is not for us".
class OrderedPage final : public DocumentBuilder {
  public:
    OrderedPage(Document& document, const Limits& limits) : DocumentBuilder(document), limits_(limits) {}

    bool build() {
        if (utf8_.size() > kLargest || has_odd_character(utf8_)) return false;
        has_returns_ = utf8_.find('\r') != std::string_view::npos;
        begin();
        set_quirky(true);
        Scanner scanner(utf8_);
        for (Token token; scanner.next(token);) {
            at_ = token.span.begin;
            if (!take(token, scanner.tag()) || is_for_gumbo_) return false;
        }
        if (stage_ != Stage::AfterHtml) return false;
        at_ = utf8_.size();
        flush_text();
        for (const Node& comment : after_body_) append(comment, open_.front().id);
        for (const Node& comment : after_html_) append(comment, kDocumentNode);
        finish();
        return true;
    }

  private:
    enum class Stage { Start, BeforeHead, InHead, InNoscript, AfterHead, InBody, AfterBody, AfterHtml };

    struct Open {
        NodeId id;
        std::string_view tag;
        unsigned traits;
        bool is(unsigned trait) const { return (traits & trait) != 0; }
    };

    bool take(const Token& token, std::string_view tag) {
        switch (token.type) {
            case TokenType::Text:
                return take_text(token);
            case TokenType::Comment:
                return take_comment(token);
            case TokenType::Doctype:
                return take_doctype(token);
            case TokenType::Cdata:
                return false;
            case TokenType::StartTag:
            case TokenType::EndTag:
                break;
        }
        if (tag.empty()) return false;  // longer than any
        if (token.type == TokenType::EndTag) {
            end_ = token.span.end;
            return close_tag(tag);
        }
        const TagRules* const known = find_rules(tag);
        const TagRules kind = known != nullptr ? *known : TagRules{{}, 0};
        if (kind.is(kLeft) || (token.is_self_closing && !kind.is(kIsVoid))) return false;
        return start_tag(token, known != nullptr ? kind.tag : tag, kind);
    }

    // Text, comments, doctype

    bool take_text(const Token& token) {
        std::string_view words = token.span.of(utf8_);
        std::size_t begin = token.span.begin;
        const bool is_blank = is_all_blank(words);
        switch (stage_) {
            case Stage::Start:
            case Stage::BeforeHead:
                return is_blank;
            case Stage::InBody:
                if (is_known_table_context(current().tag) && !is_blank) return false;
                break;
            case Stage::AfterBody:
            case Stage::AfterHtml:
                if (!is_blank) return false;
                break;
            default:
                if (!is_blank && !current().is(kIsRaw)) return false;
        }
        if (skips_line_) {
            skips_line_ = false;
            if (words.starts_with('&')) return false;
            const std::size_t skipped = words.starts_with("\r\n")                            ? 2
                                        : words.starts_with('\n') || words.starts_with('\r') ? 1
                                                                                             : 0;
            words.remove_prefix(skipped);
            begin += skipped;
            if (words.empty()) return true;
        }
        if (words.starts_with("\r\n")) ++begin;  // where Gumbo sees the line break
        const std::string_view read = read_words(words, token.is_raw ? nullptr : &kInText);
        if (!has_text_) {
            text_begin_ = begin;
            text_so_far_ = read;
        } else {
            std::string both(text_so_far_);
            both += read;
            text_so_far_ = store_.keep(both);
        }
        has_text_ = true;
        return true;
    }

    static constexpr In kInText = In::Text;
    static constexpr In kInAttribute = In::Attribute;

    /// As the page means them: line breaks in one form and, unless `place` is null, references resolved.
    std::string_view read_words(std::string_view words, const In* place) {
        const bool has_return = has_returns_ && words.find('\r') != std::string_view::npos;
        const bool has_reference = place != nullptr && words.find('&') != std::string_view::npos;
        if (!has_return && !has_reference) return words;
        if (has_reference) {
            references_ += static_cast<std::size_t>(std::count(words.begin(), words.end(), '&'));
            if (references_ > kMostReferences || find_endless_number(words)) is_for_gumbo_ = true;
            if (is_for_gumbo_) return {};
        }
        std::string read;
        if (has_return) {
            read.reserve(words.size());
            for (std::size_t i = 0; i < words.size(); ++i) {
                if (words[i] != '\r')
                    read += words[i];
                else if (i + 1 == words.size() || words[i + 1] != '\n')
                    read += '\n';
            }
        } else {
            read = words;
        }
        return store_.keep(has_reference ? unescape(read, *place) : read);
    }

    /// The text before `at_` is whole.
    void flush_text() {
        skips_line_ = false;
        if (!has_text_) return;
        has_text_ = false;
        Node node;
        node.type = NodeType::Text;
        node.text = text_so_far_;
        node.span.begin = text_.end_before(text_begin_);
        node.span.end = std::max(node.span.begin, text_.start_of(at_));
        node.inner = node.span;
        append(node, current().id);
    }

    bool take_comment(const Token& token) {
        const std::string_view written = token.span.of(utf8_);
        const bool is_proper = written.starts_with("<!--");
        if (!written.ends_with('>') || written.size() < (is_proper ? 7U : 4U) ||
            (written[1] != '!' && written[1] != '?'))
            return false;
        if (is_proper && !written.ends_with("-->")) return false;
        flush_text();
        Node node;
        node.type = NodeType::Comment;
        node.text = read_words(token.name.of(utf8_), nullptr);
        node.span = node.inner = {text_.start_of(token.span.begin), text_.end_before(token.span.end)};
        if (stage_ == Stage::AfterBody)
            after_body_.push_back(node);
        else if (stage_ == Stage::AfterHtml)
            after_html_.push_back(node);
        else if (stage_ == Stage::Start)
            before_html_.push_back(node);
        else
            append(node, current().id);
        return true;
    }

    bool take_doctype(const Token& token) {
        if (stage_ != Stage::Start || has_doctype_ || !token.span.of(utf8_).ends_with('>')) return false;
        has_doctype_ = true;
        Node node;
        node.type = NodeType::Doctype;
        node.text = trim_blanks(token.name.of(utf8_));
        node.span = node.inner = {text_.start_of(token.span.begin), text_.end_before(token.span.end)};
        append(node, kDocumentNode);
        is_quirky_ = !base::equals_ignoring_case(node.text, "html") && is_quirky(token.span.of(utf8_));
        set_quirky(is_quirky_);
        return true;
    }

    /// The list of old doctypes is Gumbo's.
    bool is_quirky(std::string_view doctype) const {
        const GumboTree alone(doctype, {}, limits_);
        return alone.document()->v.document.doc_type_quirks_mode == GUMBO_DOCTYPE_QUIRKS;
    }

    // Start tags

    bool start_tag(const Token& token, std::string_view tag, const TagRules& kind) {
        switch (stage_) {
            case Stage::Start:
                if (tag != "html") return false;
                for (const Node& comment : before_html_) append(comment, kDocumentNode);
                stage_ = Stage::BeforeHead;
                return push(token, tag, kind);
            case Stage::BeforeHead:
                stage_ = Stage::InHead;
                return tag == "head" && push(token, tag, kind);
            case Stage::InHead:
                if (tag == "noscript") {
                    stage_ = Stage::InNoscript;
                    return push(token, tag, kind);
                }
                return kind.is(kInHead) && push(token, tag, kind);
            case Stage::InNoscript:
                return kind.is(kInHead) && tag != "script" && tag != "title" && tag != "base" && push(token, tag, kind);
            case Stage::AfterHead:
                stage_ = Stage::InBody;
                return tag == "body" && push(token, tag, kind);
            case Stage::InBody:
                return start_in_body(token, tag, kind);
            case Stage::AfterBody:
            case Stage::AfterHtml:
                break;
        }
        return false;
    }

    bool start_in_body(const Token& token, std::string_view tag, const TagRules& kind) {
        if (tag == "html" || tag == "head" || tag == "body") return false;
        if (count_[kSelects] > 0) return start_in_select(token, tag, kind);
        if (kind.is(kTablePart)) return start_table_part(token, tag, kind);
        if (current().tag == "colgroup") pop();
        if (is_known_table_context(current().tag) && tag != "script" && tag != "style") return false;
        if (kind.is(kInHead)) return push(token, tag, kind);
        if (kind.is(kOnce) && count_[counter_of(tag)] > 0) return false;
        if (tag == "li" && !end_item("li", "li")) return false;
        if ((tag == "dd" || tag == "dt") && !end_item("dd", "dt")) return false;
        if (tag == "table" ? !is_quirky_ : kind.is(kEndsP)) {
            // Which parsers let <main> end a paragraph depends on their year.
            if (tag == "main" && count_[kParagraphs] > 0) return false;
            if (!end_paragraph()) return false;
        }
        if (kind.is(kHeading) && current().is(kHeading)) return false;
        if ((tag == "option" || tag == "optgroup") && current().tag == "option") pop();
        if (tag == "rt" || tag == "rp") {
            end_open_ones({});
            if (current().tag != "ruby") return false;
        }
        // Of four alike the parser forgets the first, and then its end tag ends nothing.
        if (kind.is(kFormatting) &&
            std::count_if(open_.begin(), open_.end(), [&](const Open& one) { return one.tag == tag; }) >= 3)
            return false;
        return push(token, tag, kind);
    }

    bool start_in_select(const Token& token, std::string_view tag, const TagRules& kind) {
        if (tag == "script") return push(token, tag, kind);
        if (tag != "option" && tag != "optgroup") return false;
        if (current().tag == "option") pop();
        if (tag == "optgroup" && current().tag == "optgroup") pop();
        return push(token, tag, kind);
    }

    bool start_table_part(const Token& token, std::string_view tag, const TagRules& kind) {
        if (!is_known_table_context(current().tag) && !end_cell()) return false;
        if (current().tag == "colgroup") {
            if (tag == "col") return push(token, tag, kind);
            pop();
        }
        if (tag == "col") return false;
        if (is_cell(tag)) return current().tag == "tr" && push(token, tag, kind);
        if (current().tag == "tr") pop();
        if (tag == "tr") {
            if (current().tag == "table") push_implied("tbody");
            return is_section(current().tag) && push(token, tag, kind);
        }
        if (is_section(current().tag)) pop();
        return current().tag == "table" && push(token, tag, kind);
    }

    /// A new item ends the one that is open beside it.
    bool end_item(std::string_view one, std::string_view other) {
        for (std::size_t i = open_.size(); i-- > 0;) {
            const Open& there = open_[i];
            if (there.tag == one || there.tag == other) {
                end_open_ones(there.tag);
                if (open_.size() != i + 1) return false;
                pop();
                return true;
            }
            if (there.tag == "main") return false;  // special or not depends on the parser's year
            if (there.is(kSpecial) && there.tag != "address" && there.tag != "div" && there.tag != "p") return true;
        }
        return true;
    }

    bool end_paragraph() {
        if (count_[kParagraphs] == 0) return true;
        for (std::size_t i = open_.size(); i-- > 0;) {
            if (open_[i].tag == "p") {
                end_open_ones("p");
                if (open_.size() != i + 1) return false;
                pop();
                return true;
            }
            if (open_[i].is(kWall)) return true;
        }
        return true;
    }

    /// What may stay open ends here, but for `kept`.
    void end_open_ones(std::string_view kept) {
        while (current().is(kMayStayOpen) && current().tag != kept) pop();
    }

    bool end_cell() {
        end_open_ones({});
        if (!is_cell(current().tag)) return false;
        pop();
        return true;
    }

    // End tags

    bool close_tag(std::string_view tag) {
        if (stage_ == Stage::InBody) return close_in_body(tag);
        if (stage_ == Stage::AfterBody && tag == "html") {
            close(open_.front(), true);
            stage_ = Stage::AfterHtml;
            return true;
        }
        if (stage_ != Stage::InHead && stage_ != Stage::InNoscript) return false;
        if (current().tag != tag) return false;
        pop_written();
        if (tag == "noscript") stage_ = Stage::InHead;
        if (tag == "head") stage_ = Stage::AfterHead;
        return true;
    }

    bool close_in_body(std::string_view tag) {
        if (tag == "html") return false;
        if (tag == "body") {
            if (open_.size() != 2) return false;
            close(open_.back(), true);
            stage_ = Stage::AfterBody;
            return true;
        }
        const std::string_view here = current().tag;
        if (here == tag && !current().is(kTablePart)) return close_here();
        const TagRules* const kind = find_rules(tag);
        if (kind == nullptr) return false;
        if (count_[kSelects] > 0) return close_in_select(tag);
        if (tag == "table" || (kind->is(kTablePart) && tag != "caption" && tag != "col")) return close_table_part(tag);
        if (!kind->is(kBlockEnd | kHeading | kMayStayOpen) && tag != "caption") return false;
        if (tag == "option" || tag == "optgroup" || tag == "rt" || tag == "rp") return false;
        if (is_known_table_context(here)) return false;
        end_open_ones(tag);
        return current().tag == tag && close_here();
    }

    bool close_here() {
        pop_written();
        return true;
    }

    bool close_in_select(std::string_view tag) {
        if (tag == "select" || tag == "optgroup") {
            if (current().tag == "option") pop();
            if (tag == "select" && current().tag == "optgroup") pop();
        }
        return current().tag == tag && close_here();
    }

    bool close_table_part(std::string_view tag) {
        if (is_cell(tag)) {
            if (is_known_table_context(current().tag)) return false;
            end_open_ones({});
            return current().tag == tag && close_here();
        }
        if (!is_known_table_context(current().tag) && !end_cell()) return false;
        if (current().tag == "colgroup" && tag != "colgroup") pop();
        if (current().tag == "tr" && tag != "tr") pop();
        if (is_section(current().tag) && tag == "table") pop();
        if (current().tag != tag || nodes_[current().id].is_implied) return false;
        return close_here();
    }

    // The open elements

    enum Counter { kAnchors, kButtons, kForms, kNobrs, kSelects, kParagraphs, kUncounted, kCounters };
    static Counter counter_of(std::string_view tag) {
        return tag == "p"        ? kParagraphs
               : tag == "a"      ? kAnchors
               : tag == "button" ? kButtons
               : tag == "form"   ? kForms
               : tag == "nobr"   ? kNobrs
               : tag == "select" ? kSelects
                                 : kUncounted;
    }

    const Open& current() const { return open_.back(); }

    bool push(const Token& token, std::string_view tag, const TagRules& kind) {
        flush_text();
        if (open_.size() >= std::min(limits_.depth, kDeepest)) return false;
        if (nodes_.size() + attributes_.size() > kMostParts) return false;
        Node node;
        if (kind.tag.empty()) {
            if (!is_plain_name(tag)) return false;
            node.tag = is_lower(token.name.of(utf8_)) ? token.name.of(utf8_) : store_.keep(tag);
        } else {
            node.tag = tag;
        }
        node.span.begin = text_.start_of(token.span.begin);
        node.inner.begin = node.inner.end = node.span.end = text_.end_before(token.span.end);
        node.first_attribute = static_cast<std::uint32_t>(attributes_.size());
        node.attribute_count = static_cast<std::uint32_t>(token.attributes.size());
        if (token.attributes.size() > kMostAttributes) return false;
        for (const ScannedAttribute& attribute : token.attributes)
            if (!add_attribute(attribute, node.first_attribute)) return false;
        const NodeId id = append(node, open_.empty() ? kDocumentNode : current().id);
        if (kind.is(kIsVoid)) return true;
        open_.push_back({id, node.tag, kind.traits});
        ++count_[counter_of(node.tag)];
        skips_line_ = kind.is(kSkipsLine);
        return true;
    }

    void push_implied(std::string_view tag) {
        flush_text();
        Node node;
        node.tag = tag;
        node.is_implied = true;
        node.span = node.inner = {text_.start_of(at_), text_.start_of(at_)};
        node.first_attribute = static_cast<std::uint32_t>(attributes_.size());
        open_.push_back({append(node, current().id), tag, find_rules(tag)->traits});
    }

    /// Ends the innermost element where no end tag of its own stands.
    void pop() { pop_as(false); }
    void pop_written() { pop_as(true); }
    void pop_as(bool has_end_tag) {
        // Gumbo takes the form away from under the words before </form>, which then stand after it.
        if (!has_end_tag || current().tag != "form") flush_text();
        close(current(), has_end_tag);
        --count_[counter_of(current().tag)];
        open_.pop_back();
    }
    void close(const Open& one, bool has_end_tag) {
        Node& node = nodes_[one.id];
        // Gumbo notes no end for a form that </form> ends, and both ways must say the same.
        if (node.is_implied || (has_end_tag && one.tag == "form")) return;
        node.inner.end = std::max(node.inner.begin, text_.start_of(at_));
        node.span.end = has_end_tag ? text_.end_before(end_) : node.inner.end;
        node.has_end_tag = has_end_tag;
    }

    // Attributes and names

    // A page of which a step would take longer with each tag is the time limit's business, which Gumbo has.
    static constexpr std::size_t kMostAttributes = 64;
    static constexpr std::size_t kDeepest = 256;
    static constexpr std::size_t kMostReferences = 20'000;
    // And one that is all tags is for its limit of memory.
    static constexpr std::size_t kLargest = 8U << 20, kMostParts = 1'000'000;

    bool add_attribute(const ScannedAttribute& written, std::size_t first) {
        const std::string_view name = written.name.of(utf8_);
        if (!is_plain_name(name)) return false;
        Attribute attribute;
        attribute.name = is_lower(name) ? name : store_.keep(base::to_lower(name));
        for (std::size_t i = first; i < attributes_.size(); ++i)
            if (attributes_[i].name == attribute.name) return false;
        attribute.name_span = {text_.start_of(written.name.begin), text_.end_before(written.name.end)};
        Span value = written.value;
        if (written.has_value) {
            const char before = utf8_[value.begin - 1];
            const bool is_quoted = before == '"' || before == '\'';
            if (!is_quoted && value.of(utf8_).find_first_of("\"'") != std::string_view::npos) return false;
            if (!is_quoted && value.of(utf8_).starts_with('&')) return false;  // Gumbo's span leaves the reference out
            attribute.value = read_words(value.of(utf8_), &kInAttribute);
        } else {
            std::size_t next = written.name.end;
            while (is_blank(utf8_[next])) ++next;
            if (utf8_[next] == '=') return false;
            value = written.name;
        }
        const std::size_t begin = text_.end_before(value.begin);
        attribute.value_span = {begin, std::max(begin, text_.start_of(value.end))};
        attributes_.push_back(attribute);
        return true;
    }

    static bool is_plain_name(std::string_view name) {
        return std::all_of(name.begin(), name.end(), [](char c) {
            return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == ':' || c == '.';
        });
    }
    static bool is_lower(std::string_view name) {
        return std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    }

    const Limits& limits_;
    Stage stage_ = Stage::Start;
    std::vector<Open> open_;
    std::array<int, kCounters> count_{};
    std::vector<Node> before_html_, after_body_, after_html_;  ///< comments that stand outside <body> or <html>
    std::size_t at_ = 0;                                       ///< where the token begins that is being taken
    std::size_t end_ = 0;                                      ///< where the end tag that is being taken ends
    bool has_returns_ = false;
    bool has_doctype_ = false;
    bool is_for_gumbo_ = false;
    std::size_t references_ = 0;
    bool is_quirky_ = true;
    bool skips_line_ = false;
    bool has_text_ = false;
    std::size_t text_begin_ = 0;
    std::string_view text_so_far_;
};

}  // namespace

bool build_ordered_page(Document& document, const Limits& limits) {
    return OrderedPage(document, limits).build();
}

}  // namespace html
