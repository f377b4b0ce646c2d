// Standings, what is due, and who waits for what. Approvals and emergencies: approvals.cc; routes: routes.cc.
#include "press/workflow/store.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "press/workflow/inner/fields.h"

namespace workflow {

using base::Error;
using base::Kind;

namespace {

// In the order of read_standing and values_of.
constexpr std::string_view kFields[] = {
    "page_id",      "state",        "matter",     "owner_id",     "is_autosaved", "revision_id", "revision_hash",
    "submitted_by", "submitted_at", "round",      "steps",        "step",         "publish_at",  "is_by_hand",
    "withdraw_at",  "end_reason",   "end_target", "end_words",    "state_before", "comment",     "problem",
    "receipt_id",   "live_until",   "ended",      "ended_reason", "ended_target", "ended_words", "ended_at",
    "last_live",    "changed_at",   "due_at",     "ends_at"};
constexpr std::size_t kDerived = 2;  // due_at and ends_at are written only

/// "s.page_id, s.state, ..., s.version"
std::string columns(std::string_view prefix = "") {
    std::string all;
    for (std::size_t i = 0; i + kDerived < std::size(kFields); ++i) all += fmt::format("{}{}, ", prefix, kFields[i]);
    return all + std::string(prefix) + "version";
}

std::string insert_statement() {
    std::string names, places;
    for (std::size_t i = 0; i < std::size(kFields); ++i) {
        names += fmt::format("{}, ", kFields[i]);
        places += fmt::format("${}, ", i + 1);
    }
    return fmt::format("INSERT INTO standing ({}version) VALUES ({}1) ON CONFLICT (page_id) DO NOTHING", names, places);
}

std::string update_statement() {
    std::string sets;
    for (std::size_t i = 1; i < std::size(kFields); ++i) sets += fmt::format("{} = ${}, ", kFields[i], i + 1);
    return fmt::format("UPDATE standing SET {}version = version + 1 WHERE page_id = $1 AND version = ${}", sets,
                       std::size(kFields) + 1);
}

Ending ending_at(const sys::Row& row, std::size_t column) {
    return {find_end_reason(row.text(column)).value_or(EndReason::Gone), row.text(column + 1), row.text(column + 2)};
}

Standing read_standing(const sys::Row& row) {
    Standing standing;
    standing.page = {row.integer(0)};
    standing.state = find_state(row.text(1)).value();
    standing.matter = row.text(2) == "publish" ? Matter::Publish : Matter::Withdraw;
    standing.owner = {row.integer(3)};
    standing.is_autosaved = row.flag(4);
    standing.revision = {row.maybe_integer(5).value_or(0)};
    standing.hash = base::Hash::find_hex(row.text(6)).value_or(base::Hash{});
    standing.submitted_by = {row.integer(7)};
    standing.submitted_at = {row.integer(8)};
    standing.round = row.integer(9);
    standing.steps = parse_steps(row.text(10));
    standing.step = static_cast<std::size_t>(row.integer(11));
    standing.publish_at = {row.integer(12)};
    standing.is_by_hand = row.flag(13);
    standing.withdraw_at = {row.integer(14)};
    standing.ending = ending_at(row, 15);
    standing.before = find_state(row.text(18)).value();
    standing.comment = row.text(19);
    standing.problem = row.text(20);
    standing.receipt = row.integer(21);
    standing.live_until = {row.integer(22)};
    standing.ended = row.text(23) == "expired"     ? Live::Expired
                     : row.text(23) == "withdrawn" ? Live::Withdrawn
                                                   : Live::Never;
    standing.ended_how = ending_at(row, 24);
    standing.ended_at = {row.integer(27)};
    standing.last_live = {row.integer(28)};
    standing.changed_at = {row.integer(29)};
    standing.version = row.integer(30);
    return standing;
}

sys::Value flag(bool is_set) {
    return sys::Value(std::int64_t{is_set});
}
sys::Value text(std::string_view value) {
    return sys::Value(std::string(value));
}
sys::Value when(bool is_set, base::Instant at) {
    return is_set && at != base::Instant{} ? sys::Value(at.milliseconds) : sys::Value(nullptr);
}

std::vector<sys::Value> values_of(const Standing& standing) {
    return {standing.page.value,
            text(state_id(standing.state)),
            text(standing.matter == Matter::Publish ? "publish" : "withdraw"),
            standing.owner.value,
            flag(standing.is_autosaved),
            standing.revision ? sys::Value(standing.revision.value) : sys::Value(nullptr),
            standing.revision ? standing.hash.hex() : std::string(),
            standing.submitted_by.value,
            standing.submitted_at.milliseconds,
            standing.round,
            write_steps(standing.steps),
            static_cast<std::int64_t>(standing.step),
            standing.publish_at.milliseconds,
            flag(standing.is_by_hand),
            standing.withdraw_at.milliseconds,
            text(end_reason_id(standing.ending.reason)),
            standing.ending.target,
            standing.ending.words,
            text(state_id(standing.before)),
            standing.comment,
            standing.problem,
            standing.receipt,
            standing.live_until.milliseconds,
            text(live_id(standing.ended)),
            text(end_reason_id(standing.ended_how.reason)),
            standing.ended_how.target,
            standing.ended_how.words,
            standing.ended_at.milliseconds,
            standing.last_live.value,
            standing.changed_at.milliseconds,
            when(standing.state == State::Scheduled, standing.publish_at),
            when(true, standing.live_until)};
}

/// Lists go on after the last row seen: "changed_at|page".
struct Place {
    std::int64_t changed_at = INT64_MAX;
    std::int64_t page = INT64_MAX;
};
Place parse_place(std::string_view after) {
    Place place;
    const auto bar = after.find('|');
    if (bar == std::string_view::npos) return place;
    std::from_chars(after.data(), after.data() + bar, place.changed_at);
    std::from_chars(after.data() + bar + 1, after.data() + after.size(), place.page);
    return place;
}

StandingList read_list(const std::vector<sys::Row>& rows, int limit) {
    StandingList list;
    for (const sys::Row& row : rows) list.standings.push_back(read_standing(row));
    if (list.standings.size() > static_cast<std::size_t>(limit)) {
        list.standings.pop_back();
        const Standing& last = list.standings.back();
        list.next = fmt::format("{}|{}", last.changed_at.milliseconds, last.page.value);
    }
    return list;
}

State state_of(List list) {
    switch (list) {
        case List::Drafts:
            return State::Draft;
        case List::Returned:
            return State::Returned;
        case List::Approved:
            return State::Approved;
        case List::Scheduled:
            return State::Scheduled;
        case List::ToApprove:
        case List::Submitted:
            break;
    }
    return State::Submitted;
}

}  // namespace

Standing find_standing(sys::Reader& db, base::PageId page) {
    const auto row = db.find(fmt::format("SELECT {} FROM standing WHERE page_id = $1", columns()), {page.value});
    if (row) return read_standing(*row);
    Standing standing;
    standing.page = page;
    return standing;
}

std::vector<Standing> list_standings(sys::Reader& db, std::span<const base::PageId> pages) {
    constexpr std::size_t kAtOnce = 200;
    std::map<base::PageId, Standing> found;
    for (std::size_t from = 0; from < pages.size(); from += kAtOnce) {
        std::vector<sys::Value> ids;
        std::string places;
        for (const base::PageId page : pages.subspan(from, std::min(kAtOnce, pages.size() - from))) {
            ids.emplace_back(page.value);
            places += fmt::format("{}${}", places.empty() ? "" : ", ", ids.size());
        }
        for (const sys::Row& row :
             db.query(fmt::format("SELECT {} FROM standing WHERE page_id IN ({})", columns(), places), ids)) {
            Standing standing = read_standing(row);
            const base::PageId page = standing.page;
            found.emplace(page, std::move(standing));
        }
    }
    std::vector<Standing> standings;
    for (const base::PageId page : pages) {
        const auto known = found.find(page);
        standings.push_back(known != found.end() ? known->second : Standing{});
        standings.back().page = page;
    }
    return standings;
}

namespace {
bool keeps_wants(State state) {
    return state == State::Submitted || state == State::Approved || state == State::Scheduled;
}
}  // namespace

Standing set_standing(sys::Transaction& tx, Standing changed, base::Instant at) {
    changed.changed_at = at;
    static const std::string kInsert = insert_statement(), kUpdate = update_statement();
    std::vector<sys::Value> values = values_of(changed);
    std::int64_t count = 0;
    if (changed.version == 0) {
        count = tx.execute(kInsert, values);
    } else {
        values.emplace_back(changed.version);
        count = tx.execute(kUpdate, values);
    }
    if (count == 0)
        throw Error(Kind::Conflict,
                    "このページは、ほかの人が先に操作しました。いまの状態を確かめてから、もう一度操作してください。");
    if (changed.state != State::Submitted) tx.execute("DELETE FROM asked WHERE page_id = $1", {changed.page.value});
    if (!keeps_wants(changed.state)) tx.execute("DELETE FROM wanted_path WHERE page_id = $1", {changed.page.value});
    ++changed.version;
    return changed;
}

void set_asked(sys::Transaction& tx, base::PageId page, std::span<const Candidate> asked) {
    tx.execute("DELETE FROM asked WHERE page_id = $1", {page.value});
    for (const Candidate& one : asked)
        tx.execute("INSERT INTO asked (page_id, person_id, on_behalf_of, name) VALUES ($1, $2, $3, $4)",
                   {page.value, one.person.value, one.on_behalf_of.value, one.name});
}

std::vector<Candidate> list_asked(sys::Reader& db, base::PageId page) {
    std::vector<Candidate> asked;
    for (const sys::Row& row : db.query(
             "SELECT person_id, on_behalf_of, name FROM asked WHERE page_id = $1 ORDER BY person_id", {page.value}))
        asked.push_back({{row.integer(0)}, {row.integer(1)}, row.text(2), false});
    return asked;
}

StandingList list_waiting(sys::Reader& db, List list, PersonId person, std::string_view after, int limit) {
    const Place place = parse_place(after);
    if (list == List::ToApprove)
        return read_list(
            db.query(
                fmt::format("SELECT {} FROM asked a JOIN standing s ON s.page_id = a.page_id WHERE a.person_id = $1 "
                            "AND (s.changed_at, s.page_id) < ($2, $3) "
                            "ORDER BY s.changed_at DESC, s.page_id DESC LIMIT $4",
                            columns("s.")),
                {person.value, place.changed_at, place.page, std::int64_t{limit} + 1}),
            limit);
    return read_list(
        db.query(fmt::format(
                     "SELECT {} FROM standing WHERE owner_id = $1 AND state = $2 AND (changed_at, page_id) < ($3, $4) "
                     "ORDER BY changed_at DESC, page_id DESC LIMIT $5",
                     columns()),
                 {person.value, text(state_id(state_of(list))), place.changed_at, place.page, std::int64_t{limit} + 1}),
        limit);
}

std::int64_t count_waiting(sys::Reader& db, List list, PersonId person) {
    if (list == List::ToApprove)
        return db.find("SELECT count(*) FROM asked WHERE person_id = $1", {person.value})->integer(0);
    return db
        .find("SELECT count(*) FROM standing WHERE owner_id = $1 AND state = $2",
              {person.value, text(state_id(state_of(list)))})
        ->integer(0);
}

StandingList list_in_state(sys::Reader& db, State state, std::string_view after, int limit) {
    const Place place = parse_place(after);
    return read_list(
        db.query(fmt::format("SELECT {} FROM standing WHERE state = $1 AND (changed_at, page_id) < ($2, $3) "
                             "ORDER BY changed_at DESC, page_id DESC LIMIT $4",
                             columns()),
                 {text(state_id(state)), place.changed_at, place.page, std::int64_t{limit} + 1}),
        limit);
}

std::vector<base::PageId> list_due(sys::Reader& db, base::Instant now, int limit) {
    std::vector<base::PageId> pages;
    for (const sys::Row& row : db.query(
             "SELECT page_id, min(at) FROM (SELECT page_id, due_at AS at FROM standing WHERE due_at <= $1 UNION ALL "
             "SELECT page_id, ends_at AS at FROM standing WHERE ends_at <= $1) AS due "
             "WHERE page_id NOT IN (SELECT page_id FROM stuck WHERE retry_at > $1) "
             "GROUP BY page_id ORDER BY 2, 1 LIMIT $2",
             {now.milliseconds, std::int64_t{limit}}))
        pages.push_back({row.integer(0)});
    return pages;
}

std::optional<base::Instant> next_due(sys::Reader& db) {
    std::optional<base::Instant> next;
    const auto look = [&](std::string_view sql) {
        if (const auto row = db.find(sql))
            if (const auto at = row->maybe_integer(0); at && (!next || base::Instant{*at} < *next))
                next = base::Instant{*at};
    };
    for (const std::string_view column : {"due_at", "ends_at"}) {
        look(
            fmt::format("SELECT min({0}) FROM standing WHERE {0} IS NOT NULL AND page_id NOT IN "
                        "(SELECT page_id FROM stuck)",
                        column));
        look(
            fmt::format("SELECT min(CASE WHEN retry_at > {0} THEN retry_at ELSE {0} END) FROM stuck JOIN standing ON "
                        "standing.page_id = stuck.page_id WHERE {0} IS NOT NULL",
                        column));
    }
    return next;
}

std::optional<base::PageId> claim_paths(sys::Transaction& tx, base::PageId page, std::span<const std::string> paths) {
    for (const std::string& path : paths)
        if (const auto other = find_claim(tx, path); other && *other != page) return other;
    tx.execute("DELETE FROM claimed_path WHERE page_id = $1", {page.value});
    for (const std::string& path : paths)
        tx.execute("INSERT INTO claimed_path (path, page_id) VALUES ($1, $2) ON CONFLICT (path) DO NOTHING",
                   {path, page.value});
    return std::nullopt;
}

std::optional<Wanted> want_paths(sys::Transaction& tx, base::PageId page, std::span<const std::string> paths) {
    for (const std::string& path : paths)
        for (const auto& other : {find_claim(tx, path), find_want(tx, path)})
            if (other && *other != page) return Wanted{path, *other};
    tx.execute("DELETE FROM wanted_path WHERE page_id = $1", {page.value});
    for (const std::string& path : paths)
        tx.execute("INSERT INTO wanted_path (path, page_id) VALUES ($1, $2) ON CONFLICT (path) DO NOTHING",
                   {path, page.value});
    return std::nullopt;
}

std::optional<base::PageId> find_want(sys::Reader& db, std::string_view path) {
    const auto row = db.find("SELECT page_id FROM wanted_path WHERE path = $1", {std::string(path)});
    if (!row) return std::nullopt;
    return base::PageId{row->integer(0)};
}

std::optional<base::PageId> find_claim(sys::Reader& db, std::string_view path) {
    const auto row = db.find("SELECT page_id FROM claimed_path WHERE path = $1", {std::string(path)});
    if (!row) return std::nullopt;
    return base::PageId{row->integer(0)};
}

}  // namespace workflow
