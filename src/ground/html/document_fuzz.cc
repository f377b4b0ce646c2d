// Any bytes become a tree whose links are sound and whose spans lie in the page, or an Error; the short way to it gives
// what the long one gives; what the sanitiser gives stays as it is.
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/html/document.h"
#include "ground/html/sanitise.h"
#include "ground/html/serialise.h"
#include "ground/html/testing/same_document.h"

namespace {
void require(bool holds) {
    if (!holds) std::abort();
}

void check(const html::Document& document, std::size_t size) {
    for (html::NodeId id = 1; id < document.size(); ++id) {
        const html::Node& node = document[id];
        require(node.parent < id && node.span.begin <= node.span.end && node.span.end <= size &&
                node.inner.begin <= node.inner.end);
        require(node.next == html::kNoNode || document[node.next].previous == id);
        if (node.type != html::NodeType::Element) continue;
        require(!node.tag.empty() && node.tag.find_first_of("<>\"'&/ \n") == std::string_view::npos);
        for (const html::Attribute& attribute : document.attributes(id))
            require(attribute.value_span.begin <= attribute.value_span.end && attribute.value_span.end <= size);
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        for (const html::Encoding encoding :
             {html::Encoding::Utf8, html::Encoding::ShiftJis, html::Encoding::Iso2022Jp, html::Encoding::Utf16Be}) {
            const html::Document document = html::Document::parse(bytes, encoding);
            check(document, size);
            if (const auto ordered = html::DocumentBuilder::parse_ordered(bytes, encoding, {}))
                require(html::testing::find_difference(*ordered,
                                                       html::DocumentBuilder::parse_any(bytes, encoding, {})) == "");
            html::serialise(document);
            html::list_links(document);
        }
        const html::Cleaned cleaned = html::clean_html(bytes);
        const html::Cleaned again = html::clean_html(cleaned.html.str());
        require(again.html == cleaned.html && again.removed.empty());
        require(cleaned.html.str().find("<script") == std::string::npos);
    } catch (const base::Error& e) {
        require(e.kind() == base::Kind::BadInput);
    }
    return 0;
}
