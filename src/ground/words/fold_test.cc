#include "ground/words/fold.h"

#include <gtest/gtest.h>

namespace words {
namespace {

bool finds(std::string_view query, std::string_view text) {
    const std::string_view texts[] = {text};
    const std::string entry = index_entry(texts);
    const std::vector<std::string> all = fold_query(query);
    const std::string whole = fold(text);
    return std::all_of(all.begin(), all.end(), [&](const std::string& word) {
        const bool is_found = entry.find(phrase(word)) != std::string::npos;
        EXPECT_EQ(is_found, whole.find(word) != std::string::npos) << word << " in " << whole;
        return is_found;
    });
}

TEST(Fold, MakesTheFormsThatPeopleTypeOne) {
    constexpr std::pair<std::string_view, std::string_view> kSame[] = {{"ごみ", "ゴミ"},
                                                                       {"ｻｰﾊﾞ", "サーバー"},
                                                                       {"ＰＤＦ", "pdf"},
                                                                       {"１丁目", "一丁目"},
                                                                       {"髙橋", "高橋"},
                                                                       {"霞ヶ関", "霞ケ関"},
                                                                       {"受付〜終了", "受付～終了"},
                                                                       {"㈱みほん", "(株)みほん"},
                                                                       {"ごみ・資源", "ごみ資源"},
                                                                       {"ウェブサイト", "うえぶさいと"},
                                                                       {"令和 9 年", "令和9年"},
                                                                       {"が", "か\u3099"},
                                                                       {"A−B", "a-b"},
                                                                       {"𠮷野", "吉野"},
                                                                       {"斎藤", "斉藤"}};
    for (const auto& [one, other] : kSame) EXPECT_EQ(fold(one), fold(other)) << one;
    constexpr std::pair<std::string_view, std::string_view> kDifferent[] = {
        {"ビール", "ビル"}, {"税", "説"}, {"はは", "ばば"}, {"a.b", "ab"}};
    for (const auto& [one, other] : kDifferent) EXPECT_NE(fold(one), fold(other)) << one;
}

TEST(Fold, TakesIllFormedBytesAndNothing) {
    EXPECT_EQ(fold(""), "");
    EXPECT_EQ(fold(" \t・　"), "");
    EXPECT_EQ(fold("a\xFF"), fold("a\uFFFD"));
    EXPECT_EQ(fold("␞"), "") << "the mark between two texts is nobody's word";
}

TEST(IndexEntry, FindsEveryPartOfATextAndNothingElse) {
    const std::string_view title = "コミュニティーバスの時刻表（ＰＤＦ）";
    for (const std::string_view part :
         {"コ", "コミュ", "ニティーバス", "バスの", "時刻表", "表（P", "pdf）", "）", "ー", "バス 時刻"})
        EXPECT_TRUE(finds(part, title)) << part;
    for (const std::string_view other : {"バス時刻", "表の", "df表", "鉄道", "バス 鉄道", "ココ"})
        EXPECT_FALSE(finds(other, title)) << other;
    EXPECT_TRUE(finds("サーバー", "サーバ室")) << "a long vowel at the end of a word may be left out";
    EXPECT_TRUE(finds("サーバ", "サーバー室"));
}

TEST(IndexEntry, FindsNothingAcrossTwoTexts) {
    const std::string_view texts[] = {"住民", "票"};
    const std::string entry = index_entry(texts);
    EXPECT_NE(entry.find(phrase("住民")), std::string::npos);
    EXPECT_NE(entry.find(phrase("票")), std::string::npos);
    EXPECT_EQ(entry.find(phrase("住民票")), std::string::npos);
    EXPECT_EQ(entry.find(phrase("民票")), std::string::npos);
}

TEST(IndexEntry, HasNoTokenThatAnAsciiTokeniserWouldCut) {
    const std::string_view texts[] = {"s01/p-0_0.html \"*\"(NEAR)^+:"};
    for (const char c : index_entry(texts)) EXPECT_TRUE(c == ' ' || static_cast<unsigned char>(c) >= 0x80) << c;
}

TEST(FoldQuery, TakesWordsApartAtBlanksOfAnyWidthAndNotTooMany) {
    EXPECT_EQ(fold_query("　住民票  写し\tＡ "), (std::vector<std::string>{"住民票", fold("写し"), "a"}));
    EXPECT_TRUE(fold_query(" ・ ").empty());
    EXPECT_EQ(fold_query("a b c d", 3).size(), 3U);
}

}  // namespace
}  // namespace words
