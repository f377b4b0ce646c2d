// What a handover takes from this room's tables; the signed records themselves are files of the log.
#pragma once

#include "ground/sys/extract.h"

namespace release {

std::span<const sys::Extract> extracts();

}  // namespace release
