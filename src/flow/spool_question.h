// Questions that come in while the office may be down: kept as files in the folder desk-spool of the site, one each,
// and taken in by the office when it is there. Needs neither database. The folder is bounded; a full one refuses.
#pragma once

#include <string>

#include "flow/site.h"
#include "ground/settings/settings.h"
#include "office/helpdesk/spooled.h"

namespace flow {

constexpr std::size_t kMostSpooled = 500;

/// Returns the file's name, by which the sender may speak of it. Throws Error(BadInput): something is missing or too
/// long; Error(Unavailable): the folder is full or cannot be written.
std::string spool_question(const Folders& folders, const helpdesk::SpooledQuestion& asked);

/// Takes in what is there, the oldest first; a file goes when its question is in the database. One that cannot be read
/// is put aside (".bad"). Returns the number that was taken.
int take_spooled(Site& site);
/// Files that wait, and since when the oldest has.
struct SpoolState {
    std::size_t waiting = 0, bad = 0;
    std::optional<base::Instant> oldest;
    bool is_unreadable = false;  ///< the folder is there and cannot be listed
};
SpoolState look_at_spool(const Folders& folders);

}  // namespace flow
