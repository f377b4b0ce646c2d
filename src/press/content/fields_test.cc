#include "press/content/fields.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"

namespace content {
namespace {

constexpr std::string_view kPart = R"({# fields
[{"name":"phone","kind":"text","label":"電話","required":true,"value":"0570-00-0000"},
 {"name":"banners","kind":"items","label":"バナー","most":2,"of":[{"name":"image","kind":"image","label":"画像"},{"name":"url","kind":"link","label":"リンク先"}],"value":[{"image":"/a.png","url":"/a/"}]},
 {"name":"shown","kind":"switch","label":"出す","value":true}]
#}
<p>{{ settings.footer.phone }}</p>
)";
constexpr std::string_view kStyle = R"(/* fields
[{"name":"key","kind":"colour","label":"主な色","against":["#ffffff","key-tint"]},
 {"name":"key-tint","kind":"colour","label":"薄い色"}]
*/
:root { --key: #004c59; --key-tint: #e9f7f9; }
a { color: var(--key); }
)";

std::string refusal_of(TemplateKind kind, std::string_view source) {
    try {
        parse_fields(kind, source);
    } catch (const base::Error& error) {
        return error.message();
    }
    return {};
}

TEST(Fields, AreReadWithTheirValues) {
    const auto fields = parse_fields(TemplateKind::Part, kPart);
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fields[0].value, "0570-00-0000");
    EXPECT_TRUE(fields[0].is_required);
    ASSERT_EQ(fields[1].rows.size(), 1U);
    EXPECT_EQ(fields[1].rows[0], (std::vector<std::string>{"/a.png", "/a/"}));
    EXPECT_EQ(fields[2].value, "1");
    EXPECT_TRUE(parse_fields(TemplateKind::Part, "<p>本文</p>").empty());
    EXPECT_TRUE(parse_fields(TemplateKind::Menu, "[]").empty());
}

TEST(Fields, GoBackIntoTheSourceAndLeaveTheRestAlone) {
    auto fields = parse_fields(TemplateKind::Part, kPart);
    EXPECT_EQ(with_fields(TemplateKind::Part, kPart, fields), kPart) << "nothing changed: the same bytes";
    fields[0].value = "終わり #} {{ x }} \"引用\"";
    fields[1].rows.push_back({"/b.png", "https://example.jp/"});
    fields[2].value = "";
    const std::string source = with_fields(TemplateKind::Part, kPart, fields);
    EXPECT_TRUE(source.ends_with("#}\n<p>{{ settings.footer.phone }}</p>\n"));
    const auto again = parse_fields(TemplateKind::Part, source);
    EXPECT_EQ(again[0].value, fields[0].value);
    EXPECT_EQ(again[1].rows, fields[1].rows);
    EXPECT_EQ(again[2].value, "");
    EXPECT_EQ(with_fields(TemplateKind::Part, source, again), source);
}

TEST(Fields, OfAStyleSheetAreItsCustomProperties) {
    auto fields = parse_fields(TemplateKind::Style, kStyle);
    ASSERT_EQ(fields.size(), 2U);
    EXPECT_EQ(fields[0].value, "#004c59");
    EXPECT_EQ(fields[1].value, "#e9f7f9") << "--key-tint is not --key";
    fields[0].value = "#660000";
    const std::string css = with_fields(TemplateKind::Style, kStyle, fields);
    EXPECT_NE(css.find("--key: #660000; --key-tint: #e9f7f9;"), std::string::npos) << css;
    EXPECT_TRUE(without_fields(TemplateKind::Style, css).starts_with(":root"));
}

TEST(Fields, RefuseAColourThatCannotBeReadBesideAnother) {
    auto fields = parse_fields(TemplateKind::Style, kStyle);
    EXPECT_TRUE(check_fields(fields).empty());
    fields[0].value = "#8fb8c0";
    const auto problems = check_fields(fields);
    ASSERT_EQ(problems.size(), 2U) << "on white, and on the tint";
    EXPECT_NE(problems[0].message.find("4.5:1"), std::string::npos);
    fields[0].value = "teal";
    EXPECT_EQ(check_fields(fields).size(), 1U);
}

TEST(Fields, AreCheckedByTheirKind) {
    auto fields = parse_fields(TemplateKind::Part, kPart);
    fields[0].value = "";
    fields[1].rows = {{"/a.png", "javascript:alert(1)"}, {"//evil.example/a.png", "/"}, {"", ""}};
    const auto problems = check_fields(fields);
    ASSERT_EQ(problems.size(), 4U);
    EXPECT_EQ(problems[0].name, "phone");
    EXPECT_EQ(problems[1].message, "「バナー」は2個までです。");
    EXPECT_EQ(problems[2].sub_name, "url");
    EXPECT_EQ(problems[3].row, 1U);
    EXPECT_EQ(problems[3].sub_name, "image");
}

TEST(Fields, OfAPageTypeAreItsBodyAndWhatItNames) {
    EXPECT_EQ(page_parts(""), (std::vector<std::string>{"body"}));
    EXPECT_EQ(page_parts("{{ fields.who }}{% if fields.fee_2 %}{{ fields.fee_2 }}{% endif %}{{ fields.}}fields."),
              (std::vector<std::string>{"body", "who", "fee_2"}));
}

TEST(Fields, SayWhatIsWrongWithADeclaration) {
    EXPECT_NE(refusal_of(TemplateKind::Part, "{# fields\n[{\n#}").find("行目"), std::string::npos);
    for (const char* list :
         {"{}", "[1]", R"([{"name":"a"}])", R"([{"name":"A B","kind":"text","label":"x"}])",
          R"([{"name":"a","kind":"thing","label":"x"}])", R"([{"name":"a","kind":"colour","label":"x"}])",
          R"([{"name":"a","kind":"text","label":"x"},{"name":"a","kind":"text","label":"y"}])",
          R"([{"name":"a","kind":"items","label":"x"}])",
          R"([{"name":"a","kind":"items","label":"x","of":[{"name":"b","kind":"items","label":"y","of":[]}]}])"})
        EXPECT_NE(refusal_of(TemplateKind::Part, std::string("{# fields ") + list + " #}"), "") << list;
    EXPECT_NE(
        refusal_of(TemplateKind::Style, "/* fields [{\"name\":\"key\",\"kind\":\"colour\",\"label\":\"x\"}] */ a{}"),
        "")
        << "there is no such property";
}

}  // namespace
}  // namespace content
