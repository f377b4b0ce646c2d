// What all readers share: words made plain and bounded, times in the forms that feeds use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "office/advisories/advisory.h"

namespace advisories {

constexpr std::size_t kTitle = 500, kText = 4000, kShort = 200;  // characters
constexpr std::size_t kMostProducts = 500, kMostAliases = 500;

/// Without markup (also such that was escaped twice), in valid UTF-8 without control characters, blanks run together,
/// at most `most` characters.
std::string plain_words(std::string_view text, std::size_t most);
/// Only http and https; else "".
std::string plain_link(std::string_view text);
/// The name of a page without its ending: "https://jpcert.example/at/2026/at260099.html" -> "at260099".
std::string page_name(std::string_view link);
/// With seconds or without, with an offset or without (Japanese time then), or a day.
std::optional<base::Instant> find_time(std::string_view text);
/// Every "CVE-2026-00001" that stands in the text.
void add_cves(std::string_view text, std::vector<std::string>& to);
/// Sorts aliases, takes out what is there twice and the id itself, and sees whether the title says that it is no more.
void finish(Advisory& advisory);
/// Takes the score when its version is newer than the one that is there.
void add_score(Advisory& advisory, std::string_view version, double score, std::string_view severity,
               std::string_view vector);
void add_problem(Reading& reading, std::string problem);
/// A number, or -1.
double find_score(std::string_view text);

}  // namespace advisories
