// A file for a record of the desk: screened, kept as an object, named by a row, told to the ledger (record.attach).
#pragma once

#include <string>
#include <string_view>

#include "flow/screen_upload.h"
#include "flow/site.h"
#include "office/records/store.h"

namespace flow {

constexpr std::size_t kLargestAttachment = 20U << 20U;

/// Throws Error(BadInput): empty, too large, or what screen_upload found; Error(Unavailable) as screen_upload does.
records::File attach_file(Site& site, std::string_view subject, std::string_view name, std::string_view bytes,
                          std::string_view by);
/// The two halves, for an act that writes its own line: bytes before the transaction, the row within it.
records::NewFile keep_file(Site& site, std::string_view subject, std::string_view name, std::string_view bytes,
                           std::string_view by, Sender sender = Sender::Staff);

}  // namespace flow
