#include "ground/sys/password_cost.h"

namespace sys {

/// OWASP's Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes.
PasswordCost password_cost() {
    return {.passes = 2, .memory = 19U * 1024 * 1024};
}

}  // namespace sys
