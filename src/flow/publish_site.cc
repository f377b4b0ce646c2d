#include "flow/publish_site.h"

#include <thread>

#include "flow/activate_due.h"
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

namespace flow {

using base::Error;
using base::Kind;
using release::Change;

namespace {

constexpr std::int64_t kBatch = 1'000'000;
constexpr auto kHandoverPatience = std::chrono::minutes(10);

/// The sources that cannot go public although they were rendered: another one has their path. Whoever has it keeps it.
std::map<const Rendered*, std::string> find_conflicts(sys::Reader& db, const std::vector<Rendered>& all) {
    std::map<std::string_view, const Rendered*> in_batch;
    for (const Rendered& one : all)
        if (one.problem.empty()) in_batch.emplace(one.state.source, &one);
    std::map<const Rendered*, std::string> aside;
    // One that is set aside keeps its old paths, which may be what another hoped to get: look again until nothing
    // changes.
    for (std::size_t before = all.size() + 1; before != aside.size();) {
        before = aside.size();
        std::map<std::string_view, const Rendered*> claimed;
        for (const auto& [source, one] : in_batch) {
            for (const std::string& path : one->state.paths) {
                if (aside.contains(one)) break;
                const auto owner = publish::find_owner(db, path);
                const auto other = owner ? in_batch.find(*owner) : in_batch.end();
                if (const auto clash = publish::find_clash(db, path); clash && clash->second != source) {
                    aside[one] = fmt::format(
                        "公開パス {} は、{} の {} "
                        "と両立しません（ファイルとフォルダが同じ名前です）。別の名前にしてください。",
                        path, clash->second, clash->first);
                    break;
                }
                const bool is_free =
                    !owner || *owner == source || (other != in_batch.end() && !aside.contains(other->second));
                const auto [claim, is_first] = claimed.emplace(path, one);
                if (is_free && is_first) continue;
                aside[one] =
                    fmt::format("{} と {} が同じ公開パス {} を使おうとしています。どちらかを別の名前にしてください。",
                                source, is_free ? claim->second->state.source : *owner, path);
            }
        }
    }
    return aside;
}

/// Splits what was rendered: those that go public are returned, those that failed are noted, with the receipts that
/// wait for them.
std::vector<const Rendered*> sort_out(sys::Transaction& tx, const std::vector<Rendered>& all,
                                      const publish::DirtyBatch& dirty, base::Instant now) {
    const auto conflicts = find_conflicts(tx, all);
    std::vector<const Rendered*> good;
    for (const Rendered& one : all) {
        const auto conflict = conflicts.find(&one);
        if (one.problem.empty() && conflict == conflicts.end()) {
            good.push_back(&one);
            continue;
        }
        const std::string& problem = one.problem.empty() ? conflict->second : one.problem;
        publish::note_failed_source(tx, one.state.source, problem, one.state.reads, now);
        publish::DirtyBatch waiting;
        waiting.causes = publish::list_causes(tx, dirty, one.state.source);
        publish::note_failed(tx, waiting, problem);
    }
    return good;
}

/// What the rendered sources change in the public tree, compared with the newest release.
std::vector<Change> changes_of(sys::Reader& db, const std::vector<const Rendered*>& all, std::int64_t& unchanged) {
    std::map<std::string, const release::Entry*> wanted;
    std::set<std::string> gone;
    for (const Rendered* one : all) {
        for (const release::Entry& entry : one->entries) wanted[entry.path] = &entry;
        for (const std::string& path : publish::list_outputs(db, one->state.source))
            gone.insert(base::percent_decode(path).value_or(path));
    }
    std::vector<Change> changes;
    for (const auto& [path, entry] : wanted) {
        gone.erase(path);
        if (release::find_entry(db, path) == *entry)
            ++unchanged;
        else
            changes.push_back(Change::put(*entry));
    }
    for (const std::string& path : gone)
        if (release::find_entry(db, path)) changes.push_back(Change::remove(path));
    return changes;
}

void remember_sources(sys::Transaction& tx, const std::vector<const Rendered*>& all) {
    // First everybody lets go of their paths, then takes the new ones: two pages may have swapped theirs.
    for (const Rendered* one : all) publish::set_source(tx, {one->state.source, {}, {}, {}});
    for (const Rendered* one : all)
        if (!one->state.paths.empty()) publish::set_source(tx, one->state);
}

/// A takeover brings pages by the thousand without a word to the sitemap.
void add_generated(sys::Reader& db, std::vector<std::string>& stale) {
    const auto generated = list_generated(db);
    stale.insert(stale.end(), generated.begin(), generated.end());
    std::sort(stale.begin(), stale.end());
    stale.erase(std::unique(stale.begin(), stale.end()), stale.end());
}

release::LedgerHead head_of(sys::Reader& db, std::string_view stream) {
    const ledger::Head head = ledger::load_head(db, stream);
    return {head.sequence, head.hash};
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
      key_(release::load_press_key(site.folders.keys)) {}

int Press::finish_interrupted() {
    const auto unplaced = site_.database->read([](sys::Reader& db) { return release::list_unplaced(db); });
    for (const std::int64_t number : unplaced) bring_out(number);
    // A press that died between the mark and the head has left an older head, or none.
    const auto newest = site_.database->read([](sys::Reader& db) { return release::find_newest_placed(db); });
    const auto head = site_.log.find_head(public_side_.keys);
    if (newest && (!head || head->number != newest->number)) renew_head();
    return static_cast<int>(unplaced.size());
}

/// Steps c to e of the commit protocol: log file, placement, mark. Each may be repeated.
delivery::Placement Press::bring_out(std::int64_t number) {
    const std::string bytes = site_.database->read([&](sys::Reader& db) { return release::load_record(db, number); });
    site_.log.append(bytes);
    YAKUBA_STEP("publish.after_log");
    const delivery::Placement placement = place_or_ask(public_side_, *site_.objects, number);
    site_.database->write([&](sys::Transaction& tx) {
        release::mark_placed(tx, number, site_.clock.now());
        publish::note_placed(tx, number, site_.clock.now());
    });
    YAKUBA_STEP("publish.after_mark");
    const base::Hash record_hash = sys::sha256(bytes);
    site_.log.put_head(release::write_head({site_.settings.site.id, number, record_hash, site_.clock.now(), {}}, key_));
    release::note_seen(site_.seen_file(), {number, record_hash});
    YAKUBA_STEP("publish.after_head");
    return placement;
}

void Press::renew_head() {
    const auto newest = site_.database->read([](sys::Reader& db) { return release::find_newest_placed(db); });
    if (newest)
        site_.log.put_head(release::write_head(
            {site_.settings.site.id, newest->number, newest->record_hash, site_.clock.now(), {}}, key_));
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
    std::int64_t unchanged_here = 0;
    std::int64_t failed_here = 0;
    const std::int64_t number = site_.database->write([&](sys::Transaction& tx) -> std::int64_t {
        const auto newest = release::find_newest(tx);
        if ((newest ? newest->number : 0) != seen)
            throw Error(Kind::Conflict, "another press has published meanwhile; what is still due is published next");
        release::Draft draft;
        std::int64_t unchanged = 0;
        const std::vector<const Rendered*> good = sort_out(tx, rendered, dirty, now);
        draft.changes = changes_of(tx, good, unchanged);
        remember_sources(tx, good);
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
        draft.office = head_of(tx, ledger::kOffice);
        draft.watch = head_of(tx, ledger::kWatch);
        const std::size_t count = draft.changes.size();
        const release::Sealed sealed = release::seal(tx, draft, key_);
        publish::note_sealed(tx, dirty, sealed.record);
        ledger::append(tx, {now, options.by, "release.seal", fmt::format("release:{}", sealed.record.number),
                            fmt::format(R"({{"record":"{}","root":"{}","changes":{}}})", sealed.hash.hex(),
                                        sealed.record.root.hex(), count)});
        return sealed.record.number;
    });
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
        release::write_checkpoint(record.record, record.file_hash, manifest, site_.clock.now(), key_));
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
