// What a password must be, making first ones, and argon2id behind a gate: each hash takes 19 MiB and 25 ms of a core,
// so a crowd at the door would otherwise take the machine's memory.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace people {

/// Length does more than rules about kinds of characters (NIST SP 800-63B 5.1.1.2); some contracts ask for the kinds
/// all the same.
struct PasswordPolicy {
    int shortest = 10;  ///< characters
    int kinds = 0;      ///< how many of lower, upper, digit and sign must occur: 0-4
};

struct PasswordFault {
    std::string ja;
    std::string en;
};

/// What is wrong with `password` for this account; nothing when it will do. Refused besides the policy: over 256
/// characters, the login name in it or itself in the login name, one of the common ones, one character or a run
/// repeated ("aaaaaaaaaa", "1234567890"), text that is not UTF-8.
std::optional<PasswordFault> find_fault(std::string_view password, std::string_view login_name,
                                        const PasswordPolicy& policy);

/// A first password: 16 letters and digits in fours, without those that look alike ("mk7r-t3xa-qpz9-hw4n"): 79 bits.
std::string make_password();

/// At most `places` are inside at a time.
class Gate {
  public:
    explicit Gate(int places) : free_(places) {}
    class Pass {
      public:
        explicit Pass(Gate& gate) : gate_(&gate) {}
        Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        ~Pass();

      private:
        Gate* gate_;
    };
    /// Waits for a place. Throws Error(Unavailable) when there is none within `patience`.
    Pass enter(std::chrono::milliseconds patience);

  private:
    std::mutex mutex_;
    std::condition_variable has_room_;
    int free_;
};

/// The hash to store. Waits at the gate of this process (4 at a time) for at most 10 s, then Error(Unavailable).
std::string hash_new_password(std::string_view password);
/// Compares with a stored hash; with an empty one takes the same time and says no, so that a stranger cannot tell by
/// the time which names exist. Waits at the same gate.
bool is_right_password(std::string_view password, std::string_view stored);

}  // namespace people
