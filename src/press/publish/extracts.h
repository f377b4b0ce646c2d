// What a handover takes from this room's tables: the receipts, and what could not be made.
#pragma once

#include "ground/sys/extract.h"

namespace publish {

std::span<const sys::Extract> extracts();

}  // namespace publish
