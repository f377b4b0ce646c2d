// docs/handbook/template-language.md says what the language does, and each of its examples is held to it.
#include <fstream>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/text.h"
#include "ground/template/filter.h"
#include "ground/template/template.h"

namespace tmpl {
namespace {

std::string handbook() {
    std::ifstream file(YAKUBA_SOURCE_DIR "/docs/handbook/template-language.md");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

struct Fence {
    std::string info;
    std::string text;
    int line = 0;
};

std::vector<Fence> fences() {
    std::vector<Fence> found;
    std::optional<Fence> open;
    int number = 0;
    std::istringstream lines(handbook());
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.substr(0, 3) != "```") {
            if (open) open->text += line + "\n";
        } else if (open) {
            found.push_back(*std::exchange(open, std::nullopt));
        } else {
            open = Fence{line.substr(3), "", number};
        }
    }
    return found;
}

/// The right side of a line of data: "text", html "markup", true, false, list (an empty one), or a whole number.
Value read_value(std::string_view text) {
    if (text == "true" || text == "false") return text == "true";
    if (text == "list") return List{};
    const bool is_html = text.substr(0, 5) == "html ";
    if (is_html) text.remove_prefix(5);
    if (text.front() != '"') return std::int64_t{std::stoll(std::string(text))};
    std::string plain(text.substr(1, text.size() - 2));
    for (auto at = plain.find("\\n"); at != std::string::npos; at = plain.find("\\n")) plain.replace(at, 2, "\n");
    if (is_html) return SafeHtml(plain);
    return plain;
}

/// "news.0.title": numbers in a path make a list. Entries stand together and in order.
struct Tree {
    std::string name;
    std::optional<Value> leaf;
    std::vector<Tree> branches;

    Tree& at(std::string_view key) {
        for (Tree& branch : branches) {
            if (branch.name == key) return branch;
        }
        return branches.emplace_back(Tree{std::string(key), {}, {}});
    }
    Value value() const {
        if (leaf) return *leaf;
        List list;
        Map map;
        for (const Tree& branch : branches) {
            if (branch.name == std::to_string(list.size())) {
                list.push_back(branch.value());
            } else {
                map.set(branch.name, branch.value());
            }
        }
        if (list.empty()) return map;
        return list;
    }
};

Value read_data(const std::string& text) {
    Tree root;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find(" = ");
        Tree* tree = &root;
        for (const auto key : base::split(std::string_view(line).substr(0, equals), '.')) tree = &tree->at(key);
        tree->leaf = read_value(std::string_view(line).substr(equals + 3));
    }
    return root.value();
}

std::string outcome(const std::string& source, const Value& data, const Set& set) {
    try {
        Options options;
        options.set = &set;
        const auto page = parse("page", source);
        EXPECT_TRUE(check(page, set).empty());
        return render(page, data, options).html;
    } catch (const TemplateError& error) {
        const Problem& problem = error.problem;
        return fmt::format("{}:{} {}: {}\n", problem.line, problem.column, problem.id, problem.english.what);
    }
}

TEST(Handbook, ShowsEachConstructAsItWorks) {
    Value data;
    MapSet set;
    int examples = 0;
    const auto all = fences();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Fence& fence = all[i];
        SCOPED_TRACE(fmt::format("line {}", fence.line));
        constexpr std::string_view kPart = "template part: ";
        if (fence.info == "data") {
            data = read_data(fence.text);
        } else if (fence.info.substr(0, kPart.size()) == kPart) {
            set.add(fence.info.substr(kPart.size()), fence.text);
        } else if (fence.info == "template") {
            ASSERT_LT(i + 1, all.size());
            const Fence& expected = all[++i];
            ASSERT_TRUE(expected.info == "output" || expected.info == "error") << expected.info;
            EXPECT_EQ(outcome(fence.text, data, set), expected.text);
            ++examples;
        } else {
            ADD_FAILURE() << "unknown example: " << fence.info;
        }
    }
    EXPECT_GE(examples, 18);
}

TEST(Handbook, ListsEveryFilter) {
    const std::string text = handbook();
    for (const Filter& filter : all_filters()) {
        EXPECT_NE(text.find(fmt::format("| `{}` | {} |\n", filter.name, filter.summary)), std::string::npos)
            << filter.name;
    }
}

}  // namespace
}  // namespace tmpl
