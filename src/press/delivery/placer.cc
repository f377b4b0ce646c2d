#include "press/delivery/placer.h"

#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/step.h"

namespace delivery {

namespace {

namespace fs = std::filesystem;
using release::Change;

bool is_page(const Change& change) {
    return change.entry.type == "text/html" || change.entry.type == "application/xhtml+xml";
}

class Placer {
  public:
    Placer(const objects::Store& objects, const DocumentRoot& to, sys::Durability durability)
        : objects_(objects), to_(to), durability_(durability) {
        if (!to_.root.has_filename()) to_.root = to_.root.parent_path();  // "public/": the climb ends at "public"
        sys::make_folders(to_.root);
        sys::make_folders(to_.staging, 0750);
    }

    void put(const release::Entry& entry) {
        const fs::path path = to_.root / entry.path;
        clear_way(entry.path);
        if (is_in_place(path, entry)) {
            ++done_.unchanged;
            return;
        }
        YAKUBA_STEP("place.before_write");
        objects_.copy_to(entry.hash, path, to_.staging, durability_);
        YAKUBA_STEP("place.after_write");
        ++done_.written;
    }

    void remove(const std::string& path) {
        struct stat status {};
        const fs::path full = to_.root / path;
        if (!is_below_folders(path) || ::lstat(full.c_str(), &status) != 0) return;
        if (S_ISDIR(status.st_mode)) return;  // by now a folder of newer files has this name
        YAKUBA_STEP("place.before_delete");
        if (sys::remove_file(full, durability_)) ++done_.deleted;
        YAKUBA_STEP("place.after_delete");
        // rmdir refuses a folder that still holds something, and so ends the climb.
        for (fs::path folder = full.parent_path(); folder != to_.root; folder = folder.parent_path())
            if (::rmdir(folder.c_str()) != 0) break;
        last_folder_.clear();
    }

    Placement done() const { return done_; }

  private:
    /// Makes the folders above `path`. A link or file in their place is tampering or an older release's file; both are
    /// moved aside, never followed. (Between this look and the rename an attacker who can write here could put a link
    /// back; the placer's rights end at the site directory.)
    void clear_way(const std::string& path) {
        const auto slash = path.rfind('/');
        const std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash);
        if (folder != last_folder_ || folder.empty()) {
            fs::path at = to_.root;
            for (const std::string_view segment : base::split(folder, '/')) {
                if (segment.empty()) continue;
                at /= segment;
                struct stat status {};
                if (::lstat(at.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) continue;
                move_aside(at);
                sys::make_folders(at);
            }
            last_folder_ = folder;
        }
        struct stat status {};
        const fs::path full = to_.root / path;
        if (::lstat(full.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) move_aside(full);
    }

    /// False when a link stands where one of the folders above `path` should: what is behind it is not ours to delete.
    bool is_below_folders(const std::string& path) const {
        for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
            struct stat status {};
            if (::lstat((to_.root / path.substr(0, slash)).c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
                return false;
        }
        return true;
    }

    void move_aside(const fs::path& what) {
        struct stat status {};
        if (::lstat(what.c_str(), &status) != 0) return;
        const fs::path aside = to_.staging / fmt::format("aside-{}", base::to_hex(sys::random_bytes(8)));
        std::error_code problem;
        fs::rename(what, aside, problem);
        if (problem)
            throw base::Error(base::Kind::Unavailable, fmt::format("{} is in the way and cannot be moved: {}",
                                                                   what.string(), problem.message()));
        fs::remove_all(aside, problem);  // what cannot be removed stays in staging, out of the public's sight
    }

    static bool is_in_place(const fs::path& path, const release::Entry& entry) {
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size != entry.size ||
            status.st_nlink != 1 || (status.st_mode & 07777) != entry.mode)
            return false;
        const auto bytes = sys::find_file(path);
        return bytes && sys::sha256(*bytes) == entry.hash;
    }

    const objects::Store& objects_;
    DocumentRoot to_;
    sys::Durability durability_;
    Placement done_;
    std::string last_folder_;
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
    // A path that stops being a file because a folder of that name comes must go before that folder's files.
    std::set<std::string_view> folders;
    for (const Change& change : changes) {
        if (change.what != Change::What::Put || !change.entry.has_body()) continue;
        for (auto slash = change.path().find('/'); slash != std::string::npos;
             slash = change.path().find('/', slash + 1))
            folders.insert(std::string_view(change.path()).substr(0, slash));
    }
    for (const Change& change : changes)
        if (is_deletion(change) && folders.contains(change.path())) placer.remove(change.path());
    for (const bool is_page_turn : {false, true})
        for (const Change& change : changes)
            if (!is_deletion(change) && is_page(change) == is_page_turn) {
                placer.put(change.entry);
                tick();
            }
    for (const Change& change : changes)
        if (is_deletion(change)) {
            placer.remove(change.path());
            tick();
        }
    return placer.done();
}

}  // namespace delivery
