// Fetching mail from a mailbox by IMAP (libcurl): which mails are new, how large each is, and their bytes. Nothing is
// deleted there. Bounded in time and size; what the server says is kept out of messages but for its last line.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mailbox {

enum class Tls {
    Auto,      ///< demanded when there is a password to send to another machine
    Required,  ///< never without
    None
};

struct Server {
    std::string url;  ///< "imaps://mail.city.example/INBOX", "imap://127.0.0.1:1143/INBOX"; without folder: INBOX
    std::string user, password;
    std::string ca_file;
    Tls tls = Tls::Auto;
    std::chrono::seconds patience{60};  ///< for one command
};

struct Entry {
    std::int64_t uid = 0;
    std::int64_t bytes = 0;
};

/// One connection. Every call throws Error(Unavailable) with a Japanese sentence fit for a screen: the server is away,
/// slow, refuses the name or password, or cannot be trusted.
class Mailbox {
  public:
    Mailbox(const Server& server, std::function<bool()> is_stopped = {});
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Names the numbering of the mailbox: with another one all uids mean other mails.
    std::int64_t validity();
    /// Mails above `last_uid`, in order, at most `limit`.
    std::vector<Entry> list_after(std::int64_t last_uid, std::size_t limit);
    /// The mail's bytes. Throws Error(BadInput) when they are more than `most`.
    std::string fetch(std::int64_t uid, std::size_t most);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Of the untagged lines that a server sends; pure, and bounded by `limit`.
std::vector<std::int64_t> uids_of_search(std::string_view lines, std::int64_t above, std::size_t limit);
std::int64_t number_after(std::string_view lines, std::string_view word);  ///< 0: it is not there

}  // namespace mailbox
