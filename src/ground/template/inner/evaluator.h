// The values of expressions: names in scope, look-ups, comparisons and filters, within a budget of steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ground/template/inner/mistake.h"
#include "ground/template/inner/program.h"
#include "ground/template/template.h"

namespace tmpl {

/// A value that stands somewhere in the caller's data, or was made on the way and is kept here.
struct Held {
    Value own;
    const Value* at = &own;
    bool is_missing = false;  ///< a name in the path led nowhere

    Held() = default;
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    void set(Value value) {
        own = std::move(value);
        at = &own;
    }
};

class Evaluator {
  public:
    Evaluator(const Value& root, const Options& options) : root_(root), options_(options) {}

    /// Throws TemplateError when the budget of steps is used up.
    void charge(std::size_t steps, const Program& where, std::size_t offset);
    void evaluate(const Program& program, std::uint32_t expression, Held& result);
    bool is_true(const Program& program, std::uint32_t expression);
    /// Notes once for each place; `is_missing` counts only where no `default` stands in the expression.
    void warn(const Program& program, std::size_t offset, Mistake mistake, std::string_view first,
              std::string_view second = {});
    void warn_if_missing(const Program& program, std::uint32_t expression, const Held& held);
    /// The names of the path in it, "page.title".
    static std::string label(const Program& program, std::uint32_t expression);
    std::vector<Problem> take_warnings() { return std::move(warnings_); }

    struct Loop {
        const List* list = nullptr;
        std::size_t index = 0;
        Value owner;  ///< keeps the list alive
    };
    /// A name and what it means now: a value, or else the state of the innermost loop at the time of binding.
    struct Bound {
        std::string_view name;
        const Value* value = nullptr;
        std::size_t loop = 0;
    };
    std::vector<Loop> loops;
    std::vector<Bound> scope;  ///< innermost last

  private:
    void evaluate_path(const Program& program, const Expression& path, Held& result);
    void evaluate_filter(const Program& program, const Expression& filter, Held& result);
    bool compare(const Program& program, const Expression& comparison);
    static bool step(std::string_view key, Held& result);
    static void loop_value(const Loop& loop, std::string_view key, Held& result);

    const Value& root_;
    const Options& options_;
    std::size_t steps_ = 0;
    std::vector<Problem> warnings_;
    std::vector<std::pair<const Program*, std::size_t>> warned_;
};

}  // namespace tmpl
