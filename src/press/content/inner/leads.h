// Where a link that an administrator types may lead.
#pragma once

#include <string_view>

namespace content {

/// A path of the site, or an address that can run no script.
inline bool may_lead_to(std::string_view url) {
    for (const std::string_view start : {"/", "http://", "https://", "mailto:", "tel:"})
        if (url.starts_with(start)) return !url.starts_with("//");
    return false;
}

}  // namespace content
