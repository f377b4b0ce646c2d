#include "ground/mail/testing/smtp_server.h"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"

namespace mail::testing {

namespace {

constexpr int kPatience = 100;  // ms between looks at whether the server goes
constexpr std::size_t kLongestLine = 998;

}  // namespace

struct SmtpServer::State {
    sys::Descriptor listener;
    int port = 0;
    std::atomic<bool> is_ending{false};
    std::atomic<int> connections{0};
    mutable std::mutex mutex;  // guards what follows
    mutable std::condition_variable changed;
    Manners manners;
    std::vector<Taken> taken;
    std::vector<std::string> faults;
    std::thread thread;

    void fault(std::string what) {
        const std::lock_guard lock(mutex);
        faults.push_back(std::move(what));
    }
    Manners now() const {
        const std::lock_guard lock(mutex);
        return manners;
    }
    void serve(int client);
    void run();
};

namespace {

/// Lines in, lines out, over one connection.
class Wire {
  public:
    Wire(int client, const std::atomic<bool>& is_ending) : client_(client), is_ending_(is_ending) {}
    /// Without its CRLF; false at the end. `is_bare`: it ended with LF alone.
    bool read_line(std::string& line, bool& is_bare) {
        for (;;) {
            if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
                is_bare = end == 0 || buffer_[end - 1] != '\r';
                line = buffer_.substr(0, is_bare ? end : end - 1);
                buffer_.erase(0, end + 1);
                return true;
            }
            pollfd wanted{client_, POLLIN, 0};
            const int ready = ::poll(&wanted, 1, kPatience);
            if (is_ending_) return false;
            if (ready <= 0) continue;
            char bytes[16384];  // a TLS record, so that nothing stays behind in the TLS library while we wait
            const ssize_t count =
                tls_ ? SSL_read(tls_.get(), bytes, sizeof bytes) : ::recv(client_, bytes, sizeof bytes, 0);
            if (count <= 0) return false;
            buffer_.append(bytes, static_cast<std::size_t>(count));
            if (buffer_.size() > (4U << 20)) return false;
        }
    }
    void say(const std::string& line) {
        const std::string bytes = line + "\r\n";
        if (tls_) {
            if (SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) buffer_.clear();
            return;
        }
        if (::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) buffer_.clear();
    }

    bool is_encrypted() const { return tls_ != nullptr; }
    /// False when the client does not like the certificate, or the files are none.
    bool encrypt(const Manners& manners) {
        const timeval patience{5, 0};
        ::setsockopt(client_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        buffer_.clear();  // what was sent before the handshake is nobody's (CVE-2011-0411)
        context_.reset(SSL_CTX_new(TLS_server_method()));
        if (!context_ || SSL_CTX_use_certificate_chain_file(context_.get(), manners.certificate.c_str()) != 1 ||
            SSL_CTX_use_PrivateKey_file(context_.get(), manners.key.c_str(), SSL_FILETYPE_PEM) != 1)
            return false;
        tls_.reset(SSL_new(context_.get()));
        return tls_ && SSL_set_fd(tls_.get(), client_) == 1 && SSL_accept(tls_.get()) == 1;
    }

  private:
    struct FreeTls {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
        void operator()(SSL* tls) const { SSL_free(tls); }
    };
    int client_;
    const std::atomic<bool>& is_ending_;
    std::string buffer_;
    std::unique_ptr<SSL_CTX, FreeTls> context_;
    std::unique_ptr<SSL, FreeTls> tls_;
};

std::string path_in(const std::string& line, std::string_view command) {
    // "MAIL FROM:<a@b> SIZE=12"
    const std::size_t end = line.find('>');
    if (!line.starts_with(std::string(command) + "<") || end == std::string::npos) return "";
    return line.substr(command.size() + 1, end - command.size() - 1);
}

}  // namespace

void SmtpServer::State::serve(int client) {
    Wire wire(client, is_ending);
    const Manners greeting = now();
    wire.say(greeting.greeting);
    std::string line;
    bool is_bare = false;
    bool has_greeted = false, is_known = greeting.user.empty();
    Taken mail;
    while (wire.read_line(line, is_bare)) {
        if (is_bare) fault("a command ends with LF alone: " + line);
        const Manners wanted = now();
        if (line.starts_with("EHLO ") || line.starts_with("HELO ")) {
            has_greeted = true;
            const bool may_encrypt = !wanted.certificate.empty() && !wire.is_encrypted();
            if (line.starts_with("EHLO "))
                wire.say(fmt::format("250-test greets you\r\n250-SIZE 1000000\r\n250 {}",
                                     may_encrypt ? "STARTTLS" : "AUTH PLAIN"));
            else
                wire.say("250 test");
        } else if (line == "STARTTLS" && !wanted.certificate.empty()) {
            wire.say("220 begin");
            if (!wire.encrypt(wanted)) return;
            has_greeted = false;  // RFC 3207 section 4.2: all that was said before is forgotten
        } else if (line.starts_with("AUTH PLAIN")) {
            if (!wanted.certificate.empty() && !wire.is_encrypted()) fault("a password over the open wire");
            std::string given = line.substr(10);
            if (base::trim(given).empty()) {
                wire.say("334 ");
                if (!wire.read_line(given, is_bare)) return;
            }
            is_known = base::from_base64(base::trim(given)) ==
                       std::string(1, '\0') + wanted.user + std::string(1, '\0') + wanted.password;
            wire.say(is_known ? "235 welcome" : "535 wrong name or password");
        } else if (line.starts_with("MAIL FROM:")) {
            if (!has_greeted) fault("MAIL before EHLO");
            if (!is_known) {
                wire.say("530 who are you?");
                continue;
            }
            if (!mail.from.empty()) fault("a second MAIL within one mail");
            mail.from = path_in(line, "MAIL FROM:");
            mail.was_encrypted = wire.is_encrypted();
            wire.say(wanted.to_sender);
            if (!wanted.to_sender.starts_with('2')) mail = {};
        } else if (line.starts_with("RCPT TO:")) {
            if (mail.from.empty()) fault("RCPT before MAIL");
            if (!mail.to.empty()) fault("a second recipient");
            mail.to = path_in(line, "RCPT TO:");
            wire.say(wanted.to_recipient);
            if (!wanted.to_recipient.starts_with('2')) mail.to.clear();
        } else if (line == "DATA") {
            if (mail.to.empty()) {
                fault("DATA without a recipient");
                wire.say("503 no recipient");
                continue;
            }
            wire.say("354 go on");
            bool is_whole = false;
            while (wire.read_line(line, is_bare)) {
                if (is_bare) fault("a line of the mail ends with LF alone");
                if (line.size() > kLongestLine) fault("a line of the mail is too long");
                for (const char c : line)
                    if (static_cast<unsigned char>(c) >= 0x80 || c == '\0' || c == '\r') {
                        fault("the mail is not 7 bit");
                        break;
                    }
                if (line == ".") {
                    is_whole = true;
                    break;
                }
                if (line.starts_with('.')) {
                    if (!line.starts_with("..")) fault("a dot at the start of a line was not doubled");
                    line.erase(0, 1);
                }
                mail.text += line + "\r\n";
            }
            if (!is_whole) return;
            const bool is_taken = wanted.to_text.starts_with('2');
            if (is_taken) {
                const std::lock_guard lock(mutex);
                taken.push_back(mail);
                changed.notify_all();
            }
            for (auto waited = std::chrono::milliseconds(0); waited < wanted.delay && !is_ending;
                 waited += std::chrono::milliseconds(20))
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            mail = {};
            if (wanted.hangs_up_instead) return;
            wire.say(wanted.to_text);
        } else if (line == "QUIT") {
            wire.say("221 bye");
            return;
        } else if (line == "RSET") {
            mail = {};
            wire.say("250 ok");
        } else {
            wire.say("502 unknown");
        }
    }
}

void SmtpServer::State::run() {
    // The TLS library writes without MSG_NOSIGNAL; a client that left must cost us nothing. Threads inherit the mask.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    std::vector<std::thread> clients;
    while (!is_ending) {
        pollfd wanted{listener.get(), POLLIN, 0};
        if (::poll(&wanted, 1, kPatience) <= 0) continue;
        const int client = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        ++connections;
        clients.emplace_back([this, client] {
            serve(client);
            ::close(client);
        });
    }
    for (std::thread& each : clients) each.join();
}

SmtpServer::SmtpServer(Manners manners) : state_(std::make_shared<State>()) {
    state_->manners = std::move(manners);
    state_->listener = sys::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(state_->listener.get(), plain, size) != 0 || ::listen(state_->listener.get(), 16) != 0 ||
        ::getsockname(state_->listener.get(), plain, &size) != 0)
        throw std::runtime_error("the test's mail server cannot listen");
    state_->port = ntohs(address.sin_port);
    state_->thread = std::thread([state = state_.get()] { state->run(); });
}

SmtpServer::~SmtpServer() {
    state_->is_ending = true;
    state_->thread.join();
}

int SmtpServer::port() const {
    return state_->port;
}
std::string SmtpServer::url() const {
    return fmt::format("smtp://127.0.0.1:{}", state_->port);
}
void SmtpServer::set_manners(Manners manners) {
    const std::lock_guard lock(state_->mutex);
    state_->manners = std::move(manners);
}
std::vector<Taken> SmtpServer::taken() const {
    const std::lock_guard lock(state_->mutex);
    return state_->taken;
}
std::vector<std::string> SmtpServer::faults() const {
    const std::lock_guard lock(state_->mutex);
    return state_->faults;
}
int SmtpServer::connections() const {
    return state_->connections;
}
bool SmtpServer::wait_for(std::size_t count, std::chrono::milliseconds patience) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, patience, [&] { return state_->taken.size() >= count; });
}

Certificates make_certificates(const std::filesystem::path& folder, const std::string& name) {
    const auto file = [&](const char* ending) { return (folder / ending).string(); };
    const auto run = [](std::vector<std::string> arguments) {
        sys::Command command;
        command.arguments = std::move(arguments);
        if (const sys::Outcome outcome = sys::run(command); outcome.exit_code != 0)
            throw std::runtime_error("openssl: " + outcome.errors);
    };
    sys::write_file(file("name.conf"), "subjectAltName=" + name + "\n", sys::Durability::Later, 0600);
    run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
         "-subj", "/CN=test authority", "-keyout", file("ca.key"), "-out", file("ca.pem")});
    run({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=mail",
         "-keyout", file("server.key"), "-out", file("server.csr")});
    run({"openssl", "x509", "-req", "-in", file("server.csr"), "-CA", file("ca.pem"), "-CAkey", file("ca.key"),
         "-CAcreateserial", "-days", "30", "-extfile", file("name.conf"), "-out", file("server.pem")});
    return {file("ca.pem"), file("server.pem"), file("server.key")};
}

std::string Taken::field(const std::string& name) const {
    const std::string head = text.substr(0, text.find("\r\n\r\n")) + "\r\n";
    std::string found;
    bool is_found = false;
    for (std::size_t at = 0; at < head.size();) {
        const std::size_t end = head.find("\r\n", at);
        const std::string line = head.substr(at, end - at);
        at = end + 2;
        if (is_found && (line.starts_with(' ') || line.starts_with('\t'))) {
            found += line;
            continue;
        }
        if (is_found) break;
        if (base::equals_ignoring_case(line.substr(0, name.size() + 1), name + ":")) {
            is_found = true;
            found = line.substr(name.size() + 1);
        }
    }
    return std::string(base::trim(found));
}

std::string Taken::body() const {
    std::string coded;
    const std::size_t end = text.find("\r\n\r\n");
    for (const char c : end == std::string::npos ? "" : text.substr(end + 4))
        if (c != '\r' && c != '\n') coded += c;
    return base::from_base64(coded).value_or("(no base64)");
}

std::string decode_words(const std::string& field) {
    std::string decoded;
    bool was_word = false;
    for (std::size_t at = 0; at < field.size();) {
        const std::size_t start = field.find("=?UTF-8?B?", at);
        const std::string between = field.substr(at, start == std::string::npos ? start : start - at);
        // White space between two encoded words is not part of the text (RFC 2047 section 6.2).
        if (!was_word || !base::trim(between).empty() || start == std::string::npos) decoded += between;
        if (start == std::string::npos) break;
        const std::size_t end = field.find("?=", start + 10);
        decoded += base::from_base64(field.substr(start + 10, end - start - 10)).value_or("(no base64)");
        was_word = true;
        at = end + 2;
    }
    return decoded;
}

}  // namespace mail::testing
