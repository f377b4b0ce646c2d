// Areas of the public site that another system fills (council minutes by SFTP): declared in the settings, kept in a
// folder of their own beside the document root, served by path, and never written by a release. So no page, file or
// redirect of ours may stand at such a path: it would be public in the release's record and served by nobody.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/settings/settings.h"

namespace flow {

struct Area {
    std::string path;              ///< "/gikai/", decoded, with both slashes
    std::filesystem::path folder;  ///< absolute, or below the site directory
};
std::vector<Area> list_areas(const settings::Settings& settings);

/// Throws Error(BadInput) when an area would take the whole site, lies in another one, or keeps its files where a
/// release or the program writes.
void check_areas(const settings::Settings& settings);

/// The area that `public_path` ("gikai/index.html", percent-encoded or not) lies in, or whose root it is.
std::optional<Area> find_area(const settings::Settings& settings, std::string_view public_path);
/// Throws Error(Conflict) that names the area and says what to do.
void refuse_path_of_another(const settings::Settings& settings, std::string_view public_path);

struct AreaSize {
    bool is_there = false;  ///< the folder exists
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    std::string unread;  ///< a folder of it that cannot be read, and why: nobody knows what is there; empty: none
};
bool is_there(const Area& area);
/// Looks at every file of the area that can be reached. Follows no links; what goes meanwhile is not counted.
AreaSize measure(const Area& area);

}  // namespace flow
