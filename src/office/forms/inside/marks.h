// Placeholders in a text, and the values that they stand for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/template/value.h"

namespace forms {

struct Mark {
    enum class Kind { Value, Begin, End };
    std::size_t from = 0, to = 0;  ///< bytes, braces included
    Kind kind = Kind::Value;
    std::string name;
};
/// In order. Braces may be typed wide (｛｛件名｝｝). Throws Error(BadInput) at braces that do not close.
std::vector<Mark> find_marks(std::string_view text);

/// The marks of `marks` from the first Begin to its End, as an index of the End; nothing when it has none here.
std::optional<std::size_t> find_end(const std::vector<Mark>& marks, std::size_t begin);

/// What names mean at one place: an item within an item within the whole.
class Scope {
  public:
    Scope(const tmpl::Value& item, const Scope* around) : item_(item), around_(around) {}
    /// Null: nobody knows the name.
    const tmpl::Value* find(std::string_view name) const;

  private:
    const tmpl::Value& item_;
    const Scope* around_;
};

/// As it is written: 1,234,567 for a whole number; without what XML cannot hold.
std::string written(const tmpl::Value& value);

/// What a filling notes, and what it may still cost.
struct Notes {
    std::vector<std::string> names, unknown;
    std::size_t nodes_left = 2'000'000;  ///< that repetitions may still copy
    const tmpl::Value* look_up(const Scope& scope, const std::string& name);
};

}  // namespace forms
