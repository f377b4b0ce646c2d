// HTML becomes a PDF that a city can keep: tagged, fonts embedded, Japanese line breaking, page numbers. Headless
// Chromium prints it (through its debugging pipe: no port, no network, no script, a profile of its own that goes
// afterwards), libqpdf then writes title, language and producer and looks at what came out. On a server without a
// browser WeasyPrint does it; its PDF has no tags for assistive technology, and `warnings` say so.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"

namespace pdf {

struct Words {
    std::string title;
    std::string language = "ja";
    std::string author;
    base::Instant made_at;  ///< written into the file, so that the same document is made alike
};

/// What one line of the page's foot says: `foot` at the left, "1 / 3" at the right.
struct Page {
    std::string foot;
    bool is_landscape = false;
};

enum class EngineKind { Chromium, WeasyPrint };
struct Engine {
    EngineKind kind = EngineKind::Chromium;
    std::string program;  ///< "/usr/bin/chromium"
    std::chrono::seconds patience{60};
};
/// Chromium when it is installed, else WeasyPrint. Throws Error(Unavailable) that says what to install.
Engine find_engine();

/// What a PDF says of itself.
struct Facts {
    int pages = 0;
    bool is_tagged = false;
    std::string title, language;
    std::vector<std::string> fonts;               ///< names, each once
    std::vector<std::string> fonts_not_embedded;  ///< should be empty
};

struct Printed {
    std::string bytes;
    Facts facts;
    std::vector<std::string> warnings;  ///< Japanese sentences: "…のフォントが埋め込まれていません。"
};

constexpr std::size_t kLargestHtml = 32U << 20U;
constexpr std::size_t kLargestPdf = 64U << 20U;

/// `html` is a whole document; pictures and style sheets stand in it (data: addresses), nothing is fetched, no script
/// runs. One print at a time in this process. Throws Error(BadInput): too large. Throws Error(Unavailable): the engine
/// is missing, failed or was out of patience; the message says what to install or do.
Printed print(std::string_view html, const Words& words, const Page& page, const Engine& engine);

/// Throws Error(BadInput) when it is no PDF that can be read.
Facts inspect(std::string_view pdf);

}  // namespace pdf
