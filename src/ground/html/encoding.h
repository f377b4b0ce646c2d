// Which encoding a page is in, and the way between its bytes and UTF-8. Old municipal pages are Shift_JIS with
// Microsoft's extensions, EUC-JP or ISO-2022-JP, some declare another encoding than they use, and some declare nothing.
// Everything inside the program is UTF-8; the page's own bytes are kept and only ever replaced by span, so each place
// that decodes also says where in the original a character stood. Leaves out what browsers leave out (UTF-7, EBCDIC,
// UTF-32).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace html {

enum class Encoding {
    Unknown,  ///< declared by a name we do not have; read like windows-1252, written as ASCII with references
    Utf8,
    Utf8Bom,   ///< UTF-8 that begins with a byte order mark
    ShiftJis,  ///< windows-31j, as browsers read every "Shift_JIS"
    EucJp,
    Iso2022Jp,
    Windows1252,  ///< also for "iso-8859-1" and "us-ascii"
    Utf16Le,
    Utf16Be,
    Gbk,  ///< "gb2312", "gbk", "gb18030"
    Big5,
    EucKr,  ///< windows-949, as browsers read "euc-kr"
};

/// Half-open range of byte offsets into the original page.
struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool operator==(const Span&) const = default;
    std::size_t size() const { return end - begin; }
    bool is_empty() const { return begin == end; }
    bool contains(const Span& other) const { return begin <= other.begin && other.end <= end; }
    std::string_view of(std::string_view bytes) const { return bytes.substr(begin, end - begin); }
};

/// For Content-Type and <meta charset>: "utf-8", "shift_jis", "euc-jp", "iso-2022-jp", "windows-1252", "utf-16le", ...;
/// empty for Unknown.
std::string_view charset_label(Encoding encoding);
/// For people and JSON: charset_label, but "utf-8-bom" and "unknown" too.
std::string_view encoding_name(Encoding encoding);
/// By any label browsers know for our encodings ("x-sjis", "Windows-31J", "ujis", "latin1"), white space and case
/// aside. "utf-16" is little endian. Also takes what encoding_name gives.
std::optional<Encoding> find_encoding(std::string_view label);

enum class Source { Bom, Header, Meta, Content, Guess };
std::string_view source_name(Source source);  ///< "bom", "header", "meta", "content", "guess"

/// What one source says.
struct Claim {
    Source source = Source::Guess;
    Encoding encoding = Encoding::Unknown;
    std::string label;  ///< as written: "x-sjis"
};

struct Detected {
    Encoding encoding = Encoding::Utf8;
    Source decided_by = Source::Guess;
    std::vector<Claim> claims;  ///< every source that said something, strongest first
    bool is_disputed = false;   ///< two claims name different encodings (UTF-8 with and without mark are the same)
};

/// Asks, in this order: byte order mark, HTTP charset, <meta> or XML declaration in the first 1,024 bytes, valid UTF-8,
/// ISO-2022-JP escapes, and a statistical guess. The first answer counts, except that a header or meta whose encoding
/// does not fit the bytes gives way to the content, when the content fits another encoding without a fault. Pure ASCII
/// without a declaration is UTF-8.
Detected detect_encoding(std::string_view bytes, std::optional<std::string_view> header_charset = std::nullopt);

struct Decoded {
    std::string utf8;          ///< valid UTF-8 without byte order mark
    std::size_t replaced = 0;  ///< byte sequences that are not of the encoding; each is U+FFFD in `utf8`
};
Decoded decode(std::string_view bytes, Encoding encoding);

/// A decoded page that remembers where each character stood.
struct MappedText {
    std::string utf8;
    std::size_t replaced = 0;
    std::size_t unit = 1;  ///< bytes of an ASCII character in the original
    std::vector<std::uint32_t>
        origins;  ///< per byte of `utf8`, and one past it: where its character starts; empty: the same

    /// Where the character at `at` of `utf8` starts in the original.
    std::size_t start_of(std::size_t at) const { return origins.empty() ? at : origins[at]; }
    /// Where the character before `at` ends in the original. Differs from start_of where an escape sequence stands
    /// between.
    std::size_t end_before(std::size_t at) const;
};
/// Throws Error(BadInput) above 4 GB.
MappedText decode_mapped(std::string_view bytes, Encoding encoding);

/// Characters that `encoding` lacks become decimal references "&#39641;": right in HTML text and attribute values,
/// wrong in script and style (ask `missing_characters` first) and anywhere outside HTML. ISO-2022-JP output starts and
/// ends in the ASCII state; no byte order mark is written. What is written decodes to the same characters.
std::string encode(std::string_view utf8, Encoding encoding);
/// The characters of `utf8` that `encode` would write as references, each once, in order of appearance.
std::vector<std::string> missing_characters(std::string_view utf8, Encoding encoding);
/// Do the bytes come back the same from decode and encode? False for faulty bytes and for pages with double-coded
/// characters.
bool round_trips(std::string_view bytes, Encoding encoding);

/// May `scan` and byte splicing work on the page's bytes directly? False for UTF-16.
bool is_ascii_compatible(Encoding encoding);

/// A copy of the same length in which every byte that is not an ASCII character of the page is '_': multi-byte
/// characters, their trail bytes and escape sequences (a byte order mark becomes blanks). HTML's syntax is left, at the
/// same offsets.
/// '_' because '<' before it opens no tag, as '<' before a Japanese character does not.
std::string mask(std::string_view bytes, Encoding encoding);

/// ISO-2022-JP: which set is in force before `at`. JisRoman differs from Ascii in two characters only, \ and ~.
enum class Iso2022State { Ascii, JisRoman, Other };
Iso2022State iso2022_state_at(std::string_view bytes, std::size_t at);
/// The state before each byte of `bytes`, and after the last.
void append_iso2022_states(std::string_view bytes, std::vector<Iso2022State>& to);

}  // namespace html
