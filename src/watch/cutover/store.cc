// The plan, the state, readiness, papers and the switch as rows; the paths are in paths.cc.
#include "watch/cutover/store.h"

#include <algorithm>

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "watch/cutover/inside/rows.h"

namespace cutover {

using base::Error;
using base::Kind;
using std::chrono::milliseconds;

void append(sys::Transaction& tx, const By& by, std::string_view act, std::string subject,
            const boost::json::object& detail) {
    ledger::append(tx, {by.at, by.who, std::string(act), std::move(subject), boost::json::serialize(detail)},
                   ledger::kWatch);
}

std::optional<base::Instant> instant_of(const sys::Row& row, std::size_t column) {
    const auto at = row.maybe_integer(column);
    return at ? std::optional(base::Instant{*at}) : std::nullopt;
}

namespace {

std::string bounded(std::string_view text, std::size_t most) {
    return std::string(base::first_code_points(base::to_valid_utf8(base::trim(text)), most));
}

Plan plan_of(const sys::Row& row) {
    Plan plan = read_plan(row.text(1));
    plan.version = row.integer(0);
    plan.made_at = {row.integer(2)};
    plan.made_by = row.text(3);
    return plan;
}

bool is_same_comparison(const Plan& a, const Plan& b) {
    return a.names.front() == b.names.front() && a.old_server == b.old_server && a.new_server == b.new_server;
}

/// The whole move begins anew: what belonged to the one before is in the ledger.
void forget_the_last_switch(sys::Transaction& tx) {
    tx.execute(
        "UPDATE cutover_state SET switched_at = NULL, switched_by = '', finished_at = NULL, rolled_back_at = NULL, "
        "silent_since = NULL, old_requests = NULL, old_heard_at = NULL, old_asked_at = NULL, new_problem = ''");
    for (const char* table : {"cutover_resolver", "cutover_tick"}) tx.execute(fmt::format("DELETE FROM {}", table));
}

}  // namespace

std::int64_t add_plan(sys::Transaction& tx, const Plan& plan, std::span<const Listed> paths, const By& by) {
    check_plan(plan);
    if (paths.size() > kMostPaths)
        throw Error(Kind::BadInput, fmt::format("照合するページは{}件までです。", kMostPaths));
    tx.execute("INSERT INTO cutover_state (id) VALUES (1) ON CONFLICT (id) DO NOTHING");
    const State state = load_state(tx);
    if (state.switched_at && !state.finished_at && !state.rolled_back_at)
        throw Error(Kind::Conflict, "切替を記録した後です。完了か切戻しを記録してから、次の計画を作ってください。");
    const auto before = find_plan(tx);
    const std::int64_t version = (before ? before->version : 0) + 1;
    tx.execute("INSERT INTO cutover_plan (version, document, paths, made_at, made_by) VALUES ($1, $2, $3, $4, $5)",
               {version, write_plan(plan), static_cast<std::int64_t>(paths.size()), by.at.milliseconds, by.who});
    for (const Listed& each : paths)
        tx.execute(
            "INSERT INTO cutover_path (path, hits, plan_version) VALUES ($1, $2, $3) ON CONFLICT (path) DO UPDATE SET "
            "hits = excluded.hits, plan_version = excluded.plan_version",
            {each.path, each.hits, version});
    tx.execute("DELETE FROM cutover_path WHERE plan_version <> $1", {version});
    const bool is_new = state.switched_at.has_value();
    if (is_new) forget_the_last_switch(tx);
    tx.execute("DELETE FROM cutover_observed");  // of other names, addresses, records
    const bool is_other = !before || !is_same_comparison(*before, plan);
    if (is_other) tx.execute("DELETE FROM cutover_accepted");  // it was about other servers
    if (is_new || is_other) {
        tx.execute(
            "UPDATE cutover_path SET is_due = 1, outcome = '', kinds = '', weight = 0, problem = '', differences = "
            "'[]', proposal = '', checked_at = NULL");
        tx.execute("UPDATE cutover_state SET began_at = NULL, ended_at = NULL");
    }
    // A round that ended did not see the paths that came now: it goes on with them.
    tx.execute(
        "UPDATE cutover_state SET plan_version = $1, problem = '', wanted_at = NULL, ended_at = CASE WHEN EXISTS "
        "(SELECT 1 FROM cutover_path WHERE is_due = 1) THEN NULL ELSE ended_at END",
        {version});
    append(tx, by, "cutover.plan", fmt::format("cutover:{}", version),
           {{"name", plan.names.front()},
            {"old", plan.old_server.text()},
            {"new", plan.new_server.text()},
            {"paths", paths.size()}});
    return version;
}

std::optional<Plan> find_plan(sys::Reader& db) {
    const auto row =
        db.find("SELECT version, document, made_at, made_by FROM cutover_plan ORDER BY version DESC LIMIT 1");
    return row ? std::optional(plan_of(*row)) : std::nullopt;
}

State load_state(sys::Reader& db) {
    State state;
    const auto row = db.find(
        "SELECT plan_version, round, wanted_at, wanted_by, began_at, ended_at, problem, switched_at, switched_by, "
        "finished_at, rolled_back_at, silent_since, old_requests, old_heard_at, old_asked_at, new_problem, "
        "wanted_open, look_wanted_at "
        "FROM "
        "cutover_state WHERE id = 1");
    if (!row) return state;
    state.plan_version = row->integer(0);
    state.round = row->integer(1);
    state.wanted_at = instant_of(*row, 2);
    state.wanted_by = row->text(3);
    state.began_at = instant_of(*row, 4);
    state.ended_at = instant_of(*row, 5);
    state.problem = row->text(6);
    state.switched_at = instant_of(*row, 7);
    state.switched_by = row->text(8);
    state.finished_at = instant_of(*row, 9);
    state.rolled_back_at = instant_of(*row, 10);
    state.silent_since = instant_of(*row, 11);
    state.old_requests = row->maybe_integer(12);
    state.old_heard_at = instant_of(*row, 13);
    state.old_asked_at = instant_of(*row, 14);
    state.new_problem = row->text(15);
    state.wanted = row->flag(16) ? Scope::Open : Scope::All;
    state.look_wanted_at = instant_of(*row, 17);
    return state;
}

std::string_view stage_id(Stage stage) {
    constexpr std::string_view kIds[] = {"plan", "check", "prepare", "request", "switch", "watch", "done"};
    return kIds[static_cast<std::size_t>(stage)];
}

std::string_view stage_wording(Stage stage) {
    constexpr std::string_view kWords[] = {"計画", "照合", "準備", "申請", "切替", "見守り", "完了"};
    return kWords[static_cast<std::size_t>(stage)];
}

Stage stage_of(const State& state, const Counts& counts, std::size_t open_points, bool has_request) {
    if (state.plan_version == 0) return Stage::Plan;
    if (state.finished_at || state.rolled_back_at) return Stage::Done;
    if (state.switched_at) return Stage::Watch;
    if (!counts.is_whole() || counts.open() > 0) return Stage::Check;
    if (open_points > 0) return Stage::Prepare;
    return has_request ? Stage::Switch : Stage::Request;
}

// --- readiness

void want_look(sys::Transaction& tx, base::Instant at) {
    if (tx.execute("UPDATE cutover_state SET look_wanted_at = $1 WHERE plan_version > 0", {at.milliseconds}) == 0)
        throw Error(Kind::NotFound, "切替の計画がありません。先に計画を作ってください。");
}

bool note_observed(sys::Transaction& tx, std::int64_t plan_version, std::span<const Observed> all) {
    if (load_state(tx).plan_version != plan_version) return false;
    tx.execute("UPDATE cutover_state SET look_wanted_at = NULL");
    for (const Observed& each : all)
        tx.execute(
            "INSERT INTO cutover_observed (id, is_well, text, observed_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO "
            "UPDATE SET is_well = excluded.is_well, text = excluded.text, observed_at = excluded.observed_at",
            {each.id, std::int64_t{each.is_well}, each.text, each.at.milliseconds});
    return true;
}

std::vector<Observed> list_observed(sys::Reader& db) {
    std::vector<Observed> all;
    for (const auto& row : db.query("SELECT id, is_well, text, observed_at FROM cutover_observed ORDER BY id"))
        all.push_back({row.text(0), row.flag(1), row.text(2), {row.integer(3)}});
    return all;
}

void tick(sys::Transaction& tx, std::string_view id, std::string_view note, const By& by) {
    const std::string said = bounded(note, 500);
    tx.execute(
        "INSERT INTO cutover_tick (id, note, ticked_by, ticked_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE "
        "SET note = excluded.note, ticked_by = excluded.ticked_by, ticked_at = excluded.ticked_at",
        {std::string(id), said, by.who, by.at.milliseconds});
    append(tx, by, "cutover.tick", fmt::format("cutover-point:{}", id), {{"ticked", true}, {"note", said}});
}

void untick(sys::Transaction& tx, std::string_view id, const By& by) {
    if (tx.execute("DELETE FROM cutover_tick WHERE id = $1", {std::string(id)}) > 0)
        append(tx, by, "cutover.tick", fmt::format("cutover-point:{}", id), {{"ticked", false}});
}

std::vector<Tick> list_ticks(sys::Reader& db) {
    std::vector<Tick> all;
    for (const auto& row : db.query("SELECT id, ticked_by, note, ticked_at FROM cutover_tick ORDER BY id"))
        all.push_back({row.text(0), row.text(1), row.text(2), {row.integer(3)}});
    return all;
}

void note_ttl(sys::Transaction& tx, const RecordSet& set, base::Instant at) {
    if (set.data.empty()) return;
    tx.execute(
        "INSERT INTO cutover_ttl (name, type, ttl, first_at, last_at) VALUES ($1, $2, $3, $4, $4) ON CONFLICT (name, "
        "type, ttl) DO UPDATE SET last_at = excluded.last_at",
        {set.name, std::string(dns::type_name(set.type)), std::int64_t{set.ttl}, at.milliseconds});
}

std::vector<SeenTtl> list_ttls(sys::Reader& db) {
    std::vector<SeenTtl> all;
    for (const auto& row : db.query("SELECT name, type, ttl, first_at, last_at FROM cutover_ttl ORDER BY name, type, "
                                    "ttl LIMIT 1000"))
        if (const auto type = dns::find_type(row.text(1)))
            all.push_back(
                {row.text(0), *type, static_cast<std::uint32_t>(row.integer(2)), {row.integer(3)}, {row.integer(4)}});
    return all;
}

// --- papers

Paper add_paper(sys::Transaction& tx, std::string_view kind, std::int64_t plan_version, std::string html,
                std::string text, const By& by) {
    Paper paper{0,      std::string(kind),       plan_version,    by.at,
                by.who, sys::sha256(html).hex(), std::move(html), std::move(text)};
    paper.id = tx.insert(
        "INSERT INTO cutover_paper (kind, plan_version, hash, html, text, made_at, made_by) VALUES ($1, $2, $3, $4, "
        "$5, $6, $7) RETURNING id",
        {paper.kind, plan_version, paper.hash, paper.html, paper.text, by.at.milliseconds, by.who});
    append(tx, by, kind == "request" ? "cutover.request" : "cutover.rollback", fmt::format("cutover:{}", plan_version),
           {{"paper", paper.id}, {"sha256", paper.hash}, {"bytes", paper.html.size()}});
    return paper;
}

std::optional<Paper> find_paper(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(
        "SELECT id, kind, plan_version, made_at, made_by, hash, html, text FROM cutover_paper WHERE id = $1", {id});
    if (!row) return std::nullopt;
    return Paper{row->integer(0), row->text(1), row->integer(2), {row->integer(3)},
                 row->text(4),    row->text(5), row->text(6),    row->text(7)};
}

std::vector<Paper> list_papers(sys::Reader& db) {
    std::vector<Paper> all;
    for (const auto& row : db.query("SELECT id, kind, plan_version, made_at, made_by, hash FROM cutover_paper ORDER BY "
                                    "id DESC LIMIT 50"))
        all.push_back(
            {row.integer(0), row.text(1), row.integer(2), {row.integer(3)}, row.text(4), row.text(5), "", ""});
    return all;
}

// --- the switch

void record_switch(sys::Transaction& tx, base::Instant at, const By& by) {
    const State state = load_state(tx);
    if (state.plan_version == 0) throw Error(Kind::NotFound, "切替の計画がありません。");
    if (state.switched_at) throw Error(Kind::Conflict, "切替はすでに記録してあります。");
    if (at > by.at) throw Error(Kind::BadInput, "切り替えた日時が、いまより後になっています。");
    tx.execute(
        "UPDATE cutover_state SET switched_at = $1, switched_by = $2, silent_since = NULL, old_requests = NULL, "
        "old_heard_at = NULL, old_asked_at = NULL",
        {at.milliseconds, by.who});
    tx.execute("DELETE FROM cutover_resolver");
    append(tx, by, "cutover.switch", fmt::format("cutover:{}", state.plan_version), {{"at", base::format_utc(at)}});
}

void record_rollback(sys::Transaction& tx, std::string_view reason, const By& by) {
    const State state = load_state(tx);
    if (!state.switched_at || state.finished_at || state.rolled_back_at)
        throw Error(Kind::Conflict, "切替の途中ではないので、切り戻すものがありません。");
    const std::string why = bounded(reason, 1000);
    if (why.empty()) throw Error(Kind::BadInput, "切り戻す理由を入れてください。");
    tx.execute("UPDATE cutover_state SET rolled_back_at = $1", {by.at.milliseconds});
    append(tx, by, "cutover.rollback", fmt::format("cutover:{}", state.plan_version),
           {{"done", true}, {"reason", why}});
}

void record_finish(sys::Transaction& tx, const By& by) {
    const State state = load_state(tx);
    if (!state.switched_at || state.finished_at || state.rolled_back_at)
        throw Error(Kind::Conflict, "切替の途中ではないので、完了にできません。");
    tx.execute("UPDATE cutover_state SET finished_at = $1", {by.at.milliseconds});
    append(tx, by, "cutover.finish", fmt::format("cutover:{}", state.plan_version),
           {{"silent_since",
             state.silent_since ? boost::json::value(base::format_utc(*state.silent_since)) : boost::json::value()}});
}

bool note_look(sys::Transaction& tx, std::int64_t plan_version, const Look& look) {
    const State state = load_state(tx);
    if (state.plan_version != plan_version) return false;
    bool are_all_new = !look.resolvers.empty();
    for (const Resolver& each : look.resolvers) {
        are_all_new = are_all_new && each.state == "new";
        tx.execute(
            "INSERT INTO cutover_resolver (address, state, answer, seen_at, since_at) VALUES ($1, $2, $3, $4, $4) ON "
            "CONFLICT (address) DO UPDATE SET since_at = CASE WHEN cutover_resolver.state = excluded.state THEN "
            "cutover_resolver.since_at ELSE excluded.seen_at END, state = excluded.state, answer = excluded.answer, "
            "seen_at = excluded.seen_at",
            {each.address, each.state, bounded(each.answer, 500), look.at.milliseconds});
    }
    // A count that fell is another log: the old one was put aside.
    const bool is_heard = look.old_requests && (!state.old_requests || *look.old_requests != *state.old_requests);
    const auto silent_since = !are_all_new || !look.old_requests || is_heard
                                  ? std::nullopt
                                  : std::optional(state.silent_since.value_or(look.at).milliseconds);
    tx.execute(
        "UPDATE cutover_state SET old_requests = COALESCE($1, old_requests), old_heard_at = COALESCE($2, "
        "old_heard_at), old_asked_at = COALESCE($3, old_asked_at), silent_since = $4, new_problem = $5",
        {sys::maybe(look.old_requests),
         sys::maybe(is_heard && state.old_requests ? std::optional(look.at.milliseconds) : std::nullopt),
         sys::maybe(look.old_requests ? std::optional(look.at.milliseconds) : std::nullopt), sys::maybe(silent_since),
         bounded(look.new_problem, 500)});
    return true;
}

std::vector<Resolver> list_resolvers(sys::Reader& db) {
    std::vector<Resolver> all;
    for (const auto& row :
         db.query("SELECT address, state, answer, seen_at, since_at FROM cutover_resolver ORDER BY address"))
        all.push_back({row.text(0), row.text(1), row.text(2), {row.integer(3)}, {row.integer(4)}});
    return all;
}

}  // namespace cutover
