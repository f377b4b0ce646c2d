// A real mailbox (Debian's dovecot) on loopback, without TLS, for as long as the object lives: user "desk", password
// "secret". Runs as whoever runs the tests.
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include "ground/sys/files.h"

namespace mailbox::testing {

class Dovecot {
  public:
    Dovecot();
    ~Dovecot();
    Dovecot(const Dovecot&) = delete;
    Dovecot& operator=(const Dovecot&) = delete;

    std::string url() const;  ///< "imap://127.0.0.1:40123/INBOX"
    void deliver(std::string_view mail);
    /// Nobody answers until it is started again.
    void stop();
    void start();

  private:
    sys::TemporaryFolder folder_;
    int port_ = 0;
    int mails_ = 0;
    pid_t process_ = -1;
};

}  // namespace mailbox::testing
