// From Settings to text: one value changed in place, the first file of a site, and the handbook's page.
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/settings/document.h"
#include "ground/settings/keys.h"
#include "ground/settings/settings.h"

namespace settings {
namespace {

using base::Error;
using base::Kind;

std::string literal(const Text& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            quoted += fmt::format("\\u{:04X}", byte);
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}
std::string literal(Integer number) {
    return fmt::format("{}", number);
}
std::string literal(bool flag) {
    return flag ? "true" : "false";
}
std::string literal(const TextList& list) {
    std::vector<std::string> items;
    for (const Text& text : list) items.push_back(literal(text));
    return fmt::format("[{}]", base::join(items, ", "));
}
std::string literal(const TextMap& map) {
    std::vector<std::string> items;
    for (const auto& [name, text] : map) items.push_back(fmt::format("{} = {}", literal(name), literal(text)));
    return items.empty() ? "{}" : fmt::format("{{ {} }}", base::join(items, ", "));
}
std::string literal(const Value& value) {
    return std::visit([](const auto& plain) { return literal(plain); }, value);
}

Settings fresh_settings() {
    Settings fresh;
    fresh.others.resize(1);
    fresh.targets.resize(1);
    return fresh;
}

std::string default_literal(const Key& key) {
    Settings fresh = fresh_settings();
    return std::visit(
        [](auto at) -> std::string {
            if constexpr (std::is_same_v<decltype(at), Rows>)
                return "[]";
            else
                return literal(*at);
        },
        key.slot(fresh, 0));
}

struct Name {
    std::string_view section, leaf;
};
Name split_name(std::string_view key) {
    const auto point = key.find('.');
    return {key.substr(0, point), key.substr(point + 1)};
}

bool is_column(const Key& key) {
    return key.name.find('[') != std::string_view::npos;
}

// A setting that can be changed alone, with a value of its type.
const Key& checked_key(std::string_view name, const Value& value) {
    const Key* key = find_key(name);
    if (!key) throw Error(Kind::BadInput, fmt::format("there is no setting {}", name));
    Settings fresh = fresh_settings();
    const Slot slot = key->slot(fresh, 0);
    if (is_column(*key) || std::holds_alternative<Rows>(slot)) {
        throw Error(Kind::BadInput, fmt::format("{} is a list of tables; change it in the file", name));
    }
    if (slot.index() != value.index()) throw Error(Kind::BadInput, fmt::format("{} must be {}", name, type_name(slot)));
    return *key;
}

Node& member_of(Node& table, std::string_view name) {
    const auto at = std::lower_bound(table.nodes.begin(), table.nodes.end(), name,
                                     [](const Node& node, std::string_view wanted) { return node.name < wanted; });
    if (at != table.nodes.end() && at->name == name) return *at;
    Node member;
    member.name = name;
    return *table.nodes.insert(at, std::move(member));
}

// The document as it has to be after the change.
Node with_value(Node root, const Name& name, const std::string& value) {
    Node& member = member_of(member_of(root, name.section), name.leaf);
    member = read_document("x = " + value).nodes.at(0);
    member.name = name.leaf;
    return root;
}

std::size_t line_end(std::string_view text, std::size_t at) {
    return std::min(text.find('\n', at), text.size());
}

// The first byte after `header` at which another [table] begins.
void find_next_header(const Node& node, std::string_view text, std::size_t header, std::size_t& next) {
    const bool is_header = node.type == Node::Type::Table && node.begin < text.size() && text[node.begin] == '[';
    if (is_header && node.begin > header) next = std::min(next, node.begin);
    for (const Node& inner : node.nodes) find_next_header(inner, text, header, next);
}

// Is this line "# leaf = ..." or "#leaf=..."?
bool is_commented(std::string_view line, std::string_view leaf) {
    line = base::trim(line);
    if (!line.starts_with('#')) return false;
    line = base::trim(line.substr(1));
    return line.starts_with(leaf) && base::trim(line.substr(leaf.size())).starts_with('=');
}

std::string with_line(std::string_view text, const Node& root, const Name& name, const std::string& value) {
    const auto first_newline = text.find('\n');
    const bool is_crlf =
        first_newline != std::string_view::npos && first_newline > 0 && text[first_newline - 1] == '\r';
    const std::string_view newline = is_crlf ? "\r\n" : "\n";
    const std::string line = fmt::format("{} = {}", name.leaf, value);
    const Node* section = root.find(name.section);
    if (!section) {
        const std::string_view gap = text.empty() || text.ends_with('\n') ? "" : newline;
        return fmt::format("{}{}{}[{}]{}{}{}", text, gap, newline, name.section, newline, line, newline);
    }
    std::size_t next = text.size();
    find_next_header(root, text, section->begin, next);
    for (std::size_t at = line_end(text, section->begin) + 1; at < next; at = line_end(text, at) + 1) {
        std::string_view comment = text.substr(at, line_end(text, at) - at);
        if (!is_commented(comment, name.leaf)) continue;
        if (comment.ends_with('\r')) comment.remove_suffix(1);
        return fmt::format("{}{}{}", text.substr(0, at), line, text.substr(at + comment.size()));
    }
    std::size_t last = section->begin;  // the end of the section's last value, or its header
    for (const Node& member : section->nodes) {
        if (member.end < next) last = std::max(last, member.end);
    }
    const std::size_t at = line_end(text, last);
    if (at == text.size()) return fmt::format("{}{}{}{}", text, newline, line, newline);
    return fmt::format("{}{}{}{}", text.substr(0, at + 1), line, newline, text.substr(at + 1));
}

void throw_first_problem(std::string_view toml) {
    const auto problems = find_problems(toml);
    if (problems.empty()) return;
    throw Error(Kind::BadInput, fmt::format("line {}: {}", problems[0].line, problems[0].message));
}

std::string comment_of(std::string_view english, std::string_view japanese) {
    return fmt::format("# {} / {}\n", english, japanese);
}

bool is_rows_section(const Section& section) {
    return find_key(section.name) != nullptr;
}

std::string cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
    return text;
}

}  // namespace

std::string edited(std::string_view toml, std::string_view key, const Value& value) {
    throw_first_problem(toml);
    const Key& known = checked_key(key, value);
    const Name name = split_name(known.name);
    const Node root = read_document(toml);
    const std::string written = literal(value);
    const Node* section = root.find(name.section);
    const Node* old = section ? section->find(name.leaf) : nullptr;
    const Error not_alone(Kind::BadInput,
                          fmt::format("{} cannot be changed by itself where it stands; change it in the file", key));
    if (old && old->type == Node::Type::Table && toml[old->begin] != '{') throw not_alone;
    const std::string text = old ? fmt::format("{}{}{}", toml.substr(0, old->begin), written, toml.substr(old->end))
                                 : with_line(toml, root, name, written);
    try {
        if (!(read_document(text) == with_value(root, name, written))) throw not_alone;
    } catch (const Unreadable&) {
        throw not_alone;
    }
    throw_first_problem(text);
    return text;
}

std::string initial_file(std::span<const std::pair<std::string_view, Value>> values) {
    for (const auto& [name, value] : values) checked_key(name, value);
    std::string text =
        "# Settings of this site. A line that starts with # shows the default: take the # away and change the value.\n"
        "# このサイトの設定。#で始まる行は既定値。変えるときは#を消して値を書き換える。\n";
    for (const Section& section : all_sections()) {
        const bool is_rows = is_rows_section(section);
        text += '\n' + comment_of(section.english, section.japanese);
        text += is_rows ? fmt::format("# [[{}]]\n", section.name) : fmt::format("[{}]\n", section.name);
        const std::string prefix = fmt::format("{}{}.", section.name, is_rows ? "[]" : "");
        for (const Key& key : all_keys()) {
            if (!key.name.starts_with(prefix)) continue;
            const auto set =
                std::find_if(values.begin(), values.end(), [&](const auto& pair) { return pair.first == key.name; });
            text += comment_of(key.english, key.japanese);
            text += fmt::format("{}{} = {}\n", set == values.end() ? "# " : "", key.name.substr(prefix.size()),
                                set == values.end() ? default_literal(key) : literal(set->second));
        }
    }
    throw_first_problem(text);
    return text;
}

std::string documentation() {
    std::string text =
        "# Settings\n\n"
        "Every setting of a site's `yakuba.toml`. A setting that is not in the file has its default; an unknown one is "
        "refused\n"
        "with its line, so that a slip of the pen is not taken for silence. Relative paths start at the site "
        "directory.\n"
        "`yakuba site init` writes the file with every setting commented.\n\n"
        "This page is made from the table in `src/ground/settings/keys.cc`:\n"
        "`UPDATE_GOLDEN=1 build/bin/ground_settings_test` writes it anew.\n";
    Settings fresh = fresh_settings();
    for (const Section& section : all_sections()) {
        const bool is_rows = is_rows_section(section);
        const std::string prefix = fmt::format("{}{}.", section.name, is_rows ? "[]" : "");
        text += fmt::format("\n## {}{}{}\n\n{} / {}\n", is_rows ? "[[" : "[", section.name, is_rows ? "]]" : "]",
                            section.english, section.japanese);
        if (is_rows)
            text += fmt::format("({}, {}.)\n", find_key(section.name)->english, limits_text(*find_key(section.name)));
        text += "\n| setting | default | is | meaning |\n| --- | --- | --- | --- |\n";
        for (const Key& key : all_keys()) {
            if (!key.name.starts_with(prefix)) continue;
            std::string kind(type_name(key.slot(fresh, 0)));
            if (const std::string limits = limits_text(key); !limits.empty()) kind += ": " + limits;
            if (key.secrecy == Secrecy::Secret) kind += "; secret: never shown or logged";
            const bool is_required = is_rows && key.limits.least > 0;
            text += fmt::format("| `{}` | {} | {} | {}<br>{} |\n", key.name.substr(prefix.size()),
                                is_required ? "required" : "`" + cell(default_literal(key)) + "`", cell(kind),
                                cell(std::string(key.english)), cell(std::string(key.japanese)));
        }
    }
    return text;
}

}  // namespace settings
