#include "office/advisories/inside/xml.h"

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "office/advisories/inside/words.h"
#include "office/advisories/readers.h"

namespace advisories {

namespace {

constexpr std::size_t kLongestText = 64 * 1024;

bool refuse(Reading& reading, std::string problem) {
    reading.is_feed = false;
    add_problem(reading, std::move(problem));
    return false;
}

}  // namespace

bool load_xml(std::string_view bytes, pugi::xml_document& to, Reading& reading) {
    if (bytes.size() > kLargestFeed)
        return refuse(reading, fmt::format("大きすぎます（{}MBまで）。", kLargestFeed >> 20));
    if (base::trim(bytes).empty()) return refuse(reading, "内容がありません。");
    std::string text;
    try {
        text = html::decode(bytes, html::detect_encoding(bytes).encoding).utf8;
    } catch (const std::exception&) {
        return refuse(reading, "文字コードを読めません。");
    }
    const pugi::xml_parse_result parsed =
        to.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
    const pugi::xml_node root = to.document_element();
    if (!root) return refuse(reading, fmt::format("XMLではありません（{}）。", parsed.description()));
    if (base::equals_ignoring_case(local_name(root), "html"))
        return refuse(reading, "フィードではなく、HTMLのページです。アドレスが変わっていないか確かめてください。");
    if (!parsed) {
        reading.cut = fmt::format("XMLが途中で壊れています（{}バイト目）。", parsed.offset);
        add_problem(reading, reading.cut);
    }
    return true;
}

std::string_view local_name(const pugi::xml_node& node) {
    std::string_view name = node.name();
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name) {
    for (const pugi::xml_node& child : node.children())
        if (local_name(child) == name) return child;
    return {};
}

std::string text_of(const pugi::xml_node& node) {
    std::string text;
    // In the order of the document without recursion: a feed may nest as deep as it likes.
    for (pugi::xml_node at = node.first_child(); at && text.size() < kLongestText;) {
        if (at.type() == pugi::node_pcdata || at.type() == pugi::node_cdata)
            text += std::string_view(at.value()).substr(0, kLongestText);
        if (at.first_child()) {
            at = at.first_child();
            continue;
        }
        while (at && at != node && !at.next_sibling()) at = at.parent();
        if (!at || at == node) break;
        at = at.next_sibling();
    }
    return text;
}

void each_child(const pugi::xml_node& node, std::string_view name,
                const std::function<void(const pugi::xml_node&)>& take) {
    std::size_t count = 0;
    for (const pugi::xml_node& child : node.children()) {
        if (local_name(child) != name) continue;
        if (++count > kMostItems) return;
        take(child);
    }
}

void each_below(const pugi::xml_node& node, std::string_view name,
                const std::function<void(const pugi::xml_node&)>& take) {
    std::size_t count = 0;
    for (pugi::xml_node at = node.first_child(); at;) {
        const bool is_it = local_name(at) == name;
        if (is_it) {
            if (++count > kMostItems) return;
            take(at);
        }
        if (!is_it && at.first_child()) {
            at = at.first_child();
            continue;
        }
        while (at && at != node && !at.next_sibling()) at = at.parent();
        if (!at || at == node) break;
        at = at.next_sibling();
    }
}

}  // namespace advisories
