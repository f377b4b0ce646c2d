// Everything for a successor who does not have this program: the public tree, every page with its history, files,
// people, records and the signed releases, in formats that any tool reads, with a README in Japanese and English.
// Secrets (passwords, second factors, sessions, keys, passwords of other servers) stay here.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ground/base/time.h"

namespace flow {

class Site;

struct HandedOver {
    std::int64_t release = 0;
    std::int64_t files = 0;  ///< in the folder, all together
    std::int64_t bytes = 0;
    std::map<std::string, std::int64_t> counts;  ///< "pages", "revisions", "public", and each table's rows
    std::vector<std::string> missing;            ///< what could not be handed over, with the reason
    double seconds = 0;
};

struct HandOverOptions {
    std::function<void(std::int64_t done, std::int64_t total)> progress;  ///< pages, then public files
    std::function<bool()> is_stopped;                                     ///< asked between items
};

/// Writes `target`, which must not exist or be empty. It is made in `target`.partial and renamed when it is whole; what
/// an earlier call left there unfinished is removed. What the database says is of one moment, and the public tree is
/// the release of that moment. An object that is damaged or gone is listed in `missing`; all else is handed over.
/// Throws Error(Conflict) when the folder holds something, base::Interrupted, Error(NotFound) before the first
/// publication.
HandedOver hand_over_site(Site& site, const std::filesystem::path& target, const HandOverOptions& options = {});

/// The tables that no part of the handover names, with the reason: derived, passing, or secret. A test holds this and
/// the extracts of the rooms against the schema.
std::map<std::string, std::string> tables_not_handed_over();

}  // namespace flow
