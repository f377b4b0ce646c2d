#include "ground/html/splice.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/html/inner/merge.h"

namespace html {

namespace {

void require_inside(std::string_view original, const Region& region) {
    if (region.begin <= region.end && region.end <= original.size()) return;
    throw base::Error(base::Kind::BadInput, fmt::format("the region {}-{} is not inside the page, which has {} bytes; "
                                                        "has the page been replaced since the region was made?",
                                                        region.begin, region.end, original.size()));
}

}  // namespace

std::string region_html(std::string_view original, Encoding encoding, const Region& region) {
    require_inside(original, region);
    return Original(original, encoding).decode_span(region.span()).utf8;
}

Spliced splice_tracked(std::string_view original, Encoding encoding, const std::vector<RegionEdit>& edits) {
    const Original page(original, encoding);
    std::vector<std::size_t> order(edits.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return edits[a].region.begin < edits[b].region.begin; });
    Spliced result;
    result.regions.resize(edits.size());
    std::size_t at = 0;
    for (const std::size_t index : order) {
        const Region& region = edits[index].region;
        require_inside(original, region);
        if (region.begin < at) {
            throw base::Error(base::Kind::BadInput,
                              fmt::format("the regions overlap at byte {}: make them disjoint", region.begin));
        }
        result.bytes += original.substr(at, region.begin - at);
        const std::size_t begin = result.bytes.size();
        result.bytes += merge_region(page, region, edits[index].html);
        result.regions[index] = {begin, result.bytes.size(), region.context};
        at = region.end;
    }
    result.bytes += original.substr(at);
    return result;
}

std::string splice(std::string_view original, Encoding encoding, const std::vector<RegionEdit>& edits) {
    return splice_tracked(original, encoding, edits).bytes;
}

}  // namespace html
