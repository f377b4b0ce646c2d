// The converters: ICU does the tables, this adds counting of faults, origins of characters, references for what an
// encoding lacks, and a fast way for UTF-8 and ASCII. ICU's substitute for a bad byte is U+001A in places; ours is
// U+FFFD everywhere.
#include "ground/html/encoding.h"

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/inner/ascii.h"

namespace html {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct CloseConverter {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

const char* icu_name(Encoding encoding) {
    switch (encoding) {
        case Encoding::ShiftJis:
            return "windows-31j";
        case Encoding::EucJp:
            return "EUC-JP";
        case Encoding::Iso2022Jp:
            return "ISO-2022-JP";
        case Encoding::Utf16Le:
            return "UTF-16LE";
        case Encoding::Utf16Be:
            return "UTF-16BE";
        case Encoding::Gbk:
            return "gb18030";
        case Encoding::Big5:
            return "Big5-HKSCS";
        case Encoding::EucKr:
            return "windows-949";
        default:
            return "windows-1252";
    }
}

Converter open_converter(Encoding encoding) {
    UErrorCode status = U_ZERO_ERROR;
    Converter converter(ucnv_open(icu_name(encoding), &status));
    if (U_FAILURE(status)) {
        throw base::Error(base::Kind::Unavailable,
                          fmt::format("the converter for {} is missing: install ICU's data", icu_name(encoding)));
    }
    return converter;
}

void count_and_replace(const void* context, UConverterToUnicodeArgs* arguments, const char*, std::int32_t,
                       UConverterCallbackReason reason, UErrorCode* status) {
    if (reason > UCNV_IRREGULAR) return;
    ++*static_cast<std::size_t*>(const_cast<void*>(context));
    *status = U_ZERO_ERROR;
    const UChar replacement = 0xFFFD;
    ucnv_cbToUWriteUChars(arguments, &replacement, 1, 0, status);
}

void append_mapped(MappedText& text, char32_t character, std::size_t origin, bool with_origins) {
    base::append_utf8(text.utf8, character);
    if (with_origins) text.origins.resize(text.utf8.size(), static_cast<std::uint32_t>(origin));
}

MappedText decode_utf8(std::string_view bytes, std::size_t skip, bool with_origins) {
    MappedText text;
    const std::string_view body = bytes.substr(skip);
    if (base::is_utf8(body)) {
        text.utf8 = body;
        if (skip > 0 && with_origins) {
            text.origins.resize(body.size() + 1);
            for (std::size_t i = 0; i <= body.size(); ++i) text.origins[i] = static_cast<std::uint32_t>(i + skip);
        }
        return text;
    }
    text.utf8.reserve(body.size() + body.size() / 8);
    if (with_origins) text.origins.reserve(body.size() + body.size() / 8);
    for (std::size_t at = 0; at < body.size();) {
        const std::size_t start = at;
        UChar32 character = 0;
        U8_NEXT(body.data(), at, body.size(), character);
        if (character < 0) {
            ++text.replaced;
            character = 0xFFFD;
        }
        append_mapped(text, static_cast<char32_t>(character), start + skip, with_origins);
    }
    if (with_origins) text.origins.push_back(static_cast<std::uint32_t>(bytes.size()));
    return text;
}

MappedText decode_with_icu(std::string_view bytes, std::size_t skip, Encoding encoding, bool with_origins) {
    MappedText text;
    const Converter converter = open_converter(encoding);
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setToUCallBack(converter.get(), count_and_replace, &text.replaced, nullptr, nullptr, &status);
    text.unit = is_ascii_compatible(encoding) ? 1 : 2;
    text.utf8.reserve(bytes.size() * 3 / 2);
    const char* source = bytes.data() + skip;
    const char* const end = bytes.data() + bytes.size();
    std::array<UChar, 4096> units;
    std::array<std::int32_t, 4096> offsets;
    UChar high = 0;
    std::size_t high_origin = 0;
    do {
        const char* const chunk = source;
        UChar* target = units.data();
        status = U_ZERO_ERROR;
        ucnv_toUnicode(converter.get(), &target, units.data() + units.size(), &source, end, offsets.data(), 1, &status);
        if (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR) {
            throw base::Error(base::Kind::Bug, fmt::format("decoding {}: {}", icu_name(encoding), u_errorName(status)));
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(target - units.data()); ++i) {
            // A negative offset: the character began in the chunk before.
            const auto origin = static_cast<std::size_t>(chunk - bytes.data() + std::max<std::int32_t>(offsets[i], 0));
            const UChar unit = units[i];
            if (high != 0) {
                if (U16_IS_TRAIL(unit)) {
                    append_mapped(text, static_cast<char32_t>(U16_GET_SUPPLEMENTARY(high, unit)), high_origin,
                                  with_origins);
                    high = 0;
                    continue;
                }
                append_mapped(text, 0xFFFD, high_origin, with_origins);
                ++text.replaced;
                high = 0;
            }
            if (U16_IS_LEAD(unit)) {
                high = unit;
                high_origin = origin;
            } else if (U16_IS_TRAIL(unit)) {
                append_mapped(text, 0xFFFD, origin, with_origins);
                ++text.replaced;
            } else {
                append_mapped(text, unit, origin, with_origins);
            }
        }
    } while (status == U_BUFFER_OVERFLOW_ERROR);
    if (with_origins) text.origins.push_back(static_cast<std::uint32_t>(bytes.size()));
    return text;
}

MappedText decode_either_way(std::string_view bytes, Encoding encoding, bool with_origins) {
    if (bytes.size() > 0xFFFFFFF0U) throw base::Error(base::Kind::BadInput, "the page is larger than 4 GB");
    if (encoding == Encoding::Utf8 || encoding == Encoding::Utf8Bom) {
        return decode_utf8(bytes, bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0, with_origins);
    }
    std::size_t skip = 0;
    if (encoding == Encoding::Utf16Le && bytes.starts_with("\xFF\xFE")) skip = 2;
    if (encoding == Encoding::Utf16Be && bytes.starts_with("\xFE\xFF")) skip = 2;
    if (is_ascii_compatible(encoding) && is_ascii(bytes) &&
        (encoding != Encoding::Iso2022Jp || bytes.find_first_of("\x1B\x0E\x0F") == std::string_view::npos)) {
        return {std::string(bytes), 0, 1, {}};
    }
    return decode_with_icu(bytes, skip, encoding, with_origins);
}

/// UTF-16 code units of one code point.
std::size_t to_units(char32_t character, UChar* units) {
    std::size_t length = 0;
    U16_APPEND_UNSAFE(units, length, character);
    return length;
}

/// Writes through one converter, and knows which characters come back the same.
class Encoder {
  public:
    explicit Encoder(Encoding encoding) : encoding_(encoding), converter_(open_converter(encoding)) {
        UErrorCode status = U_ZERO_ERROR;
        ucnv_setFromUCallBack(converter_.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
        ucnv_setToUCallBack(converter_.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    }

    bool has(char32_t character) {
        if (character < 0x80) {
            return encoding_ != Encoding::Iso2022Jp || (character != 0x1B && character != 0x0E && character != 0x0F);
        }
        if (encoding_ == Encoding::Unknown) return false;
        const auto known = known_.find(character);
        if (known != known_.end()) return known->second;
        std::array<UChar, 2> units;
        const auto length = static_cast<std::int32_t>(to_units(character, units.data()));
        std::array<char, 32> bytes;
        std::array<UChar, 8> back;
        UErrorCode status = U_ZERO_ERROR;
        const std::int32_t written =
            ucnv_fromUChars(converter_.get(), bytes.data(), bytes.size(), units.data(), length, &status);
        std::int32_t returned = 0;
        if (U_SUCCESS(status)) {
            returned = ucnv_toUChars(converter_.get(), back.data(), back.size(), bytes.data(), written, &status);
        }
        const bool same =
            U_SUCCESS(status) && returned == length && std::equal(units.begin(), units.begin() + length, back.begin());
        known_.emplace(character, same);
        return same;
    }

    std::string write(const std::vector<UChar>& units) {
        UErrorCode status = U_ZERO_ERROR;
        std::string bytes(units.size() * 8 + 16, '\0');
        const std::int32_t written =
            ucnv_fromUChars(converter_.get(), bytes.data(), static_cast<std::int32_t>(bytes.size()), units.data(),
                            static_cast<std::int32_t>(units.size()), &status);
        if (U_FAILURE(status)) {
            throw base::Error(base::Kind::Bug,
                              fmt::format("encoding {}: {}", icu_name(encoding_), u_errorName(status)));
        }
        bytes.resize(static_cast<std::size_t>(written));
        return bytes;
    }

  private:
    Encoding encoding_;
    Converter converter_;
    std::unordered_map<char32_t, bool> known_;
};

template <class Take>
void each_character(std::string_view utf8, Take take) {
    for (std::size_t at = 0; at < utf8.size();) {
        const std::size_t start = at;
        UChar32 character = 0;
        U8_NEXT_OR_FFFD(utf8.data(), at, utf8.size(), character);
        take(static_cast<char32_t>(character), utf8.substr(start, at - start));
    }
}

bool is_utf8_encoding(Encoding encoding) {
    return encoding == Encoding::Utf8 || encoding == Encoding::Utf8Bom;
}

/// Control characters that would switch an ISO-2022-JP reader have no reference either.
char32_t referable(char32_t character) {
    return character < 0x20 ? 0xFFFD : character;
}

}  // namespace

std::size_t MappedText::end_before(std::size_t at) const {
    if (origins.empty()) return at;
    if (at == 0) return origins[0];
    const bool is_single = static_cast<unsigned char>(utf8[at - 1]) < 0x80;
    return is_single ? std::min<std::size_t>(origins[at - 1] + unit, origins[at]) : origins[at];
}

bool is_ascii_compatible(Encoding encoding) {
    return encoding != Encoding::Utf16Le && encoding != Encoding::Utf16Be;
}

Decoded decode(std::string_view bytes, Encoding encoding) {
    MappedText text = decode_either_way(bytes, encoding, false);
    return {std::move(text.utf8), text.replaced};
}

MappedText decode_mapped(std::string_view bytes, Encoding encoding) {
    return decode_either_way(bytes, encoding, true);
}

std::string encode(std::string_view utf8, Encoding encoding) {
    if (is_utf8_encoding(encoding)) return base::to_valid_utf8(utf8);
    if (encoding != Encoding::Iso2022Jp && is_ascii_compatible(encoding) && is_ascii(utf8)) return std::string(utf8);
    Encoder encoder(encoding);
    std::vector<UChar> units;
    units.reserve(utf8.size());
    each_character(utf8, [&](char32_t character, std::string_view) {
        std::array<UChar, 2> pair;
        if (encoder.has(character)) {
            units.insert(units.end(), pair.begin(), pair.begin() + to_units(character, pair.data()));
        } else {
            const std::string reference = fmt::format("&#{};", static_cast<std::uint32_t>(referable(character)));
            units.insert(units.end(), reference.begin(), reference.end());
        }
    });
    return encoder.write(units);
}

std::vector<std::string> missing_characters(std::string_view utf8, Encoding encoding) {
    std::vector<std::string> missing;
    if (is_utf8_encoding(encoding)) return missing;
    Encoder encoder(encoding);
    each_character(utf8, [&](char32_t character, std::string_view bytes) {
        if (encoder.has(character)) return;
        if (std::find(missing.begin(), missing.end(), bytes) == missing.end()) missing.emplace_back(bytes);
    });
    return missing;
}

bool round_trips(std::string_view bytes, Encoding encoding) {
    const Decoded decoded = decode(bytes, encoding);
    if (decoded.replaced > 0) return false;
    std::string_view mark;
    for (const std::string_view known : {kByteOrderMark, std::string_view("\xFF\xFE"), std::string_view("\xFE\xFF")}) {
        const bool is_unicode = is_utf8_encoding(encoding) || !is_ascii_compatible(encoding);
        if (is_unicode && bytes.starts_with(known)) mark = known;
    }
    return encode(decoded.utf8, encoding) == bytes.substr(mark.size());
}

}  // namespace html
