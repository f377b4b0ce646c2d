#include "ground/words/fold.h"

#include <algorithm>
#include <set>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace words {

namespace {

constexpr char32_t kLong = U'ー';
constexpr std::string_view kBoundary = "␞";  // ends a text; no fold makes it

// Written with the left one, found with either.
constexpr std::pair<char32_t, char32_t> kVariants[] = {
    {U'高', U'髙'}, {U'崎', U'﨑'}, {U'辺', U'邊'}, {U'辺', U'邉'}, {U'斎', U'齋'}, {U'斎', U'齊'}, {U'斎', U'斉'},
    {U'浜', U'濱'}, {U'浜', U'濵'}, {U'徳', U'德'}, {U'沢', U'澤'}, {U'広', U'廣'}, {U'国', U'國'}, {U'学', U'學'},
    {U'島', U'嶋'}, {U'島', U'嶌'}, {U'桜', U'櫻'}, {U'恵', U'惠'}, {U'渕', U'淵'}, {U'竜', U'龍'}, {U'滝', U'瀧'},
    {U'吉', U'𠮷'}, {U'真', U'眞'}, {U'瀬', U'瀨'}, {U'実', U'實'}, {U'県', U'縣'}, {U'会', U'會'}, {U'桧', U'檜'},
    {U'富', U'冨'}, {U'館', U'舘'}, {U'桑', U'桒'}, {U'仏', U'佛'}, {U'蔵', U'藏'}, {U'豊', U'豐'}};
constexpr std::u32string_view kDigits = U"〇一二三四五六七八九";
// Small kana and the large ones.
constexpr std::u32string_view kSmall = U"ァィゥェォッャュョヮヵヶ", kLarge = U"アイウエオツヤユヨワカケ";

bool is_blank(char32_t c) {
    return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0;
}

bool is_katakana(char32_t c) {
    return c >= U'ァ' && c <= U'ヺ';
}

char32_t folded(char32_t c) {
    if (c < 0x80) return c;
    if (c >= U'ぁ' && c <= U'ゖ') c += U'ァ' - U'ぁ';
    if (const auto at = kSmall.find(c); at != kSmall.npos) return kLarge[at];
    if ((c >= U'\u2010' && c <= U'\u2015') || c == U'\u2212') return U'-';
    if (c == U'〜') return U'~';
    if (const auto at = kDigits.find(c); at != kDigits.npos) return U'0' + static_cast<char32_t>(at);
    for (const auto& [one, variant] : kVariants)
        if (c == variant) return one;
    return c;
}

std::u32string code_points(std::string_view utf8) {
    const icu::UnicodeString text =
        icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
    std::u32string points;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
        points += static_cast<char32_t>(text.char32At(i));
    return points;
}

const icu::Normalizer2& normaliser() {
    UErrorCode problem = U_ZERO_ERROR;
    const icu::Normalizer2* found = icu::Normalizer2::getNFKCCasefoldInstance(problem);
    if (U_FAILURE(problem)) throw base::Error(base::Kind::Unavailable, "ICU lacks its tables; install libicu72 again");
    return *found;
}

/// The characters of folded text as the index has them.
std::vector<std::string> letters(std::string_view folded_text) {
    std::vector<std::string> all;
    for (char32_t c : code_points(folded_text)) {
        if (c > U' ' && c < 0x7F) c += U'！' - U'!';
        base::append_utf8(all.emplace_back(), c);
    }
    return all;
}

void append_token(std::string& entry, std::string_view a, std::string_view b = {}) {
    entry += a;
    entry += b;
    entry += ' ';
}

}  // namespace

std::string fold(std::string_view text) {
    UErrorCode problem = U_ZERO_ERROR;
    const icu::UnicodeString normal = normaliser().normalize(
        icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size()))), problem);
    if (U_FAILURE(problem)) throw base::Error(base::Kind::BadInput, "the text cannot be brought to its normal form");
    std::u32string kept;
    for (int32_t i = 0; i < normal.length(); i = normal.moveIndex32(i, 1)) {
        const char32_t c = folded(static_cast<char32_t>(normal.char32At(i)));
        if (c > U' ' && c != 0x7F && c != U'・' && c != U'·' && c != U'␞' && !is_blank(c)) kept += c;
    }
    std::string out;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (kept[i] == kLong && i > 0 && (is_katakana(kept[i - 1]) || kept[i - 1] == kLong)) {
            const std::size_t next = std::min(kept.find_first_not_of(kLong, i), kept.size());
            if (next == kept.size() || !is_katakana(kept[next])) {
                i = next - 1;
                continue;
            }
        }
        base::append_utf8(out, kept[i]);
    }
    return out;
}

std::vector<std::string> fold_query(std::string_view text, std::size_t most) {
    std::vector<std::string> found;
    std::string word;
    const auto take = [&] {
        if (std::string one = fold(word); !one.empty() && found.size() < most) found.push_back(std::move(one));
        word.clear();
    };
    for (const char32_t c : code_points(text)) is_blank(c) ? take() : base::append_utf8(word, c);
    take();
    return found;
}

std::string index_entry(std::span<const std::string_view> texts) {
    std::string entry = " ";
    std::set<std::string> once;
    for (const std::string_view text : texts) {
        const std::vector<std::string> all = letters(fold(text));
        for (std::size_t i = 0; i + 1 < all.size(); ++i) append_token(entry, all[i], all[i + 1]);
        append_token(entry, kBoundary);
        once.insert(all.begin(), all.end());
    }
    for (const std::string& letter : once) append_token(entry, letter);
    return entry;
}

std::string phrase(std::string_view word) {
    const std::vector<std::string> all = letters(word);
    std::string tokens = " ";
    for (std::size_t i = 0; i + 1 < all.size(); ++i) append_token(tokens, all[i], all[i + 1]);
    if (all.size() == 1) append_token(tokens, all[0]);
    return tokens;
}

}  // namespace words
