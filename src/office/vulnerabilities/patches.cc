#include "office/vulnerabilities/patches.h"

#include <algorithm>
#include <map>
#include <span>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/vulnerabilities/inside/rows.h"

namespace vulnerabilities {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kShort = 300, kLong = 4000;
constexpr std::size_t kMostTests = 500, kMostSubjects = 100;

constexpr std::pair<std::string_view, std::string_view> kStates[] = {{"found", "発見"},       {"examined", "検討済み"},
                                                                     {"agreed", "合意済み"},  {"tested", "試験済み"},
                                                                     {"applied", "適用済み"}, {"declined", "見送り"}};

constexpr std::string_view kColumns =
    "SELECT id, kind, title, component, version_from, version_to, published_at, found_at, state, window_from, "
    "window_to, staging, "
    "is_tested, is_emergency, applied_at, change FROM patch ";

/// Without its subjects.
Patch patch_of(const sys::Row& row) {
    Patch one;
    one.id = row.integer(0);
    one.kind = row.text(1);
    one.title = row.text(2);
    one.component = row.text(3);
    one.version_from = row.text(4);
    one.version_to = row.text(5);
    one.published_at = {row.integer(6)};
    one.found_at = {row.integer(7)};
    for (std::size_t i = 0; i < std::size(kStates); ++i)
        if (kStates[i].first == row.text(8)) one.state = static_cast<PatchState>(i);
    one.window_from = instant_of(row, 9);
    one.window_to = instant_of(row, 10);
    one.staging = row.text(11);
    one.is_tested = row.flag(12);
    one.is_emergency = row.flag(13);
    one.applied_at = instant_of(row, 14);
    one.change = row.integer(15);
    return one;
}

/// In one query, however many there are.
void add_subjects(sys::Reader& db, std::span<Patch> patches) {
    if (patches.empty()) return;
    std::map<std::int64_t, Patch*> by_id;
    for (Patch& one : patches) by_id[one.id] = &one;
    for (const sys::Row& row : db.query("SELECT patch_id, subject FROM patch_subject WHERE patch_id >= $1 AND patch_id "
                                        "<= $2 ORDER BY patch_id, subject",
                                        {by_id.begin()->first, by_id.rbegin()->first}))
        if (const auto found = by_id.find(row.integer(0)); found != by_id.end())
            found->second->subjects.push_back(row.text(1));
}

std::string words_of(std::string_view text, std::string_view what) {
    std::string words = bounded(text, kLong);
    if (words.empty()) throw Error(Kind::BadInput, fmt::format("{}を入れてください。", what));
    return words;
}

void add_step(sys::Transaction& tx, const Patch& patch, std::string_view step, std::string_view text, const By& by) {
    tx.execute("INSERT INTO patch_step (patch_id, step, text, made_by, made_at) VALUES ($1, $2, $3, $4, $5)",
               {patch.id, std::string(step), std::string(text), by.who, by.at.milliseconds});
}

/// One line about each thing that the patch answers, so that the contract finds each answered.
void tell(sys::Transaction& tx, const Patch& patch, std::string_view verb, boost::json::object detail, const By& by) {
    detail["patch"] = patch.id;
    const std::string_view noun = patch.kind == "version" && verb != "apply" ? "version" : "patch";
    if (patch.subjects.empty()) append(tx, by, fmt::format("{}.{}", noun, verb), patch.path_subject(), detail);
    for (const std::string& subject : patch.subjects) {
        const bool is_package = subject.starts_with("package:") && verb == "decide";
        append(tx, by, is_package ? "packages.decide" : fmt::format("{}.{}", noun, verb), subject, detail);
    }
}

void move(sys::Transaction& tx, const Patch& patch, PatchState to, std::int64_t change) {
    if (patch.change != change) need_current(0);
    need_current(tx.execute("UPDATE patch SET state = $2, change = change + 1 WHERE id = $1 AND change = $3",
                            {patch.id, std::string(patch_state_id(to)), change}));
}

void need_state(const Patch& patch, std::initializer_list<PatchState> allowed, std::string_view why) {
    if (std::find(allowed.begin(), allowed.end(), patch.state) == allowed.end())
        throw Error(Kind::Conflict, std::string(why));
}

}  // namespace

std::string_view patch_state_id(PatchState state) {
    return kStates[static_cast<std::size_t>(state)].first;
}
std::string_view patch_state_wording(PatchState state) {
    return kStates[static_cast<std::size_t>(state)].second;
}

std::string_view step_wording(std::string_view step) {
    constexpr std::pair<std::string_view, std::string_view> kWordings[] = {{"find", "発見"},
                                                                           {"report", "内容の報告"},
                                                                           {"examine", "検討"},
                                                                           {"decide", "適用の合意"},
                                                                           {"decline", "見送り"},
                                                                           {"test", "試験"},
                                                                           {"test-bad", "試験（不合格）"},
                                                                           {"apply", "本番への適用"},
                                                                           {"apply-emergency", "本番への緊急の適用"}};
    for (const auto& [id, wording] : kWordings)
        if (id == step) return wording;
    return step;
}

std::string Patch::path_subject() const {
    return fmt::format("{}:{}", kind, id);
}

Patch find_out(sys::Transaction& tx, const NewPatch& made, const By& by, std::string_view once) {
    if (const auto before = find_once(tx, "patch", once)) return load_patch(tx, *before);
    Patch one;
    one.kind = made.is_version ? "version" : "patch";
    one.title = bounded(made.title, kShort);
    one.component = bounded(made.component, kShort);
    one.version_from = bounded(made.version_from, kShort);
    one.version_to = bounded(made.version_to, kShort);
    one.published_at = made.published_at;
    one.found_at = by.at;
    one.subjects = made.subjects;
    if (one.title.empty()) throw Error(Kind::BadInput, "件名を入れてください。");
    if (one.component.empty()) throw Error(Kind::BadInput, "何に対するものかを入れてください。");
    if (one.published_at > by.at) throw Error(Kind::BadInput, "公開された日時が、いまより後です。");
    if (one.subjects.size() > kMostSubjects) throw Error(Kind::BadInput, "対応する記録が多すぎます。");
    if (made.is_version && !one.subjects.empty())
        throw Error(Kind::BadInput, "版の更新は、脆弱性の記録に付けられません。");
    std::sort(one.subjects.begin(), one.subjects.end());
    one.subjects.erase(std::unique(one.subjects.begin(), one.subjects.end()), one.subjects.end());
    for (const std::string& subject : one.subjects) {
        if (subject.starts_with("package:")) continue;
        const std::string_view number = std::string_view(subject).substr(std::min<std::size_t>(subject.size(), 14));
        const bool is_number = subject.starts_with("vulnerability:") && !number.empty() && number.size() < 18 &&
                               number.find_first_not_of("0123456789") == std::string_view::npos;
        if (!is_number) throw Error(Kind::BadInput, fmt::format("「{}」は脆弱性の記録ではありません。", subject));
        load_record(tx, std::stoll(std::string(number)));
    }
    one.id = tx.insert(
        "INSERT INTO patch (kind, title, component, version_from, version_to, published_at, found_at, state) VALUES "
        "($1, $2, $3, $4, "
        "$5, $6, $7, 'found') RETURNING id",
        {one.kind, one.title, one.component, one.version_from, one.version_to, one.published_at.milliseconds,
         by.at.milliseconds});
    for (const std::string& subject : one.subjects)
        tx.execute("INSERT INTO patch_subject (patch_id, subject) VALUES ($1, $2)", {one.id, subject});
    set_once(tx, "patch", one.id, once);
    one.change = 1;
    add_step(tx, one, "find", bounded(made.note, kLong), by);
    tell(tx, one, "find",
         {{"title", one.title},
          {"component", one.component},
          {"version", one.version_to},
          {"published_at", base::format_utc(one.published_at)}},
         by);
    return one;
}

void report_patch(sys::Transaction& tx, std::int64_t id, std::string_view text, const By& by) {
    const Patch patch = load_patch(tx, id);
    const std::string words = words_of(text, "報告した内容");
    add_step(tx, patch, "report", words, by);
    tell(tx, patch, "report", {{"text", words}}, by);
}

void examine_patch(sys::Transaction& tx, std::int64_t id, std::string_view text, std::int64_t change, const By& by) {
    const Patch patch = load_patch(tx, id);
    need_state(patch, {PatchState::Found, PatchState::Examined}, "検討の記録は、合意の前に入れてください。");
    const std::string words = words_of(text, "検討した内容");
    move(tx, patch, PatchState::Examined, change);
    add_step(tx, patch, "examine", words, by);
    tell(tx, patch, "examine", {{"text", words}}, by);
}

void decide_patch(sys::Transaction& tx, std::int64_t id, bool is_agreed, std::string_view text,
                  std::optional<base::Instant> window_from, std::optional<base::Instant> window_to, std::int64_t change,
                  const By& by) {
    const Patch patch = load_patch(tx, id);
    need_state(patch, {PatchState::Examined, PatchState::Agreed, PatchState::Tested},
               "合意の前に、検討した内容を記録してください。");
    const std::string words = words_of(text, is_agreed ? "合意した内容" : "見送る理由");
    if (is_agreed && (!window_from || !window_to))
        throw Error(Kind::BadInput, "本番に適用してよい時間帯を入れてください。");
    if (is_agreed && *window_from >= *window_to)
        throw Error(Kind::BadInput, "時間帯の終わりは、始まりより後にしてください。");
    if (is_agreed && *window_to < by.at) throw Error(Kind::BadInput, "時間帯が、もう過ぎています。");
    const PatchState next = !is_agreed        ? PatchState::Declined
                            : patch.is_tested ? PatchState::Tested
                                              : PatchState::Agreed;
    move(tx, patch, next, change);
    if (is_agreed)
        tx.execute("UPDATE patch SET window_from = $2, window_to = $3 WHERE id = $1",
                   {id, window_from->milliseconds, window_to->milliseconds});
    add_step(tx, patch, is_agreed ? "decide" : "decline", words, by);
    boost::json::object detail{{"decision", is_agreed ? "apply" : "decline"}, {"text", words}};
    if (is_agreed) {
        detail["window_from"] = base::format_utc(*window_from);
        detail["window_to"] = base::format_utc(*window_to);
    }
    tell(tx, patch, "decide", detail, by);
}

void note_test(sys::Transaction& tx, std::int64_t id, std::string_view staging, std::span<const TestItem> tests,
               std::int64_t change, const By& by) {
    const Patch patch = load_patch(tx, id);
    need_state(patch, {PatchState::Agreed, PatchState::Tested}, "試験の前に、適用の合意を記録してください。");
    const std::string place = bounded(staging, kShort);
    if (place.empty()) throw Error(Kind::BadInput, "試験した環境を入れてください。");
    if (tests.empty()) throw Error(Kind::BadInput, "試験の項目を1つ以上入れてください。");
    if (tests.size() > kMostTests) throw Error(Kind::BadInput, fmt::format("試験の項目は{}件までです。", kMostTests));
    const auto bad = std::count_if(tests.begin(), tests.end(), [](const TestItem& one) { return !one.is_good; });
    move(tx, patch, bad == 0 ? PatchState::Tested : PatchState::Agreed, change);
    tx.execute("UPDATE patch SET staging = $2, is_tested = $3 WHERE id = $1",
               {id, place, std::int64_t{bad == 0 ? 1 : 0}});
    const auto run = tx.find("SELECT COALESCE(max(run), 0) + 1 FROM patch_test WHERE patch_id = $1", {id})->integer(0);
    std::int64_t position = 0;
    for (const TestItem& one : tests)
        tx.execute(
            "INSERT INTO patch_test (patch_id, run, position, name, is_good, result) VALUES ($1, $2, $3, $4, $5, $6)",
            {id, run, ++position, words_of(one.name, "試験の項目"), std::int64_t{one.is_good ? 1 : 0},
             bounded(one.result, kLong)});
    add_step(
        tx, patch, bad == 0 ? "test" : "test-bad",
        fmt::format("{}：{}件のうち{}件が合格", place, tests.size(), static_cast<std::int64_t>(tests.size()) - bad),
        by);
    tell(tx, patch, "test", {{"staging", place}, {"tests", tests.size()}, {"bad", bad}, {"run", run}}, by);
}

void apply_patch(sys::Transaction& tx, std::int64_t id, const Applying& how, std::int64_t change, const By& by) {
    const Patch patch = load_patch(tx, id);
    const std::string words = words_of(how.text, "適用の結果"), emergency = bounded(how.emergency_reason, kLong);
    if (how.at > by.at) throw Error(Kind::BadInput, "適用した日時が、いまより後です。");
    if (patch.state == PatchState::Applied) throw Error(Kind::Conflict, "もう適用されています。");
    if (patch.state == PatchState::Declined)
        throw Error(Kind::Conflict, "見送ったものです。適用するには、新しく登録してください。");
    if (emergency.empty()) {
        if (patch.state != PatchState::Tested || !patch.is_tested)
            throw Error(Kind::Conflict,
                        "試験環境での合格の記録がないので、本番に適用できません。試験を記録するか、緊急の理由を入れてく"
                        "ださい。");
        if (how.at < *patch.window_from || how.at > *patch.window_to)
            throw Error(Kind::Conflict, "合意した時間帯の外です。時間帯を合意し直すか、緊急の理由を入れてください。");
    }
    move(tx, patch, PatchState::Applied, change);
    tx.execute("UPDATE patch SET applied_at = $2, is_emergency = $3 WHERE id = $1",
               {id, how.at.milliseconds, std::int64_t{emergency.empty() ? 0 : 1}});
    add_step(tx, patch, emergency.empty() ? "apply" : "apply-emergency",
             emergency.empty() ? words : words + "（緊急の理由：" + emergency + "）", by);
    boost::json::object detail{{"tested", patch.is_tested},
                               {"text", words},
                               {"applied_at", base::format_utc(how.at)},
                               {"version", patch.version_to}};
    if (!emergency.empty()) {
        detail["emergency"] = true;
        detail["reason"] = emergency;
    }
    tell(tx, patch, "apply", detail, by);
    for (const std::string& subject : patch.subjects)
        if (subject.starts_with("vulnerability:"))
            tx.execute("UPDATE vulnerability SET fixed_at = $2, change = change + 1 WHERE id = $1",
                       {std::stoll(subject.substr(14)), how.at.milliseconds});
}

std::optional<Patch> find_patch(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kColumns) + "WHERE id = $1", {id});
    if (!row) return std::nullopt;
    Patch one = patch_of(*row);
    add_subjects(db, std::span(&one, 1));
    return one;
}

Patch load_patch(sys::Reader& db, std::int64_t id) {
    auto patch = find_patch(db, id);
    if (!patch) throw Error(Kind::NotFound, fmt::format("修正の記録{}は見つかりません。", id));
    return std::move(*patch);
}

std::vector<Patch> list_patches(sys::Reader& db, std::string_view subject, int limit) {
    std::vector<Patch> all;
    const auto rows = db.query(std::string(kColumns) +
                                   "WHERE $1 = '' OR id IN (SELECT patch_id FROM patch_subject WHERE subject = $1) "
                                   "ORDER BY CASE WHEN state IN ('applied', "
                                   "'declined') THEN 1 ELSE 0 END, CASE WHEN state IN ('applied', 'declined') THEN "
                                   "-found_at ELSE published_at END, id LIMIT $2",
                               {std::string(subject), std::int64_t{limit}});
    for (const sys::Row& row : rows) all.push_back(patch_of(row));
    add_subjects(db, all);
    return all;
}

std::vector<PatchStep> list_steps(sys::Reader& db, std::int64_t patch) {
    std::vector<PatchStep> all;
    for (const sys::Row& row : db.query(
             "SELECT step, text, made_by, made_at FROM patch_step WHERE patch_id = $1 ORDER BY id LIMIT 500", {patch}))
        all.push_back({row.text(0), row.text(1), row.text(2), {row.integer(3)}});
    return all;
}

std::vector<TestItem> list_tests(sys::Reader& db, std::int64_t patch) {
    std::vector<TestItem> all;
    for (const sys::Row& row : db.query("SELECT name, is_good, result FROM patch_test WHERE patch_id = $1 AND run = "
                                        "(SELECT max(run) FROM patch_test WHERE "
                                        "patch_id = $1) ORDER BY position",
                                        {patch}))
        all.push_back({row.text(0), row.flag(1), row.text(2)});
    return all;
}

}  // namespace vulnerabilities
