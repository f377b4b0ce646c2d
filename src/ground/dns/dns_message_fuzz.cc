// Any bytes as an answer: what is read is bounded, of the known types, and printable.
#include <cassert>
#include <cstddef>

#include <arpa/inet.h>

#include "ground/dns/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    for (const auto type : {dns::Type::A, dns::Type::Aaaa, dns::Type::Mx, dns::Type::Txt, dns::Type::Caa}) {
        // Behind the right head and question, so that the records are reached.
        std::string message = *dns::make_query(0x0707, "www.city.example", type);
        message[2] = '\x81';
        message[7] = size == 0 ? '\0' : bytes[0];
        message += bytes;
        const auto answer = dns::read_answer(message, 0x0707, "www.city.example", type);
        if (!answer) continue;
        assert(answer->records.size() <= 255 && answer->code <= 15);
        unsigned char raw[16];
        for (const dns::Record& record : answer->records) {
            assert(!dns::type_name(record.type).empty() && record.name.size() <= 255 * 4);
            for (const char c : record.name + record.data) assert(c >= ' ' && c <= '~');
            if (record.type == dns::Type::A) assert(::inet_pton(AF_INET, record.data.c_str(), raw) == 1);
            if (record.type == dns::Type::Aaaa) assert(::inet_pton(AF_INET6, record.data.c_str(), raw) == 1);
        }
    }
    dns::read_answer(bytes, 0x0707, "www.city.example", dns::Type::A);
    dns::make_query(1, bytes, dns::Type::A);
    return 0;
}
