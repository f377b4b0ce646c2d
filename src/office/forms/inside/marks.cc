#include "office/forms/inside/marks.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/forms/form.h"

namespace forms {

namespace {

constexpr std::size_t kLongestName = 60;      // characters
constexpr std::size_t kLongestText = 32'000;  // characters: a cell holds 32,767
constexpr std::string_view kWideSpace = "\u3000";

/// The first of the two forms at or after `from`; npos: none.
std::pair<std::size_t, std::size_t> find_either(std::string_view text, std::string_view narrow, std::string_view wide,
                                                std::size_t from) {
    const auto a = text.find(narrow, from), b = text.find(wide, from);
    return a <= b ? std::pair(a, narrow.size()) : std::pair(b, wide.size());
}

std::string_view trimmed(std::string_view text) {
    for (;;) {
        const std::size_t before = text.size();
        text = base::trim(text);
        if (text.starts_with(kWideSpace)) text.remove_prefix(kWideSpace.size());
        if (text.ends_with(kWideSpace)) text.remove_suffix(kWideSpace.size());
        if (text.size() == before) return text;
    }
}

}  // namespace

std::vector<Mark> find_marks(std::string_view text) {
    std::vector<Mark> marks;
    for (std::size_t at = 0;;) {
        const auto [from, opening] = find_either(text, "{{", "｛｛", at);
        if (from == std::string_view::npos) return marks;
        const auto [end, closing] = find_either(text, "}}", "｝｝", from + opening);
        std::string_view name = end == std::string_view::npos
                                    ? std::string_view()
                                    : trimmed(text.substr(from + opening, end - from - opening));
        Mark mark{from, end + closing, Mark::Kind::Value, ""};
        const auto take = [&](std::string_view sign, Mark::Kind kind) {
            if (mark.kind != Mark::Kind::Value || !name.starts_with(sign)) return;
            mark.kind = kind;
            name = trimmed(name.substr(sign.size()));
        };
        take("#", Mark::Kind::Begin);
        take("＃", Mark::Kind::Begin);
        take("/", Mark::Kind::End);
        take("／", Mark::Kind::End);
        if (name.empty() || base::count_code_points(name) > kLongestName || name.find_first_of("{}\n") != name.npos)
            throw base::Error(base::Kind::BadInput,
                              fmt::format("「{}」のあたりの差込みの書き方が正しくありません。「{{{{件名}}}}」のように、"
                                          "名前を二重の波かっこで囲んでください。",
                                          base::first_code_points(text.substr(from), 20)));
        mark.name = name;
        at = mark.to;
        marks.push_back(std::move(mark));
    }
}

std::optional<std::size_t> find_end(const std::vector<Mark>& marks, std::size_t begin) {
    std::size_t open = 0;
    for (std::size_t i = begin; i < marks.size(); ++i) {
        if (marks[i].kind == Mark::Kind::Begin) ++open;
        if (marks[i].kind == Mark::Kind::End && --open == 0) return i;
    }
    return std::nullopt;
}

const tmpl::Value* Scope::find(std::string_view name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->around_) {
        const tmpl::Map* map = scope->item_.as_map();
        if (map == nullptr && name == kItem) return &scope->item_;
        if (const tmpl::Value* found = map == nullptr ? nullptr : map->find(name)) return found;
    }
    return nullptr;
}

std::string written(const tmpl::Value& value) {
    std::string text;
    if (const auto* number = value.as_int()) {
        text = fmt::format("{}", *number);
        for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (*number < 0 ? 1 : 0); at -= 3)
            text.insert(static_cast<std::size_t>(at), ",");
    } else if (const auto* truth = value.as_bool()) {
        text = *truth ? "はい" : "いいえ";
    } else if (const auto* said = value.as_text()) {
        text = base::first_code_points(base::to_valid_utf8(*said), kLongestText);
        std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'; });
        for (const std::string_view forbidden : {"\uFFFE", "\uFFFF"})
            for (auto at = text.find(forbidden); at != text.npos; at = text.find(forbidden, at))
                text.erase(at, forbidden.size());
    }
    return text;
}

const tmpl::Value* Notes::look_up(const Scope& scope, const std::string& name) {
    const auto note = [&](std::vector<std::string>& to) {
        if (to.size() < 1000 && std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
    };
    note(names);
    const tmpl::Value* found = scope.find(name);
    if (found == nullptr) note(unknown);
    return found;
}

}  // namespace forms
