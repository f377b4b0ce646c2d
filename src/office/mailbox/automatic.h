// Was a mail written by a program? Whoever answers such a mail by a program begins a loop. What standards say (RFC
// 3834, 3464, 5230) and what mailers in use do, in Japanese too. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mailbox {

/// The value of a header field, decoded, unfolded; empty: there is none.
using Field = std::function<std::string(std::string_view name)>;

/// Why: "auto-submitted", "precedence", "bounce", "list", "loop", "sender", "subject"; empty: a person wrote it.
std::string why_automatic(const Field& field);

}  // namespace mailbox
