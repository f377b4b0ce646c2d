// The person stopped it: Ctrl+C, or a signal from the system. Not a fault: what was finished stays, nothing half-done
// is left, and the same call goes on or starts again. Told apart from errors, so that a full disk that shows itself
// while somebody presses Ctrl+C is still told as one.
#pragma once

#include "ground/base/error.h"

namespace base {

class Interrupted : public Error {
  public:
    explicit Interrupted(std::string message) : Error(Kind::Conflict, std::move(message)) {}
};

}  // namespace base
