// Suricata's EVE log: one JSON object a line, of which the alerts are taken. Severity 1 is the worst there; times carry
// their zone as +0000.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ground/base/time.h"
#include "watch/signals/signal.h"

namespace intrusion {

struct EveAlert {
    base::Instant at;
    std::string source, target;  ///< addresses
    int source_port = 0, target_port = 0;
    std::string signature, category;
    std::int64_t group = 0, number = 0;  ///< gid and sid of the rule
    int severity = 3;                    ///< 1 is the worst
    bool was_blocked = false;
    std::uint64_t flow = 0;
};

/// Nothing when the line is no alert, or no JSON.
std::optional<EveAlert> read_eve_line(std::string_view line);
/// The same alert read twice makes the same external id.
signals::Signal signal_of(const EveAlert& alert);

}  // namespace intrusion
