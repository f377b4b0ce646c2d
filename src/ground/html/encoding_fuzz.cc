// Bytes in any encoding: decoding gives valid UTF-8, origins rise, what is encoded comes back, a mask moves nothing.
#include <cstdlib>

#include "ground/base/text.h"
#include "ground/html/encoding.h"

namespace {
void require(bool holds) {
    if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    html::detect_encoding(bytes);
    for (int i = 0; i <= static_cast<int>(html::Encoding::EucKr); ++i) {
        const auto encoding = static_cast<html::Encoding>(i);
        const html::MappedText text = html::decode_mapped(bytes, encoding);
        require(base::is_utf8(text.utf8));
        require(text.utf8 == html::decode(bytes, encoding).utf8);
        for (std::size_t at = 1; at < text.origins.size(); ++at) require(text.origins[at - 1] <= text.origins[at]);
        require(text.start_of(text.utf8.size()) <= size || text.origins.empty());
        if (html::missing_characters(text.utf8, encoding).empty()) {
            require(html::decode(html::encode(text.utf8, encoding), encoding).utf8 == text.utf8 ||
                    text.utf8.starts_with("\xEF\xBB\xBF"));
        }
        if (html::is_ascii_compatible(encoding)) require(html::mask(bytes, encoding).size() == size);
    }
    return 0;
}
