// The structured templates, menus and lists, as JSON that is read strictly.
#include <boost/json.hpp>

#include "ground/base/error.h"
#include "press/content/inner/leads.h"
#include "press/content/templates.h"

namespace content {

namespace json = boost::json;

namespace {

using base::Error;
using base::Kind;

constexpr int kDeepestMenu = 3;
constexpr std::size_t kMostLinks = 500;
constexpr std::size_t kLongestText = 300;
constexpr std::int64_t kLongestList = 500;

[[noreturn]] void refuse(std::string_view why) {
    throw Error(Kind::BadInput, fmt::format("メニュー・一覧の設定を読めません。{}", why));
}

json::value parse(std::string_view text) {
    json::error_code problem;
    json::parse_options options;
    options.max_depth = 16;
    json::value value = json::parse(text, problem, {}, options);
    if (problem) refuse(problem.message());
    return value;
}

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) refuse(fmt::format("「{}」がありません。", key));
    std::string text(value->as_string());
    if (text.empty() || text.size() > kLongestText * 4) refuse(fmt::format("「{}」が空か、長すぎます。", key));
    return text;
}

std::vector<MenuItem> parse_items(const json::value& value, int depth, std::size_t& count) {
    if (!value.is_array()) refuse("項目の並びではありません。");
    if (depth > kDeepestMenu) refuse(fmt::format("メニューは{}段までです。", kDeepestMenu));
    std::vector<MenuItem> items;
    for (const json::value& one : value.as_array()) {
        if (!one.is_object()) refuse("項目の形が違います。");
        if (++count > kMostLinks) refuse(fmt::format("項目は{}個までです。", kMostLinks));
        const json::object& object = one.as_object();
        MenuItem item{text_of(object, "title"), text_of(object, "url"), {}};
        if (!may_lead_to(item.url))
            refuse(fmt::format("「{}」のリンク先は「/」か https:// などで始めてください。", item.title));
        if (const json::value* below = object.if_contains("items")) item.items = parse_items(*below, depth + 1, count);
        items.push_back(std::move(item));
    }
    return items;
}

json::array items_json(std::span<const MenuItem> items) {
    json::array array;
    for (const MenuItem& item : items) {
        json::object object{{"title", item.title}, {"url", item.url}};
        if (!item.items.empty()) object["items"] = items_json(item.items);
        array.push_back(std::move(object));
    }
    return array;
}

}  // namespace

std::string write_menu(std::span<const MenuItem> items) {
    return json::serialize(items_json(items));
}

std::vector<MenuItem> parse_menu(std::string_view text) {
    std::size_t count = 0;
    return parse_items(parse(text), 1, count);
}

std::string write_list(const ListDefinition& definition) {
    return json::serialize(json::object{{"list", definition.list},
                                        {"limit", definition.limit},
                                        {"order", definition.order == ListOrder::Newest ? "newest" : "path"}});
}

ListDefinition parse_list(std::string_view text) {
    const json::value value = parse(text);
    if (!value.is_object()) refuse("一覧の形が違います。");
    const json::object& object = value.as_object();
    ListDefinition definition;
    definition.list = text_of(object, "list");
    const auto starts = [&](std::string_view start) { return definition.list.starts_with(start); };
    if (!starts("list:") && !starts("tree:") && !starts("category:"))
        refuse("「list」は list:、tree:、category: のどれかで始めてください。");
    if (const json::value* limit = object.if_contains("limit")) {
        if (!limit->is_int64() || limit->as_int64() < 1 || limit->as_int64() > kLongestList)
            refuse(fmt::format("件数は1から{}までです。", kLongestList));
        definition.limit = static_cast<int>(limit->as_int64());
    }
    if (object.contains("order")) {
        const std::string order = text_of(object, "order");
        if (order != "newest" && order != "path") refuse("並べ方は newest か path です。");
        definition.order = order == "path" ? ListOrder::Path : ListOrder::Newest;
    }
    return definition;
}

}  // namespace content
