#include "press/render/headings.h"

#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "ground/html/scan.h"

namespace render {

namespace {

int heading_level(std::string_view tag) {
    return tag == "h2" ? 2 : tag == "h3" ? 3 : 0;
}

std::string_view id_of(std::string_view html, const html::Token& token) {
    for (const html::ScannedAttribute& attribute : token.attributes)
        if (base::equals_ignoring_case(attribute.name.of(html), "id")) return attribute.value.of(html);
    return {};
}

}  // namespace

Headed with_heading_ids(std::string_view html) {
    Headed result;
    std::set<std::string, std::less<>> taken;
    html::Token token;
    for (html::Scanner scanner(html); scanner.next(token);)
        if (token.type == html::TokenType::StartTag)
            if (const auto id = id_of(html, token); !id.empty()) taken.emplace(id);

    result.html.reserve(html.size() + 256);
    std::size_t copied = 0;
    int number = 0;
    bool is_inside = false;
    html::Scanner scanner(html);
    while (scanner.next(token)) {
        const int level = heading_level(scanner.tag());
        if (token.type == html::TokenType::StartTag && level != 0) {
            std::string id(html::unescape(id_of(html, token), html::In::Attribute));
            if (id.empty()) {
                do id = fmt::format("h-{}", ++number);
                while (taken.contains(id));
                result.html += html.substr(copied, token.name.end - copied);
                result.html += fmt::format(" id=\"{}\"", id);
                copied = token.name.end;
            }
            result.headings.push_back({level, std::move(id), {}});
            is_inside = true;
        } else if (token.type == html::TokenType::EndTag && level != 0) {
            is_inside = false;
        } else if (token.type == html::TokenType::Text && is_inside) {
            result.headings.back().text += html::unescape(token.span.of(html));
        }
    }
    result.html += html.substr(copied);
    for (Heading& heading : result.headings) heading.text = base::trim(heading.text);
    std::erase_if(result.headings, [](const Heading& heading) { return heading.text.empty(); });
    return result;
}

}  // namespace render
