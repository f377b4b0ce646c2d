#include "flow/scan_content.h"

#include <algorithm>
#include <thread>

#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/sys/files.h"
#include "ground/sys/walk.h"
#include "watch/content/subject.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBatch = 256;

content::Scanned scan_one(const FileToScan& one, const content::SiteHosts& hosts) {
    try {
        if (!one.problem.empty()) throw base::Error(base::Kind::Unavailable, one.problem);
        return content::scan(sys::read_file(one.file), one.path, hosts);
    } catch (const base::Error& error) {
        content::Scanned unread;
        unread.problem = fmt::format("ファイルを読めませんでした（{}）。", error.message());
        return unread;
    }
}

}  // namespace

content::SiteHosts site_hosts(const settings::Settings& settings, const std::string& more) {
    std::vector<std::string> hosts = settings.guard.known_hosts;
    const auto add = [&](const std::string& url) {
        if (const auto host = content::find_host(url)) hosts.push_back(*host);
    };
    add(settings.site.url);
    add(settings.guard.url);
    add(more);
    for (const std::string& url : settings.outside.servers) add(url);
    for (const settings::TargetServer& target : settings.targets) add(target.url);
    return content::SiteHosts(hosts);
}

std::vector<FileToScan> files_to_scan(const fs::path& folder, const std::string& prefix) {
    const sys::Walked walked = sys::walk(folder);
    std::vector<FileToScan> files;
    const auto add = [&](const fs::path& file, const std::string& problem) {
        files.push_back({file, prefix + file.lexically_relative(folder).string(), problem});
    };
    for (const sys::Unseen& one : walked.unseen) {
        if (one.path == folder)
            throw base::Error(base::Kind::NotFound, fmt::format("{} cannot be read: {}", folder.string(), one.problem));
        add(one.path, one.problem);
    }
    for (const fs::path& file : walked.files) add(file, "");
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

std::vector<FileToScan> all_files_to_scan(const fs::path& site, const settings::Settings& settings) {
    std::vector<FileToScan> files = files_to_scan(folders_of(site).document_root);
    for (const settings::OtherArea& area : settings.others) {
        const fs::path folder = settings.resolve(area.folder);
        try {
            for (FileToScan& one : files_to_scan(folder, area.path.substr(1))) files.push_back(std::move(one));
        } catch (const base::Error& error) {
            files.push_back({folder, area.path.substr(1), error.message()});
        }
    }
    return files;
}

void scan_files(const std::vector<FileToScan>& files, const content::SiteHosts& hosts, const ScanOptions& options,
                const std::function<void(const FileToScan&, const content::Scanned&)>& take) {
    for (std::size_t begin = 0; begin < files.size(); begin += kBatch) {
        if (options.is_stopped && options.is_stopped()) throw base::Interrupted("the scan was interrupted");
        const std::size_t count = std::min(kBatch, files.size() - begin);
        std::vector<content::Scanned> results(count);
        std::atomic<std::size_t> next{0};
        std::exception_ptr failure;
        std::mutex mutex;
        const auto work = [&] {
            for (std::size_t i = next++; i < count; i = next++) {
                try {
                    results[i] = scan_one(files[begin + i], hosts);
                } catch (...) {
                    const std::lock_guard lock(mutex);
                    failure = std::current_exception();
                    next = count;
                }
            }
        };
        std::vector<std::thread> threads;
        for (unsigned i = 1; i < std::max(2U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
        work();
        for (std::thread& thread : threads) thread.join();
        if (failure) std::rethrow_exception(failure);
        for (std::size_t i = 0; i < count; ++i) take(files[begin + i], results[i]);
        if (options.progress)
            options.progress(static_cast<std::int64_t>(begin + count), static_cast<std::int64_t>(files.size()));
    }
}

}  // namespace flow
