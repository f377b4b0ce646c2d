// The RSS 1.0 feeds: JVN iPedia (with mod_sec), JVN, JPCERT/CC, IPA and Debian's announcements. One walk over the
// items; what each source puts where is its own few lines.
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "office/advisories/inside/myjvn.h"
#include "office/advisories/inside/words.h"
#include "office/advisories/inside/xml.h"
#include "office/advisories/readers.h"

namespace advisories {

namespace {

using Fill = void (*)(const pugi::xml_node& item, Advisory& to);

std::string attribute(const pugi::xml_node& node, const char* name) {
    return std::string(base::trim(std::string_view(node.attribute(name).value()).substr(0, 4000)));
}

Reading read_items(std::string_view bytes, std::string_view source, Fill fill) {
    Reading reading;
    pugi::xml_document document;
    if (!load_xml(bytes, document, reading)) return reading;
    const pugi::xml_node root = document.document_element();
    const std::string_view name = local_name(root);
    if (name != "RDF" && name != "rss") {
        reading.is_feed = false;
        add_problem(reading, fmt::format("RSSではありません（最初の要素は「{}」）。", plain_words(name, 40)));
        return reading;
    }
    std::int64_t number = 0;
    each_below(root, "item", [&](const pugi::xml_node& item) {
        ++number;
        Advisory advisory;
        advisory.source = source;
        advisory.title = plain_words(text_of(item, "title"), kTitle);
        advisory.summary = plain_words(text_of(item, "description"), kText);
        advisory.link = plain_link(text_of(item, "link"));
        if (advisory.link.empty()) advisory.link = plain_link(item.attribute("rdf:about").value());
        advisory.published = find_time(text_of(item, "issued"));
        advisory.modified = find_time(text_of(item, "modified"));
        const auto date = find_time(text_of(item, "date"));
        if (!advisory.published) advisory.published = date;
        if (!advisory.modified) advisory.modified = date;
        add_cves(advisory.title, advisory.aliases);
        add_cves(advisory.summary, advisory.aliases);
        fill(item, advisory);
        if (advisory.id.empty() || advisory.title.empty()) {
            ++reading.left_out;
            add_problem(reading, fmt::format("{}番目の項目に、番号か題名がありません。", number));
            return;
        }
        finish(advisory);
        reading.items.push_back(std::move(advisory));
    });
    return reading;
}

/// What mod_sec adds, in JVN iPedia's feeds and in MyJVN's overview alike.
void fill_sec(const pugi::xml_node& item, Advisory& to) {
    to.id = plain_words(text_of(item, "identifier"), 100);
    each_child(item, "references", [&](const pugi::xml_node& reference) {
        const std::string source = base::to_lower(attribute(reference, "source"));
        const std::string id = plain_words(attribute(reference, "id"), 100);
        if (to.aliases.size() >= kMostAliases) return;
        if (source == "cve" || source == "nvd") {
            if (is_cve(id)) to.aliases.push_back(id);
        } else if ((source == "jvn" || source == "jpcert-at" || source == "jpcert-wr") && !id.empty()) {
            to.aliases.push_back(id);
        }
    });
    each_child(item, "cpe", [&](const pugi::xml_node& cpe) {
        if (to.products.size() >= kMostProducts) return;
        Product product;
        product.vendor = plain_words(attribute(cpe, "vendor"), kShort);
        product.name = plain_words(attribute(cpe, "product"), kShort);
        product.cpe = plain_words(text_of(cpe), kShort);
        product.versions = all_versions();  // the overview names none
        if (!product.name.empty() || !product.cpe.empty()) to.products.push_back(std::move(product));
    });
    each_child(item, "cvss", [&](const pugi::xml_node& cvss) {
        add_score(to, attribute(cvss, "version"), find_score(attribute(cvss, "score")), attribute(cvss, "severity"),
                  attribute(cvss, "vector"));
    });
}

/// A feed that says only a title: its words are what can be compared.
void add_title(Advisory& to) {
    Product product;
    product.name = to.title;
    product.ecosystem = "title";
    product.versions = all_versions();
    to.products.push_back(std::move(product));
}

}  // namespace

Reading read_jvndb_rss(std::string_view bytes) {
    return read_items(bytes, "jvndb", fill_sec);
}

Reading read_jvn_rss(std::string_view bytes) {
    return read_items(bytes, "jvn", [](const pugi::xml_node& item, Advisory& to) {
        fill_sec(item, to);
        if (to.products.empty()) add_title(to);
    });
}

Reading read_jpcert_rss(std::string_view bytes) {
    return read_items(bytes, "jpcert", [](const pugi::xml_node& item, Advisory& to) {
        to.id = plain_words(text_of(item, "identifier"), 100);
        if (to.id.empty()) to.id = page_name(to.link);
        // "(更新)" and "(公開)" are about the page, not the weakness.
        for (const std::string_view mark : {"(公開)", "(更新)", "（公開）", "（更新）"})
            if (to.title.ends_with(mark))
                to.title = std::string(base::trim(std::string_view(to.title).substr(0, to.title.size() - mark.size())));
        add_cves(plain_words(text_of(item, "encoded"), kText), to.aliases);
        add_title(to);
    });
}

Reading read_ipa_rss(std::string_view bytes) {
    return read_items(bytes, "ipa", [](const pugi::xml_node&, Advisory& to) {
        to.id = page_name(to.link);
        add_title(to);
    });
}

Reading read_dsa_rss(std::string_view bytes) {
    return read_items(bytes, "dsa", [](const pugi::xml_node&, Advisory& to) {
        // "DSA-6001-1 nginx - security update"
        const std::string_view title = to.title;
        const auto blank = title.find(' ');
        if (!title.starts_with("DSA-") || blank == std::string_view::npos) return;
        to.id = std::string(title.substr(0, blank));
        const std::string_view rest = title.substr(blank + 1);
        Product product;
        product.name = plain_words(rest.substr(0, rest.find(" - ")), kShort);
        product.ecosystem = "debian";
        product.versions = all_versions();
        product.versions.scheme = Scheme::Debian;
        to.products.push_back(std::move(product));
    });
}

bool read_myjvn_status(const pugi::xml_node& root, Reading& reading) {
    pugi::xml_node status;
    each_below(root, "Status", [&](const pugi::xml_node& found) { status = found; });
    if (!status) {
        reading.cut = "MyJVNの回答にStatusがありません。途中で切れた可能性があります。";
        add_problem(reading, reading.cut);
        return true;
    }
    const auto number = [&](const char* name) {
        return static_cast<std::int64_t>(std::clamp(status.attribute(name).as_llong(0), 0LL, 100'000'000LL));
    };
    reading.total = number("totalRes");
    reading.first = number("firstRes");
    reading.returned = number("totalResRet");
    if (const std::string code = attribute(status, "retCd"); code != "0") {
        reading.is_feed = false;
        add_problem(reading,
                    fmt::format("MyJVNがエラーを返しました（{}：{}）。", plain_words(attribute(status, "errCd"), 60),
                                plain_words(attribute(status, "errMsg"), kShort)));
        return false;
    }
    return true;
}

namespace {

void fill_affected(const pugi::xml_node& data, Advisory& to) {
    each_child(child_of(data, "Affected"), "AffectedItem", [&](const pugi::xml_node& item) {
        Product product;
        product.vendor = plain_words(text_of(item, "Name"), kShort);
        product.name = plain_words(text_of(item, "ProductName"), kShort);
        product.cpe = plain_words(text_of(item, "Cpe"), kShort);
        std::string told;
        each_child(item, "VersionNumber", [&](const pugi::xml_node& version) {
            if (told.size() < kText) told += (told.empty() ? "" : "、") + plain_words(text_of(version), kShort);
        });
        product.told = told;
        product.versions = read_prose(told);
        if (to.products.size() < kMostProducts && (!product.name.empty() || !product.cpe.empty()))
            to.products.push_back(std::move(product));
    });
}

}  // namespace

Reading read_myjvn_overview(std::string_view bytes) {
    Reading status;
    pugi::xml_document document;
    if (!load_xml(bytes, document, status)) return status;
    const pugi::xml_node root = document.document_element();
    if (!read_myjvn_status(root, status)) return status;
    // Zero hits change the root element to Result.
    if (local_name(root) == "Result") return status;
    Reading reading = read_items(bytes, "jvndb", fill_sec);
    reading.total = status.total;
    reading.first = status.first;
    reading.returned = status.returned;
    if (reading.cut.empty()) reading.cut = status.cut;
    for (std::string& problem : status.problems)
        if (std::find(reading.problems.begin(), reading.problems.end(), problem) == reading.problems.end())
            add_problem(reading, std::move(problem));
    return reading;
}

Reading read_myjvn_detail(std::string_view bytes) {
    Reading reading;
    pugi::xml_document document;
    if (!load_xml(bytes, document, reading)) return reading;
    const pugi::xml_node root = document.document_element();
    if (local_name(root) != "VULDEF-Document" && local_name(root) != "Result") {
        reading.is_feed = false;
        add_problem(reading,
                    fmt::format("VULDEFではありません（最初の要素は「{}」）。", plain_words(local_name(root), 40)));
        return reading;
    }
    if (!read_myjvn_status(root, reading)) return reading;
    each_child(root, "Vulinfo", [&](const pugi::xml_node& info) {
        const pugi::xml_node data = child_of(info, "VulinfoData");
        Advisory advisory;
        advisory.source = "jvndb";
        advisory.id = plain_words(text_of(info, "VulinfoID"), 100);
        advisory.title = plain_words(text_of(data, "Title"), kTitle);
        advisory.summary = plain_words(text_of(child_of(data, "VulinfoDescription"), "Overview"), kText);
        if (advisory.id.empty() || advisory.title.empty()) {
            ++reading.left_out;
            add_problem(reading, "番号か題名のない項目がありました。");
            return;
        }
        fill_affected(data, advisory);
        each_child(child_of(data, "Impact"), "Cvss", [&](const pugi::xml_node& cvss) {
            add_score(advisory, attribute(cvss, "version"), find_score(text_of(cvss, "Base")),
                      text_of(cvss, "Severity"), text_of(cvss, "Vector"));
        });
        each_child(child_of(data, "Solution"), "SolutionItem", [&](const pugi::xml_node& item) {
            if (advisory.solution.size() < kText)
                advisory.solution +=
                    (advisory.solution.empty() ? "" : " ") + plain_words(text_of(item, "Description"), kText);
        });
        each_child(child_of(data, "Related"), "RelatedItem", [&](const pugi::xml_node& item) {
            const std::string id = plain_words(text_of(item, "VulinfoID"), 100);
            if (is_cve(id) || id.starts_with("JVN") || id.starts_with("at2")) advisory.aliases.push_back(id);
            if (advisory.link.empty() && attribute(item, "type") == "advisory")
                advisory.link = plain_link(text_of(item, "URL"));
        });
        advisory.published = find_time(text_of(data, "DateFirstPublished"));
        advisory.modified = find_time(text_of(data, "DateLastUpdated"));
        finish(advisory);
        reading.items.push_back(std::move(advisory));
    });
    return reading;
}

}  // namespace advisories
