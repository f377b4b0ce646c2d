// A file that a person sends, before it is kept: the content rules look at it, and the virus scanner when the settings
// name one. It fails closed: a scanner that cannot be asked lets nothing in.
#pragma once

#include <string_view>

#include "flow/site.h"
#include "ground/settings/settings.h"

namespace flow {

/// Where a file comes from. What anybody in the world can send must not ring the on-call's telephone, nor name the
/// anomaly.
enum class Sender { Staff, OutsideMail };

/// Throws Error(BadInput) with what was found and what to do, Error(Unavailable) when the scanner of the settings gave
/// no verdict. Findings below "serious" let the file in. `name` is the sender's file name.
void screen_upload(const settings::Settings& settings, std::string_view bytes, std::string_view name);

/// The same, and a refusal is recorded: a ledger line (upload.refuse) and, for what was found in the file, an anomaly.
/// `by` as the ledger has it ("person:12").
void screen_upload(Site& site, std::string_view bytes, std::string_view name, std::string_view by,
                   Sender sender = Sender::Staff);

}  // namespace flow
