// Reading incidents, and what they still lack.
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "office/incidents/incident.h"

namespace incidents {

namespace {

constexpr std::string_view kColumns =
    "SELECT id, number, title, severity, cause, state, level, occurred_at, detected_at, found, reporter, made_by, "
    "made_at, state_at, closed_at, version FROM incident ";

Incident read(const sys::Row& row) {
    Incident one;
    one.id = {row.integer(0)};
    one.number = row.text(1);
    one.title = row.text(2);
    one.severity = static_cast<int>(row.integer(3));
    one.cause = row.text(4);
    one.state = find_state(row.text(5)).value();
    one.level = static_cast<Level>(row.integer(6));
    one.occurred_at = {row.integer(7)};
    one.detected_at = {row.integer(8)};
    one.found = row.text(9);
    one.reporter = row.text(10);
    one.made_by = row.text(11);
    one.made_at = {row.integer(12)};
    one.state_at = {row.integer(13)};
    if (!row.is_null(14)) one.closed_at = base::Instant{row.integer(14)};
    one.version = row.integer(15);
    return one;
}

/// LIKE's own signs as plain letters.
std::string like(std::string_view words) {
    std::string pattern = "%";
    for (const char c : words) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

}  // namespace

std::vector<Incident> list_incidents(sys::Reader& db, const Filter& filter) {
    std::string sql = std::string(kColumns) + "WHERE 1 = 1";
    std::vector<sys::Value> values;
    const auto add = [&](std::string_view condition, sys::Value value) {
        values.push_back(std::move(value));
        sql += fmt::format(fmt::runtime(condition), values.size());
    };
    if (filter.only_open) sql += " AND state <> 'closed'";
    if (filter.state) add(" AND state = ${}", std::string(state_id(*filter.state)));
    if (filter.from) add(" AND detected_at >= ${}", filter.from->milliseconds);
    if (filter.until) add(" AND detected_at < ${}", filter.until->milliseconds);
    if (filter.before > 0) add(" AND id < ${}", filter.before);
    if (filter.after > 0) add(" AND id > ${}", filter.after);
    if (!filter.words.empty()) {
        values.emplace_back(like(filter.words));
        sql += fmt::format(" AND (title LIKE ${0} ESCAPE '\\' OR number LIKE ${0} ESCAPE '\\')", values.size());
    }
    add(filter.oldest_first ? " ORDER BY id LIMIT ${}" : " ORDER BY id DESC LIMIT ${}",
        std::int64_t{std::clamp(filter.limit, 1, 1000)});
    std::vector<Incident> found;
    for (const sys::Row& row : db.query(sql, values)) found.push_back(read(row));
    return found;
}

std::int64_t count_open(sys::Reader& db) {
    return db.find("SELECT COUNT(*) FROM incident WHERE state <> 'closed'")->integer(0);
}

std::optional<Incident> find_incident(sys::Reader& db, IncidentId id) {
    const auto row = db.find(std::string(kColumns) + "WHERE id = $1", {id.value});
    if (!row) return std::nullopt;
    return read(*row);
}

Incident load_incident(sys::Reader& db, IncidentId id) {
    if (auto found = find_incident(db, id)) return *found;
    throw base::Error(base::Kind::NotFound, fmt::format("障害 第{}号は登録されていません。", id.value));
}

std::optional<IncidentId> find_by_anomaly(sys::Reader& db, std::int64_t anomaly) {
    const auto row = db.find("SELECT incident_id FROM incident_anomaly WHERE anomaly_id = $1", {anomaly});
    if (!row) return std::nullopt;
    return IncidentId{row->integer(0)};
}

std::optional<Incident> find_by_cause(sys::Reader& db, std::string_view cause, base::Instant since) {
    const auto row = db.find(
        std::string(kColumns) +
            "WHERE cause = $1 AND state <> 'closed' AND (state IN ('detected', 'received', 'investigating') OR id IN "
            "(SELECT incident_id FROM incident_anomaly WHERE added_at >= $2)) ORDER BY id DESC LIMIT 1",
        {std::string(cause), since.milliseconds});
    if (!row) return std::nullopt;
    return read(*row);
}

std::vector<Step> list_steps(sys::Reader& db, IncidentId id) {
    std::vector<Step> steps;
    for (const sys::Row& row : db.query("SELECT state, at, recorded_at, by_whom, note, is_skipped FROM incident_step "
                                        "WHERE incident_id = $1 ORDER BY id",
                                        {id.value}))
        steps.push_back({find_state(row.text(0)).value(),
                         {row.integer(1)},
                         {row.integer(2)},
                         row.text(3),
                         row.text(4),
                         row.flag(5)});
    return steps;
}

std::vector<Member> list_members(sys::Reader& db, IncidentId id) {
    std::vector<Member> members;
    for (const sys::Row& row : db.query("SELECT anomaly_id, text, first_at, added_at, added_by FROM incident_anomaly "
                                        "WHERE incident_id = $1 ORDER BY anomaly_id LIMIT 1000",
                                        {id.value}))
        members.push_back({row.integer(0), row.text(1), {row.integer(2)}, {row.integer(3)}, row.text(4)});
    return members;
}

bool has_room(sys::Reader& db, IncidentId id) {
    return db.find("SELECT COUNT(*) FROM incident_anomaly WHERE incident_id = $1", {id.value})->integer(0) <
           kMostMembers;
}

std::vector<Entry> list_entries(sys::Reader& db, IncidentId id) {
    std::vector<Entry> entries;
    for (const sys::Row& row : db.query("SELECT id, at, kind, whom, how, text, by_whom, made_at FROM incident_entry "
                                        "WHERE incident_id = $1 ORDER BY at, id LIMIT 5000",
                                        {id.value}))
        entries.push_back({row.integer(0),
                           {row.integer(1)},
                           row.text(2),
                           row.text(3),
                           row.text(4),
                           row.text(5),
                           row.text(6),
                           {row.integer(7)}});
    return entries;
}

std::vector<Measure> list_measures(sys::Reader& db, IncidentId id) {
    std::vector<Measure> measures;
    for (const sys::Row& row :
         db.query("SELECT id, is_preventive, text, owner, due_on, done_on, effect, similar_places, by_whom, version "
                  "FROM incident_measure WHERE incident_id = $1 ORDER BY id",
                  {id.value})) {
        Measure one;
        one.id = row.integer(0);
        one.is_preventive = row.flag(1);
        one.text = row.text(2);
        one.owner = row.text(3);
        one.due_on = base::parse_day(row.text(4)).value();
        if (const auto done = row.maybe_text(5)) one.done_on = base::parse_day(*done);
        one.effect = row.text(6);
        one.similar = row.text(7);
        one.by = row.text(8);
        one.version = row.integer(9);
        measures.push_back(std::move(one));
    }
    return measures;
}

std::vector<Report> list_reports(sys::Reader& db, IncidentId id) {
    std::vector<Report> reports;
    for (const sys::Row& row : db.query("SELECT stage, delivery_id, document_id, whom, how, happened_at FROM "
                                        "incident_report WHERE incident_id = $1 ORDER BY delivery_id",
                                        {id.value}))
        reports.push_back({row.text(0), row.integer(1), row.integer(2), row.text(3), row.text(4), {row.integer(5)}});
    return reports;
}

Values load_values(sys::Reader& db, IncidentId id) {
    Values values;
    for (const sys::Row& row : db.query("SELECT field, value FROM incident_value WHERE incident_id = $1", {id.value}))
        if (!row.text(1).empty()) values[row.text(0)] = row.text(1);
    return values;
}

std::vector<Tick> list_ticks(sys::Reader& db, IncidentId id) {
    std::vector<Tick> ticks;
    for (const sys::Row& row :
         db.query("SELECT runbook, step, note, by_whom, at FROM incident_tick WHERE incident_id = $1 ORDER BY at, step",
                  {id.value}))
        ticks.push_back({row.text(0), row.text(1), row.text(2), row.text(3), {row.integer(4)}});
    return ticks;
}

std::vector<Missing> list_missing(sys::Reader& db, IncidentId id, State to) {
    std::vector<Missing> missing;
    const Values values = load_values(db, id);
    for (const Field& field : all_fields())
        if (field.needed_from && *field.needed_from <= to && !values.contains(std::string(field.id)))
            missing.push_back({fmt::format("field-{}", field.id), std::string(field.wording)});
    const auto measures = list_measures(db, id);
    const auto has = [&](bool is_preventive) {
        return std::any_of(measures.begin(), measures.end(),
                           [&](const Measure& each) { return each.is_preventive == is_preventive; });
    };
    if (to >= State::Prevented && !has(false)) missing.push_back({"measures", "是正の措置"});
    if (to >= State::Prevented && !has(true)) missing.push_back({"measures", "再発防止の措置"});
    if (to >= State::Closed) {
        for (const Measure& each : measures)
            if (!each.is_done())
                missing.push_back(
                    {"measures", fmt::format("措置「{}」の実施日、効果の確認、同種箇所の確認", each.text)});
        const auto reports = list_reports(db, id);
        if (std::none_of(reports.begin(), reports.end(), [](const Report& each) { return each.stage == "final"; }))
            missing.push_back({"reports", "最終報告の提出"});
    }
    return missing;
}

}  // namespace incidents
