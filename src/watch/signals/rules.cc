#include "watch/signals/rules.h"

#include <charconv>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace signals {

using base::Error;
using base::Kind;
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

bool fits_word(std::string_view pattern, std::string_view word) {
    if (pattern.ends_with('*')) return word.starts_with(pattern.substr(0, pattern.size() - 1));
    return pattern == word;
}

std::optional<int> find_count(std::string_view text) {
    int count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size() || count < 0 || count > 1000) return std::nullopt;
    return count;
}

milliseconds span_of(std::string_view text) {
    const auto span = find_span(text);
    if (!span) throw Error(Kind::BadInput, fmt::format("\"{}\" is no span of time; write 90s, 5m, 2h or 3d", text));
    return *span;
}

int count_of(std::string_view text) {
    const auto count = find_count(text);
    if (!count) throw Error(Kind::BadInput, fmt::format("\"{}\" is no number from 0 to 1000", text));
    return *count;
}

int positive(std::string_view text) {
    const int count = count_of(text);
    if (count < 1) throw Error(Kind::BadInput, "a number of signals in a row is at least 1");
    return count;
}

/// "probe:net.*:@".
Pattern pattern_of(std::string_view text) {
    const std::size_t first = text.find(':');
    const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos)
        throw Error(Kind::BadInput, fmt::format("\"{}\" is no source:kind:subject", text));
    return {std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
            std::string(text.substr(second + 1))};
}

void set(Rule& rule, std::string_view name, std::string_view value) {
    if (name == "raise_after") {
        rule.raise_after = positive(value);
    } else if (name == "clear_after") {
        rule.clear_after = positive(value);
    } else if (name == "hold") {
        rule.hold = span_of(value);
    } else if (name == "clear_hold") {
        rule.clear_hold = span_of(value);
    } else if (name == "silent_after") {
        rule.silent_after = span_of(value);
    } else if (name == "wrong_silent_after") {
        rule.silent_after = span_of(value);
        rule.may_fall_silent_when_well = true;
    } else if (name == "ends_after") {
        rule.ends_after = span_of(value);
    } else if (name == "flaps") {
        const std::size_t slash = value.find('/');
        rule.flaps = count_of(value.substr(0, slash));
        if (slash != std::string_view::npos) rule.flap_span = span_of(value.substr(slash + 1));
    } else if (name == "severity") {
        rule.severity = find_severity(value);
        if (!rule.severity) throw Error(Kind::BadInput, fmt::format("there is no severity {}", value));
    } else if (name == "behind") {
        rule.behind.push_back(pattern_of(value));
    } else {
        throw Error(Kind::BadInput, fmt::format("a rule has no word {}", name));
    }
}

}  // namespace

bool fits(const Pattern& pattern, std::string_view source, std::string_view kind, std::string_view subject) {
    return fits_word(pattern.source, source) && fits_word(pattern.kind, kind) && fits_word(pattern.subject, subject);
}

std::optional<milliseconds> find_span(std::string_view text) {
    if (text.size() < 2) return std::nullopt;
    std::int64_t number = 0;
    const char* end = text.data() + text.size() - 1;
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number < 0 || number > 40'000'000) return std::nullopt;
    const std::int64_t unit = text.back() == 's'   ? 1000
                              : text.back() == 'm' ? 60'000
                              : text.back() == 'h' ? 3'600'000
                              : text.back() == 'd' ? 86'400'000
                                                   : 0;
    const milliseconds span(number * unit);
    if (unit == 0 || span > hours(24 * 400)) return std::nullopt;
    return span;
}

Rule parse_rule(std::string_view line) {
    std::vector<std::string_view> words;
    for (const auto word : base::split(line, ' '))
        if (!word.empty()) words.push_back(word);
    if (words.size() < 3)
        throw Error(Kind::BadInput,
                    fmt::format("the rule \"{}\" needs source, kind and subject first (\"*\" is any)", line));
    Rule rule;
    rule.about = {std::string(words[0]), std::string(words[1]), std::string(words[2])};
    try {
        for (std::size_t i = 3; i < words.size(); ++i) {
            const std::size_t equals = words[i].find('=');
            if (equals == std::string_view::npos)
                throw Error(Kind::BadInput, fmt::format("\"{}\" is no name=value", words[i]));
            set(rule, words[i].substr(0, equals), words[i].substr(equals + 1));
        }
    } catch (const Error& error) {
        throw Error(Kind::BadInput, fmt::format("the rule \"{}\": {}", line, error.message()));
    }
    return rule;
}

std::vector<std::string_view> built_in_rules() {
    return {
        // Alertmanager repeats what holds (repeat_interval, 4 h by default) and says when it is over; a resolve that
        // was lost shows as silence.
        "alertmanager * * wrong_silent_after=9h",
        // Events: nobody says that they are over.
        "suricata * * ends_after=30m",
        "intrusion suricata.missing *",
        "intrusion access-log.missing *",
        "intrusion * * ends_after=30m",
        // A scanner speaks of a file when it looks at it, and it looks at all of them within the settings' hours.
        "content * * ends_after=25h",
        "antivirus antivirus.detected * ends_after=24h",
        "antivirus antivirus.unscanned * ends_after=8d",
        // A mail server that is busy once is nothing to call for.
        "telling message.failed * raise_after=3",
        "watch alerts.cut * ends_after=1h",
        "watch signals.lost * ends_after=1h",
        "watch clock.step * ends_after=10m flaps=0",
        "* * *",
    };
}

Rules::Rules(const std::vector<std::string>& own) {
    for (const auto& line : own) rules_.push_back(parse_rule(line));
    for (const auto line : built_in_rules()) rules_.push_back(parse_rule(line));
}

const Rule& Rules::of(std::string_view source, std::string_view kind, std::string_view subject) const {
    for (const Rule& rule : rules_)
        if (fits(rule.about, source, kind, subject)) return rule;
    throw Error(Kind::Bug, "no rule fits, not even the last");
}

}  // namespace signals
