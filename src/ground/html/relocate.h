// Markup that moves to another folder: relative addresses are written anew so that they lead where they led, and every
// other byte stays. Covers the attributes that find_link_kind knows, srcset and refresh, url() and @import in style
// attributes and elements. Leaves alone what does not depend on the folder (from the root, with a scheme, #fragment,
// ?query) and what scripts make up.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/html/document.h"

namespace html {

/// `address`, as written in a page in folder `from` ("kurashi/gomi/", in percent form; "" = the top), as a page in
/// folder `to` has to write it. Steps above the top stay there, as in browsers.
std::string relocate_address(std::string_view address, std::string_view from, std::string_view to);

using ChangeAddress = std::function<std::string(std::string_view address)>;

/// Bytes with some spans replaced; places before and after each other are found by `moved`.
struct Rewritten {
    struct Change {
        Span before;
        std::size_t size = 0;  ///< now
    };
    std::string bytes;
    std::vector<Change> changes;  ///< in the page's order
    /// Where the byte at `offset`, which stands in no change, stands now.
    std::size_t moved(std::size_t offset) const;
};

/// Each address that may depend on the folder is given to `change`. `document` is `bytes` parsed, a page or a fragment;
/// where it has a <base>, only that address. What `change` leaves as it is keeps its bytes.
Rewritten rewrite_addresses(std::string_view bytes, const Document& document, const ChangeAddress& change);

/// Does the page say by <base href> where its addresses start?
bool has_base(const Document& document);

}  // namespace html
