#include "flow/publish_site.h"

#include <thread>

#include "flow/activate_due.h"
#include "flow/others.h"
#include "flow/render/generated.h"
#include "flow/render_source.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/release/keys.h"
#include "ground/release/store.h"
#include "ground/sys/step.h"
#include "press/publish/queue.h"
#include "press/publish/receipt.h"
#include "press/publish/unplaced.h"

namespace flow {

using base::Error;
using base::Kind;
using release::Change;

namespace {

constexpr std::int64_t kBatch = 1'000'000;
constexpr auto kHandoverPatience = std::chrono::minutes(10);

/// Why a source is set aside, and the key that is marked when the path that it waits for becomes free.
struct Conflict {
    std::string problem;
    std::string key;
};

/// What waits for `path` (percent form) reads this.
std::string taken_key(std::string_view path) {
    return fmt::format("taken:{}", path);
}

/// What another source of the same batch claims above `path` (as a file) or below it (as a folder).
const std::pair<const std::string, const Rendered*>* find_claimed_clash(
    const std::map<std::string, const Rendered*>& claimed, const std::string& path, const Rendered* one) {
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (const auto above = claimed.find(path.substr(0, slash)); above != claimed.end() && above->second != one)
            return &*above;
    const auto below = claimed.lower_bound(path + "/");
    const bool is_below = below != claimed.end() && below->first.starts_with(path + "/") && below->second != one;
    return is_below ? &*below : nullptr;
}

/// The sources that cannot go public although they were rendered: another one has their path. Whoever has it keeps it.
std::map<const Rendered*, Conflict> find_conflicts(sys::Reader& db, const std::vector<Rendered>& all) {
    std::map<std::string_view, const Rendered*> in_batch;
    for (const Rendered& one : all)
        if (one.problem.empty()) in_batch.emplace(one.state.source, &one);
    std::map<const Rendered*, Conflict> aside;
    // One that is set aside keeps its old paths, which may be what another hoped to get: look again until nothing
    // changes.
    for (std::size_t before = all.size() + 1; before != aside.size();) {
        before = aside.size();
        std::map<std::string, const Rendered*> claimed;
        for (const auto& [source, one] : in_batch)  // whoever has a path comes first
            for (const std::string& path : one->state.paths)
                if (!aside.contains(one) && publish::find_owner(db, path) == source) claimed.emplace(path, one);
        for (const auto& [source, one] : in_batch) {
            for (const std::string& path : one->state.paths) {
                if (aside.contains(one)) break;
                const auto owner = publish::find_owner(db, path);
                if (const auto* other = find_claimed_clash(claimed, path, one)) {
                    aside[one] = {
                        fmt::format("公開パス {} は、{} のファイルと両立しません（ファイルとフォルダが同じ名前で"
                                    "す）。別の名前にしてください。",
                                    path, other->second->state.source),
                        taken_key(other->first)};
                    break;
                }
                const auto other = owner ? in_batch.find(*owner) : in_batch.end();
                if (const auto clash = publish::find_clash(db, path); clash && clash->second != source) {
                    aside[one] = {
                        fmt::format("公開パス {} は、{} の {} "
                                    "と両立しません（ファイルとフォルダが同じ名前です）。別の名前にしてください。",
                                    path, clash->second, clash->first),
                        taken_key(clash->first)};
                    break;
                }
                const bool is_free =
                    !owner || *owner == source || (other != in_batch.end() && !aside.contains(other->second));
                const auto claim = claimed.emplace(path, one).first;
                if (is_free && claim->second == one) continue;
                aside[one] = {
                    fmt::format("{} と {} が同じ公開パス {} を使おうとしています。どちらかを別の名前にしてください。",
                                source, is_free ? claim->second->state.source : *owner, path),
                    taken_key(path)};
            }
        }
    }
    return aside;
}

/// Why the source may not be public where it wants to be, because another system writes there; "" when it may.
std::string find_foreign_path(const settings::Settings& settings, const Rendered& one) {
    for (const std::string& path : one.state.paths)
        if (const auto area = find_area(settings, path))
            return fmt::format("公開パス {} は、ほかのシステムが書き込む領域 {} の中です。別の場所を選んでください。",
                               path, area->path);
    return {};
}

/// Splits what was rendered: those that go public are returned, those that failed are noted, with the receipts that
/// wait for them.
std::vector<const Rendered*> sort_out(sys::Transaction& tx, const std::vector<Rendered>& all,
                                      std::map<const Rendered*, Conflict> conflicts, const publish::DirtyBatch& dirty,
                                      const settings::Settings& settings, base::Instant now) {
    for (const Rendered& one : all)
        if (auto problem = find_foreign_path(settings, one); !problem.empty())
            conflicts[&one] = {std::move(problem), {}};
    std::vector<const Rendered*> good;
    for (const Rendered& one : all) {
        const auto conflict = conflicts.find(&one);
        if (one.problem.empty() && conflict == conflicts.end()) {
            good.push_back(&one);
            continue;
        }
        std::vector<std::string> reads = one.state.reads;
        if (conflict != conflicts.end() && !conflict->second.key.empty()) reads.push_back(conflict->second.key);
        const std::string& problem = one.problem.empty() ? conflict->second.problem : one.problem;
        publish::note_failed_source(tx, one.state.source, problem, reads, now);
        publish::DirtyBatch waiting;
        waiting.causes = publish::list_causes(tx, dirty, one.state.source);
        publish::note_failed(tx, waiting, problem);
    }
    return good;
}

/// True when the release has the very same file already. An attachment comes with every revision of its page; one whose
/// bytes stay is no change, and keeps the revision that it first came with.
bool is_there_already(sys::Reader& db, const release::Entry& entry, bool is_attachment) {
    auto there = release::find_entry(db, entry.path);
    if (there && is_attachment && there->source.starts_with('r')) there->source = entry.source;
    return there == entry;
}

/// What the rendered sources change in the public tree, compared with the newest release.
std::vector<Change> changes_of(sys::Reader& db, const std::vector<const Rendered*>& all, std::int64_t& unchanged) {
    struct Wanted {
        const release::Entry* entry = nullptr;
        bool is_attachment = false;
    };
    std::map<std::string, Wanted> wanted;
    std::set<std::string> gone;
    for (const Rendered* one : all) {
        const bool is_page = one->state.source.starts_with("page:");
        for (const release::Entry& entry : one->entries)
            wanted[entry.path] = {&entry, is_page && &entry != &one->entries.front()};
        for (const std::string& path : publish::list_outputs(db, one->state.source))
            gone.insert(base::percent_decode(path).value_or(path));
    }
    std::vector<Change> changes;
    for (const auto& [path, one] : wanted) {
        gone.erase(path);
        if (is_there_already(db, *one.entry, one.is_attachment))
            ++unchanged;
        else
            changes.push_back(Change::put(*one.entry));
    }
    for (const std::string& path : gone)
        if (release::find_entry(db, path)) changes.push_back(Change::remove(path));
    return changes;
}

/// Notes what the sources yield now, and wakes those that wait for a path which nobody has any more.
void remember_sources(sys::Transaction& tx, const std::vector<const Rendered*>& all, base::Instant now) {
    std::set<std::string> freed;
    // First everybody lets go of their paths, then takes the new ones: two pages may have swapped theirs.
    for (const Rendered* one : all) {
        for (std::string& path : publish::list_outputs(tx, one->state.source)) freed.insert(std::move(path));
        publish::set_source(tx, {one->state.source, {}, {}, {}});
    }
    for (const Rendered* one : all)
        if (!one->state.paths.empty()) publish::set_source(tx, one->state);
    for (const std::string& path : freed)
        if (const std::string key = taken_key(path);
            !publish::find_owner(tx, path) && !publish::list_readers(tx, key).empty())
            publish::mark_dirty(tx, key, now);
}

/// A takeover brings pages by the thousand without a word to the sitemap.
void add_generated(sys::Reader& db, std::vector<std::string>& stale) {
    const auto generated = list_generated(db);
    stale.insert(stale.end(), generated.begin(), generated.end());
    std::sort(stale.begin(), stale.end());
    stale.erase(std::unique(stale.begin(), stale.end()), stale.end());
}

release::LedgerHead signed_as(const ledger::Head& head) {
    return {head.sequence, head.hash};
}

constexpr int kMostRepairs = 1000;
constexpr int kMostLooksAgain = 5;  ///< then a conflict is told although somebody goes on working

std::int64_t count_unplaced(sys::Database& database) {
    return static_cast<std::int64_t>(
        database.read([](sys::Reader& db) { return publish::list_unplaced_paths(db, kMostRepairs).size(); }));
}

std::vector<std::string> paths_of(const release::Record& record) {
    std::vector<std::string> paths;
    for (const Change& change : record.changes) paths.push_back(change.path());
    return paths;
}

/// Which of the `tried` paths (bytes) of a release are in place now.
void note_outcome(sys::Transaction& tx, std::int64_t release, const std::vector<std::string>& tried,
                  const std::vector<delivery::Unplaced>& unplaced, base::Instant now) {
    std::set<std::string_view> still;
    for (const delivery::Unplaced& one : unplaced) {
        still.insert(one.path);
        publish::note_unplaced(tx, base::percent_encode(one.path), release,
                               one.why == delivery::Unplaced::Why::Damaged
                                   ? "its object is damaged; restore it from a backup"
                                   : "its object is missing from the store; restore it from a backup",
                               now);
    }
    if (publish::list_unplaced_paths(tx, 1).empty()) return;
    std::vector<std::string> placed;
    for (const std::string& path : tried)
        if (!still.contains(path)) placed.push_back(base::percent_encode(path));
    publish::forget_unplaced(tx, placed);
}

}  // namespace

std::unique_ptr<Press> Press::find(Site& site) {
    auto lock = sys::FileLock::find(site.folders.run / "press.lock");
    if (!lock) return nullptr;
    auto fence = site.database->find_lock("press");
    if (!fence) return nullptr;
    return std::unique_ptr<Press>(new Press(site, std::move(*lock), std::move(fence)));
}

Press::Press(Site& site, sys::FileLock lock, std::unique_ptr<sys::NamedLock> fence)
    : site_(site),
      public_side_(open_public_side(site.folders.site)),
      lock_(std::move(lock)),
      fence_(std::move(fence)),
      key_(std::make_unique<sys::SigningKey>(release::load_press_key(site.folders.keys))) {}

int Press::finish_interrupted() {
    refuse_older_database();
    seal_what_is_owed();
    const auto unplaced = site_.database->read([](sys::Reader& db) { return release::list_unplaced(db); });
    for (const std::int64_t number : unplaced) bring_out(number);
    // A press that died between the mark and the head has left an older head, or none.
    const auto newest = site_.database->read([](sys::Reader& db) { return release::find_newest_placed(db); });
    const auto head = site_.log.find_head(public_side_.keys);
    if (newest && (!head || head->number != newest->number)) renew_head();
    repair_unplaced();
    return static_cast<int>(unplaced.size());
}

void Press::refuse_older_database() {
    const std::int64_t known = site_.database->read([](sys::Reader& db) {
        const auto newest = release::find_newest(db);
        const auto owed = release::find_owed(db);
        return std::max<std::int64_t>(newest ? newest->number : 0, owed ? owed->lowest_number - 1 : 0);
    });
    const auto seen = release::find_seen(site_.seen_file());
    std::int64_t logged = seen ? seen->number : 0;
    if (std::filesystem::exists(site_.log.record_file(known + 1))) logged = std::max(logged, site_.log.newest());
    if (logged > known)
        throw Error(
            Kind::Damaged,
            fmt::format("nothing is published: the database ends at release {}, but release {} has been public. "
                        "An older database was put back; restore the newest backup",
                        known, logged));
}

/// The first release of a database that came back from a backup: it changes nothing, and says by its kind and its
/// number that there were others which this site no longer knows.
void Press::seal_what_is_owed() {
    if (!site_.database->read([](sys::Reader& db) { return release::find_owed(db); })) return;
    const ledger::Head watch_head = find_watch_head(site_);
    site_.database->write([&](sys::Transaction& tx) {
        const auto owed = release::find_owed(tx);
        if (!owed) return;  // another press was first
        release::Draft draft;
        draft.site = site_.settings.site.id;
        draft.kind = release::RecordKind::Restored;
        draft.at = site_.clock.now();
        draft.office = signed_as(ledger::load_head(tx, ledger::kOffice));
        draft.watch = signed_as(watch_head);
        draft.note = owed->note;
        draft.lowest_number = owed->lowest_number;
        const release::Sealed sealed = release::seal(tx, draft, *key_);
        ledger::append(tx,
                       {draft.at, "system:press", "release.restore", fmt::format("release:{}", sealed.record.number),
                        fmt::format(R"({{"record":"{}","root":"{}"}})", sealed.hash.hex(), sealed.record.root.hex())});
    });
    YAKUBA_STEP("publish.after_restored");
}

/// Steps c to e of the commit protocol: log file, placement, mark. Each may be repeated.
delivery::Placement Press::bring_out(std::int64_t number) {
    const std::string bytes = site_.database->read([&](sys::Reader& db) { return release::load_record(db, number); });
    site_.log.append(bytes);
    YAKUBA_STEP("publish.after_log");
    const release::Record record = release::parse_record(bytes).record;
    if (record.kind == release::RecordKind::Rekey) adopt_key(record);
    delivery::Placement placement = place_or_ask(public_side_, *site_.objects, number);
    const base::Instant now = site_.clock.now();
    site_.database->write([&](sys::Transaction& tx) {
        release::mark_placed(tx, number, now);
        publish::note_placed(tx, number, now);
        note_outcome(tx, number, paths_of(record), placement.unplaced, now);
    });
    YAKUBA_STEP("publish.after_mark");
    const base::Hash record_hash = sys::sha256(bytes);
    site_.log.put_head(release::write_head({site_.settings.site.id, number, record_hash, now, {}}, *key_));
    release::note_seen(site_.seen_file(), {number, record_hash});
    YAKUBA_STEP("publish.after_head");
    return placement;
}

/// The paths that wait for their object: those whose object is back go in place, and nobody has to ask for it.
void Press::repair_unplaced() {
    std::vector<std::string> paths;
    const auto newest = site_.database->read([&](sys::Reader& db) {
        for (const auto& one : publish::list_unplaced_paths(db, kMostRepairs)) {
            const std::string path = base::percent_decode(one.path).value_or(one.path);
            const auto entry = release::find_entry(db, path);
            // Reading the objects in vain each minute is cheap only while they are few, so their size is looked at
            // first.
            if (!entry || !entry->has_body() || site_.objects->find_size(entry->hash) == entry->size)
                paths.push_back(path);
        }
        return release::find_newest_placed(db);
    });
    if (paths.empty() || !newest) return;
    const delivery::Placement placement = repair_or_ask(public_side_, *site_.objects, newest->number, paths);
    const base::Instant now = site_.clock.now();
    site_.database->write(
        [&](sys::Transaction& tx) { note_outcome(tx, newest->number, paths, placement.unplaced, now); });
}

/// From the release that announces it on, the new key signs. A press that died in between finds either file.
void Press::adopt_key(const release::Record& rekey) {
    if (key_->public_key() != rekey.new_key) {
        YAKUBA_STEP("rekey.before_adopt");
        release::adopt_next_key(site_.folders.keys);
        YAKUBA_STEP("rekey.after_adopt");
        key_ = std::make_unique<sys::SigningKey>(release::load_press_key(site_.folders.keys));
    }
    public_side_ = open_public_side(site_.folders.site);
}

std::int64_t Press::rekey(const std::string& by) {
    finish_interrupted();
    // A key that an interrupted call has left was announced nowhere, and is as good as a new one.
    auto left = release::find_next_key(site_.folders.keys);
    const sys::SigningKey next = left ? *std::move(left) : release::make_next_key(site_.folders.keys);
    YAKUBA_STEP("rekey.after_key");
    const ledger::Head watch_head = find_watch_head(site_);
    const std::int64_t number = site_.database->write([&](sys::Transaction& tx) {
        release::Draft draft;
        draft.site = site_.settings.site.id;
        draft.kind = release::RecordKind::Rekey;
        draft.at = site_.clock.now();
        draft.office = signed_as(ledger::load_head(tx, ledger::kOffice));
        draft.watch = signed_as(watch_head);
        const release::Sealed sealed = release::seal(tx, draft, *key_, &next);
        ledger::append(tx, {draft.at, by, "release.rekey", fmt::format("release:{}", sealed.record.number),
                            fmt::format(R"({{"record":"{}","from":"{}","to":"{}"}})", sealed.hash.hex(),
                                        sealed.record.key_id, release::key_id(next.public_key()))});
        return sealed.record.number;
    });
    bring_out(number);
    return number;
}

void Press::renew_head() {
    const auto newest = site_.database->read([](sys::Reader& db) { return release::find_newest_placed(db); });
    if (newest)
        site_.log.put_head(release::write_head(
            {site_.settings.site.id, newest->number, newest->record_hash, site_.clock.now(), {}}, *key_));
}

Published Press::publish(const PublishOptions& options) {
    const auto start = site_.clock.monotonic();
    Published sum;
    finish_interrupted();
    if (options.is_full)
        site_.database->write([&](sys::Transaction& tx) { publish::mark_dirty(tx, "all", site_.clock.now()); });
    while (publish_once(options, sum)) {
    }
    if (site_.log.is_checkpoint_due()) write_checkpoint();
    const auto newest = site_.database->read([](sys::Reader& db) { return release::find_newest(db); });
    sum.release = newest ? newest->number : 0;
    sum.unplaced = count_unplaced(*site_.database);
    sum.seconds = std::chrono::duration<double>(site_.clock.monotonic() - start).count();
    return sum;
}

/// One release. False when nothing was due.
bool Press::publish_once(const PublishOptions& options, Published& sum) {
    activate_due(site_);  // what was planned for a time that has come is a change like any other
    const base::Instant now = site_.clock.now();
    mark_settings_changes(*site_.database, site_.settings, now);
    publish::DirtyBatch dirty;
    std::vector<std::string> stale;  // outputs that a change, or the clock, has made old
    std::int64_t seen = 0;           // the newest release when the work began
    site_.database->read([&](sys::Reader& db) {
        const auto newest = release::find_newest(db);
        seen = newest ? newest->number : 0;
        dirty = publish::take_dirty(db, kBatch);
        stale = publish::find_stale(db, dirty, now);
        if (dirty.is_takeover) add_generated(db, stale);
    });
    if (dirty.keys.empty() && stale.empty()) return false;

    const std::vector<Rendered> rendered = render_sources(site_, stale, now, options.progress);
    for (const Rendered& one : rendered)
        if (one.problem.empty() && one.state.source.starts_with("page:")) ++sum.pages;
    // From here on no byte changes: what was rendered is what is sealed.
    YAKUBA_STEP("publish.after_render");
    site_.objects->sync();
    YAKUBA_STEP("publish.after_objects");
    const ledger::Head watch_head = find_watch_head(site_);
    std::int64_t unchanged_here = 0;
    std::int64_t failed_here = 0;
    bool is_looked_at_again = false;
    const std::int64_t number = site_.database->write([&](sys::Transaction& tx) -> std::int64_t {
        const auto newest = release::find_newest(tx);
        if ((newest ? newest->number : 0) != seen)
            throw Error(Kind::Conflict, "another press has published meanwhile; what is still due is published next");
        release::Draft draft;
        std::int64_t unchanged = 0;
        auto conflicts = find_conflicts(tx, rendered);
        // The sources are rendered from several snapshots. One from before somebody's act and one from after it may
        // want the same path, and nobody is to be told of that: with the act, which waits by now, they agree.
        is_looked_at_again = !conflicts.empty() && looks_again_ < kMostLooksAgain && publish::is_dirtier(tx, dirty);
        if (is_looked_at_again) return 0;
        const std::vector<const Rendered*> good =
            sort_out(tx, rendered, std::move(conflicts), dirty, site_.settings, now);
        draft.changes = changes_of(tx, good, unchanged);
        remember_sources(tx, good, now);
        publish::clear_dirty(tx, dirty);
        unchanged_here = unchanged;
        failed_here = static_cast<std::int64_t>(rendered.size() - good.size());
        if (draft.changes.empty()) {
            publish::note_unchanged(tx, dirty, now);
            return 0;
        }
        draft.site = site_.settings.site.id;
        draft.kind = dirty.is_takeover ? release::RecordKind::Takeover : release::RecordKind::Publish;
        draft.at = now;
        draft.office = signed_as(ledger::load_head(tx, ledger::kOffice));
        draft.watch = signed_as(watch_head);
        const std::size_t count = draft.changes.size();
        const release::Sealed sealed = release::seal(tx, draft, *key_);
        publish::note_sealed(tx, dirty, sealed.record);
        ledger::append(tx, {now, options.by, "release.seal", fmt::format("release:{}", sealed.record.number),
                            fmt::format(R"({{"record":"{}","root":"{}","changes":{}}})", sealed.hash.hex(),
                                        sealed.record.root.hex(), count)});
        return sealed.record.number;
    });
    looks_again_ = is_looked_at_again ? looks_again_ + 1 : 0;
    if (is_looked_at_again) return true;
    // Committed. A crash from here on is finished by the next start.
    YAKUBA_STEP("publish.after_commit");
    sum.unchanged += unchanged_here;
    sum.failed += failed_here;
    if (number == 0) return true;
    const delivery::Placement placement = bring_out(number);
    sum.written += placement.written;
    sum.deleted += placement.deleted;
    return true;
}

/// A full manifest beside the records, so that readers need not start at the first. Off the way of the visitor: after
/// placement.
void Press::write_checkpoint() {
    const std::int64_t number = site_.log.newest();
    const release::SignedRecord record = release::parse_record(site_.log.read(number));
    const release::Manifest manifest = site_.log.manifest_at(number, public_side_.keys);
    YAKUBA_STEP("publish.before_checkpoint");
    site_.log.append_checkpoint(
        release::write_checkpoint(record.record, record.file_hash, manifest, site_.clock.now(), *key_));
    YAKUBA_STEP("publish.after_checkpoint");
}

Published publish_site(Site& site, const PublishOptions& options) {
    if (const auto press = Press::find(site)) return press->publish(options);
    // A service is running: the dirty keys are its order. Wait until it has taken them and placed the result.
    const auto start = site.clock.monotonic();
    if (options.is_full)
        site.database->write([&](sys::Transaction& tx) { publish::mark_dirty(tx, "all", site.clock.now()); });
    while (site.clock.monotonic() - start < kHandoverPatience) {
        const bool is_done = site.database->read(
            [](sys::Reader& db) { return !publish::is_anything_dirty(db) && release::list_unplaced(db).empty(); });
        if (is_done) {
            const auto newest = site.database->read([](sys::Reader& db) { return release::find_newest(db); });
            Published sum;
            sum.release = newest ? newest->number : 0;
            sum.unplaced = count_unplaced(*site.database);
            sum.was_handed_over = true;
            sum.seconds = std::chrono::duration<double>(site.clock.monotonic() - start).count();
            return sum;
        }
        if (const auto press = Press::find(site)) return press->publish(options);  // the service has ended meanwhile
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    throw Error(Kind::Unavailable,
                "the running service has not published within ten minutes; see `yakuba site status`");
}

}  // namespace flow
