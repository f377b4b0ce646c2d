// A fast HTML tokeniser without a tree: tokens with exact byte spans of the original page. For what needs no nesting:
// links to check or rewrite, titles for lists, a first look at thousands of files. It follows the tokeniser of HTML5
// (raw text in script, style, title and so on; comments; bogus comments), but cannot know what the tree builder would
// throw away.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ground/html/encoding.h"

namespace html {

enum class TokenType { StartTag, EndTag, Text, Comment, Doctype, Cdata };

struct ScannedAttribute {
    Span name;
    Span value;              ///< without quotes; empty at the end of the name when there is none
    bool has_value = false;  ///< "alt" and not "alt=..."
};

struct Token {
    TokenType type = TokenType::Text;
    Span span;            ///< the whole token
    Span name;            ///< of a tag or doctype; content of a comment or CDATA section
    bool is_raw = false;  ///< text in which references mean nothing: script, style, xmp, iframe, noembed, noframes
    bool is_self_closing = false;
    std::vector<ScannedAttribute> attributes;  ///< as written, doubles included
};

/// Goes over bytes of an ASCII-compatible encoding. For ISO-2022-JP give it `mask(bytes, encoding)`: the spans then fit
/// the original. `bytes` must outlive the scanner.
class Scanner {
  public:
    explicit Scanner(std::string_view bytes) : bytes_(bytes) {}
    /// False at the end. The spans of the tokens follow each other without gap and cover all bytes.
    bool next(Token& token);
    /// The lower-case name of the last tag if it is shorter than 32 bytes, else empty. Valid until the next call.
    std::string_view tag() const { return {name_.data(), name_length_}; }

  private:
    void read_markup(Token& token);
    void read_tag(Token& token, bool is_end);
    void read_attributes(Token& token);
    void read_comment(Token& token, std::size_t content);
    void read_raw_text(Token& token);
    std::size_t find_raw_end(std::size_t from) const;
    std::size_t find_script_end(std::size_t from) const;
    bool is_end_tag_at(std::size_t at) const;
    void enter_tag(const Token& token);

    std::string_view bytes_;
    std::size_t at_ = 0;
    std::array<char, 32> name_{};
    std::size_t name_length_ = 0;
    enum class Raw { No, Raw, Rcdata, Script, Plaintext } raw_ = Raw::No;
    std::array<char, 12> raw_name_{};
    std::size_t raw_length_ = 0;
    int foreign_depth_ = 0;  ///< open svg and math elements: CDATA sections exist only there
};

enum class LinkKind {
    Anchor,
    Area,
    Image,
    Stylesheet,
    Link,
    Script,
    Frame,
    Object,
    Media,
    Form,
    Background,
    Refresh,
    Citation,
    Last
};
std::string_view link_kind_name(LinkKind kind);  ///< "anchor", "image", ...

struct Link {
    LinkKind kind = LinkKind::Anchor;
    std::string url;  ///< UTF-8, references resolved, white space at both ends removed
    Span value;       ///< the address in the original bytes, without quotes; of a srcset, one candidate's address
    Span tag;         ///< the start tag
    std::string rel;  ///< of <a> and <link>, as written
};

/// What a list of pages, a link check or a takeover needs to know of a page; all text UTF-8 with references resolved
/// and white space collapsed.
struct Summary {
    std::string title;
    std::string description;
    std::string lang;
    std::string base_href;
    std::vector<std::string> h1;
    std::vector<Link> links;       ///< in the page's order
    std::vector<std::string> ids;  ///< id and a/name values: what #fragments may point at
    bool has_frameset = false;
    bool is_noindex = false;  ///< <meta name=robots> says noindex or none
    std::size_t count(LinkKind kind) const;
};
/// Spans are offsets into `bytes`, for every encoding but UTF-16 (there they are offsets into the UTF-8 form).
Summary summarise(std::string_view bytes, Encoding encoding);

/// One kind for each attribute that holds an address; both readers of a page (Summary, list_links) use this table.
/// `rel` of a <link> tells Stylesheet from Link. Nothing for other attributes; srcset holds several (split_srcset).
const LinkKind* find_link_kind(std::string_view tag, std::string_view attribute, std::string_view rel);
/// The addresses of a srcset value, as spans into it.
std::vector<Span> split_srcset(std::string_view value);
/// The address in a <meta http-equiv=refresh content="5; url=...">, as a span into the value; empty when there is none.
Span find_refresh_url(std::string_view content);

}  // namespace html
