// One region's new content, written with as many of the original's bytes as mean the same.
#pragma once

#include <string>
#include <string_view>

#include "ground/html/splice.h"

namespace html {

/// A page to take bytes from. Knows its newline style and, for ISO-2022-JP, which character set is in force where.
class Original {
  public:
    Original(std::string_view bytes, Encoding encoding);
    std::string_view bytes() const { return bytes_; }
    Encoding encoding() const { return encoding_; }
    std::string_view newline() const { return newline_; }
    Iso2022State state_at(std::size_t at) const;
    /// The text of a span, with offsets into the page.
    MappedText decode_span(Span span) const;

  private:
    std::string_view bytes_;
    Encoding encoding_;
    std::string_view newline_;
    std::vector<Iso2022State> states_;  ///< before each byte; empty for other encodings
};

/// The region's new bytes.
std::string merge_region(const Original& original, const Region& region, std::string_view html);

}  // namespace html
