// The old sites that Debian's packages lack: a page in each encoding that Japanese town halls have used, with the marks
// of their time (layout tables, frames, broken nesting, vendor characters, classic Mac line ends, full-width file
// names). Generated, so that every byte is known.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ground/html/encoding.h"

namespace flow::testing {

/// The words that tests replace, and what by: characters that some encodings lack among them.
inline constexpr std::string_view kOldWords = "古い文";
inline constexpr std::string_view kNewWords = "新しい文①髙😀";

struct CorpusPage {
    std::string path;  ///< bytes
    std::string bytes;
    html::Encoding encoding = html::Encoding::Utf8;
    bool is_editable = true;  ///< has an element with id "main" that holds kOldWords
};

/// Pages in every encoding, and the files that go with them.
std::vector<CorpusPage> corpus_pages();
std::map<std::string, std::string> corpus_files();

}  // namespace flow::testing
