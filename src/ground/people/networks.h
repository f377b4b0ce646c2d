// IP addresses and networks in CIDR form, for rules such as "no second factor inside the town hall". Own parser, pure:
// strict dotted decimal (no octal, no short forms) and RFC 4291 text; an IPv4 address mapped into IPv6 counts as IPv4.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace people {

struct Address {
    std::array<std::uint8_t, 16> bytes{};  ///< IPv4 in the first four
    bool is_v4 = false;
    bool operator==(const Address&) const = default;
    /// "192.0.2.1", or IPv6 in the form of RFC 5952.
    std::string text() const;
};

struct Network {
    Address base;    ///< bits after the prefix are 0
    int prefix = 0;  ///< 0-32 or 0-128
    bool operator==(const Network&) const = default;
    bool contains(const Address& address) const;
    std::string text() const;  ///< "10.1.0.0/16"
};

std::optional<Address> parse_address(std::string_view text);
/// "10.1.0.0/16", "2001:db8::/32", or a single address. Nothing when bits after the prefix are set: it is not clear
/// then which network was meant.
std::optional<Network> parse_network(std::string_view text);
bool is_in(const Address& address, std::span<const Network> networks);

}  // namespace people
