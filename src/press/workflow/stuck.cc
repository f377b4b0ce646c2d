// Pages with which the clock has something to do that fails: the problem is kept, and they are tried again ever later,
// so that they neither spin nor are forgotten.
#include <algorithm>

#include "ground/base/text.h"
#include "press/workflow/store.h"

namespace workflow {

using std::chrono::milliseconds;
using std::chrono::minutes;

std::int64_t note_stuck(sys::Transaction& tx, base::PageId page, std::string_view problem, base::Instant now) {
    const auto before = tx.find("SELECT attempts FROM stuck WHERE page_id = $1", {page.value});
    const std::int64_t attempts = before ? before->integer(0) + 1 : 1;
    const milliseconds wait =
        std::min<milliseconds>(minutes(1) * (std::int64_t{1} << std::min<std::int64_t>(attempts - 1, 6)), minutes(60));
    tx.execute(
        "INSERT INTO stuck (page_id, problem, since, attempts, retry_at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (page_id) DO UPDATE SET problem = excluded.problem, attempts = excluded.attempts, "
        "retry_at = excluded.retry_at",
        {page.value, base::to_valid_utf8(problem), now.milliseconds, attempts, (now + wait).milliseconds});
    return attempts;
}

void clear_stuck(sys::Transaction& tx, base::PageId page) {
    tx.execute("DELETE FROM stuck WHERE page_id = $1", {page.value});
}

std::vector<Stuck> list_stuck(sys::Reader& db, base::Instant now, int limit) {
    std::vector<Stuck> all;
    for (const sys::Row& row :
         db.query("SELECT stuck.page_id, stuck.problem, since, attempts, retry_at FROM stuck JOIN standing ON "
                  "standing.page_id = stuck.page_id WHERE due_at <= $1 OR ends_at <= $1 ORDER BY since, 1 LIMIT $2",
                  {now.milliseconds, std::int64_t{limit}}))
        all.push_back({{row.integer(0)}, row.text(1), {row.integer(2)}, row.integer(3), {row.integer(4)}});
    return all;
}

}  // namespace workflow
