#include "ground/template/inner/evaluator.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace tmpl {

namespace {

constexpr std::size_t kMostWarnings = 100;
constexpr std::size_t kBytesPerStep = 256;  ///< what a filter reads and writes costs steps too

std::size_t size_of(const Value& value) {
    if (const auto* text = value.as_text()) return text->size();
    if (const auto* html = value.as_html()) return html->str().size();
    if (const auto* list = value.as_list()) return list->size() * 16;
    return 0;
}

const std::string* as_text(const Value& value) {
    if (const auto* html = value.as_html()) return &html->str();
    return value.as_text();
}

bool is_equal(const Value& a, const Value& b) {
    if (const auto* text = as_text(a)) return as_text(b) && *text == *as_text(b);
    if (const auto* number = a.as_int()) return b.as_int() && *number == *b.as_int();
    if (const auto* truth = a.as_bool()) return b.as_bool() && *truth == *b.as_bool();
    return a.is_null() && b.is_null();
}

bool holds(Expression::Kind kind, int order) {
    switch (kind) {
        case Expression::Kind::Less:
            return order < 0;
        case Expression::Kind::Greater:
            return order > 0;
        case Expression::Kind::LessEqual:
            return order <= 0;
        default:
            return order >= 0;
    }
}

}  // namespace

void Evaluator::charge(std::size_t steps, const Program& where, std::size_t offset) {
    steps_ += steps;
    if (steps_ > options_.max_steps) refuse(where, offset, Mistake::StepsUsedUp, fmt::format("{}", options_.max_steps));
}

std::string Evaluator::label(const Program& program, std::uint32_t expression) {
    const Expression* made = &program.expressions[expression];
    while (made->kind == Expression::Kind::Filter) made = &program.expressions[made->a];
    if (made->kind != Expression::Kind::Path) return "...";
    return fmt::format("{}", fmt::join(program.keys.begin() + made->a, program.keys.begin() + made->a + made->b, "."));
}

void Evaluator::warn(const Program& program, std::size_t offset, Mistake mistake, std::string_view first,
                     std::string_view second) {
    const std::pair place(&program, offset);
    if (warnings_.size() >= kMostWarnings || std::find(warned_.begin(), warned_.end(), place) != warned_.end()) return;
    warned_.push_back(place);
    warnings_.push_back(make_problem(program, offset, mistake, first, second));
}

void Evaluator::warn_if_missing(const Program& program, std::uint32_t expression, const Held& held) {
    const Expression& made = program.expressions[expression];
    if (!held.is_missing || made.has_default) return;
    warn(program, made.offset, Mistake::MissingValue, label(program, expression));
}

bool Evaluator::is_true(const Program& program, std::uint32_t expression) {
    Held held;
    evaluate(program, expression, held);
    return held.at->is_true();
}

void Evaluator::evaluate(const Program& program, std::uint32_t expression, Held& result) {
    const Expression& made = program.expressions[expression];
    charge(1, program, made.offset);
    switch (made.kind) {
        case Expression::Kind::Literal:
            result.at = &program.literals[made.a];
            return;
        case Expression::Kind::Path:
            evaluate_path(program, made, result);
            return;
        case Expression::Kind::Filter:
            evaluate_filter(program, made, result);
            return;
        case Expression::Kind::Not:
            result.set(!is_true(program, made.a));
            return;
        case Expression::Kind::And:
            result.set(is_true(program, made.a) && is_true(program, made.b));
            return;
        case Expression::Kind::Or:
            result.set(is_true(program, made.a) || is_true(program, made.b));
            return;
        default:
            result.set(compare(program, made));
            return;
    }
}

/// One key further; false if there is nothing.
bool Evaluator::step(std::string_view key, Held& result) {
    if (const Map* map = result.at->as_map()) {
        const Value* found = map->find(key);
        if (found) result.at = found;
        return found != nullptr;
    }
    Lookup* lookup = result.at->as_lookup();
    if (!lookup) return false;
    Value found = lookup->find(key);  // before `own` changes: the lookup may be what it holds
    result.set(std::move(found));
    return !result.own.is_null();
}

void Evaluator::loop_value(const Loop& loop, std::string_view key, Held& result) {
    if (key == "index") return result.set(loop.index + 1);
    if (key == "first") return result.set(loop.index == 0);
    if (key == "last") return result.set(loop.index + 1 == loop.list->size());
    if (key == "length") return result.set(loop.list->size());
    result.is_missing = true;
}

void Evaluator::evaluate_path(const Program& program, const Expression& path, Held& result) {
    const std::string_view* key = program.keys.data() + path.a;
    const std::string_view* end = key + path.b;
    const auto bound = std::find_if(scope.rbegin(), scope.rend(), [&](const Bound& one) { return one.name == *key; });
    if (bound == scope.rend()) {
        result.at = &root_;
    } else if (bound->value) {
        result.at = bound->value;
        ++key;
    } else if (path.b == 2) {
        return loop_value(loops[bound->loop], key[1], result);
    } else {
        key = nullptr;
    }
    for (; key && key != end; ++key) {
        if (!step(*key, result)) key = nullptr;
        if (!key) break;
    }
    if (key) return;
    result.set(Value());
    result.is_missing = true;
}

void Evaluator::evaluate_filter(const Program& program, const Expression& filter, Held& result) {
    Held input;
    evaluate(program, filter.a, input);
    result.is_missing = input.is_missing;
    if (input.at->is_null() && !filter.filter->takes_null) return result.set(Value());
    std::array<Value, 2> arguments;
    for (std::uint32_t i = 0; i < filter.b; ++i) {
        Held argument;
        evaluate(program, program.arguments[filter.c + i], argument);
        arguments[i] = *argument.at;
    }
    FilterCall call{*input.at, std::span(arguments.data(), filter.b), options_.max_bytes, {}};
    Value made = filter.filter->apply(call);
    charge((size_of(*input.at) + size_of(made)) / kBytesPerStep, program, filter.offset);
    if (!call.complaint.empty()) {
        const auto shown = base::first_code_points(call.complaint, 60);
        warn(program, filter.offset, Mistake::FilterComplaint, filter.filter->name, shown);
    }
    result.set(std::move(made));
}

bool Evaluator::compare(const Program& program, const Expression& comparison) {
    Held left;
    Held right;
    evaluate(program, comparison.a, left);
    evaluate(program, comparison.b, right);
    charge(std::min(size_of(*left.at), size_of(*right.at)) / kBytesPerStep, program, comparison.offset);
    if (comparison.kind == Expression::Kind::Equal) return is_equal(*left.at, *right.at);
    if (comparison.kind == Expression::Kind::NotEqual) return !is_equal(*left.at, *right.at);
    if (left.at->as_int() && right.at->as_int()) {
        const auto a = *left.at->as_int();
        const auto b = *right.at->as_int();
        return holds(comparison.kind, a < b ? -1 : a > b ? 1 : 0);
    }
    if (as_text(*left.at) && as_text(*right.at)) {
        return holds(comparison.kind, as_text(*left.at)->compare(*as_text(*right.at)));
    }
    if (!left.at->is_null() && !right.at->is_null()) {
        warn(program, comparison.offset, Mistake::NotComparable, left.at->kind_name(), right.at->kind_name());
    }
    return false;
}

}  // namespace tmpl
