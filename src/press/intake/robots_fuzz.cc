// Any robots.txt is read and asked without a fault; a rule that is an address forbids that address and all below it.
#include <cstdint>
#include <cstdlib>

#include "press/intake/robots.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const intake::Robots robots(text, "yakuba");
    if (robots.delay().count() < 0) std::abort();
    robots.allows(text.substr(0, 64));
    std::string address = "/";
    for (const char c : text.substr(0, 200))
        if (c > ' ' && c < '\x7f' && c != '#' && c != '$' && c != '*' && c != '%') address += c;
    const intake::Robots closed("user-agent: *\ndisallow: " + address + "\n", "yakuba");
    if (closed.allows(address) || closed.allows(address + "x")) std::abort();
    return 0;
}
