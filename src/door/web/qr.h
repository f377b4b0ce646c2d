// A QR code as an SVG picture inside the page: nothing is fetched, and it prints sharp.
#pragma once

#include <string_view>

#include "ground/template/value.h"

namespace web {

/// `text` at error correction M with the quiet zone of four modules that readers need (ISO/IEC 18004); `label` is read
/// out in place of the picture. Throws Error(BadInput) when the text is longer than a code can hold (2,331 bytes).
tmpl::SafeHtml qr_code(std::string_view text, std::string_view label);

}  // namespace web
