// 不在と代理: who is away from when until when, and who decides in the meantime. Everybody says so for themselves, who
// manages people for anybody. From the first day to the last the deputy may approve what the absent person could; what
// waits already is asked of the deputy at once.
#pragma once

#include "flow/edit_page.h"
#include "ground/people/accounts.h"

namespace flow {

/// Adds one; `made.id` is ignored. Throws Error(BadInput): days the wrong way round or all past, a deputy who is the
/// person or cannot sign in; Error(Conflict): the same deputy stands in for them on one of the days already;
/// Error(NotAllowed): it is somebody else's and the person does not manage people.
people::AbsenceId set_absence(Site& site, const people::Absence& made, const Doer& doer);
/// It is called off, or over early. Throws Error(NotFound), Error(NotAllowed) as above.
void end_absence(Site& site, people::AbsenceId id, const Doer& doer);

}  // namespace flow
