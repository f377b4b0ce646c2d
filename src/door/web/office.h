// The office: the staff's screens over HTTP on the staff network, and beside it, on a port and so an origin of its own,
// the previews. Nothing of a session is in the memory of this process: any number of servers may stand on one database.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "door/web/static_files.h"
#include "door/web/views.h"
#include "flow/site.h"
#include "ground/http/cookie.h"
#include "ground/http/message.h"
#include "ground/people/sign_in.h"

namespace web {

/// What all requests share.
struct Office {
    Office(flow::Site& opened, const settings::Settings& settings);

    flow::Site& site;
    people::SignInDesk desk;
    StaticFiles statics;
    Views views;
    std::string public_url;  ///< the public site's address, without the slash at its end
    int preview_port = 0;
    bool is_training = false;  ///< each screen says so
};

struct OfficeOptions {
    bool shows_warnings = false;  ///< a value that a template misses is an error: for tests
};

class OfficeServer {
  public:
    /// `site` must outlive it; addresses are those of `settings.office`.
    OfficeServer(flow::Site& site, const settings::Settings& settings, const OfficeOptions& options = {});
    ~OfficeServer();
    void start();
    std::string url() const;          ///< "http://127.0.0.1:8080"
    std::string preview_url() const;  ///< of the other origin
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace web
