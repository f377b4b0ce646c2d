// The part of a DNS message (RFC 1035) that asks for addresses and reads the answer: names are skipped, not read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace probes {

enum class RecordType : std::uint16_t { A = 1, Aaaa = 28 };

/// Nothing when `name` is no host name.
std::optional<std::string> make_dns_query(std::uint16_t id, std::string_view name, RecordType type);

struct DnsAnswer {
    int code = 0;                        ///< 0 = found, 2 = the server failed, 3 = no such name
    bool is_cut = false;                 ///< it did not fit into a datagram
    std::vector<std::string> addresses;  ///< as text, sorted
    std::uint32_t shortest_life = 0;     ///< seconds
};
/// Nothing when it is no answer to the query with this id.
std::optional<DnsAnswer> read_dns_answer(std::string_view message, std::uint16_t id, RecordType type);

}  // namespace probes
