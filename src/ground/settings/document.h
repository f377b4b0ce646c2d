// A TOML text as a plain tree that remembers where everything stands: the one place that knows toml++ is document.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace settings {

struct Place {
    int line = 0;    ///< from 1
    int column = 0;  ///< from 1, in characters
};

struct Node {
    enum class Type { String, Whole, Boolean, Real, Moment, List, Table } type = Type::Table;
    Place key_place;        ///< of its name; of the value for items of a list
    Place place;            ///< of the value; of the header for [tables]
    std::size_t begin = 0;  ///< bytes of the value in the text; not meaningful for [tables]
    std::size_t end = 0;
    std::string name;  ///< of a member of a table
    std::string text;  ///< Text; a Moment as it is written
    std::int64_t integer = 0;
    bool boolean = false;
    std::vector<Node> nodes;                   ///< items, or members in order of name
    bool operator==(const Node& other) const;  ///< the same values, wherever they stand
    const Node* find(std::string_view member) const;
};

struct Unreadable {
    Place place;
    std::string reason;
};

/// The root table. Throws Unreadable when `toml` is not TOML 1.0, is no UTF-8, or is above 1 MB.
Node read_document(std::string_view toml);

}  // namespace settings
