// The paths of the old server, what comparing them said, and what people accepted.
#include <algorithm>

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/cutover/inside/rows.h"

namespace cutover {

using base::Error;
using base::Kind;

namespace {

constexpr std::string_view kFinding =
    "SELECT p.path, p.hits, p.outcome, p.problem, p.differences, p.proposal, p.checked_at, a.reason, a.accepted_by, "
    "a.accepted_at FROM cutover_path p LEFT JOIN cutover_accepted a ON a.path = p.path ";

Finding finding_of(const sys::Row& row) {
    return {row.text(0),
            row.integer(1),
            row.text(2),
            row.text(3),
            read_differences(row.text(4)),
            row.text(5),
            instant_of(row, 6),
            row.maybe_text(7).value_or(""),
            row.maybe_text(8).value_or(""),
            instant_of(row, 9)};
}

std::string condition_of(std::string_view outcome) {
    if (outcome == "open") return "WHERE p.outcome IN ('different', 'failed') ";
    if (outcome == "different" || outcome == "failed" || outcome == "accepted" || outcome == "equal")
        return fmt::format("WHERE p.outcome = '{}' ", outcome);
    throw Error(Kind::BadInput, "the outcome is open, different, failed, accepted or equal");
}

}  // namespace

std::optional<std::string> plain_listed(std::string_view text) {
    text = base::trim(text);
    const std::string lower = base::to_lower(text.substr(0, 8));
    for (const std::string_view scheme : {"https://", "http://"})
        if (lower.starts_with(scheme)) {
            text.remove_prefix(scheme.size());
            const auto slash = text.find_first_of("/?#");
            text = slash == std::string_view::npos ? std::string_view("/") : text.substr(slash);
        }
    text = text.substr(0, text.find('#'));
    if (!text.starts_with('/') || text.size() > kLongestPath) return std::nullopt;
    const auto mark = text.find('?');
    const auto decoded = base::percent_decode(text.substr(0, mark));
    if (!decoded || decoded->find('\0') != std::string::npos) return std::nullopt;
    std::string path = base::percent_encode(*decoded);
    if (mark == std::string_view::npos || mark + 1 == text.size()) return path;
    path += '?';
    for (const char c : text.substr(mark + 1)) {
        if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return std::nullopt;
        if (static_cast<unsigned char>(c) > '\x7f')
            path += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        else
            path += c;
    }
    if (path.size() > kLongestPath * 3) return std::nullopt;
    return path;
}

std::vector<Listed> list_paths(sys::Reader& db) {
    std::vector<Listed> all;
    db.each("SELECT path, hits FROM cutover_path ORDER BY id", {}, [&](const sys::Row& row) {
        all.push_back({row.text(0), row.integer(1)});
        return true;
    });
    return all;
}

Counts load_counts(sys::Reader& db) {
    Counts counts;
    for (const auto& row : db.query("SELECT outcome, is_due, count(*), sum(CASE WHEN weight = 100 THEN 1 ELSE 0 END) "
                                    "FROM cutover_path GROUP BY outcome, is_due")) {
        const std::string& outcome = row.text(0);
        const std::int64_t number = row.integer(2);
        counts.total += number;
        if (row.integer(1) == 0) counts.checked += number;
        if (outcome == "equal") counts.equal += number;
        if (outcome == "accepted") counts.accepted += number;
        if (outcome == "failed") counts.failed += number;
        if (outcome == "different") {
            counts.different += number;
            counts.missing += row.integer(3);
        }
    }
    return counts;
}

void want_check(sys::Transaction& tx, Scope scope, const By& by) {
    if (load_state(tx).plan_version == 0)
        throw Error(Kind::NotFound, "切替の計画がありません。先に計画を作ってください。");
    tx.execute("UPDATE cutover_state SET wanted_at = $1, wanted_by = $2, wanted_open = $3, problem = ''",
               {by.at.milliseconds, by.who, std::int64_t{scope == Scope::Open}});
}

std::int64_t begin_round(sys::Transaction& tx, Scope scope, const By& by) {
    const State state = load_state(tx);
    if (state.plan_version == 0) throw Error(Kind::NotFound, "切替の計画がありません。先に計画を作ってください。");
    tx.execute("UPDATE cutover_state SET wanted_at = NULL, problem = ''");
    if (state.is_checking()) return state.round;  // it was cut, or paths came
    tx.execute(scope == Scope::All ? "UPDATE cutover_path SET is_due = 1"
                                   : "UPDATE cutover_path SET is_due = 1 WHERE outcome IN ('different', 'failed')");
    tx.execute("UPDATE cutover_state SET round = round + 1, began_at = $1, ended_at = NULL", {by.at.milliseconds});
    return state.round + 1;
}

std::vector<Due> list_due(sys::Reader& db, int limit) {
    std::vector<Due> due;
    for (const auto& row :
         db.query("SELECT id, path FROM cutover_path WHERE is_due = 1 ORDER BY hits DESC, id LIMIT $1",
                  {std::int64_t{limit}}))
        due.push_back({row.integer(0), row.text(1)});
    return due;
}

bool note_results(sys::Transaction& tx, std::int64_t plan_version, std::span<const Result> results, base::Instant at) {
    if (load_state(tx).plan_version != plan_version) return false;
    for (const Result& each : results) {
        const auto& differences = each.compared.differences;
        const std::string kinds = kinds_of(differences);
        std::string outcome = !each.compared.is_comparable ? "failed" : differences.empty() ? "equal" : "different";
        if (outcome == "different")
            if (const auto accepted = tx.find("SELECT kinds FROM cutover_accepted WHERE path = $1", {each.path}))
                if (is_covered(kinds, accepted->text(0))) outcome = "accepted";
        tx.execute(
            "UPDATE cutover_path SET is_due = 0, outcome = $1, kinds = $2, weight = $3, problem = $4, differences = "
            "$5, proposal = $6, checked_at = $7 WHERE id = $8",
            {outcome, kinds, std::int64_t{weight_of(differences)}, each.compared.problem,
             write_differences(differences), each.proposal, at.milliseconds, each.id});
    }
    return true;
}

void note_problem(sys::Transaction& tx, const std::string& problem) {
    tx.execute("UPDATE cutover_state SET problem = $1, wanted_at = NULL", {problem});
}

void end_round(sys::Transaction& tx, const By& by) {
    const State state = load_state(tx);
    if (!state.is_checking()) return;
    const Counts counts = load_counts(tx);
    tx.execute("UPDATE cutover_state SET ended_at = $1, problem = ''", {by.at.milliseconds});
    append(tx, by, "cutover.check", fmt::format("cutover:{}", state.plan_version),
           {{"round", state.round},
            {"checked", counts.checked},
            {"equal", counts.equal},
            {"different", counts.different},
            {"missing", counts.missing},
            {"accepted", counts.accepted},
            {"failed", counts.failed}});
}

std::vector<Finding> list_findings(sys::Reader& db, std::string_view outcome, int limit, int offset) {
    std::vector<Finding> all;
    for (const auto& row : db.query(fmt::format("{}{}ORDER BY p.hits DESC, p.weight DESC, p.path LIMIT $1 OFFSET $2",
                                                kFinding, condition_of(outcome)),
                                    {std::int64_t{limit}, std::int64_t{offset}}))
        all.push_back(finding_of(row));
    return all;
}

std::optional<Finding> find_finding(sys::Reader& db, std::string_view path) {
    const auto row = db.find(fmt::format("{}WHERE p.path = $1", kFinding), {std::string(path)});
    return row ? std::optional(finding_of(*row)) : std::nullopt;
}

std::int64_t accept(sys::Transaction& tx, std::string_view path, std::string_view reason, const By& by,
                    std::optional<base::Instant> seen_at) {
    const std::string why(base::first_code_points(base::to_valid_utf8(base::trim(reason)), 1000));
    if (why.empty()) throw Error(Kind::BadInput, "差し支えない理由を入れてください。");
    if (path.find('*') < path.size() - 1)
        throw Error(Kind::BadInput, "「*」は、末尾にだけ付けられます（例：/kurashi/*）。");
    const bool is_whole_part = path.ends_with('*');
    const auto plain = plain_listed(is_whole_part ? path.substr(0, path.size() - 1) : path);
    if (!plain) throw Error(Kind::BadInput, "パスは「/」で始めてください。");
    if (const auto now = find_finding(tx, *plain); seen_at && now && now->checked_at != seen_at)
        throw Error(Kind::Conflict, "開いた後に、もう一度照合されました。いまの違いを確かめてから記録してください。");
    std::vector<std::pair<std::string, std::string>> chosen;
    for (const auto& row :
         tx.query("SELECT path, kinds FROM cutover_path WHERE outcome = 'different' AND (path = $1 OR "
                  "($2 = 1 AND substr(path, 1, length($1)) = $1))",
                  {*plain, std::int64_t{is_whole_part}}))
        chosen.emplace_back(row.text(0), row.text(1));
    if (chosen.empty()) throw Error(Kind::NotFound, "このパスに、判断を待つ違いはありません。");
    for (const auto& [each, kinds] : chosen) {
        tx.execute(
            "INSERT INTO cutover_accepted (path, kinds, reason, accepted_by, accepted_at) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (path) DO UPDATE SET kinds = excluded.kinds, reason = excluded.reason, accepted_by = "
            "excluded.accepted_by, accepted_at = excluded.accepted_at",
            {each, kinds, why, by.who, by.at.milliseconds});
        tx.execute("UPDATE cutover_path SET outcome = 'accepted' WHERE path = $1", {each});
    }
    append(tx, by, "cutover.accept", fmt::format("path:{}{}", *plain, is_whole_part ? "*" : ""),
           {{"reason", why}, {"paths", chosen.size()}, {"kinds", chosen.front().second}});
    return static_cast<std::int64_t>(chosen.size());
}

void note_redirect(sys::Transaction& tx, std::string_view path, std::string_view location, const By& by) {
    if (!tx.find("SELECT 1 FROM cutover_path WHERE path = $1", {std::string(path)}))
        throw Error(Kind::NotFound, "このパスは照合の一覧にありません。");
    append(tx, by, "cutover.redirect", fmt::format("path:{}", path), {{"location", location}});
}

}  // namespace cutover
