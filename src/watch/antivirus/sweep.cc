#include "watch/antivirus/sweep.h"

#include <algorithm>
#include <set>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace antivirus {

namespace {

namespace fs = std::filesystem;
constexpr int kNoteEvery = 100;         ///< files between two notes of the position
constexpr int kMostFailuresInARow = 3;  ///< then the engine is gone, and not only starting anew

std::vector<fs::path> files_below(const std::vector<fs::path>& folders) {
    std::vector<fs::path> files;
    for (const fs::path& folder : folders) {
        std::error_code error;
        fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
        while (!error && at != fs::recursive_directory_iterator()) {
            if (!at->is_symlink(error) && at->is_regular_file(error)) files.push_back(at->path());
            at.increment(error);
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

signals::Signal about(const fs::path& file, const Answer& answer, base::Instant at) {
    const std::string name = base::to_valid_utf8(file.string());
    signals::Signal one{.source = "antivirus", .kind = "antivirus.infected", .subject = name, .observed_at = at};
    switch (answer.verdict) {
        case Verdict::Infected:
            one.severity = signals::Severity::Serious;
            one.text = fmt::format("{}からウイルスが検出されました（{}）。", name, answer.name);
            break;
        case Verdict::NotScanned:
            one.kind = "antivirus.unscanned";
            one.severity = signals::Severity::Minor;
            one.text = fmt::format("{}を検査できませんでした。{}", name, answer.problem);
            break;
        case Verdict::Clean:
            one.state = signals::State::Clear;
            one.text = fmt::format("{}からウイルスは検出されませんでした。", name);
    }
    return one;
}

Answer scan_file(Engine& engine, const fs::path& file, const SweepOptions& options, std::int64_t& bytes) {
    try {
        const std::string content = sys::read_file(file, options.largest);
        bytes = static_cast<std::int64_t>(content.size());
        return engine.scan(content);
    } catch (const base::Error& error) {
        return {Verdict::NotScanned, "", base::to_valid_utf8(error.message())};
    }
}

/// How far the round is, and which files were infected when they were last scanned; one percent-encoded path a line.
struct Progress {
    std::string done;
    std::set<std::string> infected;
};

Progress load_progress(const fs::path& file) {
    Progress progress;
    const std::string text = sys::find_file(file, 64U << 20).value_or("");
    const auto lines = base::split(text, '\n');
    progress.done = base::percent_decode(lines[0]).value_or("");
    for (std::size_t i = 1; i < lines.size(); ++i)
        if (const auto path = base::percent_decode(lines[i]); path && !path->empty()) progress.infected.insert(*path);
    return progress;
}

void save_progress(const fs::path& file, const Progress& progress) {
    std::string text = base::percent_encode(progress.done) + "\n";
    for (const std::string& path : progress.infected) text += base::percent_encode(path) + "\n";
    sys::write_file(file, text, sys::Durability::Later);
}

/// Tells of one file and remembers what was infected, so that it can be told when it no longer is.
void tell_of(const fs::path& file, const Answer& answer, Progress& progress, Swept& result, base::Instant at,
             const signals::Take& tell) {
    const bool is_known = progress.infected.contains(file.string());
    if (answer.verdict == Verdict::Infected) {
        ++result.infected;
        progress.infected.insert(file.string());
    } else if (answer.verdict == Verdict::NotScanned) {
        ++result.not_scanned;
    } else if (is_known) {
        progress.infected.erase(file.string());
    } else {
        return;
    }
    tell(about(file, answer, at));
}

}  // namespace

Swept sweep(Engine& engine, const std::vector<fs::path>& folders, const fs::path& position_file,
            const SweepOptions& options, const base::Clock& clock, const signals::Take& tell) {
    Swept result;
    Progress progress = load_progress(position_file);
    const std::vector<fs::path> files = files_below(folders);
    auto at =
        progress.done.empty() ? files.begin() : std::upper_bound(files.begin(), files.end(), fs::path(progress.done));
    const auto start = clock.monotonic();
    const auto pause = [&](std::chrono::milliseconds time) {
        if (options.pause) options.pause(time);
    };
    int failures = 0;  // in a row, of the engine
    while (at != files.end() && !(options.is_stopped && options.is_stopped())) {
        std::error_code error;
        if (!fs::exists(*at, error)) {  // it went since the list was made
            ++at;
            continue;
        }
        std::int64_t bytes = 0;
        const Answer answer = scan_file(engine, *at, options, bytes);
        if (answer.verdict == Verdict::NotScanned && !engine.state().is_running) {
            if (++failures >= kMostFailuresInARow) {
                result.problem = answer.problem;
                break;
            }
            pause(std::chrono::seconds(1));  // it may be starting anew: the same file again
            continue;
        }
        failures = 0;
        ++result.files;
        result.bytes += bytes;
        tell_of(*at, answer, progress, result, clock.now(), tell);
        progress.done = at->string();
        ++at;
        if (result.files % kNoteEvery == 0) save_progress(position_file, progress);
        // As slow as the rate asks: what was scanned so far should have taken this long.
        const auto due =
            std::chrono::milliseconds(result.bytes * 1000 / std::max<std::int64_t>(1, options.bytes_per_second));
        const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - start);
        if (due > passed) pause(due - passed);
    }
    result.is_finished = at == files.end();
    if (result.is_finished) {
        progress.done.clear();
        for (const std::string& path : std::set<std::string>(progress.infected)) {
            std::error_code error;
            if (fs::exists(path, error)) continue;
            tell(about(path, {Verdict::Clean, "", ""}, clock.now()));
            progress.infected.erase(path);
        }
    }
    save_progress(position_file, progress);
    return result;
}

}  // namespace antivirus
