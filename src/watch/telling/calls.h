// Calling people: anomalies that nobody has acknowledged become a call; a call goes to who is on duty, then to the next
// of the on-call table, until somebody acknowledges it. What belongs together is one call: all that is found at once,
// and what comes later of a group that is in it; a storm is one message and its follow-up. Each message, each try and
// each answer is recorded. A message goes out after its row is committed and under a lease: it is never lost, and one
// whose fate is unknown is sent again, marked as a repetition.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "watch/signals/anomaly.h"
#include "watch/telling/channel.h"
#include "watch/telling/on_call.h"

namespace telling {

using CallId = base::Id<struct CallTag>;

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

struct Policy {
    OnCall on_call;
    std::chrono::seconds group_wait{3};  ///< for what belongs together; an emergency does not wait
    std::chrono::minutes bundle{5};      ///< between two follow-ups of one call
    std::chrono::minutes repeat{30};     ///< told again when nobody has acknowledged; 0 = never
    std::string site_name;
    std::string office_url;  ///< without a slash at its end
};
constexpr int kMostCalls = 6;  ///< new calls within ten minutes; what comes then joins the newest

enum class CallStanding { Open, Acknowledged, Over };
std::string_view call_standing_id(CallStanding standing);
std::string_view call_standing_wording(CallStanding standing);  ///< 呼出し中, 応答あり, 終了

struct Call {
    CallId id;
    base::Instant made_at;
    signals::Severity severity = signals::Severity::Warning;
    CallStanding standing = CallStanding::Open;
    base::Instant since_at;                ///< from when the minutes of the on-call table count
    std::optional<base::Instant> told_at;  ///< the newest message of any kind
    std::int64_t told = 0;                 ///< anomalies that messages have told of
    std::string acknowledged_by;
    std::optional<base::Instant> acknowledged_at, over_at;
};

/// Makes calls and messages of how things stand; call it every second. Returns the number of messages.
int gather(sys::Transaction& tx, const Policy& policy, base::Instant now);
/// Whether gather would do anything: for a look without a write.
bool has_work(sys::Reader& db, const Policy& policy, base::Instant now);

/// Somebody has it in hand: no more calling, and its anomalies are acknowledged. False when it was so already.
bool acknowledge(sys::Transaction& tx, CallId id, const signals::By& by);
/// The call whose link this is; nothing when there is none such or it was over for 30 days.
std::optional<Call> find_by_ticket(sys::Reader& db, std::string_view ticket, base::Instant now);

/// A test message to every row of the table that is on duty now (or to all), outside any call. Returns their number.
int queue_test(sys::Transaction& tx, const Policy& policy, bool to_all, const signals::By& by);

struct Message {
    std::int64_t id = 0;
    CallId call;
    std::string kind, channel, target, name, subject, text, token;
    signals::Severity severity = signals::Severity::Warning;
    base::Instant made_at, ready_at;
    int attempt = 0;
    std::string standing;  ///< "waiting", "sent", "failed"
    bool is_repeated = false;
    std::string reply;
    std::optional<base::Instant> done_at;
};
std::string_view message_kind_wording(std::string_view kind);

struct Try {
    int attempt = 0;
    base::Instant begun_at;
    std::optional<base::Instant> ended_at;  ///< nothing: it was cut off, its fate is unknown
    std::string outcome;                    ///< "begun", "sent", "later", "failed"
    std::string reply;
};

struct Delivered {
    int sent = 0, later = 0, failed = 0;
};
/// Sends what is ready until nothing is, or `means.is_stopped`; a place that did not answer is not asked twice.
/// `report` takes a signal for each target that cannot be reached, and for each that can be again.
Delivered deliver(sys::Database& database, const base::Clock& clock, const Means& means, const signals::Take& report);
/// At the start of the one process that delivers: tries of the one before it have ended, whatever has become of them.
void release_leases(sys::Transaction& tx);
std::chrono::milliseconds wait_after(int attempt);  ///< 15 s, doubling, at most 10 min
constexpr std::chrono::hours kGiveUp{48};           ///< then a message is failed

/// Reading. Newest first.
std::vector<Call> list_calls(sys::Reader& db, bool only_open, int limit = 50);
std::optional<Call> find_call(sys::Reader& db, CallId id);
std::vector<signals::Anomaly> list_anomalies(sys::Reader& db, CallId id);
std::optional<CallId> find_call_of(sys::Reader& db, signals::AnomalyId id);
/// Of one call, or of all (and the tests) when `id` is 0.
std::vector<Message> list_messages(sys::Reader& db, CallId id, int limit = 100);
std::vector<Try> list_tries(sys::Reader& db, std::int64_t message);
/// Messages that wait, and since when the oldest does.
struct Queue {
    std::int64_t waiting = 0, failed = 0;
    std::optional<base::Instant> oldest;
};
Queue count_messages(sys::Reader& db);

/// Forgets calls that were over before `before`, with their messages. Returns the number of rows.
std::int64_t forget(sys::Transaction& tx, base::Instant before);

}  // namespace telling
