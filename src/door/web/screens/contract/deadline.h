// A deadline as people write it.
#pragma once

#include "ground/base/time.h"
#include "ground/template/value.h"

namespace web {

/// As short_time; the midnight at which a day's time is over is that day's "24:00", not the next day's "0:00", by which
/// people would come a day late.
tmpl::Value deadline_time(base::Instant due, base::Instant now);

}  // namespace web
