// Planned stops where the contract, the pages and the mail meet: the last legal days for telling, the residents' notice
// as the draft of an ordinary page, the letters to staff.
#pragma once

#include <string>

#include "flow/edit_page.h"
#include "flow/make_document.h"
#include "flow/site.h"
#include "office/stops/stop.h"

namespace flow {

/// The last moments for telling of a stop that begins at `starts_at`: those of the contract's obligations ahead of
/// stop.plan, by the contract's own engine, rolled backwards over closed days. Nothing without a contract, or where it
/// asks for none. Throws Error(BadInput) when contract.toml has faults.
stops::Limits stop_limits(Site& site, base::Instant starts_at);

/// stops::plan, change with the limits of that moment.
stops::PlannedStop plan_stop(Site& site, const stops::Plan& plan, std::string_view once, const stops::By& by);
stops::PlannedStop change_stop(Site& site, stops::StopId id, const stops::Plan& plan, const stops::By& by,
                               std::int64_t version);
stops::PlannedStop cancel_stop(Site& site, stops::StopId id, std::string_view why, const stops::By& by,
                               std::int64_t version);

/// The residents' notice: what was typed is text, never markup.
std::string notice_title(const stops::PlannedStop& stop);
std::string notice_body(const stops::PlannedStop& stop);
/// Writes it as a draft: a new page, or a new revision of the notice of an earlier round. From there on it is looked
/// at, approved and published as every page. Throws Error(Conflict) when another page stands at its place.
Outcome write_stop_notice(Site& site, stops::StopId id, base::DepartmentId department, const Doer& doer);

/// The notice as a paper for the client and for notice boards: the plan as it is now, and who was told when, by which
/// proof. Kind "notice", a new version each time.
documents::Version make_stop_paper(Site& site, stops::StopId id, std::string_view by);

/// The words for staff, by mail.
std::string staff_title(const stops::PlannedStop& stop);
std::string staff_letter(const settings::Settings& settings, const stops::PlannedStop& stop);

}  // namespace flow
