// Requests that nobody makes by accident: one row a known attack, with what it looks like in a request that has been
// decoded, and samples of both sides for the tests.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace intrusion {

struct Signature {
    std::string_view id;          ///< "path-traversal": in signals; never changes
    std::string_view japanese;    ///< "フォルダの外のファイルを読もうとする要求"
    std::string_view needles[6];  ///< any of these, in lower case; "" = none
    std::string_view hit, miss;   ///< a target that it is, and an innocent one that looks like it
};

std::span<const Signature> all_signatures();

/// The target and the agent with percent forms decoded (twice, as evaders do), '+' as blank, in lower case.
std::string normalised(std::string_view text);
/// The first signature that the request shows; nothing when it is an ordinary one.
const Signature* find_attack(std::string_view target, std::string_view agent, std::string_view referrer);

}  // namespace intrusion
