// Two fragments in one input, split at the first NUL: saving the first unchanged keeps every byte; saving the second in
// its place leaves the outside alone and means what the second means.
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/html/serialise.h"
#include "ground/html/splice.h"

namespace {
void require(bool holds) {
    if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(bytes.find('\0'), bytes.size());
    const std::string before = "<html><body><div>";
    const std::string after = "</div>\n</body></html>";
    const std::string page = before + std::string(bytes.substr(0, cut)) + after;
    const std::string replacement =
        html::decode(bytes.substr(std::min(cut + 1, bytes.size())), html::Encoding::Utf8).utf8;
    const html::Region region{before.size(), before.size() + cut, "div"};
    for (const html::Encoding encoding :
         {html::Encoding::Utf8, html::Encoding::ShiftJis, html::Encoding::EucJp, html::Encoding::Iso2022Jp}) {
        try {
            const std::string html = html::region_html(page, encoding, region);
            require(html::splice(page, encoding, {{region, html}}) == page);
            if (html::check_region(page, encoding, region)) continue;
            const std::string normal = html::serialise(html::Document::parse_fragment(html, "div"));
            require(html::splice(page, encoding, {{region, normal}}) == page);
            const html::Spliced edited = html::splice_tracked(page, encoding, {{region, replacement}});
            require(edited.bytes.starts_with(before) && edited.bytes.ends_with(after));
            // What no serialiser can write (a link in a link), or no encoding (a reference in a comment), cannot come
            // back.
            const std::string written = html::serialise(html::Document::parse_fragment(replacement, "div"));
            const bool is_writable =
                html::means_the_same(replacement, written) && html::missing_characters(written, encoding).empty();
            if (is_writable && encoding != html::Encoding::Iso2022Jp) {
                require(
                    html::means_the_same(html::region_html(edited.bytes, encoding, edited.regions[0]), replacement));
            }
        } catch (const base::Error& e) {
            require(e.kind() == base::Kind::BadInput);
        }
    }
    return 0;
}
