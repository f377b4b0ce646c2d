// A real directory (Debian's slapd) on the loopback, with TLS by a CA of its own, for as long as the object lives:
//   cn=reader,dc=city,dc=example     password "service secret", may look people up
//   uid=yamada,ou=staff,...          password "hashi no ue no neko"
//   uid=twin,ou=staff,... and uid=twin,ou=other,...
#pragma once

#include <string>

#include <sys/types.h>

#include "ground/people/ldap.h"
#include "ground/sys/files.h"

namespace people::testing {

class TestDirectory {
  public:
    TestDirectory();
    ~TestDirectory();
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;

    enum class Way { Ldaps, StartTls, Plain };
    /// Settings that work.
    LdapSettings settings(Way way) const;
    /// A CA that signed nothing here.
    std::filesystem::path other_ca() const { return folder_.path() / "other.pem"; }

  private:
    void make_certificates() const;
    void start();
    sys::TemporaryFolder folder_;
    int port_ = 0;
    int tls_port_ = 0;
    pid_t process_ = -1;
};

/// A port of 127.0.0.1 that nobody uses.
int free_port();

}  // namespace people::testing
