#include "press/content/links.h"

#include <algorithm>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "press/content/inner/live_row.h"

namespace content {

namespace {

constexpr std::size_t kRowsAtOnce = 50;

}  // namespace

/// Paths stand in the table by the first eight bytes of their SHA-256: two numbers a row, although a site's menu makes
/// a hundred rows a page.
std::int64_t link_number(std::string_view path) {
    const base::Hash hash = sys::sha256(path);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8 | static_cast<unsigned char>(hash.bytes[i]);
    return static_cast<std::int64_t>(number);
}

void set_links(sys::Transaction& tx, base::PageId page, LinkSource source, const std::set<std::string>& targets) {
    const auto kind = std::int64_t{source == LinkSource::Document ? 0 : 1};
    tx.execute("DELETE FROM page_link WHERE page_id = $1 AND source = $2", {page.value, kind});
    std::set<std::int64_t> numbers;
    for (const std::string& target : targets) {
        if (numbers.size() == kMostLinks) break;
        numbers.insert(link_number(target));
    }
    std::vector<sys::Value> values;
    std::string rows;
    const auto write = [&] {
        if (!rows.empty()) tx.execute("INSERT INTO page_link (page_id, source, target) VALUES " + rows, values);
        values.clear();
        rows.clear();
    };
    for (const std::int64_t number : numbers) {
        if (values.empty()) values = {page.value, kind};
        values.emplace_back(number);
        rows += fmt::format("{}($1, $2, ${})", rows.empty() ? "" : ", ", values.size());
        if (values.size() == kRowsAtOnce + 2) write();
    }
    write();
}

std::vector<LivePage> list_linking(sys::Reader& db, std::string_view path, base::PageId page, int limit) {
    return read_all(db.query(
        fmt::format("SELECT DISTINCT {} FROM page_link JOIN live_page ON live_page.page_id = page_link.page_id "
                    "WHERE page_link.target = $1 AND page_link.page_id <> $2 AND (page_link.source = 1 OR "
                    "live_page.kind = 'taken-over') ORDER BY live_page.path LIMIT $3",
                    kLiveColumns),
        {link_number(path), page.value, std::int64_t{limit}}));
}

DeadLinks list_dead_links(sys::Reader& db, const std::function<bool(std::int64_t)>& is_there,
                          const std::function<bool()>& has_time) {
    DeadLinks dead;
    db.each(
        "SELECT page_link.target, COUNT(DISTINCT page_link.page_id), MIN(page_link.page_id) FROM page_link JOIN "
        "live_page ON live_page.page_id = page_link.page_id WHERE page_link.source = 1 OR live_page.kind = "
        "'taken-over' GROUP BY page_link.target ORDER BY page_link.target",
        {}, [&](const sys::Row& row) {
            if (!is_there(row.integer(0))) dead.links.push_back({row.integer(0), row.integer(1), {row.integer(2)}});
            dead.is_cut = !has_time();
            return !dead.is_cut;
        });
    std::stable_sort(dead.links.begin(), dead.links.end(),
                     [](const DeadLink& a, const DeadLink& b) { return a.pages > b.pages; });
    return dead;
}

}  // namespace content
