// Planned stops: what stops when and why, what is told to whom and whether it really was told, the freeze of editing,
// and what became of it. The last days for telling come from the contract (flow/plan_stop.h), here they are moments.
// Every act writes its ledger line in the same transaction.
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

namespace stops {

using StopId = base::Id<struct PlannedStopTag>;

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

enum class State { Planned, Running, Ended, Cancelled };
std::string_view state_id(State state);       ///< "planned", "running", "ended", "cancelled"
std::string_view state_wording(State state);  ///< 予定, 停止中, 終了, 中止
std::optional<State> find_state(std::string_view id);

enum class Audience { Residents, Staff };
constexpr Audience kAudiences[] = {Audience::Residents, Audience::Staff};
std::string_view audience_id(Audience audience);       ///< "residents", "staff"
std::string_view audience_wording(Audience audience);  ///< 利用者（住民）, 職員
std::optional<Audience> find_audience(std::string_view id);

/// What people enter.
struct Plan {
    std::string title;
    base::Instant starts_at, ends_at;
    bool stops_public = false;  ///< residents cannot see the site (or part of it)
    bool freezes = true;        ///< staff cannot change pages meanwhile
    std::string what;           ///< what stops, in plain Japanese
    std::string works;          ///< what works all the same
    std::string reason;
    std::string contact;                       ///< whom to ask, and the way in an emergency
    std::string work;                          ///< for staff: what is done
    std::string decider;                       ///< who says go or no-go
    std::string tree;                          ///< the telephone tree
    std::optional<base::Instant> rollback_at;  ///< until when it can be taken back
    std::string unavoidable;                   ///< the reason, when it is told later than the contract asks; else empty
};

/// The last moments for telling; nothing where the contract does not ask.
struct Limits {
    std::optional<base::Instant> residents, staff;
    const std::optional<base::Instant>& of(Audience audience) const {
        return audience == Audience::Residents ? residents : staff;
    }
};

struct PlannedStop {
    StopId id;
    std::string number;  ///< "計画停止-2027-0003"
    Plan plan;
    State state = State::Planned;
    Limits limits;
    int round = 1;              ///< counts what has to be told: the plan, its changes, its cancellation
    base::PageId page;          ///< the residents' notice; 0 = none yet
    std::int64_t revision = 0;  ///< of the notice, for this round; 0 = not written yet
    std::string cancelled_why;
    std::optional<base::Instant> started_at, ended_at, cancelled_at;
    std::string made_by;
    base::Instant made_at;
    std::int64_t version = 0;
    /// 終了, 中止: nothing more comes of it but that it is told.
    bool is_over() const { return state == State::Ended || state == State::Cancelled; }
    /// Until when its notice is of use: some days after its end, or after the one that was planned.
    base::Instant notice_until() const;
    /// Editing is closed at `now`.
    bool is_frozen(base::Instant now) const;
    /// Its time is over, and nobody has said that it has ended.
    bool is_overdue(base::Instant now) const { return state == State::Running && now > plan.ends_at; }
};

/// Something told: for each round and audience once.
struct Told {
    int round = 1;
    Audience audience = Audience::Residents;
    base::Instant at;   ///< when it was public, or accepted by the mail server
    std::string proof;  ///< "release 12, oshirase/teishi.html", "37 letters"
    std::string by;
};

struct By {
    std::string who;
    base::Instant at;
};

/// Throws Error(BadInput) in words for the person: what is missing, or too late (with the last days), unless
/// `plan.unavoidable` says why. `once` names the form: sent twice, the first one comes back.
PlannedStop plan(sys::Transaction& tx, const Plan& plan, const Limits& limits, std::string_view once, const By& by);
/// Other times or words: has to be told again. Only while it is planned.
PlannedStop change(sys::Transaction& tx, StopId id, const Plan& plan, const Limits& limits, const By& by,
                   std::int64_t version);
PlannedStop cancel(sys::Transaction& tx, StopId id, std::string_view why, const By& by, std::int64_t version);
/// Throw Error(Conflict) when it is not planned, not running. `at`: not later than now.
PlannedStop start(sys::Transaction& tx, StopId id, base::Instant at, const By& by, std::int64_t version);
/// That it has ended is a round of its own, for those who heard of it.
PlannedStop end(sys::Transaction& tx, StopId id, base::Instant at, std::string_view note, const By& by,
                std::int64_t version);
/// It runs, and takes longer (or less long) than was told: has to be told again. What had to be told ahead of it stays
/// as it is. Throws Error(BadInput): the end is not to come, or is the old one.
PlannedStop extend(sys::Transaction& tx, StopId id, base::Instant ends_at, std::string_view why, const By& by,
                   std::int64_t version);
/// The draft of the residents' notice for the round.
void set_page(sys::Transaction& tx, StopId id, base::PageId page, base::RevisionId revision, int round);
/// False when it was told before. `by.at` is the time of the ledger's line: of the proof, where the program saw it
/// itself.
bool tell(sys::Transaction& tx, StopId id, const Told& told, const By& by);

struct Filter {
    std::optional<State> state;
    bool only_open = false;  ///< planned or running
    std::int64_t before = 0;
    int limit = 50;
};
std::vector<PlannedStop> list_stops(sys::Reader& db, const Filter& filter);  ///< newest first
std::optional<PlannedStop> find_stop(sys::Reader& db, StopId id);
PlannedStop load_stop(sys::Reader& db, StopId id);                            ///< throws Error(NotFound)
std::optional<PlannedStop> find_noticed(sys::Reader& db, base::PageId page);  ///< whose notice the page is
std::vector<Told> list_told(sys::Reader& db, StopId id);
/// The stop that closes editing at `now`; nothing when it is open.
std::optional<PlannedStop> find_freeze(sys::Reader& db, base::Instant now);

/// An emergency stop as the desk follows it: its report is drafted at once, and handed over.
struct EmergencyReport {
    std::string subject;  ///< "service:public:3f..."
    base::Instant stopped_at;
    std::optional<base::Instant> resumed_at;
    std::string part, by, second, reason, notice;
    std::int64_t document = 0;  ///< 0 = not drafted yet
    std::int64_t delivery = 0;  ///< 0 = not handed over
    std::optional<base::Instant> reported_at;
};
/// False when it is known.
bool add_emergency(sys::Transaction& tx, const EmergencyReport& made);
void set_resumed(sys::Transaction& tx, std::string_view subject, base::Instant at);
void set_document(sys::Transaction& tx, std::string_view subject, std::int64_t document);
/// Writes stop.report. False when one is recorded.
bool set_reported(sys::Transaction& tx, std::string_view subject, std::int64_t delivery, std::string_view whom,
                  std::string_view how, base::Instant happened_at, const By& by);
std::vector<EmergencyReport> list_emergencies(sys::Reader& db, int limit);  ///< newest first

}  // namespace stops
