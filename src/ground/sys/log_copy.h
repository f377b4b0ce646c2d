// A second place for the structured log, beside standard error: the file that the log archive keeps, so that the
// program's own log can be handed over whatever collects standard error.
#pragma once

#include <functional>
#include <string_view>

namespace sys {

/// Each line from info on, whatever level standard error has, in the JSON form and without its end, also goes to
/// `take`, one at a time, from any thread; nothing: no longer, once this returns. `take` must be quick and must not
/// log.
void copy_log_to(std::function<void(std::string_view)> take);

}  // namespace sys
