#include "ground/template/value.h"

#include <algorithm>

namespace tmpl {

namespace {

struct Lazy final : Lookup {
    explicit Lazy(std::function<Value(std::string_view)> find_key) : ask(std::move(find_key)) {}
    Value find(std::string_view key) override { return ask(key); }
    std::function<Value(std::string_view)> ask;
};

bool is_before(const std::pair<std::string, Value>& entry, std::string_view key) {
    return entry.first < key;
}

}  // namespace

Map::Map(std::initializer_list<std::pair<std::string_view, Value>> entries) {
    entries_.reserve(entries.size());
    for (const auto& [key, value] : entries) set(key, value);
}

Map& Map::set(std::string_view key, Value value) {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, is_before);
    if (at != entries_.end() && at->first == key) {
        at->second = std::move(value);
    } else {
        entries_.emplace(at, key, std::move(value));
    }
    return *this;
}

const Value* Map::find(std::string_view key) const {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, is_before);
    return at != entries_.end() && at->first == key ? &at->second : nullptr;
}

Value::Value(List list) : held_(std::make_shared<const List>(std::move(list))) {}
Value::Value(Map map) : held_(std::make_shared<const Map>(std::move(map))) {}

Value Value::lazy(std::function<Value(std::string_view key)> find) {
    return Value(std::shared_ptr<Lookup>(std::make_shared<Lazy>(std::move(find))));
}

const List* Value::as_list() const {
    const auto* list = std::get_if<ListPointer>(&held_);
    return list ? list->get() : nullptr;
}

const Map* Value::as_map() const {
    const auto* map = std::get_if<MapPointer>(&held_);
    return map ? map->get() : nullptr;
}

Lookup* Value::as_lookup() const {
    const auto* lookup = std::get_if<std::shared_ptr<Lookup>>(&held_);
    return lookup ? lookup->get() : nullptr;
}

bool Value::is_true() const {
    if (const auto* truth = as_bool()) return *truth;
    if (const auto* number = as_int()) return *number != 0;
    if (const auto* text = as_text()) return !text->empty();
    if (const auto* safe = as_html()) return !safe->is_empty();
    if (const auto* list = as_list()) return !list->empty();
    if (const auto* map = as_map()) return !map->empty();
    return as_lookup() != nullptr;
}

std::string_view Value::kind_name() const {
    static constexpr std::string_view kNames[] = {"null", "bool", "int", "text", "html", "list", "map", "lookup"};
    return kNames[held_.index()];
}

}  // namespace tmpl
