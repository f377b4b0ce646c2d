#include "office/notify/store.h"

#include <algorithm>

#include <fmt/format.h>

namespace notify {
namespace {

constexpr sys::Migration kMigrations[] = {{"notify/0001_notice", R"(
-- What people are to be told, and how they want it. notice_place has one row: how far the ledger has been read.
CREATE TABLE notice (
    id {id},
    notice_key {key} NOT NULL UNIQUE,
    kind {key} NOT NULL,
    person_id BIGINT NOT NULL,
    page_id BIGINT NOT NULL,
    receipt_id BIGINT NOT NULL,
    is_urgent BIGINT NOT NULL CHECK (is_urgent IN (0, 1)),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    path TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    fate {key} NOT NULL CHECK (fate IN ('held', 'waiting', 'told', 'dropped')),
    reason {key} NOT NULL DEFAULT '',
    settled_at BIGINT,
    CHECK ((fate IN ('held', 'waiting')) = (settled_at IS NULL))
);
CREATE INDEX notice_waiting ON notice (person_id, id) WHERE fate = 'waiting';
CREATE INDEX notice_held ON notice (id) WHERE fate = 'held';
CREATE INDEX notice_settled ON notice (settled_at);
CREATE TABLE notice_choice (
    person_id BIGINT PRIMARY KEY,
    choice {key} NOT NULL CHECK (choice IN ('at-once', 'digest', 'none'))
);
CREATE TABLE notice_place (
    stream {key} PRIMARY KEY,
    sequence BIGINT NOT NULL
);
)"}};

constexpr std::string_view kChoices[] = {"at-once", "digest", "none"};
constexpr std::string_view kFates[] = {"held", "waiting", "told", "dropped"};
constexpr std::int64_t kMostInOne = 500;

template <class Names>
std::optional<std::size_t> place_in(const Names& names, std::string_view name) {
    const auto* found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names)) return std::nullopt;
    return static_cast<std::size_t>(found - std::begin(names));
}

std::vector<Notice> read_all(const std::vector<sys::Row>& rows) {
    std::vector<Notice> notices;
    for (const sys::Row& row : rows)
        notices.push_back({row.integer(0),
                           row.text(1),
                           row.text(2),
                           {row.integer(3)},
                           {row.integer(4)},
                           row.integer(5),
                           row.flag(6),
                           row.text(7),
                           row.text(8),
                           row.text(9),
                           {row.integer(10)},
                           static_cast<Fate>(place_in(kFates, row.text(11)).value()),
                           row.text(12)});
    return notices;
}

constexpr std::string_view kColumns =
    "SELECT id, notice_key, kind, person_id, page_id, receipt_id, is_urgent, title, body, path, made_at, fate, reason "
    "FROM notice ";

void settle(sys::Transaction& tx, std::int64_t id, Fate fate, std::string_view reason, base::Instant at) {
    tx.execute("UPDATE notice SET fate = $1, reason = $2, settled_at = $3 WHERE id = $4",
               {std::string(kFates[static_cast<std::size_t>(fate)]), std::string(reason), at.milliseconds, id});
}

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

std::string_view choice_id(Choice choice) {
    return kChoices[static_cast<std::size_t>(choice)];
}

std::optional<Choice> find_choice(std::string_view id) {
    const auto place = place_in(kChoices, id);
    if (!place) return std::nullopt;
    return static_cast<Choice>(*place);
}

Choice load_choice(sys::Reader& db, base::PersonId person) {
    const auto row = db.find("SELECT choice FROM notice_choice WHERE person_id = $1", {person.value});
    return row ? find_choice(row->text(0)).value_or(Choice::AtOnce) : Choice::AtOnce;
}

void set_choice(sys::Transaction& tx, base::PersonId person, Choice choice) {
    tx.execute(
        "INSERT INTO notice_choice (person_id, choice) VALUES ($1, $2) "
        "ON CONFLICT (person_id) DO UPDATE SET choice = excluded.choice",
        {person.value, std::string(choice_id(choice))});
}

bool add(sys::Transaction& tx, const Notice& made) {
    const bool is_settled = made.fate == Fate::Told || made.fate == Fate::Dropped;
    return tx.execute(
               "INSERT INTO notice (notice_key, kind, person_id, page_id, receipt_id, is_urgent, title, body, path, "
               "made_at, fate, reason, settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
               "ON CONFLICT (notice_key) DO NOTHING",
               {made.key, made.kind, made.person.value, made.page.value, made.receipt,
                std::int64_t{made.is_urgent ? 1 : 0}, made.title, made.text, made.path, made.made_at.milliseconds,
                std::string(kFates[static_cast<std::size_t>(made.fate)]), made.reason,
                is_settled ? sys::Value(made.made_at.milliseconds) : sys::Value(nullptr)}) == 1;
}

std::vector<Notice> list_held(sys::Reader& db, int limit) {
    return read_all(
        db.query(std::string(kColumns) + "WHERE fate = 'held' ORDER BY id LIMIT $1", {std::int64_t{limit}}));
}

void release_held(sys::Transaction& tx, std::int64_t id, std::string_view title, std::string_view text,
                  bool is_urgent) {
    tx.execute(
        "UPDATE notice SET fate = 'waiting', title = $1, body = $2, is_urgent = $3 WHERE id = $4 AND fate = "
        "'held'",
        {std::string(title), std::string(text), std::int64_t{is_urgent ? 1 : 0}, id});
}

std::vector<base::PersonId> list_people_waiting(sys::Reader& db) {
    std::vector<base::PersonId> people;
    for (const sys::Row& row :
         db.query("SELECT DISTINCT person_id FROM notice WHERE fate = 'waiting' ORDER BY person_id"))
        people.push_back({row.integer(0)});
    return people;
}

std::vector<Notice> list_waiting(sys::Reader& db, base::PersonId person) {
    return read_all(db.query(std::string(kColumns) + "WHERE fate = 'waiting' AND person_id = $1 ORDER BY id LIMIT $2",
                             {person.value, kMostInOne}));
}

void mark_told(sys::Transaction& tx, std::int64_t id, base::Instant at) {
    settle(tx, id, Fate::Told, "", at);
}

void mark_dropped(sys::Transaction& tx, std::int64_t id, std::string_view reason, base::Instant at) {
    settle(tx, id, Fate::Dropped, reason, at);
}

std::vector<Unreached> list_unreached(sys::Reader& db, base::Instant since) {
    std::vector<Unreached> all;
    for (const sys::Row& row :
         db.query("SELECT person_id, count(*) FROM notice WHERE fate = 'dropped' AND reason = $1 AND settled_at >= $2 "
                  "GROUP BY person_id ORDER BY person_id LIMIT 1000",
                  {std::string(kNoAddress), since.milliseconds}))
        all.push_back({{row.integer(0)}, row.integer(1)});
    return all;
}

std::int64_t count_waiting(sys::Reader& db) {
    return db.find("SELECT count(*) FROM notice WHERE fate IN ('held', 'waiting')")->integer(0);
}

std::optional<std::int64_t> find_place(sys::Reader& db) {
    const auto row = db.find("SELECT sequence FROM notice_place WHERE stream = 'office'");
    if (!row) return std::nullopt;
    return row->integer(0);
}

bool move_place(sys::Transaction& tx, std::optional<std::int64_t> from, std::int64_t to) {
    if (!from)
        return tx.execute("INSERT INTO notice_place (stream, sequence) VALUES ('office', $1) ON CONFLICT DO NOTHING",
                          {to}) == 1;
    return tx.execute("UPDATE notice_place SET sequence = $1 WHERE stream = 'office' AND sequence = $2", {to, *from}) ==
           1;
}

std::int64_t forget(sys::Transaction& tx, base::Instant before) {
    return tx.execute("DELETE FROM notice WHERE settled_at < $1", {before.milliseconds});
}

}  // namespace notify
