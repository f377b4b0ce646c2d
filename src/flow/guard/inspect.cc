#include "flow/guard/inspect.h"

#include "flow/scan_content.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/log.h"

namespace flow {

namespace fs = std::filesystem;

std::vector<signals::Signal> inspect_touched(const fs::path& site, const Area& area,
                                             const std::vector<std::string>& paths, base::Instant now) {
    settings::Settings settings;
    try {
        settings = settings::load(site / "yakuba.toml");
    } catch (const base::Error& error) {
        sys::log(sys::Level::Warning, "an area is inspected without the site's settings",
                 {{"problem", error.message()}});
    }
    std::vector<FileToScan> files;
    for (const std::string& path : paths) {
        std::error_code error;
        const fs::path file = area.folder / path;
        if (files.size() < kMostInspected && fs::symlink_status(file, error).type() == fs::file_type::regular)
            files.push_back({file, area.path.substr(1) + path});
    }
    std::vector<signals::Signal> all;
    scan_files(files, site_hosts(settings), {}, [&](const FileToScan& one, const content::Scanned& scanned) {
        for (signals::Signal& signal : content::to_signals(scanned, base::to_valid_utf8(one.path), now))
            all.push_back(std::move(signal));
    });
    return all;
}

}  // namespace flow
