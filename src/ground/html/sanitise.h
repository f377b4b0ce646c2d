// What authors may save in a region or a page body. An allow-list of content markup; scripts, event handlers, forms,
// frames and addresses that run code go, unless the page that was taken over had exactly them already. And the other
// direction: legacy markup that an editor does not know must not vanish without a word; `missing_markup` lists it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ground/html/escape.h"

namespace html {

struct Policy {
    /// The region as it was taken over, UTF-8; empty for pages of our own. Markup outside the allow-list is kept when
    /// the original has the same: presentational elements (font, center) by name, all others and every attribute by
    /// exact value.
    std::string_view original;
    std::string_view context = "div";  ///< the element that the content stands in
};

struct Cleaned {
    SafeHtml html;
    std::vector<std::string> removed;  ///< what went, each kind once, for the author: "<script>", "onclick on <a>", ...
};
/// Content of an element that is not allowed stays, its tags go; script, style, template and the like go with their
/// content. `style` keeps text-align, vertical-align, width and height in plain lengths (editors and tables need them).
/// Cleaning what is clean changes nothing.
Cleaned clean_html(std::string_view utf8, const Policy& policy = {});

/// Is this address harmless in a link or an image? Relative, http, https, mailto, tel, ftp, #fragment; for images also
/// data:image of a raster format. Judged after removing the control characters and white space that browsers ignore.
bool is_harmless_address(std::string_view url);
bool is_harmless_image_address(std::string_view url);

/// One kind of markup of which there is less than before.
struct Loss {
    std::string what;  ///< "<font>", "bgcolor on <td>", "comment"
    int before = 0;
    int after = 0;
    /// The content is still there (its text, address or name) or it never had any, as comments: lost by the editor
    /// rather than deleted with its content by the author.
    bool is_silent = false;
};
/// Compares elements, attributes and comments of two forms of a region (UTF-8), as multisets.
std::vector<Loss> missing_markup(std::string_view before, std::string_view after, std::string_view context = "div");

}  // namespace html
