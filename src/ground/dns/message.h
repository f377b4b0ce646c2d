// The part of a DNS message (RFC 1035, 3596, 8659) that asks for the records of a name and reads the answer. Records
// come as the text of a zone file, in one form each, so that two answers can be compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dns {

enum class Type : std::uint16_t { A = 1, Ns = 2, Cname = 5, Mx = 15, Txt = 16, Aaaa = 28, Caa = 257 };
std::string_view type_name(Type type);  ///< "A", "NS", "CNAME", "MX", "TXT", "AAAA", "CAA"
std::optional<Type> find_type(std::string_view name);

/// Lower case, without the last dot; nothing when `name` is no name that can be asked for (RFC 1035 section 2.3.4).
std::optional<std::string> plain_name(std::string_view name);

/// Nothing when `name` is no host name.
std::optional<std::string> make_query(std::uint16_t id, std::string_view name, Type type);

struct Record {
    std::string name;  ///< lower case, without the last dot; unusual bytes as \DDD
    Type type = Type::A;
    std::uint32_t ttl = 0;  ///< seconds; of a cache, what is left of them
    /// "192.0.2.7", "2001:db8::7", "www.example.jp", "10 mail.example.jp", "\"v=spf1 -all\"", "0 issue \"ca.example\""
    std::string data;
    auto operator<=>(const Record&) const = default;
};

struct Answer {
    int code = 0;                   ///< 0 = found, 2 = the server failed, 3 = no such name, 5 = it refuses
    bool is_cut = false;            ///< it did not fit into a datagram
    bool is_authoritative = false;  ///< the server speaks for the zone, not out of a cache
    std::vector<Record> records;    ///< of the types above, those of a CNAME's target too; sorted
    /// The data of the records of that type, sorted; their names aside.
    std::vector<std::string> all(Type type) const;
    /// The smallest ttl among the records of that type; nothing when there is none.
    std::optional<std::uint32_t> shortest_ttl(Type type) const;
};
/// An Answer's code other than 0 in words: "REFUSED：問合せを断られました" (RFC 1035 section 4.1.1, RFC 2136
/// section 2.2).
std::string code_wording(int code);
/// Nothing when it is no answer to this query.
std::optional<Answer> read_answer(std::string_view message, std::uint16_t id, std::string_view name, Type type);

}  // namespace dns
