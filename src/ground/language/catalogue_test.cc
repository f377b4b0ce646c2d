#include "ground/language/catalogue.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"

namespace language {
namespace {

Catalogue made(std::string_view po) {
    Catalogue catalogue;
    catalogue.add("en.po", po);
    return catalogue;
}

TEST(Catalogue, ReadsEntriesWithCommentsAndContinuedStrings) {
    const Catalogue catalogue = made(
        "# made by hand\nmsgid \"\"\nmsgstr \"Language: en\\n\"\n\nmsgid \"保存する\"\nmsgstr \"Save\"\n"
        "msgid \"差戻し\"\n\"の理由\"\nmsgstr \"Why it is \"\n\"\\\"returned\\\"\"\n");
    EXPECT_EQ(catalogue.size(), 2u);
    EXPECT_EQ(catalogue.find("保存する"), "Save");
    EXPECT_EQ(catalogue.find("差戻しの理由"), "Why it is \"returned\"");
    EXPECT_FALSE(catalogue.find(""));
}

TEST(Catalogue, RefusesWhatIsNoEntryWithItsLine) {
    for (const std::string_view wrong : {"msgid \"題\"\nmsgstr \"\"\n", "msgstr \"x\"\n", "msgid 題\n", "hello\n",
                                         "msgid \"題\"\nmsgstr \"a\"\n\nmsgid \"題\"\nmsgstr \"b\"\n"}) {
        SCOPED_TRACE(wrong);
        try {
            made(wrong);
            FAIL() << "taken";
        } catch (const base::Error& error) {
            EXPECT_NE(error.message().find("en.po:"), std::string::npos);
        }
    }
}

TEST(Catalogue, TranslatesSentencesByTheirForm) {
    const Catalogue catalogue = made(
        "msgid \"「{}」を{}しました。\"\nmsgstr \"{1}: “{0}”.\"\n\nmsgid \"公開\"\nmsgstr \"Published\"\n\n"
        "msgid \"{}件\"\nmsgstr \"{} items\"\n\nmsgid \"あと{}件\"\nmsgstr \"{} more\"\n");
    EXPECT_EQ(catalogue.translate("「転入届」を公開しました。"), "Published: “転入届”.");
    EXPECT_EQ(catalogue.translate("あと3件"), "3 more") << "the form with more words of its own";
    EXPECT_EQ(catalogue.translate("3件"), "3 items");
    EXPECT_EQ(catalogue.translate("知らない文"), "知らない文");
    EXPECT_EQ(catalogue.translate("plain"), "plain");
}

TEST(Catalogue, SaysADateInsideASentenceAsItIsTold) {
    Catalogue catalogue =
        made("msgid \"期限は{}です。\"\nmsgstr \"Due on {}.\"\n\nmsgid \"{}日\"\nmsgstr \"{} days\"\n");
    catalogue.say_dates([](std::string_view text) {
        return text == "令和8年11月9日" ? std::optional<std::string>("9 November 2026") : std::nullopt;
    });
    EXPECT_EQ(catalogue.translate("期限は令和8年11月9日です。"), "Due on 9 November 2026.");
    EXPECT_EQ(catalogue.translate("令和8年11月9日"), "9 November 2026");
    EXPECT_EQ(catalogue.translate("令和8年11月9日の会議"), "令和8年11月9日の会議");
}

TEST(Catalogue, ReadsWhatWasRecordedAsSentencesOneAfterAnotherAndInsideEachOther) {
    const Catalogue catalogue = made(
        "msgid \"ディスク\"\nmsgstr \"Disk\"\n\nmsgid \"空きは{}です。\"\nmsgstr \"{} are free.\"\n\n"
        "msgid \"あと{}で一杯になります。\"\nmsgstr \"Full in {}.\"\n\nmsgid \"{}日\"\nmsgstr \"{} days\"\n\n"
        "msgid \"隔離しました：\"\nmsgstr \"Quarantined: \"\n\nmsgid \"（{}）\"\nmsgstr \"({})\"\n\n"
        "msgid \"{}は{}。\"\nmsgstr \"{} is {}.\"\n\n"
        "msgid \"{}を直せません。{}\"\nmsgstr \"{} cannot be mended. {}\"\n\nmsgid \"黒\"\nmsgstr \"black\"\n\n"
        "msgid \"白\"\nmsgstr \"white\"\n");
    EXPECT_EQ(catalogue.translate("空きは5 GBです。あと3日で一杯になります。"), "5 GB are free. Full in 3 days.");
    EXPECT_EQ(catalogue.translate("ディスク：空きは5 GBです。"), "Disk: 5 GB are free.");
    EXPECT_EQ(catalogue.translate("/aを直せません。空きは0です。"), "/a cannot be mended. 0 are free.");
    EXPECT_EQ(catalogue.translate("あと朝日で一杯になります。"), "Full in 朝日.") << "a name that ends like a figure";
    EXPECT_EQ(catalogue.translate("黒、白"), "black, white");
    EXPECT_EQ(catalogue.translate("隔離しました：空きは0です。（3日）"), "Quarantined: 0 are free. (3 days)");
    EXPECT_EQ(catalogue.translate("川は清い。"), "川は清い。") << "what fits everything says nothing";
    EXPECT_EQ(catalogue.translate("知らない文：空きは0です。"), "知らない文: 0 are free.");
    EXPECT_EQ(catalogue.translate("ごみ（燃える、燃えない）：月曜。"), "ごみ（燃える、燃えない）：月曜。")
        << "what is not ours keeps its marks";
    const std::string nobodys(100'000, ':');
    EXPECT_EQ(catalogue.translate("空きは" + nobodys + "です。"), nobodys + " are free.");
}

TEST(Catalogue, ReadsNoTextForLong) {
    const Catalogue catalogue = made("msgid \"異常\"\nmsgstr \"fault\"\n\nmsgid \"（1）\"\nmsgstr \"(1)\"\n");
    std::string titles, brackets;
    for (int i = 0; i < 30; ++i) titles += "異常：", brackets += "（1）";
    const std::string text = titles + "字" + brackets;  // 10^17 ways to begin
    EXPECT_TRUE(has_japanese(catalogue.translate(text)));
}

TEST(Catalogue, NamesTranslationsThatLoseAValue) {
    EXPECT_EQ(made("msgid \"{}から{}\"\nmsgstr \"since {}\"\n").list_mistakes().size(), 1u);
    EXPECT_EQ(made("msgid \"{{ a.b }}さん\"\nmsgstr \"Mr {{ a.c }}\"\n").list_mistakes().size(), 1u);
    EXPECT_EQ(made("msgid \"{{ a.b }}さんの{{ c }}\"\nmsgstr \"{{ c }} of {{a.b}}\"\n").list_mistakes().size(), 0u);
}

std::vector<std::string> messages_of(std::string_view source) {
    std::vector<std::string> all;
    const std::string same = translate_template(source, [&](const std::string& message) {
        all.push_back(message);
        return std::optional<std::string>();
    });
    EXPECT_EQ(same, source);
    return all;
}

TEST(TemplateText, FindsRunsOfTextWithTheirValues) {
    const std::vector<std::string> expected{
        "{{ name }}さんの\"仕事\"", "件", "名前 {{ n | default(\"なし\") }}", "はい", "ラベル", "終わり"};
    EXPECT_EQ(messages_of("<!-- 注 --><h1 class=\"a\">\n  {{ name }}さんの\"仕事\"\n</h1>{# 注 #}plain <b>3</b>件"
                          "<p title='名前\n  {{ n | default(\"なし\") }}{% if x %}はい{% endif %}'>x</p>"
                          "{% include \"a.html\" with label=\"ラベル\" %} < 終わり")
                  .size(),
              expected.size());
    EXPECT_EQ(messages_of("<h1>\n  {{ name }}さんの\n   仕事\n</h1>"),
              std::vector<std::string>{"{{ name }}さんの 仕事"});
    EXPECT_EQ(messages_of("<a aria-label=\"閉じる\" href=\"/\">x</a>"), std::vector<std::string>{"閉じる"});
    EXPECT_EQ(messages_of("{% include \"a.html\" with label=\"ラベル\" %}"), std::vector<std::string>{"ラベル"});
}

TEST(TemplateText, ReplacesTheMessageAndNothingElse) {
    EXPECT_EQ(translate_template("<p>\n  保存する\n</p><img alt=\"図\"{% if a %} title=\"図\"{% endif %}>",
                                 [](const std::string& message) -> std::optional<std::string> {
                                     if (message == "保存する") return "Save";
                                     return "Figure";
                                 }),
              "<p>\n  Save\n</p><img alt=\"Figure\"{% if a %} title=\"Figure\"{% endif %}>");
}

TEST(TemplateText, BearsTornSources) {
    for (const std::string_view torn :
         {"<p title=\"あ", "{% if \"あ", "{{ あ", "<!-- あ", "<あ", "あ<", "{# あ", "<p {{ あ"}) {
        SCOPED_TRACE(torn);
        messages_of(torn);
    }
}

}  // namespace
}  // namespace language
