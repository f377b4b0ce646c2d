#include "ground/pdf/pdf.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"

namespace pdf {
namespace {

const base::Instant kAt{1'809'000'000'000};
const Words kWords{"業務完了通知書 <第1号>", "ja", "見本システム株式会社", kAt};

std::string text_of(const std::string& bytes) {
    const sys::TemporaryFolder folder;
    const auto file = folder.path() / "x.pdf";
    sys::write_file(file, bytes);
    sys::Command command;
    command.arguments = {"pdftotext", "-layout", file.string(), "-"};
    return sys::run(command).output;
}

/// Everything that must hold is looked at in one print: a browser costs a second.
TEST(Print, MakesATaggedPdfWithFontsPageNumbersAndWordsAndNothingFromOutside) {
    const sys::TemporaryFolder folder;
    const auto secret = folder.path() / "secret.txt";
    sys::write_file(secret, "himitsu");
    std::string html = R"(<!doctype html><html lang="ja"><head><title>x</title></head><body><h1>業務完了通知書</h1>
<p>髙﨑①㈱ 辻󠄀</p><table><thead><tr><th scope="col">日</th><th scope="col">結果</th></tr></thead><tbody>)";
    for (int i = 1; i <= 120; ++i) html += fmt::format("<tr><td>{}行目</td><td>正常</td></tr>", i);
    html += fmt::format(
        R"(</tbody></table><iframe src="file://{}"></iframe><script>document.body.textContent = "script ran"</script>
</body></html>)",
        secret.string());
    const Printed printed = print(html, kWords, {"サンプル市 \"契約\" 第27号 </style>"}, find_engine());
    EXPECT_TRUE(printed.facts.is_tagged);
    EXPECT_GE(printed.facts.pages, 3);
    EXPECT_EQ(printed.facts.title, kWords.title);
    EXPECT_EQ(printed.facts.language, "ja");
    EXPECT_FALSE(printed.facts.fonts.empty());
    EXPECT_TRUE(printed.facts.fonts_not_embedded.empty());
    EXPECT_TRUE(printed.warnings.empty());
    EXPECT_EQ(printed.bytes.find("himitsu"), std::string::npos);
    const std::string text = text_of(printed.bytes);
    EXPECT_NE(text.find("業務完了通知書"), std::string::npos) << text;
    EXPECT_NE(text.find("髙﨑①㈱"), std::string::npos);
    EXPECT_NE(text.find("120行目"), std::string::npos);
    EXPECT_TRUE(text.find(fmt::format("1 / {}", printed.facts.pages)) != std::string::npos ||
                text.find(fmt::format("1/{}", printed.facts.pages)) != std::string::npos)
        << text;
    EXPECT_NE(text.find("サンプル市 \"契約\" 第27号 </style>"), std::string::npos);
    EXPECT_EQ(text.find("himitsu"), std::string::npos);
    EXPECT_EQ(text.find("script ran"), std::string::npos);
    std::size_t heads = 0;
    for (auto at = text.find("結果"); at != std::string::npos; at = text.find("結果", at + 1)) ++heads;
    EXPECT_EQ(heads, static_cast<std::size_t>(printed.facts.pages)) << "the table's head is repeated on each page";
}

TEST(Print, SaysWhatIsMissingWhenTheEngineCannotBeStarted) {
    try {
        print("<p>x</p>", kWords, {}, {EngineKind::Chromium, "/nowhere/chromium", std::chrono::seconds(5)});
        FAIL() << "a PDF without an engine";
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Unavailable);
        EXPECT_NE(error.message().find("chromium"), std::string::npos);
    }
}

TEST(Print, EndsWhenPatienceIsOut) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THROW(print("<p>x</p>", kWords, {}, {EngineKind::Chromium, "/bin/cat", std::chrono::seconds(1)}),
                 base::Error);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Inspect, RefusesWhatIsNoPdf) {
    for (const std::string bytes :
         {"", "hello", "%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>"}) {
        try {
            EXPECT_EQ(inspect(bytes).pages, 0) << bytes;
        } catch (const base::Error& error) {
            EXPECT_EQ(error.kind(), base::Kind::BadInput);
        }
    }
    EXPECT_THROW(inspect("hello"), base::Error);
}

}  // namespace
}  // namespace pdf
