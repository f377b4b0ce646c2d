// Whole copies of an object that the disk has damaged here: where they may be, and in which order those places are
// asked. The guard asks when a public file's object is damaged, the nightly reading when any object is; both ask alike.
#pragma once

#include "flow/guard_site.h"
#include "flow/site.h"
#include "ground/release/record.h"

namespace flow {

using ObjectSources = std::vector<std::pair<std::string, ObjectSource>>;

/// Backups, then the servers that the settings name. `clock` must outlive them.
ObjectSources object_sources(const Folders& folders, const settings::Settings& settings, const base::Clock& clock);

struct ObjectCopy {
    std::string place;  ///< "public", or a source's name
    std::string bytes;
};
/// The first copy that has the very bytes: the public file itself, then what `sources` have. `entry` is one of the
/// newest release with this object, if there is one. A place that cannot be asked is passed over and logged.
std::optional<ObjectCopy> find_object_copy(const Folders& folders, const ObjectSources& sources, const base::Hash& hash,
                                           const release::Entry* entry, const std::function<bool()>& is_stopped);

}  // namespace flow
