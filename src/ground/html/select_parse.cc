#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/inner/select_parts.h"

namespace html {

namespace {

constexpr std::size_t kLongest = 4096;  // bytes of a selector
constexpr int kDeepest = 8;             // :not(:is(...))

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::unique_ptr<Selector::List> parse() {
        if (text_.size() > kLongest) refuse(fmt::format("longer than {} bytes", kLongest));
        auto list = std::make_unique<Selector::List>(read_list(0));
        if (at_ < text_.size()) refuse("unexpected ')'");
        return list;
    }

  private:
    [[noreturn]] void refuse(const std::string& why) const {
        const std::size_t place = base::count_code_points(base::to_valid_utf8(text_.substr(0, at_))) + 1;
        throw base::Error(base::Kind::BadInput, fmt::format("selector \"{}\": character {}: {}",
                                                            base::to_valid_utf8(text_.substr(0, 200)), place, why));
    }

    char look(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    bool take(char c) {
        if (look() != c || at_ >= text_.size()) return false;
        ++at_;
        return true;
    }
    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    Selector::List read_list(int depth) {
        Selector::List list;
        do {
            skip_blanks();
            list.selectors.push_back(read_complex(depth));
        } while (take(','));
        return list;
    }

    Complex read_complex(int depth) {
        Complex complex;
        for (;;) {
            complex.parts.push_back(read_compound(depth));
            const bool had_blank = is_blank(look()) && at_ < text_.size();
            skip_blanks();
            const char c = look();
            if (at_ >= text_.size() || c == ',' || c == ')') return complex;
            if (c == '>' || c == '+' || c == '~') {
                complex.combinators.push_back(c);
                ++at_;
                skip_blanks();
            } else if (had_blank) {
                complex.combinators.push_back(' ');
            } else {
                refuse("expected a combinator, a comma or the end");
            }
        }
    }

    Compound read_compound(int depth) {
        Compound compound;
        if (take('*')) {
            compound.push_back({});
        } else if (starts_name()) {
            Simple simple;
            simple.kind = SimpleKind::Type;
            simple.name = read_name("a tag name");
            compound.push_back(simple);
        }
        for (;;) {
            Simple simple;
            if (take('#')) {
                simple.kind = SimpleKind::Id;
                simple.name = read_name("an id after '#'", true);
            } else if (take('.')) {
                simple.kind = SimpleKind::Class;
                simple.name = read_name("a class name after '.'");
            } else if (take('[')) {
                read_attribute(simple);
            } else if (take(':')) {
                read_pseudo(simple, depth);
            } else {
                break;
            }
            compound.push_back(std::move(simple));
        }
        if (compound.empty()) refuse("expected a tag name, '*', '.', '#', '[' or ':'");
        return compound;
    }

    static bool is_name_character(char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    }

    bool starts_name() const {
        const char c = look() == '-' ? look(1) : look();
        return c == '\\' || (is_name_character(c) && !is_digit(c));
    }

    std::string read_name(std::string_view what, bool may_start_with_digit = false) {
        if (!starts_name() && !(may_start_with_digit && is_name_character(look())))
            refuse(fmt::format("expected {}", what));
        std::string name;
        while (at_ < text_.size()) {
            if (is_name_character(text_[at_])) {
                name += text_[at_++];
            } else if (take('\\')) {
                read_escape(name);
            } else {
                break;
            }
        }
        return name;
    }

    void read_escape(std::string& to) {
        if (at_ >= text_.size()) refuse("a backslash at the end");
        char32_t code = 0;
        int digits = 0;
        for (; digits < 6; ++digits, ++at_) {
            const char c = to_lower_letter(look());
            if (is_digit(c)) {
                code = code * 16 + static_cast<char32_t>(c - '0');
            } else if (c >= 'a' && c <= 'f') {
                code = code * 16 + static_cast<char32_t>(c - 'a' + 10);
            } else {
                break;
            }
        }
        if (digits == 0) {
            to += text_[at_++];
            return;
        }
        const bool is_bad = code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF);
        base::append_utf8(to, is_bad ? 0xFFFD : code);
        if (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    std::string read_string() {
        const char quote = text_[at_++];
        std::string value;
        while (at_ < text_.size() && text_[at_] != quote) {
            if (take('\\')) {
                read_escape(value);
            } else {
                value += text_[at_++];
            }
        }
        if (!take(quote)) refuse("a quote is not closed");
        return value;
    }

    void read_attribute(Simple& simple) {
        simple.kind = SimpleKind::Attribute;
        skip_blanks();
        simple.name = read_name("an attribute name");
        skip_blanks();
        if (take(']')) return;
        constexpr std::string_view kSigns = "~^$*|";
        constexpr Compare kCompares[] = {Compare::Word, Compare::Prefix, Compare::Suffix, Compare::Substring,
                                         Compare::Dash};
        simple.compare = Compare::Equals;
        const std::size_t sign = at_ < text_.size() ? kSigns.find(look()) : std::string_view::npos;
        if (sign != std::string_view::npos) {
            simple.compare = kCompares[sign];
            ++at_;
        }
        if (!take('=')) refuse("expected '=' or ']'");
        skip_blanks();
        simple.value = look() == '"' || look() == '\'' ? read_string() : read_name("a value", true);
        skip_blanks();
        if (take('i') || take('I')) {
            simple.ignores_case = true;
            skip_blanks();
        }
        if (!take(']')) refuse("expected ']'");
    }

    void read_pseudo(Simple& simple, int depth) {
        const std::size_t start = at_;
        const std::string name = base::to_lower(read_name("a name after ':'"));
        const auto set_nth = [&](bool from_end, bool of_type) {
            simple.kind = SimpleKind::Nth;
            simple.from_end = from_end;
            simple.of_type = of_type;
            simple.b = 1;
        };
        if (name == "not" || name == "is" || name == "where") {
            if (depth >= kDeepest) refuse(fmt::format("nested more than {} deep", kDeepest));
            if (!take('(')) refuse("expected '('");
            simple.kind = name == "not" ? SimpleKind::Not : SimpleKind::Is;
            simple.list = std::make_shared<const Selector::List>(read_list(depth + 1));
            if (!take(')')) refuse("expected ')'");
        } else if (name == "first-child" || name == "last-child" || name == "first-of-type" || name == "last-of-type") {
            set_nth(name.starts_with("last"), name.ends_with("type"));
        } else if (name == "only-child" || name == "only-of-type") {
            set_nth(false, name.ends_with("type"));
            Simple last = simple;
            last.from_end = true;
            Complex both;
            both.parts.push_back({simple, last});
            simple = {};
            simple.kind = SimpleKind::Is;
            simple.list = std::make_shared<const Selector::List>(Selector::List{{both}});
        } else if (name == "nth-child" || name == "nth-last-child" || name == "nth-of-type" ||
                   name == "nth-last-of-type") {
            set_nth(name.find("last") != std::string::npos, name.ends_with("type"));
            read_formula(simple);
        } else if (name == "empty") {
            simple.kind = SimpleKind::Empty;
        } else if (name == "root") {
            simple.kind = SimpleKind::Root;
        } else {
            at_ = start;
            refuse(fmt::format("\":{}\" is not supported", name));
        }
    }

    bool read_integer(long& value) {
        const std::size_t start = at_;
        value = 0;
        while (is_digit(look())) {
            value = value * 10 + (text_[at_++] - '0');
            if (value > 1'000'000) refuse("the number is too large");
        }
        return at_ > start;
    }

    void read_formula(Simple& simple) {
        if (!take('(')) refuse("expected '('");
        skip_blanks();
        if (base::equals_ignoring_case(text_.substr(at_, 3), "odd")) {
            at_ += 3;
            simple.a = 2;
            simple.b = 1;
        } else if (base::equals_ignoring_case(text_.substr(at_, 4), "even")) {
            at_ += 4;
            simple.a = 2;
            simple.b = 0;
        } else {
            const long sign = take('-') ? -1 : 1;
            if (sign == 1) take('+');
            long number = 1;
            const bool has_number = read_integer(number);
            if (!has_number) number = 1;
            if (take('n') || take('N')) {
                simple.a = sign * number;
                simple.b = 0;
                skip_blanks();
                if (look() == '+' || look() == '-') {
                    const long second_sign = take('-') ? -1 : (take('+'), 1);
                    skip_blanks();
                    long second = 0;
                    if (!read_integer(second)) refuse("expected a number");
                    simple.b = second_sign * second;
                }
            } else if (has_number) {
                simple.b = sign * number;
            } else {
                refuse("expected odd, even, a number or a formula like 2n+1");
            }
        }
        skip_blanks();
        if (!take(')')) refuse("expected ')'");
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Selector::List> parse_selector(std::string_view text) {
    return Parser(text).parse();
}

}  // namespace html
