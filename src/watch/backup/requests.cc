// The only file with SQL on backup_request.
#include "watch/backup/requests.h"

#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"

namespace backup {

namespace json = boost::json;
using base::Error;
using base::Instant;

namespace {

constexpr std::string_view kTable = R"sql(
CREATE TABLE backup_request (
    id {id},
    wish {key} NOT NULL,
    repository TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    target TEXT NOT NULL,
    is_public BIGINT NOT NULL,
    why TEXT NOT NULL,
    owner TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    stage {key} NOT NULL CHECK (stage IN ('looking', 'shown', 'waiting', 'running', 'done', 'failed', 'left')),
    phase TEXT NOT NULL DEFAULT '',
    preview TEXT NOT NULL DEFAULT '',
    confirmer TEXT NOT NULL DEFAULT '',
    started_at BIGINT,
    done_at BIGINT,
    problem TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    has_file BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX backup_request_stage ON backup_request (stage, id);
)sql";
constexpr sys::Migration kMigrations[] = {{"0001_backup_request", kTable}};

using Form = sys::ColumnForm;
constexpr sys::ExtractColumn kRequest[] = {
    {"id", "番号"},
    {"wish",
     "依頼（backup 取得、verify 検証、drill 復元訓練、page ページの復元、department 部署の復元、file "
     "ファイルの取出し、site 全体の復元）"},
    {"repository", "保存先"},
    {"snapshot", "スナップショット"},
    {"target", "対象"},
    {"why", "理由"},
    {"owner", "下書きを受け取る人"},
    {"asked_by", "依頼者"},
    {"asked_at", "依頼日時", Form::Time},
    {"stage", "段階（done 完了、failed 失敗、left 取りやめ）"},
    {"confirmer", "実行を確認した人"},
    {"started_at", "開始日時", Form::Time},
    {"done_at", "終了日時", Form::Time},
    {"problem", "問題"},
};
constexpr sys::Extract kExtracts[] = {{"backup_request", "バックアップの依頼", "Requests for backups", "id", kRequest}};

constexpr std::string_view kColumns =
    "id, wish, repository, snapshot, target, is_public, why, asked_by, asked_at, stage, phase, preview, confirmer, "
    "started_at, done_at, problem, result, owner";

struct WishRow {
    std::string_view id, wording;
};
constexpr std::array<WishRow, 7> kWishes{{{"backup", "バックアップの取得"},
                                          {"verify", "バックアップの検証"},
                                          {"drill", "復元訓練"},
                                          {"page", "ページの復元"},
                                          {"department", "部署のページの復元"},
                                          {"file", "ファイルの取出し"},
                                          {"site", "サイト全体の復元"}}};
constexpr std::array<std::string_view, 7> kStages{"looking", "shown", "waiting", "running", "done", "failed", "left"};

Request request_of(const sys::Row& row) {
    Request one;
    one.id = row.integer(0);
    one.wish = find_wish(row.text(1)).value_or(Wish::Verify);
    one.repository = row.text(2);
    one.snapshot = row.text(3);
    one.target = row.text(4);
    one.is_public = row.flag(5);
    one.why = row.text(6);
    one.by = row.text(7);
    one.asked_at = {row.integer(8)};
    for (std::size_t i = 0; i < kStages.size(); ++i)
        if (kStages[i] == row.text(9)) one.stage = static_cast<Stage>(i);
    one.phase = row.text(10);
    one.preview = row.text(11);
    one.confirmer = row.text(12);
    if (!row.is_null(13)) one.started_at = Instant{row.integer(13)};
    if (!row.is_null(14)) one.done_at = Instant{row.integer(14)};
    one.problem = row.text(15);
    one.result = row.text(16);
    one.owner = row.text(17);
    return one;
}

void note(sys::Transaction& tx, Instant now, const std::string& by, std::string_view act, std::int64_t id,
          const json::object& detail) {
    ledger::append(tx, {now, by, std::string(act), fmt::format("backup-request:{}", id), json::serialize(detail)},
                   ledger::kWatch);
}

json::object words_of(const Request& request) {
    json::object words{{"wish", wish_id(request.wish)}};
    if (!request.repository.empty()) words["repository"] = request.repository;
    if (!request.snapshot.empty()) words["snapshot"] = request.snapshot;
    if (!request.target.empty()) words["target"] = base::to_valid_utf8(request.target);
    if (!request.why.empty()) words["why"] = request.why;
    if (!request.owner.empty()) words["owner"] = request.owner;
    return words;
}

void check(const Request& request, std::string_view why) {
    if (base::count_code_points(why) > kLongestReason)
        throw Error(base::Kind::BadInput, fmt::format("理由は{}文字までで入力してください。", kLongestReason));
    if (!is_restore(request.wish)) return;
    if (why.empty()) throw Error(base::Kind::BadInput, "復元する理由を入力してください。");
    if (request.snapshot.empty()) throw Error(base::Kind::BadInput, "どの時点に戻すかを選んでください。");
    if (request.target.empty() && request.wish != Wish::Site)
        throw Error(base::Kind::BadInput, request.wish == Wish::Department
                                              ? "部署を選んでください。"
                                              : "ページまたはファイルのパスを入力してください。");
    if ((request.wish == Wish::Page || request.wish == Wish::Department) && request.owner.empty())
        throw Error(base::Kind::BadInput, "下書きを受け取る人のログイン名を入力してください。");
    if (request.target.size() > 2000 || request.target.find('\0') != std::string::npos)
        throw Error(base::Kind::BadInput, "パスが長すぎるか、使えない文字があります。");
}

/// Moves it on when it is in `from`. Throws Error(Conflict) otherwise.
void move(sys::Transaction& tx, std::int64_t id, Stage from, Stage to, std::string_view problem) {
    if (tx.execute("UPDATE backup_request SET stage = $3 WHERE id = $1 AND stage = $2",
                   {id, std::string(stage_id(from)), std::string(stage_id(to))}) == 0)
        throw Error(base::Kind::Conflict, std::string(problem));
}

}  // namespace

std::string_view wish_id(Wish wish) {
    return kWishes[static_cast<std::size_t>(wish)].id;
}

std::string_view wish_wording(Wish wish) {
    return kWishes[static_cast<std::size_t>(wish)].wording;
}

std::optional<Wish> find_wish(std::string_view id) {
    for (std::size_t i = 0; i < kWishes.size(); ++i)
        if (kWishes[i].id == id) return static_cast<Wish>(i);
    return std::nullopt;
}

bool is_restore(Wish wish) {
    return wish >= Wish::Page;
}

std::string_view stage_id(Stage stage) {
    return kStages[static_cast<std::size_t>(stage)];
}

std::span<const sys::Migration> request_migrations() {
    return kMigrations;
}

std::span<const sys::Extract> request_extracts() {
    return kExtracts;
}

std::int64_t ask(sys::Transaction& tx, const Request& request, Instant now) {
    Request asked = request;
    asked.why = std::string(base::trim(request.why));
    check(asked, asked.why);
    const auto open = tx.query(fmt::format(
        "SELECT {} FROM backup_request WHERE stage IN ('looking', 'shown', 'waiting', 'running')", kColumns));
    for (const sys::Row& row : open) {
        const Request other = request_of(row);
        if (other.wish == asked.wish && other.repository == asked.repository && other.snapshot == asked.snapshot &&
            other.target == asked.target && other.is_public == asked.is_public)
            throw Error(base::Kind::Conflict,
                        fmt::format("同じ依頼（第{}号）を受け付けています。終わるのをお待ちください。", other.id));
    }
    if (open.size() >= static_cast<std::size_t>(kMostOpenRequests))
        throw Error(base::Kind::Conflict,
                    "バックアップの依頼が多くたまっています。終わるのを待つか、取りやめてください。");
    const Stage stage = is_restore(asked.wish) ? Stage::Looking : Stage::Waiting;
    const std::int64_t id = tx.insert(
        "INSERT INTO backup_request (wish, repository, snapshot, target, is_public, why, asked_by, asked_at, stage, "
        "owner) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        {std::string(wish_id(asked.wish)), asked.repository, asked.snapshot, base::to_valid_utf8(asked.target),
         std::int64_t{asked.is_public ? 1 : 0}, asked.why, asked.by, now.milliseconds, std::string(stage_id(stage)),
         asked.owner});
    note(tx, now, asked.by, "backup.ask", id, words_of(asked));
    return id;
}

std::optional<Request> find_next(sys::Reader& db) {
    const auto row = db.find(fmt::format(
        "SELECT {} FROM backup_request WHERE stage IN ('looking', 'waiting') ORDER BY CASE WHEN phase = 'others' "
        "THEN 1 ELSE 0 END, id LIMIT 1",
        kColumns));
    if (!row) return std::nullopt;
    return request_of(*row);
}

Request load_request(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(fmt::format("SELECT {} FROM backup_request WHERE id = $1", kColumns), {id});
    if (!row) throw Error(base::Kind::NotFound, "このバックアップの依頼はありません。");
    return request_of(*row);
}

std::vector<Request> list_requests(sys::Reader& db, int limit) {
    std::vector<Request> all;
    for (const sys::Row& row : db.query(
             fmt::format("SELECT {} FROM backup_request ORDER BY id DESC LIMIT $1", kColumns), {std::int64_t{limit}}))
        all.push_back(request_of(row));
    return all;
}

void show(sys::Transaction& tx, const Request& request, std::string_view preview) {
    tx.execute("UPDATE backup_request SET stage = 'shown', preview = $2 WHERE id = $1 AND stage = 'looking'",
               {request.id, std::string(preview)});
}

void confirm(sys::Transaction& tx, std::int64_t id, const std::string& by, Instant now) {
    move(tx, id, Stage::Shown, Stage::Waiting, "この復元は、もう確認を待っていません。最新の状態を確かめてください。");
    tx.execute("UPDATE backup_request SET confirmer = $2 WHERE id = $1", {id, by});
    note(tx, now, by, "backup.confirm", id, words_of(load_request(tx, id)));
}

void leave(sys::Transaction& tx, std::int64_t id, const std::string& by, Instant now) {
    if (tx.execute("UPDATE backup_request SET stage = 'left', done_at = $2 WHERE id = $1 AND stage IN ('looking', "
                   "'shown', 'waiting')",
                   {id, now.milliseconds}) == 0)
        throw Error(base::Kind::Conflict, "もう始まっているか、終わっているため、取りやめられません。");
    note(tx, now, by, "backup.leave", id, {});
}

void begin(sys::Transaction& tx, std::int64_t id, Instant now) {
    move(tx, id, Stage::Waiting, Stage::Running, "この依頼は取りやめられました。");
    tx.execute("UPDATE backup_request SET started_at = $2, phase = '' WHERE id = $1", {id, now.milliseconds});
}

void note_phase(sys::Transaction& tx, std::int64_t id, std::string_view phase) {
    tx.execute("UPDATE backup_request SET phase = $2 WHERE id = $1", {id, std::string(phase)});
}

void put_off(sys::Transaction& tx, const Request& request) {
    tx.execute("UPDATE backup_request SET stage = 'waiting', phase = 'others' WHERE id = $1 AND stage = 'running'",
               {request.id});
}

void end(sys::Transaction& tx, const Request& request, std::string_view result, std::string_view problem, Instant now) {
    if (tx.execute(
            "UPDATE backup_request SET stage = $2, done_at = $3, result = $4, problem = $5, has_file = $6 WHERE "
            "id = $1 AND stage IN ('looking', 'waiting', 'running')",
            {request.id, std::string(problem.empty() ? "done" : "failed"), now.milliseconds, std::string(result),
             base::to_valid_utf8(problem), std::int64_t{request.wish == Wish::File && problem.empty() ? 1 : 0}}) == 0)
        return;  // somebody left it meanwhile
    json::object detail = words_of(request);
    detail["ok"] = problem.empty();
    if (!problem.empty()) detail["problem"] = base::to_valid_utf8(problem);
    note(tx, now, request.confirmer.empty() ? request.by : request.confirmer, "backup.answer", request.id, detail);
}

int end_left_over(sys::Transaction& tx, Instant now) {
    int count = 0;
    for (const sys::Row& row :
         tx.query(fmt::format("SELECT {} FROM backup_request WHERE stage = 'running'", kColumns))) {
        end(tx, request_of(row), "",
            "監視が途中で止まったため、終わりませんでした。結果を確かめ、必要ならもう一度依頼してください。", now);
        ++count;
    }
    return count;
}

void expire_shown(sys::Transaction& tx, Instant now) {
    for (const sys::Row& row : tx.query("SELECT id FROM backup_request WHERE stage = 'shown' AND asked_at < $1",
                                        {(now - kShownFor).milliseconds}))
        leave(tx, row.integer(0), "service:watch", now);
}

void leave_all(sys::Transaction& tx, Instant now) {
    for (const sys::Row& row : tx.query(
             "SELECT id FROM backup_request WHERE stage IN ('looking', 'shown', 'waiting', 'running') ORDER BY id")) {
        tx.execute("UPDATE backup_request SET stage = 'left', done_at = $2 WHERE id = $1",
                   {row.integer(0), now.milliseconds});
        note(tx, now, "service:watch", "backup.leave", row.integer(0), {{"why", "restored"}});
    }
}

std::vector<std::int64_t> expire_files(sys::Transaction& tx, Instant now) {
    std::vector<std::int64_t> over;
    for (const sys::Row& row :
         tx.query("SELECT id FROM backup_request WHERE has_file = 1 AND done_at < $1", {(now - kFileFor).milliseconds}))
        over.push_back(row.integer(0));
    tx.execute("UPDATE backup_request SET has_file = 0 WHERE has_file = 1 AND done_at < $1",
               {(now - kFileFor).milliseconds});
    return over;
}

void note_fetched(sys::Transaction& tx, const Request& request, const std::string& by, Instant now) {
    note(tx, now, by, "backup.fetch", request.id, {{"target", base::to_valid_utf8(request.target)}});
}

}  // namespace backup
