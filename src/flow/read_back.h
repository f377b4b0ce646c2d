// After a publication: does the public server really answer what was published? Fetches the changed paths over HTTP and compares; the
// outcome stands on the receipts. Off the way of the visitor and of the next publication.
#pragma once

#include <string>

#include "flow/site.h"
#include "ground/sys/http_client.h"

namespace flow {

/// Reads back one release that is placed but not checked, the oldest first. `base_url` is where the site is served, "http://127.0.0.1:8081/".
/// True when one was checked. A server that cannot be reached leaves the release unchecked, for the next call.
bool read_back(Site& site, sys::HttpClient& client, const std::string& base_url);

}  // namespace flow
