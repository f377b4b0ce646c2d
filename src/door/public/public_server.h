// The public web server of a site without nginx: serves the document root by the newest release. Knows no database and
// no secret. A file that no release knows is not served, so what somebody slips into the document root reaches no
// visitor.
#pragma once

#include <memory>
#include <string>

#include "ground/settings/settings.h"

namespace door {

class PublicServer {
  public:
    /// Throws Error(NotFound) when `site` is no site directory.
    PublicServer(const std::filesystem::path& site, const settings::Settings& settings);
    ~PublicServer();
    /// Listens. Throws Error(Unavailable) when the address cannot be had.
    void start();
    std::string url() const;
    /// Follows the release log; to be called about once a second.
    void refresh();
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace door
