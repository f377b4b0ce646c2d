// Cookies, RFC 6265: reading what the browser sends and writing what it shall keep.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "ground/http/form.h"

namespace http {

enum class SameSite { Strict, Lax };
enum class Transport {
    SecureOnly,    ///< name "__Host-...", Secure: everywhere but on loopback
    PlainLoopback  ///< without both, because browsers refuse Secure over plain HTTP
};

struct Cookie {
    std::string name;  ///< without "__Host-"
    std::string value;
    std::optional<std::chrono::seconds> age = {};  ///< absent = until the browser closes; 0 = forget it now
    SameSite same_site = SameSite::Lax;
    Transport transport = Transport::SecureOnly;
    bool is_for_scripts = false;  ///< true leaves HttpOnly out
};

/// The value of a Set-Cookie field; always Path=/ and no Domain. Throws Error(Bug) when name or value has a character
/// that a cookie cannot hold.
std::string format_cookie(const Cookie& cookie);
/// The name that the browser sends back: "__Host-session" or "session".
std::string cookie_name(std::string_view name, Transport transport);
/// The Cookie field. Ill-formed pairs are left out, for other programs on the host may have set them; at most 100
/// pairs. Of two with one name the first counts, as browsers send the more specific one first.
Fields parse_cookies(std::string_view header);

}  // namespace http
