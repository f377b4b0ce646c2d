#include "office/advisories/versions.h"

#include <algorithm>

#include "ground/base/text.h"

namespace advisories {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// deb-version(7): "~" sorts before the end, the end before letters, letters before everything else.
int order_of(char c) {
    if (c == '~') return -1;
    if (is_digit(c)) return 0;
    if (is_letter(c)) return c;
    return static_cast<unsigned char>(c) + 256;
}

/// Numbers of any length, by length and then digit by digit.
int compare_numbers(std::string_view a, std::string_view b) {
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    const int by_digits = a.compare(b);
    return by_digits < 0 ? -1 : by_digits > 0 ? 1 : 0;
}

std::string_view take_digits(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end])) ++end;
    const std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    return digits;
}

int compare_part(std::string_view a, std::string_view b) {
    while (!a.empty() || !b.empty()) {
        while ((!a.empty() && !is_digit(a[0])) || (!b.empty() && !is_digit(b[0]))) {
            const int of_a = a.empty() ? 0 : order_of(a[0]), of_b = b.empty() ? 0 : order_of(b[0]);
            if (of_a != of_b) return of_a < of_b ? -1 : 1;
            a.remove_prefix(a.empty() ? 0 : 1);
            b.remove_prefix(b.empty() ? 0 : 1);
        }
        if (const int by = compare_numbers(take_digits(a), take_digits(b)); by != 0) return by;
    }
    return 0;
}

struct Debian {
    std::string_view epoch, upstream, revision;
};
Debian split_debian(std::string_view text) {
    text = base::trim(text);
    Debian parts{"0", text, ""};
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        parts.epoch = text.substr(0, colon);
        parts.upstream = text.substr(colon + 1);
    }
    if (const auto dash = parts.upstream.rfind('-'); dash != std::string_view::npos) {
        parts.revision = parts.upstream.substr(dash + 1);
        parts.upstream = parts.upstream.substr(0, dash);
    }
    return parts;
}

/// "v2.0.1-rc.1+build5" -> the numbers and words of "2.0.1", and those of "rc.1". A word within the version ("1.0.2k")
/// stands as a part of its own.
struct Plain {
    std::vector<std::string_view> main, before;
};
bool is_before_word(std::string_view word) {
    constexpr std::string_view kWords[] = {"alpha", "beta",     "rc",     "pre", "preview",
                                           "dev",   "snapshot", "canary", "next"};
    return std::any_of(std::begin(kWords), std::end(kWords),
                       [&](std::string_view known) { return base::equals_ignoring_case(word, known); });
}
Plain split_plain(std::string_view text) {
    text = base::trim(text);
    if (text.size() > 1 && (text[0] == 'v' || text[0] == 'V') && is_digit(text[1])) text.remove_prefix(1);
    text = text.substr(0, text.find('+'));
    Plain parts;
    bool is_before = false;
    while (!text.empty()) {
        if (is_digit(text[0])) {
            (is_before ? parts.before : parts.main).push_back(take_digits(text));
        } else if (is_letter(text[0])) {
            std::size_t end = 0;
            while (end < text.size() && is_letter(text[end])) ++end;
            const std::string_view word = text.substr(0, end);
            is_before = is_before || is_before_word(word);
            (is_before ? parts.before : parts.main).push_back(word);
            text.remove_prefix(end);
        } else {
            is_before = is_before || text[0] == '~';
            text.remove_prefix(1);
        }
    }
    return parts;
}

int compare_lists(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        const std::string_view of_a = i < a.size() ? a[i] : "0", of_b = i < b.size() ? b[i] : "0";
        const bool a_is_number = is_digit(of_a[0]), b_is_number = is_digit(of_b[0]);
        int by = 0;
        if (a_is_number && b_is_number)
            by = compare_numbers(of_a, of_b);
        else if (a_is_number != b_is_number)
            by = a_is_number ? (compare_numbers(of_a, "0") == 0 ? -1 : 1) : (compare_numbers(of_b, "0") == 0 ? 1 : -1);
        else
            by = base::to_lower(of_a).compare(base::to_lower(of_b));
        if (by != 0) return by < 0 ? -1 : 1;
    }
    return 0;
}

}  // namespace

int compare_debian(std::string_view a, std::string_view b) {
    const Debian of_a = split_debian(a), of_b = split_debian(b);
    if (const int by = compare_part(of_a.epoch, of_b.epoch); by != 0) return by;
    if (const int by = compare_part(of_a.upstream, of_b.upstream); by != 0) return by;
    return compare_part(of_a.revision, of_b.revision);
}

int compare_plain(std::string_view a, std::string_view b) {
    const Plain of_a = split_plain(a), of_b = split_plain(b);
    if (const int by = compare_lists(of_a.main, of_b.main); by != 0) return by;
    if (of_a.before.empty() != of_b.before.empty()) return of_a.before.empty() ? 1 : -1;
    return compare_lists(of_a.before, of_b.before);
}

int compare_versions(Scheme scheme, std::string_view a, std::string_view b) {
    return scheme == Scheme::Debian ? compare_debian(a, b) : compare_plain(a, b);
}

Versions all_versions() {
    Versions all;
    all.is_all = true;
    return all;
}

bool Versions::contains(std::string_view version) const {
    if (is_all) return true;
    if (base::trim(version).empty()) return !ranges.empty() || !families.empty();  // not known: it may be
    for (const std::string& family : families) {
        std::string_view plain = base::trim(version);
        if (plain.size() > 1 && (plain[0] == 'v' || plain[0] == 'V')) plain.remove_prefix(1);
        if (plain == family || plain.starts_with(family + ".") || plain.starts_with(family + "-")) return true;
    }
    return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
        if (!range.from.empty()) {
            const int by = compare_versions(scheme, version, range.from);
            if (by < 0 || (by == 0 && !range.has_from)) return false;
        }
        if (!range.to.empty()) {
            const int by = compare_versions(scheme, version, range.to);
            if (by > 0 || (by == 0 && !range.has_to)) return false;
        }
        return true;
    });
}

}  // namespace advisories
