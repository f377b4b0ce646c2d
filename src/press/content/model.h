// What the office writes: sections, pages and their immutable revisions, assets. A page stands at one public path; what
// it says is in its revisions, of which one may be live and one is the latest. Where a revision stands on its way to
// approval is the workflow's business, not the page's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/ids.h"
#include "ground/base/time.h"

namespace content {

/// How a section keeps its older pages: not at all, a page for each month, or pages of so many entries counted from the
/// oldest. Neither moves an entry to another page when a new one comes.
enum class Archive { None, ByMonth, ByCount };

/// A folder of the public site. Paths of sections, pages and assets are in base::percent_encode form.
struct Section {
    base::SectionId id;
    std::string path;  ///< "kurashi/juminhyo/"; "" is the site's root
    std::string title;
    base::SectionId parent;         ///< 0 for the root
    base::DepartmentId department;  ///< 0 = its parent's
    std::int64_t position = 0;      ///< among its siblings
    std::int64_t version = 0;
    std::string description;
    std::int64_t list_size = 20;  ///< entries of its list of newest pages
    Archive archive = Archive::None;
    std::int64_t archive_size = 50;  ///< entries of an archive page, ByCount
    bool has_feed = false;
};

enum class PageKind {
    TakenOver,  ///< an original document, of which only marked regions are ours to change
    Composed    ///< made from a template
};

struct Page {
    base::PageId id;
    std::string path;  ///< "kurashi/juminhyo/index.html"
    base::SectionId section;
    PageKind kind = PageKind::Composed;
    std::string title;  ///< of the latest revision
    base::DepartmentId department;
    base::RevisionId latest;
    base::RevisionId live;  ///< 0 = not public
    std::string encoding;   ///< taken-over pages: html::encoding_name; composed pages: "utf-8"
    std::string language;   ///< "ja"; may be empty
    base::Hash document;    ///< taken-over pages: the original bytes
    base::Instant made_at;
    base::Instant changed_at;
    base::Instant live_since;  ///< 0 = never
    std::int64_t version = 0;  ///< every change of this row adds one
};

/// A file that appears and vanishes with the page it belongs to.
struct Attachment {
    std::string path;
    base::Hash hash;
    std::int64_t size = 0;
    std::string type;
    std::string title;  ///< as shown in the list of files; may be empty
    bool operator==(const Attachment&) const = default;
};

/// What a revision says. `parts` are HTML in UTF-8: by region name in a taken-over page (an absent region keeps the
/// original's bytes), by field name in a composed one.
struct Body {
    std::string title;
    std::string description;
    std::string template_name;  ///< composed pages
    std::map<std::string, std::string> parts;
    std::vector<std::string> categories;
    std::vector<Attachment> attachments;
    bool operator==(const Body&) const = default;
};

struct Revision {
    base::RevisionId id;
    base::PageId page;
    std::int64_t number = 0;  ///< 1, 2, ... within the page
    Body body;
    base::Hash hash;  ///< what an approval names: path, original document, body with attachments
    base::PersonId author;
    base::Instant made_at;
    base::RevisionId based_on;  ///< the revision that the author had before them; 0 for the first
    std::string note;
};

/// The one text form of a body: JSON with sorted keys, the same bytes for the same body.
std::string write_body(const Body& body);
/// Throws Error(Damaged) when the text is not of that form.
Body parse_body(std::string_view text);
/// SHA-256 over path, original document and body.
base::Hash revision_hash(std::string_view path, const base::Hash& document, const Body& body);

/// A part of a taken-over page that people may edit: byte offsets into the original document.
struct Region {
    std::string name;  ///< "main", "header", "navigation", "footer" or the administrator's word
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::string context = "div";  ///< the element that it is the content of
};

struct Asset {
    base::AssetId id;
    std::string path;
    base::Hash hash;
    std::int64_t size = 0;
    std::string type;
    std::string charset;  ///< "" = none
    base::Instant made_at;
    std::int64_t version = 0;
};

/// The section of a path: everything up to the last slash.
std::string_view section_path(std::string_view path);

}  // namespace content
