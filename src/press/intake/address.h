// Addresses as a crawl needs them: what a link means where it stands, one form for each resource, and the public path
// that the resource has as a file. Follows browsers (WHATWG URL) for http and https, as far as links between the pages
// of one site go; leaves out user names, internationalised host names and everything that is neither http nor https.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace intake {

struct Address {
    std::string scheme;      ///< "http" or "https"
    std::string host;        ///< lower case, with the port unless it is the scheme's own
    std::string path = "/";  ///< starts with "/"; dot segments and doubled slashes resolved; one percent form
    std::string query;       ///< as written, without "?"
    bool has_query = false;
    bool operator==(const Address&) const = default;
    std::string origin() const { return scheme + "://" + host; }
    std::string text() const { return origin() + path + (has_query ? "?" + query : ""); }
};

/// Nothing when `text` is no absolute http(s) address. The fragment is dropped.
std::optional<Address> parse_address(std::string_view text);
/// What `reference` means in a resource at `base`; nothing when it leads to something that is not fetched over HTTP
/// (mailto:, javascript:, data:) or cannot be read as an address.
std::optional<Address> resolve(const Address& base, std::string_view reference);
/// The public path's bytes: "/a/" is "a/index.html". Nothing for names that no file can have (an encoded slash, NUL).
std::optional<std::string> public_path(const Address& address);

}  // namespace intake
