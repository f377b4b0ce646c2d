// The site is opened for the first time: migrations, ledgers, and what has to be known of the restore from now on.
#include <boost/json.hpp>

#include "flow/backup_site.h"
#include "flow/restore/build.h"
#include "flow/verify_ledger.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/keys.h"
#include "ground/release/store.h"
#include "ground/sys/files.h"
#include "watch/backup/requests.h"
#include "watch/signals/seen_release.h"

namespace flow::restoring {

using base::Error;
using base::Kind;

namespace {

/// The moment of the newest line: what was done then is in the backup.
base::Instant newest_act(sys::Database& database, std::string_view stream) {
    const auto lines = database.read([&](sys::Reader& db) {
        ledger::Search search;
        search.stream = stream;
        search.limit = 1;
        return ledger::find_lines(db, search);
    });
    return lines.empty() ? base::Instant{} : lines.front().entry.at;
}

void check_ledger(Site& site, std::string_view stream, const ledger::Head& noted) {
    const ledger::Report report = verify_ledger(site, stream);
    if (!report.is_whole())
        throw Error(Kind::Damaged,
                    fmt::format("this backup is damaged: the {} ledger: {}", stream, report.problems.front().message));
    if (report.last != noted.sequence || (report.last > 0 && report.last_hash != noted.hash))
        throw Error(Kind::Damaged,
                    fmt::format("this backup is damaged: the {} ledger ends at line {}, its manifest says {}", stream,
                                report.last, noted.sequence));
}

}  // namespace

void Build::miss(const std::string& path, const base::Hash& object) const {
    const auto& known = point.manifest.missing_objects;
    if (std::find(known.begin(), known.end(), object.hex()) == known.end()) ++result.unexpected;
    result.missing.push_back(path);
}

void prove_and_mark(Build& build) {
    Restored& result = build.result;
    const backup::Manifest& manifest = build.point.manifest;
    const auto site = Site::open(build.folders.site, build.clock);
    check_ledger(*site, ledger::kOffice, manifest.office);
    check_ledger(*site, ledger::kWatch, manifest.watch);
    result.newest = std::max(result.newest, newest_act(*site->database, ledger::kOffice));
    // Those of the newest release were told by their public paths.
    for (const base::Hash& hash :
         site->database->read([&](sys::Reader& db) { return list_named_objects(db, [&] { build.between(); }); }))
        if (!build.placed.contains(hash) && !site->objects->find_size(hash))
            build.miss(fmt::format("objects/{}/{}", hash.hex().substr(0, 2), hash.hex()), hash);
    if (sys::Database* const watch = site->find_watch()) {
        result.newest = std::max(result.newest, newest_act(*watch, ledger::kWatch));
        // It was copied after the office's database, and may have seen one more.
        const auto seen = watch->read([](sys::Reader& db) { return signals::find_seen_release(db); });
        if (seen) build.highest_seen = std::max(build.highest_seen, seen->number);
        watch->write([&](sys::Transaction& tx) { backup::leave_all(tx, build.clock.now()); });
    }
    if (result.release == 0 && build.highest_seen > 0)
        throw Error(Kind::Conflict, fmt::format("this backup is from before the first publication, but release {} has "
                                                "been public since; choose a later backup",
                                                build.highest_seen));
    mark_restored_beside(build.folders, result.snapshot);
    if (result.release > 0) result.next_release = build.highest_seen + 1;
    const base::Instant now = build.clock.now();
    const std::string note = fmt::format("restored from the backup {} of {}", result.snapshot.substr(0, 8),
                                         base::format_utc(manifest.taken_at));
    site->database->write([&](sys::Transaction& tx) {
        if (result.next_release > 0) {
            release::note_owed(tx, {result.next_release, now, note});
            for (const std::int64_t number : release::list_unplaced(tx)) release::mark_placed(tx, number, now);
        }
        ledger::append(tx, {now, build.options.by, "backup.restore", "site:" + manifest.site, figures_of(result)});
    });
}

}  // namespace flow::restoring
