// What a search box for pages means: every word (between blanks) stands somewhere in the title or the path, whatever
// the case, kana or width it is typed in. list_pages (store.h) answers it from an index; this is for lists that are
// short already.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace content {

/// Does list_pages with these words find a page of this title and path? Without words, yes.
bool has_words(std::string_view title, std::string_view path, std::string_view typed);

/// The words, folded; none when nothing can be looked for ("・").
std::vector<std::string> words_of(std::string_view typed);

}  // namespace content
