#include "press/content/inner/page_words.h"

#include "ground/base/text.h"
#include "ground/words/fold.h"
#include "press/content/words.h"

namespace content {

namespace {

/// A page's key in the index; an FTS5 table has no other than its rowid.
std::string_view key_of(sys::Engine engine) {
    return engine == sys::Engine::Sqlite ? "rowid" : "page_id";
}

/// As people see it: "くらし/ごみ.html" for "%E3%81...".
std::string readable(std::string_view path) {
    auto bytes = base::percent_decode(path);
    return bytes && base::is_utf8(*bytes) ? std::move(*bytes) : std::string(path);
}

}  // namespace

void add_words(sys::Transaction& tx, base::PageId page, std::string_view title, std::string_view path) {
    const std::string shown = readable(path);
    const std::string_view texts[] = {title, shown};
    tx.execute(fmt::format("INSERT INTO page_words ({}, tokens) VALUES ($1, $2)", key_of(tx.engine())),
               {page.value, words::index_entry(texts)});
}

void change_words(sys::Transaction& tx, base::PageId page, std::string_view title, std::string_view path) {
    tx.execute(fmt::format("DELETE FROM page_words WHERE {} = $1", key_of(tx.engine())), {page.value});
    add_words(tx, page, title, path);
}

WordSearch search_words(sys::Engine engine, const std::vector<std::string>& words,
                        const std::function<std::string(std::string)>& place) {
    // CROSS JOIN holds SQLite to the order: first the index, then the pages that it names.
    WordSearch search{"page_words CROSS JOIN page", {fmt::format("page.id = page_words.{}", key_of(engine))}};
    if (engine == sys::Engine::Sqlite) {
        std::string question;
        for (const std::string& word : words)
            question += fmt::format("{}\"{}\"", question.empty() ? "" : " AND ", words::phrase(word));
        search.conditions.push_back(fmt::format("page_words MATCH {}", place(question)));
        return search;
    }
    for (const std::string& word : words) {
        // The array says which tokens are there, the text whether they stand together.
        const std::string phrase = place(words::phrase(word));
        search.conditions.push_back(fmt::format(
            "string_to_array(page_words.tokens, ' ') @> string_to_array(btrim({0}), ' ') AND position({0} IN "
            "page_words.tokens) > 0",
            phrase));
    }
    return search;
}

bool has_words(std::string_view title, std::string_view path, std::string_view typed) {
    const std::vector<std::string> words = words_of(typed);
    if (words.empty()) return base::trim(typed).empty();
    const std::string texts[] = {words::fold(title), words::fold(readable(path))};
    return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return std::any_of(std::begin(texts), std::end(texts),
                           [&](const std::string& text) { return text.find(word) != std::string::npos; });
    });
}

std::vector<std::string> words_of(std::string_view typed) {
    return words::fold_query(readable(typed));
}

}  // namespace content
