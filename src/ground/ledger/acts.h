// The acts that the ledger knows, with their wording for screens and reports. An id never changes once a line may carry
// it.
#pragma once

#include <span>
#include <string_view>

namespace ledger {

struct Act {
    std::string_view id;       ///< "page.submit": the thing, then what was done to it
    std::string_view wording;  ///< Japanese: "承認依頼"
};

/// To add an act, add its row in acts.cc.
std::span<const Act> all_acts();
/// The wording, or the id itself for an act that this version does not know (a newer version's line).
std::string_view act_wording(std::string_view id);
bool is_known_act(std::string_view id);

}  // namespace ledger
