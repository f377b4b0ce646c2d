// What a handover takes from this room's tables: every takeover, file by file.
#pragma once

#include "ground/sys/extract.h"

namespace intake {

std::span<const sys::Extract> extracts();

}  // namespace intake
