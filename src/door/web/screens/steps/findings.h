// What the checks say of a page before it becomes public: for whoever asks, approves, or publishes in an emergency.
#pragma once

#include "door/web/subject.h"

namespace web {

/// One sentence each, of the latest revision. Of a page that was taken over, only what its public revision has not: the
/// rest is mostly in the frame, where no author can mend it.
tmpl::List findings_of(Context& context, const Subject& subject);

}  // namespace web
