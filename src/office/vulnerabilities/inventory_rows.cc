// The inventory and the feeds as rows.
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/vulnerabilities/inside/rows.h"

namespace vulnerabilities {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kPlaces = 50;
constexpr std::size_t kShort = 300, kLong = 2000;

constexpr std::string_view kComponentColumns =
    "SELECT id, kind, name, version, source, source_version, vendor, cpe, note, places, place_count, first_seen_at, "
    "last_seen_at, "
    "gone_at FROM component ";

Component component_of(const sys::Row& row) {
    Component one;
    one.id = row.integer(0);
    one.kind = row.text(1);
    one.name = row.text(2);
    one.version = row.text(3);
    one.source = row.text(4);
    one.source_version = row.text(5);
    one.vendor = row.text(6);
    one.cpe = row.text(7);
    one.note = row.text(8);
    for (const std::string_view place : base::split(row.text(9), '\n'))
        if (!place.empty()) one.places.emplace_back(place);
    one.place_count = row.integer(10);
    one.first_seen = base::Instant{row.integer(11)};
    one.last_seen = base::Instant{row.integer(12)};
    one.gone = instant_of(row, 13);
    return one;
}

std::string joined_places(const Component& one) {
    std::vector<std::string> some(
        one.places.begin(), one.places.begin() + static_cast<std::ptrdiff_t>(std::min(kPlaces, one.places.size())));
    return base::join(some, "\n");
}

void note_taken(sys::Transaction& tx, std::string_view kind, base::Instant at) {
    tx.execute(
        "INSERT INTO inventory_taken (kind, taken_at) VALUES ($1, $2) ON CONFLICT (kind) DO UPDATE SET taken_at = "
        "excluded.taken_at",
        {std::string(kind), at.milliseconds});
}

}  // namespace

Taken keep_inventory(sys::Transaction& tx, std::string_view kind, std::span<const Component> found, const By& by) {
    std::map<std::pair<std::string, std::string>, Component> before;
    for (const sys::Row& row : tx.query(std::string(kComponentColumns) + "WHERE kind = $1", {std::string(kind)})) {
        Component one = component_of(row);
        before.insert_or_assign({one.name, one.version}, std::move(one));
    }
    Taken taken;
    for (const Component& one : found) {
        const auto there = before.find({one.name, one.version});
        const bool is_same = there != before.end() && !there->second.gone && there->second.source == one.source &&
                             there->second.source_version == one.source_version &&
                             joined_places(there->second) == joined_places(one) &&
                             there->second.place_count == one.place_count;
        ++taken.total;
        if (there == before.end() || there->second.gone) ++taken.added;
        if (there != before.end()) before.erase(there);
        if (is_same) continue;
        tx.execute(
            "INSERT INTO component (kind, name, version, source, source_version, vendor, cpe, note, places, "
            "place_count, "
            "first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT "
            "(kind, name, "
            "version) DO UPDATE SET source = excluded.source, source_version = excluded.source_version, places = "
            "excluded.places, "
            "place_count = excluded.place_count, last_seen_at = excluded.last_seen_at, gone_at = NULL",
            {std::string(kind), one.name, one.version, one.source, one.source_version, one.vendor, one.cpe, one.note,
             joined_places(one), one.place_count, by.at.milliseconds});
    }
    tx.execute("UPDATE component SET last_seen_at = $2 WHERE kind = $1 AND gone_at IS NULL",
               {std::string(kind), by.at.milliseconds});
    for (const auto& [key, one] : before) {
        if (one.gone) continue;
        tx.execute("UPDATE component SET gone_at = $2 WHERE id = $1", {one.id, by.at.milliseconds});
        ++taken.gone;
    }
    note_taken(tx, kind, by.at);
    if (taken.added + taken.gone > 0)
        append(tx, by, "inventory.take", fmt::format("inventory:{}", kind),
               {{"total", taken.total}, {"added", taken.added}, {"gone", taken.gone}});
    return taken;
}

Component add_component(sys::Transaction& tx, const Component& made, const By& by) {
    Component one = made;
    one.kind = "manual";
    one.name = bounded(made.name, kShort);
    one.version = bounded(made.version, kShort);
    if (one.name.empty()) throw Error(Kind::BadInput, "製品の名前を入れてください。");
    const std::string cpe = bounded(made.cpe, kShort);
    if (!cpe.empty() && cpe_key(cpe).empty())
        throw Error(Kind::BadInput, "CPEは「cpe:/a:会社:製品」か「cpe:2.3:a:会社:製品」の形で入れてください。");
    if (tx.find("SELECT 1 FROM component WHERE kind = 'manual' AND name = $1 AND version = $2 AND gone_at IS NULL",
                {one.name, one.version}))
        throw Error(Kind::Conflict, "同じ名前と版のものが、もう登録されています。");
    one.id = tx.insert(
        "INSERT INTO component (kind, name, version, vendor, cpe, note, first_seen_at, last_seen_at) VALUES ('manual', "
        "$1, $2, $3, "
        "$4, $5, $6, $6) ON CONFLICT (kind, name, version) DO UPDATE SET vendor = excluded.vendor, cpe = excluded.cpe, "
        "note = "
        "excluded.note, gone_at = NULL, last_seen_at = excluded.last_seen_at RETURNING id",
        {one.name, one.version, bounded(made.vendor, kShort), cpe, bounded(made.note, kLong), by.at.milliseconds});
    note_taken(tx, "manual", by.at);
    append(tx, by, "inventory.add", fmt::format("component:{}", one.id),
           {{"name", one.name}, {"version", one.version}});
    return one;
}

void remove_component(sys::Transaction& tx, std::int64_t id, const By& by) {
    const auto row =
        tx.find(std::string(kComponentColumns) + "WHERE id = $1 AND kind = 'manual' AND gone_at IS NULL", {id});
    if (!row) throw Error(Kind::NotFound, "手で登録したものの中に、ありません。");
    const Component one = component_of(*row);
    tx.execute("UPDATE component SET gone_at = $2 WHERE id = $1", {id, by.at.milliseconds});
    append(tx, by, "inventory.remove", fmt::format("component:{}", id), {{"name", one.name}, {"version", one.version}});
}

std::vector<Component> list_inventory(sys::Reader& db, const InventoryFilter& filter) {
    std::vector<Component> all;
    const std::string words = base::to_lower(bounded(filter.words, kShort));
    int skipped = 0;
    db.each(std::string(kComponentColumns) +
                "WHERE ($1 = '' OR kind = $1) AND ($2 = 1 OR gone_at IS NULL) ORDER BY kind, name, version, id",
            {filter.kind, std::int64_t{filter.with_gone ? 1 : 0}}, [&](const sys::Row& row) {
                Component one = component_of(row);
                if (!words.empty() &&
                    base::to_lower(one.name + " " + one.source + " " + one.vendor).find(words) == std::string::npos)
                    return true;
                if (skipped++ < filter.offset) return true;
                all.push_back(std::move(one));
                return static_cast<int>(all.size()) < filter.limit;
            });
    return all;
}

std::vector<KindCount> count_inventory(sys::Reader& db) {
    std::vector<KindCount> all;
    for (const std::string_view kind : {"debian", "part", "npm", "script", "manual"}) {
        KindCount one{std::string(kind), 0, std::nullopt};
        one.count =
            db.find("SELECT count(*) FROM component WHERE kind = $1 AND gone_at IS NULL", {one.kind})->integer(0);
        if (const auto taken = db.find("SELECT taken_at FROM inventory_taken WHERE kind = $1", {one.kind}))
            one.taken = base::Instant{taken->integer(0)};
        all.push_back(std::move(one));
    }
    return all;
}

namespace {
constexpr std::string_view kFeedColumns =
    "SELECT name, etag, last_modified, asked_at, good_at, problem, items, left_out, hash, has_gap, "
    "changed_at, usual FROM advisory_feed ";

Feed feed_of(const sys::Row& row) {
    return {row.text(0),    row.text(1),    row.text(2), instant_of(row, 3), instant_of(row, 4),  row.text(5),
            row.integer(6), row.integer(7), row.text(8), row.flag(9),        instant_of(row, 10), row.integer(11)};
}
}  // namespace

void Feed::count(std::int64_t told) {
    items = told;
    usual = is_shrunk() ? usual * 9 / 10 : told;
}

std::vector<Feed> list_feeds(sys::Reader& db) {
    std::vector<Feed> all;
    for (const sys::Row& row : db.query(std::string(kFeedColumns) + "ORDER BY name LIMIT 1000"))
        all.push_back(feed_of(row));
    return all;
}

std::optional<Feed> find_feed(sys::Reader& db, std::string_view name) {
    const auto row = db.find(std::string(kFeedColumns) + "WHERE name = $1", {std::string(name)});
    return row ? std::optional(feed_of(*row)) : std::nullopt;
}

void note_feed(sys::Transaction& tx, const Feed& feed) {
    tx.execute(
        "INSERT INTO advisory_feed (name, etag, last_modified, asked_at, good_at, problem, items, left_out, hash, "
        "has_gap, changed_at, usual) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (name) DO "
        "UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified, asked_at = excluded.asked_at, "
        "good_at = excluded.good_at, problem = excluded.problem, items = excluded.items, left_out = "
        "excluded.left_out, hash = excluded.hash, has_gap = excluded.has_gap, changed_at = excluded.changed_at, usual "
        "= excluded.usual",
        {feed.name, bounded(feed.etag, kShort), bounded(feed.last_modified, kShort), value_of(feed.asked_at),
         value_of(feed.good_at), bounded(feed.problem, kLong), feed.items, feed.left_out, feed.hash,
         std::int64_t{feed.has_gap ? 1 : 0}, value_of(feed.changed_at), feed.usual});
}

}  // namespace vulnerabilities
