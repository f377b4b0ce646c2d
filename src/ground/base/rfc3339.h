// Times as other programs write them.
#pragma once

#include <optional>
#include <string_view>

#include "ground/base/time.h"

namespace base {

/// RFC 3339 with any fraction and any offset, and ISO 8601's offset without a colon:
/// "2026-11-22T09:00:00.123456+09:00",
/// "...+0900", "...Z". Nothing for what comes before 1970, as Go's zero time.
std::optional<Instant> find_rfc3339(std::string_view text);

}  // namespace base
