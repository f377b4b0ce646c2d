// Which encoding a page is in: what it says of itself, held against what its bytes allow.
#include <algorithm>
#include <memory>

#include <uchardet/uchardet.h>

#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/scan.h"

namespace html {

namespace {

struct Label {
    std::string_view label;
    Encoding encoding;
};
// The labels of the WHATWG Encoding Standard for our encodings; the first of each is the one we write.
constexpr Label kLabels[] = {
    {"utf-8", Encoding::Utf8},
    {"utf8", Encoding::Utf8},
    {"unicode-1-1-utf-8", Encoding::Utf8},
    {"utf-8-bom", Encoding::Utf8Bom},
    {"shift_jis", Encoding::ShiftJis},
    {"shift-jis", Encoding::ShiftJis},
    {"sjis", Encoding::ShiftJis},
    {"x-sjis", Encoding::ShiftJis},
    {"ms_kanji", Encoding::ShiftJis},
    {"csshiftjis", Encoding::ShiftJis},
    {"windows-31j", Encoding::ShiftJis},
    {"ms932", Encoding::ShiftJis},
    {"cp932", Encoding::ShiftJis},
    {"euc-jp", Encoding::EucJp},
    {"x-euc-jp", Encoding::EucJp},
    {"cseucpkdfmtjapanese", Encoding::EucJp},
    {"ujis", Encoding::EucJp},
    {"iso-2022-jp", Encoding::Iso2022Jp},
    {"csiso2022jp", Encoding::Iso2022Jp},
    {"jis", Encoding::Iso2022Jp},
    {"windows-1252", Encoding::Windows1252},
    {"iso-8859-1", Encoding::Windows1252},
    {"iso8859-1", Encoding::Windows1252},
    {"iso_8859-1", Encoding::Windows1252},
    {"latin1", Encoding::Windows1252},
    {"l1", Encoding::Windows1252},
    {"us-ascii", Encoding::Windows1252},
    {"ascii", Encoding::Windows1252},
    {"cp1252", Encoding::Windows1252},
    {"x-cp1252", Encoding::Windows1252},
    {"utf-16le", Encoding::Utf16Le},
    {"utf-16", Encoding::Utf16Le},
    {"utf-16be", Encoding::Utf16Be},
    {"gbk", Encoding::Gbk},
    {"gb2312", Encoding::Gbk},
    {"gb18030", Encoding::Gbk},
    {"x-gbk", Encoding::Gbk},
    {"gb_2312-80", Encoding::Gbk},
    {"big5", Encoding::Big5},
    {"big5-hkscs", Encoding::Big5},
    {"x-x-big5", Encoding::Big5},
    {"cn-big5", Encoding::Big5},
    {"euc-kr", Encoding::EucKr},
    {"ks_c_5601-1987", Encoding::EucKr},
    {"ksc5601", Encoding::EucKr},
    {"windows-949", Encoding::EucKr},
    {"uhc", Encoding::EucKr},
};

constexpr std::size_t kMetaWindow = 1024;      // HTML5, "prescan a byte stream": the first 1,024 bytes
constexpr std::size_t kGuessWindow = 1 << 18;  // enough text for statistics

bool is_same(Encoding a, Encoding b) {
    const auto plain = [](Encoding encoding) { return encoding == Encoding::Utf8Bom ? Encoding::Utf8 : encoding; };
    return plain(a) == plain(b);
}

/// Without a fault. windows-1252 has a character for every byte, but five of them are never meant: 81 8D 8F 90 9D.
bool fits(std::string_view bytes, Encoding encoding) {
    if (encoding == Encoding::Windows1252) return bytes.find_first_of("\x81\x8D\x8F\x90\x9D") == std::string_view::npos;
    if (encoding == Encoding::Utf8 || encoding == Encoding::Utf8Bom) return base::is_utf8(bytes);
    return decode(bytes, encoding).replaced == 0;
}

bool has_iso2022_escape(std::string_view bytes) {
    for (const std::string_view escape : {"\x1B$B", "\x1B$@", "\x1B(J", "\x1B(I"}) {
        if (bytes.find(escape) != std::string_view::npos) return true;
    }
    return false;
}

/// "text/html; charset=x-sjis" -> "x-sjis".
std::string_view charset_in(std::string_view content) {
    const std::string lower = base::to_lower(content);
    for (std::size_t at = lower.find("charset"); at != std::string::npos; at = lower.find("charset", at + 7)) {
        std::size_t begin = at + 7;
        while (begin < content.size() && is_blank(content[begin])) ++begin;
        if (begin >= content.size() || content[begin] != '=') continue;
        ++begin;
        while (begin < content.size() && is_blank(content[begin])) ++begin;
        if (begin >= content.size()) return {};
        const char quote = content[begin];
        if (quote == '"' || quote == '\'') {
            const std::size_t end = content.find(quote, begin + 1);
            return end == std::string_view::npos ? std::string_view{} : content.substr(begin + 1, end - begin - 1);
        }
        return content.substr(begin, content.find_first_of("; \t\n\r\f", begin) - begin);
    }
    return {};
}

std::string_view xml_encoding(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    if (!bytes.starts_with("<?xml")) return {};
    const std::string_view declaration = bytes.substr(0, bytes.find("?>"));
    const std::size_t at = declaration.find("encoding");
    if (at == std::string_view::npos) return {};
    const std::size_t open = declaration.find_first_of("\"'", at);
    if (open == std::string_view::npos) return {};
    const std::size_t close = declaration.find(declaration[open], open + 1);
    return close == std::string_view::npos ? std::string_view{} : declaration.substr(open + 1, close - open - 1);
}

/// The label that the page itself gives, as written; empty when there is none.
std::string find_declared(std::string_view bytes) {
    const std::string head = mask(bytes.substr(0, kMetaWindow), Encoding::Iso2022Jp);
    Scanner scanner(head);
    for (Token token; scanner.next(token);) {
        if (token.type != TokenType::StartTag || scanner.tag() != "meta") continue;
        std::string_view charset;
        std::string_view content;
        bool is_content_type = false;
        for (const ScannedAttribute& attribute : token.attributes) {
            const std::string_view name = attribute.name.of(head);
            const std::string_view value = attribute.value.of(head);
            if (base::equals_ignoring_case(name, "charset")) charset = value;
            if (base::equals_ignoring_case(name, "content")) content = value;
            if (base::equals_ignoring_case(name, "http-equiv")) {
                is_content_type = base::equals_ignoring_case(trim_blanks(value), "content-type");
            }
        }
        if (charset.empty() && is_content_type) charset = charset_in(content);
        if (!charset.empty()) return std::string(trim_blanks(charset));
    }
    return std::string(xml_encoding(head));
}

struct DeleteDetector {
    void operator()(uchardet_t detector) const { uchardet_delete(detector); }
};

std::string guess_label(std::string_view bytes) {
    const std::unique_ptr<std::remove_pointer_t<uchardet_t>, DeleteDetector> detector(uchardet_new());
    if (uchardet_handle_data(detector.get(), bytes.data(), std::min(bytes.size(), kGuessWindow)) != 0) return {};
    uchardet_data_end(detector.get());
    return uchardet_get_charset(detector.get());
}

/// What the bytes are when nothing helpful is declared: neither UTF-8 nor ISO-2022-JP, not pure ASCII.
Claim guess(std::string_view bytes) {
    const std::string label = guess_label(bytes);
    const std::optional<Encoding> guessed = find_encoding(label);
    const bool is_plain_latin = guessed == Encoding::Windows1252;
    if (guessed && !is_plain_latin && fits(bytes, *guessed)) return {Source::Guess, *guessed, label};
    // EUC-JP first: its pages are often faultless half-width katakana in Shift_JIS, hardly ever the other way round.
    for (const Encoding encoding : {Encoding::EucJp, Encoding::ShiftJis}) {
        if (!is_plain_latin && fits(bytes, encoding)) return {Source::Guess, encoding, {}};
    }
    return {Source::Guess, Encoding::Windows1252, label};
}

std::optional<Claim> claim_of_mark(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) return Claim{Source::Bom, Encoding::Utf8Bom, "utf-8"};
    if (bytes.starts_with("\xFF\xFE")) return Claim{Source::Bom, Encoding::Utf16Le, "utf-16le"};
    if (bytes.starts_with("\xFE\xFF")) return Claim{Source::Bom, Encoding::Utf16Be, "utf-16be"};
    return std::nullopt;
}

std::optional<Claim> claim_of_content(std::string_view bytes) {
    if (!is_ascii(bytes)) {
        if (base::is_utf8(bytes)) return Claim{Source::Content, Encoding::Utf8, {}};
        return std::nullopt;
    }
    if (has_iso2022_escape(bytes)) return Claim{Source::Content, Encoding::Iso2022Jp, {}};
    return std::nullopt;
}

void decide(Detected& result, const Claim& claim) {
    result.encoding = claim.encoding;
    result.decided_by = claim.source;
}

}  // namespace

std::string_view charset_label(Encoding encoding) {
    if (encoding == Encoding::Utf8Bom) return "utf-8";
    for (const Label& label : kLabels) {
        if (label.encoding == encoding) return label.label;
    }
    return {};
}

std::string_view encoding_name(Encoding encoding) {
    if (encoding == Encoding::Utf8Bom) return "utf-8-bom";
    return encoding == Encoding::Unknown ? "unknown" : charset_label(encoding);
}

std::optional<Encoding> find_encoding(std::string_view label) {
    const std::string wanted = base::to_lower(trim_blanks(label));
    if (wanted == "unknown") return Encoding::Unknown;
    for (const Label& known : kLabels) {
        if (known.label == wanted) return known.encoding;
    }
    return std::nullopt;
}

std::string_view source_name(Source source) {
    constexpr std::string_view kNames[] = {"bom", "header", "meta", "content", "guess"};
    return kNames[static_cast<std::size_t>(source)];
}

Detected detect_encoding(std::string_view bytes, std::optional<std::string_view> header_charset) {
    Detected result;
    const auto claim_label = [&](Source source, std::string_view label) {
        if (trim_blanks(label).empty()) return;
        Encoding encoding = find_encoding(label).value_or(Encoding::Unknown);
        // A meta tag that could be read cannot be in UTF-16 (HTML5, prescan).
        if (source == Source::Meta && !is_ascii_compatible(encoding)) encoding = Encoding::Utf8;
        result.claims.push_back({source, encoding, std::string(trim_blanks(label))});
    };
    if (const auto mark = claim_of_mark(bytes)) result.claims.push_back(*mark);
    if (header_charset) claim_label(Source::Header, *header_charset);
    const bool is_wide = !result.claims.empty() && !is_ascii_compatible(result.claims.front().encoding);
    if (!is_wide) claim_label(Source::Meta, find_declared(bytes));
    const auto content = is_wide ? std::nullopt : claim_of_content(bytes);
    const bool is_decided = !result.claims.empty();
    if (is_decided) decide(result, result.claims.front());
    if (content) result.claims.push_back(*content);

    const bool needs_content = !is_decided || (result.decided_by != Source::Bom &&
                                               (result.encoding == Encoding::Unknown || !fits(bytes, result.encoding)));
    const bool is_plain = is_ascii(bytes) && !content;
    if (content && needs_content) {
        decide(result, *content);
    } else if (content && is_decided && content->encoding == Encoding::Iso2022Jp && result.decided_by != Source::Bom &&
               fits(bytes, Encoding::Iso2022Jp)) {
        // Escape sequences are also clean ASCII in every other encoding, so "fits" means nothing there.
        decide(result, *content);
    } else if (needs_content && !is_plain) {
        // Another declaration that fits is a better witness than statistics.
        const auto fitting = std::find_if(result.claims.begin(), result.claims.end(), [&](const Claim& claim) {
            return claim.encoding != Encoding::Unknown && fits(bytes, claim.encoding);
        });
        if (fitting != result.claims.end()) {
            decide(result, *fitting);
        } else {
            const Claim guessed = guess(bytes);
            const bool is_better = guessed.encoding != Encoding::Windows1252 && fits(bytes, guessed.encoding);
            if (!is_decided || is_better) {
                decide(result, guessed);
                result.claims.push_back(guessed);
            }
        }
    }
    for (const Claim& claim : result.claims) {
        if (!is_same(claim.encoding, result.claims.front().encoding)) result.is_disputed = true;
    }
    return result;
}

}  // namespace html
