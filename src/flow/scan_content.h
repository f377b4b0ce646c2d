// The content rules, run over files: those named by a person, the whole public tree, areas of another writer. Several
// threads, bounded memory; what is found goes out in the order of the files.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "ground/settings/settings.h"
#include "watch/content/scan.h"

namespace flow {

/// The site's own hosts, those of its servers, and those that its settings list.
/// `more` may be one more address of the site, as the source of a takeover is.
content::SiteHosts site_hosts(const settings::Settings& settings, const std::string& more = {});

struct FileToScan {
    std::filesystem::path file;
    std::string path;          ///< its place in the site, as bytes
    std::string problem = {};  ///< why it, or what is below it, could not be looked at
};
/// Every regular file below `folder`, in order of name; links are not followed. `prefix` stands before their paths.
/// What cannot be looked at is in the list, with the reason. Throws Error(NotFound) when there is no such folder.
std::vector<FileToScan> files_to_scan(const std::filesystem::path& folder, const std::string& prefix = {});
/// The public tree and the areas of other writers.
std::vector<FileToScan> all_files_to_scan(const std::filesystem::path& site, const settings::Settings& settings);

struct ScanOptions {
    std::function<void(std::int64_t done, std::int64_t total)> progress;
    std::function<bool()> is_stopped;  ///< asked between files
};
/// Calls `take` on this thread for every file, in order. A file that cannot be read says so in `problem`.
/// Throws base::Interrupted when it was stopped.
void scan_files(const std::vector<FileToScan>& files, const content::SiteHosts& hosts, const ScanOptions& options,
                const std::function<void(const FileToScan&, const content::Scanned&)>& take);

}  // namespace flow
