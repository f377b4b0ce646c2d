#include "press/delivery/inside/public_tree.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/lease.h"
#include "ground/sys/log.h"
#include "ground/sys/step.h"

namespace delivery::inside {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

constexpr unsigned kFolderMode = 0755;
constexpr int kMostMounts = 16;  ///< on top of each other

}  // namespace

bool is_page(const release::Entry& entry) {
    return entry.type == "text/html" || entry.type == "application/xhtml+xml";
}

bool is_deletion(const release::Change& change) {
    return change.what == release::Change::What::Delete || !change.entry.has_body();
}

PublicTree::PublicTree(const objects::Store& objects, const DocumentRoot& to, sys::Durability durability)
    : objects_(objects), to_(to), durability_(durability), quarantine_(to.quarantine, to.now) {
    if (!to_.root.has_filename()) to_.root = to_.root.parent_path();  // "public/": the climb ends at "public"
    sys::make_folders(to_.root);
    sys::make_folders(to_.staging, 0750);
    root_ = sys::Descriptor(::open(to_.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root_ || ::fstat(root_.get(), &root_status_) != 0)
        throw Error(Kind::Unavailable,
                    fmt::format("the document root {} cannot be opened: {}", to_.root.string(), std::strerror(errno)));
}

PublicTree::Put PublicTree::put(const release::Entry& entry, WithoutObject without) {
    const Spot spot{&make_way(entry.path), entry.path};
    const auto found = find(spot);
    // What is put right is taken from whoever may go on to write in it, too.
    const bool is_held = found && found->is_held && without == WithoutObject::TakeDown;
    if (found && !is_held && is_in_place(*found, entry)) return {};
    YAKUBA_STEP("place.before_write");
    Put done{Put::What::Written, {}};
    try {
        sys::StagedFile file(to_.root / entry.path, to_.staging, entry.mode);
        objects_.copy_into(entry.hash, file);
        if (found && !S_ISREG(found->status.st_mode))
            done.evidence = quarantine_.take(*spot.folder, spot.path, to_keep(*found, &entry));
        else if (found && (without == WithoutObject::TakeDown || deviates(*found, entry.mode)))
            done.evidence = quarantine_.keep(*spot.folder, spot.path, to_keep(*found, &entry));
        file.commit_into(*spot.folder, durability_);
    } catch (const Error& error) {
        if (error.kind() != Kind::NotFound && error.kind() != Kind::Damaged) throw;
        sys::log(sys::Level::Error, "file is not placed",
                 {{"path", base::percent_encode(entry.path)}, {"problem", error.message()}});
        if (found && without == WithoutObject::TakeDown)
            done.evidence = quarantine_.take(*spot.folder, spot.path, to_keep(*found, &entry));
        done.what = error.kind() == Kind::Damaged ? Put::What::Damaged : Put::What::Missing;
        return done;
    }
    YAKUBA_STEP("place.after_write");
    return done;
}

bool PublicTree::remove(const std::string& path) {
    const auto folders = find_folders(path);
    if (!folders) return false;  // a link or nothing stands above it: what is behind is not ours to delete
    const Spot spot{folders->empty() ? &root_ : &folders->back(), path};
    const auto found = find(spot);
    if (!found || S_ISDIR(found->status.st_mode)) return false;  // by now a folder of newer files may have this name
    YAKUBA_STEP("place.before_delete");
    bool is_gone = true;
    if (deviates(*found, 0644))
        quarantine_.take(*spot.folder, path, to_keep(*found, nullptr));
    else
        is_gone = sys::remove_from(*spot.folder, to_.root / path, durability_);
    YAKUBA_STEP("place.after_delete");
    remove_empty(path, *folders);
    return is_gone;
}

std::string PublicTree::take(const std::string& path) {
    const auto folders = find_folders(path);
    if (!folders) return {};
    const Spot spot{folders->empty() ? &root_ : &folders->back(), path};
    const auto found = find(spot);
    if (!found) return {};
    const std::string evidence = quarantine_.take(*spot.folder, path, to_keep(*found, nullptr));
    forget_folders();
    return evidence;
}

/// rmdir refuses a folder that still holds something, and so ends the climb.
void PublicTree::remove_empty(const std::string& path, const std::vector<sys::Descriptor>& folders) {
    fs::path folder = fs::path(path).parent_path();
    for (auto depth = folders.size(); depth > 0; --depth, folder = folder.parent_path()) {
        const sys::Descriptor& above = depth == 1 ? root_ : folders[depth - 2];
        if (::unlinkat(above.get(), folder.filename().c_str(), AT_REMOVEDIR) != 0) break;
    }
    forget_folders();
}

void PublicTree::forget_folders() {
    last_folders_.clear();
    last_folder_.clear();
}

bool PublicTree::mend_folder(const std::string& path) {
    return mend(make_way(path + "/."), path);
}

bool PublicTree::mend_root() {
    if ((root_status_.st_mode & 07777) == kFolderMode) return false;
    mend(root_, "./");
    return true;
}

bool PublicTree::mend(const sys::Descriptor& folder, const std::string& path) const {
    struct stat status {};
    if (::fstat(folder.get(), &status) != 0) return false;
    const auto demand = [&](int outcome) {
        if (outcome != 0)
            throw Error(Kind::Unavailable, fmt::format("the folder {} cannot be given its owner and mode: {}",
                                                       base::percent_encode(path), std::strerror(errno)));
    };
    bool is_mended = false;
    if (status.st_uid != root_status_.st_uid || status.st_gid != root_status_.st_gid) {
        demand(::fchown(folder.get(), root_status_.st_uid, root_status_.st_gid));
        is_mended = true;
    }
    if (is_mended || (status.st_mode & 07777) != kFolderMode) {
        demand(::fchmod(folder.get(), kFolderMode));
        is_mended = true;
    }
    return is_mended;
}

bool PublicTree::unmount(const std::string& path) {
    forget_folders();
    bool is_taken_off = false;
    for (int i = 0; i < kMostMounts; ++i) {
        const auto folders = find_folders(path);
        if (!folders) return is_taken_off;
        const sys::Descriptor& folder = folders->empty() ? root_ : folders->back();
        const std::string name = path.substr(path.rfind('/') + 1);
        struct statx status {};
        if (::statx(folder.get(), name.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &status) != 0 ||
            (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0)
            return is_taken_off;
        const std::string target = fmt::format("/proc/self/fd/{}/{}", folder.get(), name);
        if (::umount2(target.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0)
            throw Error(Kind::Unavailable,
                        fmt::format("something is mounted at {} and cannot be taken off ({}); use umount",
                                    base::percent_encode(path), std::strerror(errno)));
        is_taken_off = true;
    }
    throw Error(Kind::Unavailable, fmt::format("too much is mounted at {}; use umount", base::percent_encode(path)));
}

/// The folder that `path` stands in, held open. What is no folder on the way (a link, an older release's file) goes
/// aside, and is never followed.
const sys::Descriptor& PublicTree::make_way(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash);
    if (folder.empty()) return root_;
    if (folder == last_folder_) return last_folders_.back();
    forget_folders();
    std::string at;
    for (const std::string_view segment : base::split(folder, '/')) {
        at += (at.empty() ? "" : "/") + std::string(segment);
        const sys::Descriptor& above = last_folders_.empty() ? root_ : last_folders_.back();
        sys::Descriptor next = sys::open_or_make_folder(above, to_.root / at);
        for (int tries = 0; !next; ++tries) {
            if (tries == 3)
                throw Error(Kind::Unavailable, fmt::format("{} cannot be made a folder: somebody else writes there",
                                                           (to_.root / at).string()));
            clear({&above, at});
            next = sys::open_or_make_folder(above, to_.root / at);
        }
        last_folders_.push_back(std::move(next));
    }
    last_folder_ = folder;
    return last_folders_.back();
}

void PublicTree::clear(const Spot& spot) {
    const auto found = find(spot);
    if (!found || S_ISDIR(found->status.st_mode)) return;
    if (deviates(*found, 0644))
        quarantine_.take(*spot.folder, spot.path, to_keep(*found, nullptr));
    else
        sys::remove_from(*spot.folder, to_.root / spot.path, durability_);
}

/// The folders above `path`, outermost first; nothing when one of them is none.
std::optional<std::vector<sys::Descriptor>> PublicTree::find_folders(const std::string& path) const {
    std::vector<sys::Descriptor> folders;
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return folders;
    for (const std::string_view segment : base::split(std::string_view(path).substr(0, slash), '/')) {
        const int above = folders.empty() ? root_.get() : folders.back().get();
        folders.emplace_back(
            ::openat(above, std::string(segment).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!folders.back()) return std::nullopt;
    }
    return folders;
}

/// What stands there, without following a link. Looked at and hashed through one descriptor.
std::optional<Found> PublicTree::find(const Spot& spot) {
    const std::string name = spot.name();
    Found found;
    const sys::Descriptor file(
        ::openat(spot.folder->get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file || ::fstat(file.get(), &found.status) != 0) {
        if (::fstatat(spot.folder->get(), name.c_str(), &found.status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
        return found;
    }
    if (!S_ISREG(found.status.st_mode)) return found;
    found.is_held = sys::find_writers(file) == sys::Writers::Some;
    sys::Hasher hasher;
    std::string piece(256U << 10, '\0');
    for (std::int64_t size = 0; size <= found.status.st_size;) {  // no further, should somebody keep it growing
        const ssize_t got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return found;
        if (got == 0) break;
        hasher.add({piece.data(), static_cast<std::size_t>(got)});
        size += got;
    }
    found.hash = hasher.finish();
    return found;
}

bool PublicTree::is_in_place(const Found& found, const release::Entry& entry) const {
    const struct stat& status = found.status;
    // A file that is written anew is ours: only if the tree is, too, does that put a foreign owner right.
    const bool may_own = root_status_.st_uid == ::geteuid() && root_status_.st_gid == ::getegid();
    const bool is_owned = status.st_uid == root_status_.st_uid && status.st_gid == root_status_.st_gid;
    return found.hash == entry.hash && status.st_size == entry.size && status.st_nlink == 1 &&
           (status.st_mode & 07777) == entry.mode && (is_owned || !may_own);
}

Found PublicTree::to_keep(Found found, const release::Entry* right) const {
    const struct stat& status = found.status;
    const auto add = [&](bool is_so, std::string_view kind) {
        if (is_so) found.kinds.push_back(kind);
    };
    add(S_ISLNK(status.st_mode), "link");
    if (!S_ISREG(status.st_mode)) {
        const bool is_folder = S_ISDIR(status.st_mode);
        add(!S_ISLNK(status.st_mode), is_folder && right == nullptr ? "extra" : "type");
        return found;
    }
    add(right == nullptr, "extra");
    add(right != nullptr && found.hash != right->hash, "changed");
    add(right != nullptr && (status.st_mode & 07777) != right->mode, "mode");
    add(status.st_uid != root_status_.st_uid || status.st_gid != root_status_.st_gid, "owner");
    add(status.st_nlink > 1, "hardlink");
    add(found.is_held, "held");
    return found;
}

/// True for what no release can have left there.
bool PublicTree::deviates(const Found& found, unsigned mode) const {
    const struct stat& status = found.status;
    const unsigned permissions = status.st_mode & 07777;
    return !found.hash || status.st_nlink != 1 || (permissions != mode && permissions != 0644) ||
           status.st_uid != root_status_.st_uid || status.st_gid != root_status_.st_gid ||
           objects_.find_size(*found.hash) != status.st_size;
}

}  // namespace delivery::inside
