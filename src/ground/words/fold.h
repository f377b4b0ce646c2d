// What people type and what is written, in one form: サーバー and ｻｰﾊﾞ, ゴミ and ごみ, １丁目 and 一丁目 are the same
// words. And the form in which a database's index finds any part of a text, however short: pairs of neighbouring
// characters ("住民 民票"), since Japanese is written without blanks. Recall depends on this room, not on the engine;
// the rules are those that were measured best on municipal pages. Leaves out readings (じゅうみんひょう for 住民票) and
// synonyms.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace words {

/// Compatibility forms, case, hiragana and katakana, small and large kana, dashes, long vowels at the end of a word,
/// the usual variants of Chinese characters and its digits made one; blanks and middle dots left out. Ill-formed bytes
/// count as U+FFFD. Only the long vowel looks at what follows it, so that a part of a text folds to a part of the
/// folded text, but for a "ー" at its end.
std::string fold(std::string_view text);

/// `text` between blanks of any width, folded; what folds to nothing is left out. At most `most` words.
std::vector<std::string> fold_query(std::string_view text, std::size_t most = 8);

/// The tokens of an index entry, each between blanks (" 住民 民票 ␞ 住 民 票 "): the pairs of each text in order, a
/// mark after each text, and every character once. Punctuation and Latin letters are full-width, so that a tokeniser
/// that only knows ASCII takes every token whole.
std::string index_entry(std::span<const std::string_view> texts);

/// The tokens that stand next to each other in every entry with the word (one of fold_query), each between blanks.
std::string phrase(std::string_view word);

}  // namespace words
