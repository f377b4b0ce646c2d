#include "flow/others.h"

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace flow {

namespace fs = std::filesystem;

std::vector<Area> list_areas(const settings::Settings& settings) {
    std::vector<Area> areas;
    for (const settings::OtherArea& declared : settings.others) {
        const fs::path folder = settings.resolve(declared.folder).lexically_normal();
        areas.push_back({base::percent_decode(declared.path).value_or(declared.path),
                         folder.has_filename() ? folder : folder.parent_path()});
    }
    return areas;
}

namespace {

bool lies_in(const fs::path& inner, const fs::path& outer) {
    const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
    return end == outer.end();
}

[[noreturn]] void refuse(const Area& area, std::string_view why) {
    throw base::Error(base::Kind::BadInput,
                      fmt::format("yakuba.toml: [[others]] {}: {}", base::to_valid_utf8(area.path), why));
}

}  // namespace

void check_areas(const settings::Settings& settings) {
    const std::vector<Area> areas = list_areas(settings);
    for (const Area& area : areas) {
        if (area.path == "/") refuse(area, "this leaves nothing for the site itself; name a folder such as /gikai/");
        const auto is_same = [&](const Area& other) { return other.path.starts_with(area.path); };
        if (std::count_if(areas.begin(), areas.end(), is_same) > 1)
            refuse(area, "another area lies in it; give each path to one system only");
        const fs::path site = settings.folder.lexically_normal();
        for (const char* ours : {"public", "objects", "variants", "releases", "keys", "quarantine", "run", "stopped"})
            if (lies_in(area.folder, site / ours) || lies_in(site / ours, area.folder))
                refuse(area, fmt::format("the folder {} belongs to Yakuba; use one of its own, such as others/gikai",
                                         area.folder.string()));
    }
}

std::optional<Area> find_area(const settings::Settings& settings, std::string_view public_path) {
    if (settings.others.empty()) return std::nullopt;
    // Without its index name a folder's page stands at the folder, with a slash or without.
    const std::string path = "/" + base::percent_decode(public_path).value_or(std::string(public_path));
    for (Area& area : list_areas(settings))
        if (path.starts_with(area.path) || path + "/" == area.path) return std::move(area);
    return std::nullopt;
}

void refuse_path_of_another(const settings::Settings& settings, std::string_view public_path) {
    if (const auto area = find_area(settings, public_path))
        throw base::Error(base::Kind::Conflict,
                          fmt::format("/{} は、ほかのシステムが書き込む領域 {} の中です。別の場所を選んでください。",
                                      base::to_valid_utf8(public_path), area->path));
}

bool is_there(const Area& area) {
    std::error_code ignored;
    return fs::is_directory(area.folder, ignored);
}

AreaSize measure(const Area& area) {
    AreaSize size;
    std::vector<fs::path> folders{area.folder};
    while (!folders.empty()) {
        const fs::path folder = std::move(folders.back());
        folders.pop_back();
        std::error_code problem;
        fs::directory_iterator at(folder, problem);
        size.is_there |= !problem;
        for (; !problem && at != fs::directory_iterator(); at.increment(problem)) {
            std::error_code gone;  // the other system works meanwhile
            const fs::file_status status = at->symlink_status(gone);
            if (fs::is_directory(status)) folders.push_back(at->path());
            if (!fs::is_regular_file(status)) continue;
            const auto bytes = at->file_size(gone);
            if (gone) continue;
            ++size.files;
            size.bytes += static_cast<std::int64_t>(bytes);
        }
        if (problem && problem != std::errc::no_such_file_or_directory && size.unread.empty())
            size.unread = base::to_valid_utf8(fmt::format("{} ({})", folder.string(), problem.message()));
    }
    return size;
}

}  // namespace flow
