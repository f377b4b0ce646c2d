// Signing in: name and password, then what else the rules ask for, then a session. Guessing is slowed by account and by
// address in the database, so that several servers count together, and each try is counted before it is judged, so that
// many at once gain nothing. Passwords are checked outside transactions; names that do not exist take as long as
// others.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ground/people/authenticator.h"
#include "ground/people/networks.h"
#include "ground/people/passwords.h"
#include "ground/people/sessions.h"

namespace people {

/// How long one waits after so many failures: `free` tries cost nothing; then `first`, doubling with each failure up to
/// `longest`.
struct Waits {
    int free = 5;
    std::chrono::seconds first{30};
    std::chrono::seconds longest{3600};
    std::chrono::seconds after(int failures) const;
};

struct SignInPolicy {
    SessionLimits sessions;
    PasswordPolicy passwords;
    Waits by_account{5, std::chrono::seconds(30), std::chrono::seconds(3600)};
    Waits by_address{60, std::chrono::seconds(30), std::chrono::seconds(3600)};  ///< an office may share one address
    std::chrono::hours forget_after{24};  ///< failures that are older no longer count
    std::set<Role> factor_roles;          ///< whoever holds one of these needs a second factor ...
    std::vector<Network> trusted;         ///< ... except from here
    std::string issuer = "Yakuba";        ///< the name in the app
};

/// What signing in works with. The doors make one at start.
struct SignInDesk {
    sys::Database& db;
    const base::Clock& clock;
    SignInPolicy policy;
    std::string office_key;
    std::vector<std::unique_ptr<Authenticator>> authenticators;
};

struct Peer {
    Address address;
    std::string agent;
};

struct SignedIn {
    std::string token;  ///< for the cookie
    Session session;
};
/// `token` is the cookie of an unfinished session; it is exchanged for another when the step is done.
struct NeedSecondFactor {
    std::string token;
};
struct NeedEnrolment {
    std::string token;
};
struct NeedPasswordChange {
    std::string token;
};
struct Refused {
    enum class Reason {
        Wrong,        ///< name or password (or unknown, locked, left: not told apart here, only in the log)
        Waiting,      ///< too many failures: not before `again_at`
        WrongCode,    ///< of the second factor
        Expired,      ///< the unfinished session is over: start again
        Unavailable,  ///< the directory cannot be reached; local accounts still work
        Unfit         ///< the new password: see the messages
    } reason = Reason::Wrong;
    base::Instant again_at;
    std::string message_ja;
    std::string message_en;
};
using SignInResult = std::variant<SignedIn, NeedSecondFactor, NeedEnrolment, NeedPasswordChange, Refused>;

SignInResult sign_in(SignInDesk& desk, std::string_view login_name, std::string_view password, const Peer& peer);
/// The code of the app, or a recovery code.
SignInResult give_second_factor(SignInDesk& desk, std::string_view token, std::string_view code, const Peer& peer);
/// After begin_second_factor for the unfinished session's person: the code that confirms it. `recovery_codes` are for
/// the screen that follows, this once.
SignInResult finish_enrolment(SignInDesk& desk, std::string_view token, std::string_view code, const Peer& peer,
                              std::vector<std::string>& recovery_codes);
/// The new password of a first sign-in.
SignInResult give_new_password(SignInDesk& desk, std::string_view token, std::string_view password, const Peer& peer);

/// The password again before a sensitive act: true sets the session's `proved_at` to now. Counts as a try.
SignInResult prove_again(SignInDesk& desk, std::string_view token, std::string_view password, const Peer& peer);
/// A person changes their own password; other sessions end. The old one is asked for and counts as a try.
SignInResult change_own_password(SignInDesk& desk, std::string_view token, std::string_view old_password,
                                 std::string_view new_password, const Peer& peer);

/// An administrator ends the waiting of an account. Person 0 in `by` is the command line's.
void unlock(sys::Transaction& tx, std::string_view login_name, const By& by);
/// The same for an address, which an office may share.
void unlock(sys::Transaction& tx, const Address& address, const By& by);
/// When the account may try again; nothing when it may now.
std::optional<base::Instant> find_waiting(sys::Reader& db, std::string_view login_name, const SignInPolicy& policy,
                                          base::Instant now);

}  // namespace people
