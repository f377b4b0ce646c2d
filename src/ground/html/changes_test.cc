#include "ground/html/changes.h"

#include <gtest/gtest.h>

namespace html {
namespace {

/// "=same ~[same|-removed|+added] +added -removed", one block a line.
std::string shown(std::string_view before, std::string_view after) {
    std::string text;
    for (const BlockChange& change : compare_blocks(before, after)) {
        static constexpr char kMarks[] = {'=', '~', '+', '-'};
        text += kMarks[static_cast<int>(change.what)];
        if (!change.label.empty()) text += "(" + change.label + ")";
        for (const Piece& piece : change.pieces)
            text += piece.what == Piece::What::Same
                        ? piece.text
                        : (piece.what == Piece::What::Added ? "{+" : "{-") + piece.text + "}";
        text += "\n";
    }
    return text;
}

TEST(CompareBlocks, MarksTheWordsThatChangedInsideABlock) {
    EXPECT_EQ(shown("<p>受付時間は17時までです。</p><p>同じ</p>", "<p>受付時間は17時15分までです。</p><p>同じ</p>"),
              "~受付時間は17時{+15分}までです。\n=同じ\n");
}

TEST(CompareBlocks, TellsNewAndRemovedBlocksApart) {
    EXPECT_EQ(shown("<h2>手数料</h2><p>無料です</p><ul><li>印鑑</li></ul>",
                    "<h2>手数料</h2><ul><li>印鑑</li><li>委任状</li></ul><p>電話でどうぞ</p>"),
              "=(見出し2)手数料\n-{-無料です}\n=(箇条書き)印鑑\n+(箇条書き){+委任状}\n+{+電話でどうぞ}\n");
}

TEST(CompareBlocks, ShowsLinksPicturesAndRowsInWords) {
    EXPECT_EQ(shown("<p><a href='/a'>案内</a><img src='x.png' alt='地図'></p>",
                    "<p><a href='/b'>案内</a><img src='x.png'></p>"),
              "~案内［リンク先 /{-a}{+b}］［画像 x.png：{-地図}{+説明なし}］\n");
    EXPECT_EQ(shown("<table><tr><th>窓口<td><p>8時</p><p>9時</p></table>",
                    "<table><tr><th>窓口<td><p>8時</p><p>10時</p></table>"),
              "~(表)窓口 ｜ 8時 {-9}{+10}時\n");
}

TEST(CompareBlocks, LooksPastMarkupThatNobodySees) {
    EXPECT_EQ(shown("<div><p class=a>あ  い</p></div><script>x</script>", "<p>あ\nい</p>"), "=あ い\n");
    EXPECT_EQ(shown("", ""), "");
    EXPECT_EQ(shown("", "あ"), "+{+あ}\n");
}

TEST(CompareBlocks, IsBoundedForTextsWithoutAnythingInCommon) {
    std::string before, after;
    for (int i = 0; i < 5000; ++i) {
        before += "<p>a" + std::to_string(i) + "</p>";
        after += "<p>い" + std::to_string(i) + "</p>";
    }
    const auto changes = compare_blocks(before, after);
    EXPECT_EQ(changes.size(), 10000U);
}

TEST(CompareText, DoesNotLeaveCrumbsBetweenTheChanges) {
    const std::vector<Piece> expected{{Piece::What::Same, "転入届の手続き"},
                                      {Piece::What::Removed, "｜八雲野市"},
                                      {Piece::What::Added, "（市外から）"}};
    EXPECT_EQ(compare_text("転入届の手続き｜八雲野市", "転入届の手続き（市外から）"), expected);
}

TEST(CompareText, PutsBothTextsBackTogether) {
    const std::string a = "令和8年度の住民税 (FAQ) について", b = "令和9年度の市民税 (FAQ2) のお知らせ";
    std::string before, after;
    for (const Piece& piece : compare_text(a, b)) {
        if (piece.what != Piece::What::Added) before += piece.text;
        if (piece.what != Piece::What::Removed) after += piece.text;
    }
    EXPECT_EQ(before, a);
    EXPECT_EQ(after, b);
}

}  // namespace
}  // namespace html
