// The words of a signal, and the hash by which an anomaly is known again.
#include "watch/signals/signal.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ground/sys/crypto.h"

namespace signals {
namespace {

struct Name {
    std::string_view id, wording;
};
constexpr std::array kStates = {Name{"raise", "発生"}, Name{"clear", "復旧"}, Name{"info", "情報"}};
constexpr std::array kSeverities = {Name{"note", "参考"}, Name{"minor", "軽微"}, Name{"warning", "注意"},
                                    Name{"serious", "重大"}, Name{"emergency", "緊急"}};

template <class Word, std::size_t N>
std::optional<Word> find(const std::array<Name, N>& names, std::string_view id) {
    const auto at = std::find_if(names.begin(), names.end(), [&](const Name& name) { return name.id == id; });
    if (at == names.end()) return std::nullopt;
    return static_cast<Word>(at - names.begin());
}

}  // namespace

base::Hash fingerprint(const Signal& signal) {
    std::string text;
    for (const auto* part : {&signal.source, &signal.kind, &signal.subject, &signal.rule})
        text += fmt::format("{}:{}", part->size(), *part);
    return sys::sha256(text);
}

std::string_view state_id(State state) {
    return kStates.at(static_cast<std::size_t>(state)).id;
}

std::optional<State> find_state(std::string_view id) {
    return find<State>(kStates, id);
}

std::string_view state_wording(State state) {
    return kStates.at(static_cast<std::size_t>(state)).wording;
}

std::string_view severity_id(Severity severity) {
    return kSeverities.at(static_cast<std::size_t>(severity)).id;
}

std::optional<Severity> find_severity(std::string_view id) {
    return find<Severity>(kSeverities, id);
}

std::string_view severity_wording(Severity severity) {
    return kSeverities.at(static_cast<std::size_t>(severity)).wording;
}

}  // namespace signals
