// The parsed form of a template: a flat list of steps, and expressions as small nodes that name each other by index.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ground/template/filter.h"
#include "ground/template/inner/html_state.h"
#include "ground/template/problem.h"
#include "ground/template/value.h"

namespace tmpl {

struct Expression {
    enum class Kind : std::uint8_t {
        Literal,  ///< a = index into literals
        Path,     ///< a = first of `b` keys
        Filter,   ///< a = input; `b` arguments from index `c` of Program::arguments
        Not,      ///< a
        And,
        Or,
        Equal,
        NotEqual,
        Less,
        Greater,
        LessEqual,
        GreaterEqual,  ///< a, b
    };
    Kind kind = Kind::Literal;
    bool has_default = false;  ///< of a Filter: a `default` stands in the chain, so a missing value is expected
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t c = 0;
    std::uint32_t offset = 0;
    const Filter* filter = nullptr;
};

struct Op {
    enum class Code : std::uint8_t {
        Text,        ///< `b` bytes of source from `a`
        Show,        ///< expression a, escaped for `place`
        Jump,        ///< to a
        JumpUnless,  ///< expression a; to b
        ForBegin,    ///< list expression a, variable is key b; to c if the list is empty
        ForNext,     ///< to a while there is another item
        Include,     ///< names[a], with `c` bindings from b
        Block,       ///< blocks[a]; goes on at b
        UrlBegin,
        UrlEnd,
    };
    Code code = Code::Text;
    Place place = Place::Text;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t c = 0;
    std::uint32_t offset = 0;
};

struct Binding {
    std::string_view name;
    std::uint32_t expression = 0;
};

struct BlockRange {
    std::string_view name;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t offset = 0;
    bool has_tags = false;    ///< literal '<': may not stand in title, textarea or an attribute
    bool has_quotes = false;  ///< literal quotes: may not stand in an attribute
};

struct Program {
    std::string name;
    std::string source;  ///< every string_view here points into it
    std::vector<Op> ops;
    std::vector<Expression> expressions;
    std::vector<std::uint32_t> arguments;
    std::vector<std::string_view> keys;
    std::vector<Value> literals;
    std::vector<Binding> bindings;
    std::vector<BlockRange> blocks;
    std::map<std::string_view, std::uint32_t> block_index;  ///< by name, into blocks
    std::vector<std::string> names;                         ///< of includes
    std::string parent;                                     ///< of extends; empty if none
    std::uint32_t parent_offset = 0;
    bool has_tags = false;
    bool has_quotes = false;
    bool ends_in_text = true;  ///< nothing half written: it can be included

    const BlockRange* find_block(std::string_view block) const;
};

}  // namespace tmpl
