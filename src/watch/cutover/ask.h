// Asks one server by its address for one path of a name, whatever DNS says. Bodies are bounded: what is longer is
// hashed up to the bound and not kept.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "ground/sys/http_client.h"
#include "watch/cutover/compare.h"
#include "watch/cutover/plan.h"

namespace cutover {

/// One server, with connections of its own: one client for both would take the one's connection for the other, since
/// they have the same name.
class AskedServer {
  public:
    AskedServer(Endpoint endpoint, std::string ca_file, std::chrono::milliseconds patience);

    /// Follows redirects within `names` on this server, to see whether they end; the answer is the first one.
    Answer ask(std::string_view name, std::string_view path, const std::vector<std::string>& names);
    /// Of the certificate it shows for that name: why it cannot be trusted ("" = it can), and until when it is good.
    struct Certificate {
        bool is_asked = true;  ///< false: plain HTTP has none
        std::string problem;
        std::optional<base::Instant> until;
    };
    Certificate look_at_certificate(std::string_view name);

    const Endpoint& endpoint() const { return endpoint_; }

  private:
    Answer ask_once(std::string_view name, std::string_view path);

    Endpoint endpoint_;
    std::string ca_file_;
    std::chrono::milliseconds patience_;
    sys::HttpClient client_;
};

}  // namespace cutover
