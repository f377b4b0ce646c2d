// Small words about ASCII bytes that the room's files share.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace html {

inline bool is_ascii(std::string_view bytes) {
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, 8);
        if ((word & 0x8080808080808080ULL) != 0) return false;
    }
    for (; at < bytes.size(); ++at) {
        if (static_cast<unsigned char>(bytes[at]) >= 0x80) return false;
    }
    return true;
}

/// White space in HTML's sense: no vertical tab, no ideographic space.
inline bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}
inline bool is_all_blank(std::string_view text) {
    for (const char c : text) {
        if (!is_blank(c)) return false;
    }
    return true;
}
inline bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
inline char to_lower_letter(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
inline std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}
/// Each run of white space as one blank, none at the ends, appended.
inline void append_collapsed(std::string& to, std::string_view text) {
    bool owes_blank = false;
    const std::size_t start = to.size();
    for (const char c : text) {
        if (is_blank(c)) {
            owes_blank = to.size() > start;
            continue;
        }
        if (owes_blank) to += ' ';
        owes_blank = false;
        to += c;
    }
}
inline std::string collapse_blanks(std::string_view text) {
    std::string out;
    append_collapsed(out, text);
    return out;
}

}  // namespace html
