// The only file with SQL on ledger_line and ledger_head. There is no statement that changes or deletes a line.
#include "ground/ledger/store.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"

namespace ledger {

using base::Error;
using base::Kind;

namespace {

constexpr sys::Migration kMigrations[] = {{"ledger/0001_lines", R"sql(
-- Who did what and when. `line` is the evidence; at, actor, act, act_group and subject repeat words of it for searching.
CREATE TABLE ledger_line (
    stream TEXT NOT NULL,
    sequence BIGINT NOT NULL CHECK (sequence > 0),
    line TEXT NOT NULL,
    hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    act_group TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (stream, sequence)
);
CREATE INDEX ledger_line_actor ON ledger_line (stream, actor, sequence);
CREATE INDEX ledger_line_subject ON ledger_line (stream, subject, sequence);
CREATE INDEX ledger_line_act ON ledger_line (stream, act_group, sequence);
CREATE INDEX ledger_line_at ON ledger_line (stream, at);
CREATE TABLE ledger_head (
    stream TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL CHECK (sequence >= 0),
    hash TEXT NOT NULL
);
)sql"}};

base::Hash hash_of(const std::string& hex) {
    const auto hash = base::Hash::find_hex(hex);
    if (!hash) throw Error(Kind::Damaged, "a hash of the ledger in the database is damaged; restore it from a backup");
    return *hash;
}

/// "page" of "page.approve".
std::string group_of(std::string_view act) {
    return std::string(act.substr(0, act.find('.')));
}

/// What a row's columns say, for comparing with its line.
bool has_columns(const sys::Row& row, const Line& line) {
    return row.integer(3) == line.entry.at.milliseconds && row.text(4) == line.entry.by &&
           row.text(5) == line.entry.act && row.text(6) == group_of(line.entry.act) &&
           row.text(7) == line.entry.subject;
}

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

Head append(sys::Transaction& tx, const Entry& entry, std::string_view stream) {
    const std::string name(stream);
    // The update locks the head until the transaction ends; a second appender waits here or is run again.
    if (tx.execute("UPDATE ledger_head SET sequence = sequence + 1 WHERE stream = $1", {name}) == 0)
        tx.execute("INSERT INTO ledger_head (stream, sequence, hash) VALUES ($1, 1, $2)", {name, base::Hash{}.hex()});
    const Head locked = load_head(tx, stream);
    const Head before{locked.sequence - 1, locked.hash};
    std::string line = write_line(stream, before, entry);
    const Head after{locked.sequence, sys::sha256(line)};
    tx.execute(
        "INSERT INTO ledger_line (stream, sequence, line, hash, at, actor, act, act_group, subject) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {name, after.sequence, std::move(line), after.hash.hex(), entry.at.milliseconds, entry.by, entry.act,
         group_of(entry.act), entry.subject});
    tx.execute("UPDATE ledger_head SET hash = $2 WHERE stream = $1", {name, after.hash.hex()});
    return after;
}

Head load_head(sys::Reader& db, std::string_view stream) {
    const auto row = db.find("SELECT sequence, hash FROM ledger_head WHERE stream = $1", {std::string(stream)});
    if (!row) return {};
    return {row->integer(0), hash_of(row->text(1))};
}

Report verify(sys::Reader& db, std::string_view stream, std::vector<Witness> witnesses) {
    Chain chain(std::string(stream), std::move(witnesses));
    bool is_first = true;
    db.each(
        "SELECT sequence, line, hash, at, actor, act, act_group, subject FROM ledger_line WHERE stream = $1 "
        "ORDER BY sequence",
        {std::string(stream)}, [&](const sys::Row& row) {
            const auto sequence = row.integer(0);
            const auto report = [&](Fault fault, std::string_view why) {
                chain.add_problem({fault, sequence, fmt::format("{} {}: {}", stream, sequence, why)});
            };
            if (is_first && sequence != 1) report(Fault::Missing, "the lines before it are missing");
            is_first = false;
            const auto line = chain.add(sequence, row.text(1));
            if (sys::sha256(row.text(1)).hex() != row.text(2))
                report(Fault::Changed, "it is not the line whose hash was kept");
            if (line && !has_columns(row, *line))
                report(Fault::WrongIndex, "the columns for searching say something else than the line");
            return true;
        });
    std::optional<Head> head;
    if (const auto row = db.find("SELECT sequence, hash FROM ledger_head WHERE stream = $1", {std::string(stream)})) {
        const auto hash = base::Hash::find_hex(row->text(1));
        if (hash) head = Head{row->integer(0), *hash};
        if (!hash) chain.add_problem({Fault::WrongHead, 0, fmt::format("the head of {} is not a hash", stream)});
    } else if (!is_first) {
        chain.add_problem({Fault::WrongHead, 0, fmt::format("{} has lines, but no head", stream)});
    }
    return chain.finish(head);
}

void export_lines(sys::Reader& db, std::string_view stream, std::int64_t from, std::int64_t to,
                  const std::function<void(std::string_view)>& take) {
    const std::int64_t end = to > 0 ? to : std::numeric_limits<std::int64_t>::max();
    db.each("SELECT line FROM ledger_line WHERE stream = $1 AND sequence >= $2 AND sequence <= $3 ORDER BY sequence",
            {std::string(stream), from, end}, [&](const sys::Row& row) {
                take(row.text(0) + "\n");
                return true;
            });
}

namespace {

/// Days are asked for, but the ledger is read by sequence: the places of the days come from the index of times, with a
/// day to spare on both sides for a clock that was put back (one that moved further is an anomaly of its own).
void restrict_days(sys::Reader& db, const Search& search,
                   const std::function<void(std::string_view, sys::Value)>& restrict) {
    constexpr auto kSpare = std::chrono::hours(24);
    if (search.from) {
        const auto first =
            db.find("SELECT sequence FROM ledger_line WHERE stream = $1 AND at >= $2 ORDER BY at LIMIT 1",
                    {search.stream, (*search.from - kSpare).milliseconds});
        restrict("sequence >=", first ? first->integer(0) : std::numeric_limits<std::int64_t>::max());
        restrict("at >=", search.from->milliseconds);
    }
    if (search.until) {
        const auto last =
            db.find("SELECT sequence FROM ledger_line WHERE stream = $1 AND at < $2 ORDER BY at DESC LIMIT 1",
                    {search.stream, (*search.until + kSpare).milliseconds});
        restrict("sequence <=", last ? last->integer(0) : std::int64_t{0});
        restrict("at <", search.until->milliseconds);
    }
}

}  // namespace

std::vector<Line> find_lines(sys::Reader& db, const Search& search) {
    std::string where = "WHERE stream = $1";
    std::vector<sys::Value> values{search.stream};
    const auto restrict = [&](std::string_view condition, sys::Value value) {
        values.push_back(std::move(value));
        where += fmt::format(" AND {} ${}", condition, values.size());
    };
    if (!search.by.empty()) restrict("actor =", search.by);
    if (!search.subject.empty()) restrict("subject =", search.subject);
    if (!search.act.empty()) {
        restrict("act_group =", group_of(search.act));
        if (search.act.find('.') != std::string::npos) restrict("act =", search.act);
    }
    if (search.from || search.until) restrict_days(db, search, restrict);
    if (search.before > 0) restrict("sequence <", search.before);
    values.emplace_back(std::int64_t{std::clamp(search.limit, 1, 1000)});
    std::vector<Line> found;
    for (const auto& row :
         db.query(fmt::format("SELECT line FROM ledger_line {} ORDER BY sequence DESC LIMIT ${}", where, values.size()),
                  values))
        found.push_back(parse_line(row.text(0)));
    return found;
}

}  // namespace ledger
