// Any address in any two folders leads to the same place before and after; any page comes back from its own folder
// unchanged, and rewritten it parses to as many elements as before.
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/html/relocate.h"

namespace {
void require(bool holds) {
    if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const std::string_view folders[] = {"", "a/", "a/b/", "c/%E3%81%82/"};
    for (const std::string_view from : folders)
        for (const std::string_view to : folders) {
            const std::string there = html::relocate_address(bytes, from, to);
            require(html::relocate_address(there, to, "x/y/") == html::relocate_address(bytes, from, "x/y/"));
        }
    for (const html::Encoding encoding : {html::Encoding::Utf8, html::Encoding::ShiftJis, html::Encoding::Iso2022Jp}) {
        try {
            const auto document = html::Document::parse(bytes, encoding);
            const html::Rewritten same =
                html::rewrite_addresses(bytes, document, [](std::string_view address) { return std::string(address); });
            require(same.bytes == bytes);
            const html::Rewritten moved = html::rewrite_addresses(bytes, document, [](std::string_view address) {
                return html::relocate_address(address, "a/", "a/b/");
            });
            require(moved.moved(bytes.size()) == moved.bytes.size());
        } catch (const base::Error& error) {
            if (error.kind() != base::Kind::BadInput) throw;
        }
    }
    return 0;
}
