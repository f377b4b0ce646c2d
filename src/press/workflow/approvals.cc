// What people said about revisions, and the emergencies that wait to be approved.
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "press/workflow/inner/fields.h"
#include "press/workflow/store.h"

namespace workflow {

namespace {

constexpr std::string_view kSaidIds[] = {"approve", "return", "approve-afterwards"};

constexpr std::string_view kEmergencyColumns =
    "SELECT id, page_id, revision_id, revision_hash, person_id, reason, made_at, writers, findings, approved_by, "
    "approved_at FROM emergency ";

base::Hash hash_at(const sys::Row& row, std::size_t column) {
    const auto hash = base::Hash::find_hex(row.text(column));
    if (!hash) throw base::Error(base::Kind::Damaged, "an approval in the database names no hash; run `yakuba doctor`");
    return *hash;
}

Emergency read_emergency(const sys::Row& row) {
    return {row.integer(0),   {row.integer(1)},  {row.integer(2)},           hash_at(row, 3),
            {row.integer(4)}, row.text(5),       {row.integer(6)},           parse_people(row.text(7)),
            {row.integer(9)}, {row.integer(10)}, parse_findings(row.text(8))};
}

std::vector<Emergency> read_all(const std::vector<sys::Row>& rows) {
    std::vector<Emergency> all;
    for (const sys::Row& row : rows) all.push_back(read_emergency(row));
    return all;
}

}  // namespace

std::string_view said_id(Said said) {
    return kSaidIds[static_cast<std::size_t>(said)];
}

void add_approval(sys::Transaction& tx, const Approval& made) {
    tx.execute(
        "INSERT INTO approval (page_id, revision_id, revision_hash, matter, round, step, groups_said, person_id, "
        "on_behalf_of, said, comment, said_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        {made.page.value, made.revision.value, made.hash.hex(),
         std::string(made.matter == Matter::Publish ? "publish" : "withdraw"), made.round,
         static_cast<std::int64_t>(made.step), std::int64_t{made.groups}, made.person.value, made.on_behalf_of.value,
         std::string(said_id(made.said)), made.comment, made.at.milliseconds});
}

std::vector<Approval> list_approvals(sys::Reader& db, base::PageId page, int limit) {
    std::vector<Approval> approvals;
    for (const sys::Row& row :
         db.query("SELECT id, page_id, revision_id, revision_hash, matter, round, step, groups_said, person_id, "
                  "on_behalf_of, said, comment, said_at FROM approval WHERE page_id = $1 ORDER BY id DESC LIMIT $2",
                  {page.value, std::int64_t{limit}})) {
        const auto* said = std::find(std::begin(kSaidIds), std::end(kSaidIds), row.text(10));
        approvals.push_back({row.integer(0),
                             {row.integer(1)},
                             {row.integer(2)},
                             hash_at(row, 3),
                             row.text(4) == "publish" ? Matter::Publish : Matter::Withdraw,
                             row.integer(5),
                             static_cast<std::size_t>(row.integer(6)),
                             static_cast<std::uint32_t>(row.integer(7)),
                             {row.integer(8)},
                             {row.integer(9)},
                             static_cast<Said>(said - std::begin(kSaidIds)),
                             row.text(11),
                             {row.integer(12)}});
    }
    return approvals;
}

Agreed find_agreed(sys::Reader& db, const Standing& standing) {
    Agreed agreed;
    for (const sys::Row& row :
         db.query("SELECT person_id, groups_said FROM approval WHERE page_id = $1 AND round = $2 AND step = $3 "
                  "AND revision_id = $4 AND revision_hash = $5 AND said = 'approve' ORDER BY id",
                  {standing.page.value, standing.round, static_cast<std::int64_t>(standing.step),
                   standing.revision.value, standing.hash.hex()})) {
        agreed.people.push_back({row.integer(0)});
        agreed.groups |= static_cast<std::uint32_t>(row.integer(1));
    }
    return agreed;
}

std::vector<PersonId> list_agreed_earlier(sys::Reader& db, const Standing& standing) {
    std::vector<PersonId> people;
    for (const sys::Row& row :
         db.query("SELECT DISTINCT person_id FROM approval WHERE page_id = $1 AND round = $2 "
                  "AND step < $3 AND said = 'approve' ORDER BY person_id",
                  {standing.page.value, standing.round, static_cast<std::int64_t>(standing.step)}))
        people.push_back({row.integer(0)});
    return people;
}

std::int64_t add_emergency(sys::Transaction& tx, const Emergency& made) {
    return tx.insert(
        "INSERT INTO emergency (page_id, revision_id, revision_hash, person_id, reason, made_at, writers, findings) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        {made.page.value, made.revision.value, made.hash.hex(), made.person.value, made.reason, made.at.milliseconds,
         write_people(made.writers), write_findings(made.findings)});
}

void close_emergency(sys::Transaction& tx, std::int64_t id, PersonId by, base::Instant at) {
    if (tx.execute("UPDATE emergency SET approved_by = $1, approved_at = $2 WHERE id = $3 AND approved_by = 0",
                   {by.value, at.milliseconds, id}) == 0)
        throw base::Error(base::Kind::Conflict, "この緊急公開は、ほかの人がすでに事後承認しました。");
}

std::optional<Emergency> find_open_emergency(sys::Reader& db, base::PageId page) {
    const auto row = db.find(
        std::string(kEmergencyColumns) + "WHERE page_id = $1 AND approved_by = 0 ORDER BY id LIMIT 1", {page.value});
    if (!row) return std::nullopt;
    return read_emergency(*row);
}

std::vector<Emergency> list_open_emergencies(sys::Reader& db, int limit) {
    return read_all(
        db.query(std::string(kEmergencyColumns) + "WHERE approved_by = 0 ORDER BY id LIMIT $1", {std::int64_t{limit}}));
}

std::vector<Emergency> list_emergencies(sys::Reader& db, base::PageId page, int limit) {
    return read_all(db.query(std::string(kEmergencyColumns) + "WHERE page_id = $1 ORDER BY id DESC LIMIT $2",
                             {page.value, std::int64_t{limit}}));
}

}  // namespace workflow
