// Any bytes as an answer: what is read is bounded and consists of addresses.
#include <cassert>
#include <cstddef>

#include <arpa/inet.h>

#include "watch/probes/dns_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string message(reinterpret_cast<const char*>(data), size);
    if (message.size() >= 2) message[0] = message[1] = 7;
    for (const auto type : {probes::RecordType::A, probes::RecordType::Aaaa}) {
        const auto answer = probes::read_dns_answer(message, 0x0707, type);
        if (!answer) continue;
        assert(answer->addresses.size() <= 100 && answer->code <= 15);
        unsigned char raw[16];
        for (const std::string& address : answer->addresses)
            assert(::inet_pton(type == probes::RecordType::A ? AF_INET : AF_INET6, address.c_str(), raw) == 1);
    }
    probes::make_dns_query(1, message, probes::RecordType::A);
    return 0;
}
