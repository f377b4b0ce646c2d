// Brings a sealed release from the log to the document root, in this process or by the placer, the one process that may
// write there in production. Needs the public keys only. A record is placed when the key whose turn it is has signed it
// and it follows from the record before it: whoever has an old key, or an old record, brings nothing out.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "flow/site.h"
#include "ground/sys/local_socket.h"
#include "press/delivery/placer.h"

namespace flow {

/// Places release `number` of the log and syncs. Throws Error(Damaged) when the record is not to be relied on,
/// Error(Conflict) when a later one is public already.
delivery::Placement place_release(const PublicSide& side, const objects::Store& objects, std::int64_t number);
/// Brings these paths (bytes) to what they are in release `number`, the newest: for what was left or has been damaged.
delivery::Placement repair_paths(const PublicSide& side, const objects::Store& objects, std::int64_t number,
                                 std::span<const std::string> paths);

/// The same by the placer if one listens, else here.
delivery::Placement place_or_ask(const PublicSide& side, const objects::Store& objects, std::int64_t number);
delivery::Placement repair_or_ask(const PublicSide& side, const objects::Store& objects, std::int64_t number,
                                  std::span<const std::string> paths);

/// Where the placer listens: run/placer.sock.
std::filesystem::path socket_of_placer(const Folders& folders);

class Healer;

/// The placer's service: answers there until it goes. Requests are lines: "place 12", "repair 12 kurashi/a.html
/// b%20c.html", "heal <JSON>" (heal_tree.h).
class PlacerService {
  public:
    explicit PlacerService(const std::filesystem::path& site);
    ~PlacerService();

  private:
    std::string answer(const std::string& request);

    std::filesystem::path site_;
    std::unique_ptr<objects::Store> objects_;
    std::unique_ptr<Healer> healer_;
    sys::LocalServer server_;
};

}  // namespace flow
