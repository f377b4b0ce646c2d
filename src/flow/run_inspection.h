// Inspections at work: a result file is kept with the record and becomes findings; and our own look between the yearly
// ones, by Debian's tools on a staging copy on loopback, never on the real site.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "flow/site.h"
#include "office/vulnerabilities/inspections.h"

namespace flow {

/// Screens and keeps the file (records: "inspection:2"), reads it and keeps what it found. `has_ended_well` false: its
/// tool failed, so that what is missing in it says nothing. Throws Error(BadInput); Error(Conflict) when the same bytes
/// were taken already, or the inspection is reported.
vulnerabilities::Imported import_inspection(Site& site, std::int64_t inspection, std::string_view tool,
                                            std::string_view name, std::string_view bytes, bool is_retest,
                                            const vulnerabilities::By& by, bool has_ended_well = true);

/// Screens and keeps the body's own report as it is (record.attach). Throws as import_inspection does.
void keep_inspection_report(Site& site, std::int64_t inspection, std::string_view name, std::string_view bytes,
                            const vulnerabilities::By& by);

struct ToolRun {
    std::string tool;
    std::string problem;  ///< "" = it ran, and its result is kept
    vulnerabilities::Imported imported;
};
/// Serves the staging site on loopback and runs nmap, wapiti, and lynis (of the machine) on it; each that is not
/// installed or fails is a problem. Throws Error(NotAllowed) when `staging` is no staging site.
std::vector<ToolRun> run_inspection(Site& site, std::int64_t inspection, const std::filesystem::path& staging,
                                    bool is_retest, const vulnerabilities::By& by,
                                    const std::function<bool()>& is_stopped,
                                    const std::function<void(std::string_view)>& progress);

}  // namespace flow
