#include "press/content/unfilled.h"

#include "press/content/inner/page_words.h"
#include "press/content/store.h"

namespace content {

namespace {

constexpr std::int64_t kPagesAtOnce = 200;

bool fill(sys::Transaction& tx, std::string_view what, const std::function<void(const Page&)>& one) {
    const auto open = tx.find("SELECT after_page FROM unfilled WHERE what = $1", {std::string(what)});
    if (!open) return false;
    const auto pages =
        tx.query("SELECT id FROM page WHERE id > $1 ORDER BY id LIMIT $2", {open->integer(0), kPagesAtOnce});
    for (const sys::Row& row : pages) one(load_page(tx, {row.integer(0)}));
    if (pages.empty())
        tx.execute("DELETE FROM unfilled WHERE what = $1", {std::string(what)});
    else
        tx.execute("UPDATE unfilled SET after_page = $1 WHERE what = $2", {pages.back().integer(0), std::string(what)});
    return true;
}

}  // namespace

bool is_anything_unfilled(sys::Reader& db) {
    return db.find("SELECT 1 FROM unfilled LIMIT 1").has_value();
}

bool fill_words(sys::Transaction& tx) {
    return fill(tx, "words", [&](const Page& page) { change_words(tx, page.id, page.title, page.path); });
}

bool fill_links(sys::Transaction& tx, const std::function<void(const Page&)>& one) {
    return fill(tx, "links", one);
}

}  // namespace content
