#include "ground/sys/step.h"

namespace sys {

void reach_step(const char*) {}

}  // namespace sys
