// Where in the HTML a template's next byte stands. Follows the tokenizer of the HTML Standard (section 13.2.5) byte by
// byte, so that it can stop at any tag of the template language and go on behind it, and so that two branches can be
// compared. It keeps the states that decide how a value must be escaped and leaves out the tree. Where HTML and SVG
// disagree about the same bytes, it refuses values rather than guess.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tmpl {

/// What may be written at a place. From InScript on: no value may stand there.
enum class Place : std::uint8_t {
    Text,
    Rcdata,     ///< inside title and textarea: references are resolved, tags are not
    Attribute,  ///< a quoted value that is just text
    Url,        ///< a quoted value that is an address
    OwnUrl,     ///< an address whose content gets the page's rights (script src): this site's paths only
    InScript,
    InEventAttribute,
    InStyle,
    InComment,
    InTag,
    Unquoted,
    Unclear,
};

inline bool takes_values(Place place) {
    return place < Place::InScript;
}
inline bool is_url(Place place) {
    return place == Place::Url || place == Place::OwnUrl;
}

class HtmlState {
  public:
    /// Goes on by one byte. False if, after a tag of the template language inside an HTML tag, what follows does not
    /// begin a new attribute: its name would depend on the data.
    bool feed(char c);
    /// A statement of the template language stands here. False where it may not: in an unquoted attribute value.
    bool enter_statement();

    Place place() const;
    /// Text that a reader sees, or a '<' that may yet prove to be such.
    bool is_in_text() const { return state_ == State::Data || state_ == State::TagOpen || state_ == State::Rcdata; }
    bool is_in_rcdata() const { return state_ == State::Rcdata; }
    bool is_in_quoted_value() const { return state_ == State::ValueDouble || state_ == State::ValueSingle; }
    /// Between elements, where a part with markup of its own may stand, and nothing is half written.
    bool is_at_text() const { return state_ == State::Data; }
    const std::string& tag() const { return tag_; }
    const std::string& attribute() const { return attribute_; }

    bool operator==(const HtmlState&) const = default;
    /// The state behind an {% if %} whose branches ended in `a` and `b`; nothing if what follows would mean two things.
    static std::optional<HtmlState> join(const HtmlState& a, const HtmlState& b);

  private:
    enum class State : std::uint8_t {
        Data,
        TagOpen,
        EndTagOpen,
        TagName,
        BeforeAttribute,
        AttributeName,
        AfterAttributeName,
        BeforeValue,
        ValueDouble,
        ValueSingle,
        ValueUnquoted,
        AfterValue,
        SelfClosing,
        NeedsSpace,
        Bogus,
        MarkupDeclaration,
        MarkupBracket,
        MarkupDash,
        CommentStart,
        CommentStartDash,
        Comment,
        CommentDash,
        CommentEnd,
        CommentEndBang,
        Rcdata,
        RawText,
        Plaintext,
        Unclear,
    };

    bool is_inside_tag() const;
    bool feed_inside_tag(char c);
    void feed_comment(char c);
    void feed_raw(char c);
    void finish_tag();

    State state_ = State::Data;
    bool is_end_tag_ = false;
    bool is_foreign_ = false;  ///< inside svg or math
    bool tag_has_statement_ = false;
    bool script_has_comment_ = false;
    std::string tag_;        ///< lower case; also the raw text element that is open
    std::string attribute_;  ///< lower case
    std::string pending_;    ///< in raw text: what may be the start of its end tag
};

}  // namespace tmpl
