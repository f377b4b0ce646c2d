// The on-call table changed from the office's screen. A row may run a program of the server or post to an address,
// which is for whoever runs the machine; so the screen adds, changes and removes rows of mail and of the screen alone,
// and every other row stays as it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/people/model.h"
#include "watch/telling/on_call.h"

namespace flow {

/// The rows of the file, as text, and the version to change them from.
struct OnCallTable {
    std::vector<std::string> lines;
    std::string version;
};
OnCallTable load_on_call(const Site& site);

bool may_change_on_screen(const telling::Duty& duty);

/// Puts `wanted` at `index` of the table (at its end when that is its length), or takes the row away when there is
/// none. The watch takes it up within seconds. Throws Error(BadInput): the row cannot be read or is not the screen's to
/// change; Error(Conflict): the table was changed meanwhile.
void change_on_call(Site& site, std::size_t index, const std::optional<telling::Duty>& wanted, std::string_view version,
                    const people::By& by);

}  // namespace flow
