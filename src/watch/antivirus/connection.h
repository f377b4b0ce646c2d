// A stream socket, Unix or TCP, with one end to all its waits. For one exchange.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "ground/sys/dial.h"

namespace antivirus {

class Connection {
  public:
    /// problem() says why it did not come about.
    Connection(const std::string& address, std::chrono::milliseconds patience);
    const std::string& problem() const { return problem_; }  ///< Japanese; empty while all is well
    /// False when the other side closed, or the time ran out; what it said before may still be read.
    bool write(std::string_view bytes);
    /// Up to and without the NUL that ends an answer. Nothing when it does not come in time, is cut, or is above 4 KB.
    std::optional<std::string> read_answer();

  private:
    bool wait(short events);

    sys::Deadline deadline_;
    sys::Descriptor socket_;
    std::string problem_;
};

}  // namespace antivirus
