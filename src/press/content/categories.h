// Categories: a tree across the sections (fields, life events, kinds of news). A page names several in its body; it
// then stands in the lists of these and of those above them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ground/sys/database.h"

namespace content {

struct Category {
    std::string name;    ///< "life-kekkon": in addresses and keys; a-z 0-9 . _ -
    std::string title;   ///< "結婚・離婚"
    std::string parent;  ///< name; "" = top
    std::int64_t position = 0;
    std::int64_t version = 0;
};

/// Throws Error(BadInput) for a bad name or unknown parent, Error(Conflict) when the name is taken.
void add_category(sys::Transaction& tx, const Category& made);
/// Throws Error(Conflict) for an old version, Error(BadInput) for a parent that would make a circle.
void change_category(sys::Transaction& tx, const Category& changed);
/// Throws Error(Conflict) while it has categories below it.
void remove_category(sys::Transaction& tx, std::string_view name, std::int64_t version);
std::optional<Category> find_category(sys::Reader& db, std::string_view name);
/// Of one parent, in order.
std::vector<Category> list_categories(sys::Reader& db, std::string_view parent);
/// The name itself and those above it, nearest first. An unknown name is alone.
std::vector<std::string> category_line(sys::Reader& db, std::string_view name);

}  // namespace content
