#include "office/advisories/inside/words.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "ground/base/rfc3339.h"
#include "ground/base/text.h"

namespace advisories {

namespace {

constexpr std::size_t kProblems = 20;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Tags out, breaks as blanks; what looks like "a < b" stays.
std::string without_tags(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '<' && i + 1 < text.size()) {
            const char next = text[i + 1];
            const bool is_tag =
                next == '/' || next == '!' || (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
            const auto end = is_tag ? text.find('>', i) : std::string_view::npos;
            if (end != std::string_view::npos && end - i < 2000) {
                plain += ' ';
                i = end + 1;
                continue;
            }
        }
        plain += text[i++];
    }
    return plain;
}

std::string without_references(std::string text) {
    constexpr std::pair<std::string_view, std::string_view> kNamed[] = {
        {"&lt;", "<"},  {"&gt;", ">"},   {"&quot;", "\""}, {"&apos;", "'"},
        {"&#39;", "'"}, {"&nbsp;", " "}, {"&amp;", "&"}};
    if (text.find('&') == std::string::npos) return text;
    std::string plain;
    for (std::size_t i = 0; i < text.size();) {
        const auto* const found = text[i] != '&'
                                      ? std::end(kNamed)
                                      : std::find_if(std::begin(kNamed), std::end(kNamed), [&](const auto& one) {
                                            return std::string_view(text).substr(i).starts_with(one.first);
                                        });
        if (found == std::end(kNamed)) {
            plain += text[i++];
            continue;
        }
        plain += found->second;
        i += found->first.size();
    }
    return plain;
}

}  // namespace

std::string plain_words(std::string_view text, std::size_t most) {
    std::string bounded(text.substr(0, most * 16));
    bounded = without_tags(without_references(without_tags(base::to_valid_utf8(bounded))));
    std::string plain;
    bool is_blank = false;
    for (const char c : bounded) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) {
            is_blank = !plain.empty();
            continue;
        }
        if (is_blank) plain += ' ';
        is_blank = false;
        plain += c;
    }
    return std::string(base::first_code_points(plain, most));
}

std::string plain_link(std::string_view text) {
    text = base::trim(text);
    if (text.size() > 2000 || !(text.starts_with("https://") || text.starts_with("http://"))) return {};
    const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '<' && c != '>' && c != '"' && c != '\\';
    });
    return is_plain && base::is_utf8(text) ? std::string(text) : std::string();
}

std::string page_name(std::string_view link) {
    const auto slash = link.rfind('/');
    std::string_view name = slash == std::string_view::npos ? link : link.substr(slash + 1);
    name = name.substr(0, name.find_first_of("?#"));
    if (const auto dot = name.rfind('.'); dot != std::string_view::npos) name = name.substr(0, dot);
    return plain_words(name, 100);
}

std::optional<base::Instant> find_time(std::string_view text) {
    text = base::trim(text);
    if (text.size() < 10 || text.size() > 40) return std::nullopt;
    if (text.size() == 10) {
        const auto day = base::parse_day(text);
        return day ? std::optional(base::from_local({*day})) : std::nullopt;
    }
    std::string whole(text);
    if (whole[10] == ' ') whole[10] = 'T';
    // "2026-10-08T11:00+09:00": no seconds.
    if (whole.size() >= 16 && (whole.size() == 16 || whole[16] != ':')) whole.insert(16, ":00");
    if (whole.size() == 19) whole += "+09:00";
    return base::find_rfc3339(whole);
}

bool is_cve(std::string_view text) {
    if (text.size() < 13 || text.size() > 20 || !text.starts_with("CVE-") || text[8] != '-') return false;
    for (std::size_t i = 4; i < text.size(); ++i)
        if (i != 8 && !is_digit(text[i])) return false;
    return true;
}

void add_cves(std::string_view text, std::vector<std::string>& to) {
    for (std::size_t at = 0; (at = text.find("CVE-", at)) != std::string_view::npos && to.size() < kMostAliases;) {
        std::size_t end = at + 4;
        while (end < text.size() && (is_digit(text[end]) || text[end] == '-')) ++end;
        std::string_view found = text.substr(at, end - at);
        while (found.ends_with('-')) found.remove_suffix(1);
        if (is_cve(found)) to.emplace_back(found);
        at = end;
    }
}

void finish(Advisory& advisory) {
    auto& aliases = advisory.aliases;
    std::sort(aliases.begin(), aliases.end());
    aliases.erase(std::unique(aliases.begin(), aliases.end()), aliases.end());
    std::erase(aliases, advisory.id);
    if (aliases.size() > kMostAliases) aliases.resize(kMostAliases);
    if (advisory.products.size() > kMostProducts) advisory.products.resize(kMostProducts);
    for (const std::string_view mark :
         {"** 未確定 **", "** サポート外 **", "** 削除 **", "** REJECT **", "** 取り下げ **"})
        for (const std::string* text : {&advisory.title, &advisory.summary})
            if (text->find(mark) != std::string::npos) advisory.is_withdrawn = true;
}

double find_score(std::string_view text) {
    text = base::trim(text);
    double score = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
    return error == std::errc() && end == text.data() + text.size() && score >= 0 && score <= 10 ? score : -1;
}

void add_score(Advisory& advisory, std::string_view version, double score, std::string_view severity,
               std::string_view vector) {
    const std::string plain_version = plain_words(version, 10);
    if (score < 0 && severity.empty()) return;
    if (!advisory.score_version.empty() && compare_plain(plain_version, advisory.score_version) < 0) return;
    advisory.score = score;
    advisory.score_version = plain_version;
    advisory.vector = plain_words(vector, kShort);
    Severity told = find_severity(severity);
    if (told == Severity::Unknown && score >= 0)  // the scale of CVSS 3 and 4
        told = score == 0  ? Severity::None
               : score < 4 ? Severity::Low
               : score < 7 ? Severity::Medium
               : score < 9 ? Severity::High
                           : Severity::Critical;
    if (told != Severity::Unknown) advisory.severity = told;
}

void add_problem(Reading& reading, std::string problem) {
    if (reading.problems.size() < kProblems) reading.problems.push_back(std::move(problem));
}

namespace {
struct SeverityRow {
    std::string_view id, wording;
    std::string_view told[8];
};
constexpr SeverityRow kSeverities[] = {
    {"unknown", "不明", {}},
    {"none", "なし", {"none", "n", "info", "なし", "unimportant"}},
    {"low", "低", {"low", "l", "minor", "注意", "低"}},
    {"medium", "中", {"medium", "m", "moderate", "warning", "警告", "中"}},
    {"high", "高", {"high", "h", "important", "重要", "高"}},
    {"critical", "緊急", {"critical", "c", "緊急"}},
};
}  // namespace

std::string_view severity_id(Severity severity) {
    return kSeverities[static_cast<std::size_t>(severity)].id;
}

std::string_view severity_wording(Severity severity) {
    return kSeverities[static_cast<std::size_t>(severity)].wording;
}

Severity find_severity(std::string_view text) {
    text = base::trim(text);
    for (std::size_t i = 0; i < std::size(kSeverities); ++i)
        for (const std::string_view told : kSeverities[i].told)
            if (!told.empty() && base::equals_ignoring_case(text, told)) return static_cast<Severity>(i);
    return Severity::Unknown;
}

}  // namespace advisories
