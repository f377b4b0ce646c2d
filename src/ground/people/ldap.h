// The city's directory (OpenLDAP, Active Directory) as an authenticator: a service account looks the person up, then a
// second connection binds as the entry that was found. Passwords travel only inside TLS (ldaps:// or StartTLS); plain
// ldap:// is refused except to the loopback. Referrals are not followed. Directory accounts must exist here too: the
// directory says who somebody is, the grants here say what that person may do.
#pragma once

#include <chrono>
#include <filesystem>

#include "ground/people/authenticator.h"

namespace people {

struct LdapSettings {
    std::string url;  ///< "ldaps://dc1.city.example", "ldap://..."; several, separated by blanks, are tried in order
    bool use_start_tls = false;     ///< with ldap://
    std::filesystem::path ca_file;  ///< the city's CA; empty = the system's
    std::string bind_dn;            ///< the service account; empty = look up anonymously
    std::string bind_password;
    std::string base_dn;  ///< "ou=staff,dc=city,dc=example"
    /// {name} stands for the login name, escaped (RFC 4515). Active Directory:
    /// "(&(objectClass=user)(sAMAccountName={name}))".
    std::string filter = "(&(objectClass=person)(uid={name}))";
    std::chrono::seconds patience{5};  ///< for each of the two connections, from its first packet to its last
};

class LdapAuthenticator final : public Authenticator {
  public:
    /// Throws Error(BadInput) on settings that cannot work or would send passwords in the clear.
    explicit LdapAuthenticator(LdapSettings settings);
    Source source() const override { return Source::Ldap; }
    ProofResult prove(std::string_view login_name, std::string_view password, std::string_view stored_hash) override;

    /// Tries the service account and the base, for `doctor`: empty when well, else what is wrong.
    std::string find_trouble() const;

  private:
    LdapSettings settings_;
};

/// `text` with the characters that mean something in a search filter as \XX (RFC 4515 section 3).
std::string escape_filter(std::string_view text);

}  // namespace people
