// What the commands on backups share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "door/cli/command.h"
#include "flow/backup_site.h"

namespace cli {

/// A site as backups see it: without the office's database.
struct BackupSite {
    explicit BackupSite(const Invocation& invocation);

    flow::Folders folders;
    settings::Settings settings;
    std::unique_ptr<sys::Database> watch;
    flow::BackupPlace place;
    std::string by;  ///< who acts from the shell, in the ledger

    /// Those that --repository names; all without it. Throws Error(NotAllowed) that names `backup key` when none is set
    /// up.
    std::vector<std::string> repositories(const Invocation& invocation) const;
    /// What they hold, newest first.
    std::vector<backup::Run> held(const std::vector<std::string>& repositories) const;
};

boost::json::object as_json(const backup::Run& run);
boost::json::array as_json(const std::vector<backup::Run>& runs);
std::string as_line(const backup::Run& run);

}  // namespace cli
