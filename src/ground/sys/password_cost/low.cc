#include "ground/sys/password_cost.h"

namespace sys {

PasswordCost password_cost() {
    return {.passes = 1, .memory = 64U * 1024};
}

}  // namespace sys
