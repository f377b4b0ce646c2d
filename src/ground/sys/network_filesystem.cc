#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace sys {

namespace {
// File systems whose locks or fsync another machine answers for. Not in <linux/magic.h>: fs/cifs, fs/fuse, fs/gfs2,
// fs/ceph and the manuals of Lustre, GPFS and statfs(2). FUSE is among them because sshfs, s3fs and GlusterFS are FUSE.
constexpr unsigned kNetworkMagic[] = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, NCP_SUPER_MAGIC, CODA_SUPER_MAGIC,
                                      AFS_SUPER_MAGIC, AFS_FS_MAGIC,    V9FS_MAGIC,      OCFS2_SUPER_MAGIC,
                                      0xFF534D42,      0xFE534D42,      0x65735546,      0x01161970,
                                      0x00C36400,      0x0BD00BD0,      0x47504653};
}  // namespace

bool is_network_filesystem(const std::filesystem::path& path) {
    struct statfs about {};
    while (::statfs(path.c_str(), &about) != 0) {
        if (errno == EINTR) continue;
        throw base::Error(base::Kind::Unavailable,
                          fmt::format("{}: its file system cannot be told ({}); check the path and its rights",
                                      path.string(), std::strerror(errno)));
    }
    const auto magic = static_cast<unsigned>(about.f_type);
    return std::find(std::begin(kNetworkMagic), std::end(kNetworkMagic), magic) != std::end(kNetworkMagic);
}

}  // namespace sys
