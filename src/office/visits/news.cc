#include "office/visits/news.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/document.h"

namespace visits {

namespace {

using base::Error;
using base::Kind;

constexpr std::size_t kLongestTitle = 200;  // characters
constexpr std::size_t kLongestUrl = 500;    // bytes
constexpr std::size_t kShortestLink = 4;    // characters: below it, links are "戻る", "1", "▲"

std::string one_line(std::string_view text) {
    std::string made;
    for (const char c : base::to_valid_utf8(text)) {
        const bool is_blank = c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\0';
        if (!is_blank)
            made += c;
        else if (!made.empty() && made.back() != ' ')
            made += ' ';
    }
    while (made.ends_with(' ')) made.pop_back();
    return std::string(base::first_code_points(made, kLongestTitle));
}

/// "https://host" of an address; empty for others.
std::string origin_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    const auto slash = url.find('/', scheme + 3);
    return std::string(url.substr(0, slash));
}

std::string absolute(std::string_view link, std::string_view page) {
    std::string url;
    if (link.starts_with("http://") || link.starts_with("https://"))
        url = link;
    else if (link.starts_with("//"))
        url = std::string(page.substr(0, page.find(':') + 1)) + std::string(link);
    else if (link.starts_with('/'))
        url = origin_of(page) + std::string(link);
    else if (link.find(':') < link.find('/') || link.starts_with('#') || link.empty())
        return {};  // mailto:, javascript:, a place in the page
    else {
        const auto slash = page.rfind('/');
        const std::string folder = slash == std::string_view::npos || slash < page.find("://") + 3
                                       ? std::string(page) + "/"
                                       : std::string(page.substr(0, slash + 1));
        url = folder + std::string(link);
    }
    url = url.substr(0, url.find('#'));
    const bool is_good =
        url.starts_with("http") && url.size() <= kLongestUrl && base::is_utf8(url) &&
        std::none_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; });
    return is_good ? url : std::string();
}

std::string_view local_name(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    return name.substr(name.find(':') + 1);  // npos + 1 = 0
}

std::string child_text(const pugi::xml_node& node, std::string_view name) {
    for (const pugi::xml_node child : node.children())
        if (local_name(child) == name) return child.text().as_string();
    return {};
}

/// "2027-04-01T..." of Atom and RSS 1.0; "Thu, 01 Apr 2027 ..." of RSS 2.0.
std::optional<base::Day> day_of(std::string_view text) {
    text = base::trim(text);
    if (text.size() >= 10)
        if (const auto day = base::parse_day(text.substr(0, 10))) return day;
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto words = base::split(text, ' ');
    for (std::size_t i = 0; i + 2 < words.size(); ++i) {
        const auto month = words[i + 1].size() == 3 ? kMonths.find(words[i + 1]) : std::string_view::npos;
        if (month == std::string_view::npos || month % 3 != 0 || words[i].size() > 2 || words[i + 2].size() != 4)
            continue;
        const auto day = base::parse_day(fmt::format("{}-{:02}-{:0>2}", words[i + 2], month / 3 + 1, words[i]));
        if (day) return day;
    }
    return std::nullopt;
}

void add_feed_items(const pugi::xml_node& root, std::string_view url, std::vector<Item>& to) {
    // item of RSS stands in channel or beside it, entry of Atom in feed: two levels are all that there is.
    const auto take = [&](const pugi::xml_node& node) {
        const std::string_view name = local_name(node);
        if ((name != "item" && name != "entry") || to.size() >= kMostItems) return;
        std::string link = child_text(node, "link");
        if (base::trim(link).empty())
            for (const pugi::xml_node child : node.children())
                if (local_name(child) == "link" &&
                    std::string_view(child.attribute("rel").as_string("alternate")) == "alternate")
                    link = child.attribute("href").as_string();
        Item item;
        item.title = one_line(child_text(node, "title"));
        item.url = absolute(base::trim(link), url);
        std::string id = child_text(node, "guid");
        if (id.empty()) id = child_text(node, "id");
        item.key = item.url.empty() ? one_line(id).substr(0, kLongestUrl) : item.url;
        item.key = base::to_valid_utf8(item.key);
        for (const char* date : {"pubDate", "published", "date", "updated", "issued"})
            if (!item.published) item.published = day_of(child_text(node, date));
        if (!item.key.empty() && !item.title.empty()) to.push_back(std::move(item));
    };
    for (const pugi::xml_node child : root.children()) {
        take(child);
        for (const pugi::xml_node below : child.children()) take(below);
    }
}

void add_page_items(std::string_view bytes, std::string_view url, std::vector<Item>& to) {
    const html::Document page = html::Document::parse(bytes, html::detect_encoding(bytes).encoding);
    for (const html::NodeId id : page.find_all("a")) {
        if (to.size() >= kMostItems) return;
        Item item;
        item.title = one_line(page.plain_text_of(id));
        item.url = absolute(base::trim(page.attribute(id, "href")), url);
        item.key = item.url;
        if (!item.url.empty() && base::count_code_points(item.title) >= kShortestLink) to.push_back(std::move(item));
    }
}

}  // namespace

std::vector<Item> read_news(std::string_view bytes, std::string_view url) {
    if (bytes.size() > kLargestNews) throw Error(Kind::BadInput, "8MBより大きいため、読みませんでした。");
    std::vector<Item> items;
    pugi::xml_document feed;
    const bool is_xml = feed.load_buffer(bytes.data(), bytes.size(), pugi::parse_default, pugi::encoding_auto);
    const std::string_view root = is_xml ? local_name(feed.document_element()) : std::string_view();
    if (root == "rss" || root == "RDF" || root == "feed")
        add_feed_items(feed.document_element(), url, items);
    else
        add_page_items(bytes, url, items);
    std::set<std::string, std::less<>> known;
    std::erase_if(items, [&](const Item& item) { return !known.insert(item.key).second; });
    if (items.empty()) throw Error(Kind::BadInput, "新着情報（RSS、Atom）でもページでもないか、見出しがありません。");
    return items;
}

}  // namespace visits
