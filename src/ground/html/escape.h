// Text into HTML and back. SafeHtml is the type that templates write without escaping: who makes one vouches for it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace html {

/// HTML that may be written into a page as it is. Made by escaping, by serialising a document, by sanitising, or where
/// a literal is written out in the code.
class SafeHtml {
  public:
    SafeHtml() = default;
    explicit SafeHtml(std::string utf8) : utf8_(std::move(utf8)) {}
    const std::string& str() const { return utf8_; }
    bool is_empty() const { return utf8_.empty(); }
    SafeHtml& operator+=(const SafeHtml& more) {
        utf8_ += more.utf8_;
        return *this;
    }
    bool operator==(const SafeHtml&) const = default;

  private:
    std::string utf8_;
};

/// & < > as references, U+00A0 as &nbsp;: for text between tags.
std::string escape_text(std::string_view utf8);
void append_escaped_text(std::string& to, std::string_view utf8);
/// & < > " ' as references: for values between double or single quotes.
std::string escape_attribute(std::string_view utf8);
void append_escaped_attribute(std::string& to, std::string_view utf8);
inline SafeHtml safe_text(std::string_view utf8) {
    return SafeHtml(escape_text(utf8));
}

/// References into characters as HTML5 has it: named ones (the old ones without ";" too), decimal, hexadecimal, and the
/// windows-1252 readings of 128-159. In an attribute "&copy=1" and "&copyright" stay as they are.
enum class In { Text, Attribute };
std::string unescape(std::string_view utf8, In place = In::Text);

}  // namespace html
