#include "door/web/manuals.h"

#include <algorithm>
#include <cstdlib>

#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace web {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargest = std::size_t{64} << 20, kLargestList = 64 << 10;  // bytes

/// So that no line of the list leads out of the folder.
bool is_name(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

}  // namespace

fs::path manuals_folder() {
    if (const char* named = std::getenv("YAKUBA_MANUALS")) return named;
    std::error_code ignored;
    const fs::path here = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    const fs::path installed = here.parent_path() / "share/yakuba/manuals";
    return fs::is_directory(installed, ignored) ? installed : here / "manuals";
}

std::vector<Manual> list_manuals(const fs::path& folder) {
    std::vector<Manual> all;
    const auto text = sys::find_file(folder / "manuals.csv", kLargestList);
    if (!text) return all;
    std::error_code ignored;
    for (const base::CsvRecord& record : base::parse_csv(*text).records)
        if (record.cells.size() == 3 && is_name(record.cells[0]) &&
            fs::is_regular_file(folder / (record.cells[0] + ".pdf"), ignored))
            all.push_back({record.cells[0], record.cells[1], record.cells[2]});
    return all;
}

std::string read_manual(const fs::path& folder, std::string_view file) {
    for (const Manual& one : list_manuals(folder))
        if (file == one.name + ".html" || file == one.name + ".pdf") return sys::read_file(folder / file, kLargest);
    throw base::Error(base::Kind::NotFound, "この手引きはありません。");
}

}  // namespace web
