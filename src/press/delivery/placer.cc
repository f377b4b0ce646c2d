#include "press/delivery/placer.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"
#include "ground/sys/step.h"
#include "press/delivery/quarantine.h"

namespace delivery {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;
using release::Change;

bool is_page(const Change& change) {
    return change.entry.type == "text/html" || change.entry.type == "application/xhtml+xml";
}

/// "a" and "a/b" of "a/b/c.html".
template <class Take>
void each_folder(std::string_view path, const Take& take) {
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
        take(path.substr(0, slash));
}

/// A place below the root: the folder it stands in, held open, and its name there.
struct Spot {
    const sys::Descriptor* folder = nullptr;
    std::string path;
    std::string name() const { return path.substr(path.rfind('/') + 1); }
};

class Placer {
  public:
    Placer(const objects::Store& objects, const DocumentRoot& to, sys::Durability durability)
        : objects_(objects), to_(to), durability_(durability), quarantine_(to.quarantine, to.now) {
        if (!to_.root.has_filename()) to_.root = to_.root.parent_path();  // "public/": the climb ends at "public"
        sys::make_folders(to_.root);
        sys::make_folders(to_.staging, 0750);
        root_ = sys::Descriptor(::open(to_.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!root_ || ::fstat(root_.get(), &root_status_) != 0)
            throw Error(Kind::Unavailable, fmt::format("the document root {} cannot be opened: {}", to_.root.string(),
                                                       std::strerror(errno)));
    }

    void put(const release::Entry& entry) {
        const Spot spot{&make_way(entry.path), entry.path};
        const auto found = find(spot);
        if (found && is_in_place(*found, entry)) {
            ++done_.unchanged;
            return;
        }
        YAKUBA_STEP("place.before_write");
        try {
            sys::StagedFile file(to_.root / entry.path, to_.staging, entry.mode);
            objects_.copy_into(entry.hash, file);
            if (found && !S_ISREG(found->status.st_mode))
                quarantine_.take(*spot.folder, spot.path, *found);
            else if (found && deviates(*found, entry.mode))
                quarantine_.keep(*spot.folder, spot.path, *found);
            file.commit_into(*spot.folder, durability_);
        } catch (const Error& error) {
            if (error.kind() != Kind::NotFound && error.kind() != Kind::Damaged) throw;
            sys::log(sys::Level::Error, "file is not placed",
                     {{"path", base::percent_encode(entry.path)}, {"problem", error.message()}});
            done_.unplaced.push_back(
                {entry.path, error.kind() == Kind::Damaged ? Unplaced::Why::Damaged : Unplaced::Why::Missing});
            return;
        }
        YAKUBA_STEP("place.after_write");
        ++done_.written;
    }

    void remove(const std::string& path) {
        const auto folders = find_folders(path);
        if (!folders) return;  // a link or nothing stands above it: what is behind is not ours to delete
        const Spot spot{folders->empty() ? &root_ : &folders->back(), path};
        const auto found = find(spot);
        if (!found || S_ISDIR(found->status.st_mode)) return;  // by now a folder of newer files may have this name
        YAKUBA_STEP("place.before_delete");
        if (deviates(*found, 0644)) {
            quarantine_.take(*spot.folder, path, *found);
            ++done_.deleted;
        } else if (sys::remove_from(*spot.folder, to_.root / path, durability_)) {
            ++done_.deleted;
        }
        YAKUBA_STEP("place.after_delete");
        // rmdir refuses a folder that still holds something, and so ends the climb.
        fs::path folder = fs::path(path).parent_path();
        for (auto depth = folders->size(); depth > 0; --depth, folder = folder.parent_path()) {
            const sys::Descriptor& above = depth == 1 ? root_ : (*folders)[depth - 2];
            if (::unlinkat(above.get(), folder.filename().c_str(), AT_REMOVEDIR) != 0) break;
        }
        last_folders_.clear();
        last_folder_.clear();
    }

    Placement done() {
        done_.quarantined = quarantine_.count();
        return std::move(done_);
    }

  private:
    /// The folder that `path` stands in, held open. What is no folder on the way (a link, an older release's file) goes
    /// aside, and is never followed.
    const sys::Descriptor& make_way(const std::string& path) {
        const auto slash = path.rfind('/');
        const std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash);
        if (folder.empty()) return root_;
        if (folder == last_folder_) return last_folders_.back();
        last_folders_.clear();
        last_folder_.clear();
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

    void clear(const Spot& spot) {
        const auto found = find(spot);
        if (!found || S_ISDIR(found->status.st_mode)) return;
        if (deviates(*found, 0644))
            quarantine_.take(*spot.folder, spot.path, *found);
        else
            sys::remove_from(*spot.folder, to_.root / spot.path, durability_);
    }

    /// The folders above `path`, outermost first; nothing when one of them is none.
    std::optional<std::vector<sys::Descriptor>> find_folders(const std::string& path) const {
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
    static std::optional<Found> find(const Spot& spot) {
        const std::string name = spot.name();
        Found found;
        const sys::Descriptor file(
            ::openat(spot.folder->get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (!file || ::fstat(file.get(), &found.status) != 0) {
            if (::fstatat(spot.folder->get(), name.c_str(), &found.status, AT_SYMLINK_NOFOLLOW) != 0)
                return std::nullopt;
            return found;
        }
        if (!S_ISREG(found.status.st_mode)) return found;
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

    static bool is_in_place(const Found& found, const release::Entry& entry) {
        return found.hash == entry.hash && found.status.st_size == entry.size && found.status.st_nlink == 1 &&
               (found.status.st_mode & 07777) == entry.mode;
    }

    /// True for what no release can have left there.
    bool deviates(const Found& found, unsigned mode) const {
        const struct stat& status = found.status;
        const unsigned permissions = status.st_mode & 07777;
        return !found.hash || status.st_nlink != 1 || (permissions != mode && permissions != 0644) ||
               status.st_uid != root_status_.st_uid || status.st_gid != root_status_.st_gid ||
               objects_.find_size(*found.hash) != status.st_size;
    }

    const objects::Store& objects_;
    DocumentRoot to_;
    sys::Durability durability_;
    Quarantine quarantine_;
    sys::Descriptor root_;
    struct stat root_status_ {};
    Placement done_;
    std::string last_folder_;                    ///< the folder of the last put,
    std::vector<sys::Descriptor> last_folders_;  ///< and those above it, outermost first, all open
};

}  // namespace

Placement place(std::span<const Change> changes, const objects::Store& objects, const DocumentRoot& to,
                sys::Durability durability, const std::function<void(std::int64_t)>& progress) {
    Placer placer(objects, to, durability);
    std::int64_t done = 0;
    const auto tick = [&] {
        if (progress) progress(++done);
    };
    // A redirect has no file: the server answers it from the record.
    const auto is_deletion = [](const Change& change) {
        return change.what == Change::What::Delete || !change.entry.has_body();
    };
    // A path that stops being a file because a folder of that name comes must go before that folder's files; and a
    // folder's files before the file that takes its name.
    std::set<std::string_view> folders, files;
    for (const Change& change : changes) {
        if (is_deletion(change)) continue;
        files.insert(change.path());
        each_folder(change.path(), [&](std::string_view folder) { folders.insert(folder); });
    }
    std::set<std::string_view> is_early;
    for (const Change& change : changes) {
        if (!is_deletion(change)) continue;
        bool is_in_the_way = folders.contains(change.path());
        each_folder(change.path(), [&](std::string_view folder) { is_in_the_way |= files.contains(folder); });
        if (!is_in_the_way) continue;
        is_early.insert(change.path());
        placer.remove(change.path());
        tick();
    }
    for (const bool is_page_turn : {false, true})
        for (const Change& change : changes)
            if (!is_deletion(change) && is_page(change) == is_page_turn) {
                placer.put(change.entry);
                tick();
            }
    for (const Change& change : changes)
        if (is_deletion(change) && !is_early.contains(change.path())) {
            placer.remove(change.path());
            tick();
        }
    return placer.done();
}

}  // namespace delivery
