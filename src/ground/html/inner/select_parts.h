// A selector taken apart.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ground/html/select.h"

namespace html {

enum class SimpleKind { Any, Type, Class, Id, Attribute, Is, Not, Nth, Empty, Root };
enum class Compare { Exists, Equals, Word, Prefix, Suffix, Substring, Dash };

struct Simple {
    SimpleKind kind = SimpleKind::Any;
    std::string name;
    std::string value;
    Compare compare = Compare::Exists;
    bool ignores_case = false;
    bool from_end = false;  ///< :nth-last-...
    bool of_type = false;
    long a = 0;  ///< an+b
    long b = 0;
    std::shared_ptr<const Selector::List>
        list;  ///< of :is and :not; shared only because a Simple is copied while it is built
};
using Compound = std::vector<Simple>;
struct Complex {
    std::vector<Compound> parts;
    std::vector<char> combinators;  ///< between the parts: ' ' '>' '+' '~'
};
struct Selector::List {
    std::vector<Complex> selectors;
};

std::unique_ptr<Selector::List> parse_selector(std::string_view text);

inline std::string_view split_first_word(std::string_view words) {
    const std::size_t begin = words.find_first_not_of(" \t\n\r\f");
    if (begin == std::string_view::npos) return {};
    words.remove_prefix(begin);
    return words.substr(0, words.find_first_of(" \t\n\r\f"));
}

}  // namespace html
