// The demo city's files as init_demo reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "press/content/model.h"

namespace flow::demo {

/// The bytes of one file of demo/. Throws Error(Bug).
std::string_view file(std::string_view name);
/// Rows without the head line, each with as many cells as the head.
std::vector<std::vector<std::string>> table(std::string_view name);

struct Text {
    std::string path;
    std::string department;  ///< code
    base::Instant published_at;
    content::Body body;
};
/// A page file: head lines ("title: ..."), a blank line, HTML. Without "published" it is of today. "files" names
/// attachments below attachments/: "kurashi/a.pdf|請求書; kurashi/b.pdf|委任状".
Text read_text(std::string_view path, std::string_view bytes, base::Day today);
/// Of pages/ by date, oldest first.
std::vector<Text> pages(base::Day today);
/// Those of one folder of demo/ with their paths below it: of "files/", files/bosai/map.svg as "bosai/map.svg".
std::vector<std::pair<std::string, std::string_view>> files(std::string_view folder);

}  // namespace flow::demo
