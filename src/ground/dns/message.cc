#include "ground/dns/message.h"

#include <algorithm>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "ground/base/text.h"

namespace dns {

namespace {

constexpr std::size_t kMostRecords = 200;
constexpr std::size_t kLongestName = 255;
constexpr int kMostPointers = 32;

struct TypeName {
    Type type;
    std::string_view name;
};
constexpr TypeName kTypes[] = {{Type::A, "A"},     {Type::Ns, "NS"},     {Type::Cname, "CNAME"}, {Type::Mx, "MX"},
                               {Type::Txt, "TXT"}, {Type::Aaaa, "AAAA"}, {Type::Caa, "CAA"}};

void append16(std::string& to, unsigned number) {
    to += static_cast<char>(number >> 8 & 0xFF);
    to += static_cast<char>(number & 0xFF);
}

/// A byte as zone files have it: what is not plain is \DDD, quotes and backslashes have one before them.
void append_byte(std::string& to, unsigned char byte, std::string_view marked) {
    if (byte < 0x20 || byte > 0x7E)
        to += fmt::format("\\{:03}", byte);
    else {
        if (marked.find(static_cast<char>(byte)) != std::string_view::npos) to += '\\';
        to += static_cast<char>(byte);
    }
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
    /// Pointers lead backwards only, and not endlessly.
    std::string take_name() {
        std::string name;
        std::size_t bytes = 0, after = 0;
        int pointers = 0;
        while (is_good) {
            const std::size_t here = at;
            const unsigned length = take(1);
            if (length >= 0xC0) {
                const std::size_t target = (length & 0x3F) << 8 | take(1);
                if (after == 0) after = at;
                if (!is_good || target >= here || ++pointers > kMostPointers) is_good = false;
                at = target;
                continue;
            }
            if (length == 0) break;
            bytes += length + 1;
            if (length > 63 || bytes > kLongestName) is_good = false;
            if (!name.empty()) name += '.';
            for (const char c : base::to_lower(take_bytes(length)))
                append_byte(name, static_cast<unsigned char>(c), ".\\\"");
        }
        if (!is_good) return {};
        if (after != 0) at = after;
        return name;
    }
};

std::string in_quotes(std::string_view bytes) {
    std::string text = "\"";
    for (const char c : bytes) append_byte(text, static_cast<unsigned char>(c), "\"\\");
    return text + '"';
}

std::optional<std::string> read_address(std::string_view bytes, int family) {
    if (bytes.size() != (family == AF_INET6 ? 16U : 4U)) return std::nullopt;
    char text[INET6_ADDRSTRLEN];
    if (::inet_ntop(family, bytes.data(), text, sizeof text) == nullptr) return std::nullopt;
    return text;
}

/// Strings of up to 255 bytes each, which mean one (RFC 7208 section 3.3).
std::optional<std::string> read_strings(std::string_view bytes) {
    std::string joined;
    Cursor inside{bytes};
    while (inside.is_good && inside.at < bytes.size()) joined += inside.take_bytes(inside.take(1));
    if (!inside.is_good) return std::nullopt;
    return in_quotes(joined);
}

std::optional<std::string> read_caa(std::string_view bytes) {
    Cursor inside{bytes};
    const unsigned flags = inside.take(1);
    const std::string_view tag = inside.take_bytes(inside.take(1));
    if (!inside.is_good || tag.empty()) return std::nullopt;
    std::string text = fmt::format("{} ", flags);
    for (const char c : base::to_lower(tag)) append_byte(text, static_cast<unsigned char>(c), " \\");
    return text + ' ' + in_quotes(bytes.substr(inside.at));
}

/// Moves past the data; nothing when it is not as its type has it.
std::optional<std::string> take_data(Cursor& cursor, Type type) {
    const std::size_t size = cursor.take(2);
    const std::size_t begin = cursor.at;
    const std::string_view bytes = cursor.take_bytes(size);
    if (!cursor.is_good) return std::nullopt;
    switch (type) {
        case Type::A:
            return read_address(bytes, AF_INET);
        case Type::Aaaa:
            return read_address(bytes, AF_INET6);
        case Type::Txt:
            return read_strings(bytes);
        case Type::Caa:
            return read_caa(bytes);
        case Type::Ns:
        case Type::Cname:
        case Type::Mx:
            break;
    }
    Cursor inside{cursor.message.substr(0, begin + size), begin};  // names may point back into the message
    std::string text = type == Type::Mx ? fmt::format("{} ", inside.take(2)) : std::string();
    text += inside.take_name();
    if (!inside.is_good || inside.at != begin + size) return std::nullopt;
    return text;
}

}  // namespace

std::string_view type_name(Type type) {
    for (const TypeName& each : kTypes)
        if (each.type == type) return each.name;
    return "";
}

std::optional<Type> find_type(std::string_view name) {
    for (const TypeName& each : kTypes)
        if (base::equals_ignoring_case(each.name, name)) return each.type;
    return std::nullopt;
}

std::optional<std::string> plain_name(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty() || name.size() > 253) return std::nullopt;
    for (const std::string_view label : base::split(name, '.')) {
        if (label.empty() || label.size() > 63) return std::nullopt;
        for (const char c : label)
            if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) > 0x7E || c == '\\' || c == '"')
                return std::nullopt;
    }
    return base::to_lower(name);
}

std::optional<std::string> make_query(std::uint16_t id, std::string_view name, Type type) {
    const auto plain = plain_name(name);
    if (!plain) return std::nullopt;
    std::string query;
    append16(query, id);
    append16(query, 0x0100);  // recursion desired
    for (const unsigned count : {1U, 0U, 0U, 0U}) append16(query, count);
    for (const std::string_view label : base::split(*plain, '.')) {
        query += static_cast<char>(label.size());
        query += label;
    }
    query += '\0';
    append16(query, static_cast<unsigned>(type));
    append16(query, 1);  // the internet
    return query;
}

std::vector<std::string> Answer::all(Type type) const {
    std::vector<std::string> found;
    for (const Record& record : records)
        if (record.type == type) found.push_back(record.data);
    std::sort(found.begin(), found.end());
    return found;
}

std::optional<std::uint32_t> Answer::shortest_ttl(Type type) const {
    std::optional<std::uint32_t> shortest;
    for (const Record& record : records)
        if (record.type == type) shortest = std::min(record.ttl, shortest.value_or(record.ttl));
    return shortest;
}

std::string code_wording(int code) {
    constexpr std::pair<int, std::string_view> kWordings[] = {
        {1, "FORMERR：問合せの形を読めません"},    {2, "SERVFAIL：ネームサーバの側で失敗しました"},
        {3, "NXDOMAIN：該当する名前がありません"}, {4, "NOTIMP：この種類の問合せに応じません"},
        {5, "REFUSED：問合せを断られました"},      {9, "NOTAUTH：この名前を受け持っていません"}};
    for (const auto& [number, wording] : kWordings)
        if (number == code) return std::string(wording);
    return fmt::format("DNSの応答コード{}", code);
}

std::optional<Answer> read_answer(std::string_view message, std::uint16_t id, std::string_view name, Type type) {
    const auto asked = plain_name(name);
    Cursor cursor{message};
    if (!asked || cursor.take(2) != id) return std::nullopt;
    const unsigned flags = cursor.take(2);
    const unsigned questions = cursor.take(2), answers = cursor.take(2);
    cursor.take(4);
    if (!cursor.is_good || (flags & 0x8000) == 0 || questions > 1 || answers > kMostRecords) return std::nullopt;
    Answer answer;
    answer.code = static_cast<int>(flags & 0xF);
    answer.is_cut = (flags & 0x0200) != 0;
    answer.is_authoritative = (flags & 0x0400) != 0;
    // The question stands in the answer: who did not see it cannot have made it up. A refusal may leave it out.
    if (questions == 0 && answer.code == 0) return std::nullopt;
    if (questions == 1) {
        const std::string echoed = cursor.take_name();
        if (echoed != *asked || cursor.take(2) != static_cast<unsigned>(type)) return std::nullopt;
        cursor.take(2);
    }
    for (unsigned record = 0; record < answers && cursor.is_good; ++record) {
        Record found;
        found.name = cursor.take_name();
        const unsigned kind = cursor.take(2), area = cursor.take(2);
        found.ttl = cursor.take(4);
        const auto* known = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeName& each) {
            return static_cast<unsigned>(each.type) == kind;
        });
        if (known == std::end(kTypes) || area != 1) {
            cursor.take_bytes(cursor.take(2));
            continue;
        }
        found.type = known->type;
        auto data = take_data(cursor, found.type);
        if (!data) return std::nullopt;
        found.data = std::move(*data);
        answer.records.push_back(std::move(found));
    }
    if (!cursor.is_good) return std::nullopt;
    std::sort(answer.records.begin(), answer.records.end());
    return answer;
}

}  // namespace dns
