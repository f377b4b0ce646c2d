// The schema of jobs, step by step.
#pragma once

#include <span>

#include "ground/sys/database.h"

namespace jobs {

std::span<const sys::Migration> migrations();

}  // namespace jobs
