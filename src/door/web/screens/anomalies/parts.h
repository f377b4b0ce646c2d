// What the screens of the watch share about an anomaly.
#pragma once

#include "door/web/words.h"
#include "ground/template/value.h"
#include "watch/signals/anomaly.h"

namespace web {

/// One row of a list: what, how grave, since when, what was decided, and for whom nobody is called and why.
tmpl::Map anomaly_row(const signals::Anomaly& one, base::Instant now);

}  // namespace web
