// The rows of the room, for its own files.
#pragma once

#include "watch/telling/calls.h"

namespace telling {

CallId add_call(sys::Transaction& tx, const Call& call, std::string_view ticket);
void save(sys::Transaction& tx, const Call& call);
/// The ticket itself: every message of the call carries it.
std::string load_ticket(sys::Reader& db, CallId id);
void join(sys::Transaction& tx, CallId call, signals::AnomalyId anomaly);
/// Open anomalies that nobody is called for yet: neither suppressed nor acknowledged, and in no call. Oldest first.
std::vector<signals::Anomaly> list_uncalled(sys::Reader& db);
/// A call that is not over and has one of the group.
std::optional<CallId> find_call_of_group(sys::Reader& db, std::string_view group);
std::int64_t count_calls(sys::Reader& db, base::Instant since);

/// `about`: the anomalies that it tells of; none for a test.
void queue(sys::Transaction& tx, const Message& message, std::span<const signals::Anomaly> about);
bool is_told(sys::Reader& db, CallId call, std::string_view channel, std::string_view target, base::Instant since);
/// Whom messages of the call went to, each once.
std::vector<Duty> list_told(sys::Reader& db, CallId call);
bool has_ready(sys::Reader& db, base::Instant now);
/// Where a message goes by way of which channel: what fails as one.
struct Place {
    std::string channel, target;  ///< no target: all of the channel, for mail has one server
};
/// The gravest of those that are ready, the one that has been so for longest first, with a try begun and the lease set;
/// none to `closed` places.
std::optional<Message> take(sys::Transaction& tx, base::Instant now, std::chrono::milliseconds lease,
                            std::span<const Place> closed);
/// False when the lease was lost meanwhile.
bool finish(sys::Transaction& tx, const Message& message, const Reply& reply, base::Instant now);

}  // namespace telling
