// Which process holds a file open for writing, or has it mapped so that memory is written through to it.
#pragma once

#include <chrono>
#include <optional>

#include "watch/guard/watcher.h"

namespace guard::inside {

/// The first other process that does, as far as the kernel lets us look into others (root or CAP_SYS_PTRACE); nothing
/// when none is found within `patience`.
std::optional<Writer> find_holder(const HeldFile& file, std::chrono::milliseconds patience);

}  // namespace guard::inside
