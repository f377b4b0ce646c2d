// Any bytes as each of the formats: what comes out is bounded, valid UTF-8, without markup, and has an id.
#include <cstdint>
#include <cstdlib>

#include "ground/base/text.h"
#include "office/advisories/readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 200'000) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto formats = advisories::all_formats();
    const std::size_t which = data[0] % (formats.size() + 1);
    advisories::Reading reading;
    if (which < formats.size()) {
        reading = formats[which].read(bytes);
    } else {
        std::size_t at = 0;
        reading = advisories::read_debian(
            [&] {
                const std::string_view piece = bytes.substr(std::min(at, bytes.size()), 1 + data[0] / 16U);
                at += piece.size();
                return piece;
            },
            "bookworm", {"nginx", "curl"});
    }
    if (!reading.is_feed && reading.problems.empty()) std::abort();
    if (!reading.is_feed && !reading.items.empty()) std::abort();
    for (const auto& one : reading.items) {
        if (one.id.empty() || one.title.empty()) std::abort();
        for (const std::string* text : {&one.id, &one.title, &one.summary, &one.link, &one.vector})
            if (!base::is_utf8(*text) || text->find('\0') != std::string::npos) std::abort();
        if (one.products.size() > 500 || one.aliases.size() > 500 || one.score > 10) std::abort();
        if (!one.link.empty() && !one.link.starts_with("http")) std::abort();
    }
    advisories::guess_format(bytes);
    return 0;
}
