#include "flow/frame_region.h"

#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/html/select.h"
#include "press/content/store.h"

namespace flow {

namespace {

using base::Error;
using base::Kind;
using html::kNoNode;
using html::NodeId;

constexpr std::size_t kLookedAt = 40;
constexpr std::size_t kWords = 40;
constexpr std::size_t kMostInside = 12;

constexpr std::string_view kOutline =
    "<style>[data-yakuba-region]{outline:4px solid #d00!important;outline-offset:-4px;background-clip:padding-box;"
    "box-shadow:inset 0 0 0 9999px rgba(255,221,0,.18)!important}"
    "[data-yakuba-over]{outline:3px dashed #0017c1!important;outline-offset:-3px;cursor:pointer!important}</style>";

struct Original {
    content::Page page;
    std::string bytes;
    html::Encoding encoding = html::Encoding::Unknown;
    html::Document parse() const { return html::Document::parse(bytes, encoding); }
};

Original load_original(Site& site, base::PageId id) {
    Original original;
    original.page = site.database->read([&](sys::Reader& db) { return content::load_page(db, id); });
    if (original.page.kind != content::PageKind::TakenOver)
        throw Error(Kind::BadInput, "このページは引き継いだページではないため、枠はありません。");
    original.bytes = site.objects->load(original.page.document);
    original.encoding = html::find_encoding(original.page.encoding).value_or(html::Encoding::Unknown);
    return original;
}

html::Selector read_selector(const std::string& text) {
    try {
        return html::Selector(text);
    } catch (const Error& error) {
        throw Error(
            Kind::BadInput,
            fmt::format(
                "セレクタの書き方に誤りがあります（{}）。「#contents」「main」「div.honbun」のように書いてください。",
                error.message()));
    }
}

std::string selector_of(const html::Document& page, NodeId id) {
    return page[id].tag == "body" ? "body" : html::selector_for(page, id);
}

RegionChoice choice_of(const html::Document& page, NodeId id, bool is_current) {
    std::string label(page[id].tag);
    if (const auto own = page.attribute(id, "id"); !own.empty()) label += "#" + std::string(own);
    for (const std::string_view word : base::split(page.attribute(id, "class"), ' '))
        if (!word.empty()) label += "." + std::string(word);
    const std::string words = page.plain_text_of(id);
    return {selector_of(page, id), std::move(label), std::string(base::first_code_points(words, kWords)), is_current};
}

/// An element that holds others, written with a tag of its own where the tree has it.
bool can_be_region(const html::Document& page, NodeId id) {
    static constexpr std::string_view kTags[] = {
        "article", "aside",  "blockquote", "body", "center", "dd", "div",     "dl",    "dt", "fieldset", "footer",
        "form",    "header", "li",         "main", "nav",    "ol", "section", "table", "td", "th",       "ul"};
    const html::Node& node = page[id];
    return node.type == html::NodeType::Element && node.space == html::Space::Html && !node.is_implied &&
           !node.is_moved && std::find(std::begin(kTags), std::end(kTags), node.tag) != std::end(kTags);
}

/// Places spread over the group; the page shown is not counted twice.
std::vector<base::PageId> spread_members(sys::Reader& db, const frames::StoredGroup& group) {
    std::vector<base::PageId> all;
    for (base::PageId after;;) {
        const auto members = frames::list_members(db, group.id, after, 1000);
        if (members.empty()) break;
        for (const frames::Member& member : members) all.push_back(member.page);
        after = members.back().page;
    }
    if (all.size() <= kLookedAt) return all;
    std::vector<base::PageId> few;
    for (std::size_t i = 0; i < kLookedAt; ++i) few.push_back(all[i * all.size() / kLookedAt]);
    return few;
}

}  // namespace

Preview preview_region(Site& site, base::PageId id, const std::string& selector) {
    const Original original = load_original(site, id);
    const html::Selector wanted = read_selector(selector);
    const html::Document document = original.parse();
    const NodeId node = wanted.first(document);
    Preview preview;
    preview.bytes = original.bytes;
    preview.type =
        fmt::format("{}; charset={}", base::media_type(original.page.path), html::charset_label(original.encoding));
    preview.revision = original.page.live;
    if (!html::is_ascii_compatible(original.encoding)) return preview;
    // Right after the tag's name, and at the end of the file, where every encoding is in its ASCII state.
    std::map<std::size_t, std::string> marks;
    for (NodeId at = 1; at < document.size(); ++at) {
        if (!can_be_region(document, at) && (at != node || document[at].is_implied)) continue;
        std::string& mark = marks[document[at].span.begin + 1 + document[at].tag.size()];
        if (can_be_region(document, at) && mark.empty()) mark = fmt::format(" {}={}", kNodeAttribute, at);
        if (at == node) mark += " data-yakuba-region";
    }
    preview.bytes.clear();
    std::size_t kept = 0;
    for (const auto& [at, mark] : marks) {
        preview.bytes.append(original.bytes, kept, at - kept).append(mark).append(" ");
        kept = at;
    }
    preview.bytes.append(original.bytes, kept);
    preview.bytes += kOutline;
    return preview;
}

std::string name_region(Site& site, base::PageId id, std::int64_t node) {
    const html::Document document = load_original(site, id).parse();
    if (node < 1 || node >= static_cast<std::int64_t>(document.size()) ||
        !can_be_region(document, static_cast<NodeId>(node)))
        throw Error(Kind::BadInput, "この場所は編集範囲にできません。ほかの場所を選んでください。");
    return selector_of(document, static_cast<NodeId>(node));
}

RegionLook look_at_region(Site& site, frames::GroupId group, base::PageId id, const std::string& selector) {
    const html::Selector wanted = read_selector(selector);
    const Original original = load_original(site, id);
    const html::Document document = original.parse();
    RegionLook look;
    const NodeId node = wanted.first(document);
    look.is_found = node != kNoNode;
    if (look.is_found) {
        for (NodeId at = node;
             at != kNoNode && document[at].type == html::NodeType::Element && document[at].tag != "html";
             at = document[at].parent)
            look.around.insert(look.around.begin(), choice_of(document, at, at == node));
        for (NodeId child = document[node].first_child; child != kNoNode; child = document[child].next)
            if (document[child].type == html::NodeType::Element && look.inside.size() < kMostInside &&
                !document.plain_text_of(child).empty())
                look.inside.push_back(choice_of(document, child, false));
    }
    const auto pages = site.database->read([&](sys::Reader& db) {
        const auto found = frames::find_group(db, group);
        return found ? spread_members(db, *found) : std::vector<base::PageId>{};
    });
    for (const base::PageId page : pages) {
        ++look.looked_at;
        try {
            if (wanted.first(load_original(site, page).parse()) != kNoNode) {
                ++look.found;
                continue;
            }
        } catch (const Error& error) {
            if (error.kind() != Kind::BadInput) throw;
        }
        look.not_found.push_back(page);
    }
    return look;
}

}  // namespace flow
