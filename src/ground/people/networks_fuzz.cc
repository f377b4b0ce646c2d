// What parses prints, and what was printed parses to the same; a network holds its own base.
#include <cstdlib>

#include "ground/people/networks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto address = people::parse_address(text))
        if (people::parse_address(address->text()) != address) std::abort();
    if (const auto network = people::parse_network(text)) {
        if (people::parse_network(network->text()) != network || !network->contains(network->base)) std::abort();
        if (network->prefix < 0 || network->prefix > (network->base.is_v4 ? 32 : 128)) std::abort();
    }
    return 0;
}
