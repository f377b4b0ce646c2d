// The region edit of a taken-over page: some bytes are replaced and all others stay. What an author did not touch keeps
// its bytes too, inside the region: the old and the new content are compared element by element, and what means the
// same is taken from the original, white space and spelling included. So saving without a change gives the same file.
// Not for UTF-16 pages; those are replaced as a whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/html/document.h"
#include "ground/html/encoding.h"

namespace html {

/// The content of one element, or a run of whole nodes in it (between two comments, say), as offsets into the original.
struct Region {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string context = "div";  ///< tag of the element that it stands in
    bool operator==(const Region&) const = default;
    Span span() const { return {begin, end}; }
};

/// The content of `element`.
Region region_of(const Document& document, NodeId element);
/// What stands between two comments whose text begins with these words ("main start", "main end"), if both stand in one
/// element.
std::optional<Region> find_region_between(const Document& document, std::string_view begins, std::string_view ends);

/// Why the bytes cannot be edited by themselves, in plain words; nothing when they can. Asked once, when a region is
/// made: it must start and end between whole nodes of one element, must not affect how the rest of the page is read nor
/// depend on it (unclosed formatting, content that the parser moves), and must survive being read and written.
std::optional<std::string> check_region(std::string_view original, Encoding encoding, const Region& region);
/// The same with the page at hand as parsed.
std::optional<std::string> check_region(const Document& document, std::string_view original, const Region& region);

/// What the editor is given: the region as UTF-8, spelled as in the page. Throws Error(BadInput) outside the page.
std::string region_html(std::string_view original, Encoding encoding, const Region& region);

struct RegionEdit {
    Region region;
    std::string html;  ///< the new content, UTF-8
};
/// The page with the new contents. Edits may come in any order and must not overlap. New text follows the page's
/// newline style and encoding (characters that it lacks become references). Throws Error(BadInput): a region lies
/// outside the page or overlaps another, the encoding is UTF-16, a script or style holds a character that the encoding
/// lacks, or the new content breaks a limit of Document.
std::string splice(std::string_view original, Encoding encoding, const std::vector<RegionEdit>& edits);

/// Where the edits' regions lie in the page that `splice` gave, in the order of `edits`.
struct Spliced {
    std::string bytes;
    std::vector<Region> regions;
};
Spliced splice_tracked(std::string_view original, Encoding encoding, const std::vector<RegionEdit>& edits);

/// Do two fragments mean the same to a browser and to assistive technology? Spelling, attribute order, references,
/// white space that collapses and the form of style values are not compared.
bool means_the_same(std::string_view utf8, std::string_view other_utf8, std::string_view context = "div");
/// The same, where the first has been read already.
bool means_the_same(const Document& one, std::string_view other_utf8, std::string_view context);

}  // namespace html
