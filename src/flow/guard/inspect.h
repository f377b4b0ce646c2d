// The content rules over what was touched where no release says what should stand there: areas of another writer.
#pragma once

#include <filesystem>
#include <vector>

#include "flow/others.h"
#include "watch/signals/signal.h"

namespace flow {

/// Looks at those of `paths` (relative to the area's folder) that are regular files; the first `kMostInspected`. The
/// settings of `site` say whose hosts are the site's; without them only its rules that need none of that are of use.
std::vector<signals::Signal> inspect_touched(const std::filesystem::path& site, const Area& area,
                                             const std::vector<std::string>& paths, base::Instant now);
constexpr std::size_t kMostInspected = 2000;

}  // namespace flow
