#include "ground/sys/walk.h"

#include <algorithm>

namespace sys {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostUnseen = 1'000;

void add_unseen(Walked& walked, const fs::path& path, const std::error_code& problem) {
    ++walked.unseen_count;
    if (walked.unseen.size() < kMostUnseen) walked.unseen.push_back({path, problem.message()});
}

}  // namespace

Walked walk(const fs::path& folder) {
    Walked walked;
    std::vector<fs::path> waiting{folder};
    while (!waiting.empty()) {
        const fs::path at = std::move(waiting.back());
        waiting.pop_back();
        std::error_code problem;
        for (fs::directory_iterator entry(at, problem), end; !problem && entry != end; entry.increment(problem)) {
            std::error_code unknown;
            const fs::file_status status = entry->symlink_status(unknown);
            if (fs::is_directory(status))
                waiting.push_back(entry->path());
            else if (fs::is_regular_file(status))
                walked.files.push_back(entry->path());
            else if (!fs::status_known(status))
                add_unseen(walked, entry->path(), unknown);
        }
        const bool is_gone = problem == std::errc::no_such_file_or_directory && at != folder;
        if (problem && !is_gone) add_unseen(walked, at, problem);
    }
    std::sort(walked.files.begin(), walked.files.end());
    return walked;
}

}  // namespace sys
