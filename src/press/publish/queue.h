// What must be rendered again. A change writes dirty keys in its own transaction; a publication takes them, finds by
// reverse look-up the sources that read them, and clears them in the transaction that records the release. Keys are
// words:
//
//   - "page:12" "asset:7" "template:base" "part:footer" "section:kurashi/" "department:3" "contact:3" "category:event"
//   - "list:kurashi/": something entered or left the list of pages that stand directly in this section, or changed in
//   it
//   - "tree:kurashi/": the same for all pages below it; "tree:" = the site
//   - "list:kurashi/#20": the same within the first twenty, newest first (content::newest_key); also "tree:",
//   "category:"
//   - "beside:12": page 12 has another neighbour in its section
//   - "children:kurashi/": the sections directly below it, their titles, order or index pages; "sections" = the tree
//   - "periods:kurashi/": the pages of its archive
//   - "absent:kurashi/x.html": a look-up that found nothing would now find something
//   - "path:kurashi/x.html": a page that was there by its path has gone
//   - "taken:kurashi/x.html": a public path that another source had has become free
//   - "all": everything (a full rendering)
//
// A source is what is rendered in one go ("page:12", "asset:7", "feed:kurashi/", "sitemap:2"): it yields any number of
// public paths and has read any number of keys. Each source reads its own key without saying so. A source that cannot
// say what it reads notes the key "any" and is rendered at each publication.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace publish {

std::span<const sys::Migration> migrations();

/// `cause` is the receipt that waits for this change; 0 = nobody waits.
void mark_dirty(sys::Transaction& tx, std::string_view key, base::Instant at, std::int64_t cause = 0);

/// A change for which a receipt waits.
struct Mark {
    std::string key;
    std::int64_t cause = 0;
};

struct DirtyBatch {
    /// The sequence numbers that were seen, as runs from first to last. "Up to the highest" would not do: on PostgreSQL
    /// a change may get its number first and be committed last.
    std::vector<std::pair<std::int64_t, std::int64_t>> taken;
    std::vector<std::string> keys;     ///< each once
    std::vector<std::int64_t> causes;  ///< receipts that wait
    std::vector<Mark> marks;           ///< which of the keys they wait for
    bool is_everything = false;
    bool is_takeover = false;  ///< a takeover has ended in this batch: its release is the baseline
};

/// The keys that wait, oldest first, at most `limit` of them. Reading them clears nothing.
DirtyBatch take_dirty(sys::Reader& db, int limit = 20'000);
/// More waits than the batch holds: something was marked after it was taken.
bool is_dirtier(sys::Reader& db, const DirtyBatch& batch);
/// Clears what `take_dirty` gave, in the transaction that records the outcome.
void clear_dirty(sys::Transaction& tx, const DirtyBatch& batch);
bool is_anything_dirty(sys::Reader& db);

/// The sources that the batch and the clock have made stale, sorted, each once.
std::vector<std::string> find_stale(sys::Reader& db, const DirtyBatch& batch, base::Instant now);
/// True when the key names a source itself ("page:12"), not only something that sources read.
bool is_source_key(std::string_view key);
/// The next moment at which some output changes by itself.
std::optional<base::Instant> next_change(sys::Reader& db);

/// What rendering one source has yielded.
struct SourceState {
    std::string source;
    std::vector<std::string> paths;  ///< empty: the source is gone, and so are its outputs
    std::vector<std::string> reads;  ///< keys, without its own
    std::optional<base::Instant> changes_at;
};

/// The public paths that `source` yielded last time.
std::vector<std::string> list_outputs(sys::Reader& db, std::string_view source);
/// The source that yields `path`, if any.
std::optional<std::string> find_owner(sys::Reader& db, std::string_view path);
/// An output whose path would have to be a folder above `path`, or lies below `path` as a folder: both cannot be
/// public. The path and its source.
std::optional<std::pair<std::string, std::string>> find_clash(sys::Reader& db, std::string_view path);
/// Replaces what is known of the source. Throws Error(Conflict) when another source yields one of the paths.
void set_source(sys::Transaction& tx, const SourceState& state);
std::vector<std::string> list_readers(sys::Reader& db, std::string_view key);
/// How many of them are of a kind: "page:".
std::int64_t count_readers(sys::Reader& db, std::string_view key, std::string_view kind);
/// What it read last time, without its own key.
std::vector<std::string> list_reads(sys::Reader& db, std::string_view source);
std::int64_t count_sources(sys::Reader& db);

/// A source that could not be rendered: its old pages stay, and it is tried again when something that it read changes.
struct FailedSource {
    std::string source;
    std::string problem;
    base::Instant since, last_at;
    std::int64_t attempts = 0;
};
/// Notes the failure; what the source read this time is added to what it read before.
void note_failed_source(sys::Transaction& tx, std::string_view source, std::string_view problem,
                        std::span<const std::string> reads, base::Instant at);
std::vector<FailedSource> list_failed_sources(sys::Reader& db, int limit);
/// The receipts of the batch that wait for one of the keys that `source` is or reads.
std::vector<std::int64_t> list_causes(sys::Reader& db, const DirtyBatch& batch, std::string_view source);

/// One remembered text, for what has to be compared with the time before ("generated"). Nothing when it was never set.
std::optional<std::string> find_note(sys::Reader& db, std::string_view name);
void set_note(sys::Transaction& tx, std::string_view name, std::string_view text);

}  // namespace publish
