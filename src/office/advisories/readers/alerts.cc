// IPA's alerts as MyJVN tells them (getAlertList): Atom, or one of two spellings in JSON. They carry how urgent IPA
// finds it, which the RSS of the same alerts lacks; the page that both link to joins the two. When nothing fits, the
// XML holds one entry without an id that says so.
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "office/advisories/inside/json.h"
#include "office/advisories/inside/myjvn.h"
#include "office/advisories/inside/words.h"
#include "office/advisories/inside/xml.h"
#include "office/advisories/readers.h"

namespace advisories {

namespace {

namespace json = boost::json;

/// One of the things that an alert is about.
void add_item(Advisory& to, std::string_view title, std::string_view id, std::string_view cpe) {
    const std::string alias = plain_words(id, 100);
    if (!alias.empty() && to.aliases.size() < kMostAliases) to.aliases.push_back(alias);
    add_cves(title, to.aliases);
    Product product;
    product.cpe = plain_words(cpe, kShort);
    if (product.cpe.empty() || to.products.size() >= kMostProducts) return;
    product.versions = all_versions();
    to.products.push_back(std::move(product));
}

/// What every form has; `items` come before it.
void take(Advisory to, Reading& reading) {
    to.source = "ipa";
    if (to.id.empty() && reading.total == 0) return;  // "nothing fits"
    if (to.id.empty() || to.title.empty()) {
        ++reading.left_out;
        add_problem(reading, "番号か題名のない項目がありました。");
        return;
    }
    // A page that is named by its day is that alert's alone; "index" is not.
    const std::string page = page_name(to.link);
    if (std::count_if(page.begin(), page.end(), [](char c) { return c >= '0' && c <= '9'; }) >= 6)
        to.aliases.push_back(page);
    add_cves(to.title, to.aliases);
    add_cves(to.summary, to.aliases);
    Product title;
    title.name = to.title;
    title.ecosystem = "title";
    title.versions = all_versions();
    to.products.push_back(std::move(title));
    finish(to);
    reading.items.push_back(std::move(to));
}

Reading read_atom(std::string_view bytes) {
    Reading reading;
    pugi::xml_document document;
    if (!load_xml(bytes, document, reading)) return reading;
    const pugi::xml_node root = document.document_element();
    if (local_name(root) != "feed" && local_name(root) != "Result") {
        reading.is_feed = false;
        add_problem(reading,
                    fmt::format("Atomではありません（最初の要素は「{}」）。", plain_words(local_name(root), 40)));
        return reading;
    }
    if (!read_myjvn_status(root, reading)) return reading;
    each_child(root, "entry", [&](const pugi::xml_node& entry) {
        Advisory to;
        to.id = plain_words(text_of(entry, "id"), 100);
        to.title = plain_words(text_of(entry, "title"), kTitle);
        to.summary = plain_words(text_of(entry, "summary"), kText);
        to.link = plain_link(child_of(entry, "link").attribute("href").value());
        to.published = find_time(text_of(entry, "published"));
        to.modified = find_time(text_of(entry, "updated"));
        const pugi::xml_node category = child_of(entry, "category");
        to.severity = find_severity(category.attribute("term").value());
        if (to.severity == Severity::Unknown) to.severity = find_severity(category.attribute("label").value());
        each_child(child_of(entry, "items"), "item", [&](const pugi::xml_node& item) {
            add_item(to, text_of(item, "title"), text_of(item, "identifier"), text_of(item, "cpe"));
        });
        take(std::move(to), reading);
    });
    return reading;
}

/// "sec:title" of the older form, "title" of the newer.
std::string_view told(const json::value* item, std::string_view key) {
    const std::string_view plain = text_at(item, key);
    return plain.empty() ? text_at(item, "sec:" + std::string(key)) : plain;
}

void add_item(Advisory& to, const json::value& told_item) {
    const auto* item = at(&told_item, "sec:item") ? at(&told_item, "sec:item") : &told_item;
    std::string_view cpe = told(item, "cpe");
    if (const json::array& all = array_at(item, "sec:cpe"); !all.empty()) cpe = text_at(&all[0], "value");
    add_item(to, told(item, "title"), told(item, "identifier").empty() ? told(item, "id") : told(item, "identifier"),
             cpe);
}

Reading read_json(std::string_view bytes) {
    Reading reading;
    const auto root = load_myjvn(bytes, reading);
    if (!root) return reading;
    for (const json::value& entry : array_at(at(&*root, "feed"), "entry")) {
        if (reading.items.size() >= kMostItems) break;
        Advisory to;
        to.id = plain_words(text_at(&entry, "id"), 100);
        to.title = plain_words(text_at(&entry, "title"), kTitle);
        to.summary = plain_words(text_at(&entry, "summary"), kText);
        to.link = plain_link(text_at(&entry, "link"));
        to.published = find_time(text_at(&entry, "published"));
        to.modified = find_time(text_at(&entry, text_at(&entry, "updated").empty() ? "update" : "updated"));
        const auto* category = at(&entry, "category");
        if (const auto* all = category ? category->if_array() : nullptr; all && !all->empty()) category = &all->front();
        to.severity = find_severity(text_at(category, "term"));
        if (to.severity == Severity::Unknown) to.severity = find_severity(text_at(category, "label"));
        for (const char* key : {"sec:items", "items"})
            for (const json::value& item : array_at(&entry, key)) add_item(to, item);
        take(std::move(to), reading);
    }
    return reading;
}

}  // namespace

Reading read_myjvn_alerts(std::string_view bytes) {
    std::string_view begin = base::trim(bytes.substr(0, 1000));
    if (begin.starts_with("\xEF\xBB\xBF")) begin = base::trim(begin.substr(3));
    return begin.starts_with('{') ? read_json(bytes) : read_atom(bytes);
}

}  // namespace advisories
