// Kill points. A journey names the moments between which a crash must do no harm; the crash tests kill the program at
// each. The shipped program is linked with steps/none.cc, where reaching one does nothing; the crash tests' twin of it
// with steps/kill.cc. tools/list_steps reads the names from the source, and the crash tests fail on a name that they
// never reached.
#pragma once

namespace sys {

/// In the twin: kills this process without warning when the environment's YAKUBA_KILL_AT is `name` (or "name:3", the
/// third time), and notes the visit in the file that YAKUBA_STEP_LOG names.
void reach_step(const char* name);

}  // namespace sys

#define YAKUBA_STEP(name) ::sys::reach_step(name)
