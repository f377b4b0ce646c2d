// What a handover takes from this room's tables: where pages stand, and who approved what.
#pragma once

#include "ground/sys/extract.h"

namespace workflow {

std::span<const sys::Extract> extracts();

}  // namespace workflow
