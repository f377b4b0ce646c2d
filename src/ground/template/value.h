// What a template may read: plain data made by the caller, and Lookups that are asked for a key when the template needs
// it, so that a renderer can note what a page depends on. Values are immutable once made and cheap to copy; many
// threads may render from one Value. There is no number but the whole one: templates show figures, they do not
// calculate.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ground/base/time.h"
#include "ground/html/escape.h"

namespace tmpl {

class Value;
class Map;

/// Markup that is shown as it is. Made by code that has cleaned or built the HTML itself; a template cannot make one.
using html::SafeHtml;

using List = std::vector<Value>;

/// Values on demand. `find` may be asked for one key any number of times in a render and must give the same answer;
/// null (Value{}) means "there is no such thing" and is noted as a missing value. A Lookup that several threads render
/// from at once must itself be safe for that.
struct Lookup {
    virtual ~Lookup() = default;
    virtual Value find(std::string_view key) = 0;
};

class Value {
  public:
    Value() = default;
    template <std::same_as<bool> Truth>  // a plain bool parameter would also swallow every pointer
    Value(Truth truth) : held_(truth) {}
    Value(int number) : held_(std::int64_t{number}) {}
    Value(std::int64_t number) : held_(number) {}
    Value(std::size_t number) : held_(static_cast<std::int64_t>(number)) {}
    Value(const char* text) : held_(std::string(text)) {}
    Value(std::string text) : held_(std::move(text)) {}
    Value(std::string_view text) : held_(std::string(text)) {}
    Value(SafeHtml html) : held_(std::move(html)) {}
    /// Days and instants travel in their one text form; the `date` filter reads both.
    Value(base::Day day) : held_(base::format_day(day)) {}
    Value(base::Instant at) : held_(base::format_utc(at)) {}
    Value(List list);
    Value(Map map);
    Value(std::shared_ptr<Lookup> lookup) : held_(std::move(lookup)) {}

    /// A Lookup that the caller keeps alive until the render is over.
    static Value borrow(Lookup& lookup) { return Value(std::shared_ptr<Lookup>(std::shared_ptr<Lookup>(), &lookup)); }
    static Value lazy(std::function<Value(std::string_view key)> find);

    bool is_null() const { return std::holds_alternative<std::monostate>(held_); }
    const bool* as_bool() const { return std::get_if<bool>(&held_); }
    const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&held_); }
    const std::string* as_text() const { return std::get_if<std::string>(&held_); }
    const SafeHtml* as_html() const { return std::get_if<SafeHtml>(&held_); }
    const List* as_list() const;
    const Map* as_map() const;
    Lookup* as_lookup() const;

    /// False: null, false, 0, the empty text, list or map.
    bool is_true() const;
    /// "null", "bool", "int", "text", "html", "list", "map", "lookup": for messages.
    std::string_view kind_name() const;

  private:
    // Shared between the copies of a Value; nobody changes what they point to.
    using ListPointer = std::shared_ptr<const List>;
    using MapPointer = std::shared_ptr<const Map>;
    std::variant<std::monostate, bool, std::int64_t, std::string, SafeHtml, ListPointer, MapPointer,
                 std::shared_ptr<Lookup>>
        held_;
};

/// Keys to values, sorted by key so that nothing depends on the order of filling.
class Map {
  public:
    Map() = default;
    Map(std::initializer_list<std::pair<std::string_view, Value>> entries);
    /// Adds the key or replaces its value.
    Map& set(std::string_view key, Value value);
    /// Null if there is no such key.
    const Value* find(std::string_view key) const;
    bool empty() const { return entries_.empty(); }
    std::size_t size() const { return entries_.size(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

  private:
    std::vector<std::pair<std::string, Value>> entries_;
};

}  // namespace tmpl
