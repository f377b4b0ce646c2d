#include "ground/people/ldap.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <ldap.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

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

/// A connection with TLS where the settings ask for it, nobody bound yet.
Handle connect(const LdapSettings& settings) {
    LDAP* raw = nullptr;
    const int code = ldap_initialize(&raw, settings.url.c_str());
    if (code != LDAP_SUCCESS) throw Failure{code, ldap_err2string(code)};
    Handle handle(raw);
    const int version = LDAP_VERSION3;
    const timeval patience{settings.patience.count(), 0};
    const int demand = LDAP_OPT_X_TLS_DEMAND;
    const int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    const int as_client = 0;
    set(raw, LDAP_OPT_PROTOCOL_VERSION, &version, "the protocol version");
    set(raw, LDAP_OPT_REFERRALS, LDAP_OPT_OFF, "referrals");
    set(raw, LDAP_OPT_RESTART, LDAP_OPT_ON, "restarting");
    set(raw, LDAP_OPT_NETWORK_TIMEOUT, &patience, "the time limit");
    set(raw, LDAP_OPT_TIMEOUT, &patience, "the time limit");
    set(raw, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand, "checking certificates");
    set(raw, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest, "the oldest TLS version");
    if (!settings.ca_file.empty()) set(raw, LDAP_OPT_X_TLS_CACERTFILE, settings.ca_file.c_str(), "the CA file");
    set(raw, LDAP_OPT_X_TLS_NEWCTX, &as_client, "TLS");  // last: takes the options above
    if (settings.use_start_tls) check(raw, ldap_start_tls_s(raw, nullptr, nullptr), "StartTLS");
    return handle;
}

int bind_as(LDAP* handle, const std::string& dn, std::string_view password) {
    std::string secret(password);
    berval credentials{secret.size(), secret.data()};
    return ldap_sasl_bind_s(handle, dn.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr, nullptr, nullptr);
}

/// A connection on which the service account is bound.
Handle connect_as_service(const LdapSettings& settings) {
    Handle handle = connect(settings);
    check(handle.get(), bind_as(handle.get(), settings.bind_dn, settings.bind_password), "the service account");
    return handle;
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
    for (const std::string_view url : base::split(settings_.url, ' ')) {
        if (url.empty()) continue;
        LDAPURLDesc* raw = nullptr;
        if (ldap_url_parse(std::string(url).c_str(), &raw) != LDAP_URL_SUCCESS)
            refuse_settings(fmt::format("\"{}\" is not a URL such as ldaps://directory.city.example", url));
        const std::unique_ptr<LDAPURLDesc, void (*)(LDAPURLDesc*)> parsed(raw, ldap_free_urldesc);
        const std::string_view host = raw->lud_host ? raw->lud_host : "";
        const bool is_here = host == "127.0.0.1" || host == "::1" || host == "localhost";
        if (std::string_view(raw->lud_scheme) == "ldap" && !settings_.use_start_tls && !is_here)
            refuse_settings("passwords would cross the network in the clear; use ldaps:// or StartTLS");
        if (std::string_view(raw->lud_scheme) == "ldaps" && settings_.use_start_tls)
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
            const Handle service = connect_as_service(settings_);
            entries = find_entries(service.get(), settings_, LDAP_SCOPE_SUBTREE, filter);
        }
        if (entries.empty()) return {Proof::Unknown, "directory: no such entry"};
        if (entries.size() > 1) return {Proof::Unknown, "directory: several entries fit; narrow the filter"};
        const Handle person = connect(settings_);
        const int code = bind_as(person.get(), entries.front(), password);
        return result_of_bind(person.get(), code);
    } catch (const Failure& failure) {
        return {Proof::Unreachable, "directory: " + failure.what};
    }
}

std::string LdapAuthenticator::find_trouble() const {
    try {
        const Handle service = connect_as_service(settings_);
        if (find_entries(service.get(), settings_, LDAP_SCOPE_BASE, "(objectClass=*)").empty())
            return "the base DN cannot be seen by the service account";
        return {};
    } catch (const Failure& failure) {
        return failure.what;
    }
}

}  // namespace people
