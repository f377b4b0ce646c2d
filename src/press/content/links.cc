#include "press/content/links.h"

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "press/content/inner/live_row.h"

namespace content {

namespace {

constexpr std::size_t kRowsAtOnce = 50;

/// Paths stand in the table by the first eight bytes of their SHA-256: two numbers a row, although a site's menu makes
/// a hundred rows a page.
std::int64_t number_of(std::string_view path) {
    const base::Hash hash = sys::sha256(path);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8 | static_cast<unsigned char>(hash.bytes[i]);
    return static_cast<std::int64_t>(number);
}

}  // namespace

void set_links(sys::Transaction& tx, base::PageId page, LinkSource source, const std::set<std::string>& targets) {
    const auto kind = std::int64_t{source == LinkSource::Document ? 0 : 1};
    tx.execute("DELETE FROM page_link WHERE page_id = $1 AND source = $2", {page.value, kind});
    std::set<std::int64_t> numbers;
    for (const std::string& target : targets) {
        if (numbers.size() == kMostLinks) break;
        numbers.insert(number_of(target));
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
        {number_of(path), page.value, std::int64_t{limit}}));
}

}  // namespace content
