// The words of a mail's header as text: encoded words (RFC 2047) as they should be and as they are sent, and bytes that
// were never encoded. Pure.
#pragma once

#include <string>
#include <string_view>

namespace mailbox {

/// `raw`: a field's value as it stands in the mail, folded lines and all. Valid UTF-8 on one line, at most `longest`
/// characters. Words of one charset that follow each other are decoded together, because mailers cut within characters.
std::string decode_words(std::string_view raw, std::size_t longest = 500);
/// `bytes` said to be in `charset` (empty or unknown: guessed) as valid UTF-8 without control characters but \n and \t.
std::string decode_text(std::string_view bytes, std::string_view charset);

}  // namespace mailbox
