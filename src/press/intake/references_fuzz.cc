// Any bytes as a page, a style sheet or a sitemap: nothing is thrown and no reference is longer than its source allows.
#include <cstdint>
#include <cstdlib>

#include "press/intake/references.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto form = static_cast<intake::Form>(data[0] % 4);
    const intake::References found = intake::find_references(bytes, form, data[0] & 4 ? "shift_jis" : "");
    // A byte becomes three at most (U+FFFD), and a source names each address once for each place where it stands.
    for (const std::string& one : found.pages)
        if (one.size() > 3 * size) std::abort();
    if (form == intake::Form::Other && !found.pages.empty()) std::abort();
    for (const std::string& one : intake::css_references(bytes))
        if (one.empty() || one.size() > 3 * size) std::abort();
    return 0;
}
