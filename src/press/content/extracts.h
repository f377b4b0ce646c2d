// What a handover takes from this room's tables as they are; pages with their revisions are written one by one.
#pragma once

#include "ground/sys/extract.h"

namespace content {

std::span<const sys::Extract> extracts();

}  // namespace content
