#include "watch/probes/plan.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace probes {

namespace {

using base::Error;

constexpr std::size_t kMostProbes = 500;

[[noreturn]] void refuse(std::string problem) {
    throw Error(base::Kind::BadInput, std::move(problem));
}

struct Word {
    std::string name, value;
    bool has_value = false;
};

/// "a b=c d=\"e f\"" as words.
std::vector<Word> read_words(std::string_view line) {
    std::vector<Word> words;
    std::size_t at = 0;
    const auto skip = [&] {
        while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
    };
    for (skip(); at < line.size(); skip()) {
        Word word;
        while (at < line.size() && line[at] != ' ' && line[at] != '\t' && line[at] != '=') word.name += line[at++];
        if (at < line.size() && line[at] == '=') {
            word.has_value = true;
            if (++at < line.size() && line[at] == '"') {
                const auto end = line.find('"', at + 1);
                if (end == std::string_view::npos) refuse(fmt::format("{} の引用符が閉じていません。", word.name));
                word.value = line.substr(at + 1, end - at - 1);
                at = end + 1;
            } else {
                while (at < line.size() && line[at] != ' ' && line[at] != '\t') word.value += line[at++];
            }
        }
        if (word.name.empty()) refuse("「名前=値」の形で書いてください。");
        words.push_back(std::move(word));
    }
    return words;
}

std::optional<double> read_number(std::string_view text) {
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

double number_within(const Word& word, double least, double most) {
    const auto value = read_number(word.value);
    if (!value || *value < least || *value > most)
        refuse(fmt::format("{} は {} から {} までの数で書いてください。", word.name, least, most));
    return *value;
}

const Option* find_option(const Kind& kind, std::string_view name) {
    for (const Option& option : kind.options)
        if (option.name == name) return &option;
    return nullptr;
}

void apply(Plan& plan, const Word& word) {
    if (!word.has_value) {
        if (word.name != "on" && word.name != "off")
            refuse(fmt::format("「{}」は「名前=値」の形で書いてください。", word.name));
        plan.is_on = word.name == "on";
    } else if (word.name == "every") {
        plan.rhythm.every = number_within(word, 1, 86'400);
    } else if (word.name == "patience") {
        plan.rhythm.patience = number_within(word, 0.1, 600);
    } else if (word.name == "raise") {
        plan.rhythm.raise = static_cast<int>(number_within(word, 1, 100));
    } else if (word.name == "clear") {
        plan.rhythm.clear = static_cast<int>(number_within(word, 1, 100));
    } else if (word.name == "severity") {
        const auto severity = signals::find_severity(word.value);
        if (!severity) refuse("severity は note、minor、warning、serious、emergency のどれかにしてください。");
        plan.rhythm.severity = *severity;
    } else if (word.name == "behind") {
        plan.behind = word.value;
    } else if (word.name == "title") {
        plan.title = base::first_code_points(word.value, 100);
    } else {
        const Option* option = find_option(*plan.kind, word.name);
        if (option == nullptr) refuse(fmt::format("種類 {} に項目 {} はありません。", plan.kind->id, word.name));
        if (option->form == Option::Form::Number && !word.value.empty() && !read_number(word.value))
            refuse(fmt::format("{} は数で書いてください。", word.name));
        plan.values[word.name] = word.value;
    }
}

/// Changes the probe that the line names, or adds one.
void apply_line(std::vector<Plan>& plans, std::string_view line, bool is_standard) {
    const std::vector<Word> words = read_words(line);
    if (words.empty() || words[0].has_value || !is_probe_id(words[0].name))
        refuse("行の初めに、監視項目の名前（半角の英小文字・数字・点・ハイフン）を書いてください。");
    const auto kind_word =
        std::find_if(words.begin(), words.end(), [](const Word& word) { return word.name == "kind"; });
    auto at = std::find_if(plans.begin(), plans.end(), [&](const Plan& plan) { return plan.id == words[0].name; });
    Plan plan;
    if (at != plans.end()) {
        plan = *at;
        if (kind_word != words.end() && kind_word->value != plan.kind->id)
            refuse(
                fmt::format("{} の種類は {} で、変えられません。別の名前で足してください。", plan.id, plan.kind->id));
    } else {
        if (kind_word == words.end())
            refuse(fmt::format("監視項目 {} はありません。足すときは kind を書いてください。", words[0].name));
        if (plans.size() >= kMostProbes) refuse(fmt::format("監視項目は {} 件までです。", kMostProbes));
        const Kind* kind = find_kind(kind_word->value);
        if (kind == nullptr) refuse(fmt::format("監視の種類 {} はありません。", kind_word->value));
        plan = plan_of(*kind, words[0].name);
        plan.is_standard = is_standard;
    }
    for (std::size_t word = 1; word < words.size(); ++word)
        if (words[word].name != "kind") apply(plan, words[word]);
    if (!plan.kind->target.empty() && plan.target().empty())
        refuse(fmt::format("{} を書いてください。", plan.kind->target));
    if (plan.behind == plan.id) refuse("behind に自分自身は書けません。");
    if (at != plans.end())
        *at = std::move(plan);
    else
        plans.push_back(std::move(plan));
}

/// A dependency that leads nowhere, or round in a circle, is dropped and told.
void check_dependencies(Plans& made) {
    const auto find = [&](std::string_view id) {
        return std::find_if(made.plans.begin(), made.plans.end(), [&](const Plan& plan) { return plan.id == id; });
    };
    for (Plan& plan : made.plans) {
        std::size_t steps = 0;
        std::string_view next = plan.behind;
        while (!next.empty() && steps++ <= made.plans.size()) {
            const auto at = find(next);
            if (at == made.plans.end()) break;
            next = at->behind;
        }
        if (next.empty()) continue;
        made.bad.push_back({fmt::format("{} behind={}", plan.id, plan.behind),
                            find(plan.behind) == made.plans.end()
                                ? fmt::format("監視項目 {} はありません。", plan.behind)
                                : "behind が一周しているか、ない項目につながっています。"});
        plan.behind.clear();
    }
}

std::string in_quotes(std::string_view value) {
    const bool is_plain = value.find_first_of(" \t") == std::string_view::npos && !value.empty();
    std::string clean(value);
    std::erase(clean, '"');
    return is_plain ? clean : fmt::format("\"{}\"", clean);
}

std::string_view id_of(std::string_view line) {
    line = base::trim(line);
    return line.substr(0, line.find_first_of(" \t"));
}

}  // namespace

bool is_probe_id(std::string_view id) {
    return !id.empty() && id.size() <= 60 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    });
}

std::string Plan::text(std::string_view option) const {
    if (const auto at = values.find(option); at != values.end()) return at->second;
    const Option* known = find_option(*kind, option);
    if (known == nullptr) throw Error(base::Kind::Bug, fmt::format("probe kind {} has no option {}", kind->id, option));
    return std::string(known->standard);
}

std::optional<double> Plan::number(std::string_view option) const {
    return read_number(text(option));
}

std::vector<std::string> Plan::list(std::string_view option) const {
    std::vector<std::string> words;
    const std::string all = text(option);
    for (const std::string_view word : base::split(all, ','))
        if (const auto trimmed = base::trim(word); !trimmed.empty()) words.emplace_back(trimmed);
    return words;
}

std::string Plan::target() const {
    return kind->target.empty() ? std::string() : text(kind->target);
}

std::chrono::milliseconds Plan::patience() const {
    return std::chrono::milliseconds(static_cast<std::int64_t>(rhythm.patience * 1000));
}

Plans make_plans(std::span<const std::string> standard, std::span<const std::string> lines) {
    Plans made;
    for (const auto& [from, is_standard] : {std::pair(standard, true), std::pair(lines, false)})
        for (const std::string& line : from) try {
                if (!base::trim(line).empty()) apply_line(made.plans, line, is_standard);
            } catch (const Error& error) {
                made.bad.push_back({line, error.message()});
            }
    check_dependencies(made);
    return made;
}

std::vector<std::string> with_line(std::span<const std::string> standard, std::span<const std::string> lines,
                                   std::string_view id, std::string_view line) {
    std::vector<std::string> changed;
    bool is_placed = line.empty();
    if (!is_placed && id_of(line) != id) refuse(fmt::format("行は {} で始めてください。", id));
    for (const std::string& old : lines) {
        if (id_of(old) != id) {
            changed.push_back(old);
        } else if (!is_placed) {
            changed.emplace_back(line);
            is_placed = true;
        }
    }
    if (!is_placed) changed.emplace_back(line);
    for (const BadLine& bad : make_plans(standard, changed).bad)
        if (bad.line == line || id_of(bad.line) == id) refuse(bad.problem);
    return changed;
}

Plan plan_of(const Kind& kind, std::string_view id) {
    Plan plan;
    plan.id = id;
    plan.kind = &kind;
    plan.title = kind.title;
    plan.rhythm = kind.rhythm;
    return plan;
}

std::string line_of(const Plan& plan, const Plan* from) {
    const Plan bare = plan_of(*plan.kind, plan.id);
    const Plan& usual = from != nullptr ? *from : bare;
    std::string line;
    if (from == nullptr && !plan.is_standard) line += fmt::format(" kind={}", plan.kind->id);
    if (plan.is_on != usual.is_on) line += plan.is_on ? " on" : " off";
    if (plan.title != usual.title) line += " title=" + in_quotes(plan.title);
    if (plan.rhythm.every != usual.rhythm.every) line += fmt::format(" every={}", plan.rhythm.every);
    if (plan.rhythm.patience != usual.rhythm.patience) line += fmt::format(" patience={}", plan.rhythm.patience);
    if (plan.rhythm.raise != usual.rhythm.raise) line += fmt::format(" raise={}", plan.rhythm.raise);
    if (plan.rhythm.clear != usual.rhythm.clear) line += fmt::format(" clear={}", plan.rhythm.clear);
    if (plan.rhythm.severity != usual.rhythm.severity)
        line += fmt::format(" severity={}", signals::severity_id(plan.rhythm.severity));
    if (plan.behind != usual.behind) line += " behind=" + in_quotes(plan.behind);
    for (const Option& option : plan.kind->options)
        if (const std::string value = plan.text(option.name); value != usual.text(option.name))
            line += fmt::format(" {}={}", option.name, in_quotes(value));
    return line.empty() ? line : plan.id + line;
}

}  // namespace probes
