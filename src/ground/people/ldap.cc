#include "ground/people/ldap.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <ldap.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openldap.h>
#include <sys/socket.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/dial.h"

namespace people {

namespace {

struct Unbind {
    void operator()(LDAP* handle) const { ldap_unbind_ext_s(handle, nullptr, nullptr); }
};
using Handle = std::unique_ptr<LDAP, Unbind>;
struct FreeMessage {
    void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};
using Message = std::unique_ptr<LDAPMessage, FreeMessage>;
struct FreeMemory {
    void operator()(void* memory) const { ldap_memfree(memory); }
};

/// What went wrong on the way; inside this file only.
struct Failure {
    int code;
    std::string what;
};

/// The server's own words, for the log: Active Directory puts the reason of a refusal there.
std::string diagnostic(LDAP* handle) {
    char* text = nullptr;
    ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
    const std::unique_ptr<char, FreeMemory> owner(text);
    if (!text) return {};
    return std::string(base::first_code_points(base::to_valid_utf8(text), 200));
}

void check(LDAP* handle, int code, std::string_view what) {
    if (code == LDAP_SUCCESS) return;
    throw Failure{code, fmt::format("{}: {} {}", what, ldap_err2string(code), diagnostic(handle))};
}

void set(LDAP* handle, int option, const void* value, std::string_view what) {
    if (ldap_set_option(handle, option, value) != LDAP_OPT_SUCCESS)
        throw Failure{LDAP_PARAM_ERROR, fmt::format("{} cannot be set", what)};
}

using Deadline = std::chrono::steady_clock::time_point;

/// A TCP connection that was made before the deadline; blocking from then on.
sys::Descriptor open_socket(const std::string& host, int port, Deadline deadline) {
    sys::Dialled dialled = sys::dial(sys::Target{host, std::to_string(port)}, sys::Deadline(deadline));
    if (dialled.step == sys::Step::Name) throw Failure{LDAP_SERVER_DOWN, fmt::format("{}: {}", host, dialled.problem)};
    if (dialled.step != sys::Step::Done)
        throw Failure{LDAP_SERVER_DOWN, fmt::format("{}:{} cannot be connected to", host, port)};
    const int on = 1, socket = dialled.socket.get();
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) & ~O_NONBLOCK);
    return std::move(dialled.socket);
}

/// Cuts a connection that is still busy at the deadline. libldap's own limits do not hold while TLS is set up: with a
/// network timeout its GnuTLS handshake spins for ever at a server that says nothing (2.5.13; a fixed one would let
/// this class go). A slow trickle of bytes is cut as well.
class Watchdog {
  public:
    Watchdog(int socket, Deadline deadline)
        : thread_([this, socket, deadline] {
              std::unique_lock lock(mutex_);
              if (!is_over_.wait_until(lock, deadline, [this] { return is_called_off_; }))
                  ::shutdown(socket, SHUT_RDWR);
          }) {}
    ~Watchdog() {
        {
            const std::lock_guard lock(mutex_);
            is_called_off_ = true;
        }
        is_over_.notify_one();
        thread_.join();
    }
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

  private:
    std::mutex mutex_;
    std::condition_variable is_over_;
    bool is_called_off_ = false;
    std::thread thread_;
};

/// A connection with TLS where the settings ask for it, nobody bound yet.
class Connection {
  public:
    Connection(const LdapSettings& settings, const std::string& url) {
        LDAPURLDesc* raw_url = nullptr;
        if (ldap_url_parse(url.c_str(), &raw_url) != LDAP_URL_SUCCESS) throw Failure{LDAP_PARAM_ERROR, "bad URL"};
        const std::unique_ptr<LDAPURLDesc, void (*)(LDAPURLDesc*)> parsed(raw_url, ldap_free_urldesc);
        const Deadline deadline = std::chrono::steady_clock::now() + settings.patience;
        sys::Descriptor socket = open_socket(parsed->lud_host, parsed->lud_port, deadline);
        watchdog_ = std::make_unique<Watchdog>(socket.get(), deadline);
        LDAP* raw = nullptr;
        const int code = ldap_init_fd(socket.release(), LDAP_PROTO_TCP, url.c_str(), &raw);  // owns the socket now
        if (code != LDAP_SUCCESS) throw Failure{code, ldap_err2string(code)};
        handle_.reset(raw);
        set_options(settings);
        if (std::string_view(parsed->lud_scheme) == "ldaps") check(raw, ldap_install_tls(raw), "TLS");
        if (settings.use_start_tls) check(raw, ldap_start_tls_s(raw, nullptr, nullptr), "StartTLS");
    }
    ~Connection() {
        watchdog_.reset();  // before the number of its socket may be another's
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    LDAP* get() const { return handle_.get(); }

  private:
    void set_options(const LdapSettings& settings) {
        const int version = LDAP_VERSION3;
        const timeval patience{settings.patience.count(), 0};
        const int demand = LDAP_OPT_X_TLS_DEMAND;
        const int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
        const int as_client = 0;
        set(get(), LDAP_OPT_PROTOCOL_VERSION, &version, "the protocol version");
        set(get(), LDAP_OPT_REFERRALS, LDAP_OPT_OFF, "referrals");
        set(get(), LDAP_OPT_RESTART, LDAP_OPT_ON, "restarting");
        set(get(), LDAP_OPT_TIMEOUT, &patience, "the time limit");
        set(get(), LDAP_OPT_X_TLS_REQUIRE_CERT, &demand, "checking certificates");
        set(get(), LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest, "the oldest TLS version");
        if (!settings.ca_file.empty()) set(get(), LDAP_OPT_X_TLS_CACERTFILE, settings.ca_file.c_str(), "the CA file");
        set(get(), LDAP_OPT_X_TLS_NEWCTX, &as_client,
            settings.ca_file.empty() ? "TLS" : "TLS with ldap.ca_file");  // last: takes the options above
    }
    Handle handle_;
    std::unique_ptr<Watchdog> watchdog_;
};

/// The first server that can be talked to.
std::unique_ptr<Connection> connect(const LdapSettings& settings) {
    Failure last{LDAP_SERVER_DOWN, "no server"};
    for (const std::string_view url : base::split(settings.url, ' ')) {
        if (url.empty()) continue;
        try {
            return std::make_unique<Connection>(settings, std::string(url));
        } catch (const Failure& failure) {
            last = failure;
        }
    }
    throw last;
}

int bind_as(LDAP* handle, const std::string& dn, std::string_view password) {
    std::string secret(password);
    berval credentials{secret.size(), secret.data()};
    return ldap_sasl_bind_s(handle, dn.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr, nullptr, nullptr);
}

/// A connection on which the service account is bound.
std::unique_ptr<Connection> connect_as_service(const LdapSettings& settings) {
    auto made = connect(settings);
    check(made->get(), bind_as(made->get(), settings.bind_dn, settings.bind_password), "the service account");
    return made;
}

std::vector<std::string> find_entries(LDAP* handle, const LdapSettings& settings, int scope,
                                      const std::string& filter) {
    char none[] = LDAP_NO_ATTRS;
    char* attributes[] = {none, nullptr};
    timeval patience{settings.patience.count(), 0};
    LDAPMessage* raw = nullptr;
    constexpr int kMost = 2;  // to see that there is more than one
    const int code = ldap_search_ext_s(handle, settings.base_dn.c_str(), scope, filter.c_str(), attributes, 1, nullptr,
                                       nullptr, &patience, kMost, &raw);
    const Message found(raw);
    if (code != LDAP_SIZELIMIT_EXCEEDED) check(handle, code, "the look-up");
    std::vector<std::string> names;
    for (LDAPMessage* entry = ldap_first_entry(handle, found.get()); entry; entry = ldap_next_entry(handle, entry)) {
        const std::unique_ptr<char, FreeMemory> dn(ldap_get_dn(handle, entry));
        if (dn && *dn) names.emplace_back(dn.get());
    }
    return names;
}

/// Active Directory answers "invalid credentials" to everything and names the reason in its text: "..., data 533,
/// v3839".
struct Reason {
    std::string_view mark;
    Proof proof;
    std::string_view why;
};
constexpr Reason kReasons[] = {
    {"data 525,", Proof::Unknown, "no such user"},
    {"data 530,", Proof::Disabled, "not at this time of day"},
    {"data 531,", Proof::Disabled, "not from this machine"},
    {"data 532,", Proof::Disabled, "password expired"},
    {"data 533,", Proof::Disabled, "account disabled"},
    {"data 701,", Proof::Disabled, "account expired"},
    {"data 773,", Proof::Disabled, "password must be changed"},
    {"data 775,", Proof::Disabled, "account locked"},
};

ProofResult result_of_bind(LDAP* handle, int code) {
    const std::string words = diagnostic(handle);
    switch (code) {
        case LDAP_SUCCESS:
            return {Proof::Right, {}};
        case LDAP_INVALID_CREDENTIALS:
            for (const Reason& reason : kReasons)
                if (words.find(reason.mark) != std::string::npos)
                    return {reason.proof, fmt::format("directory: {}", reason.why)};
            return {Proof::Wrong, "directory: wrong password"};
        case LDAP_INAPPROPRIATE_AUTH:
        case LDAP_NO_SUCH_OBJECT:
            return {Proof::Wrong, fmt::format("directory: {}", ldap_err2string(code))};
        case LDAP_CONSTRAINT_VIOLATION:
        case LDAP_UNWILLING_TO_PERFORM:
        case LDAP_INSUFFICIENT_ACCESS:
            return {Proof::Disabled, fmt::format("directory: {} {}", ldap_err2string(code), words)};
        default:
            return {Proof::Unreachable, fmt::format("directory: {} {}", ldap_err2string(code), words)};
    }
}

[[noreturn]] void refuse_settings(std::string message) {
    throw base::Error(base::Kind::BadInput, "directory sign-in: " + std::move(message));
}

}  // namespace

LdapAuthenticator::LdapAuthenticator(LdapSettings settings) : settings_(std::move(settings)) {
    std::signal(SIGPIPE, SIG_IGN);  // libldap writes to connections that the other side has closed
    for (const std::string_view url : base::split(settings_.url, ' ')) {
        if (url.empty()) continue;
        LDAPURLDesc* raw = nullptr;
        if (ldap_url_parse(std::string(url).c_str(), &raw) != LDAP_URL_SUCCESS)
            refuse_settings(fmt::format("\"{}\" is not a URL such as ldaps://directory.city.example", url));
        const std::unique_ptr<LDAPURLDesc, void (*)(LDAPURLDesc*)> parsed(raw, ldap_free_urldesc);
        const std::string_view host = raw->lud_host ? raw->lud_host : "";
        const bool is_here = host == "127.0.0.1" || host == "::1" || host == "localhost";
        const std::string_view scheme = raw->lud_scheme;
        if (host.empty() || (scheme != "ldap" && scheme != "ldaps"))
            refuse_settings(fmt::format("\"{}\" is not a URL such as ldaps://directory.city.example", url));
        if (scheme == "ldap" && !settings_.use_start_tls && !is_here)
            refuse_settings("passwords would cross the network in the clear; use ldaps:// or StartTLS");
        if (scheme == "ldaps" && settings_.use_start_tls)
            refuse_settings("ldaps:// has TLS from the start; StartTLS goes with ldap://");
    }
    if (base::trim(settings_.url).empty()) refuse_settings("the URL is missing");
    if (settings_.base_dn.empty()) refuse_settings("the base DN is missing");
    if (settings_.filter.find("{name}") == std::string::npos || !settings_.filter.starts_with('('))
        refuse_settings("the filter must be in brackets and hold {name}, such as (uid={name})");
    if (!settings_.bind_dn.empty() && settings_.bind_password.empty())
        refuse_settings("the service account's password is missing");  // it would be an anonymous bind
    settings_.patience = std::clamp(settings_.patience, std::chrono::seconds(1), std::chrono::seconds(60));
}

std::string escape_filter(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '*' || c == '(' || c == ')' || c == '\\' || byte < 0x20 || byte >= 0x7f)
            escaped += fmt::format("\\{:02x}", byte);
        else
            escaped += c;
    }
    return escaped;
}

ProofResult LdapAuthenticator::prove(std::string_view login_name, std::string_view password, std::string_view) {
    // A bind with an empty password succeeds as nobody (RFC 4513 section 5.1.2).
    if (password.empty() || login_name.empty()) return {Proof::Wrong, "no password"};
    try {
        std::string filter = settings_.filter;
        const std::string name = escape_filter(login_name);
        for (auto at = filter.find("{name}"); at != std::string::npos; at = filter.find("{name}", at + name.size()))
            filter.replace(at, 6, name);
        std::vector<std::string> entries;
        {
            const auto service = connect_as_service(settings_);
            entries = find_entries(service->get(), settings_, LDAP_SCOPE_SUBTREE, filter);
        }
        if (entries.empty()) return {Proof::Unknown, "directory: no such entry"};
        if (entries.size() > 1) return {Proof::Unknown, "directory: several entries fit; narrow the filter"};
        const auto person = connect(settings_);
        const int code = bind_as(person->get(), entries.front(), password);
        return result_of_bind(person->get(), code);
    } catch (const Failure& failure) {
        return {Proof::Unreachable, "directory: " + failure.what};
    }
}

std::string LdapAuthenticator::find_trouble() const {
    try {
        const auto service = connect_as_service(settings_);
        if (find_entries(service->get(), settings_, LDAP_SCOPE_BASE, "(objectClass=*)").empty())
            return "the base DN cannot be seen by the service account";
        return {};
    } catch (const Failure& failure) {
        return failure.what;
    }
}

}  // namespace people
