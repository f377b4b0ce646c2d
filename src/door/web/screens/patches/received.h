// Files that the city handed over (packages.record, written by `yakuba packages record`) as the patches' screens show
// them: what nobody has begun to decide on, and by what name one goes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace web {

struct ReceivedPackage {
    std::string key;   ///< "1a2b...": the subject is "package:1a2b..."
    std::string name;  ///< "nginx 1.22.1-9", else the file's name
    std::string from;
    base::Instant at;
};
constexpr std::size_t kMostReceived = 100;  ///< as many as one correction may answer

/// Of the last 400 days, newest first; at most kMostReceived.
std::vector<ReceivedPackage> list_undecided(sys::Reader& db, base::Instant now);
std::optional<ReceivedPackage> find_received(sys::Reader& db, std::string_view key);

}  // namespace web
