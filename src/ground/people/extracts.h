// What a handover takes from this room's tables: who works here and what they may do. Nothing of signing in leaves.
#pragma once

#include "ground/sys/extract.h"

namespace people {

std::span<const sys::Extract> extracts();

}  // namespace people
