#include "ground/people/networks.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace people {

namespace {

/// A decimal number of 1 to 3 digits without leading zeros, at most `most`.
std::optional<int> parse_number(std::string_view text, int most) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    int number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    if (number > most) return std::nullopt;
    return number;
}

std::optional<Address> parse_v4(std::string_view text) {
    const auto parts = base::split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    Address address;
    address.is_v4 = true;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto byte = parse_number(parts[i], 255);
        if (!byte) return std::nullopt;
        address.bytes[i] = static_cast<std::uint8_t>(*byte);
    }
    return address;
}

/// Groups of up to four hexadecimal digits, the last of them possibly dotted decimal; appended to `bytes`.
bool parse_groups(std::string_view text, std::string& bytes) {
    if (text.empty()) return true;
    const auto groups = base::split(text, ':');
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const std::string_view group = groups[i];
        if (i + 1 == groups.size() && group.find('.') != std::string_view::npos) {
            const auto v4 = parse_v4(group);
            if (!v4) return false;
            for (std::size_t k = 0; k < 4; ++k) bytes += static_cast<char>(v4->bytes[k]);
            continue;
        }
        if (group.empty() || group.size() > 4) return false;
        unsigned value = 0;
        const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
        if (error != std::errc() || end != group.data() + group.size()) return false;
        bytes += static_cast<char>(value >> 8);
        bytes += static_cast<char>(value & 0xff);
    }
    return true;
}

std::optional<Address> parse_v6(std::string_view text) {
    const std::size_t gap = text.find("::");
    std::string head, tail;
    if (gap == std::string_view::npos) {
        if (!parse_groups(text, head) || head.size() != 16) return std::nullopt;
    } else {
        const std::string_view before = text.substr(0, gap);
        if (before.find('.') != std::string_view::npos) return std::nullopt;
        if (!parse_groups(before, head) || !parse_groups(text.substr(gap + 2), tail)) return std::nullopt;
        if (head.size() + tail.size() > 14) return std::nullopt;  // "::" stands for at least one group
    }
    Address address;
    std::copy(head.begin(), head.end(), address.bytes.begin());
    std::copy(tail.begin(), tail.end(), address.bytes.end() - static_cast<std::ptrdiff_t>(tail.size()));
    return address;
}

bool is_mapped_v4(const Address& address) {
    constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return !address.is_v4 && std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin());
}

Address as_v4(const Address& mapped) {
    Address address;
    address.is_v4 = true;
    std::copy(mapped.bytes.begin() + 12, mapped.bytes.end(), address.bytes.begin());
    return address;
}

bool bit(const Address& address, int place) {
    return (address.bytes[static_cast<std::size_t>(place / 8)] >> (7 - place % 8) & 1) != 0;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    if (text.find(':') == std::string_view::npos) return parse_v4(text);
    auto address = parse_v6(text);
    if (address && is_mapped_v4(*address)) return as_v4(*address);
    return address;
}

std::optional<Network> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string_view before = text.substr(0, slash);
    const bool is_v6 = before.find(':') != std::string_view::npos;
    const auto base = is_v6 ? parse_v6(before) : parse_v4(before);
    if (!base) return std::nullopt;
    const int bits = is_v6 ? 128 : 32;
    const auto prefix =
        slash == std::string_view::npos ? std::optional(bits) : parse_number(text.substr(slash + 1), bits);
    if (!prefix) return std::nullopt;
    for (int place = *prefix; place < bits; ++place)
        if (bit(*base, place)) return std::nullopt;
    if (is_mapped_v4(*base)) return Network{as_v4(*base), *prefix - 96};
    return Network{*base, *prefix};
}

bool Network::contains(const Address& address) const {
    if (address.is_v4 != base.is_v4) return false;
    for (int place = 0; place < prefix; ++place)
        if (bit(address, place) != bit(base, place)) return false;
    return true;
}

std::string Address::text() const {
    if (is_v4) return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    // The longest run of two or more zero groups becomes "::", the first of equals.
    std::size_t best = 8, longest = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t end = i;
        while (end < 8 && groups[end] == 0) ++end;
        if (end - i > longest) {
            best = i;
            longest = end - i;
        }
    }
    std::string text;
    for (std::size_t i = 0; i < 8;) {
        if (i == best) {
            text += "::";
            i += longest;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        text += fmt::format("{:x}", groups[i++]);
    }
    return text;
}

std::string Network::text() const {
    return fmt::format("{}/{}", base.text(), prefix);
}

bool is_in(const Address& address, std::span<const Network> networks) {
    return std::any_of(networks.begin(), networks.end(), [&](const Network& one) { return one.contains(address); });
}

}  // namespace people
