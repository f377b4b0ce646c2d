#include "press/content/presence.h"

namespace content {

namespace {

constexpr std::chrono::seconds kRenewAfter{30};

std::int64_t oldest_lease(base::Instant now) {
    return now.milliseconds - std::chrono::milliseconds(kEditingLease).count();
}

}  // namespace

void note_editing(sys::Database& db, base::PageId page, base::PersonId person, base::Instant now) {
    const std::int64_t fresh = now.milliseconds - std::chrono::milliseconds(kRenewAfter).count();
    const bool is_fresh = db.read([&](sys::Reader& reader) {
        return reader
            .find("SELECT 1 FROM editing WHERE page_id = $1 AND person_id = $2 AND renewed_at > $3",
                  {page.value, person.value, fresh})
            .has_value();
    });
    if (is_fresh) return;
    db.write([&](sys::Transaction& tx) {
        tx.execute("DELETE FROM editing WHERE page_id = $1 AND renewed_at <= $2", {page.value, oldest_lease(now)});
        tx.execute(
            "INSERT INTO editing (page_id, person_id, since, renewed_at) VALUES ($1, $2, $3, $3) "
            "ON CONFLICT (page_id, person_id) DO UPDATE SET renewed_at = excluded.renewed_at",
            {page.value, person.value, now.milliseconds});
    });
}

void end_editing(sys::Database& db, base::PageId page, base::PersonId person) {
    db.write([&](sys::Transaction& tx) {
        tx.execute("DELETE FROM editing WHERE page_id = $1 AND person_id = $2", {page.value, person.value});
    });
}

std::vector<Editing> list_editing(sys::Reader& db, base::PageId page, base::PersonId but, base::Instant now) {
    std::vector<Editing> all;
    for (const sys::Row& row :
         db.query("SELECT person_id, since FROM editing WHERE page_id = $1 AND person_id <> $2 AND renewed_at > $3 "
                  "ORDER BY since, person_id",
                  {page.value, but.value, oldest_lease(now)}))
        all.push_back({{row.integer(0)}, {row.integer(1)}});
    return all;
}

}  // namespace content
