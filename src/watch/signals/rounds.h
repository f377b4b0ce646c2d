// What the detectors looked at, also on the days on which they found nothing: "every day all files were compared" is a
// promise, and silence does not prove it. Each look adds to a row of its day and kind; when the day is over, the row
// becomes one line of the watch's ledger (round.day), from which the monthly report counts. A day without a line is a
// day without a look.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace signals {

struct Round {
    std::string kind;       ///< of round_kinds()
    base::Instant at;       ///< when it ended
    std::int64_t runs = 1;  ///< that came to their end; 0: a part of a longer one
    std::int64_t items = 0;
    std::int64_t bytes = 0;  ///< 0 where nobody counts them
};
using TakeRound = std::function<void(const Round&)>;

struct RoundKind {
    std::string_view id;       ///< "tree.bytes"; never changes
    std::string_view wording;  ///< Japanese
    std::string_view unit;     ///< "個"
};
std::span<const RoundKind> round_kinds();

/// Throws Error(Bug) for a kind that is not in the table.
void add_round(sys::Transaction& tx, const Round& round);
/// The days before today become lines of the ledger. Returns how many.
int settle_rounds(sys::Transaction& tx, base::Instant now);
bool has_rounds_to_settle(sys::Reader& db, base::Instant now);

}  // namespace signals
