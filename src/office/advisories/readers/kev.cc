// CISA's list of weaknesses that are known to be used in attacks. It says nothing of versions: what it adds is that
// waiting is no choice. One entry a CVE.
#include <fmt/format.h>

#include "office/advisories/inside/json.h"
#include "office/advisories/inside/words.h"
#include "office/advisories/readers.h"

namespace advisories {

namespace json = boost::json;

Reading read_kev(std::string_view bytes) {
    Reading reading;
    const json::value root = load_json(bytes, reading);
    if (!reading.is_feed) return reading;
    if (text_at(&root, "catalogVersion").empty() || !at(&root, "vulnerabilities")) {
        reading.is_feed = false;
        add_problem(reading, "CISAの一覧（KEV）ではありません。");
        return reading;
    }
    for (const json::value& entry : array_at(&root, "vulnerabilities")) {
        if (reading.items.size() >= kMostItems) break;
        Advisory to;
        to.source = "kev";
        to.id = plain_words(text_at(&entry, "cveID"), 100);
        to.title = plain_words(text_at(&entry, "vulnerabilityName"), kTitle);
        if (!is_cve(to.id)) {
            ++reading.left_out;
            add_problem(reading, "CVE番号のない項目がありました。");
            continue;
        }
        if (to.title.empty()) to.title = to.id;
        to.summary = plain_words(text_at(&entry, "shortDescription"), kText);
        to.solution = plain_words(text_at(&entry, "requiredAction"), kText);
        to.link = "https://www.cisa.gov/known-exploited-vulnerabilities-catalog?search_api_fulltext=" + to.id;
        to.published = find_time(text_at(&entry, "dateAdded"));
        to.modified = to.published;
        Product product;
        product.vendor = plain_words(text_at(&entry, "vendorProject"), kShort);
        product.name = plain_words(text_at(&entry, "product"), kShort);
        product.versions = all_versions();
        if (!product.name.empty()) to.products.push_back(std::move(product));
        finish(to);
        reading.items.push_back(std::move(to));
    }
    if (const double count = number_at(&root, "count");
        count >= 0 && static_cast<double>(reading.items.size()) + static_cast<double>(reading.left_out) < count) {
        reading.cut =
            fmt::format("CISAの一覧は{:.0f}件のはずですが、{}件しかありません。", count, reading.items.size());
        add_problem(reading, reading.cut);
    }
    return reading;
}

}  // namespace advisories
