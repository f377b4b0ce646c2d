// What an author sends from the edit screen, and the way to a page body and back: title, description, the regions'
// text, attached files. The version that a form carries names the standing and the revision that were on the screen:
// "5.123".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "door/web/subject.h"
#include "ground/html/changes.h"

namespace web {

/// A part of a page that is edited by itself.
struct EditedPart {
    std::string name;   ///< "main"
    std::string label;  ///< "本文"
    std::string text;   ///< HTML, UTF-8
    std::string context;
};

/// What a region or a field of a page type is called on the screen; a name of one's own stays as it is.
std::string part_label(std::string_view name);

/// The regions of a taken-over page, or the fields of a composed one, as `body` says them; where it says nothing, as
/// the original document does.
std::vector<EditedPart> parts_of(Context& context, const content::Page& page, const content::Body& body);

struct FormVersion {
    std::int64_t standing = 0;
    base::RevisionId revision;
    std::string text() const { return fmt::format("{}.{}", standing, revision.value); }
};
/// Throws Error(BadInput).
FormVersion read_version(const Context& context);

/// The body that the form asks for, made from that of `base`: fields that the form lacks stay, files that were sent for
/// this page and that the text shows are attached.
content::Body read_body(Context& context, const content::Page& page, const content::Revision& base);

/// The categories of the site as boxes to tick, in the order of their tree: {name, title, level, is_chosen}. A form
/// with the field "categories" says what is ticked by "category.NAME".
tmpl::List category_boxes(Context& context, const content::Body& body);

/// A file that an author sent. Checked by its bytes; kept as an object.
content::Attachment take_upload(Context& context, const content::Page& page, const http::UploadedFile& file,
                                std::string title);
/// Remembers it until a save shows it.
void note_upload(Context& context, const content::Page& page, const content::Attachment& file);
std::optional<content::Attachment> find_upload(Context& context, base::PageId page, std::string_view path);

enum class Fold { Unchanged, Nothing };
/// Rows for diff.html; runs of unchanged blocks are folded to their number unless told otherwise.
tmpl::List diff_rows(const std::vector<html::BlockChange>& changes, Fold fold = Fold::Unchanged);
/// A changed line of plain text: {is_same, pieces}.
tmpl::Map diff_line(std::string_view before, std::string_view after);
/// Two bodies side by side, for changes.html.
tmpl::Map comparison_of(Context& context, const content::Page& page, const content::Body& before,
                        const content::Body& after);

}  // namespace web
