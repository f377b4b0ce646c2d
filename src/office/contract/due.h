// When things are due: the turns of a period, and the moment at which a time after or ahead of an event is over. A day
// as a deadline ends when the calendar's office closes if the deadline is counted or rolled in open days, else at
// midnight.
#pragma once

#include "office/contract/contract.h"

namespace contract {

struct Turn {
    std::string key;      ///< "2027-04-01", "2027-04", "2027-Q1", "2027": fiscal quarters and years
    base::Instant begin;  ///< of the period, or of its window
    base::Instant start;  ///< from when the time to do it runs
    base::Instant due;    ///< the first moment at which it is late
};

/// A turn's key, or the subject of an event, in words: "令和9年4月", "令和9年度 第1四半期", "障害 2", "緊急停止".
std::string key_wording(std::string_view key);

/// The days on which it is in force, both included; last < first: never.
struct InForce {
    base::Day first, last;
};
InForce in_force(const Contract& contract, const Obligation& obligation);

/// The turns of Every and Count with from <= due and begin < to, in order.
std::vector<Turn> list_turns(const Contract& contract, const Obligation& obligation, base::Instant from,
                             base::Instant to);

/// The moment at which `within` after `start` is over.
base::Instant due_after(const Contract& contract, const Obligation& obligation, base::Instant start);
/// The last moment for what has to be done `ahead` of `moment`.
base::Instant due_ahead(const Contract& contract, const Obligation& obligation, base::Instant moment);

/// How much of the time from `start` to `due` is gone: 0 to 100, in the obligation's clock.
int percent_gone(const Contract& contract, const Obligation& obligation, base::Instant start, base::Instant due,
                 base::Instant at);

/// Of `span`, on the wall clock.
std::chrono::minutes real_time(Span span);

}  // namespace contract
