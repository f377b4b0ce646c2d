// The schema of accounts, signing in and sessions, step by step.
#pragma once

#include <span>

#include "ground/sys/database.h"

namespace people {

std::span<const sys::Migration> migrations();

}  // namespace people
