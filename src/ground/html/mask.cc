// Which bytes of a page are its ASCII characters. HTML's syntax is all ASCII, so the rest can be blanked out without
// moving anything, and a byte of a Japanese character is never taken for '<'.
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/html/encoding.h"

namespace html {

namespace {

constexpr char kMasked = '_';

unsigned char byte_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

bool is_between(unsigned char byte, int low, int high) {
    return byte >= low && byte <= high;
}

/// Length of the multi-byte character at `at`, whose first byte is not ASCII; 1 where what follows does not belong to
/// it.
std::size_t character_length(std::string_view bytes, std::size_t at, Encoding encoding) {
    const unsigned char first = byte_at(bytes, at);
    const unsigned char second = byte_at(bytes, at + 1);
    switch (encoding) {
        case Encoding::ShiftJis:
            if (!is_between(first, 0x81, 0x9F) && !is_between(first, 0xE0, 0xFC)) return 1;
            return is_between(second, 0x40, 0x7E) || is_between(second, 0x80, 0xFC) ? 2 : 1;
        case Encoding::Gbk:
            if (is_between(second, '0', '9') && byte_at(bytes, at + 2) >= 0x81 &&
                is_between(byte_at(bytes, at + 3), '0', '9')) {
                return 4;
            }
            return is_between(second, 0x40, 0x7E) || is_between(second, 0x80, 0xFE) ? 2 : 1;
        case Encoding::Big5:
            return is_between(second, 0x40, 0x7E) || is_between(second, 0xA1, 0xFE) ? 2 : 1;
        case Encoding::EucKr:
            return is_between(second, 'A', 'Z') || is_between(second, 'a', 'z') || second >= 0x81 ? 2 : 1;
        default:
            return 1;
    }
}

struct Escape {
    std::string_view bytes;
    Iso2022State state;
};
constexpr Escape kEscapes[] = {
    {"\x1B(B", Iso2022State::Ascii}, {"\x1B(J", Iso2022State::JisRoman}, {"\x1B(I", Iso2022State::Other},
    {"\x1B$B", Iso2022State::Other}, {"\x1B$@", Iso2022State::Other},
};

const Escape* find_escape(std::string_view bytes, std::size_t at) {
    for (const Escape& escape : kEscapes) {
        if (bytes.substr(at, 3) == escape.bytes) return &escape;
    }
    return nullptr;
}

/// Goes over the bytes before `end` and calls take(offset, length, state before, is_idle_escape) for each character or
/// escape.
template <class Take>
Iso2022State walk_iso2022(std::string_view bytes, std::size_t end, Take take) {
    Iso2022State state = Iso2022State::Ascii;
    bool is_double = false;
    std::size_t at = 0;
    while (at < end) {
        if (const Escape* escape = bytes[at] == '\x1B' ? find_escape(bytes, at) : nullptr) {
            if (at + 3 > end) break;
            take(at, 3, state, state != Iso2022State::Other && escape->state != Iso2022State::Other);
            state = escape->state;
            is_double = escape->bytes[1] == '$';
            at += 3;
            continue;
        }
        // A line end in a multi-byte set: the set ends with the line, as ICU and old mail readers have it.
        if (bytes[at] == '\n' || bytes[at] == '\r') state = state == Iso2022State::Other ? Iso2022State::Ascii : state;
        if (state != Iso2022State::Other) {
            take(at, 1, state, false);
            ++at;
            continue;
        }
        const std::size_t length = is_double && at + 1 < end && bytes[at + 1] != '\x1B' ? 2 : 1;
        take(at, length, state, false);
        at += length;
    }
    return state;
}

std::string mask_iso2022(std::string_view bytes) {
    std::string masked(bytes);
    walk_iso2022(bytes, bytes.size(), [&](std::size_t at, std::size_t length, Iso2022State state, bool is_idle) {
        const bool is_single = length == 1 && state != Iso2022State::Other;
        if (is_single && static_cast<unsigned char>(bytes[at]) < 0x80) return;
        // An escape between two ASCII states stands for nothing; after a tag it must not turn into text.
        const bool is_between_tags = is_idle && (at == 0 || masked[at - 1] == '>' || masked[at - 1] == ' ' ||
                                                 masked[at - 1] == '\n' || masked[at - 1] == '\r');
        masked.replace(at, length, length, is_between_tags ? ' ' : kMasked);
    });
    return masked;
}

}  // namespace

std::string mask(std::string_view bytes, Encoding encoding) {
    if (!is_ascii_compatible(encoding)) {
        throw base::Error(
            base::Kind::BadInput,
            fmt::format("{} pages cannot be read byte by byte; decode the page first", encoding_name(encoding)));
    }
    if (encoding == Encoding::Iso2022Jp) return mask_iso2022(bytes);
    std::string masked(bytes);
    std::size_t at = 0;
    if (bytes.starts_with("\xEF\xBB\xBF")) {
        at = 3;
        masked.replace(0, 3, 3, ' ');
    }
    while (at < bytes.size()) {
        if (static_cast<unsigned char>(bytes[at]) < 0x80) {
            ++at;
            continue;
        }
        const std::size_t length = character_length(bytes, at, encoding);
        masked.replace(at, length, length, kMasked);
        at += length;
    }
    return masked;
}

Iso2022State iso2022_state_at(std::string_view bytes, std::size_t at) {
    return walk_iso2022(bytes, std::min(at, bytes.size()), [](std::size_t, std::size_t, Iso2022State, bool) {});
}

void append_iso2022_states(std::string_view bytes, std::vector<Iso2022State>& to) {
    const Iso2022State last = walk_iso2022(
        bytes, bytes.size(),
        [&](std::size_t, std::size_t length, Iso2022State before, bool) { to.insert(to.end(), length, before); });
    to.push_back(last);
}

}  // namespace html
