// 研修報告書: one session as a document for the client.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "flow/site.h"

namespace flow {

/// Makes it (a new version each time) and returns the path of its screen. Throws Error(Conflict) before the session was
/// held, and what make_document throws.
std::string make_training_report(Site& site, std::int64_t session, std::string_view by);

}  // namespace flow
