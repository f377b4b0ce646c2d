#include "press/content/theme_files.h"

#include <algorithm>

#include "ground/base/media_type.h"

namespace content {

namespace {

constexpr std::string_view kFolder = "theme/files/";
constexpr std::size_t kHashLength = 64;
constexpr std::size_t kLongestThemeName = 70;
constexpr std::size_t kMost = 500;

bool is_of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

}  // namespace

std::string theme_file_path(const base::Hash& hash, std::string_view name) {
    return std::string(kFolder) + hash.hex() + "/" + std::string(name);
}

std::optional<ThemeFile> find_theme_file(std::string_view path) {
    if (!path.starts_with(kFolder) || path.size() < kFolder.size() + kHashLength + 2) return std::nullopt;
    const std::string_view hex = path.substr(kFolder.size(), kHashLength);
    const std::string_view name = path.substr(kFolder.size() + kHashLength + 1);
    const auto hash = base::Hash::find_hex(hex);
    const std::string_view type = base::media_type(name);
    if (!hash || hash->hex() != hex || path[kFolder.size() + kHashLength] != '/' || name.size() > kLongestThemeName ||
        name.starts_with('.') || !std::all_of(name.begin(), name.end(), is_of_name) || !type.starts_with("image/"))
        return std::nullopt;
    return ThemeFile{std::string(path), *hash, type};
}

std::vector<ThemeFile> list_theme_files(std::string_view source) {
    std::vector<ThemeFile> files;
    for (auto at = source.find(kFolder); at != std::string_view::npos && files.size() < kMost;
         at = source.find(kFolder, at + 1)) {
        auto end = std::min(at + kFolder.size() + kHashLength + 1, source.size());
        while (end < source.size() && is_of_name(source[end])) ++end;
        if (auto file = find_theme_file(source.substr(at, end - at))) files.push_back(*std::move(file));
    }
    std::sort(files.begin(), files.end(), [](const auto& one, const auto& other) { return one.path < other.path; });
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return files;
}

}  // namespace content
