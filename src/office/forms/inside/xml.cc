#include "office/forms/inside/xml.h"

#include <sstream>

#include <fmt/format.h>

#include "ground/base/error.h"

namespace forms {

namespace {

constexpr std::size_t kLargestXml = 8U << 20U;
constexpr int kDeepest = 200;
// Blanks between elements are kept: a run that holds one blank holds a word's border.
constexpr unsigned kParsing = pugi::parse_default | pugi::parse_ws_pcdata | pugi::parse_declaration | pugi::parse_pi;

void check_depth(const pugi::xml_document& document) {
    struct Walker final : pugi::xml_tree_walker {
        bool for_each(pugi::xml_node&) override { return depth() < kDeepest; }
    } walker;
    if (!const_cast<pugi::xml_document&>(document).traverse(walker))  // NOLINT: traverse changes nothing
        refuse_form("中の構造が深すぎます。");
}

}  // namespace

void refuse_form(std::string_view why) {
    throw base::Error(base::Kind::BadInput, fmt::format("このファイルは様式として使えません。{}", why));
}

void load(const Part& part, pugi::xml_document& to) {
    if (part.bytes.size() > kLargestXml) refuse_form("中の文章が大きすぎます。ページか行を減らしてください。");
    if (!to.load_buffer(part.bytes.data(), part.bytes.size(), kParsing) || !to.document_element())
        refuse_form("ファイルが壊れています。もう一度保存し直してください。");
    check_depth(to);
}

std::string save(pugi::xml_document& document) {
    if (pugi::xml_node first = document.first_child(); first.type() == pugi::node_declaration)
        if (pugi::xml_attribute encoding = first.attribute("encoding")) encoding.set_value("UTF-8");
    std::ostringstream out;
    document.save(out, "", pugi::format_raw, pugi::encoding_utf8);
    return std::move(out).str();
}

std::string_view local_name(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name) {
    for (const pugi::xml_node& child : node.children())
        if (local_name(child) == name) return child;
    return {};
}

std::string named_like(const pugi::xml_node& like, std::string_view name) {
    const std::string_view model = like.name();
    const auto colon = model.rfind(':');
    return std::string(colon == std::string_view::npos ? std::string_view() : model.substr(0, colon + 1)) +
           std::string(name);
}

void set_text(pugi::xml_node node, const std::string& text) {
    while (node.first_child()) node.remove_child(node.first_child());
    if (text.empty()) return;
    node.append_child(pugi::node_pcdata).set_value(text.c_str());
    if (pugi::xml_attribute space = node.attribute("xml:space"))
        space.set_value("preserve");
    else
        node.append_attribute("xml:space").set_value("preserve");
}

pugi::xml_node copy_before(const pugi::xml_node& node, const pugi::xml_node& place, Notes& notes) {
    std::size_t count = 0;
    each_node(node, [&](const pugi::xml_node&) { ++count; });
    if (count > notes.nodes_left) refuse_form("くり返しで大きくなりすぎます。くり返す部分を小さくしてください。");
    notes.nodes_left -= count;
    return place.parent().insert_copy_before(node, place);
}

std::string relations_of(std::string_view part) {
    const auto slash = part.rfind('/');
    const auto name = slash == std::string_view::npos ? 0 : slash + 1;
    return fmt::format("{}_rels/{}.rels", part.substr(0, name), part.substr(name));
}

}  // namespace forms
