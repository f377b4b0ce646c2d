#include "office/mailbox/testing/dovecot.h"

#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"

namespace mailbox::testing {

namespace {

namespace fs = std::filesystem;

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
}

bool answers(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool is_there = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return is_there;
}

/// Dovecot reads no mail as root.
const passwd& reader() {
    const passwd* found = ::geteuid() == 0 ? ::getpwnam("nobody") : ::getpwuid(::geteuid());
    if (found == nullptr) throw base::Error(base::Kind::Unavailable, "this user has no name");
    return *found;
}

}  // namespace

Dovecot::Dovecot() : port_(free_port()) {
    const passwd user = reader();
    const group* found = ::getgrgid(user.pw_gid);
    const std::string group = found != nullptr ? found->gr_name : "nogroup", name = user.pw_name;
    const std::string at = folder_.path().string();
    for (const char* folder : {"mail", "mail/desk", "mail/desk/new", "mail/desk/cur", "mail/desk/tmp"}) {
        fs::create_directories(folder_.path() / folder);
        if (::geteuid() == 0 && ::chown((folder_.path() / folder).c_str(), user.pw_uid, user.pw_gid) != 0)
            throw base::Error(base::Kind::Unavailable, "the mailbox cannot be given to nobody");
    }
    fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    sys::write_file(folder_.path() / "dovecot.conf", fmt::format(R"(base_dir = {0}/run
state_dir = {0}/state
log_path = {0}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{0}/mail/%u
default_internal_user = {1}
default_internal_group = {2}
default_login_user = {1}
first_valid_uid = 1
first_valid_gid = 0
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {3}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={1} gid={2} home={0}/mail/%u
}}
)",
                                                                 at, name, group, port_));
    start();
}

void Dovecot::start() {
    const std::string conf = (folder_.path() / "dovecot.conf").string();
    process_ = ::fork();
    if (process_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // it goes when the test is killed
        ::execl("/usr/sbin/dovecot", "dovecot", "-F", "-c", conf.c_str(), nullptr);
        ::_exit(127);
    }
    for (int i = 0; i < 500; ++i) {
        if (answers(port_)) return;
        if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    throw base::Error(base::Kind::Unavailable,
                      "dovecot does not start: " + sys::find_file(folder_.path() / "log").value_or(""));
}

void Dovecot::stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);  // it ends its own processes
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

Dovecot::~Dovecot() {
    stop();
}

std::string Dovecot::url() const {
    return fmt::format("imap://127.0.0.1:{}/INBOX", port_);
}

void Dovecot::deliver(std::string_view mail) {
    const fs::path file = folder_.path() / "mail/desk/new" / fmt::format("{:06}.test", ++mails_);
    sys::write_file(file, mail);
    const passwd user = reader();
    if (::geteuid() == 0 && ::chown(file.c_str(), user.pw_uid, user.pw_gid) != 0)
        throw base::Error(base::Kind::Unavailable, "the mail cannot be given to nobody");
}

}  // namespace mailbox::testing
