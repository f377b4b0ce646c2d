// One line of an access log in the combined format of Apache and nginx, with the time that the answer took as an
// optional last field, as our own server writes it:
//
//     192.0.2.7 - - [22/Nov/2026:17:50:28 +0900] "GET /kurashi/ HTTP/1.1" 200 5120 "-" "Mozilla/5.0" 0.003
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ground/base/time.h"

namespace logs {

struct Access {
    std::string_view address;
    base::Instant at;                 ///< by the zone that the line names
    std::string_view method, target;  ///< as they are written, with their escapes; empty when the request was garbled
    int status = 0;
    std::uint64_t bytes = 0;
    std::string_view referrer, agent;  ///< "" for "-"
    std::optional<double> seconds;
};

/// Parts of `line`; nothing when it is no such line.
std::optional<Access> read_access_line(std::string_view line);

/// "22/Nov/2026:17:50:28 +0900", of any zone; nothing when `text` is no such time.
std::optional<base::Instant> read_access_time(std::string_view text);
/// "22/Nov/2026:17:50:28 +0900", Japanese time.
std::string access_time(base::Instant at);
/// The line, without its end. Quotes, backslashes and control characters are written \xHH as nginx does, so that no
/// request can forge a line.
void append_access_line(std::string& to, const Access& access);

}  // namespace logs
