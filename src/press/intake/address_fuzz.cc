// Any link on any page: what is made of it has one form only, stays on http and cannot climb out of the tree.
#include <cstdint>
#include <cstdlib>

#include "ground/base/text.h"
#include "press/intake/address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view reference(reinterpret_cast<const char*>(data), size);
    const auto base = intake::parse_address("http://city.example/a/b.html");
    const auto address = intake::resolve(*base, reference);
    if (!address) return 0;
    if (address->scheme != "http" && address->scheme != "https") std::abort();
    const auto again = intake::parse_address(address->text());
    if (!again || *again != *address) std::abort();
    if (const auto path = intake::public_path(*address))
        for (const std::string_view segment : base::split(*path, '/'))
            if (segment.empty() || segment == "." || segment == "..") std::abort();
    return 0;
}
