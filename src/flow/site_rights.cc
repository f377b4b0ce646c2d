#include "flow/site_rights.h"

#include <cerrno>
#include <cstring>
#include <functional>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/keep_logs.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

constexpr std::size_t kMostRefused = 50;

// yakuba: all roles. yakuba-work: those who handle files of the site (not the public server). yakuba-data: those who
// open databases (not the placer either). The directory itself is sticky, so that whoever makes SQLite's files beside
// the databases cannot take away what is another's.
constexpr Right kRights[] = {
    {"", "root", "yakuba-data", 02771},
    {"yakuba.toml", "yakuba-office", "yakuba", 0640},
    {"yakuba.db", "yakuba-office", "yakuba-data", 0660},
    {"yakuba.db-wal", "yakuba-office", "yakuba-data", 0660},
    {"yakuba.db-shm", "yakuba-office", "yakuba-data", 0660},
    {"watch.db", "yakuba-watch", "yakuba-data", 0660},
    {"watch.db-wal", "yakuba-watch", "yakuba-data", 0660},
    {"watch.db-shm", "yakuba-watch", "yakuba-data", 0660},
    {"objects", "root", "yakuba-work", 02770, Reach::Group, true},
    {"variants", "yakuba-press", "yakuba", 02750, Reach::Below, true},
    {"releases", "yakuba-press", "yakuba", 0755, Reach::Below, true},
    {"public", "yakuba-placer", "yakuba-placer", 0755, Reach::Below, true},
    {"others", "root", "yakuba", 0755, Reach::Itself, true},
    {"keys", "root", "yakuba-press", 03775, Reach::Itself, true},
    {"keys/press.key", "yakuba-press", "yakuba-press", 0600},
    {"keys/next.key", "yakuba-press", "yakuba-press", 0600},
    {"keys/office.key", "yakuba-office", "yakuba-office", 0600},
    {"keys/logs.key", "yakuba-watch", "yakuba-watch", 0600},
    {"quarantine", "yakuba-placer", "yakuba-work", 02750, Reach::Below, true},
    {"stopped", "yakuba-office", "yakuba-work", 02751, Reach::Itself, true},
    {"stopped/acts", "yakuba-office", "yakuba-work", 02750, Reach::Below, true},
    // Not sticky: the watch writes it, the office takes away what it has taken in.
    {"desk-spool", "yakuba-watch", "yakuba-data", 02770, Reach::Group, true},
    {"logs", "root", "yakuba", 03770, Reach::Itself, true},
    {"logs/access.log", "yakuba-public", "yakuba", 0640},
    {"logs/office.log", "yakuba-office", "yakuba", 0640},
    {"logs/system-office.log", "yakuba-office", "yakuba", 0640},
    {"logs/system-press.log", "yakuba-press", "yakuba", 0640},
    {"logs/system-placer.log", "yakuba-placer", "yakuba", 0640},
    {"logs/system-public.log", "yakuba-public", "yakuba", 0640},
    {"logs/system-watch.log", "yakuba-watch", "yakuba", 0640},
    {"logs/archive", "yakuba-watch", "yakuba-data", 02750, Reach::Below, true},
    {"logs/exports", "yakuba-watch", "yakuba-data", 02750, Reach::Below, true},
    {"backups", "yakuba-watch", "yakuba-data", 0700, Reach::Below},
    {"run", "root", "yakuba-work", 02770, Reach::Files, true},
    {"run/placing", "yakuba-placer", "yakuba-placer", 0750, Reach::Below, true},
    {"run/guard", "yakuba-watch", "yakuba-work", 02750, Reach::Below, true},
    {"run/probes", "yakuba-watch", "yakuba-work", 02750, Reach::Below, true},
    {"run/intrusion", "yakuba-watch", "yakuba-work", 02750, Reach::Below, true},
    {"run/backup", "yakuba-watch", "yakuba-work", 02750, Reach::Below, true},
    {"run/outside", "yakuba-watch", "yakuba-work", 02750, Reach::Below},
    {"upgrade", "root", "root", 0700, Reach::Itself, true},
};

struct Wanted {
    uid_t owner;
    gid_t group;
    std::string owner_name, group_name;
};

std::optional<Wanted> find_wanted(const Right& right) {
    const passwd* user = ::getpwnam(std::string(right.owner).c_str());
    if (user == nullptr) return std::nullopt;
    const uid_t owner = user->pw_uid;
    const group* named = ::getgrnam(std::string(right.group).c_str());
    if (named == nullptr) return std::nullopt;
    return Wanted{owner, named->gr_gid, std::string(right.owner), std::string(right.group)};
}

std::string name_of_user(uid_t id) {
    const passwd* user = ::getpwuid(id);
    return user == nullptr ? std::to_string(id) : user->pw_name;
}

std::string name_of_group(gid_t id) {
    const group* named = ::getgrgid(id);
    return named == nullptr ? std::to_string(id) : named->gr_name;
}

/// One file or folder as the row wants it; no owner: whoever made it keeps it. No mode: it stays.
struct Due {
    std::optional<uid_t> owner;
    gid_t group;
    std::optional<mode_t> mode;
    bool is_group_checked = true;  ///< what a role makes deep below may have its own group, which others do not need
    bool is_shared = false;        ///< its group may do what its owner may
};

/// What it should be. Of shared files it is the locks that several roles open to write; the others are replaced whole.
mode_t mode_of(const Due& due, const std::string& path, const struct stat& status) {
    const mode_t now = status.st_mode & 07777;
    return due.mode.value_or(due.is_shared && path.ends_with(".lock") ? now | (now & 0600) >> 3 : now);
}

Due due_of(const Right& right, const Wanted& wanted, bool is_itself, bool is_folder) {
    if (is_itself) return {wanted.owner, wanted.group, right.mode};
    if (right.reach == Reach::Group)
        return is_folder ? Due{wanted.owner, wanted.group, right.mode} : Due{std::nullopt, wanted.group, std::nullopt};
    if (right.reach == Reach::Files) return {std::nullopt, wanted.group, std::nullopt, false, true};
    return {wanted.owner, wanted.group, std::nullopt, false};
}

using Look = std::function<bool(const std::string& name, const sys::Descriptor& parent, const std::string& path,
                                const struct stat& status, const Due& due)>;

/// Every file and folder of a row, itself first; `look` returns false to end it. Names are resolved in folders that are
/// held open, so that a link put there meanwhile leads nowhere else.
bool walk(const sys::Descriptor& parent, const std::string& name, const std::string& path, const Right& right,
          const Wanted& wanted, bool is_itself, const Look& look) {
    struct stat status {};
    if (::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return true;
    const bool is_folder = S_ISDIR(status.st_mode);
    if (S_ISLNK(status.st_mode)) return true;
    if (!look(name, parent, path, status, due_of(right, wanted, is_itself, is_folder))) return false;
    if (!is_folder || right.reach == Reach::Itself) return true;
    const sys::Descriptor folder(::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder)
        throw Error(Kind::Unavailable,
                    fmt::format("{} cannot be read: {}; try again as root", path, std::strerror(errno)));
    std::error_code problem;
    for (fs::directory_iterator at(fmt::format("/proc/self/fd/{}", folder.get()), problem), end; !problem && at != end;
         at.increment(problem)) {
        const std::string below = at->path().filename().string();
        if (right.reach == Reach::Files && !at->is_regular_file(problem)) continue;
        if (!walk(folder, below, path + "/" + below, right, wanted, false, look)) return false;
    }
    if (problem) throw Error(Kind::Unavailable, fmt::format("{} cannot be read: {}", path, problem.message()));
    return true;
}

sys::Descriptor open_site(const fs::path& site) {
    sys::Descriptor folder(::open(site.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || !fs::exists(site / "yakuba.toml"))
        throw Error(Kind::NotFound, fmt::format("{} is not a site directory; name yours with --site", site.string()));
    return folder;
}

void each_row(const fs::path& site, const Look& look) {
    if (!has_system_users())
        throw Error(Kind::NotFound,
                    "the system users of the roles (yakuba-office and others) are not there; the package makes them "
                    "(systemd-sysusers), and one user for everything needs no such rights");
    const sys::Descriptor folder = open_site(site);
    for (const Right& right : kRights) {
        const Wanted wanted = find_wanted(right).value();
        const fs::path path(right.path);
        const sys::Descriptor parent = path.has_parent_path()
                                           ? sys::Descriptor(::openat(folder.get(), path.parent_path().c_str(),
                                                                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
                                           : sys::Descriptor(::dup(folder.get()));
        const std::string name = path.empty() ? "." : path.filename().string();
        if (parent && !walk(parent, name, path.empty() ? "./" : path.string(), right, wanted, true, look)) return;
    }
}

/// Folders that several roles write into: made here, because whoever made one would be the only one to write in it.
void make_folders(const fs::path& site) {
    for (const Right& right : kRights)
        if (right.is_made) sys::make_folders(site / right.path, right.mode & 0777);
    for (int first = 0; first < 256; ++first) sys::make_folders(site / "objects" / fmt::format("{:02x}", first), 0750);
    for (int first = 0; first < 16; ++first)
        sys::make_folders(site / "objects" / "staging" / fmt::format("{:x}", first), 0750);
}

}  // namespace

std::span<const Right> all_rights() {
    return kRights;
}

bool has_system_users() {
    return std::all_of(std::begin(kRights), std::end(kRights),
                       [](const Right& right) { return find_wanted(right).has_value(); });
}

std::vector<WrongRight> list_wrong_rights(const fs::path& site, std::size_t most) {
    std::vector<WrongRight> wrong;
    each_row(site, [&](const std::string&, const sys::Descriptor&, const std::string& path, const struct stat& status,
                       const Due& due) {
        std::string what;
        const auto add = [&](std::string_view kind, const std::string& is, const std::string& should) {
            what += fmt::format("{}{} {} instead of {}", what.empty() ? "" : ", ", kind, is, should);
        };
        if (due.owner && status.st_uid != *due.owner)
            add("owner", name_of_user(status.st_uid), name_of_user(*due.owner));
        if (due.is_group_checked && status.st_gid != due.group)
            add("group", name_of_group(status.st_gid), name_of_group(due.group));
        if (const mode_t mode = mode_of(due, path, status); (status.st_mode & 07777) != mode)
            add("mode", fmt::format("{:04o}", status.st_mode & 07777), fmt::format("{:04o}", mode));
        if (!what.empty()) wrong.push_back({path, what});
        return wrong.size() < most;
    });
    return wrong;
}

RightsSet set_rights(const fs::path& site) {
    if (::geteuid() != 0) throw Error(Kind::NotAllowed, "only root can give files to other users; run it with sudo");
    RightsSet set;
    if (has_system_users()) {
        open_site(site);
        make_folders(site);
        make_log_key(folders_of(site));  // the watch cannot: keys/ is not its own
    }
    each_row(site, [&](const std::string& name, const sys::Descriptor& parent, const std::string& path,
                       const struct stat& status, const Due& due) {
        ++set.looked_at;
        const uid_t owner = due.owner.value_or(status.st_uid);
        const mode_t mode = mode_of(due, path, status);
        if (status.st_uid == owner && status.st_gid == due.group && (status.st_mode & 07777) == mode) return true;
        // What another made there would be loaded by root: nobody's folder becomes root's.
        const bool is_foreign = path == "upgrade" && status.st_uid != 0;
        if (is_foreign || (S_ISREG(status.st_mode) && status.st_nlink > 1)) {
            if (set.refused.size() < kMostRefused) set.refused.push_back(path);
            return true;
        }
        // O_PATH and the name under /proc: nothing is opened for reading, and what was looked at is what is changed.
        const sys::Descriptor file(::openat(parent.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat now {};
        const std::string held = fmt::format("/proc/self/fd/{}", file.get());
        if (!file || ::fstat(file.get(), &now) != 0 || now.st_ino != status.st_ino || now.st_dev != status.st_dev ||
            ::chown(held.c_str(), owner, due.group) != 0 || ::chmod(held.c_str(), mode) != 0)
            throw Error(Kind::Unavailable,
                        fmt::format("{} cannot be given to {}: {}", path, name_of_user(owner), std::strerror(errno)));
        ++set.changed;
        return true;
    });
    return set;
}

}  // namespace flow
