#include "ground/html/select.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/inner/select_parts.h"

namespace html {

namespace {

bool has_word(std::string_view words, std::string_view wanted) {
    for (std::size_t at = words.find(wanted); at != std::string_view::npos; at = words.find(wanted, at + 1)) {
        const std::size_t end = at + wanted.size();
        if ((at == 0 || is_blank(words[at - 1])) && (end == words.size() || is_blank(words[end])))
            return !wanted.empty();
        if (wanted.empty()) return false;
    }
    return false;
}

bool matches_value(const Simple& simple, std::string_view value) {
    std::string lowered;
    std::string wanted = simple.value;
    if (simple.ignores_case) {
        lowered = base::to_lower(value);
        value = lowered;
        wanted = base::to_lower(wanted);
    }
    switch (simple.compare) {
        case Compare::Exists:
            return true;
        case Compare::Equals:
            return value == wanted;
        case Compare::Word:
            return wanted.find_first_of(" \t\n\r\f") == std::string::npos && has_word(value, wanted);
        case Compare::Prefix:
            return !wanted.empty() && value.starts_with(wanted);
        case Compare::Suffix:
            return !wanted.empty() && value.ends_with(wanted);
        case Compare::Substring:
            return !wanted.empty() && value.find(wanted) != std::string_view::npos;
        case Compare::Dash:
            return value == wanted || (value.starts_with(wanted) && value.substr(wanted.size()).starts_with('-'));
    }
    return false;
}

class Matcher {
  public:
    explicit Matcher(const Document& document) : document_(document) {}

    bool matches(const Selector::List& list, NodeId node) {
        return std::any_of(list.selectors.begin(), list.selectors.end(), [&](const Complex& complex) {
            return matches_from(complex, complex.parts.size() - 1, node);
        });
    }

  private:
    NodeId element_before(NodeId id) const {
        do id = document_[id].previous;
        while (id != kNoNode && document_[id].type != NodeType::Element);
        return id;
    }
    NodeId element_after(NodeId id) const {
        do id = document_[id].next;
        while (id != kNoNode && document_[id].type != NodeType::Element);
        return id;
    }
    NodeId element_above(NodeId id) const {
        const NodeId parent = document_[id].parent;
        return parent != kNoNode && document_[parent].type == NodeType::Element ? parent : kNoNode;
    }

    bool matches_from(const Complex& complex, std::size_t part, NodeId node) {
        if (!matches_compound(complex.parts[part], node)) return false;
        if (part == 0) return true;
        const auto key = std::make_pair(&complex.parts[part], node);
        if (failed_.contains(key)) return false;  // keeps "a a a a" from going through all combinations
        bool found = false;
        switch (complex.combinators[part - 1]) {
            case '>':
                if (const NodeId above = element_above(node); above != kNoNode)
                    found = matches_from(complex, part - 1, above);
                break;
            case '+':
                if (const NodeId before = element_before(node); before != kNoNode)
                    found = matches_from(complex, part - 1, before);
                break;
            case '~':
                for (NodeId id = element_before(node); id != kNoNode && !found; id = element_before(id))
                    found = matches_from(complex, part - 1, id);
                break;
            default:
                for (NodeId id = element_above(node); id != kNoNode && !found; id = element_above(id))
                    found = matches_from(complex, part - 1, id);
        }
        if (!found) failed_.insert(key);
        return found;
    }

    bool matches_compound(const Compound& compound, NodeId node) {
        return std::all_of(compound.begin(), compound.end(),
                           [&](const Simple& simple) { return matches_simple(simple, node); });
    }

    bool matches_simple(const Simple& simple, NodeId id) {
        const Node& node = document_[id];
        switch (simple.kind) {
            case SimpleKind::Any:
                return true;
            case SimpleKind::Type:
                return base::equals_ignoring_case(node.tag, simple.name);
            case SimpleKind::Class:
                return has_word(document_.attribute(id, "class"), simple.name);
            case SimpleKind::Id: {
                const Attribute* const found = document_.find_attribute(id, "id");
                return found != nullptr && found->value == simple.name;
            }
            case SimpleKind::Attribute: {
                for (const Attribute& attribute : document_.attributes(id)) {
                    if (base::equals_ignoring_case(attribute.name, simple.name))
                        return matches_value(simple, attribute.value);
                }
                return false;
            }
            case SimpleKind::Is:
                return matches(*simple.list, id);
            case SimpleKind::Not:
                return !matches(*simple.list, id);
            case SimpleKind::Nth:
                return is_nth(simple, id);
            case SimpleKind::Empty:
                for (NodeId child = node.first_child; child != kNoNode; child = document_[child].next) {
                    if (document_[child].type != NodeType::Comment) return false;
                }
                return true;
            case SimpleKind::Root:
                return node.parent == kDocumentNode;
        }
        return false;
    }

    bool is_nth(const Simple& simple, NodeId id) const {
        long position = 1;
        const std::string_view tag = document_[id].tag;
        const auto step = [&](NodeId from) { return simple.from_end ? element_after(from) : element_before(from); };
        for (NodeId other = step(id); other != kNoNode; other = step(other)) {
            if (!simple.of_type || document_[other].tag == tag) ++position;
        }
        const long rest = position - simple.b;
        return simple.a == 0 ? rest == 0 : rest % simple.a == 0 && rest / simple.a >= 0;
    }

    const Document& document_;
    std::set<std::pair<const Compound*, NodeId>> failed_;
};

std::string escaped_name(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool is_plain = is_letter(c) || c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
        const bool may_start = i > 0 && !(i == 1 && name[0] == '-');
        if ((is_plain && !(c == '-' && name.size() == 1)) || (is_digit(c) && may_start)) {
            out += c;
        } else {
            out += fmt::format("\\{:x} ", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

bool finds_only(const Document& document, const std::string& selector, NodeId element) {
    const std::vector<NodeId> found = Selector(selector).all(document);
    return found.size() == 1 && found.front() == element;
}

std::string step_to(const Document& document, NodeId id) {
    std::string step = escaped_name(document[id].tag);
    const NodeId parent = document[id].parent;
    if (parent == kDocumentNode) step += ":root";
    int position = 0;
    int count = 0;
    for (NodeId child = document[parent].first_child; child != kNoNode; child = document[child].next) {
        if (!document.is_element(child, document[id].tag)) continue;
        ++count;
        if (child == id) position = count;
    }
    if (count > 1) step += fmt::format(":nth-of-type({})", position);
    return step;
}

}  // namespace

Selector::Selector(std::string_view text) : list_(parse_selector(text)) {}
Selector::Selector(Selector&&) noexcept = default;
Selector& Selector::operator=(Selector&&) noexcept = default;
Selector::~Selector() = default;

bool Selector::matches(const Document& document, NodeId node) const {
    return document[node].type == NodeType::Element && Matcher(document).matches(*list_, node);
}

std::vector<NodeId> Selector::all(const Document& document, NodeId root) const {
    std::vector<NodeId> found;
    Matcher matcher(document);
    for (NodeId id = document.next_in(root, root); id != kNoNode; id = document.next_in(root, id)) {
        if (document[id].type == NodeType::Element && matcher.matches(*list_, id)) found.push_back(id);
    }
    return found;
}

NodeId Selector::first(const Document& document, NodeId root) const {
    Matcher matcher(document);
    for (NodeId id = document.next_in(root, root); id != kNoNode; id = document.next_in(root, id)) {
        if (document[id].type == NodeType::Element && matcher.matches(*list_, id)) return id;
    }
    return kNoNode;
}

std::string selector_for(const Document& document, NodeId element) {
    std::string path;
    for (NodeId id = element; id != kNoNode && document[id].type == NodeType::Element; id = document[id].parent) {
        const std::string tail = path.empty() ? "" : " > " + path;
        const std::string_view own_id = document.attribute(id, "id");
        if (!own_id.empty()) {
            const std::string by_id = "#" + escaped_name(own_id) + tail;
            if (finds_only(document, by_id, element)) return by_id;
        }
        const std::string_view first_class = split_first_word(document.attribute(id, "class"));
        if (!first_class.empty()) {
            const std::string by_class = escaped_name(document[id].tag) + "." + escaped_name(first_class) + tail;
            if (finds_only(document, by_class, element)) return by_class;
        }
        const std::string by_tag = escaped_name(document[id].tag) + tail;
        if (finds_only(document, by_tag, element)) return by_tag;
        path = step_to(document, id) + tail;
        if (finds_only(document, path, element)) return path;
    }
    return path;
}

}  // namespace html
