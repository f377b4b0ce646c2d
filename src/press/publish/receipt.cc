#include "press/publish/receipt.h"

#include <algorithm>
#include <limits>
#include <span>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace publish {

namespace {

constexpr std::string_view kStateNames[] = {"waiting", "placed", "checked", "failed"};

constexpr std::string_view kColumns =
    "SELECT id, kind, page_id, revision_id, person_id, reason, due_at, made_at, state, release_number, changes, "
    "placed_at, checked_at, problem FROM receipt ";

std::optional<base::Instant> maybe_instant(const sys::Row& row, std::size_t column) {
    const auto value = row.maybe_integer(column);
    if (!value) return std::nullopt;
    return base::Instant{*value};
}

Receipt read_receipt(const sys::Row& row) {
    Receipt receipt;
    receipt.id = row.integer(0);
    receipt.kind = row.text(1);
    receipt.page = {row.maybe_integer(2).value_or(0)};
    receipt.revision = {row.maybe_integer(3).value_or(0)};
    receipt.person = {row.integer(4)};
    receipt.reason = row.text(5);
    receipt.due_at = {row.integer(6)};
    receipt.made_at = {row.integer(7)};
    const auto state = std::find(std::begin(kStateNames), std::end(kStateNames), row.text(8));
    receipt.state = static_cast<ReceiptState>(state - std::begin(kStateNames));
    receipt.release = row.maybe_integer(9).value_or(0);
    if (!row.text(10).empty())
        for (const std::string_view line : base::split(row.text(10), '\n')) receipt.changes.emplace_back(line);
    receipt.placed_at = maybe_instant(row, 11);
    receipt.checked_at = maybe_instant(row, 12);
    receipt.problem = row.text(13);
    return receipt;
}

std::vector<Receipt> read_all(const std::vector<sys::Row>& rows) {
    std::vector<Receipt> receipts;
    for (const sys::Row& row : rows) receipts.push_back(read_receipt(row));
    return receipts;
}

sys::Value nullable(std::int64_t id) {
    return id == 0 ? sys::Value(nullptr) : sys::Value(id);
}

}  // namespace

std::string_view receipt_state_name(ReceiptState state) {
    return kStateNames[static_cast<std::size_t>(state)];
}

std::int64_t add_receipt(sys::Transaction& tx, const Receipt& made) {
    return tx.insert(
        "INSERT INTO receipt (kind, page_id, revision_id, person_id, reason, due_at, made_at, state) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting') RETURNING id",
        {made.kind, nullable(made.page.value), nullable(made.revision.value), made.person.value, made.reason,
         made.due_at.milliseconds, made.made_at.milliseconds});
}

void remove_receipt(sys::Transaction& tx, std::int64_t id) {
    tx.execute("DELETE FROM receipt WHERE id = $1 AND state = 'waiting' AND release_number IS NULL", {id});
}

std::optional<Receipt> find_receipt(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kColumns) + "WHERE id = $1", {id});
    if (!row) return std::nullopt;
    return read_receipt(*row);
}

std::vector<Receipt> list_receipts(sys::Reader& db, base::PageId page, int limit) {
    return read_all(db.query(std::string(kColumns) + "WHERE page_id = $1 ORDER BY id DESC LIMIT $2",
                             {page.value, std::int64_t{limit}}));
}

std::vector<Receipt> list_recent(sys::Reader& db, std::int64_t before, int limit) {
    return read_all(db.query(std::string(kColumns) + "WHERE id < $1 ORDER BY id DESC LIMIT $2",
                             {before > 0 ? before : std::numeric_limits<std::int64_t>::max(), std::int64_t{limit}}));
}

std::vector<Receipt> list_failed(sys::Reader& db, int limit) {
    return read_all(
        db.query(std::string(kColumns) + "WHERE state = 'failed' ORDER BY id DESC LIMIT $1", {std::int64_t{limit}}));
}

std::vector<Receipt> list_open_failed(sys::Reader& db, int limit) {
    return read_all(db.query(
        std::string(kColumns) +
            "AS mine WHERE state = 'failed' AND NOT EXISTS (SELECT 1 FROM receipt AS later WHERE later.id > mine.id "
            "AND "
            "later.state IN ('placed', 'checked') AND later.page_id = mine.page_id) AND "
            "(page_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM receipt AS later WHERE later.id > mine.id AND "
            "later.state IN ('placed', 'checked') AND later.page_id IS NULL AND later.kind = mine.kind)) AND "
            "(release_number IS NULL OR NOT EXISTS (SELECT 1 FROM receipt AS later WHERE later.state = 'checked' AND "
            "later.release_number > mine.release_number)) ORDER BY id DESC LIMIT $1",
        {std::int64_t{limit}}));
}

void note_sealed(sys::Transaction& tx, const DirtyBatch& batch, const release::Record& record) {
    if (batch.causes.empty()) return;
    std::string changes;
    for (const release::Change& change :
         std::span(record.changes).first(std::min(record.changes.size(), kMostChanges))) {
        if (!changes.empty()) changes += '\n';
        changes += change.what == release::Change::What::Put ? "put " : "del ";
        changes += base::percent_encode(change.path());
    }
    if (record.changes.size() > kMostChanges)
        changes += fmt::format("\nfurther {}", record.changes.size() - kMostChanges);  // not listed
    for (const std::int64_t cause : batch.causes)
        tx.execute("UPDATE receipt SET release_number = $1, changes = $2 WHERE id = $3",
                   {record.number, changes, cause});
}

void note_unchanged(sys::Transaction& tx, const DirtyBatch& batch, base::Instant at) {
    for (const std::int64_t cause : batch.causes)
        tx.execute("UPDATE receipt SET state = 'placed', placed_at = $1 WHERE id = $2 AND state = 'waiting'",
                   {at.milliseconds, cause});
}

void note_placed(sys::Transaction& tx, std::int64_t release, base::Instant at) {
    tx.execute("UPDATE receipt SET state = 'placed', placed_at = $1 WHERE release_number = $2 AND state = 'waiting'",
               {at.milliseconds, release});
}

void note_checked(sys::Transaction& tx, std::int64_t release, base::Instant at, std::string_view problem) {
    tx.execute(
        "UPDATE receipt SET state = $1, checked_at = $2, problem = $3 WHERE release_number = $4 AND state = 'placed'",
        {std::string(problem.empty() ? "checked" : "failed"), at.milliseconds, std::string(problem), release});
}

void note_failed(sys::Transaction& tx, const DirtyBatch& batch, std::string_view problem) {
    for (const std::int64_t cause : batch.causes)
        tx.execute("UPDATE receipt SET state = 'failed', problem = $1 WHERE id = $2 AND state = 'waiting'",
                   {std::string(problem), cause});
}

}  // namespace publish
