// Any bytes as the results of each tool: refused, or findings that have a title and a key and are valid UTF-8.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/vulnerabilities/results.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 100'000) return 0;
    constexpr std::string_view kTools[] = {"", "wapiti", "testssl", "lynis", "nmap", "csv"};
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        for (const auto& one : vulnerabilities::read_results(kTools[data[0] % std::size(kTools)], bytes).findings)
            if (one.title.empty() || one.key.size() != 32 || !base::is_utf8(one.title) || !base::is_utf8(one.place) ||
                !base::is_utf8(one.detail))
                std::abort();
    } catch (const base::Error&) {
    }
    return 0;
}
