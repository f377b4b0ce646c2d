#include "ground/sys/lease.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

namespace sys {

Writers find_writers(const Descriptor& file) {
    // Somebody may open it before the lease is given back: that is told by SIGIO, which ends a process, unless another
    // signal is chosen. This one is ignored where nobody asks for it.
    if (::fcntl(file.get(), F_SETSIG, SIGURG) != 0) return Writers::Unknown;
    if (::fcntl(file.get(), F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN ? Writers::Some : Writers::Unknown;
    ::fcntl(file.get(), F_SETLEASE, F_UNLCK);
    return Writers::None;
}

bool are_mappings_told(const Descriptor& place) {
    struct statfs about {};
    return ::fstatfs(place.get(), &about) == 0 && about.f_type != OVERLAYFS_SUPER_MAGIC;
}

}  // namespace sys
