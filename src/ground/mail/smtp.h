// Handing one mail to the mail server by SMTP (libcurl), bounded in time. What the server says decides what becomes of
// the mail; nothing here decides when to try again.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace mail {

enum class Tls {
    Auto,      ///< StartTLS when the server offers it; demanded as soon as there is a password to send
    Required,  ///< never without
    None       ///< for a relay on the same machine
};

struct Server {
    std::string url;  ///< "smtp://mail.city.example:25", "smtps://mail.city.example"
    std::string user, password;
    std::string ca_file;  ///< trusted instead of the system's certificates
    Tls tls = Tls::Auto;
    std::chrono::seconds patience{30};  ///< for one mail, from connecting to the server's word
};

enum class Fate {
    Accepted,  ///< the server has it, and answers for it from now on
    Later,     ///< not now: the server is away, slow, busy, or does not know us
    Never      ///< the server will not have this mail (5xx)
};

struct Reply {
    Fate fate = Fate::Later;
    bool is_server_fault = false;  ///< the next mail would fare no better: pause
    std::string message;           ///< what went wrong, fit for a person; without secrets
};

/// `message` as compose wrote it, over a connection of its own. Never throws for what the other side does. Ends early,
/// as Later, when `is_stopped` says so; what the server does with a mail that was cut off is then unknown.
Reply send(const Server& server, const std::string& from, const std::string& to, std::string_view message,
           const std::function<bool()>& is_stopped = {});

}  // namespace mail
