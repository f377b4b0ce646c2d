// The table of sections, in the order of the report.
#include "flow/report/section.h"

namespace flow::report {

extern const SectionKind availability, response, traffic, resources, alerts, incidents, backups, drills, tampering,
    antivirus, vulnerabilities, changes, helpdesk, training, stops, licences, promises, logs;

std::span<const SectionKind* const> all_sections() {
    static constexpr const SectionKind* kAll[] = {
        &availability, &response,        &traffic, &resources, &alerts,   &incidents, &backups,  &drills,   &tampering,
        &antivirus,    &vulnerabilities, &changes, &helpdesk,  &training, &stops,     &licences, &promises, &logs};
    return kAll;
}

}  // namespace flow::report
