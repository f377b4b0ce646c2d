// Whatever another server says: items are bounded, valid text with an address that is http(s) or none.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/visits/news.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        const auto items = visits::read_news(bytes, "https://city.example.jp/news/index.html");
        if (items.empty() || items.size() > visits::kMostItems) std::abort();
        for (const visits::Item& item : items) {
            if (item.key.empty() || item.key.size() > 600 || item.title.empty()) std::abort();
            if (!base::is_utf8(item.title) || !base::is_utf8(item.url) || !base::is_utf8(item.key)) std::abort();
            if (!item.url.empty() && !item.url.starts_with("http")) std::abort();
            if (item.title.find('\n') != std::string::npos) std::abort();
        }
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::BadInput) std::abort();
    }
    return 0;
}
