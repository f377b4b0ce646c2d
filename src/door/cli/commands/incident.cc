// Incidents from the shell: what is open, one with its course, and a new one that somebody telephoned.
#include "office/incidents/incident.h"

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/handle_incident.h"
#include "ground/base/error.h"

namespace cli {

namespace {

using incidents::Incident;

boost::json::object as_json(const Incident& one) {
    boost::json::object object{{"id", one.id.value},
                               {"number", one.number},
                               {"title", one.title},
                               {"severity", one.severity},
                               {"state", incidents::state_id(one.state)},
                               {"level", incidents::level_id(one.level)},
                               {"found", one.found},
                               {"occurred_at", base::format_utc(one.occurred_at)},
                               {"detected_at", base::format_utc(one.detected_at)},
                               {"closed_at", nullptr}};
    if (one.closed_at) object["closed_at"] = base::format_utc(*one.closed_at);
    return object;
}

std::string as_line(const Incident& one) {
    return fmt::format("{:>4}  {}  {:<13}  {:<8}  {}  {}", one.id.value, one.number, incidents::state_id(one.state),
                       incidents::level_id(one.level), base::format_local(one.detected_at), one.title);
}

int list(const Invocation& invocation) {
    incidents::Filter filter;
    filter.only_open = !invocation.has("--all");
    filter.words = invocation.text("--words");
    filter.from = invocation.instant("--from");
    filter.until = invocation.instant("--until");
    filter.before = invocation.number("--before", 1, 1LL << 60).value_or(0);
    filter.limit = static_cast<int>(invocation.number("--limit", 1, 1000).value_or(50));
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    boost::json::array all;
    std::string prose;
    std::int64_t open = 0;
    site->database->read([&](sys::Reader& db) {
        for (const Incident& one : incidents::list_incidents(db, filter)) {
            all.push_back(as_json(one));
            prose += as_line(one) + "\n";
        }
        open = incidents::count_open(db);
    });
    invocation.answer({{"incidents", all}, {"open", open}}, prose + fmt::format("{} not closed", open));
    return open > 0 ? kFound : kDone;
}

int show(const Invocation& invocation) {
    const incidents::IncidentId id{invocation.number("NUMBER", 1, 1LL << 60).value()};
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const Incident one = site->database->read([&](sys::Reader& db) { return incidents::load_incident(db, id); });
    boost::json::object document = as_json(one), values;
    boost::json::array course, missing;
    std::string prose = as_line(one) + "\n";
    for (const auto& [field, value] :
         site->database->read([&](sys::Reader& db) { return incidents::load_values(db, id); })) {
        values[field] = value;
        prose += fmt::format("{}: {}\n", field, value);
    }
    for (const flow::Moment& each : flow::list_course(*site, one)) {
        course.push_back(
            {{"at", base::format_utc(each.at)}, {"what", each.what}, {"by", each.by}, {"text", each.text}});
        prose += fmt::format("{}  {}  {}  {}\n", base::format_local(each.at), each.what, each.by, each.text);
    }
    if (one.state != incidents::State::Closed)
        for (const auto& each : flow::missing_of(*site, id, incidents::State::Closed)) {
            missing.push_back(boost::json::value(each.wording));
            prose += fmt::format("before it can be closed: {}\n", each.wording);
        }
    document["values"] = std::move(values);
    document["course"] = std::move(course);
    document["missing"] = std::move(missing);
    invocation.answer(document, prose);
    return kDone;
}

int open(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const incidents::By by{by_shell(invocation).text(), invocation.clock().now()};
    Incident opened;
    if (invocation.has("--anomaly")) {
        opened = flow::open_from_anomaly(*site, {invocation.number("--anomaly", 1, 1LL << 60).value()}, by);
    } else {
        incidents::NewIncident made;
        made.title = invocation.text("--title");
        made.severity = static_cast<int>(invocation.number("--severity", 0, 4).value_or(3));
        made.found = invocation.has("--reporter") ? "call" : "check";
        made.reporter = invocation.text("--reporter");
        made.symptom = invocation.text("--symptom");
        made.detected_at = invocation.instant("--at").value_or(by.at);
        made.occurred_at = invocation.instant("--since").value_or(made.detected_at);
        // The same call twice is the same incident: a script may repeat what it is not sure of.
        made.once = fmt::format("cli:{}:{}", made.detected_at.milliseconds, made.title);
        opened = site->database->write([&](sys::Transaction& tx) { return incidents::open(tx, made, by); });
    }
    invocation.answer(as_json(opened), as_line(opened));
    return kDone;
}

constexpr Option kList[] = {
    {"--all", "Also what is closed", Takes::Flag},
    {"--words", "What stands in the number or the title"},
    {"--from", "Detected from this time on"},
    {"--until", "Detected before this time"},
    {"--before", "Only ids below this one: the next page"},
    {"--limit", "At most so many, 50"},
};
constexpr Option kShow[] = {{"NUMBER", "The incident's id", Takes::One, true}};
constexpr Option kOpen[] = {
    {"--anomaly", "From this anomaly: joins the incident of its cause that is open, or makes one"},
    {"--title", "What is wrong, in the words of who told of it"},
    {"--reporter", "Who told of it; without it, it was found by an inspection"},
    {"--symptom", "What residents or staff saw"},
    {"--severity", "0 to 4, 3 without the option"},
    {"--at", "When one was told; without it, now"},
    {"--since", "When it began; without it, the same"},
};

}  // namespace

extern const Command incident_list{"incident", "list", "Incidents that are not closed; exit 1 when there are any",
                                   kList, list};
extern const Command incident_show{"incident", "show", "One incident with its course and what it still lacks", kShow,
                                   show};
extern const Command incident_open{"incident", "open", "Register an incident, by hand or from an anomaly", kOpen, open};

}  // namespace cli
