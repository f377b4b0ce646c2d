// Versions in words. A text is cut into clauses; in each clause stand versions, each with a word that says which side
// of it is meant. A word that is not in the table makes the whole text "not understood": every version, so that nothing
// is passed over, and a person looks.
#include <algorithm>
#include <array>

#include "ground/base/text.h"
#include "office/advisories/versions.h"

namespace advisories {

namespace {

constexpr std::size_t kLongest = 2000;
constexpr std::size_t kMostRanges = 200;

enum class Meaning { UpTo, Below, From, Above, Family, Skip };
struct Word {
    std::string_view text;
    Meaning meaning;
};
/// After a version. The longer first where one begins another.
constexpr Word kAfter[] = {
    {"およびそれ以前", Meaning::UpTo}, {"及びそれ以前", Meaning::UpTo}, {"とそれ以前", Meaning::UpTo},
    {"またはそれ以前", Meaning::UpTo}, {"それ以前", Meaning::UpTo},     {"以前", Meaning::UpTo},
    {"以下", Meaning::UpTo},           {"まで", Meaning::UpTo},         {"および、それ以前", Meaning::UpTo},
    {"より前", Meaning::Below},        {"未満", Meaning::Below},        {"よりも前", Meaning::Below},
    {"およびそれ以降", Meaning::From}, {"及びそれ以降", Meaning::From}, {"それ以降", Meaning::From},
    {"以降", Meaning::From},           {"以後", Meaning::From},         {"以上", Meaning::From},
    {"から", Meaning::From},           {"～", Meaning::From},           {"〜", Meaning::From},
    {"より後", Meaning::Above},        {"を超え", Meaning::Above},      {"系列", Meaning::Family},
    {"系", Meaning::Family},           {"and earlier", Meaning::UpTo},  {"or earlier", Meaning::UpTo},
    {"and later", Meaning::From},      {"or later", Meaning::From},     {"and prior", Meaning::UpTo}};
/// Before a version.
constexpr Word kBefore[] = {{"prior to", Meaning::Below},
                            {"before", Meaning::Below},
                            {"up to", Meaning::UpTo},
                            {"through", Meaning::UpTo},
                            {"from", Meaning::From}};
/// Say nothing about which versions.
constexpr std::string_view kIdle[] = {"バージョン", "の",     "version", "versions", "ver.", "ver",
                                      "(",          ")",      "（",      "）",       "各",   "全",
                                      "and",        "および", "及び",    "または",   "又は"};
constexpr std::string_view kAll[] = {
    "すべてのバージョン", "全てのバージョン", "全バージョン", "すべて", "全て", "all versions", "all", "*"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_version_byte(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_' ||
           c == '+' || c == '~' || c == ':';
}

/// Full-width figures, points and blanks as ASCII; letters in lower case.
std::string plain_text(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size();) {
        if (text.substr(i).starts_with("\u3000")) {
            plain += ' ';
            i += 3;
        } else if (i + 2 < text.size() && text[i] == '\xEF' && (text[i + 1] == '\xBC' || text[i + 1] == '\xBD')) {
            const int base = text[i + 1] == '\xBC' ? 0x20 : 0x60;  // U+FF01.. and U+FF41..: ASCII from 0x21 and 0x61
            const int code = base + (static_cast<unsigned char>(text[i + 2]) - 0x80);
            const bool is_taken = code > 0x20 && code < 0x7E && code != '(' && code != ')';
            if (is_taken) plain += static_cast<char>(code);
            if (!is_taken) plain += text.substr(i, 3);
            i += 3;
        } else {
            plain += text[i++];
        }
    }
    return base::to_lower(plain);
}

std::vector<std::string> clauses_of(std::string_view text) {
    std::string cut(text);
    for (const std::string_view mark : {"、", "，", ",", ";", "；", "\n", "\r", "/"})
        for (std::size_t at = 0; (at = cut.find(mark, at)) != std::string::npos;) {
            // "および、それ以前" is one thing.
            const bool is_joined = mark == "、" && std::string_view(cut).substr(at + mark.size()).starts_with("それ以");
            cut.replace(at, mark.size(), is_joined ? "" : "\x01");
            at += is_joined ? 0 : 1;
        }
    std::vector<std::string> clauses;
    for (const std::string_view clause : base::split(cut, '\x01'))
        if (!base::trim(clause).empty()) clauses.emplace_back(base::trim(clause));
    return clauses;
}

struct Clause {
    Versions& to;
    Range range;
    bool has_bound = false;
    std::string held;  ///< a version whose word has not come yet
    std::optional<Meaning> told_before;

    void bound(const std::string& version, Meaning meaning) {
        if (meaning == Meaning::Family) {
            to.families.push_back(version);
            return;
        }
        const bool is_lower = meaning == Meaning::From || meaning == Meaning::Above;
        if (has_bound && !(is_lower ? range.from : range.to).empty()) flush();
        (is_lower ? range.from : range.to) = version;
        (is_lower ? range.has_from : range.has_to) = meaning == Meaning::From || meaning == Meaning::UpTo;
        has_bound = true;
    }
    void release_held() {
        if (held.empty()) return;
        // "1.0 から 1.4" names its end without a word.
        if (has_bound && !range.from.empty() && range.to.empty())
            bound(held, Meaning::UpTo);
        else
            to.ranges.push_back({held, held});
        held.clear();
    }
    void flush() {
        if (has_bound) to.ranges.push_back(range);
        range = {};
        has_bound = false;
    }
    void take_version(std::string version) {
        release_held();
        if (version.ends_with(".x") || version.ends_with(".*")) {
            to.families.push_back(version.substr(0, version.size() - 2));
            return;
        }
        if (told_before) {
            bound(version, *told_before);
            told_before.reset();
            return;
        }
        held = std::move(version);
    }
};

/// False: a word that is not known stands after a version.
bool read_clause(std::string_view text, Versions& to) {
    Clause clause{to, {}, false, {}, {}};
    bool has_version = false;
    while (!(text = base::trim(text)).empty()) {
        const auto starts = [&](std::string_view word) { return text.starts_with(word); };
        const Word* word = nullptr;
        for (const Word& each : kAfter)
            if (!clause.held.empty() && starts(each.text)) {
                word = &each;
                break;
            }
        if (word) {
            clause.bound(clause.held, word->meaning);
            clause.held.clear();
            text.remove_prefix(word->text.size());
            continue;
        }
        if (const auto* found = std::find_if(std::begin(kBefore), std::end(kBefore),
                                             [&](const Word& each) { return starts(each.text); });
            found != std::end(kBefore)) {
            clause.told_before = found->meaning;
            text.remove_prefix(found->text.size());
            continue;
        }
        if (const auto* found = std::find_if(std::begin(kIdle), std::end(kIdle), starts); found != std::end(kIdle)) {
            text.remove_prefix(found->size());
            continue;
        }
        const std::size_t skip = text[0] == 'v' && text.size() > 1 && is_digit(text[1]) ? 1 : 0;
        if (is_digit(text[skip])) {
            std::size_t end = skip;
            while (end < text.size() && (is_version_byte(text[end]) || text[end] == '*')) ++end;
            std::string version(text.substr(skip, end - skip));
            while (version.ends_with('.') || version.ends_with('-') || version.ends_with(':')) version.pop_back();
            clause.take_version(std::move(version));
            has_version = true;
            text.remove_prefix(end);
            continue;
        }
        if (has_version) return false;
        // Words before the first version name the product; up to the next blank.
        const auto end = text.find_first_of(" 0123456789");
        if (end == std::string_view::npos) return false;
        text.remove_prefix(std::max<std::size_t>(end, 1));
    }
    clause.release_held();
    clause.flush();
    return has_version && !clause.told_before;
}

Versions not_understood() {
    Versions all = all_versions();
    all.is_understood = false;
    return all;
}

}  // namespace

Versions read_prose(std::string_view text) {
    const std::string plain = plain_text(base::trim(text));
    if (plain.empty() || std::find(std::begin(kAll), std::end(kAll), plain) != std::end(kAll)) return all_versions();
    if (plain.size() > kLongest) return not_understood();
    Versions versions;
    for (const std::string& clause : clauses_of(plain))
        if (!read_clause(clause, versions)) return not_understood();
    if (versions.ranges.size() + versions.families.size() > kMostRanges) return not_understood();
    if (versions.ranges.empty() && versions.families.empty()) return not_understood();
    return versions;
}

Versions read_expression(std::string_view text) {
    text = base::trim(text);
    if (text.empty() || text == "*" || text == "-") return all_versions();
    if (text.size() > kLongest) return not_understood();
    Versions versions;
    Range range;
    bool has_bound = false;
    for (std::string_view part : base::split(text, '|')) {
        part = base::trim(part);
        const auto after = std::min(part.find_first_not_of("<>="), part.size());
        const std::string_view sign = part.substr(0, after);
        const std::string version(base::trim(part.substr(after)));
        if (version.empty() || !std::all_of(version.begin(), version.end(), is_version_byte)) return read_prose(text);
        if (sign.empty() || sign == "=" || sign == "==") {
            versions.ranges.push_back({version, version});
        } else if (sign == ">" || sign == ">=") {
            range.from = version;
            range.has_from = sign == ">=";
            has_bound = true;
        } else if (sign == "<" || sign == "<=") {
            range.to = version;
            range.has_to = sign == "<=";
            has_bound = true;
        } else {
            return not_understood();
        }
    }
    if (has_bound) versions.ranges.push_back(range);
    return versions;
}

}  // namespace advisories
