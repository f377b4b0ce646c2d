// The only file with SQL on release, release_tree_line, release_tree_node and release_owed. Folders and key hashes are
// stored as bytes, because both engines compare those alike and paths need not be text.
#include "ground/release/store.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace release {

using base::Error;
using base::Kind;

namespace {

constexpr sys::Migration kMigrations[] = {{"release/0001_releases", R"sql(
-- Each release with its signed bytes: the row is the commit point of a publication, the log file and the placement follow.
CREATE TABLE release (
    number BIGINT PRIMARY KEY CHECK (number BETWEEN 1 AND 99999999),
    record {blob} NOT NULL,
    record_hash TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('takeover', 'publish', 'restored', 'rekey')),
    made_at BIGINT NOT NULL,
    root TEXT NOT NULL,
    files BIGINT NOT NULL CHECK (files >= 0),
    bytes BIGINT NOT NULL CHECK (bytes >= 0),
    placed_at BIGINT,
    checked_at BIGINT
);
CREATE INDEX release_made_at ON release (made_at);
CREATE INDEX release_placed_at ON release (number) WHERE placed_at IS NOT NULL;
-- The current tree, line by line and bucket by bucket, so that a release costs what it touches.
CREATE TABLE release_tree_line (
    folder {blob} NOT NULL,
    name_hash {blob} NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (folder, name_hash)
);
CREATE TABLE release_tree_node (
    folder {blob} NOT NULL,
    prefix TEXT NOT NULL,
    lines BIGINT NOT NULL CHECK (lines > 0),
    hash TEXT NOT NULL,
    PRIMARY KEY (folder, prefix)
);
)sql"},
                                          {"release/0002_owed", R"sql(
-- What a database that was restored from a backup owes: a `restored` record with this number or a higher one, before
-- anything else is published. One row, of the last restore.
CREATE TABLE release_owed (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    lowest_number BIGINT NOT NULL CHECK (lowest_number BETWEEN 2 AND 99999999),
    restored_at BIGINT NOT NULL,
    note TEXT NOT NULL
);
)sql"}};

sys::Value blob(std::string_view bytes) {
    sys::Value value;
    value.emplace<sys::Blob>().bytes.assign(bytes);
    return value;
}
sys::Value blob(const base::Hash& hash) {
    return blob(std::string_view(reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size()));
}

[[noreturn]] void fail_damaged(std::string_view what) {
    throw Error(Kind::Damaged, fmt::format("{} in the database is damaged; restore the database from a backup", what));
}

base::Hash hash_of_hex(const std::string& hex) {
    const auto hash = base::Hash::find_hex(hex);
    if (!hash) fail_damaged("a hash of the release tables");
    return *hash;
}
base::Hash hash_of_bytes(const std::string& bytes) {
    return hash_of_hex(base::to_hex(bytes));
}

/// "($1, $2, $3), ($4, ...": `rows` times `width` parameters, the first `shared` of a row being always $1 to $shared.
std::string placeholders(std::size_t rows, std::size_t width, std::size_t shared) {
    std::string text;
    std::size_t next = shared + 1;
    for (std::size_t row = 0; row < rows; ++row) {
        text += row == 0 ? "" : ", ";
        if (width > 1) text += '(';
        for (std::size_t i = 0; i < width; ++i)
            text += fmt::format("{}${}", i == 0 ? "" : ", ", i < shared ? i + 1 : next++);
        if (width > 1) text += ')';
    }
    return text;
}

/// Hands `items` on in portions of three sizes only, so that few statements need preparing.
template <class Item, class Take>
void in_portions(std::span<const Item> items, const Take& take) {
    for (const std::size_t portion : {std::size_t{64}, std::size_t{8}, std::size_t{1}})
        for (; items.size() >= portion; items = items.subspan(portion)) take(items.first(portion));
}

class DatabaseTree final : public TreeStore {
  public:
    explicit DatabaseTree(sys::Transaction& tx) : tx_(tx) {}

    std::vector<TreeLine> find_lines(std::string_view folder, std::span<const base::Hash> keys) override {
        std::vector<TreeLine> found;
        in_portions(keys, [&](std::span<const base::Hash> portion) {
            std::vector<sys::Value> values{blob(folder)};
            for (const auto& key : portion) values.emplace_back(blob(key));
            std::string list;
            for (std::size_t i = 0; i < portion.size(); ++i) list += fmt::format("{}${}", i == 0 ? "" : ", ", i + 2);
            take_lines(tx_.query("SELECT name_hash, line FROM release_tree_line WHERE folder = $1 AND name_hash IN (" +
                                     list + ") ORDER BY name_hash",
                                 values),
                       found);
        });
        return found;
    }

    std::vector<TreeLine> list_lines(std::string_view folder, std::string_view prefix) override {
        const auto [low, high] = key_range(prefix);
        std::vector<TreeLine> found;
        take_lines(tx_.query("SELECT name_hash, line FROM release_tree_line WHERE folder = $1 AND name_hash >= $2 AND "
                             "name_hash <= $3 ORDER BY name_hash",
                             {blob(folder), blob(low), blob(high)}),
                   found);
        return found;
    }

    void put_lines(std::string_view folder, std::span<const TreeLine> lines) override {
        in_portions(lines, [&](std::span<const TreeLine> portion) {
            std::vector<sys::Value> values{blob(folder)};
            for (const auto& line : portion) {
                values.emplace_back(blob(line.key));
                values.emplace_back(line.line);
            }
            tx_.execute("INSERT INTO release_tree_line (folder, name_hash, line) VALUES " +
                            placeholders(portion.size(), 3, 1) +
                            " ON CONFLICT (folder, name_hash) DO UPDATE SET line = excluded.line",
                        values);
        });
    }

    void delete_lines(std::string_view folder, std::span<const base::Hash> keys) override {
        for (const auto& key : keys)
            tx_.execute("DELETE FROM release_tree_line WHERE folder = $1 AND name_hash = $2",
                        {blob(folder), blob(key)});
    }

    std::optional<TreeNode> find_node(std::string_view folder, std::string_view prefix) override {
        const auto row = tx_.find("SELECT lines, hash FROM release_tree_node WHERE folder = $1 AND prefix = $2",
                                  {blob(folder), std::string(prefix)});
        if (!row) return std::nullopt;
        return TreeNode{row->integer(0), hash_of_hex(row->text(1))};
    }

    std::vector<std::pair<char, TreeNode>> list_children(std::string_view folder, std::string_view prefix) override {
        std::vector<sys::Value> values{blob(folder)};
        std::string list;
        for (const char digit : std::string_view("0123456789abcdef")) {
            values.emplace_back(std::string(prefix) + digit);
            list += fmt::format("{}${}", list.empty() ? "" : ", ", values.size());
        }
        std::vector<std::pair<char, TreeNode>> children;
        for (const auto& row : tx_.query(
                 "SELECT prefix, lines, hash FROM release_tree_node WHERE folder = $1 AND prefix IN (" + list + ")",
                 values))
            children.emplace_back(row.text(0).back(), TreeNode{row.integer(1), hash_of_hex(row.text(2))});
        // Sorted here: a text's order is the database's affair.
        std::sort(children.begin(), children.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        return children;
    }

    void put_node(std::string_view folder, std::string_view prefix, const TreeNode& node) override {
        tx_.execute(
            "INSERT INTO release_tree_node (folder, prefix, lines, hash) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (folder, prefix) DO UPDATE SET lines = excluded.lines, hash = excluded.hash",
            {blob(folder), std::string(prefix), node.count, node.hash.hex()});
    }

    void delete_nodes(std::string_view folder, std::string_view prefix) override {
        tx_.execute("DELETE FROM release_tree_node WHERE folder = $1 AND prefix LIKE $2",
                    {blob(folder), fmt::format("{}%", prefix)});
    }

  private:
    static void take_lines(const std::vector<sys::Row>& rows, std::vector<TreeLine>& to) {
        for (const auto& row : rows) to.push_back({hash_of_bytes(row.blob(0)), row.text(1)});
    }
    sys::Transaction& tx_;
};

constexpr std::string_view kRow =
    "SELECT number, record_hash, kind, made_at, root, files, bytes, placed_at, checked_at FROM release ";

Row row_of(const sys::Row& row) {
    const auto maybe_instant = [&](std::size_t column) -> std::optional<base::Instant> {
        if (const auto at = row.maybe_integer(column)) return base::Instant{*at};
        return std::nullopt;
    };
    Row release{row.integer(0),
                hash_of_hex(row.text(1)),
                RecordKind::Publish,
                {row.integer(3)},
                {hash_of_hex(row.text(4)), row.integer(5), row.integer(6)},
                maybe_instant(7),
                maybe_instant(8)};
    for (const auto kind : {RecordKind::Takeover, RecordKind::Restored, RecordKind::Rekey})
        if (kind_name(kind) == row.text(2)) release.kind = kind;
    return release;
}

std::optional<Row> find_row(sys::Reader& db, std::string_view where, std::initializer_list<sys::Value> values = {}) {
    const auto row = db.find(fmt::format("{}{}", kRow, where), values);
    if (!row) return std::nullopt;
    return row_of(*row);
}

void add_row(sys::Transaction& tx, const Record& record, const std::string& bytes, const base::Hash& hash) {
    tx.execute(
        "INSERT INTO release (number, record, record_hash, kind, made_at, root, files, bytes) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {record.number, sys::Blob{bytes}, hash.hex(), std::string(kind_name(record.kind)), record.at.milliseconds,
         record.root.hex(), record.files, record.bytes});
}

std::optional<Entry> entry_of(std::string_view folder, std::string_view line) {
    if (!line.starts_with("f ")) return std::nullopt;
    line.remove_prefix(2);
    const auto space = line.find(' ');
    const auto name = base::percent_decode(line.substr(0, space));
    if (space == std::string_view::npos || !name) fail_damaged("a line of the release tree");
    std::string path = folder.empty() ? *name : fmt::format("{}/{}", folder, *name);
    return parse_fields(std::move(path), line.substr(space + 1));
}

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

Sealed seal(sys::Transaction& tx, const Draft& draft, const sys::SigningKey& key, const sys::SigningKey* next) {
    const auto newest = find_newest(tx);
    const std::int64_t number = std::max(newest ? newest->number + 1 : 1, draft.lowest_number);
    if (draft.kind != RecordKind::Restored && number != (newest ? newest->number + 1 : 1))
        throw Error(Kind::BadInput, "only a restored release may pass over numbers");
    DatabaseTree tree(tx);
    const Summary after = update_tree(tree, newest ? newest->tree : empty_tree(), draft.changes);
    Sealed sealed;
    sealed.record = {
        draft.site, number,       draft.kind,  {},          {},           newest ? newest->record_hash : base::Hash{},
        draft.at,   after.root,   after.files, after.bytes, draft.office, draft.watch,
        draft.note, draft.changes};
    sealed.bytes = write_record(sealed.record, key, next);
    SignedRecord read = parse_record(sealed.bytes);  // what a reader will make of it
    sealed.record = std::move(read.record);
    sealed.hash = read.file_hash;
    add_row(tx, sealed.record, sealed.bytes, sealed.hash);
    return sealed;
}

void note_owed(sys::Transaction& tx, const Owed& owed) {
    tx.execute(
        "INSERT INTO release_owed (id, lowest_number, restored_at, note) VALUES (1, $1, $2, $3) ON CONFLICT (id) DO "
        "UPDATE SET lowest_number = excluded.lowest_number, restored_at = excluded.restored_at, note = excluded.note",
        {owed.lowest_number, owed.restored_at.milliseconds, owed.note});
}

std::optional<Owed> find_owed(sys::Reader& db) {
    const auto row = db.find(
        "SELECT lowest_number, restored_at, note FROM release_owed "
        "WHERE lowest_number > COALESCE((SELECT max(number) FROM release), 0)");
    if (!row) return std::nullopt;
    return Owed{row->integer(0), {row->integer(1)}, row->text(2)};
}

void add_release(sys::Transaction& tx, std::string_view bytes) {
    const SignedRecord read = parse_record(bytes);
    const Record& record = read.record;
    const auto newest = find_newest(tx);
    const std::int64_t due = newest ? newest->number + 1 : 1;
    const bool may_jump = newest && record.kind == RecordKind::Restored && record.number > due;
    if (record.kind == RecordKind::Checkpoint || (record.number != due && !may_jump) ||
        record.previous != (newest ? newest->record_hash : base::Hash{}))
        throw Error(Kind::Damaged,
                    fmt::format("release {} does not follow the database's newest ({})", record.number, due - 1));
    DatabaseTree tree(tx);
    const Summary after = update_tree(tree, newest ? newest->tree : empty_tree(), record.changes);
    if (after != Summary{record.root, record.files, record.bytes})
        throw Error(Kind::Damaged, fmt::format("release {} leads to another tree than it states", record.number));
    add_row(tx, record, std::string(bytes), read.file_hash);
}

void mark_placed(sys::Transaction& tx, std::int64_t number, base::Instant at) {
    if (tx.execute("UPDATE release SET placed_at = COALESCE(placed_at, $2) WHERE number = $1",
                   {number, at.milliseconds}) == 0)
        throw Error(Kind::NotFound, fmt::format("there is no release {}", number));
}

void mark_checked(sys::Transaction& tx, std::int64_t number, base::Instant at) {
    if (tx.execute("UPDATE release SET checked_at = $2 WHERE number = $1", {number, at.milliseconds}) == 0)
        throw Error(Kind::NotFound, fmt::format("there is no release {}", number));
}

std::optional<Row> find_newest(sys::Reader& db) {
    return find_row(db, "ORDER BY number DESC LIMIT 1");
}
std::optional<Row> find_release(sys::Reader& db, std::int64_t number) {
    return find_row(db, "WHERE number = $1", {number});
}
std::optional<Row> find_newest_placed(sys::Reader& db) {
    return find_row(db, "WHERE placed_at IS NOT NULL ORDER BY number DESC LIMIT 1");
}

std::vector<std::int64_t> list_unplaced(sys::Reader& db) {
    std::vector<std::int64_t> numbers;
    for (const auto& row :
         db.query("SELECT number FROM release WHERE number > COALESCE((SELECT max(number) FROM release "
                  "WHERE placed_at IS NOT NULL), 0) ORDER BY number"))
        numbers.push_back(row.integer(0));
    return numbers;
}

std::vector<Row> list_releases(sys::Reader& db, std::int64_t before, int limit) {
    std::vector<Row> releases;
    for (const auto& row :
         db.query(fmt::format("{}WHERE number < $1 ORDER BY number DESC LIMIT $2", kRow),
                  {before > 0 ? before : kHighestNumber + 1, std::int64_t{std::clamp(limit, 1, 1000)}}))
        releases.push_back(row_of(row));
    return releases;
}

std::optional<std::int64_t> find_number_at(sys::Reader& db, base::Instant at) {
    const auto row =
        db.find("SELECT number FROM release WHERE made_at <= $1 ORDER BY number DESC LIMIT 1", {at.milliseconds});
    if (!row) return std::nullopt;
    return row->integer(0);
}

std::string load_record(sys::Reader& db, std::int64_t number) {
    const auto row = db.find("SELECT record FROM release WHERE number = $1", {number});
    if (!row) throw Error(Kind::NotFound, fmt::format("there is no release {}", number));
    return row->blob(0);
}

std::optional<Entry> find_entry(sys::Reader& db, std::string_view path) {
    const auto slash = path.rfind('/');
    const auto folder = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    const auto name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    const auto row = db.find("SELECT line FROM release_tree_line WHERE folder = $1 AND name_hash = $2",
                             {blob(folder), blob(sys::sha256(name))});
    if (!row) return std::nullopt;
    return entry_of(folder, row->text(0));
}

void each_entry(sys::Reader& db, std::string_view folder, const std::function<bool(const Entry&)>& take) {
    const auto take_row = [&](const sys::Row& row) {
        const auto entry = entry_of(row.blob(0), row.text(1));
        return !entry || take(*entry);
    };
    // "0" is the byte after "/": between the two lie all folders below.
    if (folder.empty()) {
        db.each("SELECT folder, line FROM release_tree_line ORDER BY folder", {}, take_row);
    } else {
        db.each(
            "SELECT folder, line FROM release_tree_line WHERE folder = $1 OR (folder >= $2 AND folder < $3) ORDER BY "
            "folder",
            {blob(folder), blob(fmt::format("{}/", folder)), blob(fmt::format("{}0", folder))}, take_row);
    }
}

std::vector<Entry> list_entries(sys::Reader& db, std::string_view folder) {
    std::vector<Entry> entries;
    each_entry(db, folder, [&](const Entry& entry) {
        entries.push_back(entry);
        return true;
    });
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.path < b.path; });
    return entries;
}

}  // namespace release
