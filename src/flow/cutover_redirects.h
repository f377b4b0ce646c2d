// Pages that the new site does not have at their old path: where they could be, and a redirect there put into the site.
#pragma once

#include <map>
#include <string>

#include "flow/site.h"
#include "watch/cutover/store.h"

namespace flow {

/// Where an old path's page could be now: a public path of the newest release that differs by its ending or its case
/// only, or the one that has its file name.
class RedirectProposer {
  public:
    /// Without a release it proposes nothing.
    explicit RedirectProposer(const Folders& folders);
    /// "/kurashi/gomi/"; "" when nothing fits or several do.
    std::string find(std::string_view old_path) const;

  private:
    std::map<std::string, std::string> by_form_, by_name_;  ///< plain form => path; "" = several
};

/// Puts a redirect from `old_path` to `location` into the site; the press publishes it. Throws Error(Conflict) when a
/// page, file or redirect stands there, when comparing did not find the path missing, and after the cutover;
/// Error(BadInput) for what is no path, one that leads to itself, or neither the finding's proposal nor a path here.
void take_over_redirect(Site& site, std::string_view old_path, std::string_view location, const cutover::By& by);

}  // namespace flow
