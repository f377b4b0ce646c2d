// A thread for which the kernel has no openat2, as under systemd's RestrictSUIDSGID.
#pragma once

#include <functional>

namespace sys::testing {

/// Runs `work` in a thread of its own, for which openat2 answers ENOSYS; passes on what it throws.
void run_without_openat2(const std::function<void()>& work);

}  // namespace sys::testing
