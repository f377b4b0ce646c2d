// Any bytes under any name: the rules neither throw nor point outside the file, and what they quote is fit for a
// screen.
#include <cstdint>
#include <cstdlib>

#include "ground/base/text.h"
#include "watch/content/scan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::string_view kNames[] = {"a.html", "a.js",  "a.svg",      "a.jpg",       "a.pdf",
                                                  "a.zip",  "a.txt", "robots.txt", "sitemap.xml", "a.b.bin"};
    if (size == 0) return 0;
    const std::vector<std::string> hosts{"www.example.jp", ".example.com"};
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const content::Scanned scanned =
        content::scan(bytes, kNames[data[0] % std::size(kNames)], content::SiteHosts(hosts));
    std::size_t before = 0;
    for (const content::Threat& one : scanned.threats) {
        if (one.offset > bytes.size() || one.offset < before || one.line < 0 || one.message.empty()) std::abort();
        if (!base::is_utf8(one.excerpt) || base::count_code_points(one.excerpt) > 120) std::abort();
        for (const char c : one.excerpt)
            if (static_cast<unsigned char>(c) < 0x20) std::abort();
        before = one.offset;
    }
    return 0;
}
