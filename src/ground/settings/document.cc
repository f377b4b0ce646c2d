#include "ground/settings/document.h"

#include <algorithm>

#include <toml++/toml.h>

#include "ground/base/text.h"

namespace settings {
namespace {

constexpr std::size_t kLimit = 1 << 20;

Place place_of(const toml::source_position& position) {
    return {static_cast<int>(position.line), static_cast<int>(position.column)};
}

// toml++ counts lines and characters; the editor needs bytes.
class Offsets {
  public:
    explicit Offsets(std::string_view text) : text_(text) {
        lines_.push_back(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] == '\n') lines_.push_back(at + 1);
        }
    }
    std::size_t of(const toml::source_position& position) const {
        if (position.line < 1 || position.line > lines_.size()) return text_.size();
        const std::string_view line = text_.substr(lines_[position.line - 1]);
        return lines_[position.line - 1] + base::first_code_points(line, position.column - 1).size();
    }

  private:
    std::string_view text_;
    std::vector<std::size_t> lines_;
};

Node convert(const toml::node& source, std::string_view text, const Offsets& offsets) {
    using Type = Node::Type;
    Node node;
    node.place = node.key_place = place_of(source.source().begin);
    node.begin = offsets.of(source.source().begin);
    node.end = std::max(node.begin, offsets.of(source.source().end));
    switch (source.type()) {
        case toml::node_type::none:
            break;
        case toml::node_type::string:
            node.type = Type::String;
            node.text = source.as_string()->get();
            break;
        case toml::node_type::integer:
            node.type = Type::Whole;
            node.integer = source.as_integer()->get();
            break;
        case toml::node_type::boolean:
            node.type = Type::Boolean;
            node.boolean = source.as_boolean()->get();
            break;
        case toml::node_type::floating_point:
            node.type = Type::Real;
            break;
        case toml::node_type::date:
        case toml::node_type::time:
        case toml::node_type::date_time:
            node.type = Type::Moment;
            break;
        case toml::node_type::array:
            node.type = Type::List;
            for (const toml::node& item : *source.as_array()) node.nodes.push_back(convert(item, text, offsets));
            break;
        case toml::node_type::table:
            node.type = Type::Table;
            for (auto&& [key, value] : *source.as_table()) {
                Node member = convert(value, text, offsets);
                member.name = key.str();
                member.key_place = place_of(key.source().begin);
                node.nodes.push_back(std::move(member));
            }
            break;
    }
    if (node.type == Type::Real || node.type == Type::Moment)
        node.text = text.substr(node.begin, node.end - node.begin);
    return node;
}

}  // namespace

bool Node::operator==(const Node& other) const {
    return type == other.type && name == other.name && text == other.text && integer == other.integer &&
           boolean == other.boolean && nodes == other.nodes;
}

const Node* Node::find(std::string_view member) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.name == member; });
    return type == Type::Table && found != nodes.end() ? &*found : nullptr;
}

Node read_document(std::string_view toml) {
    if (toml.size() > kLimit) throw Unreadable{{1, 1}, "the file is larger than 1 MB"};
    if (!base::is_utf8(toml)) throw Unreadable{{1, 1}, "the file is not UTF-8; save it as UTF-8 in the editor"};
    try {
        const toml::table root = toml::parse(toml);
        return convert(root, toml, Offsets(toml));
    } catch (const toml::parse_error& e) {
        throw Unreadable{place_of(e.source().begin), std::string(e.description())};
    }
}

}  // namespace settings
