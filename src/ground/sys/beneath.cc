#include "ground/sys/beneath.h"

#include <cerrno>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ground/base/error.h"

namespace sys {

Descriptor open_beneath(int root, const std::string& path, std::uint64_t flags) {
    open_how how{};
    how.flags = flags | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    Descriptor opened(
        static_cast<int>(::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how)));
    if (!opened && errno == ENOSYS)
        throw base::Error(base::Kind::Unavailable,
                          "openat2 is refused (ENOSYS), so no path can be kept inside its folder: the kernel is older "
                          "than 5.6, or the service runs under RestrictSUIDSGID= or another filter of system calls. "
                          "Take that setting out of the service; `yakuba doctor` says more");
    return opened;
}

}  // namespace sys
