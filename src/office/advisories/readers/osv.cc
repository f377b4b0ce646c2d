// OSV entries, for npm packages and libraries that came with the site: one entry, an array, JSON lines of them are not
// published, or the answer of a query. Ranges of commits (GIT) say nothing about versions and are passed over.
#include <fmt/format.h>

#include "ground/base/text.h"
#include "office/advisories/inside/json.h"
#include "office/advisories/inside/words.h"
#include "office/advisories/readers.h"

namespace advisories {

namespace {

namespace json = boost::json;

void add_range(const json::value& range, Versions& to) {
    if (text_at(&range, "type") == "GIT") return;
    Range one;
    bool is_open = false;
    for (const json::value& event : array_at(&range, "events")) {
        if (to.ranges.size() >= kMostProducts) return;
        const std::string introduced = plain_words(text_at(&event, "introduced"), 100);
        const std::string fixed = plain_words(text_at(&event, "fixed"), 100);
        const std::string last = plain_words(text_at(&event, "last_affected"), 100);
        if (!introduced.empty()) {
            if (is_open) to.ranges.push_back(one);
            one = {};
            one.from = introduced == "0" ? "" : introduced;
            is_open = true;
        } else if (is_open && (!fixed.empty() || !last.empty())) {
            one.to = fixed.empty() ? last : fixed;
            one.has_to = fixed.empty();
            to.ranges.push_back(one);
            is_open = false;
        }
    }
    if (!is_open) return;
    if (one.from.empty())
        to.is_all = true;
    else
        to.ranges.push_back(one);
}

void add_affected(const json::value& affected, Advisory& to) {
    const auto* package = at(&affected, "package");
    Product product;
    product.name = plain_words(text_at(package, "name"), kShort);
    const std::string ecosystem = base::to_lower(text_at(package, "ecosystem"));
    product.ecosystem = plain_words(ecosystem.substr(0, ecosystem.find(':')), 60);
    if (product.ecosystem == "debian") product.versions.scheme = Scheme::Debian;
    for (const json::value& range : array_at(&affected, "ranges")) add_range(range, product.versions);
    for (const json::value& version : array_at(&affected, "versions")) {
        if (!version.is_string() || product.versions.ranges.size() >= kMostProducts) continue;
        const std::string one = plain_words(std::string_view(version.get_string()), 100);
        if (!one.empty() && !product.versions.contains(one)) product.versions.ranges.push_back({one, one});
    }
    for (const Range& range : product.versions.ranges) {
        if (product.told.size() > kText) break;
        if (!product.told.empty()) product.told += "、";
        if (range.from == range.to)
            product.told += range.from;
        else
            product.told += fmt::format("{}{}{}", range.from.empty() ? "" : range.from + " 以上 ", range.to,
                                        range.to.empty() ? ""
                                        : range.has_to   ? " 以下"
                                                         : " 未満");
    }
    if (product.versions.ranges.empty()) product.versions.is_all = true;
    if (!product.name.empty() && to.products.size() < kMostProducts) to.products.push_back(std::move(product));
}

Advisory read_entry(const json::value& entry) {
    Advisory to;
    to.source = "osv";
    to.id = plain_words(text_at(&entry, "id"), 100);
    to.title = plain_words(text_at(&entry, "summary"), kTitle);
    to.summary = plain_words(text_at(&entry, "details"), kText);
    if (to.title.empty()) to.title = plain_words(to.summary, 100);
    if (to.title.empty()) to.title = to.id;
    to.published = find_time(text_at(&entry, "published"));
    to.modified = find_time(text_at(&entry, "modified"));
    to.is_withdrawn = !text_at(&entry, "withdrawn").empty();
    for (const json::value& alias : array_at(&entry, "aliases"))
        if (alias.is_string() && to.aliases.size() < kMostAliases)
            to.aliases.push_back(plain_words(std::string_view(alias.get_string()), 100));
    std::erase(to.aliases, "");
    for (const json::value& severity : array_at(&entry, "severity")) {
        // "CVSS_V3" with a vector; the score itself is not told.
        if (to.vector.empty() || text_at(&severity, "type") > "CVSS_V3")
            to.vector = plain_words(text_at(&severity, "score"), kShort);
    }
    to.severity = find_severity(text_at(at(&entry, "database_specific"), "severity"));
    for (const json::value& reference : array_at(&entry, "references"))
        if (to.link.empty()) to.link = plain_link(text_at(&reference, "url"));
    for (const json::value& affected : array_at(&entry, "affected")) add_affected(affected, to);
    return to;
}

}  // namespace

Reading read_osv(std::string_view bytes) {
    Reading reading;
    const json::value root = load_json(bytes, reading);
    if (!reading.is_feed) return reading;
    if (root.is_object()) reading.next_page = text_at(&root, "next_page_token");
    const json::array one{root};
    const json::array& entries = root.is_array()      ? root.get_array()
                                 : at(&root, "vulns") ? array_at(&root, "vulns")
                                 : at(&root, "id")    ? one
                                                      : json::array{};
    if (!root.is_array() && !at(&root, "vulns") && !at(&root, "id")) {
        // A query without hits is an empty object; a page may hold nothing but the mark of the next one.
        reading.is_feed = root.is_object() && (root.get_object().empty() || !reading.next_page.empty());
        if (!reading.is_feed) add_problem(reading, "OSVの形式ではありません。");
        return reading;
    }
    for (const json::value& entry : entries) {
        if (reading.items.size() >= kMostItems) break;
        Advisory advisory = read_entry(entry);
        if (advisory.id.empty()) {
            ++reading.left_out;
            add_problem(reading, "番号のない項目がありました。");
            continue;
        }
        finish(advisory);
        reading.items.push_back(std::move(advisory));
    }
    return reading;
}

}  // namespace advisories
