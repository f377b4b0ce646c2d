#include "press/frames/inner/repeats.h"

#include <algorithm>
#include <limits>

#include "ground/base/text.h"

namespace frames {

using html::Document;
using html::kNoNode;
using html::NodeId;
using html::NodeType;

namespace {

constexpr float kLinkWeight = 0.2F;
constexpr float kPictureWeight = 4;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::uint64_t mixed(std::uint64_t x) {
    x ^= x >> 33;
    x *= 0xFF51AFD7ED558CCDULL;
    x ^= x >> 29;
    return x;
}

std::uint64_t name_hash(std::string_view name) {
    std::uint64_t hash = 0xA076'1D64'78BD'642FULL;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return mixed(hash);
}

float characters(std::string_view text) {
    float count = 0;
    for (const char c : text)
        if (!is_blank(c) && (static_cast<unsigned char>(c) & 0xC0) != 0x80) ++count;
    return count;
}

bool is_heading(std::string_view tag) {
    return tag.size() == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6';
}

struct Standing {
    bool is_silent = false, is_link = false, is_heading = false, is_navigation = false;
};

/// Goes over the page's texts and pictures: visit(node, standing, text, voice).
template <class Visit>
void each_unit(const Document& page, const Visit& visit) {
    const NodeId body = page.body();
    if (body == kNoNode) return;
    std::vector<Standing> at(page.size());
    for (NodeId id = body; id != kNoNode; id = page.next_in(body, id)) {
        const html::Node& node = page[id];
        Standing& mine = at[id];
        if (id != body) mine = at[node.parent];
        if (mine.is_silent) continue;
        if (node.type == NodeType::Text) {
            const float length = characters(node.text);
            if (length > 0) visit(id, mine, node.text, length);
        } else if (node.type == NodeType::Element) {
            mine.is_silent = is_silent(node.tag);
            mine.is_link = mine.is_link || node.tag == "a";
            mine.is_heading = mine.is_heading || is_heading(node.tag);
            mine.is_navigation = mine.is_navigation || is_navigation(page, id);
            if (node.tag == "img" && !mine.is_silent) visit(id, mine, std::string_view(), kPictureWeight);
        }
    }
}

Voice voice_of(const Standing& standing) {
    if (standing.is_heading) return Voice::Heading;
    return standing.is_link ? Voice::Link : Voice::Plain;
}

std::string_view file_name(std::string_view address) {
    address = address.substr(0, address.find_first_of("?#"));
    return address.substr(address.rfind('/') + 1);
}

}  // namespace

bool is_silent(std::string_view tag) {
    static constexpr std::string_view kTags[] = {"script", "style",  "noscript", "template", "select", "textarea",
                                                 "iframe", "object", "noembed",  "noframes", "svg"};
    return std::find(std::begin(kTags), std::end(kTags), tag) != std::end(kTags);
}

bool is_navigation(const Document& page, NodeId id) {
    return page[id].tag == "nav" || page.attribute(id, "role") == "navigation";
}

std::uint64_t unit_hash(std::string_view text, Voice voice) {
    std::uint64_t hash = 0xCBF29CE484222325ULL + static_cast<std::uint64_t>(voice);
    for (const char c : text)
        if (!is_blank(c)) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return mixed(hash);
}

Repeats::Repeats(std::size_t pages) : mask_(0), threshold_(pages < 6 ? 2 : 3), first_(0), second_(0) {
    std::size_t size = 1U << 16;
    while (size < pages * 1024 && size < (1U << 25)) size *= 2;
    mask_ = size - 1;
    first_ = std::vector<std::atomic<std::uint8_t>>(size);
    second_ = std::vector<std::atomic<std::uint8_t>>(size);
}

std::vector<Unit> list_units(const Document& page) {
    std::vector<Unit> units;
    each_unit(page, [&](NodeId id, const Standing& standing, std::string_view text, float length) {
        Unit& unit = units.emplace_back();
        unit.node = id;
        unit.length = length;
        unit.is_link = standing.is_link;
        unit.is_navigation = standing.is_navigation;
        unit.voice = text.empty() ? Voice::Picture : voice_of(standing);
        unit.hash = unit_hash(text.empty() ? file_name(page.attribute(id, "src")) : text, unit.voice);
        if (unit.voice == Voice::Plain) unit.as_link = unit_hash(text, Voice::Link);
    });
    return units;
}

void Repeats::add(const Document& page, const std::vector<Unit>& all) {
    std::vector<std::uint64_t> units;
    for (const Unit& unit : all) units.push_back(unit.hash);
    for (NodeId id = 1; id < page.size(); ++id) {
        if (page[id].type != NodeType::Element) continue;
        if (const auto name = page.attribute(id, "id"); !name.empty())
            units.push_back(name_hash("#" + std::string(name)));
        for (const std::string_view word : base::split(page.attribute(id, "class"), ' '))
            if (!word.empty()) units.push_back(name_hash("." + std::string(word)));
    }
    std::sort(units.begin(), units.end());
    units.erase(std::unique(units.begin(), units.end()), units.end());
    const auto raise = [](std::atomic<std::uint8_t>& counter) {
        std::uint8_t seen = counter.load(std::memory_order_relaxed);
        while (seen < std::numeric_limits<std::uint8_t>::max() &&
               !counter.compare_exchange_weak(seen, static_cast<std::uint8_t>(seen + 1), std::memory_order_relaxed)) {
        }
    };
    for (const std::uint64_t unit : units) {
        raise(first_[unit & mask_]);
        raise(second_[(unit >> 32) & mask_]);
    }
}

int Repeats::count(std::uint64_t unit) const {
    return std::min(first_[unit & mask_].load(std::memory_order_relaxed),
                    second_[(unit >> 32) & mask_].load(std::memory_order_relaxed));
}

bool Repeats::is_common_name(std::string_view name) const {
    return is_repeated(name_hash(name));
}

Weights weigh(const Document& page, const std::vector<Unit>& units, const Repeats& repeats) {
    const std::size_t size = page.size();
    Weights all{std::vector<float>(size), std::vector<float>(size), std::vector<float>(size), std::vector<float>(size)};
    for (const Unit& unit : units) {
        all.raw[unit.node] = unit.length;
        if (unit.is_link) all.linked[unit.node] = unit.length;
        if (unit.is_navigation) continue;
        bool is_own = !repeats.is_repeated(unit.hash);
        if (is_own && unit.voice == Voice::Heading) all.heading[unit.node] = unit.length;
        // The entry of a menu for the page itself is often the one that is no link.
        if (unit.voice == Voice::Plain) is_own = is_own && !repeats.is_repeated(unit.as_link);
        if (is_own) all.own[unit.node] = unit.is_link ? unit.length * kLinkWeight : unit.length;
    }
    for (NodeId id = static_cast<NodeId>(size) - 1; id > 0; --id) {
        const NodeId parent = page[id].parent;
        if (parent == kNoNode) continue;
        all.own[parent] += all.own[id];
        all.heading[parent] += all.heading[id];
        all.raw[parent] += all.raw[id];
        all.linked[parent] += all.linked[id];
    }
    return all;
}

}  // namespace frames
