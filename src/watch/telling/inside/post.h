// Posting JSON to an address of the on-call table; for the two webhook channels.
#pragma once

#include <string>
#include <string_view>

#include "watch/telling/channel.h"

namespace telling {

/// "https://..." (http:// on loopback alone), or "@file".
std::string find_url_fault(std::string_view target);
/// Follows no redirect. 2xx is Sent; 408, 429, 5xx and no answer are Later; everything else is Never.
Reply post_json(const Outgoing& message, const Means& means, std::string body);

}  // namespace telling
