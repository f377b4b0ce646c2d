// Which addresses a crawl goes to: each resource once, by its public path, and for each that it does not go to, why,
// and which pages link there. Knows nothing of threads and the network.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "press/intake/address.h"
#include "press/intake/robots.h"
#include "press/intake/source.h"

namespace intake {

/// A resource: one public path, and the addresses that mean it ("/a/" and "/a/index.html").
struct Goal {
    std::string path;
    std::vector<Address> addresses;
    std::size_t tried = 0;  ///< of them
    int distance = 0;       ///< links from the start
    bool is_sitemap = false;
    bool is_guess = false;                 ///< nobody links to it
    std::vector<std::string> linked_from;  ///< public paths, the first few
    std::string failure;                   ///< why it could not be taken; "" = it could, or is under way
    const Address& address() const { return addresses[tried]; }
};

enum class Seen { Link, Sitemap, Guess };

class Frontier {
  public:
    Frontier(Address start, const Bounds& bounds, int link_depth, Robots robots)
        : start_(std::move(start)),
          prefix_(start_.path.substr(0, start_.path.rfind('/') + 1)),
          bounds_(bounds),
          link_depth_(link_depth),
          robots_(std::move(robots)) {}

    /// Something leads to `address`: the page at the public path `from` ("" = we came by ourselves).
    /// Throws Error(BadInput) when there are more than Bounds::files.
    void see(Address address, const std::string& from, int distance, Seen how);
    /// The next one to fetch; nothing when all are fetched or under way.
    Goal* take();
    /// The goal's present address did not do; another of its addresses is tried, if there is one.
    void fail(Goal& goal, std::string reason);
    /// `goal`'s address leads to another one of the same resource, which is tried next. False when it has been already.
    bool go_on_at(Goal& goal, const Address& address);
    void finish(Goal&) { ++finished_; }

    std::int64_t known() const { return static_cast<std::int64_t>(goals_.size()); }
    std::int64_t finished() const { return finished_; }
    const Goal* find(const std::string& path) const;
    bool is_inside(const Address& address) const {
        return address.origin() == start_.origin() && address.path.starts_with(prefix_);
    }
    void append_skipped(std::vector<Skipped>& to) const;

  private:
    std::optional<std::string> find_refusal(const Address& address, const std::optional<std::string>& path,
                                            int distance) const;
    void refuse(const Address& address, const std::string& from, std::string reason);

    struct Refused {
        std::string path, reason;
        std::vector<std::string> linked_from;
    };
    Address start_;
    std::string prefix_;
    const Bounds& bounds_;
    int link_depth_;
    Robots robots_;
    std::unordered_map<std::string, std::unique_ptr<Goal>> goals_;  ///< by public path
    std::deque<Goal*> waiting_;
    std::unordered_map<std::string, Refused> refused_;  ///< by address
    std::int64_t unlisted_ = 0;
    std::int64_t finished_ = 0;
};

}  // namespace intake
