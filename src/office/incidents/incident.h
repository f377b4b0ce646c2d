// What went wrong for the city, and how it was put right: an incident groups the anomalies of one cause, or begins with
// a telephone call. Its steps, each with time, person and note, are those that the contract asks for; what it has to
// say at its end (cause, measures, scope) is a table of fields. Every act writes its ledger line in the same
// transaction. What an anomaly is the watch knows; here it is a number and its words.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/ids.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"

namespace incidents {

using IncidentId = base::Id<struct IncidentTag>;

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

enum class State { Detected, Received, Investigating, Restored, Fixed, Prevented, Closed };
constexpr State kStates[] = {State::Detected, State::Received,  State::Investigating, State::Restored,
                             State::Fixed,    State::Prevented, State::Closed};
std::string_view state_id(State state);       ///< "detected", "received", ...
std::string_view state_wording(State state);  ///< 検知, 受付, 調査, 暫定復旧, 恒久対応, 再発防止, 終結
std::string_view state_act(State state);      ///< "incident.open", "incident.receive", ...
std::optional<State> find_state(std::string_view id);

/// Who has it: the roles of the contract, from below.
enum class Level { Operator, Manager, Lead };
std::string_view level_id(Level level);       ///< "operator", "manager", "lead": roles of contract.toml
std::string_view level_wording(Level level);  ///< 運用担当者, 保守管理者, 保守責任者

/// What an incident has to say. Facts and suppositions are fields of their own.
struct Field {
    std::string_view id;               ///< "cause_direct"; never changes
    std::string_view wording;          ///< "直接の原因（確かめたこと）"
    std::optional<State> needed_from;  ///< this step and all later ones want it; nothing: it may stay empty
    std::string_view hint = {};
    bool is_number = false;
};
std::span<const Field> all_fields();
const Field* find_field(std::string_view id);
using Values = std::map<std::string, std::string>;  ///< by field id; empty ones are not there

struct By {
    std::string who;  ///< "person:12", "service:watch"
    base::Instant at;
};

struct Incident {
    IncidentId id;
    std::string number;  ///< "障害-2027-0012"
    std::string title;
    int severity = 2;   ///< 0 to 4, as the watch counts
    std::string cause;  ///< anomalies of one cause share it; empty: entered by hand
    State state = State::Detected;
    Level level = Level::Operator;
    base::Instant occurred_at, detected_at;
    std::string found;     ///< "watch", "call", "check"
    std::string reporter;  ///< who told of it; empty: the watch
    std::string made_by;
    base::Instant made_at;
    base::Instant state_at;  ///< when the step was recorded
    std::optional<base::Instant> closed_at;
    std::int64_t version = 0;
};
std::string_view found_wording(std::string_view found);  ///< 監視, 連絡, 点検

struct Step {
    State state = State::Detected;
    base::Instant at, recorded_at;
    std::string by, note;
    bool is_skipped = false;
};

struct Member {
    std::int64_t anomaly = 0;
    std::string text;  ///< as the watch said it, for the day on which the watch has forgotten it
    base::Instant first_at, added_at;
    std::string by;
};

/// What people add to the course: a note, or whom they reached (or not), when and how.
struct Entry {
    std::int64_t id = 0;
    base::Instant at;
    std::string kind;  ///< "note" or "contact"
    std::string whom, how, text, by;
    base::Instant made_at;
};

struct Measure {
    std::int64_t id = 0;
    bool is_preventive = false;  ///< else corrective
    std::string text, owner;
    base::Day due_on;
    std::optional<base::Day> done_on;
    std::string effect;   ///< how it was checked that it works
    std::string similar;  ///< where else it could happen, and what was found there
    std::string by;
    std::int64_t version = 0;
    bool is_done() const { return done_on && !effect.empty() && !similar.empty(); }
};

/// A document handed over: 速報, 中間, 最終.
struct Report {
    std::string stage;          ///< "first", "interim", "final"
    std::int64_t delivery = 0;  ///< of office/documents
    std::int64_t document = 0;
    std::string whom, how;
    base::Instant happened_at;
};
std::string_view stage_wording(std::string_view stage);

constexpr std::size_t kLongestTitle = 100;  ///< characters

struct NewIncident {
    std::string title;
    int severity = 2;
    std::string cause;
    base::Instant occurred_at, detected_at;
    std::string found = "call";
    std::string reporter;
    std::string symptom;
    std::string once;  ///< names the form or the anomaly: a second one with it gives the first one back
    std::vector<Member> members;
};
/// Throws Error(BadInput), Error(Conflict): an anomaly is in another incident already.
Incident open(sys::Transaction& tx, const NewIncident& made, const By& by);
/// False when it is in this one already. Throws Error(Conflict) when it is in another, or this one is closed.
bool add_member(sys::Transaction& tx, IncidentId id, const Member& member, int severity, const By& by);

struct Advance {
    State to = State::Received;
    base::Instant at;  ///< not later than now; earlier than by some minutes asks for a note
    std::string note;
    std::string skipping;  ///< why the steps between are left out; each is recorded with it
};
/// Throws Error(BadInput) that says what is missing, Error(Conflict): somebody was faster (version 0 = whatever it is).
Incident advance(sys::Transaction& tx, IncidentId id, const Advance& asked, const By& by, std::int64_t version);
/// It came back, or was not over: investigated again.
Incident reopen(sys::Transaction& tx, IncidentId id, std::string_view why, const By& by, std::int64_t version);
/// To the next of operator, manager, lead.
Incident escalate(sys::Transaction& tx, IncidentId id, Level to, std::string_view why, const By& by,
                  std::int64_t version);

struct Edit {
    std::string title;
    int severity = 2;
    base::Instant occurred_at;
    Values values;  ///< of all fields; what is not there is emptied
};
/// Writes what has changed; the place of the fault, said for the first time, is an act of its own (incident.locate).
Incident edit(sys::Transaction& tx, IncidentId id, const Edit& edit, const By& by, std::int64_t version);
/// False when that form was sent before.
bool add_entry(sys::Transaction& tx, IncidentId id, const Entry& entry, std::string_view once, const By& by);
Measure add_measure(sys::Transaction& tx, IncidentId id, const Measure& made, std::string_view once, const By& by);
Measure change_measure(sys::Transaction& tx, IncidentId id, const Measure& changed, const By& by);
/// False when that delivery is known.
bool add_report(sys::Transaction& tx, IncidentId id, const Report& report, const By& by);
/// A step of the incident manual, done. False when it was ticked before: who was first stays.
bool tick(sys::Transaction& tx, IncidentId id, std::string_view runbook, std::string_view step, std::string_view note,
          const By& by);

/// What keeps it from reaching `to`: for screens, each with where it is put right.
struct Missing {
    std::string id;       ///< "field-cause_direct", "measures", "reports": the part of the screen
    std::string wording;  ///< "直接の原因"
};
std::vector<Missing> list_missing(sys::Reader& db, IncidentId id, State to);

struct Filter {
    bool only_open = false;
    std::optional<State> state;
    std::string words;                         ///< in number or title
    std::optional<base::Instant> from, until;  ///< detected; until is exclusive
    std::int64_t before = 0;
    std::int64_t after = 0;  ///< with `oldest_first`
    bool oldest_first = false;
    int limit = 50;  ///< 1 to 1,000
};
/// Newest first, unless asked otherwise.
std::vector<Incident> list_incidents(sys::Reader& db, const Filter& filter);
std::int64_t count_open(sys::Reader& db);
std::optional<Incident> find_incident(sys::Reader& db, IncidentId id);
Incident load_incident(sys::Reader& db, IncidentId id);
/// The incident that an anomaly belongs to.
std::optional<IncidentId> find_by_anomaly(sys::Reader& db, std::int64_t anomaly);
/// The newest one of the cause that is not restored yet, or to which an anomaly came after `since`, and not closed.
std::optional<Incident> find_by_cause(sys::Reader& db, std::string_view cause, base::Instant since);
std::vector<Step> list_steps(sys::Reader& db, IncidentId id);
constexpr std::int64_t kMostMembers = 500;
/// Whether another anomaly can be added.
bool has_room(sys::Reader& db, IncidentId id);
std::vector<Member> list_members(sys::Reader& db, IncidentId id);
std::vector<Entry> list_entries(sys::Reader& db, IncidentId id);
std::vector<Measure> list_measures(sys::Reader& db, IncidentId id);
std::vector<Report> list_reports(sys::Reader& db, IncidentId id);
Values load_values(sys::Reader& db, IncidentId id);

struct Tick {
    std::string runbook, step, note, by;
    base::Instant at;
};
std::vector<Tick> list_ticks(sys::Reader& db, IncidentId id);

}  // namespace incidents
