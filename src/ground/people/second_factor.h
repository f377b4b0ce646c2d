// The second factor: time-based codes (RFC 6238: SHA-1, 6 digits, 30 s) from an app, and recovery codes on paper.
// Secrets are encrypted at rest with keys/office.key and bound to their person; a code is accepted one step early or
// late and never twice, also when two servers are asked at once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/people/accounts.h"

namespace people {

/// The 32 bytes of keys/office.key; made on the first call, which is `site init`'s. Throws Error(Damaged) when the file
/// has another length.
std::string load_office_key(const std::filesystem::path& file);

struct Enrolment {
    std::string secret;  ///< base32, to type
    std::string uri;     ///< otpauth://totp/..., for the QR code
};
/// Makes a new secret for the person; it counts once `confirm_second_factor` has seen a code from it. An earlier
/// confirmed one stays in force until then.
Enrolment begin_second_factor(sys::Transaction& tx, PersonId person, std::string_view issuer,
                              std::string_view office_key, const By& by);
/// The recovery codes ("ABCD-EFGH-JKLM-NPQR", ten), shown this once, when `code` is right; else nothing. Other sessions
/// than `keep_session` end.
std::optional<std::vector<std::string>> confirm_second_factor(sys::Transaction& tx, PersonId person,
                                                              std::string_view code, std::string_view office_key,
                                                              const By& by, std::string_view keep_session = {});
bool has_second_factor(sys::Reader& db, PersonId person);
/// An administrator takes it away when the phone is lost; all sessions end.
void remove_second_factor(sys::Transaction& tx, PersonId person, const By& by);
int count_recovery_codes(sys::Reader& db, PersonId person);

/// Takes a code of the app or a recovery code: true once for each.
bool take_code(sys::Transaction& tx, PersonId person, std::string_view code, std::string_view office_key, const By& by);

// --- the pure part

/// The step of `code` when it is right for `secret` (raw bytes) at `now` or one step to either side.
std::optional<std::int64_t> find_step(std::string_view secret, std::string_view code, base::Instant now);
/// The code that an app shows at `at`.
std::string code_at(std::string_view secret, base::Instant at);

}  // namespace people
