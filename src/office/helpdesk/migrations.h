// The schema of the helpdesk, and what of it leaves with a handover.
#pragma once

#include <span>

#include "ground/sys/database.h"
#include "ground/sys/extract.h"

namespace helpdesk {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

}  // namespace helpdesk
