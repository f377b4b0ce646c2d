#include "watch/antivirus/sweep.h"

#include <algorithm>
#include <set>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "ground/sys/walk.h"

namespace antivirus {

namespace {

namespace fs = std::filesystem;
constexpr int kNoteEvery = 100;                 ///< files between two notes of the position
constexpr std::size_t kMostUnscanned = 10'000;  ///< that are remembered
constexpr int kMostFailuresInARow = 3;          ///< then the engine is gone, and not only starting anew

sys::Walked walk_all(const std::vector<fs::path>& folders) {
    sys::Walked all;
    for (const fs::path& folder : folders) {
        sys::Walked one = sys::walk(folder);
        std::move(one.files.begin(), one.files.end(), std::back_inserter(all.files));
        std::move(one.unseen.begin(), one.unseen.end(), std::back_inserter(all.unseen));
        all.unseen_count += one.unseen_count;
    }
    std::sort(all.files.begin(), all.files.end());
    return all;
}

/// Not so when nobody can tell.
bool is_gone(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::not_found;
}

/// Of what could not be looked at and now can, or is no more.
signals::Signal seen_again(const std::string& path, base::Instant at) {
    const std::string name = base::to_valid_utf8(path);
    return {.source = "antivirus",
            .kind = "antivirus.unscanned",
            .subject = name,
            .state = signals::State::Clear,
            .observed_at = at,
            .text = fmt::format("{}を検査できない状態は、終わりました。", name)};
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

/// How far the round is, and which files were infected, or could not be looked at, when it was last tried; one
/// percent-encoded path a line, a "?" before those of the second kind.
struct Progress {
    std::string done;
    std::set<std::string> infected, unscanned;
};

Progress load_progress(const fs::path& file) {
    Progress progress;
    const std::string text = sys::find_file(file, 64U << 20).value_or("");
    const auto lines = base::split(text, '\n');
    progress.done = base::percent_decode(lines[0]).value_or("");
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const bool is_unscanned = lines[i].starts_with('?');
        const auto path = base::percent_decode(lines[i].substr(is_unscanned ? 1 : 0));
        if (path && !path->empty()) (is_unscanned ? progress.unscanned : progress.infected).insert(*path);
    }
    return progress;
}

void save_progress(const fs::path& file, const Progress& progress) {
    std::string text = base::percent_encode(progress.done) + "\n";
    for (const std::string& path : progress.infected) text += base::percent_encode(path) + "\n";
    for (const std::string& path : progress.unscanned) text += "?" + base::percent_encode(path) + "\n";
    sys::write_file(file, text, sys::Durability::Later);
}

/// Tells of one file and remembers what was infected, so that it can be told when it no longer is.
void tell_of(const fs::path& file, const Answer& answer, Progress& progress, Swept& result, base::Instant at,
             const signals::Take& tell) {
    const bool is_known = progress.infected.contains(file.string());
    if (answer.verdict != Verdict::NotScanned && progress.unscanned.erase(file.string()) > 0)
        tell(seen_again(file.string(), at));
    if (answer.verdict == Verdict::Infected) {
        ++result.infected;
        progress.infected.insert(file.string());
    } else if (answer.verdict == Verdict::NotScanned) {
        ++result.not_scanned;
        if (progress.unscanned.size() < kMostUnscanned) progress.unscanned.insert(file.string());
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
    const sys::Walked walked = walk_all(folders);
    const std::vector<fs::path>& files = walked.files;
    const bool is_new_round = progress.done.empty();
    std::set<std::string> unseen;
    for (const sys::Unseen& one : walked.unseen) {
        unseen.insert(one.path.string());
        if (is_new_round || !progress.unscanned.contains(one.path.string()))
            tell_of(one.path, {Verdict::NotScanned, "", base::to_valid_utf8(one.problem)}, progress, result,
                    clock.now(), tell);
    }
    if (const auto more = walked.unseen_count - static_cast<std::int64_t>(walked.unseen.size()); more > 0) {
        result.not_scanned += more;
        tell({.source = "antivirus",
              .kind = "antivirus.unscanned",
              .subject = "そのほかの場所",
              .severity = signals::Severity::Minor,
              .observed_at = clock.now(),
              .text = fmt::format("ほかに{}か所を検査できませんでした。", more)});
    }
    auto at =
        progress.done.empty() ? files.begin() : std::upper_bound(files.begin(), files.end(), fs::path(progress.done));
    const auto start = clock.monotonic();
    const auto pause = [&](std::chrono::milliseconds time) {
        if (options.pause) options.pause(time);
    };
    int failures = 0;  // in a row, of the engine
    while (at != files.end() && !(options.is_stopped && options.is_stopped())) {
        if (is_gone(*at)) {  // it went since the list was made
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
        result.scanned += answer.verdict != Verdict::NotScanned;
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
            if (!is_gone(path)) continue;
            tell(about(path, {Verdict::Clean, "", ""}, clock.now()));
            progress.infected.erase(path);
        }
        for (const std::string& path : std::set<std::string>(progress.unscanned)) {
            std::error_code error;
            if (unseen.contains(path) || (!is_gone(path) && !fs::is_directory(path, error))) continue;
            tell(seen_again(path, clock.now()));
            progress.unscanned.erase(path);
        }
    }
    save_progress(position_file, progress);
    return result;
}

}  // namespace antivirus
