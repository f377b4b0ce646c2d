// Reading the text form of a body. It is parsed each time a page is rendered or shown, and is mostly one long string: a
// reader for this one form takes a tenth of the time of a general one.
#pragma once

#include "press/content/model.h"

namespace content {

/// Throws Error(Damaged) for anything that write_body cannot have written.
Body read_body_text(std::string_view text);

}  // namespace content
