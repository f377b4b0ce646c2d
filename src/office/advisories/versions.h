// Versions: which is newer, and which are meant. Debian's are compared by the algorithm of deb-version(7), others
// number by number with a mark such as "-rc1" before the version itself. What a source says in prose
// ("0.15.0 以上 0.15.2 未満") becomes ranges; prose that is not understood means every version, and says so.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace advisories {

/// Below, at or above zero: `a` is older, the same, newer. Epoch, "~" before everything, revision; for any text.
int compare_debian(std::string_view a, std::string_view b);
/// "1.0" is "1.0.0" and "v1.0"; "2.0-rc1" is before "2.0"; what follows "+" does not count.
int compare_plain(std::string_view a, std::string_view b);

enum class Scheme { Plain, Debian };
int compare_versions(Scheme scheme, std::string_view a, std::string_view b);

struct Range {
    std::string from, to;                 ///< "" = no bound on that side
    bool has_from = true, has_to = true;  ///< whether the bounds themselves are in it
    bool operator==(const Range&) const = default;
};

/// A set of versions.
struct Versions {
    std::vector<Range> ranges;
    std::vector<std::string> families;  ///< "2.x": every version that begins with "2."
    bool is_all = false;                ///< nothing was told that narrows it
    bool is_understood = true;          ///< false: prose that we do not understand, so `is_all`
    Scheme scheme = Scheme::Plain;
    bool operator==(const Versions&) const = default;

    bool contains(std::string_view version) const;
};
Versions all_versions();

/// Japanese and English prose: "2.0.3 およびそれ以前", "1.0 から 1.4 まで", "3.2 より前", "2.x 系", "1.0、1.1",
/// "prior to 2.0".
Versions read_prose(std::string_view text);
/// JVN's expressions: "4.0.0", ">1.0|<2.0", ">=2.9|<=4.1".
Versions read_expression(std::string_view text);

}  // namespace advisories
