// Opens what stands below a folder and nowhere else: the kernel itself (openat2) refuses "..", symbolic links and
// whatever else would lead out of it. There is no second way: where the call is missing nothing is opened, and that is
// an error and not "no such file".
#pragma once

#include <cstdint>
#include <string>

#include "ground/sys/files.h"

namespace sys {

/// `path` is relative to the open folder `root`; empty means the folder itself. `flags` as of open(2), O_CLOEXEC is
/// added. An empty descriptor, with errno, when it cannot be opened. Throws Error(Unavailable) when there is no
/// openat2: a kernel before 5.6, or a filter of system calls (systemd's RestrictSUIDSGID answers ENOSYS, because it
/// cannot look into the call's structure).
Descriptor open_beneath(int root, const std::string& path, std::uint64_t flags);

}  // namespace sys
