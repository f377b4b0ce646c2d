#include <mutex>

#include <fmt/format.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/pdf/inner/browser.h"
#include "ground/pdf/inner/finish.h"
#include "ground/sys/process.h"

namespace pdf {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

/// Inside "" of CSS.
std::string css_text(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\' || c == '<' || byte < 0x20)
            escaped += fmt::format("\\{:x} ", static_cast<unsigned>(byte));
        else
            escaped += c;
    }
    return escaped;
}

/// The document with its page rules: paper, margins, what stands in the foot. The last style sheet wins, so a
/// template's own rules for the rest stay.
std::string with_page_rules(std::string_view html, const Page& page) {
    const std::string rules = fmt::format(
        "<style>@page {{ size: A4{}; margin: 18mm 16mm 20mm; "
        "@bottom-left {{ content: \"{}\"; font: 8pt \"BIZ UDPGothic\", \"Noto Sans CJK JP\", sans-serif; color: #333 "
        "}} "
        "@bottom-right {{ content: counter(page) \" / \" counter(pages); font: 8pt \"BIZ UDPGothic\", \"Noto Sans CJK "
        "JP\", sans-serif; color: #333 }} }}</style>",
        page.is_landscape ? " landscape" : "", css_text(page.foot));
    std::string whole(html);
    const auto head = whole.find("</head>");
    whole.insert(head == std::string::npos ? 0 : head, rules);
    return whole;
}

/// The browser itself before Debian's script that starts it: the script reads /proc/cpuinfo, which units hide.
constexpr std::string_view kBrowsers[] = {"/usr/lib/chromium/chromium", "/usr/bin/chromium",
                                          "/usr/bin/chromium-browser", "/usr/bin/google-chrome"};
constexpr std::string_view kWeasyPrintProgram = "/usr/bin/weasyprint";

bool is_there(std::string_view program) {
    return ::access(std::string(program).c_str(), X_OK) == 0;
}

/// Only what stands in the document itself is fetched: by its own command line it would also read files.
constexpr std::string_view kWeasyPrint = R"(
import sys, weasyprint
def fetch(url, *rest, **more):
    if not url.startswith("data:"):
        raise ValueError("only data: addresses are fetched")
    return weasyprint.default_url_fetcher(url, *rest, **more)
weasyprint.HTML(string=sys.stdin.read(), url_fetcher=fetch).write_pdf(sys.argv[1])
)";

std::string by_weasyprint(const std::string& html, std::chrono::seconds patience) {
    const sys::TemporaryFolder folder;
    const fs::path out = folder.path() / "document.pdf";
    sys::Command command;
    command.arguments = {"python3", "-I", "-c", std::string(kWeasyPrint), out.string()};
    command.environment = {{"PYTHONUTF8", "1"}};
    command.input = html;
    command.patience = patience;
    command.dies_with_us = true;
    const sys::Outcome outcome = sys::run(command);
    const auto bytes = sys::find_file(out, kLargestPdf);
    if (outcome.exit_code != 0 || !bytes) {
        Error error(Kind::Unavailable,
                    "PDFを作れませんでした（weasyprint）。もう一度行っても続くときは、運用担当者に連絡してください。");
        error.add_trail(outcome.errors.substr(0, 600));
        throw error;
    }
    return *bytes;
}

}  // namespace

Engine find_engine() {
    for (const std::string_view program : kBrowsers)
        if (is_there(program)) return {EngineKind::Chromium, std::string(program)};
    if (is_there(kWeasyPrintProgram)) return {EngineKind::WeasyPrint, std::string(kWeasyPrintProgram)};
    throw Error(
        Kind::Unavailable,
        "PDFを作るプログラムがありません。サーバに chromium と fonts-noto-cjk（または weasyprint）を入れてください。");
}

Printed print(std::string_view html, const Words& words, const Page& page, const Engine& engine) {
    if (html.size() > kLargestHtml)
        throw Error(Kind::BadInput,
                    fmt::format("文書が大きすぎます（{}MBまで）。期間か内容を分けてください。", kLargestHtml >> 20U));
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    const std::string whole = with_page_rules(html, page);
    std::string raw;
    if (engine.kind == EngineKind::Chromium) {
        Browser browser(engine.program, std::chrono::steady_clock::now() + engine.patience);
        raw = browser.print(whole, page.is_landscape);
    } else {
        raw = by_weasyprint(whole, engine.patience);
    }
    Printed printed;
    printed.bytes = finish(raw, words);
    printed.facts = inspect(printed.bytes);
    if (!printed.facts.is_tagged)
        printed.warnings.emplace_back("このPDFには読み上げのための構造（タグ）がありません。");
    for (const std::string& font : printed.facts.fonts_not_embedded)
        printed.warnings.push_back(fmt::format("フォント「{}」が埋め込まれていません。", font));
    return printed;
}

}  // namespace pdf
