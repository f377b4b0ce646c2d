// The only file with SQL on log_export.
#include "watch/log_archive/requests.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"

namespace log_archive {

namespace json = boost::json;
using base::Error;
using base::Instant;
using base::Kind;
using sys::Value;

namespace {

constexpr std::string_view kTable = R"sql(
CREATE TABLE log_export (
    id {id},
    asked_by TEXT NOT NULL,
    why TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    kinds TEXT NOT NULL,
    is_masked BIGINT NOT NULL,
    state {key} NOT NULL CHECK (state IN ('waiting', 'ready', 'failed', 'removed')),
    problem TEXT NOT NULL DEFAULT '',
    done_at BIGINT,
    lines BIGINT NOT NULL DEFAULT 0,
    archive_bytes BIGINT NOT NULL DEFAULT 0,
    sha256 {key} NOT NULL DEFAULT '',
    CHECK (from_at < until_at)
);
CREATE INDEX log_export_state ON log_export (state, id);
)sql";
constexpr sys::Migration kMigrations[] = {{"0001_log_export", kTable}};

constexpr std::string_view kColumns =
    "id, asked_by, why, asked_at, from_at, until_at, kinds, is_masked, state, problem, done_at, lines, archive_bytes, "
    "sha256";
constexpr std::chrono::hours kLongestPeriod{400 * 24};

Request request_of(const sys::Row& row) {
    Request one;
    one.id = row.integer(0);
    one.by = row.text(1);
    one.why = row.text(2);
    one.asked_at = {row.integer(3)};
    one.from = {row.integer(4)};
    one.until = {row.integer(5)};
    for (const std::string_view word : base::split(row.text(6), ' '))
        if (!word.empty()) one.kinds.emplace_back(word);
    one.is_masked = row.flag(7);
    one.state = row.text(8);
    one.problem = row.text(9);
    if (!row.is_null(10)) one.done_at = Instant{row.integer(10)};
    one.lines = row.integer(11);
    one.archive_bytes = row.integer(12);
    one.sha256 = row.text(13);
    return one;
}

json::array words_of(const std::vector<std::string>& kinds) {
    json::array words;
    for (const std::string& one : kinds) words.emplace_back(one);
    return words;
}

std::string subject_of(const Request& request) {
    return fmt::format("log-export:{}", request.id);
}

void note(sys::Transaction& tx, Instant now, const std::string& by, std::string_view act, const std::string& subject,
          const json::object& detail) {
    ledger::append(tx, {now, by, std::string(act), subject, json::serialize(detail)}, ledger::kWatch);
}

}  // namespace

std::span<const sys::Migration> request_migrations() {
    return kMigrations;
}

std::int64_t ask(sys::Transaction& tx, const Request& request, Instant now) {
    const std::string why(base::trim(request.why));
    if (why.empty()) throw Error(Kind::BadInput, "ログを書き出す理由を入力してください。");
    if (base::count_code_points(why) > kLongestWhy)
        throw Error(Kind::BadInput, fmt::format("理由は{}文字までで入力してください。", kLongestWhy));
    if (request.until <= request.from) throw Error(Kind::BadInput, "期間の終わりは、始まりより後にしてください。");
    if (request.until - request.from > kLongestPeriod)
        throw Error(Kind::BadInput, "一度に書き出せるのは400日分までです。期間を分けてください。");
    check_kinds(tx, request.kinds);
    const auto waiting = tx.find("SELECT COUNT(*) FROM log_export WHERE state = 'waiting'");
    if (waiting->integer(0) >= kMostWaiting)
        throw Error(Kind::Conflict, "書出しの依頼が多くたまっています。終わるのを待ってから、もう一度お試しください。");
    const std::int64_t id = tx.insert(
        "INSERT INTO log_export (asked_by, why, asked_at, from_at, until_at, kinds, is_masked, state) VALUES ($1, $2, "
        "$3, $4, $5, $6, $7, 'waiting') RETURNING id",
        {request.by, why, now.milliseconds, request.from.milliseconds, request.until.milliseconds,
         base::join(request.kinds, " "), std::int64_t{request.is_masked ? 1 : 0}});
    note(tx, now, request.by, "log.export-asked", fmt::format("log-export:{}", id),
         {{"from", base::format_utc(request.from)},
          {"to", base::format_utc(request.until)},
          {"kinds", words_of(request.kinds)},
          {"masked", request.is_masked},
          {"why", why}});
    return id;
}

std::optional<Request> find_waiting(sys::Reader& db) {
    const auto row =
        db.find(fmt::format("SELECT {} FROM log_export WHERE state = 'waiting' ORDER BY id LIMIT 1", kColumns));
    if (!row) return std::nullopt;
    return request_of(*row);
}

Request load_request(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(fmt::format("SELECT {} FROM log_export WHERE id = $1", kColumns), {id});
    if (!row) throw Error(Kind::NotFound, "このログの書出しはありません。");
    return request_of(*row);
}

std::vector<Request> list_requests(sys::Reader& db, int limit) {
    std::vector<Request> all;
    for (const sys::Row& row :
         db.query(fmt::format("SELECT {} FROM log_export ORDER BY id DESC LIMIT $1", kColumns), {std::int64_t{limit}}))
        all.push_back(request_of(row));
    return all;
}

void note_export(sys::Transaction& tx, const Order& order, const Exported& made, std::string_view subject,
                 Instant now) {
    note(tx, now, order.by, "log.exported", std::string(subject),
         {{"from", base::format_utc(order.from)},
          {"to", base::format_utc(order.until)},
          {"kinds", words_of(order.kinds)},
          {"masked", order.is_masked},
          {"why", order.why},
          {"lines", made.lines},
          {"bytes", made.archive_bytes},
          {"sha256", made.sha256.hex()},
          {"key", made.key}});
}

void finish(sys::Transaction& tx, const Request& request, const Exported& made, Instant now) {
    tx.execute(
        "UPDATE log_export SET state = 'ready', done_at = $2, lines = $3, archive_bytes = $4, sha256 = $5 WHERE "
        "id = $1",
        {request.id, now.milliseconds, made.lines, made.archive_bytes, made.sha256.hex()});
    Order order;
    order.from = request.from;
    order.until = request.until;
    order.kinds = request.kinds;
    order.is_masked = request.is_masked;
    order.by = request.by;
    order.why = request.why;
    note_export(tx, order, made, subject_of(request), now);
}

void fail(sys::Transaction& tx, const Request& request, std::string_view problem, Instant now) {
    tx.execute("UPDATE log_export SET state = 'failed', done_at = $2, problem = $3 WHERE id = $1",
               {request.id, now.milliseconds, base::to_valid_utf8(problem)});
}

void note_download(sys::Transaction& tx, const Request& request, const std::string& by, Instant now) {
    note(tx, now, by, "log.downloaded", subject_of(request), {{"sha256", request.sha256}});
}

std::vector<Request> expire(sys::Transaction& tx, Instant now) {
    std::vector<Request> over;
    for (const sys::Row& row :
         tx.query(fmt::format("SELECT {} FROM log_export WHERE state = 'ready' AND done_at < $1", kColumns),
                  {(now - kKeptFor).milliseconds}))
        over.push_back(request_of(row));
    for (const Request& one : over) {
        tx.execute("UPDATE log_export SET state = 'removed' WHERE id = $1", {one.id});
        note(tx, now, "service:watch", "log.export-removed", subject_of(one), {});
    }
    return over;
}

}  // namespace log_archive
