// Any text is a selector or an Error that names the place; what it finds, it matches.
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/html/select.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const html::Document document = html::Document::parse(
        "<div id=a class='b c'><p title=d>e</p><ul><li>1<li lang=ja-JP>2<li>3</ul></div><p></p>", html::Encoding::Utf8);
    try {
        const html::Selector selector{std::string_view(reinterpret_cast<const char*>(data), size)};
        const auto found = selector.all(document);
        for (const html::NodeId id : found) {
            if (!selector.matches(document, id)) std::abort();
        }
        if (selector.first(document) != (found.empty() ? html::kNoNode : found.front())) std::abort();
    } catch (const base::Error& e) {
        if (e.kind() != base::Kind::BadInput || e.message().find("character ") == std::string::npos) std::abort();
    }
    return 0;
}
