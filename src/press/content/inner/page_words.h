// The words of each page's title and path as an index has them (ground/words): one row a page, written in the
// transaction that changes the page. SQLite keeps them as an FTS5 table, PostgreSQL as an array under a GIN index; both
// are asked for tokens that stand next to each other, so both find the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ground/sys/database.h"
#include "press/content/model.h"

namespace content {

/// The row of a new page.
void add_words(sys::Transaction& tx, base::PageId page, std::string_view title, std::string_view path);
/// Replaces the page's row, if it has one.
void change_words(sys::Transaction& tx, base::PageId page, std::string_view title, std::string_view path);

/// What to read pages FROM, so that the index is asked first, and the condition on it: `place` gives a value its
/// parameter ("$3").
struct WordSearch {
    std::string from;
    std::vector<std::string> conditions;
};
WordSearch search_words(sys::Engine engine, const std::vector<std::string>& words,
                        const std::function<std::string(std::string)>& place);

}  // namespace content
