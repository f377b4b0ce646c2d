// MyJVN's detail in JSON (getVulnDetailInfo, feed=oka): CSAF with an extension in which versions are machine ranges, as
// CVE records have them. Without the extension the product tree tells products and, in its leaves, single versions.
#include <fmt/format.h>

#include "office/advisories/inside/json.h"
#include "office/advisories/inside/myjvn.h"
#include "office/advisories/inside/words.h"
#include "office/advisories/readers.h"

namespace advisories {

namespace {

namespace json = boost::json;

constexpr int kDeepest = 8;

/// {version, status, lessThan | lessThanOrEqual}: "affected" alone counts; what is "unknown" narrows nothing.
void add_version(const json::value& told, Product& to) {
    const std::string_view status = text_at(&told, "status");
    if (status == "unaffected") return;
    const auto word = [&](std::string_view key) { return plain_words(text_at(&told, key), 100); };
    Range range;
    range.from = word("version");
    if (range.from == "0" || range.from == "*" || range.from == "-") range.from.clear();
    const std::string below = word("lessThan"), until = word("lessThanOrEqual");
    if (below == "*" || until == "*")
        range.to.clear();
    else if (!below.empty() || !until.empty()) {
        range.to = below.empty() ? until : below;
        range.has_to = below.empty();
    } else {
        range.to = range.from;  // one version
    }
    if (!to.told.empty() && to.told.size() < kText) to.told += "、";
    const std::string prose = word("description");
    if (to.told.size() < kText)
        to.told += !prose.empty() ? prose
                   : range.from == range.to
                       ? range.from
                       : fmt::format("{}{}{}", range.from.empty() ? "" : range.from + " 以上 ", range.to,
                                     range.to.empty() ? ""
                                     : range.has_to   ? " 以下"
                                                      : " 未満");
    if (status == "unknown" || (range.from.empty() && range.to.empty()))
        to.versions.is_all = true;
    else if (to.versions.ranges.size() < kMostProducts)
        to.versions.ranges.push_back(std::move(range));
}

void add_affected(const json::value& affected, Advisory& to) {
    Product product;
    product.vendor = plain_words(text_at(&affected, "vendor"), kShort);
    product.name = plain_words(text_at(&affected, "product"), kShort);
    if (product.name.empty() || to.products.size() >= kMostProducts) return;
    const json::array& versions = array_at(&affected, "versions");
    for (const json::value& version : versions) add_version(version, product);
    // Told, and none of them affected: it is there to say that it is not concerned.
    if (!versions.empty() && product.versions.ranges.empty() && !product.versions.is_all) return;
    if (versions.empty()) product.versions.is_all = true;
    to.products.push_back(std::move(product));
}

/// vendor > product_name > product_version.
void add_branches(const json::value& holder, const std::string& vendor, Product* product, Advisory& to, int depth) {
    if (depth > kDeepest) return;
    for (const json::value& branch : array_at(&holder, "branches")) {
        const std::string_view category = text_at(&branch, "category");
        const std::string name = plain_words(text_at(&branch, "name"), kShort);
        const std::string cpe =
            plain_words(text_at(at(at(&branch, "product"), "product_identification_helper"), "cpe"), kShort);
        if (category == "vendor") {
            add_branches(branch, name, nullptr, to, depth + 1);
        } else if (category == "product_name" && to.products.size() < kMostProducts) {
            Product made;
            made.vendor = vendor;
            made.name = name;
            made.cpe = cpe;
            add_branches(branch, vendor, &made, to, depth + 1);
            if (made.versions.ranges.empty() && made.told.empty()) made.versions.is_all = true;
            if (!made.versions.is_understood) made.versions = {{}, {}, true, false, Scheme::Plain};
            if (!made.name.empty() || !made.cpe.empty()) to.products.push_back(std::move(made));
        } else if (product && (category == "product_version" || category == "product_version_range")) {
            if (product->cpe.empty()) product->cpe = cpe;
            if (name.empty() || product->versions.ranges.size() >= kMostProducts) continue;
            product->told += (product->told.empty() ? "" : "、") + name;
            if (category == "product_version")
                product->versions.ranges.push_back({name, name});
            else
                product->versions.is_understood = false;  // "vers:..." and prose: then every version
        }
    }
}

Advisory read_document(const json::value& root) {
    const auto* document = at(&root, "document");
    const auto* tracking = at(document, "tracking");
    Advisory to;
    to.source = "jvndb";
    to.id = plain_words(text_at(tracking, "id"), 100);
    to.title = plain_words(text_at(document, "title"), kTitle);
    to.modified = find_time(text_at(tracking, "current_release_date"));
    to.published = find_time(text_at(tracking, "initial_release_date"));
    for (const json::value& note : array_at(document, "notes"))
        if (to.summary.empty()) to.summary = plain_words(text_at(&note, "text"), kText);
    for (const json::value& reference : array_at(document, "references")) {
        add_cves(text_at(&reference, "summary"), to.aliases);
        add_cves(text_at(&reference, "url"), to.aliases);
    }
    for (const json::value& one : array_at(&root, "vulnerabilities")) {
        if (const std::string cve = plain_words(text_at(&one, "cve"), 100); is_cve(cve)) to.aliases.push_back(cve);
        for (const json::value& remedy : array_at(&one, "remediations"))
            if (to.solution.size() < kText)
                to.solution += (to.solution.empty() ? "" : " ") + plain_words(text_at(&remedy, "details"), kText);
        add_metrics(one, to);
    }
    const auto* extension = at(&root, "jvn_extension");
    for (const json::value& affected : array_at(extension, "affected")) add_affected(affected, to);
    Advisory tree;
    if (const auto* products = at(&root, "product_tree")) add_branches(*products, "", nullptr, tree, 0);
    if (to.products.empty() && array_at(extension, "affected").empty()) {
        to.products = std::move(tree.products);
    } else {
        // The extension has the versions, the tree the names that machines know.
        for (Product& product : to.products)
            for (const Product& known : tree.products)
                if (product.cpe.empty() && known.name == product.name && known.vendor == product.vendor)
                    product.cpe = known.cpe;
    }
    return to;
}

}  // namespace

Reading read_myjvn_csaf(std::string_view bytes) {
    Reading reading;
    const json::value root = load_json(bytes, reading);
    if (!reading.is_feed) return reading;
    if (!at(&root, "document") && !at(&root, "status") && !at(&root, "status:Status")) {
        reading.is_feed = false;
        add_problem(reading, "MyJVNの詳細情報（CSAF）ではありません。");
        return reading;
    }
    if (!read_myjvn_status(root, reading)) return reading;
    if (!at(&root, "document")) return reading;
    Advisory advisory = read_document(root);
    if (advisory.id.empty() || advisory.title.empty()) {
        ++reading.left_out;
        add_problem(reading, "番号か題名のない項目がありました。");
        return reading;
    }
    finish(advisory);
    reading.items.push_back(std::move(advisory));
    return reading;
}

}  // namespace advisories
