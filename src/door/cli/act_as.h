// Who acts when people and structure are changed from the shell: whoever may run the program with the site's files may
// do everything, and the ledger says that it came from there.
#pragma once

#include <unistd.h>

#include "door/cli/command.h"
#include "ground/people/accounts.h"

namespace cli {

inline people::By by_shell(const Invocation& invocation) {
    return {{}, invocation.clock().now(), fmt::format("system:cli:{}", ::getuid())};
}

/// An actor with every role.
inline people::Actor shell_actor() {
    people::Actor actor;
    actor.name = "cli";
    actor.is_active = true;
    for (const people::Role role : people::kAllRoles) actor.standings.push_back({role, true, {}, "", {}});
    return actor;
}

/// Throws Error(NotFound) with what to do.
base::DepartmentId load_department_by_code(sys::Reader& db, std::string_view code);

}  // namespace cli
