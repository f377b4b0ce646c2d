// Are the promises kept? From a contract, lines of the ledger and a moment: each obligation met (with the lines that
// prove it), due, or late by so many minutes. Pure calculation: the same for a moment past, present or to come, where
// what is not in the ledger at that moment has not happened.
#pragma once

#include <span>

#include "office/contract/contract.h"

namespace contract {

enum class State {
    Met,           ///< done; lateness > 0: it was late
    Due,           ///< its time runs
    Late,          ///< not done, and its time is over
    NotYet,        ///< its time has not begun
    NotApplicable  ///< nothing has happened that asks for it, or it is excused
};
std::string_view state_id(State state);       ///< "met", "due", "late", "not-yet", "not-applicable"
std::string_view state_wording(State state);  ///< 履行済み, 期限あり, 期限超過, 期間前, 該当なし

struct Evidence {
    std::string stream;  ///< "office", "watch"
    std::int64_t sequence = 0;
    base::Instant at;
    std::string act, subject;
};

/// One thing to do, or one state to keep.
struct Item {
    std::string key;           ///< "2027-04", "vulnerability:5", "" for a state
    base::Instant start, due;  ///< `due` of a state: when it was or will be broken
    State state = State::Due;
    std::optional<base::Instant> done_at;
    std::chrono::minutes lateness{0};  ///< begun minutes after `due`, until done or until now
    std::vector<Evidence> evidence;    ///< at most kMostEvidence, the oldest first
    int done = 0, wanted = 1;          ///< of Count and Standing
    int percent = 0;                   ///< of its time that is gone
};
constexpr std::size_t kMostEvidence = 10;

struct Judged {
    const Obligation* obligation = nullptr;
    State state = State::NotYet;       ///< the worst of what is not done; else Met
    std::optional<base::Instant> due;  ///< of what is late, else of what is due, else of what comes next
    std::chrono::minutes lateness{0};  ///< the longest of what is late now
    std::vector<Evidence> evidence;    ///< of the newest that is met
    std::vector<Item> items;           ///< by due time; of short periods the last kLookBack
    int late_before = 0;               ///< items that were done, but late
};
constexpr std::chrono::hours kLookBack{24 * 400};

/// `lines` in order of time; later ones than `at` are not looked at. What is judged borrows from `contract`.
std::vector<Judged> judge(const Contract& contract, std::span<const Line> lines, base::Instant at);

/// Every item that is due from `from` until before `to`, by due time, as it stands at `at`.
struct DueItem {
    const Obligation* obligation = nullptr;
    Item item;
};
std::vector<DueItem> list_due(const Contract& contract, std::span<const Line> lines, base::Instant at,
                              base::Instant from, base::Instant to);

/// The step that an open item has reached, of those that its obligation warns at: 50, 75, 90, 100; 0 = none. Of a count
/// only while less is done than time is gone.
int warning_step(const Obligation& obligation, const Item& item);

/// Which acts the contract needs, and whether from its beginning or only of the last kLookBack.
struct Wanted {
    std::string act;  ///< "backup.run" or "anomaly.*"
    bool is_whole = false;
    bool is_newest = false;  ///< the newest kMostEvidence are enough: they only show that something goes on
    bool operator==(const Wanted&) const = default;
};
std::vector<Wanted> acts_wanted(const Contract& contract);

/// What people enter by hand, where no act of the program proves it: subject is what it is about, data has obligation
/// and what ("done", "event", "cancelled"), and more as the obligation asks for.
constexpr std::string_view kRecordAct = "contract.record";

}  // namespace contract
