// Memory for the bodies of kept replies that the kernel sends without copying: one file in memory (memfd), from which
// sendfile lends its pages to the network. Each body has a place of its own, which is given back by a hole: its pages
// live on while the network still holds them, and a place is never written twice, so nothing under way can change.
// Leaves out limits: the cache above counts its bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "ground/http/message.h"

namespace http {

class Shelf {
  public:
    /// Below this, copying costs less than the second call that sendfile needs.
    static constexpr std::size_t kSmallest = 4096;

    Shelf();
    /// The body's place, given back with the last copy; one without a file when the body is small or the kernel
    /// refuses.
    FileBody put(std::string_view bytes);

  private:
    std::shared_ptr<const sys::Descriptor> memory_;
    std::mutex mutex_;
    std::uint64_t end_ = 0;  ///< places grow upwards for ever; only what is kept has pages
};

}  // namespace http
