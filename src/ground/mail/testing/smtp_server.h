// A mail server for tests, on loopback: takes mail by RFC 5321, strictly (CRLF line ends, order of commands, 7 bit, at
// most 998 characters a line, dots doubled), keeps what it took, and can be made slow, busy or unwilling.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mail::testing {

struct Taken {
    std::string from, to;
    std::string text;  ///< header fields and body, with CRLF, dots as they were before
    bool was_encrypted = false;
    /// Of the first header field of that name, unfolded; "" when there is none.
    std::string field(const std::string& name) const;
    /// The body, decoded from base64.
    std::string body() const;
};
/// The words of a header field, decoded (RFC 2047, base64 only).
std::string decode_words(const std::string& field);

struct Manners {
    std::string greeting = "220 test ready";
    std::string to_sender = "250 ok", to_recipient = "250 ok", to_text = "250 taken";
    std::chrono::milliseconds delay{0};    ///< between taking the text and saying so
    bool hangs_up_instead = false;         ///< takes the text, and closes without an answer
    std::string user = {}, password = {};  ///< when set: AUTH PLAIN is asked for
    /// PEM files; when set STARTTLS is offered, and AUTH only within it.
    std::filesystem::path certificate = {}, key = {};
};

/// A self-made authority and a server's certificate signed by it, made by `openssl` in `folder`.
struct Certificates {
    std::filesystem::path ca, certificate, key;
};
/// `name` as in subjectAltName: "IP:127.0.0.1", "DNS:mail.city.example".
Certificates make_certificates(const std::filesystem::path& folder, const std::string& name);

class SmtpServer {
  public:
    explicit SmtpServer(Manners manners = {});
    ~SmtpServer();
    SmtpServer(const SmtpServer&) = delete;
    SmtpServer& operator=(const SmtpServer&) = delete;

    std::string url() const;  ///< "smtp://127.0.0.1:40123"
    int port() const;
    void set_manners(Manners manners);
    std::vector<Taken> taken() const;
    /// What clients did against the protocol; empty is good.
    std::vector<std::string> faults() const;
    int connections() const;
    /// Waits until `count` mails were taken; false when `patience` is over before.
    bool wait_for(std::size_t count, std::chrono::milliseconds patience) const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace mail::testing
