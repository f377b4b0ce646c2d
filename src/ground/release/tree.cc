// See tree.h. Folders are worked on from the deepest up; each hands its hash, or that it is empty now, to the folder
// above.
#include "ground/release/tree.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/inside/lines.h"
#include "ground/sys/crypto.h"

namespace release {

namespace {

constexpr std::size_t kBucket = 256;
constexpr std::string_view kDigits = "0123456789abcdef";

char digit_at(const base::Hash& key, std::size_t depth) {
    const auto byte = key.bytes.at(depth / 2);
    return kDigits[depth % 2 == 0 ? byte >> 4 : byte & 15];
}

base::Hash hash_leaf(std::span<const TreeLine> lines) {
    sys::Hasher hasher;
    hasher.add("yakuba-leaf\n");
    for (const auto& line : lines) {
        hasher.add(line.line);
        hasher.add("\n");
    }
    return hasher.finish();
}

base::Hash hash_branch(std::span<const std::pair<char, TreeNode>> children) {
    std::string text = "yakuba-node\n";
    for (const auto& [digit, child] : children) text += fmt::format("{} {}\n", digit, child.hash.hex());
    return sys::sha256(text);
}

/// The bucket of `lines` (sorted, all beginning with `prefix`); every bucket on the way is put into `store` when there
/// is one.
TreeNode build(std::span<const TreeLine> lines, const std::string& prefix, TreeStore* store, std::string_view folder) {
    TreeNode node{static_cast<std::int64_t>(lines.size()), {}};
    if (lines.size() <= kBucket) {
        node.hash = hash_leaf(lines);
    } else {
        std::vector<std::pair<char, TreeNode>> children;
        for (std::size_t at = 0; at < lines.size();) {
            const char digit = digit_at(lines[at].key, prefix.size());
            std::size_t end = at;
            while (end < lines.size() && digit_at(lines[end].key, prefix.size()) == digit) ++end;
            children.emplace_back(digit, build(lines.subspan(at, end - at), prefix + digit, store, folder));
            at = end;
        }
        node.hash = hash_branch(children);
    }
    if (store != nullptr) store->put_node(folder, prefix, node);
    return node;
}

/// A line that was added (+1), removed (-1) or replaced (0).
struct Touched {
    base::Hash key;
    int more = 0;
};

/// Brings the bucket up to date whose lines are stored already. `old` is what it was.
TreeNode rehash(TreeStore& store, std::string_view folder, const std::string& prefix,
                const std::optional<TreeNode>& old, std::span<const Touched> touched) {
    std::int64_t count = old ? old->count : 0;
    const bool was_split = count > static_cast<std::int64_t>(kBucket);
    for (const auto& one : touched) count += one.more;
    const bool is_split = count > static_cast<std::int64_t>(kBucket);
    if (old && (count == 0 || (was_split && !is_split))) store.delete_nodes(folder, prefix);
    if (count == 0) return {};
    if (!is_split || !was_split) return build(store.list_lines(folder, prefix), prefix, &store, folder);

    const auto before = store.list_children(folder, prefix);
    std::vector<std::pair<char, TreeNode>> children;
    for (const char digit : kDigits) {
        const auto child =
            std::find_if(before.begin(), before.end(), [&](const auto& one) { return one.first == digit; });
        std::optional<TreeNode> node;
        if (child != before.end()) node = child->second;
        const auto begin = std::find_if(touched.begin(), touched.end(),
                                        [&](const Touched& one) { return digit_at(one.key, prefix.size()) == digit; });
        const auto end = std::find_if(begin, touched.end(),
                                      [&](const Touched& one) { return digit_at(one.key, prefix.size()) != digit; });
        if (begin != end) node = rehash(store, folder, prefix + digit, node, {begin, end});
        if (node && node->count > 0) children.emplace_back(digit, *node);
    }
    const TreeNode node{count, hash_branch(children)};
    store.put_node(folder, prefix, node);
    return node;
}

/// What is to become of one name in a folder.
struct Intent {
    std::string name;
    bool deletes_entry = false;
    const Entry* entry = nullptr;
    bool empties_folder = false;
    std::optional<base::Hash> folder;
};
using Intents = std::map<base::Hash, Intent>;

/// The deepest folder first.
struct Deeper {
    bool operator()(const std::string& a, const std::string& b) const {
        const auto depth = [](const std::string& path) {
            return path.empty() ? 0 : 1 + std::count(path.begin(), path.end(), '/');
        };
        const auto depth_a = depth(a), depth_b = depth(b);
        return depth_a != depth_b ? depth_a > depth_b : a < b;
    }
};

std::pair<std::string, std::string> split_path(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return {std::string(), path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

[[noreturn]] void fail(std::string_view folder, const std::string& name, std::string_view why) {
    const std::string path = (folder.empty() ? std::string() : std::string(folder) + "/") + name;
    throw base::Error(base::Kind::Conflict, fmt::format("release entry {}: {}", base::percent_encode(path), why));
}

/// The size field of "f <name> <hash> <size> ...".
std::int64_t size_of(std::string_view line) {
    for (int fields = 0; fields < 3; ++fields) line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
    const auto size = inside::find_number(line.substr(0, line.find(' ')));
    if (!size)
        throw base::Error(base::Kind::Damaged,
                          "the stored release tree has a line that is none; rebuild it from the log");
    return *size;
}

/// The line that `intent` leads to, from the old one; empty = none.
std::string resolve(std::string_view folder, const Intent& intent, std::string_view old) {
    const bool was_entry = old.starts_with("f "), was_folder = old.starts_with("d ");
    if (intent.deletes_entry && !was_entry) fail(folder, intent.name, "it is to be deleted, but is not there");
    if (intent.entry != nullptr) {
        if (intent.folder || (was_folder && !intent.empties_folder)) fail(folder, intent.name, "it is a folder");
        return write_file_line(intent.name, *intent.entry);
    }
    if (intent.folder) {
        if (was_entry && !intent.deletes_entry)
            fail(folder, intent.name, "it is an entry and cannot be a folder as well");
        return write_folder_line(intent.name, *intent.folder);
    }
    return {};
}

/// Carries the intents out; nothing when no line has changed.
std::optional<TreeNode> update_folder(TreeStore& store, std::string_view folder, const Intents& intents, Summary& sum) {
    std::vector<base::Hash> keys;
    for (const auto& [key, intent] : intents) keys.push_back(key);
    const auto old_lines = store.find_lines(folder, keys);
    auto old = old_lines.begin();
    std::vector<TreeLine> puts;
    std::vector<base::Hash> deletes;
    std::vector<Touched> touched;
    for (const auto& [key, intent] : intents) {
        const std::string_view before = old != old_lines.end() && old->key == key ? (old++)->line : std::string_view();
        std::string after = resolve(folder, intent, before);
        if (after == before) continue;
        touched.push_back({key, (after.empty() ? 0 : 1) - (before.empty() ? 0 : 1)});
        if (before.starts_with("f ")) {
            --sum.files;
            sum.bytes -= size_of(before);
        }
        if (intent.entry != nullptr) {
            ++sum.files;
            sum.bytes += intent.entry->size;
        }
        if (after.empty()) {
            deletes.push_back(key);
        } else {
            puts.push_back({key, std::move(after)});
        }
    }
    if (touched.empty()) return std::nullopt;
    if (!deletes.empty()) store.delete_lines(folder, deletes);
    if (!puts.empty()) store.put_lines(folder, puts);
    return rehash(store, folder, "", store.find_node(folder, ""), touched);
}

}  // namespace

std::pair<base::Hash, base::Hash> key_range(std::string_view prefix) {
    std::string low(prefix), high(prefix);
    low.resize(64, '0');
    high.resize(64, 'f');
    return {base::Hash::find_hex(low).value(), base::Hash::find_hex(high).value()};
}

Summary empty_tree() {
    return {hash_leaf({}), 0, 0};
}

std::string write_file_line(std::string_view name, const Entry& entry) {
    return fmt::format("f {} {}", base::percent_encode(name), write_fields(entry));
}

std::string write_folder_line(std::string_view name, const base::Hash& hash) {
    return fmt::format("d {} {}", base::percent_encode(name), hash.hex());
}

base::Hash hash_folder(std::vector<TreeLine> lines) {
    std::sort(lines.begin(), lines.end(), [](const TreeLine& a, const TreeLine& b) { return a.key < b.key; });
    return build(lines, "", nullptr, "").hash;
}

Summary update_tree(TreeStore& store, const Summary& before, std::span<const Change> changes) {
    std::map<std::string, Intents, Deeper> work;
    const auto intent_of = [&](const std::string& path) -> Intent& {
        auto [folder, name] = split_path(path);
        Intent& intent = work[std::move(folder)][sys::sha256(name)];
        intent.name = std::move(name);
        return intent;
    };
    for (const Change& change : changes) {
        Intent& intent = intent_of(change.path());
        if (change.what == Change::What::Delete) {
            intent.deletes_entry = true;
        } else {
            intent.entry = &change.entry;
        }
    }
    Summary after = before;
    while (!work.empty()) {
        const auto next = work.extract(work.begin());
        const auto node = update_folder(store, next.key(), next.mapped(), after);
        if (!node) continue;
        if (next.key().empty()) {
            after.root = node->count == 0 ? empty_tree().root : node->hash;
            continue;
        }
        Intent& above = intent_of(next.key());
        if (node->count == 0) {
            above.empties_folder = true;
        } else {
            above.folder = node->hash;
        }
    }
    return after;
}

std::vector<TreeLine> MemoryTree::find_lines(std::string_view folder, std::span<const base::Hash> keys) {
    std::vector<TreeLine> found;
    const auto at = folders_.find(folder);
    if (at == folders_.end()) return found;
    for (const auto& key : keys)
        if (const auto line = at->second.lines.find(key); line != at->second.lines.end())
            found.push_back({line->first, line->second});
    return found;
}

std::vector<TreeLine> MemoryTree::list_lines(std::string_view folder, std::string_view prefix) {
    std::vector<TreeLine> found;
    const auto at = folders_.find(folder);
    if (at == folders_.end()) return found;
    const auto [low, high] = key_range(prefix);
    const auto& lines = at->second.lines;
    for (auto line = lines.lower_bound(low); line != lines.end() && line->first <= high; ++line)
        found.push_back({line->first, line->second});
    return found;
}

void MemoryTree::put_lines(std::string_view folder, std::span<const TreeLine> lines) {
    auto& kept = folders_[std::string(folder)].lines;
    for (const auto& line : lines) kept.insert_or_assign(line.key, line.line);
}

void MemoryTree::delete_lines(std::string_view folder, std::span<const base::Hash> keys) {
    auto& kept = folders_[std::string(folder)].lines;
    for (const auto& key : keys) kept.erase(key);
}

std::optional<TreeNode> MemoryTree::find_node(std::string_view folder, std::string_view prefix) {
    const auto at = folders_.find(folder);
    if (at == folders_.end()) return std::nullopt;
    const auto node = at->second.nodes.find(prefix);
    if (node == at->second.nodes.end()) return std::nullopt;
    return node->second;
}

std::vector<std::pair<char, TreeNode>> MemoryTree::list_children(std::string_view folder, std::string_view prefix) {
    std::vector<std::pair<char, TreeNode>> children;
    for (const char digit : kDigits)
        if (const auto node = find_node(folder, std::string(prefix) + digit)) children.emplace_back(digit, *node);
    return children;
}

void MemoryTree::put_node(std::string_view folder, std::string_view prefix, const TreeNode& node) {
    folders_[std::string(folder)].nodes.insert_or_assign(std::string(prefix), node);
}

void MemoryTree::delete_nodes(std::string_view folder, std::string_view prefix) {
    const auto at = folders_.find(folder);
    if (at == folders_.end()) return;
    auto& nodes = at->second.nodes;
    for (auto node = nodes.lower_bound(prefix); node != nodes.end() && node->first.starts_with(prefix);)
        node = nodes.erase(node);
    if (nodes.empty() && at->second.lines.empty()) folders_.erase(at);
}

std::size_t MemoryTree::count_lines() const {
    std::size_t count = 0;
    for (const auto& [name, folder] : folders_) count += folder.lines.size();
    return count;
}

std::size_t MemoryTree::count_nodes() const {
    std::size_t count = 0;
    for (const auto& [name, folder] : folders_) count += folder.nodes.size();
    return count;
}

}  // namespace release
