// Tokens cover the page without gap, spans lie inside their token, links inside the page.
#include <cstdlib>

#include "ground/html/scan.h"

namespace {
void require(bool holds) {
    if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    html::Scanner scanner(bytes);
    std::size_t at = 0;
    for (html::Token token; scanner.next(token);) {
        require(token.span.begin == at && token.span.end > at);
        at = token.span.end;
        for (const html::ScannedAttribute& attribute : token.attributes) {
            require(token.span.contains(attribute.name) && token.span.contains(attribute.value) &&
                    !attribute.name.is_empty());
        }
    }
    require(at == size);
    for (const html::Encoding encoding : {html::Encoding::Utf8, html::Encoding::ShiftJis, html::Encoding::Iso2022Jp}) {
        for (const html::Link& link : html::summarise(bytes, encoding).links)
            require(link.tag.contains(link.value) && link.tag.end <= size);
    }
    return 0;
}
