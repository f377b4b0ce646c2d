// Keeps the file public.nginx_config as the newest release and the settings want it, so that redirects and charsets
// that authors change reach nginx without an operator; who reloads nginx is a path unit (docs/handbook/operating.md).
// Off the way of the visitor: after placement, when the press has nothing else to do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "flow/site.h"
#include "ground/release/follow.h"

namespace flow {

class NginxConfigKeeper {
  public:
    explicit NginxConfigKeeper(Site& site) : site_(site) {}

    /// Writes the file, whole by a rename, when its text has to be another. True when it was written. Nothing happens
    /// without the setting. What goes wrong is logged, once, and tried again at the next call.
    bool work();

  private:
    bool bring_up_to_date();

    Site& site_;
    std::unique_ptr<release::Follower> follower_;
    std::int64_t written_ = -1;  ///< the release that the file is of; -1 = not looked at yet
    std::string complaint_;
};

}  // namespace flow
