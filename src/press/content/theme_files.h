// Pictures of the theme (a banner, a logo) that came with a draft of a template. The address of one names its bytes:
// "theme/files/<SHA-256>/<name>". So the draft's source says which bytes it shows, whoever approves that source
// approves them, and nothing needs to be remembered until then: the bytes wait among the objects and become public with
// the revision that shows them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"

namespace content {

struct ThemeFile {
    std::string path;  ///< without the slash at its start
    base::Hash hash;
    std::string_view type;  ///< "image/png"

    bool operator==(const ThemeFile&) const = default;
};

/// `name` as public_file_name gives it.
std::string theme_file_path(const base::Hash& hash, std::string_view name);
/// Nothing for any other path.
std::optional<ThemeFile> find_theme_file(std::string_view path);
/// Those that `source` names, each once, in order of path; at most 500.
std::vector<ThemeFile> list_theme_files(std::string_view source);

}  // namespace content
