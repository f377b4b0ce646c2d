#include "office/mailbox/words.h"

#include <algorithm>
#include <optional>

#include "ground/base/text.h"
#include "ground/html/encoding.h"

namespace mailbox {

namespace {

struct Word {
    std::string charset;
    std::string bytes;
    std::size_t size = 0;  ///< of the word in the header
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string unquote(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '_') {
            bytes += ' ';
        } else if (text[i] == '=' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                   hex_digit(text[i + 2]) >= 0) {
            bytes += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            bytes += text[i];
        }
    }
    return bytes;
}

/// Also without its padding, and up to the first character that does not belong there.
std::string unbase64(std::string_view text) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned value = 0;
    int bits = 0;
    for (const char c : text) {
        const std::size_t at = kAlphabet.find(c);
        if (at == std::string_view::npos) break;
        value = (value << 6U | static_cast<unsigned>(at)) & 0xFFFFFFU;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(value >> static_cast<unsigned>(bits) & 0xFFU);
    }
    return bytes;
}

/// "=?charset?B?...?=" at the beginning of `text`.
std::optional<Word> find_word(std::string_view text) {
    if (!text.starts_with("=?")) return std::nullopt;
    const std::size_t charset_end = text.find('?', 2);
    if (charset_end == std::string_view::npos || charset_end > 62 || charset_end + 2 >= text.size() ||
        text[charset_end + 2] != '?')
        return std::nullopt;
    const char coding = text[charset_end + 1];
    const std::size_t end = text.find("?=", charset_end + 3);
    if (end == std::string_view::npos || end > 2000) return std::nullopt;
    const std::string_view coded = text.substr(charset_end + 3, end - charset_end - 3);
    Word word;
    // A language may stand after the charset (RFC 2231): "utf-8*ja".
    word.charset = base::to_lower(text.substr(2, std::min(charset_end, text.find('*')) - 2));
    word.size = end + 2;
    if (coding == 'B' || coding == 'b')
        word.bytes = unbase64(coded);
    else if (coding == 'Q' || coding == 'q')
        word.bytes = unquote(coded);
    else
        return std::nullopt;
    return word;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::size_t count_blanks(std::string_view text) {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_blank) - text.begin());
}

}  // namespace

std::string decode_text(std::string_view bytes, std::string_view charset) {
    const auto detected = html::detect_encoding(bytes, charset.empty() ? std::nullopt : std::optional(charset));
    std::string text = html::decode(bytes, detected.encoding).utf8;
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '\r') {
            if (i + 1 >= text.size() || text[i + 1] != '\n') clean += '\n';
        } else if (c >= 0x20 ? c != 0x7F : c == '\n' || c == '\t') {
            clean += text[i];
        }
    }
    return clean;
}

std::string decode_words(std::string_view raw, std::size_t longest) {
    std::string text, plain;
    const auto flush = [&] {
        text += decode_text(plain, "");
        plain.clear();
    };
    while (!raw.empty()) {
        auto word = find_word(raw);
        if (!word) {
            const std::size_t next = std::min(raw.find("=?", 1), raw.size());
            plain += raw.substr(0, next);
            raw.remove_prefix(next);
            continue;
        }
        flush();
        raw.remove_prefix(word->size);
        std::string bytes = std::move(word->bytes);
        while (true) {
            const std::size_t blanks = count_blanks(raw);
            auto next = find_word(raw.substr(blanks));
            if (!next) break;
            raw.remove_prefix(blanks + next->size);
            if (next->charset != word->charset) {
                text += decode_text(bytes, word->charset);
                bytes.clear();
                word->charset = next->charset;
            }
            bytes += next->bytes;
        }
        text += decode_text(bytes, word->charset);
    }
    flush();
    std::string line;
    for (const char c : text) {
        const bool blank = is_blank(c);
        if (!blank || (!line.empty() && line.back() != ' ')) line += blank ? ' ' : c;
    }
    return std::string(base::first_code_points(base::trim(line), longest));
}

}  // namespace mailbox
