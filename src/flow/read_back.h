// After a publication: does the public server really answer what was published? Fetches the changed paths over HTTP and
// compares; the outcome stands on the receipts. To be called on a thread of its own.
#pragma once

#include <functional>
#include <string>

#include "flow/site.h"
#include "ground/sys/http_client.h"

namespace flow {

/// Reads back one release that is placed but not checked, the oldest first. `base_url` is where the site is served,
/// "http://127.0.0.1:8081/". True when one was checked. A server that cannot be reached leaves the release unchecked,
/// for the next call; one that is slow or wrong costs at most about half a minute. `is_stopped` is asked between paths.
bool read_back(Site& site, sys::HttpClient& client, const std::string& base_url,
               const std::function<bool()>& is_stopped);

}  // namespace flow
