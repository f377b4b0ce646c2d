// 訪問資料: what the site's own data says since the last visit, as a document: how much is public and how much of it is
// stale, what the checks find, which links lead nowhere, what is read most, which addresses visitors ask for in vain,
// what was proposed, and what watched sources have said. Its figures are kept with the visit, so that the next one
// compares.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "flow/site.h"

namespace flow {

/// Makes it (a new version each time) and returns the path of its screen. Checks no more than 300 pages, for no
/// more than half a minute, looks as long for links that lead nowhere, counts no more than 64 MB of the access log and
/// reads pages for the words searched for in vain for no more than a minute, which the document says. Throws what
/// make_document throws.
std::string make_dossier(Site& site, std::int64_t visit, std::string_view by);

}  // namespace flow
