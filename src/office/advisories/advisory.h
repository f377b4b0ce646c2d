// What a feed says of one weakness, whoever published it: its ids, its words, its score, and the products with the
// versions that have it. Everything here is outside input that was bounded and made valid UTF-8; nothing of it is
// markup any more. Which of it is ours is office/vulnerabilities' business.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "office/advisories/versions.h"

namespace advisories {

/// How severe the source finds it, in one scale. Unknown: it does not say.
enum class Severity { Unknown, None, Low, Medium, High, Critical };
std::string_view severity_id(Severity severity);       ///< "unknown", "none", "low", ...
std::string_view severity_wording(Severity severity);  ///< 不明, なし, 低, 中, 高, 緊急
/// "Medium", "MEDIUM", "中", "注意", "m": as the feeds write it, case aside.
Severity find_severity(std::string_view text);

struct Product {
    std::string vendor, name;
    std::string ecosystem;  ///< "" = JVN's free naming; "debian" (a source package), "npm", "title" (words of a title)
    std::string cpe;        ///< as told, without the blanks around it
    std::string told;       ///< the versions in the source's words; "" = it names none
    Versions versions;
    /// Debian: there is no correction, and the distribution has decided to make none for now ("no-dsa", unimportant,
    /// end of life): a decision to show, not a correction that is missing here.
    bool is_deferred = false;
};

struct Advisory {
    std::string source;  ///< "jvndb", "jvn", "jpcert", "ipa", "dsa", "debian", "osv", "kev"
    std::string id;      ///< "JVNDB-2026-000001", "at260099", "DSA-6001-1", "CVE-2026-00001", "GHSA-..."
    std::string title, summary, link;
    std::string solution;              ///< what the source says is to be done
    std::vector<std::string> aliases;  ///< CVE and other ids of the same, without `id`; sorted
    Severity severity = Severity::Unknown;
    double score = -1;          ///< CVSS base score, -1 = none told
    std::string score_version;  ///< of CVSS: "3.1"; the newest that was told
    std::string vector;         ///< of CVSS
    std::vector<Product> products;
    std::optional<base::Instant> published, modified;
    bool is_withdrawn = false;
};

/// What came of reading bytes as a feed. One bad entry costs itself: it is named in `problems`, and the rest is there.
struct Reading {
    bool is_feed = true;  ///< false: it is something else (an error page), or says of itself that it failed
    std::vector<Advisory> items;
    std::vector<std::string> problems;  ///< Japanese; the first 20
    std::int64_t left_out = 0;          ///< entries that could not be read
    std::string cut;  ///< why `items` is not all of it (Japanese): it broke off, pages are missing; "" = it is all
    std::string next_page;  ///< OSV: the mark under which the rest of the answer is to be asked for; "" = none
    std::int64_t total = 0, first = 0, returned = 0;  ///< of a paged answer; total 0 = not told
};

/// The same entry in the same state: some feeds tell its time to the second, some to the minute.
inline bool is_same_state(std::optional<base::Instant> a, std::optional<base::Instant> b) {
    return a && b && a->milliseconds / 60'000 == b->milliseconds / 60'000;
}

/// "CVE-2026-00001": four digits of a year and four or more.
bool is_cve(std::string_view text);

}  // namespace advisories
