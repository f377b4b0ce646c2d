// A script that sends its readers to a foreign host: an address written out behind location = , .href = , .replace( ,
// .assign( or window.open( outside of any function that waits for a click cannot be told from one inside; so every
// written-out foreign address counts.
#include <algorithm>

#include "watch/content/rules.h"

namespace content {

namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

/// From behind the word "location": the address that it is given, if it is written out; nothing otherwise.
std::string_view given_address(std::string_view rest) {
    const auto skip = [&](std::string_view word) {
        const bool is_there = rest.starts_with(word);
        if (is_there) rest.remove_prefix(word.size());
        return is_there;
    };
    const auto skip_blanks = [&] {
        while (!rest.empty() && static_cast<unsigned char>(rest.front()) <= ' ') rest.remove_prefix(1);
    };
    skip_blanks();
    const bool is_call = skip(".replace") || skip(".assign");
    if (!is_call) skip(".href");
    skip_blanks();
    if (is_call ? !skip("(") : !skip("=")) return {};
    skip_blanks();
    if (rest.empty() || (rest.front() != '"' && rest.front() != '\'' && rest.front() != '`')) return {};
    const char quote = rest.front();
    rest.remove_prefix(1);
    return rest.substr(0, std::min(rest.find(quote), std::size_t{2000}));
}

std::vector<Finding> run(const Subject& subject) {
    constexpr std::string_view kWord = "location";
    std::vector<Finding> found;
    for (const html::Span& script : subject.scripts()) {
        const std::string_view code = script.of(subject.text());
        for (auto at = code.find(kWord); at != std::string_view::npos; at = code.find(kWord, at + 1)) {
            if (at > 0 && is_word(code[at - 1])) continue;
            const std::string_view url = given_address(code.substr(at + kWord.size()));
            if (!url.empty() && subject.is_foreign(url))
                found.push_back({script.begin + at, url.size() + 40, signals::Severity::Warning});
        }
    }
    return found;
}

}  // namespace

extern const Rule foreign_location{"foreign-location", "プログラムが、認めていないホストへ読者を移動させます。", run};

}  // namespace content
