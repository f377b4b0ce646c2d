#include "flow/upkeep.h"

#include <algorithm>
#include <map>

#include <boost/json.hpp>

#include "flow/timetable.h"
#include "flow/verify_ledger.h"
#include "ground/base/error.h"
#include "ground/base/hash.h"
#include "ground/ledger/store.h"
#include "ground/release/follow.h"
#include "ground/sys/database_health.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::Kind;
using std::chrono::steady_clock;

constexpr std::size_t kMostNamed = 20;
constexpr std::size_t kLongestWord = 60, kLongestNote = 1000;

/// One run, from its start to its line in the ledger.
class Run {
  public:
    Run(Site& site, std::string_view duty) : site_(site), start_(site.clock.monotonic()) { figures_["duty"] = duty; }
    json::object& figures() { return figures_; }
    void record() {
        figures_["seconds"] = std::chrono::duration<double>(site_.clock.monotonic() - start_).count();
        site_.database->write([&](sys::Transaction& tx) {
            ledger::append(tx, {site_.clock.now(), "service:timetable", "site.upkeep", "site:" + site_.settings.site.id,
                                json::serialize(figures_)});
        });
    }

  private:
    Site& site_;
    std::chrono::nanoseconds start_;
    json::object figures_;
};

void add_sizes(Site& site, json::object& figures) {
    figures["bytes"] = sys::look_at(*site.database, site.folders.site / "yakuba.db", false).bytes;
    if (sys::Database* watch = site.find_watch())
        figures["watch_bytes"] = sys::look_at(*watch, site.folders.site / "watch.db", false).bytes;
}

/// What the engine finds wrong; empty: nothing.
std::string find_damage(sys::Reader& db) {
    if (db.engine() == sys::Engine::Sqlite) {
        const auto said = db.find("PRAGMA integrity_check(1)");
        if (said && said->text(0) != "ok") return said->text(0);
        if (const auto row = db.find("PRAGMA foreign_key_check"))
            return fmt::format("a row of {} refers to one that is not there", row->maybe_text(0).value_or("?"));
        return {};
    }
    const auto row = db.find(
        "SELECT CAST(COALESCE(checksum_failures, 0) AS bigint) FROM pg_stat_database WHERE datname = "
        "current_database()");
    return row && row->integer(0) > 0 ? fmt::format("{} blocks failed their checksum", row->integer(0)) : std::string();
}

/// One entry of the newest release for each object that is public.
std::map<base::Hash, release::Entry> public_objects(const Site& site) {
    std::map<base::Hash, release::Entry> all;
    try {
        const PublicSide side = open_public_side(site.folders.site);
        release::Follower(side.log, side.keys).manifest().each([&](const release::Entry& entry) {
            if (entry.has_body()) all.emplace(entry.hash, entry);
            return true;
        });
    } catch (const Error& error) {  // the guard reports a damaged log; backups need no path
        sys::log(sys::Level::Warning, "where an object is public is not known", {{"problem", error.message()}});
    }
    return all;
}

}  // namespace

void tend_database(Site& site) {
    Run run(site, "tend-database");
    const auto tend = [](sys::Transaction& tx) {
        tx.execute_script(tx.engine() == sys::Engine::Sqlite ? "PRAGMA analysis_limit = 1000; ANALYZE" : "ANALYZE");
    };
    site.database->write(tend);
    if (sys::Database* watch = site.find_watch()) watch->write(tend);
    add_sizes(site, run.figures());
    run.record();
}

void check_database(Site& site) {
    Run run(site, "check-database");
    std::string problem = site.database->read(find_damage);
    if (sys::Database* watch = site.find_watch(); watch != nullptr && problem.empty())
        if (const std::string found = watch->read(find_damage); !found.empty()) problem = "watch.db: " + found;
    add_sizes(site, run.figures());
    run.figures()["problem"] = problem;
    run.record();
    if (!problem.empty())
        throw Error(
            Kind::Damaged,
            fmt::format("the database is damaged: {}; restore it from the newest backup that verifies", problem));
}

void scrub_objects(Site& site, base::Day day, const UpkeepMeans& means) {
    Run run(site, "scrub-objects");
    const auto until = steady_clock::now() + means.longest;
    auto alive_at = steady_clock::now();
    const auto part = static_cast<int>(base::day_number(day) % kScrubParts);
    std::int64_t files = 0, bytes = 0, damaged = 0, restored = 0;
    json::array named;
    std::optional<std::map<base::Hash, release::Entry>> known;  // read when the first is damaged
    bool is_whole = true;
    for (int first = 0; first < 256 && is_whole; ++first) {
        if (first % kScrubParts != part) continue;
        std::error_code problem;
        for (fs::directory_iterator at(site.folders.objects / fmt::format("{:02x}", first), problem), end;
             !problem && at != end; at.increment(problem)) {
            if (steady_clock::now() > until || (means.is_stopped && means.is_stopped())) {
                is_whole = false;
                break;
            }
            if (means.keep_alive && steady_clock::now() - alive_at > std::chrono::minutes(1)) {
                means.keep_alive();
                alive_at = steady_clock::now();
            }
            const std::string name = at->path().filename().string();
            const auto hash = base::Hash::find_hex(name);
            if (!hash) continue;
            const auto size = site.objects->find_size(*hash);
            ++files;
            bytes += size.value_or(0);
            if (size && site.objects->is_whole(*hash, *size)) continue;
            if (!site.objects->find_size(*hash)) continue;  // removed meanwhile
            if (!known) known = public_objects(site);
            const auto entry = known->find(*hash);
            if (const auto copy = find_object_copy(site.folders, means.sources, *hash,
                                                   entry == known->end() ? nullptr : &entry->second, means.is_stopped);
                copy && site.objects->put(copy->bytes, sys::Durability::Now).hash == *hash) {
                ++restored;
                continue;
            }
            ++damaged;
            if (named.size() < kMostNamed) named.push_back(json::string(name));
        }
        if (problem && problem != std::errc::no_such_file_or_directory)
            throw Error(Kind::Unavailable, fmt::format("the object store cannot be read: {}", problem.message()));
    }
    run.figures()["part"] = part + 1;
    run.figures()["parts"] = kScrubParts;
    run.figures()["files"] = files;
    run.figures()["bytes"] = bytes;
    run.figures()["damaged"] = damaged;
    run.figures()["restored"] = restored;
    run.figures()["is_whole_part"] = is_whole;
    if (damaged > 0) run.figures()["objects"] = named;
    run.record();
    if (damaged > 0)
        throw Error(Kind::Damaged,
                    fmt::format("{} stored objects are damaged, the first {}; restore them from a backup", damaged,
                                std::string_view(named.front().as_string())));
    if (!is_whole && !(means.is_stopped && means.is_stopped()))
        throw Error(Kind::Unavailable,
                    fmt::format("only {} stored objects could be read back in {} minutes; the disk is too slow or the "
                                "store too large for one night",
                                files, means.longest.count()));
}

void check_ledgers(Site& site) {
    Run run(site, "check-ledger");
    std::string problem;
    std::int64_t lines = 0;
    for (const std::string_view stream : {ledger::kOffice, ledger::kWatch}) {
        if (stream == ledger::kWatch && site.find_watch() == nullptr) continue;
        const ledger::Report report = verify_ledger(site, stream);
        lines += report.entries;
        if (problem.empty() && !report.problems.empty())
            problem = fmt::format("{}: {}", stream, report.problems.front().message);
    }
    run.figures()["lines"] = lines;
    run.figures()["problem"] = problem;
    run.record();
    if (!problem.empty())
        throw Error(Kind::Damaged, fmt::format("the ledger does not verify ({}); see `yakuba ledger verify`", problem));
}

void record_upkeep(Site& site, std::string_view duty, std::string_view result, std::string_view note,
                   const std::string& by) {
    const auto is_word = [](std::string_view word) {
        return !word.empty() && word.size() <= kLongestWord &&
               word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
    };
    if (!is_word(duty) || !is_word(result))
        throw Error(Kind::BadInput,
                    fmt::format("\"{}\" and \"{}\": what was done and how it ended are a word each, of small letters, "
                                "digits and hyphens",
                                duty.substr(0, kLongestWord), result.substr(0, kLongestWord)));
    const auto& own = all_duties();
    if (std::any_of(own.begin(), own.end(), [&](const Duty& one) { return one.name == duty; }))
        throw Error(Kind::BadInput, fmt::format("\"{}\" is done and recorded by the timetable itself", duty));
    if (note.size() > kLongestNote)
        throw Error(Kind::BadInput, fmt::format("the note is longer than {} bytes", kLongestNote));
    const json::object figures{{"duty", duty}, {"result", result}, {"note", note}};
    site.database->write([&](sys::Transaction& tx) {
        ledger::append(
            tx, {site.clock.now(), by, "upkeep.record", "site:" + site.settings.site.id, json::serialize(figures)});
    });
}

}  // namespace flow
