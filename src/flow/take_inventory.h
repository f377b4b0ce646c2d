// What the site is made of, taken anew: dpkg is asked, the program's own list of parts and the lock files that the
// settings name are read, and the public files are looked through for script libraries. Each kind on its own: one that
// cannot be taken is a problem, and what is known of it stays as it was.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "flow/site.h"
#include "office/vulnerabilities/store.h"

namespace flow {

struct InventoryTaken {
    struct Kind {
        std::string kind;
        vulnerabilities::Taken taken;
        std::string problem;  ///< Japanese; "" = none
    };
    std::vector<Kind> kinds;
    bool is_whole() const;
};
InventoryTaken take_inventory(Site& site, const vulnerabilities::By& by, const std::function<bool()>& is_stopped = {});

/// The parts that the program was built from, as CycloneDX JSON.
std::string_view own_sbom();
/// Everything in the inventory as CycloneDX JSON.
std::string whole_sbom(Site& site);
/// The release of Debian that runs here: "bookworm"; "" when it cannot be known.
std::string debian_release();

/// The script libraries in a folder of public files: name, version, and the paths where they are.
std::vector<vulnerabilities::Component> find_scripts(const std::filesystem::path& root,
                                                     const std::function<bool()>& is_stopped);

}  // namespace flow
