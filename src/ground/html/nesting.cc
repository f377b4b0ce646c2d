// How deep do the open elements of a page get? An estimate from the tokens, close to what the parser will do: enough to
// keep the parser from pages that would cost it quadratic time. What the estimate misses meets the parser's own limits.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/html/inner/gumbo_tree.h"

namespace html {

namespace {

using TagHash = std::uint64_t;

constexpr TagHash hash(std::string_view tag) {
    TagHash value = 14695981039346656037ULL;  // FNV-1a
    for (const char c : tag) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return value;
}

template <std::size_t N>
bool is_in(const TagHash (&set)[N], TagHash tag) {
    return std::find(std::begin(set), std::end(set), tag) != std::end(set);
}

// An end tag does not reach through these (HTML5, "has an element in scope").
constexpr TagHash kWalls[] = {hash("table"),  hash("td"),      hash("th"),       hash("caption"),
                              hash("object"), hash("marquee"), hash("template"), hash("applet")};
constexpr TagHash kTableParts[] = {hash("td"),     hash("th"),      hash("tr"),       hash("tbody"),
                                   hash("thead"),  hash("tfoot"),   hash("caption"),  hash("table"),
                                   hash("object"), hash("marquee"), hash("template"), hash("applet")};
constexpr TagHash kFormatting[] = {hash("a"),      hash("b"),      hash("big"),  hash("code"), hash("em"),
                                   hash("font"),   hash("i"),      hash("nobr"), hash("s"),    hash("small"),
                                   hash("strike"), hash("strong"), hash("tt"),   hash("u")};

/// A start tag of `tags` closes an open one of them, looking no further than `stops` and the walls.
struct AutoClose {
    TagHash tags[3];
    TagHash stops[2];
};
constexpr AutoClose kAutoCloses[] = {
    {{hash("p"), 0, 0}, {hash("button"), 0}},
    {{hash("li"), 0, 0}, {hash("ul"), hash("ol")}},
    {{hash("dt"), hash("dd"), 0}, {hash("dl"), 0}},
    {{hash("td"), hash("th"), 0}, {hash("table"), 0}},
    {{hash("tr"), 0, 0}, {hash("table"), 0}},
    {{hash("tbody"), hash("thead"), hash("tfoot")}, {hash("table"), 0}},
    {{hash("option"), 0, 0}, {hash("select"), 0}},
    {{hash("optgroup"), 0, 0}, {hash("select"), 0}},
    {{hash("rt"), hash("rp"), 0}, {hash("ruby"), 0}},
};

class NestingCounter {
  public:
    NestingCounter(std::string_view utf8, const Limits& limits)
        : utf8_(utf8), limits_(limits), budget_(utf8.size() * 8 + 10'000'000) {}

    void run() {
        Scanner scanner(utf8_);
        for (Token token; scanner.next(token);) {
            if (token.type == TokenType::StartTag) {
                if (token.attributes.size() > limits_.attributes) {
                    refuse(token, fmt::format("a tag has {} attributes; at most {} are read", token.attributes.size(),
                                              limits_.attributes));
                }
                if (!is_void_element(scanner.tag()) && !token.is_self_closing) open(token, scanner.tag());
            } else if (token.type == TokenType::EndTag) {
                close(hash(scanner.tag()));
            }
        }
    }

  private:
    [[noreturn]] void refuse(const Token& token, const std::string& why) const {
        const auto line =
            1 + std::count(utf8_.begin(), utf8_.begin() + static_cast<std::ptrdiff_t>(token.span.begin), '\n');
        throw base::Error(base::Kind::BadInput, fmt::format("line {}: {}", line, why));
    }

    void open(const Token& token, std::string_view name) {
        const TagHash tag = hash(name);
        if (is_block_element(name) && name != "p") close_nearest(kAutoCloses[0]);
        for (const AutoClose& rule : kAutoCloses) {
            if (is_in(rule.tags, tag)) close_nearest(rule);
        }
        if (tag == hash("a") || tag == hash("nobr")) close(tag);
        stack_.push_back(tag);
        ++counts_[tag];
        if (stack_.size() > limits_.depth) {
            refuse(token, fmt::format("elements are nested more than {} deep: look for start tags without end tags",
                                      limits_.depth));
        }
    }

    void pop_to(std::size_t size) {
        while (stack_.size() > size) {
            --counts_[stack_.back()];
            stack_.pop_back();
        }
    }

    void close_nearest(const AutoClose& rule) {
        bool is_open = false;
        for (const TagHash tag : rule.tags) is_open = is_open || (tag != 0 && has(tag));
        for (std::size_t i = stack_.size(); is_open && i > 0; --i) {
            spend();
            const TagHash tag = stack_[i - 1];
            if (is_in(rule.tags, tag)) return pop_to(i - 1);
            if (is_in(rule.stops, tag) || is_in(kWalls, tag)) return;
        }
    }

    void close(TagHash wanted) {
        if (!has(wanted)) return;
        const bool is_table_part = is_in(kTableParts, wanted);
        for (std::size_t i = stack_.size(); i > 0; --i) {
            spend();
            const TagHash tag = stack_[i - 1];
            if (tag == wanted) {
                if (!is_in(kFormatting, wanted)) return pop_to(i - 1);
                --counts_[tag];  // what was opened inside stays open (the adoption agency)
                stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(i) - 1);
                return;
            }
            if (is_table_part ? tag == hash("table") : is_in(kWalls, tag)) return;
        }
    }

    bool has(TagHash tag) const {
        const auto known = counts_.find(tag);
        return known != counts_.end() && known->second > 0;
    }

    void spend() {
        if (budget_-- == 0)
            throw base::Error(base::Kind::BadInput,
                              "the page's tags are too tangled to be read: its end tags do not match its start tags");
    }

    std::string_view utf8_;
    const Limits& limits_;
    std::size_t budget_;
    std::vector<TagHash> stack_;
    std::unordered_map<TagHash, int> counts_;
};

}  // namespace

void check_nesting(std::string_view utf8, const Limits& limits) {
    NestingCounter(utf8, limits).run();
}

}  // namespace html
