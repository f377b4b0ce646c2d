// The files that nobody writes: sitemap, feeds, error pages, the theme's style sheets. Each kind is switched by a
// setting; "auto" makes them on a site that was made here, and never on one that was taken over, which stays byte for
// byte what it was until somebody switches them on.
#pragma once

#include <string>
#include <vector>

#include "ground/settings/settings.h"
#include "ground/sys/database.h"
#include "press/render/sight.h"

namespace flow {

struct Switches {
    bool sitemap = false, feeds = false, error_pages = false;
    bool styles = false;  ///< as soon as one page is made from a template
};
Switches find_switches(sys::Reader& db, const settings::Settings& settings);
render::SiteFacts facts_of(const settings::Settings& settings, const Switches& switches);

/// All sources of generated files, those of switched-off kinds too (they then yield nothing).
std::vector<std::string> list_generated(sys::Reader& db);

/// Marks what depends on the settings and switches, when these are others than at the last publication. Cheap when they
/// are not: the press calls it before each one.
void mark_settings_changes(sys::Database& database, const settings::Settings& settings, base::Instant at);

}  // namespace flow
