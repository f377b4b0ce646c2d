#include "ground/html/escape.h"

#include <array>
#include <map>
#include <memory>

#include <gumbo.h>

#include "ground/base/text.h"
#include "ground/html/inner/ascii.h"

namespace html {

namespace {

// The names that HTML5 takes without ";" are those of HTML 3.2: these four, and one for each character from U+00A0 to
// U+00FF.
constexpr std::string_view kLatin1Names[] = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

struct Name {
    std::string_view name;
    char32_t character;
};
constexpr Name kOldNames[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'},   {"quot", '"'},  {"AMP", '&'},
                              {"LT", '<'},  {"GT", '>'}, {"QUOT", '"'}, {"COPY", 0xA9}, {"REG", 0xAE}};
// Frequent on pages, and valid only with ";". The rest of HTML5's 2,231 names is looked up through the parser.
constexpr Name kNewNames[] = {
    {"apos", '\''},    {"hellip", 0x2026}, {"mdash", 0x2014},  {"ndash", 0x2013}, {"lsquo", 0x2018},
    {"rsquo", 0x2019}, {"ldquo", 0x201C},  {"rdquo", 0x201D},  {"bull", 0x2022},  {"rarr", 0x2192},
    {"larr", 0x2190},  {"uarr", 0x2191},   {"darr", 0x2193},   {"euro", 0x20AC},  {"trade", 0x2122},
    {"ensp", 0x2002},  {"emsp", 0x2003},   {"thinsp", 0x2009}, {"minus", 0x2212}, {"le", 0x2264},
    {"ge", 0x2265},    {"ne", 0x2260},     {"infin", 0x221E},  {"loz", 0x25CA},   {"semi", ';'}};

constexpr char32_t kWindows1252[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                       0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

constexpr std::size_t kLongestName = 32;  // "CounterClockwiseContourIntegral;"

/// The longest old name at the start of `run`.
const Name* find_old_prefix(std::string_view run, Name& buffer) {
    const Name* found = nullptr;
    const auto offer = [&](std::string_view name, char32_t character) {
        if (!run.starts_with(name) || (found != nullptr && found->name.size() >= name.size())) return;
        buffer = {name, character};
        found = &buffer;
    };
    for (const Name& name : kOldNames) offer(name.name, name.character);
    for (std::size_t i = 0; i < std::size(kLatin1Names); ++i) offer(kLatin1Names[i], static_cast<char32_t>(0xA0 + i));
    return found;
}

/// What the parser makes of "&name;"; empty when it is no name.
std::string look_up_in_parser(std::string_view name) {
    const std::string reference = "&" + std::string(name) + ";";
    GumboOptions options = kGumboDefaultOptions;
    options.max_errors = 0;
    options.fragment_context = GUMBO_TAG_DIV;
    const auto destroy = [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); };
    const std::unique_ptr<GumboOutput, decltype(destroy)> output(
        gumbo_parse_with_options(&options, reference.data(), reference.size()), destroy);
    const GumboVector& children = output->root->v.element.children;
    if (children.length != 1) return {};
    const auto* const child = static_cast<const GumboNode*>(children.data[0]);
    const std::string text = child->v.text.text;
    return text.empty() || text.back() == ';' ? std::string() : text;
}

class Unescaper {
  public:
    Unescaper(std::string_view text, In place) : text_(text), place_(place) {}

    std::string run() {
        out_.reserve(text_.size());
        while (at_ < text_.size()) {
            const std::size_t ampersand = std::min(text_.find('&', at_), text_.size());
            out_ += text_.substr(at_, ampersand - at_);
            at_ = ampersand;
            if (at_ == text_.size()) break;
            if (!take_reference()) out_ += text_[at_++];
        }
        return std::move(out_);
    }

  private:
    char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

    bool take_reference() { return at(at_ + 1) == '#' ? take_number() : take_name(); }

    bool take_number() {
        const bool is_hex = at(at_ + 2) == 'x' || at(at_ + 2) == 'X';
        std::size_t i = at_ + (is_hex ? 3 : 2);
        const std::size_t first = i;
        std::uint32_t value = 0;
        for (;; ++i) {
            const char c = to_lower_letter(at(i));
            if (is_digit(c)) {
                value = value * (is_hex ? 16 : 10) + static_cast<std::uint32_t>(c - '0');
            } else if (is_hex && c >= 'a' && c <= 'f') {
                value = value * 16 + static_cast<std::uint32_t>(c - 'a' + 10);
            } else {
                break;
            }
            value = std::min<std::uint32_t>(value, 0x110000);
        }
        if (i == first) return false;
        if (at(i) == ';') ++i;
        if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = 0xFFFD;
        if (value >= 0x80 && value <= 0x9F) value = kWindows1252[value - 0x80];
        base::append_utf8(out_, value);
        at_ = i;
        return true;
    }

    bool take_name() {
        std::size_t end = at_ + 1;
        while (is_letter(at(end)) || is_digit(at(end))) ++end;
        const std::string_view run = text_.substr(at_ + 1, end - at_ - 1);
        if (run.empty()) return false;
        Name buffer{};
        const Name* const old = find_old_prefix(run, buffer);
        if (at(end) == ';' && run.size() < kLongestName) {
            if (old != nullptr && old->name.size() == run.size()) return put(old->character, end + 1);
            for (const Name& name : kNewNames) {
                if (name.name == run) return put(name.character, end + 1);
            }
            auto known = rare_.find(run);
            if (known == rare_.end()) known = rare_.emplace(run, look_up_in_parser(run)).first;
            if (!known->second.empty()) {
                out_ += known->second;
                at_ = end + 1;
                return true;
            }
        }
        if (old == nullptr) return false;
        const char after = at(at_ + 1 + old->name.size());
        if (place_ == In::Attribute && (after == '=' || is_letter(after) || is_digit(after))) return false;
        return put(old->character, at_ + 1 + old->name.size());
    }

    bool put(char32_t character, std::size_t next) {
        base::append_utf8(out_, character);
        at_ = next;
        return true;
    }

    std::string_view text_;
    In place_;
    std::size_t at_ = 0;
    std::string out_;
    std::map<std::string, std::string, std::less<>> rare_;
};

}  // namespace

void append_escaped_text(std::string& to, std::string_view utf8) {
    for (std::size_t at = 0; at < utf8.size();) {
        const std::size_t next = std::min(utf8.find_first_of("&<>\r\xC2", at), utf8.size());
        to += utf8.substr(at, next - at);
        at = next;
        if (at == utf8.size()) break;
        if (utf8.substr(at, 2) == "\xC2\xA0") {
            to += "&nbsp;";
            at += 2;
            continue;
        }
        const char c = utf8[at++];
        if (c == '&') {
            to += "&amp;";
        } else if (c == '<') {
            to += "&lt;";
        } else if (c == '>') {
            to += "&gt;";
        } else if (c == '\r') {
            to += "&#13;";  // as it stands, it would be read as a line feed
        } else {
            to += c;
        }
    }
}

std::string escape_text(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size() + utf8.size() / 8);
    append_escaped_text(out, utf8);
    return out;
}

void append_escaped_attribute(std::string& to, std::string_view utf8) {
    for (std::size_t at = 0; at < utf8.size();) {
        const std::size_t next = std::min(utf8.find_first_of("&<>\"'\r", at), utf8.size());
        to += utf8.substr(at, next - at);
        at = next;
        if (at == utf8.size()) break;
        const char c = utf8[at++];
        to += c == '&'    ? "&amp;"
              : c == '<'  ? "&lt;"
              : c == '>'  ? "&gt;"
              : c == '"'  ? "&quot;"
              : c == '\r' ? "&#13;"
                          : "&#39;";
    }
}

std::string escape_attribute(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size() + utf8.size() / 8);
    append_escaped_attribute(out, utf8);
    return out;
}

std::string unescape(std::string_view utf8, In place) {
    return Unescaper(utf8, place).run();
}

}  // namespace html
