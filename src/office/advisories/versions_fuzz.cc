// Any two texts as versions: an order that is total, and prose that is either understood or means everything.
#include <cstdint>
#include <cstdlib>

#include "office/advisories/versions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 3000) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string_view a = text.substr(0, size / 3), b = text.substr(size / 3, size / 3),
                           c = text.substr(size / 3 * 2);
    for (const auto scheme : {advisories::Scheme::Debian, advisories::Scheme::Plain}) {
        const int ab = compare_versions(scheme, a, b), bc = compare_versions(scheme, b, c);
        if (ab != -compare_versions(scheme, b, a) || compare_versions(scheme, a, a) != 0) std::abort();
        if (scheme == advisories::Scheme::Debian && ab <= 0 && bc <= 0 && compare_versions(scheme, a, c) > 0)
            std::abort();
    }
    for (const auto& versions : {advisories::read_prose(text), advisories::read_expression(text)}) {
        if (!versions.is_understood && !versions.contains(a)) std::abort();
        if (!versions.is_all && versions.ranges.empty() && versions.families.empty()) std::abort();
    }
    return 0;
}
