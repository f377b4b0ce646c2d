// The two databases have no transaction in common. What is in an incident is decided in the office's, by the number of
// the anomaly, so the same work done twice (a crash between, a second desk) finds it done.
#include "flow/handle_incident.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/log.h"

namespace flow {

using base::Error;
using base::Kind;
using incidents::Incident;
using incidents::IncidentId;
using incidents::State;
using signals::Anomaly;
using signals::Severity;

namespace {

struct Family {
    std::string_view cause, source, kind;  ///< a kind may end in *
};
constexpr Family kFamilies[] = {
    {"reach", "probe", "http*"},
    {"reach", "probe", "ping*"},
    {"reach", "probe", "dns*"},
    {"reach", "probe", "tcp*"},
    {"reach", "outside", "*"},
    {"reach", "probe", "certificate*"},
    {"integrity", "guard", "*"},
    {"integrity", "content", "*"},
    {"machine", "probe", "disk*"},
    {"machine", "probe", "memory*"},
    {"machine", "probe", "cpu*"},
    {"machine", "probe", "load*"},
    {"machine", "probe", "swap*"},
    {"machine", "probe", "pressure*"},
    {"machine", "probe", "processes*"},
    {"intrusion", "intrusion", "*"},
    {"intrusion", "suricata", "*"},
    // An emergency stop is why the site does not answer, or the answer to that.
    {"reach", "watch", "service.stopped"},
};

bool fits(std::string_view pattern, std::string_view text) {
    if (!pattern.ends_with('*')) return pattern == text;
    pattern.remove_suffix(1);
    return text.starts_with(pattern);
}

/// What is said of people's duties, their deadlines and what was never set up is not a fault of the site.
bool is_about_work(const Anomaly& one) {
    return one.source == "desk" || one.source == "contract" || one.source == "helpdesk" || one.source == "advisories" ||
           one.kind.ends_with(".unset");
}

/// Within a planned stop nobody is called; what still is wrong after it is looked at again.
bool is_planned(const Anomaly& one) {
    return one.suppressed_by.starts_with("window:");
}

incidents::Member member_of(const Anomaly& one, const incidents::By& by) {
    return {one.id.value, one.text, one.first_at, by.at, by.who};
}

std::string title_of(const Anomaly& one) {
    std::string_view line = one.text;
    line = line.substr(0, line.find_first_of("\r\n"));
    const std::string text(base::first_code_points(base::trim(line), 100));
    return text.empty() ? fmt::format("異常 第{}号", one.id.value) : text;
}

/// Where it belongs, or a new one, in one transaction.
std::pair<Incident, bool> place(sys::Transaction& tx, const Anomaly& one, const incidents::By& by, bool may_open) {
    if (const auto known = incidents::find_by_anomaly(tx, one.id.value))
        return {incidents::load_incident(tx, *known), false};
    const auto has_room = [&](const std::optional<Incident>& found) {
        return found && incidents::has_room(tx, found->id);
    };
    std::optional<Incident> into = incidents::find_by_cause(tx, cause_of(one), one.opened_at - kSameCause);
    if (!has_room(into)) into.reset();
    if (!into && one.suppressed_by.starts_with("dependency:"))  // it fell because another did
        if (const auto behind =
                incidents::find_by_anomaly(tx, std::strtoll(one.suppressed_by.c_str() + 11, nullptr, 10))) {
            into = incidents::load_incident(tx, *behind);
            if (into->state == State::Closed || !has_room(into)) into.reset();
        }
    if (!into && !may_open) {
        incidents::Filter newest;
        newest.only_open = true;
        newest.limit = 1;
        if (const auto found = incidents::list_incidents(tx, newest); !found.empty() && has_room(found.front()))
            into = found.front();
    }
    if (into) {
        incidents::add_member(tx, into->id, member_of(one, by), static_cast<int>(one.severity), by);
        return {*into, false};
    }
    incidents::NewIncident made;
    made.title = title_of(one);
    made.severity = static_cast<int>(one.severity);
    made.cause = cause_of(one);
    made.occurred_at = std::min({one.first_at, one.opened_at, by.at});
    made.detected_at = std::min(one.opened_at, by.at);
    made.found = "watch";
    made.symptom = std::string(base::first_code_points(base::to_valid_utf8(one.text), 2000));
    made.once = fmt::format("anomaly:{}", one.id.value);
    made.members = {member_of(one, by)};
    return {incidents::open(tx, made, by), true};
}

}  // namespace

std::string cause_of(const Anomaly& anomaly) {
    for (const Family& each : kFamilies)
        if (each.source == anomaly.source && fits(each.kind, anomaly.kind)) return std::string(each.cause);
    return anomaly.group.empty() ? anomaly.source : anomaly.group;
}

Incident open_from_anomaly(Site& site, signals::AnomalyId anomaly, const incidents::By& by) {
    sys::Database* watch = site.find_watch();
    if (watch == nullptr) throw Error(Kind::NotFound, "監視がまだ一度も動いていません。");
    const Anomaly one = watch->read([&](sys::Reader& db) { return signals::load_anomaly(db, anomaly); });
    return site.database->write([&](sys::Transaction& tx) {
        const IncidentId id = place(tx, one, by, true).first.id;
        return incidents::load_incident(tx, id);
    });
}

int group_anomalies(Site& site, const incidents::By& by) {
    sys::Database* watch = site.find_watch();
    if (watch == nullptr) return 0;
    signals::Filter filter;
    filter.only_unclosed = true;
    filter.least = Severity::Serious;
    filter.from = by.at - kOldest;
    filter.limit = 1000;
    std::vector<Anomaly> found = watch->read([&](sys::Reader& db) { return signals::list_anomalies(db, filter); });
    std::erase_if(found, [](const Anomaly& one) { return is_about_work(one) || is_planned(one) || one.storm; });
    if (found.empty()) return 0;
    site.database->read([&](sys::Reader& db) {
        std::erase_if(found,
                      [&](const Anomaly& one) { return incidents::find_by_anomaly(db, one.id.value).has_value(); });
    });
    std::reverse(found.begin(), found.end());  // oldest first: it names the incident
    int opened = 0;
    for (const Anomaly& one : found) try {
            opened += site.database->write([&](sys::Transaction& tx) {
                incidents::Filter recent;
                recent.limit = static_cast<int>(kMostOpenedInHour);
                const auto newest = incidents::list_incidents(tx, recent);
                const bool is_flood =
                    newest.size() == kMostOpenedInHour && newest.back().made_at > by.at - std::chrono::hours(1);
                return place(tx, one, by, !is_flood).second ? 1 : 0;
            });
        } catch (const Error& error) {
            if (error.kind() == Kind::Unavailable) throw;
            sys::log(sys::Level::Error, "an anomaly cannot be put into an incident",
                     {{"anomaly", std::to_string(one.id.value)}, {"problem", error.message()}});
        }
    return opened;
}

std::vector<incidents::Missing> missing_of(Site& site, IncidentId id, State to) {
    std::vector<incidents::Member> members;
    auto missing = site.database->read([&](sys::Reader& db) {
        members = incidents::list_members(db, id);
        return incidents::list_missing(db, id, to);
    });
    if (to != State::Closed || members.empty()) return missing;
    sys::Database* watch = site.find_watch();
    if (watch == nullptr) {
        missing.push_back({"anomalies", "監視の記録（読めないため、異常が終わったことを確かめられません）"});
        return missing;
    }
    watch->read([&](sys::Reader& db) {
        for (const incidents::Member& each : members) {
            const auto one = signals::find_anomaly(db, {each.anomaly});  // long closed, it may be forgotten
            if (one && one->standing == signals::Standing::Open)
                missing.push_back({"anomalies", fmt::format("異常 第{}号の復旧", each.anomaly)});
            else if (one && one->answer.decision == signals::Decision::None)
                missing.push_back({"anomalies", fmt::format("異常 第{}号への対応の判断", each.anomaly)});
        }
    });
    return missing;
}

Incident advance_incident(Site& site, IncidentId id, const incidents::Advance& asked, const incidents::By& by,
                          std::int64_t version) {
    if (asked.to == State::Closed)
        if (const auto missing = missing_of(site, id, asked.to); !missing.empty()) {
            std::vector<std::string_view> names;
            for (const auto& each : missing) names.push_back(each.wording);
            throw Error(Kind::BadInput, fmt::format("終結するには、次のことが足りません：{}", fmt::join(names, "、")));
        }
    return site.database->write([&](sys::Transaction& tx) { return incidents::advance(tx, id, asked, by, version); });
}

}  // namespace flow
