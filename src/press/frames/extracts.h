// What a handover takes from this room's tables: the groups of taken-over pages, and where their shared parts stand.
#pragma once

#include "ground/sys/extract.h"

namespace frames {

std::span<const sys::Extract> extracts();

}  // namespace frames
