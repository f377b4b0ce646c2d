// What changed between two pieces of a page, for people to read: the text block by block, with what was added and what
// went marked inside the block. Pictures and link targets are told in words, because a changed address matters as much
// as a changed word. Markup that no reader sees is not compared; `means_the_same` (splice.h) does that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace html {

struct Piece {
    enum class What { Same, Added, Removed } what = What::Same;
    std::string text;
    bool operator==(const Piece&) const = default;
};

struct BlockChange {
    enum class What { Same, Changed, Added, Removed } what = What::Same;
    std::string label;  ///< "見出し2", "表", "箇条書き"; "" for running text
    std::vector<Piece> pieces;
};

/// In reading order; a removed block stands before what came in its place. Bounded in time: where two texts have too
/// little in common to be worth the work, the old and the new stand one after the other.
std::vector<BlockChange> compare_blocks(std::string_view before_utf8, std::string_view after_utf8,
                                        std::string_view context = "div");
/// The same for two plain texts: a title, a description.
std::vector<Piece> compare_text(std::string_view before_utf8, std::string_view after_utf8);

}  // namespace html
