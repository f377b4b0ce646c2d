#include "watch/probes/dns_message.h"

#include <algorithm>

#include <arpa/inet.h>

#include "ground/base/text.h"

namespace probes {

namespace {

constexpr std::size_t kMostRecords = 100;

void append16(std::string& to, unsigned number) {
    to += static_cast<char>(number >> 8 & 0xFF);
    to += static_cast<char>(number & 0xFF);
}

/// Reads on from a place, and stops at the end for good.
struct Cursor {
    std::string_view message;
    std::size_t at = 0;
    bool is_good = true;

    unsigned take(int bytes) {
        unsigned number = 0;
        for (; bytes > 0; --bytes) {
            if (at >= message.size()) is_good = false;
            number = number << 8 | (is_good ? static_cast<unsigned char>(message[at++]) : 0U);
        }
        return number;
    }
    std::string_view take_bytes(std::size_t count) {
        if (message.size() - at < count) is_good = false;
        const std::string_view bytes = is_good ? message.substr(at, count) : std::string_view();
        at += bytes.size();
        return bytes;
    }
    void skip_name() {
        while (is_good) {
            const unsigned length = take(1);
            if (length >= 0xC0) {
                take(1);  // a pointer ends the name
                return;
            }
            if (length == 0) return;
            take_bytes(length);
        }
    }
};

}  // namespace

std::optional<std::string> make_dns_query(std::uint16_t id, std::string_view name, RecordType type) {
    std::string query;
    append16(query, id);
    append16(query, 0x0100);  // recursion desired
    for (const unsigned count : {1U, 0U, 0U, 0U}) append16(query, count);
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty() || name.size() > 253) return std::nullopt;
    for (const std::string_view label : base::split(name, '.')) {
        if (label.empty() || label.size() > 63) return std::nullopt;
        query += static_cast<char>(label.size());
        query += label;
    }
    query += '\0';
    append16(query, static_cast<unsigned>(type));
    append16(query, 1);  // the internet
    return query;
}

std::optional<DnsAnswer> read_dns_answer(std::string_view message, std::uint16_t id, RecordType type) {
    Cursor cursor{message};
    if (cursor.take(2) != id) return std::nullopt;
    const unsigned flags = cursor.take(2);
    const unsigned questions = cursor.take(2), answers = cursor.take(2);
    cursor.take(4);
    if (!cursor.is_good || (flags & 0x8000) == 0 || questions > 1 || answers > kMostRecords) return std::nullopt;
    DnsAnswer answer;
    answer.code = static_cast<int>(flags & 0xF);
    answer.is_cut = (flags & 0x0200) != 0;
    for (unsigned question = 0; question < questions; ++question) {
        cursor.skip_name();
        cursor.take(4);
    }
    for (unsigned record = 0; record < answers && cursor.is_good; ++record) {
        cursor.skip_name();
        const unsigned kind = cursor.take(2);
        cursor.take(2);
        const unsigned life = cursor.take(4);
        const std::string_view bytes = cursor.take_bytes(cursor.take(2));
        if (!cursor.is_good || kind != static_cast<unsigned>(type)) continue;
        const bool is_v6 = type == RecordType::Aaaa;
        if (bytes.size() != (is_v6 ? 16U : 4U)) return std::nullopt;
        char text[INET6_ADDRSTRLEN];
        if (::inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text) == nullptr) return std::nullopt;
        answer.shortest_life = answer.addresses.empty() ? life : std::min(answer.shortest_life, life);
        answer.addresses.emplace_back(text);
    }
    if (!cursor.is_good) return std::nullopt;
    std::sort(answer.addresses.begin(), answer.addresses.end());
    return answer;
}

}  // namespace probes
