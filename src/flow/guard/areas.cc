// Areas of another writer: nobody can say what should stand there, so nothing is put right. What was touched is
// gathered, and told as one report a while after the first change; who wrote is in it, where the kernel tells.
#include <boost/json.hpp>

#include "flow/guard/engine.h"
#include "flow/guard/inspect.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace flow {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostTold = 50;
constexpr std::size_t kMostKept = 10'000;
constexpr auto kListen = 1000ms;
constexpr auto kRetry = 10s;  ///< until a folder that is not there is looked for again

struct Watched {
    Area area;
    std::unique_ptr<guard::Watcher> watcher;
    std::map<std::string, std::optional<guard::Writer>> touched;
    bool is_more = false;
    std::chrono::nanoseconds since{0}, next_try{0};
};

signals::Signal report_of(const Watched& watched, base::Instant now) {
    json::array paths;
    std::set<std::string> programs;
    for (const auto& [path, writer] : watched.touched) {
        if (paths.size() < kMostTold) paths.push_back(json::string(base::percent_encode(path)));
        if (writer && programs.size() < kMostTold) programs.insert(base::to_valid_utf8(writer->program));
    }
    signals::Signal signal;
    signal.source = "guard";
    signal.kind = "others.changed";
    signal.subject = watched.area.path;
    signal.state = signals::State::Info;
    signal.severity = signals::Severity::Note;
    signal.observed_at = now;
    signal.text = fmt::format("別のシステムの公開領域{}で、{}件{}の変更がありました。", watched.area.path,
                              watched.touched.size(), watched.is_more ? "以上" : "");
    signal.payload = json::serialize(json::object{{"changed", watched.touched.size()},
                                                  {"is_more", watched.is_more},
                                                  {"paths", paths},
                                                  {"programs", json::array(programs.begin(), programs.end())}});
    return signal;
}

}  // namespace

void GuardEngine::watch_areas() {
    std::vector<Watched> all;
    for (const Area& area : options_.areas) {
        Watched one;
        one.area = area;
        if (one.area.folder.is_relative()) one.area.folder = site_ / one.area.folder;
        all.push_back(std::move(one));
    }
    if (all.empty()) {
        while (sleep(1h)) {
        }
        return;
    }
    while (!is_stopping_) {
        for (Watched& one : all) {
            const auto now = clock_.monotonic();
            if (!one.watcher && now >= one.next_try) {
                try {
                    one.watcher = std::make_unique<guard::Watcher>(
                        one.area.folder, std::vector<std::filesystem::path>(), options_.means,
                        guard::Watcher::Marks::Folders);  // the files' own marks are for the document root
                    set_condition("others.blind", signals::Severity::Warning, "別のシステムの公開領域の監視", "");
                } catch (const base::Error& error) {
                    one.next_try = now + kRetry;
                    set_condition("others.blind", signals::Severity::Warning, "別のシステムの公開領域を監視できません",
                                  error.message());
                }
            }
            if (one.watcher) {
                guard::Touches touched = one.watcher->wait(
                    std::chrono::duration_cast<std::chrono::milliseconds>(kListen) / static_cast<int>(all.size()));
                if (one.touched.empty() && !touched.paths.empty()) one.since = clock_.monotonic();
                one.is_more |= touched.is_overflown;
                for (auto& [path, writer] : touched.paths)
                    if (one.touched.size() < kMostKept)
                        one.touched.try_emplace(path, std::move(writer));
                    else
                        one.is_more = true;
                if (touched.is_overflown || touched.is_root_moved) one.watcher.reset();
            } else if (!sleep(kListen / static_cast<int>(all.size()))) {
                return;
            }
            if (!one.touched.empty() && clock_.monotonic() - one.since >= options_.report_areas_after) {
                say({report_of(one, clock_.now())});
                std::vector<std::string> paths;
                for (const auto& [path, writer] : one.touched) paths.push_back(path);
                if (auto found = inspect_touched(site_, one.area, paths, clock_.now()); !found.empty())
                    say(std::move(found));
                one.touched.clear();
                one.is_more = false;
            }
        }
    }
}

}  // namespace flow
