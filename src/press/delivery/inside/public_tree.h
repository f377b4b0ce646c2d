// The hands that touch the document root: every name is resolved from a folder that is held open, and no link below the
// root is ever followed, not even one that is put there meanwhile. It leaves out which change comes when.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "press/delivery/placer.h"
#include "press/delivery/quarantine.h"

namespace delivery::inside {

/// Takes "a" and "a/b" of "a/b/c.html".
template <class Take>
void each_folder(std::string_view path, const Take& take) {
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
        take(path.substr(0, slash));
}
bool is_page(const release::Entry& entry);
/// A redirect has no file: the server answers it from the record.
bool is_deletion(const release::Change& change);

class PublicTree {
  public:
    PublicTree(const objects::Store& objects, const DocumentRoot& to, sys::Durability durability);

    struct Put {
        enum class What { Unchanged, Written, Missing, Damaged } what = What::Unchanged;  ///< the latter two: no object
        std::string evidence;
    };
    enum class WithoutObject {
        KeepOld,  ///< what stands there stays
        TakeDown  ///< nothing is better than what stands there
    };
    Put put(const release::Entry& entry, WithoutObject without = WithoutObject::KeepOld);
    /// A file that a release removes, and the folders that it leaves empty; false when there is none.
    bool remove(const std::string& path);

    /// What no release knows, a folder with all that is in it, goes to quarantine: the evidence's name, empty when
    /// nothing stands there.
    std::string take(const std::string& path);
    /// Makes the folder and gives it its mode and owner; false when nothing had to be done.
    bool mend_folder(const std::string& path);
    bool mend_root();
    /// Takes off what is mounted at `path`; false when nothing is. Throws Error(Unavailable) when it may not.
    bool unmount(const std::string& path);

    Quarantine& quarantine() { return quarantine_; }

  private:
    /// A place below the root: the folder it stands in, held open, and its name there.
    struct Spot {
        const sys::Descriptor* folder = nullptr;
        std::string path;
        std::string name() const { return path.substr(path.rfind('/') + 1); }
    };

    const sys::Descriptor& make_way(const std::string& path);
    void clear(const Spot& spot);
    std::optional<std::vector<sys::Descriptor>> find_folders(const std::string& path) const;
    static std::optional<Found> find(const Spot& spot);
    bool is_in_place(const Found& found, const release::Entry& entry) const;
    bool deviates(const Found& found, unsigned mode) const;
    /// What to keep of it as evidence: with the ways in which it is not `right`, or is there at all without that.
    Found to_keep(Found found, const release::Entry* right) const;
    bool mend(const sys::Descriptor& folder, const std::string& path) const;
    void remove_empty(const std::string& path, const std::vector<sys::Descriptor>& folders);
    void forget_folders();

    const objects::Store& objects_;
    DocumentRoot to_;
    sys::Durability durability_;
    Quarantine quarantine_;
    sys::Descriptor root_;
    struct stat root_status_ {};
    std::string last_folder_;                    ///< the folder of the last put,
    std::vector<sys::Descriptor> last_folders_;  ///< and those above it, outermost first, all open
};

}  // namespace delivery::inside
