#include "flow/copy_frame.h"

#include "flow/inbound_links.h"
#include "ground/base/error.h"
#include "ground/html/relocate.h"
#include "press/content/store.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

/// Where the title stands, if it stands apart from everything that is edited.
void add_title_place(const html::Document& document, const html::Rewritten& made, FrameCopy& copy) {
    const html::NodeId title = document.find_first("title");
    if (title == html::kNoNode || document[title].is_implied || document[title].space != html::Space::Html ||
        !document[title].has_end_tag || !html::is_ascii_compatible(document.encoding()))
        return;
    const auto begin = static_cast<std::int64_t>(made.moved(document[title].inner.begin));
    const auto end = static_cast<std::int64_t>(made.moved(document[title].inner.end));
    const auto overlaps = [&](const auto& one) { return one.begin < end && begin < one.end; };
    if (std::any_of(copy.regions.begin(), copy.regions.end(), overlaps) ||
        std::any_of(copy.places.begin(), copy.places.end(), overlaps))
        return;
    copy.places.push_back({{}, std::string(frames::kTitlePlace), begin, end, "title"});
}

}  // namespace

FrameCopy copy_frame(Site& site, sys::Reader& db, const content::Page& frame, std::string_view path) {
    if (frame.kind != content::PageKind::TakenOver)
        throw Error(Kind::BadInput, fmt::format("{} は引き継いだページではないため、枠を使えません。", frame.path));
    FrameCopy copy;
    copy.encoding = frame.encoding;
    copy.regions = content::list_regions(db, frame.id);
    if (copy.regions.empty())
        throw Error(Kind::BadInput, "もとのページに編集範囲がありません。先に範囲を設定してください。");
    const std::string_view from = content::section_path(frame.path), to = content::section_path(path);
    const std::string original = site.objects->load(frame.document);
    const auto document =
        html::Document::parse(original, html::find_encoding(frame.encoding).value_or(html::Encoding::Unknown));
    const html::Rewritten made = html::rewrite_addresses(
        original, document, [&](std::string_view address) { return html::relocate_address(address, from, to); });
    const auto moved = [&](std::int64_t offset) {
        return static_cast<std::int64_t>(made.moved(static_cast<std::size_t>(offset)));
    };
    for (content::Region& region : copy.regions) {
        region.begin = moved(region.begin);
        region.end = moved(region.end);
    }
    const bool has_base = html::has_base(document);
    for (frames::Place& place : copy.places = frames::list_places(db, frame.id)) {
        place.page = {};
        place.begin = moved(place.begin);
        place.end = moved(place.end);
        if (place.folder == frames::kOwnFolder && !has_base) place.folder = from;
    }
    add_title_place(document, made, copy);
    const html::Summary summary = html::summarise(made.bytes, document.encoding());
    copy.targets = link_targets(path, summary.base_href, summary.links);
    copy.document = site.objects->put(made.bytes).hash;
    return copy;
}

}  // namespace flow
