// One byte of flags a node, then the step back to its parent, the name's place in a table of the page's names, and the
// kept attributes; numbers as base 128, the names at the end.
#include "ground/html/skeleton.h"

#include <unordered_map>

#include "ground/base/error.h"
#include "ground/html/inner/document_store.h"

namespace html {

namespace {

constexpr unsigned kTypeBits = 7, kMoved = 8, kHasAttributes = 16, kForeign = 32;

void put_number(std::string& to, std::size_t number) {
    for (; number >= 0x80; number >>= 7) to += static_cast<char>(0x80 | (number & 0x7F));
    to += static_cast<char>(number);
}

class Names {
  public:
    std::size_t place_of(std::string_view name) {
        const auto [at, is_new] = places_.emplace(name, places_.size());
        if (is_new) {
            put_number(table_, name.size());
            table_ += name;
        }
        return at->second;
    }
    std::size_t size() const { return places_.size(); }
    const std::string& table() const { return table_; }

  private:
    std::unordered_map<std::string_view, std::size_t> places_;
    std::string table_;
};

}  // namespace

class SkeletonReader {
  public:
    explicit SkeletonReader(std::string_view packed) : bytes_(packed) {}

    Document read() {
        Document page;
        const std::size_t names_at = number();
        const std::size_t count = number();
        if (names_at > bytes_.size() || count > bytes_.size()) throw damaged();
        read_names(*page.store_, names_at);
        page.nodes_.reserve(count);
        for (std::size_t id = 0; id < count; ++id) read_node(page);
        if (at_ + names_at != bytes_.size()) throw damaged();
        return page;
    }

  private:
    static base::Error damaged() { return {base::Kind::Damaged, "a page's packed skeleton is damaged"}; }

    std::size_t number() {
        std::size_t value = 0;
        for (unsigned shift = 0; shift < 63; shift += 7) {
            if (at_ >= bytes_.size()) throw damaged();
            const auto byte = static_cast<unsigned char>(bytes_[at_++]);
            value |= static_cast<std::size_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return value;
        }
        throw damaged();
    }

    void read_names(Document::Store& store, std::size_t from_end) {
        const std::size_t back = at_;
        at_ = bytes_.size() - from_end;
        while (at_ < bytes_.size()) {
            const std::size_t length = number();
            if (length > bytes_.size() - at_) throw damaged();
            names_.push_back(store.keep(bytes_.substr(at_, length)));
            at_ += length;
        }
        at_ = back;
    }

    std::string_view name() {
        const std::size_t place = number();
        if (place >= names_.size()) throw damaged();
        return names_[place];
    }

    void read_node(Document& page) {
        const auto id = static_cast<NodeId>(page.nodes_.size());
        const std::size_t flags = number();
        if ((flags & kTypeBits) > static_cast<unsigned>(NodeType::Comment)) throw damaged();
        Node node;
        node.type = static_cast<NodeType>(flags & kTypeBits);
        node.is_moved = (flags & kMoved) != 0;
        if ((flags & kForeign) != 0) node.space = number() == 1 ? Space::Svg : Space::MathMl;
        if (id > 0) {
            const std::size_t back = number();
            if (back == 0 || back > id) throw damaged();
            node.parent = static_cast<NodeId>(id - back);
            Node& above = page.nodes_[node.parent];
            node.previous = above.last_child;
            (above.last_child == kNoNode ? above.first_child : page.nodes_[above.last_child].next) = id;
            above.last_child = id;
        }
        if (node.type == NodeType::Element) node.tag = name();
        node.first_attribute = static_cast<std::uint32_t>(page.attributes_.size());
        if ((flags & kHasAttributes) != 0) {
            const std::size_t count = number();
            if (count > bytes_.size()) throw damaged();
            for (std::size_t i = 0; i < count; ++i) {
                Attribute& attribute = page.attributes_.emplace_back();
                attribute.name = name();
                attribute.value = name();
            }
            node.attribute_count = static_cast<std::uint32_t>(count);
        }
        page.nodes_.push_back(node);
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    std::vector<std::string_view> names_;
};

std::string pack_skeleton(const Document& page, std::span<const std::string_view> attributes) {
    Names names;
    std::string nodes;
    for (NodeId id = 0; id < page.size(); ++id) {
        const Node& node = page[id];
        std::string kept;
        std::size_t count = 0;
        for (const Attribute& one : page.attributes(id)) {
            if (std::find(attributes.begin(), attributes.end(), one.name) == attributes.end()) continue;
            put_number(kept, names.place_of(one.name));
            put_number(kept, names.place_of(one.value));
            ++count;
        }
        const bool is_foreign = node.space != Space::Html;
        put_number(nodes, static_cast<unsigned>(node.type) | (node.is_moved ? kMoved : 0U) |
                              (count > 0 ? kHasAttributes : 0U) | (is_foreign ? kForeign : 0U));
        if (is_foreign) put_number(nodes, node.space == Space::Svg ? 1 : 2);
        if (id > 0) put_number(nodes, id - node.parent);
        if (node.type == NodeType::Element) put_number(nodes, names.place_of(node.tag));
        if (count > 0) put_number(nodes, count);
        nodes += kept;
    }
    std::string packed;
    put_number(packed, names.table().size());
    put_number(packed, page.size());
    packed += nodes;
    packed += names.table();
    packed.shrink_to_fit();
    return packed;
}

Document unpack_skeleton(std::string_view packed) {
    return SkeletonReader(packed).read();
}

}  // namespace html
