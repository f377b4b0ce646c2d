// What a password's hash costs who guesses it, and every test that signs somebody in. The programs are linked with
// password_cost/full.cc; the unit tests, which spent a tenth of their time in it, with password_cost/low.cc.
#pragma once

#include <cstddef>

namespace sys {

struct PasswordCost {
    unsigned long long passes;
    std::size_t memory;  ///< bytes
};

PasswordCost password_cost();

}  // namespace sys
