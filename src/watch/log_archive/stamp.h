// The time that a line of a log names, in the forms that servers write: the combined form of access logs, JSON lines
// with a time, ISO 8601, nginx's and Apache's error logs, and syslog, which names no year. Times without a zone are
// Japanese.
#pragma once

#include <optional>
#include <string_view>

#include "ground/base/time.h"

namespace log_archive {

/// `near` chooses the year where the line has none: the one that brings it nearest. Nothing when no time is found.
std::optional<base::Instant> stamp_of(std::string_view line, base::Instant near);

}  // namespace log_archive
