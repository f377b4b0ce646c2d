// The tree root: one hash over everything public, kept up to date at the cost of what a release touches. Each folder is
// a set of lines keyed by the hash of the name; a set above 256 is split by the key's next hexadecimal digit, so a
// change rehashes one bucket a level (docs/format/release.md, "The tree root"). Where the lines live is the TreeStore's
// business.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ground/base/hash.h"
#include "ground/release/record.h"

namespace release {

/// A tree in three figures, as a record states them.
struct Summary {
    base::Hash root;
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    bool operator==(const Summary&) const = default;
};

/// Nothing is public yet.
Summary empty_tree();

/// One line of one folder: "f <name> <fields>" for an entry, "d <name> <hash>" for a folder below it.
struct TreeLine {
    base::Hash key;  ///< sha256 of the name's bytes
    std::string line;
    bool operator==(const TreeLine&) const = default;
};

/// The lowest and the highest key that begin with the hexadecimal digits `prefix`.
std::pair<base::Hash, base::Hash> key_range(std::string_view prefix);

/// A bucket: how many lines are below it, and their hash.
struct TreeNode {
    std::int64_t count = 0;
    base::Hash hash;
    bool operator==(const TreeNode&) const = default;
};

/// Where lines and buckets are kept. A folder is named by its path bytes ("" is the root), a bucket by the hexadecimal
/// digits that its keys begin with ("" is the whole folder).
class TreeStore {
  public:
    virtual ~TreeStore() = default;
    /// Those of `keys` (sorted) that exist, sorted by key.
    virtual std::vector<TreeLine> find_lines(std::string_view folder, std::span<const base::Hash> keys) = 0;
    /// All lines whose key begins with `prefix`, sorted by key.
    virtual std::vector<TreeLine> list_lines(std::string_view folder, std::string_view prefix) = 0;
    /// Adds or replaces.
    virtual void put_lines(std::string_view folder, std::span<const TreeLine> lines) = 0;
    virtual void delete_lines(std::string_view folder, std::span<const base::Hash> keys) = 0;
    virtual std::optional<TreeNode> find_node(std::string_view folder, std::string_view prefix) = 0;
    /// The buckets one digit below `prefix`, in digit order: digit and node.
    virtual std::vector<std::pair<char, TreeNode>> list_children(std::string_view folder, std::string_view prefix) = 0;
    virtual void put_node(std::string_view folder, std::string_view prefix, const TreeNode& node) = 0;
    /// Deletes the bucket and all below it.
    virtual void delete_nodes(std::string_view folder, std::string_view prefix) = 0;
};

/// Brings the store from `before` to the tree after `changes` and says what that is. The cost is that of the buckets
/// that the changes touch. Deletions happen before puts. Throws Error(Conflict), the store then being half changed,
/// when a path that is deleted is not there, or is to be both an entry and a folder.
Summary update_tree(TreeStore& store, const Summary& before, std::span<const Change> changes);

/// A tree in memory, for verifying and for tests.
class MemoryTree final : public TreeStore {
  public:
    std::vector<TreeLine> find_lines(std::string_view folder, std::span<const base::Hash> keys) override;
    std::vector<TreeLine> list_lines(std::string_view folder, std::string_view prefix) override;
    void put_lines(std::string_view folder, std::span<const TreeLine> lines) override;
    void delete_lines(std::string_view folder, std::span<const base::Hash> keys) override;
    std::optional<TreeNode> find_node(std::string_view folder, std::string_view prefix) override;
    std::vector<std::pair<char, TreeNode>> list_children(std::string_view folder, std::string_view prefix) override;
    void put_node(std::string_view folder, std::string_view prefix, const TreeNode& node) override;
    void delete_nodes(std::string_view folder, std::string_view prefix) override;
    /// Of everything that is kept, for tests.
    std::size_t count_lines() const;
    std::size_t count_nodes() const;

  private:
    struct Folder {
        std::map<base::Hash, std::string> lines;
        std::map<std::string, TreeNode, std::less<>> nodes;
    };
    std::map<std::string, Folder, std::less<>> folders_;
};

/// The line of an entry or folder named `name`, as it is hashed.
std::string write_file_line(std::string_view name, const Entry& entry);
std::string write_folder_line(std::string_view name, const base::Hash& hash);
/// The hash of a whole folder, from all its lines. What update_tree arrives at step by step.
base::Hash hash_folder(std::vector<TreeLine> lines);

}  // namespace release
