#include "watch/signals/rounds.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"

namespace signals {

namespace {

constexpr RoundKind kRoundKinds[] = {{"tree.bytes", "公開ファイルの内容の照合（全数）", "個"},
                                     {"tree.times", "公開ファイルの変更日時の確認（全数）", "個"},
                                     {"outside", "公開サーバの応答の照合", "ページ"},
                                     {"antivirus", "ファイルのウイルス検査", "個"},
                                     {"intrusion", "アクセスログの検査", "行"}};

}  // namespace

std::span<const RoundKind> round_kinds() {
    return kRoundKinds;
}

void add_round(sys::Transaction& tx, const Round& round) {
    if (std::none_of(std::begin(kRoundKinds), std::end(kRoundKinds),
                     [&](const RoundKind& kind) { return kind.id == round.kind; }))
        throw base::Error(base::Kind::Bug, fmt::format("nobody knows rounds of the kind {}", round.kind));
    tx.execute(
        "INSERT INTO watch_round (day, kind, runs, items, bytes, first_at, last_at) VALUES ($1, $2, $3, $4, $5, $6, "
        "$6) "
        "ON CONFLICT (day, kind) DO UPDATE SET runs = watch_round.runs + excluded.runs, "
        "items = watch_round.items + excluded.items, bytes = watch_round.bytes + excluded.bytes, "
        "first_at = MIN(watch_round.first_at, excluded.first_at), "
        "last_at = MAX(watch_round.last_at, excluded.last_at)",
        {base::format_day(base::local_day(round.at)), round.kind, round.runs, round.items, round.bytes,
         round.at.milliseconds});
}

bool has_rounds_to_settle(sys::Reader& db, base::Instant now) {
    return db.find("SELECT 1 FROM watch_round WHERE day < $1 LIMIT 1", {base::format_day(base::local_day(now))})
        .has_value();
}

int settle_rounds(sys::Transaction& tx, base::Instant now) {
    const std::string today = base::format_day(base::local_day(now));
    struct Over {
        std::string kind;
        boost::json::object detail;
    };
    std::vector<Over> over;
    tx.each(
        "SELECT day, kind, runs, items, bytes, first_at, last_at FROM watch_round WHERE day < $1 ORDER BY day, kind",
        {today}, [&](const sys::Row& row) {
            over.push_back({row.text(1),
                            {{"kind", row.text(1)},
                             {"day", row.text(0)},
                             {"runs", row.integer(2)},
                             {"items", row.integer(3)},
                             {"bytes", row.integer(4)},
                             {"first_at", base::format_utc(base::Instant{row.integer(5)})},
                             {"last_at", base::format_utc(base::Instant{row.integer(6)})}}});
            return true;
        });
    for (const Over& one : over)
        ledger::append(
            tx,
            {now, "service:watch", "round.day", fmt::format("round:{}", one.kind), boost::json::serialize(one.detail)},
            ledger::kWatch);
    tx.execute("DELETE FROM watch_round WHERE day < $1", {today});
    return static_cast<int>(over.size());
}

}  // namespace signals
