// Visits to the client (at least three a year), what was proposed there and what became of it, and the places in the
// internet that are watched for news to bring along. Each change writes its ledger line; visit.done is what the
// contract counts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "office/visits/news.h"

namespace visits {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

struct By {
    std::string who;
    base::Instant at;
};

enum class State { Planned, Done, Cancelled };
std::string_view state_wording(State state);  ///< "予定", "実施済み", "取りやめ"

struct Visit {
    std::int64_t id = 0;
    base::Instant starts_at;
    std::string place, visitors, hosts, purpose;
    std::string minutes;  ///< what was said, with the record of a done visit
    State state = State::Planned;
    std::optional<base::Instant> done_at;
    std::string figures;  ///< of the dossier that was made for it (a JSON object), for the next one to compare with
    std::int64_t version = 0;
};
/// The same `once` (of a form) gives the same visit. Throws Error(BadInput).
std::int64_t plan_visit(sys::Transaction& tx, const Visit& made, const By& by, std::string_view once = {});
void change_visit(sys::Transaction& tx, const Visit& changed, const By& by);
/// Writes visit.done. Throws Error(BadInput): before it has begun, or nothing was written down.
void record_visit(sys::Transaction& tx, std::int64_t id, std::int64_t version, std::string_view hosts,
                  std::string_view minutes, const By& by);
void cancel_visit(sys::Transaction& tx, std::int64_t id, std::int64_t version, std::string_view reason, const By& by);
void keep_figures(sys::Transaction& tx, std::int64_t id, std::string_view figures);
std::optional<Visit> find_visit(sys::Reader& db, std::int64_t id);
Visit load_visit(sys::Reader& db, std::int64_t id);
/// Newest first.
std::vector<Visit> list_visits(sys::Reader& db, int limit = 100);
/// The last one that was done before `at`.
std::optional<Visit> find_last_done(sys::Reader& db, base::Instant at);

enum class Answer { Open, Accepted, Declined, Later };
std::string_view answer_wording(Answer answer);  ///< "検討中", "採用", "見送り", "時期を改めて検討"
std::string_view answer_id(Answer answer);       ///< "open", "accepted", ...
std::optional<Answer> find_answer(std::string_view id);

struct Proposal {
    std::int64_t id = 0, visit = 0;
    std::string title, body;
    base::Instant made_at;
    Answer answer = Answer::Open;
    std::optional<base::Day> decided_on;
    std::string decided_by, reason;
    std::int64_t version = 0;
};
std::int64_t add_proposal(sys::Transaction& tx, const Proposal& made, const By& by, std::string_view once = {});
/// Throws Error(BadInput) without who decided and why, or for Answer::Open.
void decide_proposal(sys::Transaction& tx, const Proposal& decided, const By& by);
/// Open ones first, then newest first.
std::vector<Proposal> list_proposals(sys::Reader& db, int limit = 200);
std::optional<Proposal> find_proposal(sys::Reader& db, std::int64_t id);

/// A feed or a page that is looked at once a day.
struct Source {
    std::int64_t id = 0;
    std::string name;
    std::string url;  ///< https://..., or "folder:NAME": the newest file news/NAME.* in the site's folder
    std::optional<base::Instant> fetched_at;
    std::string problem;  ///< of the last fetch; empty = it went well
    std::int64_t items = 0;
};
std::int64_t add_source(sys::Transaction& tx, const Source& made, const By& by);
void remove_source(sys::Transaction& tx, std::int64_t id, const By& by);
std::vector<Source> list_sources(sys::Reader& db);
/// What was not fetched since `before`, one; nothing = all are fresh.
std::optional<Source> find_due_source(sys::Reader& db, base::Instant before);

/// Something new that a source has said.
struct Found : Item {
    std::int64_t source = 0;
    std::string source_name;
    base::Instant found_at;
    bool is_first = false;  ///< was there when the source was first looked at: no news
};
/// Adds what is not known by its key. Returns how many were new. With a problem, only that is noted.
std::int64_t note_fetch(sys::Transaction& tx, std::int64_t source, std::span<const Item> items,
                        std::string_view problem, base::Instant at);
/// Newest first, without what was there at the start.
std::vector<Found> list_found(sys::Reader& db, base::Instant since, int limit);
/// Forgets what its source has not shown since `before`.
std::int64_t forget_found(sys::Transaction& tx, base::Instant before);

}  // namespace visits
