// Judges refused sign-ins: one account tried again and again (guessing), one address that tries many accounts
// (spraying), many addresses at one account, and a sign-in that succeeds after all that. The locking is the sign-in
// desk's own; this tells people.
#pragma once

#include <string>

#include "ground/people/networks.h"
#include "watch/intrusion/bounded.h"
#include "watch/signals/signal.h"

namespace intrusion {

struct SignIn {
    base::Instant at;
    std::string address;
    std::string account;  ///< "person:12"; empty when there is none of that name
    bool is_success = false;
};

struct SignInLimits {
    double guesses = 10;        ///< at one account in ten minutes
    double address_tries = 20;  ///< of one address in ten minutes
    std::size_t accounts = 4;   ///< that one address has tried, in an hour
};

class SignInWatch {
  public:
    SignInWatch(SignInLimits limits, signals::Take take) : limits_(limits), take_(std::move(take)) {}
    void see(const SignIn& attempt);

  private:
    struct Account {
        Rate failures{std::chrono::minutes(10)};
        Distinct addresses{std::chrono::minutes(10)};
        base::Instant told;
    };
    struct Source {
        Rate failures{std::chrono::minutes(10)};
        Distinct accounts{std::chrono::hours(1)};
        base::Instant told;
    };
    void tell(const SignIn& attempt, std::string_view kind, std::string subject, signals::Severity severity,
              std::string text);

    SignInLimits limits_;
    signals::Take take_;
    Bounded<Account> accounts_{5'000};
    Bounded<Source> sources_{20'000};
};

}  // namespace intrusion
