// What people see: an anomaly is the open span of one fingerprint, with what was watched, first and last time, evidence
// by reference, and the answer that was given: to act now or not, by whom, why, when. Each transition is an event of
// its timeline and a line of the ledger's stream "watch" in the same transaction. Acts of people carry the version that
// they were made from.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/ids.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "watch/signals/signal.h"

namespace signals {

using AnomalyId = base::Id<struct AnomalyTag>;

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

enum class Standing {
    Open,     ///< wrong now
    Cleared,  ///< well again, and somebody has still to answer for it or to close it
    Closed
};
std::string_view standing_id(Standing standing);  ///< "open", "cleared", "closed"
std::optional<Standing> find_standing(std::string_view id);
std::string_view standing_wording(Standing standing);  ///< 発生中, 復旧, 終結

/// Whether to act: B3.3.
enum class Decision { None, Now, Later, Not };
std::string_view decision_id(Decision decision);  ///< "", "now", "later", "not"
std::optional<Decision> find_decision(std::string_view id);
std::string_view decision_wording(Decision decision);  ///< 未判断, すぐに対応, 期日までに対応, 対応しない

struct Answer {
    Decision decision = Decision::None;
    std::string who;                      ///< who acts; empty for Not
    std::string why;                      ///< the reason; never empty in an answer
    std::optional<base::Instant> due_at;  ///< for Later: until when
    std::string by;                       ///< who decided
    std::optional<base::Instant> at;
};

struct Anomaly {
    AnomalyId id;
    base::Hash fingerprint;
    std::string source, kind, subject, rule;
    std::string group;  ///< what belongs together when there is much of it: source and the kind's first word
    Severity severity = Severity::Warning;  ///< the highest so far
    Standing standing = Standing::Open;
    bool is_no_data = false;    ///< nothing is heard any more: unknown, not well
    bool is_flapping = false;   ///< changes all the time; cleared only when it has been quiet
    bool is_storm = false;      ///< stands for many of one group
    AnomalyId storm;            ///< the one that stands for its group
    std::string suppressed_by;  ///< "dependency:12", "window:3"; empty: people are called
    std::string suppressed_why;
    base::Instant first_at, last_at;  ///< of what was observed
    base::Instant opened_at;          ///< when it was taken for an anomaly
    std::optional<base::Instant> cleared_at, closed_at;
    std::int64_t signals = 0;
    std::int64_t members = 0;  ///< of a storm: fingerprints in it
    std::string text;          ///< the newest sentence
    std::string acknowledged_by;
    std::optional<base::Instant> acknowledged_at;
    Answer answer;
    std::int64_t version = 0;
};

/// One moment of the timeline.
struct Event {
    std::int64_t id = 0;
    base::Instant at;
    std::string what;  ///< "open", "severity", "no-data", "heard", "flap", "suppress", "release", "acknowledge", ...
    std::string by;
    std::string text;
};
std::string_view event_wording(std::string_view what);

struct KeptSignal {
    std::int64_t id = 0;
    State state = State::Raise;
    Severity severity = Severity::Warning;
    base::Instant observed_at, received_at;
    bool is_late = false;
    std::string text;
    std::string payload;  ///< a JSON object, or empty
};

struct By {
    std::string who;  ///< "person:12", "system:cli:1000", "service:watch"
    base::Instant at;
};

/// The acts of people. `version`: what they saw (0 = whatever it is now). On a storm they hold for its members too.
/// Throw Error(NotFound), (Conflict): somebody was faster, (BadInput).
void acknowledge(sys::Transaction& tx, AnomalyId id, const By& by, std::int64_t version = 0);
void answer(sys::Transaction& tx, AnomalyId id, const Answer& answer, const By& by, std::int64_t version = 0);
void add_note(sys::Transaction& tx, AnomalyId id, std::string_view text, const By& by);
/// Throws Error(Conflict) while it is open, or before it was answered.
void close(sys::Transaction& tx, AnomalyId id, std::string_view note, const By& by, std::int64_t version = 0);

/// A span in which nobody is called: a planned stop, an operator at work. Watching goes on, and an emergency is told
/// all the same; but a planned stop of the source "probe" explains that something does not answer, however grave.
struct Window {
    std::int64_t id = 0;
    std::string reason_kind;  ///< "planned-stop" or "operator"
    std::string why;
    std::string by;
    base::Instant from_at, until_at;
    std::string source = "*", kind = "*", subject = "*";
};
/// Throws Error(BadInput): no end after its beginning, above 31 days, no reason.
std::int64_t add_window(sys::Transaction& tx, const Window& window, base::Instant now);
/// Ends it now; false when there is none that has not ended.
bool end_window(sys::Transaction& tx, std::int64_t id, const By& by);
/// Those that have not ended at `now`.
std::vector<Window> list_windows(sys::Reader& db, base::Instant now);

/// Reading, for screens and the command line. What is empty does not restrict.
struct Filter {
    std::optional<Standing> standing;
    bool only_unclosed = false;
    bool only_unanswered = false;
    std::optional<Severity> least;
    std::string source, group, words;          ///< `words` in subject or text
    std::optional<base::Instant> from, until;  ///< by first_at; until is exclusive
    AnomalyId storm;                           ///< the members of this one
    std::int64_t before = 0;                   ///< paging: the smallest id of the last page
    int limit = 50;                            ///< 1 to 1,000
};
/// Newest first.
std::vector<Anomaly> list_anomalies(sys::Reader& db, const Filter& filter);
std::optional<Anomaly> find_anomaly(sys::Reader& db, AnomalyId id);
/// Throws Error(NotFound).
Anomaly load_anomaly(sys::Reader& db, AnomalyId id);
/// Oldest first; at most 1,000.
std::vector<Event> list_events(sys::Reader& db, AnomalyId id);
/// The first ones, which opened it, then the newest; at most `limit`.
std::vector<KeptSignal> list_signals(sys::Reader& db, AnomalyId id, int limit = 50);
/// What was recorded and belongs to no anomaly: whom blocking would have kept out, what another writer changed. Newest
/// first.
std::vector<KeptSignal> list_notes(sys::Reader& db, base::Instant from, int limit = 100);

struct Counts {
    std::int64_t open = 0, cleared = 0;  ///< not closed
    std::int64_t unanswered = 0;         ///< of both
    std::int64_t suppressed = 0;         ///< of the open ones
    std::int64_t by_severity[5] = {};    ///< of the open ones
};
Counts count_anomalies(sys::Reader& db);

/// Forgets signals of closed anomalies received before `signals`, anomalies closed before `anomalies`, and what has
/// been well and unheard of since `watched`: an attacker's addresses must not fill the disk. Returns the number of
/// rows.
struct Before {
    base::Instant signals, anomalies, watched;
};
std::int64_t forget(sys::Transaction& tx, const Before& before);

}  // namespace signals
