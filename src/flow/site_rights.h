// Who owns what in a site whose roles run under system users of their own, so that each can do only its part: one
// table, by which `site rights --set` sets owners and modes after a site was made, restored or copied, and by which
// `doctor` finds what deviates. It leaves out the service units, which take further rights away (packaging/systemd).
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace flow {

/// How far a row reaches.
enum class Reach {
    Itself,
    Group,  ///< below it: the group, and folders as it is itself; whoever made a file keeps it
    Below,  ///< below it: owner and group, modes stay as they are
    Files,  ///< the files in it: the group, which may write them; whoever made one keeps it
};

struct Right {
    std::string_view path;  ///< in the site directory; "" = itself
    std::string_view owner, group;
    mode_t mode;
    Reach reach = Reach::Itself;
    bool is_made = false;  ///< a folder that is made when it is not there, so that its group can write in it
};
/// What it says in words: docs/handbook/installation.md.
std::span<const Right> all_rights();

/// True when the system users of the roles are there: a site made by the package.
bool has_system_users();

struct WrongRight {
    std::string path;  ///< in the site directory, "./" the directory itself
    std::string what;  ///< "owner yakuba-office instead of yakuba-press"
};
/// Up to `most` of them. Throws Error(NotFound) without the system users.
std::vector<WrongRight> list_wrong_rights(const std::filesystem::path& site, std::size_t most);

struct RightsSet {
    std::int64_t looked_at = 0, changed = 0;
    std::vector<std::string> refused;  ///< files with several names: whoever made the other name would get rights on it
};
/// Sets them, for root, while the services are stopped. Follows no link. Throws Error(NotFound) without the system
/// users, Error(NotAllowed) when the caller is not root.
RightsSet set_rights(const std::filesystem::path& site);

}  // namespace flow
