#include <gtest/gtest.h>

#include "ground/template/filter.h"
#include "ground/template/template.h"

namespace tmpl {
namespace {

std::string shown(const std::string& expression, Value value) {
    const auto result = render(parse("page", "{{ x | " + expression + " }}"), Map{{"x", std::move(value)}});
    return result.html + (result.warnings.empty() ? "" : "!" + result.warnings[0].id);
}

TEST(DateFilter, WritesDaysAndTimesInJapaneseTime) {
    EXPECT_EQ(shown("date", "2026-11-03"), "2026年11月3日");
    EXPECT_EQ(shown("date(\"E n月j日（D）\")", base::Day{2019, 5, 1}), "令和元年 5月1日（水）");
    EXPECT_EQ(shown("date(\"Y-m-d H:i:s\")", base::Instant{1'793'599'200'000}), "2026-11-02 15:00:00");
    EXPECT_EQ(shown("date(\"E\\E G時\")", "2026-11-03 08:05"), "令和8年E 8時");
    EXPECT_EQ(shown("date", "tomorrow"), "tomorrow!filter-complaint");
    EXPECT_EQ(shown("date", Value()), "");
}

TEST(FilesizeFilter, RoundsToOneDecimal) {
    const std::pair<std::int64_t, const char*> kCases[] = {{0, "0B"},
                                                           {1023, "1023B"},
                                                           {1024, "1KB"},
                                                           {1535, "1KB"},
                                                           {1536, "2KB"},
                                                           {1'048'575, "1.0MB"},
                                                           {1'258'291, "1.2MB"},
                                                           {1'073'741'824, "1.0GB"},
                                                           {INT64_MAX, "8589934592.0GB"}};
    for (const auto& [bytes, text] : kCases) EXPECT_EQ(shown("filesize", bytes), text);
    EXPECT_EQ(shown("filesize(\"ja\")", 1'258'291), "1.2メガバイト");
    EXPECT_EQ(shown("filesize(\"ja\")", 4096), "4キロバイト");
    EXPECT_EQ(shown("filesize", "big"), "big!filter-complaint");
}

TEST(TextFilters, CountCharacters) {
    EXPECT_EQ(shown("truncate(3)", "役場からのお知らせ"), "役場か…");
    EXPECT_EQ(shown("truncate(9)", "役場からのお知らせ"), "役場からのお知らせ");
    EXPECT_EQ(shown("truncate(3)", SafeHtml("<b>a&lt;b</b>c")), "a&lt;b…");
    EXPECT_EQ(shown("truncate('x')", "a"), "a!filter-complaint");
    EXPECT_EQ(shown("length", "役場"), "2");
    EXPECT_EQ(shown("length", List{1, 2, 3}), "3");
    EXPECT_EQ(shown("length", Value()), "0");
    EXPECT_EQ(shown("first", "役場"), "役");
    EXPECT_EQ(shown("first", List{"<", 2}), "&lt;");
    EXPECT_EQ(shown("first", List{}), "");
    EXPECT_EQ(shown("join(\"、\")", List{"a", 2, SafeHtml("<i>c</i>")}), "a、2、c");
    EXPECT_EQ(shown("join", List{"a", List{}}), "a!filter-complaint");
    EXPECT_EQ(shown("nl2br", "a<\r\nb\n"), "a&lt;<br>\nb<br>\n");
    EXPECT_EQ(shown("urlencode", "a b/ごみ&"), "a%20b%2F%E3%81%94%E3%81%BF%26");
    EXPECT_EQ(shown("default(\"-\")", ""), "-");
    EXPECT_EQ(shown("default(\"-\")", 0), "0");
    EXPECT_EQ(shown("default(x.y)", "a"), "a");
}

TEST(NumberFilter, GroupsDigits) {
    const std::pair<std::int64_t, const char*> kCases[] = {
        {0, "0"}, {999, "999"}, {1000, "1,000"}, {-1234567, "-1,234,567"}, {INT64_MIN, "-9,223,372,036,854,775,808"}};
    for (const auto& [number, text] : kCases) EXPECT_EQ(shown("number", number), text);
    EXPECT_EQ(shown("number", "12345"), "12,345");
    EXPECT_EQ(shown("number", "1.5"), "1.5!filter-complaint");
}

TEST(TelFilter, LinksWhatCanBeDialled) {
    EXPECT_EQ(shown("tel", "03-1234-5678"), "<a href=\"tel:0312345678\">03-1234-5678</a>");
    EXPECT_EQ(shown("tel", "０３（１２３４）５６７８"), "<a href=\"tel:0312345678\">０３（１２３４）５６７８</a>");
    EXPECT_EQ(shown("tel", "(03)1234-5678（内線12）"), "(<a href=\"tel:0312345678\">03)1234-5678</a>（内線12）");
    EXPECT_EQ(shown("tel", "03-1111-2222、03-3333-4444"),
              "<a href=\"tel:0311112222\">03-1111-2222</a>、<a href=\"tel:0333334444\">03-3333-4444</a>");
    EXPECT_EQ(shown("tel", "+81-3-1234-5678"), "<a href=\"tel:+81312345678\">+81-3-1234-5678</a>");
    EXPECT_EQ(shown("tel", "119"), "<a href=\"tel:119\">119</a>");
    EXPECT_EQ(shown("tel", "<なし>"), "&lt;なし&gt;!filter-complaint");
}

TEST(Filters, LetNullThroughUnlessTheySayOtherwise) {
    for (const Filter& filter : all_filters()) {
        SCOPED_TRACE(filter.name);
        EXPECT_EQ(find_filter(filter.name), &filter);
        std::string call(filter.name);
        if (filter.min_arguments > 0) call += "(\"-\")";
        const auto html = shown(call, Value());
        EXPECT_EQ(html.empty(), !filter.takes_null) << html;
    }
}

}  // namespace
}  // namespace tmpl
