#include "ground/release/tree.h"

#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include "ground/base/error.h"
#include "ground/release/manifest.h"
#include "ground/release/testing/sample.h"

namespace release {

namespace {

std::string numbered(std::string_view folder, int number) {
    return fmt::format("{}page-{:04}.html", folder, number);
}

}  // namespace

TEST(TreeRoot, OfNothingIsThatOfAnEmptyFolder) {
    EXPECT_EQ(empty_tree().root, sys::sha256("yakuba-leaf\n"));
    EXPECT_EQ(Manifest().summary(), empty_tree());
}

TEST(TreeRoot, IsWhatTheFormatSays) {
    const Entry a = testing::page("a.html", "A");
    const Entry b = testing::page("d/b.html", "B");
    const std::string below = "yakuba-leaf\nf b.html " + write_fields(b) + "\n";
    const std::string file = "f a.html " + write_fields(a) + "\n";
    const std::string folder = "d d " + sys::sha256(below).hex() + "\n";
    const bool file_first = sys::sha256("a.html") < sys::sha256("d");
    const auto root = sys::sha256("yakuba-leaf\n" + (file_first ? file + folder : folder + file));
    MemoryTree tree;
    const std::vector<Change> changes{Change::put(a), Change::put(b)};
    EXPECT_EQ(update_tree(tree, empty_tree(), changes), (Summary{root, 2, 2}));
}

TEST(TreeRoot, StepByStepIsTheRootOfTheWhole) {
    // Few names in few folders, so that puts, replacements, deletions, emptied folders and both sides of 256 all
    // happen.
    for (const unsigned seed : {1U, 2U, 3U}) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        const auto below = [&](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
        const std::vector<std::string> folders{"", "a/", "a/b/", "a/b/c/", "d/e/f/", "d/"};
        MemoryTree tree;
        Manifest whole;
        Summary sum = empty_tree();
        std::set<std::string> there;
        bool was_split = false, was_merged = false;
        for (int step = 0; step < 120; ++step) {
            std::map<std::string, Change> changes;
            const bool is_shrinking = step % 40 > 25;
            for (int i = below(400); i >= 0; --i) {
                const std::string path = numbered(folders[static_cast<std::size_t>(below(6))], below(700));
                if (is_shrinking || below(4) == 0) {
                    const auto next = there.lower_bound(path);
                    if (next != there.end()) changes.insert_or_assign(*next, Change::remove(*next));
                } else {
                    changes.insert_or_assign(path, Change::put(testing::page(path, std::to_string(below(3)))));
                }
            }
            if (step == 60)  // everything below a/ goes at once
                for (const auto& path : there)
                    if (path.starts_with("a/")) changes.insert_or_assign(path, Change::remove(path));
            std::vector<Change> list;
            for (auto& [path, change] : changes) {
                if (change.what == Change::What::Put) there.insert(path);
                if (change.what == Change::What::Delete) there.erase(path);
                list.push_back(change);
            }
            const auto nodes = tree.count_nodes();
            sum = update_tree(tree, sum, list);
            whole.apply(list);
            ASSERT_EQ(sum, whole.summary()) << "after step " << step;
            was_split |= tree.count_nodes() > nodes + 10;
            was_merged |= tree.count_nodes() + 10 < nodes;
        }
        EXPECT_TRUE(was_split);
        EXPECT_TRUE(was_merged);
        std::vector<Change> all;
        for (const auto& path : there) all.push_back(Change::remove(path));
        EXPECT_EQ(update_tree(tree, sum, all), empty_tree());
        EXPECT_EQ(tree.count_lines(), 0U);
        EXPECT_EQ(tree.count_nodes(), 0U);
    }
}

TEST(TreeRoot, SplitsAbove256AndMergesAt256) {
    MemoryTree tree;
    Manifest whole;
    Summary sum = empty_tree();
    const auto apply = [&](Change change) {
        const std::vector<Change> changes{std::move(change)};
        sum = update_tree(tree, sum, changes);
        whole.apply(changes);
        EXPECT_EQ(sum, whole.summary());
    };
    for (int i = 0; i < 256; ++i) apply(Change::put(testing::page(numbered("", i), "x")));
    EXPECT_EQ(tree.count_nodes(), 1U);
    apply(Change::put(testing::page(numbered("", 256), "x")));
    EXPECT_EQ(tree.count_nodes(), 17U);
    apply(Change::remove(numbered("", 7)));
    EXPECT_EQ(tree.count_nodes(), 1U);
}

TEST(TreeRoot, OfAChangeTouchesOnlyItsBuckets) {
    struct Counting final : TreeStore {
        MemoryTree inner;
        std::size_t read = 0, written = 0;
        std::vector<TreeLine> find_lines(std::string_view f, std::span<const base::Hash> k) override {
            return count(inner.find_lines(f, k));
        }
        std::vector<TreeLine> list_lines(std::string_view f, std::string_view p) override {
            return count(inner.list_lines(f, p));
        }
        void put_lines(std::string_view f, std::span<const TreeLine> l) override {
            written += l.size();
            inner.put_lines(f, l);
        }
        void delete_lines(std::string_view f, std::span<const base::Hash> k) override { inner.delete_lines(f, k); }
        std::optional<TreeNode> find_node(std::string_view f, std::string_view p) override {
            return inner.find_node(f, p);
        }
        std::vector<std::pair<char, TreeNode>> list_children(std::string_view f, std::string_view p) override {
            read += 16;
            return inner.list_children(f, p);
        }
        void put_node(std::string_view f, std::string_view p, const TreeNode& n) override {
            ++written;
            inner.put_node(f, p, n);
        }
        void delete_nodes(std::string_view f, std::string_view p) override { inner.delete_nodes(f, p); }
        std::vector<TreeLine> count(std::vector<TreeLine> lines) {
            read += lines.size();
            return lines;
        }
    } tree;
    std::vector<Change> changes;
    for (int i = 0; i < 9000; ++i) changes.push_back(Change::put(testing::page(numbered("news/2026/", i), "x")));
    auto sum = update_tree(tree, empty_tree(), changes);
    tree.read = tree.written = 0;
    const std::vector<Change> one{Change::put(testing::page(numbered("news/2026/", 4711), "y"))};
    update_tree(tree, sum, one);
    EXPECT_LE(tree.read, 400U);  // one bucket of at most 256, two levels of 16, and the two folders above
    EXPECT_LE(tree.written, 10U);
}

TEST(TreeRoot, RefusesWhatDoesNotFit) {
    const auto refuses = [](std::vector<Change> first, std::vector<Change> then) {
        MemoryTree tree;
        Manifest whole;
        const auto sum = update_tree(tree, empty_tree(), first);
        whole.apply(first);
        EXPECT_THROW(whole.apply(then), base::Error);
        EXPECT_THROW(update_tree(tree, sum, then), base::Error);
    };
    const auto put = [](const char* path) { return Change::put(testing::page(path, "x")); };
    refuses({}, {Change::remove("a")});
    refuses({put("a")}, {put("a/b")});
    refuses({put("a/b")}, {put("a")});
    refuses({put("a/b"), put("a/c")}, {put("a"), Change::remove("a/b")});
    refuses({}, {put("a"), put("a/b")});
    refuses({put("a/b")}, {Change::remove("a")});
}

TEST(TreeRoot, LetsAFolderBecomeAPageAndBack) {
    MemoryTree tree;
    Manifest whole;
    Summary sum = empty_tree();
    const auto apply = [&](std::vector<Change> changes) {
        sum = update_tree(tree, sum, changes);
        whole.apply(changes);
        EXPECT_EQ(sum, whole.summary());
    };
    const auto put = [](const char* path) { return Change::put(testing::page(path, "x")); };
    apply({put("a/b/c")});
    apply({put("a"), Change::remove("a/b/c")});
    apply({Change::remove("a"), put("a/b/c"), put("a/d")});
    EXPECT_EQ(whole.size(), 2U);
}

TEST(Manifest, ListsAFolderInTheOrderOfPathBytes) {
    Manifest manifest;
    const std::vector<Change> changes{Change::put(testing::page("a-b", "x")), Change::put(testing::page("a/x", "x")),
                                      Change::put(testing::page("a/y/z", "x")), Change::put(testing::page("a0", "x"))};
    manifest.apply(changes);
    std::vector<std::string> paths;
    for (const auto& entry : manifest.list("a")) paths.push_back(entry.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"a/x", "a/y/z"}));
    EXPECT_EQ(manifest.list().size(), 4U);
    EXPECT_EQ(manifest.find("a/y/z"), testing::page("a/y/z", "x"));
    EXPECT_FALSE(manifest.find("a/y"));
    const Manifest moved = std::move(manifest);
    EXPECT_EQ(moved.find("a0"), testing::page("a0", "x"));
}

TEST(Manifest, Of100000EntriesFitsIn40Megabytes) {
    const auto used = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
    const auto before = used();
    Manifest manifest;
    std::vector<Change> change(1);
    for (int i = 0; i < 100'000; ++i) {
        change[0] = Change::put(testing::page(fmt::format("kurashi/tetsuzuki/2026/{:03}/page-{:06}.html", i % 500, i),
                                              std::to_string(i), fmt::format("revision:{}", i)));
        manifest.apply(change);
    }
    EXPECT_LT(used() - before, 40U << 20);
    EXPECT_EQ(manifest.size(), 100'000U);
}

}  // namespace release
