// What must be rendered again. A change writes dirty keys in its own transaction; a publication takes them, finds by
// reverse look-up the sources that read them, and clears them in the transaction that records the release. Keys are
// words:
//
//   "page:12" "asset:7" "template:base" "part:footer" "section:kurashi/" "department:3" "contact:3" "category:event"
//   "list:kurashi/"        something entered or left a list of this section, or moved within it
//   "absent:kurashi/x.html"  a look-up that found nothing would now find something
//   "all"                  everything (a full rendering)
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

struct DirtyBatch {
    std::int64_t up_to = 0;            ///< the highest sequence number taken
    std::vector<std::string> keys;     ///< each once
    std::vector<std::int64_t> causes;  ///< receipts that wait
    bool is_everything = false;
    bool is_takeover = false;  ///< a takeover has ended in this batch: its release is the baseline
};

/// The keys that wait, oldest first, at most `limit` of them. Reading them clears nothing.
DirtyBatch take_dirty(sys::Reader& db, int limit = 20'000);
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
/// Replaces what is known of the source. Throws Error(Conflict) when another source yields one of the paths.
void set_source(sys::Transaction& tx, const SourceState& state);
std::vector<std::string> list_readers(sys::Reader& db, std::string_view key);
std::int64_t count_sources(sys::Reader& db);

}  // namespace publish
