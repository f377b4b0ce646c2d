// The papers of incidents and stops: 障害報告書 (速報, 中間, 最終), 緊急停止報告書 and 異常報告書. They are made of the
// records at that moment; what was handed over becomes incident.report and stop.report, through whatever screen the
// hand-over was entered.
#pragma once

#include <string_view>

#include "flow/make_document.h"
#include "office/incidents/incident.h"

namespace flow {

/// `stage`: "first", "interim", "final". Throws Error(BadInput) when there is no such stage or, for the final one, a
/// field that the contract wants is empty.
documents::Version make_incident_report(Site& site, incidents::IncidentId id, std::string_view stage,
                                        std::string_view by);
/// Of an emergency stop, by its subject ("service:public:3f..."). Throws Error(NotFound).
documents::Version make_stop_report(Site& site, std::string_view subject, std::string_view by);

/// Which part of the watch saw it, for people: 公開ファイルの見張り for "guard".
std::string_view watched_by(std::string_view source);
/// Every anomaly that began in the month ("2027-04"), also one that nobody acted upon, with its fields: when, what was
/// watched and found, how it was answered, what became of it (B3.4). Also written as report.make kind=anomalies.
/// Throws Error(BadInput): no such month, or it has not begun; Error(Unavailable): the watch's records cannot be read.
documents::Version make_anomaly_report(Site& site, std::string_view month, std::string_view by);

/// Records what was handed over and is not recorded yet. To be called after a hand-over, and by the desk now and then.
/// Returns the number of lines.
int settle_reports(Site& site);

}  // namespace flow
