#include "press/render/taken_over.h"

#include "ground/base/error.h"
#include "ground/html/splice.h"

namespace render {

std::string taken_over(std::string_view original, const content::Page& page, std::span<const content::Region> regions,
                       const content::Body& body) {
    if (body.parts.empty()) return std::string(original);
    const auto encoding = html::find_encoding(page.encoding).value_or(html::Encoding::Unknown);
    std::vector<html::RegionEdit> edits;
    for (const auto& [name, text] : body.parts) {
        const auto region = std::find_if(regions.begin(), regions.end(),
                                         [&wanted = name](const auto& one) { return one.name == wanted; });
        if (region == regions.end())
            throw base::Error(
                base::Kind::Conflict,
                fmt::format("{}: このページには編集範囲「{}」がありません。編集範囲を設定し直してください。", page.path,
                            name));
        edits.push_back(
            {{static_cast<std::size_t>(region->begin), static_cast<std::size_t>(region->end), region->context}, text});
    }
    return html::splice(original, encoding, edits);
}

}  // namespace render
