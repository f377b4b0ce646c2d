// Brings a sealed release from the log to the document root, in this process or by the placer, the one process that may
// write there in production. Needs the public key only: a record that is not signed is never placed.
#pragma once

#include <memory>
#include <string>

#include "flow/site.h"
#include "ground/sys/local_socket.h"
#include "press/delivery/placer.h"

namespace flow {

/// Places release `number` of the log and syncs. Throws Error(Damaged) when the record is not signed by a known key.
delivery::Placement place_release(const PublicSide& side, const objects::Store& objects, std::int64_t number);

/// The same by the placer if one listens, else here.
delivery::Placement place_or_ask(const PublicSide& side, const objects::Store& objects, std::int64_t number);

/// The placer's service: answers at <site>/run/placer.sock until it goes. Requests are lines: "place 12".
class PlacerService {
  public:
    explicit PlacerService(const std::filesystem::path& site);

  private:
    std::filesystem::path site_;
    std::unique_ptr<objects::Store> objects_;
    sys::LocalServer server_;
};

}  // namespace flow
