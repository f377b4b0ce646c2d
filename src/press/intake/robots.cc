#include "press/intake/robots.h"

#include <charconv>

#include "ground/base/text.h"

namespace intake {

namespace {

constexpr std::size_t kLargest = 500U << 10;
constexpr std::size_t kMostRules = 10'000;
constexpr double kLongestDelay = 3600;

/// "*" stands for any bytes, "$" at the end for the end; otherwise the pattern is a beginning. Each "*" takes as little
/// as it can and is left behind for good, so that a hostile pattern costs the product of the two lengths at most.
bool fits(std::string_view pattern, std::string_view target) {
    const bool is_whole = pattern.ends_with('$');
    if (is_whole) pattern.remove_suffix(1);
    std::size_t p = 0, t = 0, star = std::string_view::npos, from = 0;
    for (;;) {
        if (p == pattern.size() && (!is_whole || t == target.size())) return true;
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.size() && t < target.size() && pattern[p] == target[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos && from < target.size()) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
}

/// Both sides in one percent form, so that "/%7Ecity" and "/~city" are the same.
std::string one_form(std::string_view target) {
    std::string form;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const auto decoded = target[i] == '%' && i + 2 < target.size() ? base::percent_decode(target.substr(i, 3))
                                                                       : std::optional<std::string>();
        const std::string bytes = decoded ? *decoded : std::string(1, target[i]);
        const bool is_plain = bytes[0] > ' ' && bytes[0] < '\x7f' && !(decoded && bytes == "/") && bytes != "%";
        form += is_plain ? bytes : "%" + base::to_hex(bytes);
        if (decoded) i += 2;
    }
    return form;
}

}  // namespace

Robots::Robots(std::string_view text, std::string_view agent) {
    struct Group {
        std::vector<Rule> rules;
        std::chrono::milliseconds delay{0};
        bool is_there = false;
    };
    Group ours, everybody;
    bool is_ours = false, is_everybodys = false, is_naming = false;
    text = text.substr(0, kLargest);
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of("\r\n"), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line = line.substr(0, line.find('#'));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string name = base::to_lower(base::trim(line.substr(0, colon)));
        const std::string_view value = base::trim(line.substr(colon + 1));
        if (name == "user-agent") {
            if (!is_naming) is_ours = is_everybodys = false;
            is_naming = true;
            const std::string product = base::to_lower(value.substr(0, value.find_first_of("/ ")));
            if (product == "*") is_everybodys = everybody.is_there = true;
            if (product == agent) is_ours = ours.is_there = true;
            continue;
        }
        if (name == "sitemap") {
            if (sitemaps_.size() < 1000) sitemaps_.emplace_back(value);
            continue;
        }
        is_naming = false;
        const auto each = [&](auto&& act) {
            if (is_ours) act(ours);
            if (is_everybodys) act(everybody);
        };
        if (name == "allow" || name == "disallow") {
            if (value.empty()) continue;  // "Disallow:" forbids nothing
            each([&](Group& group) {
                if (group.rules.size() < kMostRules) group.rules.push_back({one_form(value), name == "allow"});
            });
        } else if (name == "crawl-delay") {
            double seconds = 0;
            if (std::from_chars(value.data(), value.data() + value.size(), seconds).ec == std::errc() && seconds > 0)
                each([&](Group& group) {
                    group.delay =
                        std::chrono::milliseconds(static_cast<std::int64_t>(std::min(seconds, kLongestDelay) * 1000));
                });
        }
    }
    Group& chosen = ours.is_there ? ours : everybody;
    rules_ = std::move(chosen.rules);
    delay_ = chosen.delay;
}

bool Robots::allows(std::string_view target) const {
    const std::string form = one_form(target);
    const Rule* decisive = nullptr;
    for (const Rule& rule : rules_)
        if (fits(rule.pattern, form) && (decisive == nullptr || rule.pattern.size() > decisive->pattern.size() ||
                                         (rule.pattern.size() == decisive->pattern.size() && rule.allows)))
            decisive = &rule;
    return decisive == nullptr || decisive->allows;
}

}  // namespace intake
