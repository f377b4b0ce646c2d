// What a page says to its readers, apart from what may change from one look to the next: today's date and the time of
// day, counters, session marks in addresses, and the host that happens to serve it. Two pages with the same sense are
// the same page, whatever their bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"

namespace cutover {

/// What is the same in both servers' eyes.
struct Surroundings {
    std::vector<std::string> hosts;  ///< the site's own: names, addresses, each with and without port; lower case
    base::Day today;
};

struct Sense {
    std::string title;
    std::vector<std::string> lines;   ///< the text, a block a line
    std::vector<std::string> links;   ///< addresses, sorted, each once
    std::vector<std::string> images;  ///< "address （説明：...）", sorted
    std::string charset;              ///< "utf-8", "shift_jis"
    bool operator==(const Sense&) const = default;
};
/// Throws Error(BadInput) for a page beyond the parser's limits.
Sense read_sense(std::string_view bytes, std::string_view content_type, std::string_view path,
                 const Surroundings& around);

/// A link or redirect target in one form: the site's own addresses start with "/", resolved against `path` (with its
/// query), without session marks, "/a/index.html" as "/a/"; others as they are.
std::string plain_target(std::string_view target, std::string_view path, const Surroundings& around);
/// The line with today's date (and yesterday's and tomorrow's), the time beside it and counters masked.
std::string plain_line(std::string_view line, base::Day today);
/// The value of charset= in a Content-Type, lower case; "" when there is none.
std::string charset_of(std::string_view content_type);
/// "text/html", lower case, without parameters.
std::string media_type_of(std::string_view content_type);

}  // namespace cutover
