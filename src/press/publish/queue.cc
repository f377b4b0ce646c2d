#include "press/publish/queue.h"

#include "ground/base/error.h"

namespace publish {

void mark_dirty(sys::Transaction& tx, std::string_view key, base::Instant at, std::int64_t cause) {
    tx.execute("INSERT INTO dirty_key (key, marked_at, cause) VALUES ($1, $2, $3)",
               {std::string(key), at.milliseconds, cause});
}

DirtyBatch take_dirty(sys::Reader& db, int limit) {
    DirtyBatch batch;
    std::set<std::string> keys;
    std::set<std::int64_t> causes;
    for (const sys::Row& row :
         db.query("SELECT sequence, key, cause FROM dirty_key ORDER BY sequence LIMIT $1", {std::int64_t{limit}})) {
        const std::int64_t sequence = row.integer(0);
        if (!batch.taken.empty() && batch.taken.back().second + 1 == sequence)
            batch.taken.back().second = sequence;
        else
            batch.taken.emplace_back(sequence, sequence);
        if (row.text(1) == "all") batch.is_everything = true;
        if (row.text(1).starts_with("takeover:")) batch.is_takeover = true;
        keys.insert(row.text(1));
        if (row.integer(2) == 0) continue;
        causes.insert(row.integer(2));
        batch.marks.push_back({row.text(1), row.integer(2)});
    }
    batch.keys.assign(keys.begin(), keys.end());
    batch.causes.assign(causes.begin(), causes.end());
    return batch;
}

void clear_dirty(sys::Transaction& tx, const DirtyBatch& batch) {
    for (const auto& [first, last] : batch.taken)
        tx.execute("DELETE FROM dirty_key WHERE sequence >= $1 AND sequence <= $2", {first, last});
}

bool is_dirtier(sys::Reader& db, const DirtyBatch& batch) {
    std::int64_t taken = 0;
    for (const auto& [first, last] : batch.taken) taken += last - first + 1;
    return db.find("SELECT count(*) FROM dirty_key")->integer(0) > taken;
}

bool is_anything_dirty(sys::Reader& db) {
    return db.find("SELECT sequence FROM dirty_key LIMIT 1").has_value();
}

std::vector<std::string> find_stale(sys::Reader& db, const DirtyBatch& batch, base::Instant now) {
    std::set<std::string> stale;
    if (batch.is_everything)  // also what has never come out yet
        for (const sys::Row& row : db.query("SELECT source FROM source UNION SELECT source FROM failed_source"))
            stale.insert(row.text(0));
    for (const std::string& key : batch.keys) {
        if (is_source_key(key)) stale.insert(key);
        for (std::string& reader : list_readers(db, key)) stale.insert(std::move(reader));
    }
    for (const sys::Row& row :
         db.query("SELECT source FROM source WHERE changes_at IS NOT NULL AND changes_at <= $1", {now.milliseconds}))
        stale.insert(row.text(0));
    if (!stale.empty())
        for (std::string& reader : list_readers(db, "any")) stale.insert(std::move(reader));
    return {stale.begin(), stale.end()};
}

std::optional<base::Instant> next_change(sys::Reader& db) {
    const auto row = db.find("SELECT changes_at FROM source WHERE changes_at IS NOT NULL ORDER BY changes_at LIMIT 1");
    if (!row) return std::nullopt;
    return base::Instant{row->integer(0)};
}

bool is_source_key(std::string_view key) {
    for (const std::string_view kind :
         {"page:", "asset:", "redirect:", "feed:", "sitemap:", "archive:", "error:", "style:"})
        if (key.starts_with(kind)) return true;
    return false;
}

std::vector<std::string> list_outputs(sys::Reader& db, std::string_view source) {
    std::vector<std::string> paths;
    for (const sys::Row& row :
         db.query("SELECT path FROM output WHERE source = $1 ORDER BY path", {std::string(source)}))
        paths.push_back(row.text(0));
    return paths;
}

std::optional<std::string> find_owner(sys::Reader& db, std::string_view path) {
    const auto row = db.find("SELECT source FROM output WHERE path = $1", {std::string(path)});
    if (!row) return std::nullopt;
    return row->text(0);
}

std::optional<std::pair<std::string, std::string>> find_clash(sys::Reader& db, std::string_view path) {
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
        if (auto owner = find_owner(db, path.substr(0, slash)))
            return std::pair(std::string(path.substr(0, slash)), std::move(*owner));
    const auto below = db.find("SELECT path, source FROM output WHERE path >= $1 AND path < $2 ORDER BY path LIMIT 1",
                               {std::string(path) + "/", std::string(path) + "0"});
    if (!below) return std::nullopt;
    return std::pair(below->text(0), below->text(1));
}

void set_source(sys::Transaction& tx, const SourceState& state) {
    tx.execute("DELETE FROM dependency WHERE source = $1", {state.source});
    tx.execute("DELETE FROM output WHERE source = $1", {state.source});
    tx.execute("DELETE FROM failed_source WHERE source = $1", {state.source});
    if (state.paths.empty()) {
        tx.execute("DELETE FROM source WHERE source = $1", {state.source});
        return;
    }
    tx.execute(
        "INSERT INTO source (source, changes_at) VALUES ($1, $2) "
        "ON CONFLICT (source) DO UPDATE SET changes_at = excluded.changes_at",
        {state.source, state.changes_at ? sys::Value(state.changes_at->milliseconds) : sys::Value(nullptr)});
    for (const std::string& path : state.paths) {
        if (const auto owner = find_owner(tx, path))
            throw base::Error(
                base::Kind::Conflict,
                fmt::format("{} と {} が同じ公開パス {} を使おうとしています。どちらかを別の名前にしてください。",
                            state.source, *owner, path));
        tx.execute("INSERT INTO output (path, source) VALUES ($1, $2)", {path, state.source});
    }
    const std::set<std::string> reads(state.reads.begin(), state.reads.end());
    for (const std::string& key : reads)
        tx.execute("INSERT INTO dependency (source, key) VALUES ($1, $2)", {state.source, key});
}

std::vector<std::string> list_readers(sys::Reader& db, std::string_view key) {
    std::vector<std::string> sources;
    for (const sys::Row& row :
         db.query("SELECT source FROM dependency WHERE key = $1 ORDER BY source", {std::string(key)}))
        sources.push_back(row.text(0));
    return sources;
}

std::int64_t count_readers(sys::Reader& db, std::string_view key, std::string_view kind) {
    std::string until(kind);  // the kind's words end with ':'; what follows it in order ends the range
    ++until.back();
    return db
        .find("SELECT count(*) FROM dependency WHERE key = $1 AND source >= $2 AND source < $3",
              {std::string(key), std::string(kind), until})
        ->integer(0);
}

std::vector<std::string> list_reads(sys::Reader& db, std::string_view source) {
    std::vector<std::string> keys;
    for (const sys::Row& row :
         db.query("SELECT key FROM dependency WHERE source = $1 ORDER BY key", {std::string(source)}))
        keys.push_back(row.text(0));
    return keys;
}

std::int64_t count_sources(sys::Reader& db) {
    return db.find("SELECT count(*) FROM source")->integer(0);
}

void note_failed_source(sys::Transaction& tx, std::string_view source, std::string_view problem,
                        std::span<const std::string> reads, base::Instant at) {
    const std::string name(source);
    tx.execute(
        "INSERT INTO failed_source (source, problem, since, last_at, attempts) VALUES ($1, $2, $3, $3, 1) "
        "ON CONFLICT (source) DO UPDATE SET problem = excluded.problem, last_at = excluded.last_at, "
        "attempts = failed_source.attempts + 1",
        {name, std::string(problem), at.milliseconds});
    // What the clock has asked for has been tried; the next change tries again.
    tx.execute("UPDATE source SET changes_at = NULL WHERE source = $1", {name});
    for (const std::string& key : std::set<std::string>(reads.begin(), reads.end()))
        tx.execute("INSERT INTO dependency (source, key) VALUES ($1, $2) ON CONFLICT (source, key) DO NOTHING",
                   {name, key});
}

std::vector<FailedSource> list_failed_sources(sys::Reader& db, int limit) {
    std::vector<FailedSource> all;
    for (const sys::Row& row :
         db.query("SELECT source, problem, since, last_at, attempts FROM failed_source ORDER BY since, source LIMIT $1",
                  {std::int64_t{limit}}))
        all.push_back({row.text(0), row.text(1), {row.integer(2)}, {row.integer(3)}, row.integer(4)});
    return all;
}

std::vector<std::int64_t> list_causes(sys::Reader& db, const DirtyBatch& batch, std::string_view source) {
    if (batch.marks.empty()) return {};
    std::vector<std::string> reads = list_reads(db, source);
    std::sort(reads.begin(), reads.end());  // the order of text is the database's affair
    std::set<std::int64_t> causes;
    for (const Mark& mark : batch.marks)
        if (mark.key == source || std::binary_search(reads.begin(), reads.end(), mark.key)) causes.insert(mark.cause);
    return {causes.begin(), causes.end()};
}

std::optional<std::string> find_note(sys::Reader& db, std::string_view name) {
    const auto row = db.find("SELECT text FROM publish_note WHERE name = $1", {std::string(name)});
    if (!row) return std::nullopt;
    return row->text(0);
}

void set_note(sys::Transaction& tx, std::string_view name, std::string_view text) {
    tx.execute(
        "INSERT INTO publish_note (name, text) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
        {std::string(name), std::string(text)});
}

}  // namespace publish
