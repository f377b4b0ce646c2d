// The only file with SQL on call, call_anomaly, message and message_try.
#include "ground/ledger/store.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/sys/crypto.h"
#include "watch/telling/inside/store.h"

namespace telling {

using base::Instant;
using std::chrono::milliseconds;
using sys::Value;

namespace {

// A try is a row before it is made: what was begun and has no end may have arrived. `lease` names the try that holds a
// message.
constexpr std::string_view kTelling = R"sql(
CREATE TABLE call (
    id {id},
    ticket {key} NOT NULL UNIQUE,
    made_at BIGINT NOT NULL,
    severity BIGINT NOT NULL CHECK (severity BETWEEN 0 AND 4),
    standing {key} NOT NULL CHECK (standing IN ('open', 'acknowledged', 'over')),
    since_at BIGINT NOT NULL,
    told_at BIGINT,
    told BIGINT NOT NULL DEFAULT 0,
    acknowledged_by TEXT NOT NULL DEFAULT '',
    acknowledged_at BIGINT,
    over_at BIGINT
);
CREATE INDEX call_standing ON call (standing, made_at);
CREATE TABLE call_anomaly (
    anomaly_id BIGINT PRIMARY KEY,
    call_id BIGINT NOT NULL REFERENCES call (id)
);
CREATE INDEX call_anomaly_call ON call_anomaly (call_id);
CREATE TABLE message (
    id {id},
    call_id BIGINT REFERENCES call (id),
    kind {key} NOT NULL CHECK (kind IN ('call', 'escalate', 'again', 'more', 'over', 'test')),
    channel {key} NOT NULL,
    target TEXT NOT NULL,
    name TEXT NOT NULL,
    severity BIGINT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    token {key} NOT NULL UNIQUE,
    made_at BIGINT NOT NULL,
    ready_at BIGINT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    standing {key} NOT NULL DEFAULT 'waiting' CHECK (standing IN ('waiting', 'sent', 'failed')),
    is_repeated BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT,
    reply TEXT NOT NULL DEFAULT '',
    done_at BIGINT
);
CREATE INDEX message_ready ON message (ready_at) WHERE standing = 'waiting';
CREATE INDEX message_call ON message (call_id, id);
CREATE TABLE message_try (
    message_id BIGINT NOT NULL REFERENCES message (id),
    attempt BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome {key} NOT NULL CHECK (outcome IN ('begun', 'sent', 'later', 'failed')),
    reply TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (message_id, attempt)
);
)sql";

// What a message tells of, so that its line in the ledger proves of each anomaly that somebody was told: numbers with
// commas between.
constexpr std::string_view kAbout = "ALTER TABLE message ADD COLUMN about TEXT NOT NULL DEFAULT '';";

constexpr std::size_t kMostAbout = 200;  // the newest

constexpr std::string_view kCallColumns =
    "id, made_at, severity, standing, since_at, told_at, told, acknowledged_by, acknowledged_at, over_at";
constexpr std::string_view kMessageColumns =
    "id, call_id, kind, channel, target, name, severity, subject, text, token, made_at, ready_at, attempt, standing, "
    "is_repeated, reply, done_at";
constexpr std::string_view kStandings[] = {"open", "acknowledged", "over"};

std::optional<Instant> instant(const sys::Row& row, std::size_t column) {
    if (row.is_null(column)) return std::nullopt;
    return Instant{row.integer(column)};
}
Value value(const std::optional<Instant>& at) {
    if (at) return Value(at->milliseconds);
    return Value(nullptr);
}

std::vector<Call> query_calls(sys::Reader& db, std::string_view rest, std::initializer_list<Value> values) {
    std::vector<Call> found;
    for (const auto& row : db.query(fmt::format("SELECT {} FROM call {}", kCallColumns, rest), values)) {
        Call call;
        call.id = {row.integer(0)};
        call.made_at = {row.integer(1)};
        call.severity = static_cast<signals::Severity>(row.integer(2));
        call.standing = static_cast<CallStanding>(std::find(std::begin(kStandings), std::end(kStandings), row.text(3)) -
                                                  std::begin(kStandings));
        call.since_at = {row.integer(4)};
        call.told_at = instant(row, 5);
        call.told = row.integer(6);
        call.acknowledged_by = row.text(7);
        call.acknowledged_at = instant(row, 8);
        call.over_at = instant(row, 9);
        found.push_back(std::move(call));
    }
    return found;
}

std::vector<Message> query_messages(sys::Reader& db, std::string_view rest, std::initializer_list<Value> values) {
    std::vector<Message> found;
    for (const auto& row : db.query(fmt::format("SELECT {} FROM message {}", kMessageColumns, rest), values)) {
        Message message;
        message.id = row.integer(0);
        message.call = {row.maybe_integer(1).value_or(0)};
        message.kind = row.text(2);
        message.channel = row.text(3);
        message.target = row.text(4);
        message.name = row.text(5);
        message.severity = static_cast<signals::Severity>(row.integer(6));
        message.subject = row.text(7);
        message.text = row.text(8);
        message.token = row.text(9);
        message.made_at = {row.integer(10)};
        message.ready_at = {row.integer(11)};
        message.attempt = static_cast<int>(row.integer(12));
        message.standing = row.text(13);
        message.is_repeated = row.flag(14);
        message.reply = row.text(15);
        message.done_at = instant(row, 16);
        found.push_back(std::move(message));
    }
    return found;
}

}  // namespace

std::span<const sys::Migration> migrations() {
    static constexpr sys::Migration kSteps[] = {{"telling/0001_telling", kTelling}, {"telling/0002_about", kAbout}};
    return kSteps;
}

std::string_view call_standing_id(CallStanding standing) {
    return kStandings[static_cast<std::size_t>(standing)];
}

CallId add_call(sys::Transaction& tx, const Call& call, std::string_view ticket) {
    return {
        tx.insert("INSERT INTO call (ticket, made_at, severity, standing, since_at) VALUES ($1, $2, $3, $4, $5) "
                  "RETURNING id",
                  {std::string(ticket), call.made_at.milliseconds, static_cast<std::int64_t>(call.severity),
                   std::string(call_standing_id(call.standing)), call.since_at.milliseconds})};
}

void save(sys::Transaction& tx, const Call& call) {
    tx.execute(
        "UPDATE call SET severity = $2, standing = $3, since_at = $4, told_at = $5, told = $6, acknowledged_by = $7, "
        "acknowledged_at = $8, over_at = $9 WHERE id = $1",
        {call.id.value, static_cast<std::int64_t>(call.severity), std::string(call_standing_id(call.standing)),
         call.since_at.milliseconds, value(call.told_at), call.told, call.acknowledged_by, value(call.acknowledged_at),
         value(call.over_at)});
}

std::string load_ticket(sys::Reader& db, CallId id) {
    const auto row = db.find("SELECT ticket FROM call WHERE id = $1", {id.value});
    return row ? row->text(0) : "";
}

void join(sys::Transaction& tx, CallId call, signals::AnomalyId anomaly) {
    tx.execute("INSERT INTO call_anomaly (anomaly_id, call_id) VALUES ($1, $2) ON CONFLICT (anomaly_id) DO NOTHING",
               {anomaly.value, call.value});
}

std::vector<signals::Anomaly> list_uncalled(sys::Reader& db) {
    signals::Filter filter;
    filter.standing = signals::Standing::Open;
    filter.limit = 1000;
    auto found = signals::list_anomalies(db, filter);
    std::erase_if(found, [&](const signals::Anomaly& each) {
        return !each.suppressed_by.empty() || each.acknowledged_at || find_call_of(db, each.id);
    });
    std::reverse(found.begin(), found.end());
    return found;
}

std::optional<CallId> find_call_of_group(sys::Reader& db, std::string_view group) {
    for (const Call& call : list_calls(db, true, 1000))
        for (const signals::Anomaly& each : list_anomalies(db, call.id))
            if (each.group == group) return call.id;
    return std::nullopt;
}

std::int64_t count_calls(sys::Reader& db, Instant since) {
    return db.find("SELECT COUNT(*) FROM call WHERE made_at > $1", {since.milliseconds})->integer(0);
}

void queue(sys::Transaction& tx, const Message& message, std::span<const signals::Anomaly> about) {
    std::string numbers;
    for (const signals::Anomaly& each : about.last(std::min(about.size(), kMostAbout)))
        numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", each.id.value);
    tx.execute(
        "INSERT INTO message (call_id, kind, channel, target, name, severity, subject, text, token, made_at, ready_at, "
        "about) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)",
        {message.call ? Value(message.call.value) : Value(nullptr), message.kind, message.channel, message.target,
         message.name, static_cast<std::int64_t>(message.severity), message.subject, message.text, message.token,
         message.made_at.milliseconds, std::move(numbers)});
}

bool is_told(sys::Reader& db, CallId call, std::string_view channel, std::string_view target, Instant since) {
    return db
        .find(
            "SELECT 1 FROM message WHERE call_id = $1 AND channel = $2 AND target = $3 AND made_at >= $4 AND kind IN "
            "('call', 'escalate', 'again')",
            {call.value, std::string(channel), std::string(target), since.milliseconds})
        .has_value();
}

std::vector<Duty> list_told(sys::Reader& db, CallId call) {
    std::vector<Duty> found;
    for (const auto& row :
         db.query("SELECT channel, target, MIN(name) FROM message WHERE call_id = $1 GROUP BY channel, target ORDER BY "
                  "MIN(id)",
                  {call.value})) {
        Duty duty;
        duty.channel = row.text(0);
        duty.target = row.text(1);
        duty.name = row.text(2);
        found.push_back(std::move(duty));
    }
    return found;
}

bool has_ready(sys::Reader& db, Instant now) {
    return db
        .find(
            "SELECT 1 FROM message WHERE standing = 'waiting' AND ready_at <= $1 AND (lease_until IS NULL OR "
            "lease_until <= $1)",
            {now.milliseconds})
        .has_value();
}

std::optional<Message> take(sys::Transaction& tx, Instant now, milliseconds lease, std::span<const Place> closed) {
    auto found = query_messages(tx,
                                "WHERE standing = 'waiting' AND ready_at <= $1 AND (lease_until IS NULL OR "
                                "lease_until <= $1) ORDER BY severity DESC, attempt, ready_at, id",
                                {now.milliseconds});
    const auto is_open = [&](const Message& message) {
        return std::none_of(closed.begin(), closed.end(), [&](const Place& place) {
            return place.channel == message.channel && (place.target.empty() || place.target == message.target);
        });
    };
    const auto at = std::find_if(found.begin(), found.end(), is_open);
    if (at == found.end()) return std::nullopt;
    Message message = std::move(*at);
    // A try without an end may have arrived.
    if (tx.find("SELECT 1 FROM message_try WHERE message_id = $1 AND outcome = 'begun'", {message.id}))
        message.is_repeated = true;
    ++message.attempt;
    tx.execute(
        "UPDATE message SET attempt = $2, is_repeated = $3, lease_until = $4 WHERE id = $1",
        {message.id, std::int64_t{message.attempt}, std::int64_t{message.is_repeated}, (now + lease).milliseconds});
    tx.execute("INSERT INTO message_try (message_id, attempt, begun_at, outcome) VALUES ($1, $2, $3, 'begun')",
               {message.id, std::int64_t{message.attempt}, now.milliseconds});
    return message;
}

void release_leases(sys::Transaction& tx) {
    tx.execute("UPDATE message SET lease_until = NULL WHERE lease_until IS NOT NULL");
}

bool finish(sys::Transaction& tx, const Message& message, const Reply& reply, Instant now) {
    const bool gives_up = reply.fate == Fate::Later && now - message.made_at >= kGiveUp;
    const std::string outcome = reply.fate == Fate::Sent                 ? "sent"
                                : reply.fate == Fate::Later && !gives_up ? "later"
                                                                         : "failed";
    tx.execute("UPDATE message_try SET ended_at = $3, outcome = $4, reply = $5 WHERE message_id = $1 AND attempt = $2",
               {message.id, std::int64_t{message.attempt}, now.milliseconds, outcome, reply.text});
    const bool is_done = outcome != "later";
    const bool is_ours =
        tx.execute(
            "UPDATE message SET standing = $3, ready_at = $4, lease_until = NULL, reply = $5, done_at = $6 WHERE id = "
            "$1 AND attempt = $2 AND standing = 'waiting'",
            {message.id, std::int64_t{message.attempt}, is_done ? outcome : std::string("waiting"),
             (now + wait_after(message.attempt)).milliseconds, reply.text,
             is_done ? Value(now.milliseconds) : Value(nullptr)}) > 0;
    if (!is_ours || !is_done) return is_ours;
    boost::json::object detail{{"call", message.call.value},
                               {"channel", message.channel},
                               {"kind", message.kind},
                               {"name", message.name},
                               {"tries", message.attempt}};
    const std::string about = tx.find("SELECT about FROM message WHERE id = $1", {message.id})->text(0);
    if (!about.empty()) detail["anomalies"] = boost::json::parse("[" + about + "]");
    ledger::append(tx,
                   {now, "service:watch", outcome == "sent" ? "message.sent" : "message.failed",
                    fmt::format("message:{}", message.id), boost::json::serialize(detail)},
                   ledger::kWatch);
    return true;
}

std::vector<Call> list_calls(sys::Reader& db, bool only_open, int limit) {
    return query_calls(db,
                       only_open ? "WHERE standing <> 'over' ORDER BY id DESC LIMIT $1" : "ORDER BY id DESC LIMIT $1",
                       {std::int64_t{std::clamp(limit, 1, 1000)}});
}

std::optional<Call> find_call(sys::Reader& db, CallId id) {
    auto found = query_calls(db, "WHERE id = $1", {id.value});
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::optional<Call> find_by_ticket(sys::Reader& db, std::string_view ticket, Instant now) {
    auto found = query_calls(db, "WHERE ticket = $1", {std::string(ticket)});
    if (found.empty()) return std::nullopt;
    if (found.front().over_at && now - *found.front().over_at > std::chrono::hours(24 * 30)) return std::nullopt;
    return std::move(found.front());
}

std::vector<signals::Anomaly> list_anomalies(sys::Reader& db, CallId id) {
    std::vector<signals::Anomaly> found;
    for (const auto& row :
         db.query("SELECT anomaly_id FROM call_anomaly WHERE call_id = $1 ORDER BY anomaly_id LIMIT 1000", {id.value}))
        if (auto anomaly = signals::find_anomaly(db, {row.integer(0)})) found.push_back(std::move(*anomaly));
    return found;
}

std::optional<CallId> find_call_of(sys::Reader& db, signals::AnomalyId id) {
    const auto row = db.find("SELECT call_id FROM call_anomaly WHERE anomaly_id = $1", {id.value});
    if (!row) return std::nullopt;
    return CallId{row->integer(0)};
}

std::vector<Message> list_messages(sys::Reader& db, CallId id, int limit) {
    const std::int64_t most = std::clamp(limit, 1, 1000);
    if (!id) return query_messages(db, "ORDER BY id DESC LIMIT $1", {most});
    return query_messages(db, "WHERE call_id = $1 ORDER BY id DESC LIMIT $2", {id.value, most});
}

std::vector<Try> list_tries(sys::Reader& db, std::int64_t message) {
    std::vector<Try> found;
    for (const auto& row : db.query("SELECT attempt, begun_at, ended_at, outcome, reply FROM message_try WHERE "
                                    "message_id = $1 ORDER BY attempt LIMIT 1000",
                                    {message}))
        found.push_back(
            {static_cast<int>(row.integer(0)), {row.integer(1)}, instant(row, 2), row.text(3), row.text(4)});
    return found;
}

Queue count_messages(sys::Reader& db) {
    const auto row = db.find(
        "SELECT COUNT(CASE WHEN standing = 'waiting' THEN 1 END), COUNT(CASE WHEN standing = 'failed' THEN 1 END), "
        "MIN(CASE WHEN standing = 'waiting' THEN made_at END) FROM message");
    return {row->integer(0), row->integer(1), instant(*row, 2)};
}

std::int64_t forget(sys::Transaction& tx, Instant before) {
    constexpr std::string_view kOld =
        "(SELECT id FROM message WHERE standing <> 'waiting' AND ((call_id IS NULL AND made_at < $1) OR call_id IN "
        "(SELECT id FROM call WHERE over_at < $1)))";
    const std::initializer_list<Value> when{before.milliseconds};
    std::int64_t rows = tx.execute(fmt::format("DELETE FROM message_try WHERE message_id IN {}", kOld), when);
    rows += tx.execute(fmt::format("DELETE FROM message WHERE id IN {}", kOld), when);
    constexpr std::string_view kEmpty =
        "SELECT id FROM call WHERE over_at < $1 AND NOT EXISTS (SELECT 1 FROM message WHERE call_id = call.id)";
    rows += tx.execute(fmt::format("DELETE FROM call_anomaly WHERE call_id IN ({})", kEmpty), when);
    rows += tx.execute(fmt::format("DELETE FROM call WHERE id IN ({})", kEmpty), when);
    return rows;
}

}  // namespace telling
