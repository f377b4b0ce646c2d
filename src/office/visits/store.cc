#include "office/visits/store.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"

namespace visits {

namespace {

using base::Error;
using base::Kind;
using boost::json::object;

constexpr std::string_view kStates[] = {"planned", "done", "cancelled"};
constexpr std::string_view kStateWordings[] = {"予定", "実施済み", "取りやめ"};
constexpr std::string_view kAnswers[] = {"open", "accepted", "declined", "later"};
constexpr std::string_view kAnswerWordings[] = {"検討中", "採用", "見送り", "時期を改めて検討"};
constexpr std::size_t kLongest = 4000, kLongestMinutes = 20'000;  // characters
constexpr std::int64_t kMostSources = 100;

void note(sys::Transaction& tx, std::string_view act, std::string subject, const object& detail, const By& by) {
    ledger::append(tx, {by.at, by.who, std::string(act), std::move(subject), boost::json::serialize(detail)});
}

void check_text(std::string_view text, std::string_view label, bool is_needed, std::size_t longest = kLongest) {
    if (is_needed && base::trim(text).empty()) throw Error(Kind::BadInput, fmt::format("{}を入れてください。", label));
    if (!base::is_utf8(text) || base::count_code_points(text) > longest)
        throw Error(Kind::BadInput, fmt::format("{}は{}文字以内で入れてください。", label, longest));
}

[[noreturn]] void refuse_stale() {
    throw Error(Kind::Conflict, "ほかの人が先に変えました。画面を開き直して、もう一度お試しください。");
}

/// What a form has made already: a second press of its button does nothing.
std::optional<std::int64_t> find_once(sys::Reader& db, std::string_view table, std::string_view once) {
    if (once.empty()) return std::nullopt;
    const auto row = db.find(fmt::format("SELECT id FROM {} WHERE once_key = $1", table), {std::string(once)});
    if (!row) return std::nullopt;
    return row->integer(0);
}
sys::Value once_value(std::string_view once) {
    return once.empty() ? sys::Value(nullptr) : sys::Value(std::string(once));
}

std::string subject_of(std::int64_t visit) {
    return fmt::format("visit:{}", visit);
}

constexpr std::string_view kVisitColumns =
    "SELECT id, starts_at, place, visitors, hosts, purpose, minutes, state, done_at, figures, version FROM visit ";

Visit visit_of(const sys::Row& row) {
    Visit made;
    made.id = row.integer(0);
    made.starts_at = {row.integer(1)};
    made.place = row.text(2);
    made.visitors = row.text(3);
    made.hosts = row.text(4);
    made.purpose = row.text(5);
    made.minutes = row.text(6);
    made.state =
        static_cast<State>(std::find(std::begin(kStates), std::end(kStates), row.text(7)) - std::begin(kStates));
    if (const auto at = row.maybe_integer(8)) made.done_at = base::Instant{*at};
    made.figures = row.text(9);
    made.version = row.integer(10);
    return made;
}

void check_visit(const Visit& made) {
    if (made.starts_at.milliseconds <= 0) throw Error(Kind::BadInput, "訪問の日時を入れてください。");
    check_text(made.place, "場所", false);
    check_text(made.visitors, "訪問する人", true);
    check_text(made.hosts, "相手", false);
    check_text(made.purpose, "目的", true);
}

Visit load_planned(sys::Reader& db, std::int64_t id, std::int64_t version) {
    Visit found = load_visit(db, id);
    if (found.state != State::Planned)
        throw Error(Kind::Conflict, "この訪問は、もう終わっているか、取りやめになっています。");
    if (found.version != version) refuse_stale();
    return found;
}

constexpr std::string_view kProposalColumns =
    "SELECT id, visit_id, title, body, made_at, answer, decided_on, decided_by, reason, version FROM proposal ";

Proposal proposal_of(const sys::Row& row) {
    Proposal made;
    made.id = row.integer(0);
    made.visit = row.integer(1);
    made.title = row.text(2);
    made.body = row.text(3);
    made.made_at = {row.integer(4)};
    made.answer = find_answer(row.text(5)).value();
    if (const auto day = row.maybe_text(6)) made.decided_on = base::parse_day(*day);
    made.decided_by = row.text(7);
    made.reason = row.text(8);
    made.version = row.integer(9);
    return made;
}

bool is_folder_name(std::string_view name) {
    return !name.empty() && name.size() <= 60 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

constexpr std::string_view kSourceColumns =
    "SELECT id, name, url, fetched_at, problem, (SELECT count(*) FROM watched_item WHERE source_id = "
    "watched_source.id) "
    "FROM watched_source ";

Source source_of(const sys::Row& row) {
    Source made{row.integer(0), row.text(1), row.text(2), {}, row.text(4), row.integer(5)};
    if (const auto at = row.maybe_integer(3)) made.fetched_at = base::Instant{*at};
    return made;
}

}  // namespace

std::string_view state_wording(State state) {
    return kStateWordings[static_cast<std::size_t>(state)];
}
std::string_view answer_wording(Answer answer) {
    return kAnswerWordings[static_cast<std::size_t>(answer)];
}
std::string_view answer_id(Answer answer) {
    return kAnswers[static_cast<std::size_t>(answer)];
}
std::optional<Answer> find_answer(std::string_view id) {
    const auto* found = std::find(std::begin(kAnswers), std::end(kAnswers), id);
    if (found == std::end(kAnswers)) return std::nullopt;
    return static_cast<Answer>(found - std::begin(kAnswers));
}

// --- visits

std::int64_t plan_visit(sys::Transaction& tx, const Visit& made, const By& by, std::string_view once) {
    if (const auto before = find_once(tx, "visit", once)) return *before;
    check_visit(made);
    const std::int64_t id = tx.insert(
        "INSERT INTO visit (starts_at, place, visitors, hosts, purpose, minutes, state, figures, version, once_key) "
        "VALUES ($1, $2, $3, $4, $5, '', 'planned', '', 1, $6) RETURNING id",
        {made.starts_at.milliseconds, made.place, made.visitors, made.hosts, made.purpose, once_value(once)});
    note(tx, "visit.plan", subject_of(id), {{"starts_at", base::format_utc(made.starts_at)}}, by);
    return id;
}

void change_visit(sys::Transaction& tx, const Visit& changed, const By& by) {
    check_visit(changed);
    load_planned(tx, changed.id, changed.version);
    tx.execute(
        "UPDATE visit SET starts_at = $1, place = $2, visitors = $3, hosts = $4, purpose = $5, version = version "
        "+ 1 WHERE id = $6",
        {changed.starts_at.milliseconds, changed.place, changed.visitors, changed.hosts, changed.purpose, changed.id});
    note(tx, "visit.change", subject_of(changed.id), {{"starts_at", base::format_utc(changed.starts_at)}}, by);
}

void record_visit(sys::Transaction& tx, std::int64_t id, std::int64_t version, std::string_view hosts,
                  std::string_view minutes, const By& by) {
    const Visit found = load_planned(tx, id, version);
    check_text(hosts, "相手", true);
    check_text(minutes, "記録", true, kLongestMinutes);
    if (by.at < found.starts_at) throw Error(Kind::BadInput, "訪問の日時になってから記録してください。");
    tx.execute(
        "UPDATE visit SET state = 'done', done_at = $1, hosts = $2, minutes = $3, version = version + 1 WHERE id "
        "= $4",
        {by.at.milliseconds, std::string(hosts), std::string(minutes), id});
    note(tx, "visit.done", subject_of(id),
         {{"starts_at", base::format_utc(found.starts_at)},
          {"period", std::to_string(calendar::fiscal_year(base::local_day(found.starts_at)))},
          {"hosts", hosts},
          {"place", found.place}},
         by);
}

void cancel_visit(sys::Transaction& tx, std::int64_t id, std::int64_t version, std::string_view reason, const By& by) {
    load_planned(tx, id, version);
    check_text(reason, "取りやめの理由", true);
    tx.execute("UPDATE visit SET state = 'cancelled', minutes = $1, version = version + 1 WHERE id = $2",
               {std::string(reason), id});
    note(tx, "visit.cancel", subject_of(id), {{"reason", reason}}, by);
}

void keep_figures(sys::Transaction& tx, std::int64_t id, std::string_view figures) {
    tx.execute("UPDATE visit SET figures = $1 WHERE id = $2", {std::string(figures), id});
}

std::optional<Visit> find_visit(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(fmt::format("{}WHERE id = $1", kVisitColumns), {id});
    if (!row) return std::nullopt;
    return visit_of(*row);
}

Visit load_visit(sys::Reader& db, std::int64_t id) {
    auto found = find_visit(db, id);
    if (!found) throw Error(Kind::NotFound, "この訪問はありません。");
    return *std::move(found);
}

std::vector<Visit> list_visits(sys::Reader& db, int limit) {
    std::vector<Visit> all;
    for (const sys::Row& row :
         db.query(fmt::format("{}ORDER BY starts_at DESC, id DESC LIMIT $1", kVisitColumns), {std::int64_t{limit}}))
        all.push_back(visit_of(row));
    return all;
}

std::optional<Visit> find_last_done(sys::Reader& db, base::Instant at) {
    const auto row =
        db.find(fmt::format("{}WHERE state = 'done' AND starts_at < $1 ORDER BY starts_at DESC, id DESC LIMIT 1",
                            kVisitColumns),
                {at.milliseconds});
    if (!row) return std::nullopt;
    return visit_of(*row);
}

// --- proposals

std::int64_t add_proposal(sys::Transaction& tx, const Proposal& made, const By& by, std::string_view once) {
    if (const auto before = find_once(tx, "proposal", once)) return *before;
    check_text(made.title, "提案の題名", true, 200);
    check_text(made.body, "提案の内容", true);
    const std::int64_t id = tx.insert(
        "INSERT INTO proposal (visit_id, title, body, made_at, answer, decided_by, reason, version, once_key) VALUES "
        "($1, $2, $3, $4, 'open', '', '', 1, $5) RETURNING id",
        {made.visit, made.title, made.body, by.at.milliseconds, once_value(once)});
    note(tx, "proposal.add", fmt::format("proposal:{}", id), {{"title", made.title}, {"visit", made.visit}}, by);
    return id;
}

void decide_proposal(sys::Transaction& tx, const Proposal& decided, const By& by) {
    if (decided.answer == Answer::Open || !decided.decided_on)
        throw Error(Kind::BadInput, "結論と、決まった日を入れてください。");
    check_text(decided.decided_by, "決めた人", true, 200);
    check_text(decided.reason, "理由", true);
    if (tx.execute(
            "UPDATE proposal SET answer = $1, decided_on = $2, decided_by = $3, reason = $4, version = version + "
            "1 WHERE id = $5 AND version = $6",
            {std::string(answer_id(decided.answer)), base::format_day(*decided.decided_on), decided.decided_by,
             decided.reason, decided.id, decided.version}) != 1)
        refuse_stale();
    note(tx, "proposal.decide", fmt::format("proposal:{}", decided.id),
         {{"answer", answer_id(decided.answer)},
          {"on", base::format_day(*decided.decided_on)},
          {"decided_by", decided.decided_by},
          {"reason", decided.reason}},
         by);
}

std::vector<Proposal> list_proposals(sys::Reader& db, int limit) {
    std::vector<Proposal> all;
    for (const sys::Row& row : db.query(
             fmt::format("{}ORDER BY CASE WHEN answer = 'open' THEN 0 ELSE 1 END, id DESC LIMIT $1", kProposalColumns),
             {std::int64_t{limit}}))
        all.push_back(proposal_of(row));
    return all;
}

std::optional<Proposal> find_proposal(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(fmt::format("{}WHERE id = $1", kProposalColumns), {id});
    if (!row) return std::nullopt;
    return proposal_of(*row);
}

// --- news

std::int64_t add_source(sys::Transaction& tx, const Source& made, const By& by) {
    check_text(made.name, "情報源の名前", true, 100);
    const bool is_folder = made.url.starts_with("folder:") && is_folder_name(made.url.substr(7));
    const bool is_web = (made.url.starts_with("https://") || made.url.starts_with("http://")) &&
                        made.url.size() <= 500 && made.url.find_first_of(" \r\n\t") == std::string::npos;
    if (!is_folder && !is_web)
        throw Error(Kind::BadInput,
                    "アドレスは https:// で始めてください。ネットワークにつながらないときは folder:名前 とします。");
    if (tx.find("SELECT 1 FROM watched_source WHERE url = $1", {made.url}))
        throw Error(Kind::Conflict, "このアドレスは、もう登録されています。");
    if (tx.find("SELECT count(*) FROM watched_source")->integer(0) >= kMostSources)
        throw Error(Kind::BadInput, fmt::format("情報源は{}件までです。", kMostSources));
    const std::int64_t id =
        tx.insert("INSERT INTO watched_source (name, url, tried_at, problem) VALUES ($1, $2, 0, '') RETURNING id",
                  {made.name, made.url});
    note(tx, "source.add", fmt::format("source:{}", id), {{"name", made.name}, {"url", made.url}}, by);
    return id;
}

void remove_source(sys::Transaction& tx, std::int64_t id, const By& by) {
    tx.execute("DELETE FROM watched_item WHERE source_id = $1", {id});
    if (tx.execute("DELETE FROM watched_source WHERE id = $1", {id}) == 1)
        note(tx, "source.remove", fmt::format("source:{}", id), {}, by);
}

std::vector<Source> list_sources(sys::Reader& db) {
    std::vector<Source> all;
    for (const sys::Row& row : db.query(fmt::format("{}ORDER BY name, id", kSourceColumns)))
        all.push_back(source_of(row));
    return all;
}

std::optional<Source> find_due_source(sys::Reader& db, base::Instant before) {
    const auto row = db.find(fmt::format("{}WHERE tried_at < $1 ORDER BY tried_at, id LIMIT 1", kSourceColumns),
                             {before.milliseconds});
    if (!row) return std::nullopt;
    return source_of(*row);
}

std::int64_t note_fetch(sys::Transaction& tx, std::int64_t source, std::span<const Item> items,
                        std::string_view problem, base::Instant at) {
    const auto known = tx.find("SELECT fetched_at FROM watched_source WHERE id = $1", {source});
    if (!known) return 0;  // removed meanwhile
    if (!problem.empty()) {
        tx.execute("UPDATE watched_source SET tried_at = $1, problem = $2 WHERE id = $3",
                   {at.milliseconds, std::string(base::first_code_points(problem, 500)), source});
        return 0;
    }
    const bool is_first = known->is_null(0);
    std::int64_t added = 0;
    for (const Item& item : items) {
        const auto inserted = tx.execute(
            "INSERT INTO watched_item (source_id, item_key, title, url, published_on, found_at, seen_at, is_first) "
            "VALUES "
            "($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (source_id, item_key) DO NOTHING",
            {source, item.key, item.title, item.url,
             sys::maybe(item.published ? std::optional<std::string>(base::format_day(*item.published)) : std::nullopt),
             at.milliseconds, std::int64_t{is_first ? 1 : 0}});
        if (inserted == 0)
            tx.execute("UPDATE watched_item SET seen_at = $1 WHERE source_id = $2 AND item_key = $3",
                       {at.milliseconds, source, item.key});
        added += inserted;
    }
    tx.execute("UPDATE watched_source SET tried_at = $1, fetched_at = $1, problem = '' WHERE id = $2",
               {at.milliseconds, source});
    return is_first ? 0 : added;
}

std::vector<Found> list_found(sys::Reader& db, base::Instant since, int limit) {
    std::vector<Found> all;
    for (const sys::Row& row :
         db.query("SELECT item_key, title, watched_item.url, published_on, source_id, name, found_at FROM watched_item "
                  "JOIN watched_source ON watched_source.id = source_id WHERE is_first = 0 AND found_at >= $1 ORDER BY "
                  "found_at DESC, source_id, item_key LIMIT $2",
                  {since.milliseconds, std::int64_t{limit}})) {
        Found one;
        one.key = row.text(0);
        one.title = row.text(1);
        one.url = row.text(2);
        if (const auto day = row.maybe_text(3)) one.published = base::parse_day(*day);
        one.source = row.integer(4);
        one.source_name = row.text(5);
        one.found_at = {row.integer(6)};
        all.push_back(std::move(one));
    }
    return all;
}

std::int64_t forget_found(sys::Transaction& tx, base::Instant before) {
    return tx.execute("DELETE FROM watched_item WHERE seen_at < $1", {before.milliseconds});
}

}  // namespace visits
