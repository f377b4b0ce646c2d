// Incidents where the watch and the desk meet: opened from an anomaly or by the watch itself, the check of members
// before the end, and the course that fills itself from both databases.
#pragma once

#include <string>
#include <vector>

#include "flow/site.h"
#include "office/incidents/incident.h"
#include "watch/signals/anomaly.h"

namespace flow {

/// What anomalies of one cause share: reachability, integrity and the machine each speak with several voices.
std::string cause_of(const signals::Anomaly& anomaly);

/// The incident that this anomaly is in: the one that it has, one of its cause that is still on, or a new one.
/// Throws Error(NotFound).
incidents::Incident open_from_anomaly(Site& site, signals::AnomalyId anomaly, const incidents::By& by);

/// Groups the serious and emergency anomalies that are in no incident yet. Returns the number of incidents opened.
int group_anomalies(Site& site, const incidents::By& by);
constexpr std::chrono::minutes kSameCause{
    60};                                       ///< an anomaly after this long is another incident, if that was restored
constexpr std::chrono::hours kOldest{24 * 7};  ///< what began earlier is not made an incident of by itself
constexpr std::size_t kMostOpenedInHour = 20;  ///< beyond it, what is found joins the newest

/// What keeps it from `to`: fields, measures, the final report, and anomalies that are open (B3.4, A5.2).
std::vector<incidents::Missing> missing_of(Site& site, incidents::IncidentId id, incidents::State to);
/// advance(), which for the end asks the watch first. Throws as that does.
incidents::Incident advance_incident(Site& site, incidents::IncidentId id, const incidents::Advance& asked,
                                     const incidents::By& by, std::int64_t version);

/// One moment of the course, in Japanese.
struct Moment {
    base::Instant at;
    std::string what, by, text, path;
    enum class Source { Watch, Office, Person } source = Source::Watch;
};
/// Oldest first, at most kMostMoments: the newest are left out, which the last one says.
std::vector<Moment> list_course(Site& site, const incidents::Incident& incident);
constexpr std::size_t kMostMoments = 500;

}  // namespace flow
