// A setting changed from the office's screen: one line of yakuba.toml, everything else byte for byte as it was. Which
// settings are the screen's to change is decided here: where the service listens, where data are kept and what opens
// doors stays with whoever runs the machine, because a slip there shuts everybody out, the screen included.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "flow/site.h"
#include "ground/people/model.h"
#include "ground/settings/keys.h"

namespace flow {

/// Why the key is not changed on the screen, for the person there; nothing when it is.
std::optional<std::string_view> find_fixed_reason(const settings::Key& key);

/// The file as it is now (the running program has read it at its start), and a version to change it from.
struct SettingsFile {
    std::string text;
    std::string version;
};
SettingsFile load_settings_file(const Site& site);

/// Writes the value in place and then the ledger line with the old and the new one; when that cannot be written, the
/// file goes back to what it was. Throws Error(BadInput): the key is not for the screen, the value outside its limits;
/// Error(Conflict): the file has another version by now, or somebody else is writing it.
void change_setting(Site& site, std::string_view key, const settings::Value& value, std::string_view version,
                    const people::By& by);

/// The same for a key that is not for the screen as such, by a flow that has judged the value itself.
void write_setting(Site& site, std::string_view key, const settings::Value& value, std::string_view version,
                   const people::By& by);

}  // namespace flow
