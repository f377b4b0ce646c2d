// A question of the form, as a file holds it while the office may be down: a head, a line for each field, and the rest
// is the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ground/base/time.h"

namespace helpdesk {

struct SpooledQuestion {
    bool is_fault = false, is_urgent = false;
    std::string name, address, phone, title, text;
    base::Instant at;
};
constexpr std::size_t kLargestSpooled = 256U << 10U;  ///< bytes

/// No field but the text holds a line feed.
std::string write_spooled(const SpooledQuestion& asked);
/// Nothing when it is none.
std::optional<SpooledQuestion> read_spooled(std::string_view bytes);

}  // namespace helpdesk
