// One mail as the bytes that a mail server takes: plain text in UTF-8, in a form that every server passes on unchanged
// (7 bit, RFC 5322, 2045, 2047). No HTML and no attachments: a notice says what to do and links to the screen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"

namespace mail {

struct Mailbox {
    std::string name;     ///< "山川 花子"; may be empty
    std::string address;  ///< "yamakawa@city.example"
};

/// Who speaks. What a program wrote says so (RFC 3834), so that absence replies stay away and loops end.
enum class Author {
    Program,       ///< Auto-Submitted: auto-generated
    ProgramReply,  ///< Auto-Submitted: auto-replied
    Person         ///< nothing
};

struct Mail {
    Mailbox from, to;
    std::string subject;
    std::string text;   ///< lines end with \n
    std::string token;  ///< names this mail for ever, the same in each attempt: the left side of Message-ID
    base::Instant at;   ///< Date, written in Japanese time
    Author author = Author::Program;
    std::string answers = {};                  ///< Message-ID of the mail that this one answers, with <>; empty: none
    std::vector<std::string> references = {};  ///< those of the thread, the oldest first; at most kMostReferences
};
constexpr std::size_t kMostReferences = 20;
constexpr std::size_t kLongestSubject = 500;      ///< characters
constexpr std::size_t kLongestText = 256U << 10;  ///< bytes

/// The whole message with CRLF line ends. A reference that is no plain message id (is_message_id) is left out. Throws
/// Error(BadInput): an address that is none, a line end or other control character in a name or the subject (a forged
/// header field), text that is no UTF-8, too long, or has a NUL.
std::string compose(const Mail& mail);

/// "<left@right>" of RFC 5322 in ASCII without blanks or control characters, at most 250 bytes.
bool is_message_id(std::string_view text);

/// One that can be written without quoting: at most 254 ASCII characters, local part of RFC 5322's dot-atom, a host
/// name of letters, digits and hyphens.
bool is_address(std::string_view text);

/// "yamakawa@city.example", or "山川市 <yamakawa@city.example>". Nothing when the address is none.
std::optional<Mailbox> find_mailbox(std::string_view text);

/// `text` for a header field: as it is when it is plain and short ASCII, else encoded words (RFC 2047, base64) of at
/// most 75 characters, each whole by itself, with CRLF and a blank between them. `used` is what stands on the line
/// before it.
std::string encode_words(std::string_view text, std::size_t used);

}  // namespace mail
