// What stands at a path where a page was: the way to its new place, or word that it is gone for good.
#pragma once

#include <optional>
#include <string>

#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace content {

struct Redirect {
    std::string path;
    int status = 301;      ///< 301, 302; 410 = gone
    std::string location;  ///< "/kurashi/new.html" or an http(s) address; empty for 410
    base::Instant made_at;
};

/// Throws Error(BadInput) when status and location do not fit each other.
void put_redirect(sys::Transaction& tx, const Redirect& redirect);
bool remove_redirect(sys::Transaction& tx, std::string_view path);
std::optional<Redirect> find_redirect(sys::Reader& db, std::string_view path);

}  // namespace content
