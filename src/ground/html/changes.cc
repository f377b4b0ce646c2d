#include "ground/html/changes.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/html/document.h"

namespace html {

namespace {

constexpr std::size_t kMostCells = 4'000'000;  // of a comparison table: 16 MB, some milliseconds
constexpr std::size_t kCrumb = 2;              // characters: see without_crumbs
constexpr std::size_t kLookAhead = 20;         // removed blocks that are looked at for the partner of a new one
constexpr int kAlike = 40;                     // per cent of common text from which two blocks are one that was changed

struct Block {
    std::string label;
    std::string text;
    bool operator==(const Block&) const = default;
};

std::string label_of(std::string_view tag) {
    if (tag.size() == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6') return fmt::format("見出し{}", tag[1]);
    if (tag == "li") return "箇条書き";
    if (tag == "tr") return "表";
    if (tag == "caption") return "表の題名";
    if (tag == "dt" || tag == "dd") return "説明リスト";
    if (tag == "blockquote") return "引用";
    return {};
}

/// Collects the blocks of a fragment. A table's row is one block, its cells parted by bars.
class Blocks {
  public:
    explicit Blocks(const Document& document) : document_(document) {
        walk(kDocumentNode, "");
        flush("");
    }
    std::vector<Block> take() { return std::move(blocks_); }

  private:
    void walk(NodeId parent, const std::string& label) {
        for (NodeId id = document_[parent].first_child; id != kNoNode; id = document_[id].next) {
            const Node& node = document_[id];
            if (node.type == NodeType::Text) text_ += node.text;
            if (node.type != NodeType::Element) continue;
            if (node.tag == "script" || node.tag == "style" || node.tag == "template") continue;
            if (node.tag == "img") {
                const std::string_view alt = document_.attribute(id, "alt");
                text_ += fmt::format("［画像 {}：{}］", document_.attribute(id, "src"), alt.empty() ? "説明なし" : alt);
            } else if (node.tag == "iframe" || node.tag == "video" || node.tag == "audio" || node.tag == "object" ||
                       node.tag == "embed") {
                text_ +=
                    fmt::format("［埋込み {}{}］", document_.attribute(id, "src"), document_.attribute(id, "data"));
            } else if (node.tag == "br") {
                text_ += ' ';
            } else if ((node.tag == "td" || node.tag == "th")) {
                if (!text_.empty()) text_ += " ｜ ";
                walk(id, label);
            } else if (is_block_element(node.tag)) {
                const bool is_in_cell = label == "表";
                if (!is_in_cell) flush(label);
                const std::string own = label_of(node.tag);
                walk(id, own.empty() ? label : own);
                if (is_in_cell)
                    text_ += ' ';
                else
                    flush(own.empty() ? label : own);
            } else {
                walk(id, label);
                if (node.tag == "a")
                    if (const Attribute* href = document_.find_attribute(id, "href"))
                        text_ += fmt::format("［リンク先 {}］", href->value);
            }
        }
    }

    void flush(const std::string& label) {
        std::string plain;
        for (const char c : text_) {
            if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f') {
                if (!plain.empty() && plain.back() != ' ') plain += ' ';
            } else {
                plain += c;
            }
        }
        if (plain.ends_with(' ')) plain.pop_back();
        text_.clear();
        if (!plain.empty()) blocks_.push_back({label, std::move(plain)});
    }

    const Document& document_;
    std::vector<Block> blocks_;
    std::string text_;
};

/// Which entries of `a` and `b` belong together: a longest common subsequence, as pairs. Common ends are cut first;
/// when the rest is too large for the table, it has none.
template <class T>
std::vector<std::pair<std::size_t, std::size_t>> common(const std::vector<T>& a, const std::vector<T>& b) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    std::size_t begin = 0, end_a = a.size(), end_b = b.size();
    while (begin < end_a && begin < end_b && a[begin] == b[begin]) {
        pairs.emplace_back(begin, begin);
        ++begin;
    }
    std::size_t tail = 0;
    while (begin < end_a && begin < end_b && a[end_a - 1] == b[end_b - 1]) --end_a, --end_b, ++tail;
    const std::size_t rows = end_a - begin, columns = end_b - begin;
    if (rows > 0 && columns > 0 && rows * columns <= kMostCells) {
        std::vector<std::uint32_t> length((rows + 1) * (columns + 1), 0);
        const auto at = [&](std::size_t i, std::size_t j) -> std::uint32_t& { return length[i * (columns + 1) + j]; };
        for (std::size_t i = rows; i-- > 0;)
            for (std::size_t j = columns; j-- > 0;)
                at(i, j) = a[begin + i] == b[begin + j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
        for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
            if (a[begin + i] == b[begin + j])
                pairs.emplace_back(begin + i++, begin + j++);
            else if (at(i + 1, j) >= at(i, j + 1))
                ++i;
            else
                ++j;
        }
    }
    for (std::size_t i = 0; i < tail; ++i) pairs.emplace_back(end_a + i, end_b + i);
    return pairs;
}

/// Words of ASCII letters and digits stay whole; every other character is one for itself.
std::vector<std::string_view> tokens_of(std::string_view text) {
    const auto is_word = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    std::vector<std::string_view> tokens;
    while (!text.empty()) {
        std::size_t size = 0;
        while (size < text.size() && is_word(text[size])) ++size;
        if (size == 0) size = std::max<std::size_t>(1, base::first_code_points(text, 1).size());
        tokens.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return tokens;
}

void append(std::vector<Piece>& pieces, Piece::What what, std::string_view text) {
    if (text.empty()) return;
    if (!pieces.empty() && pieces.back().what == what)
        pieces.back().text += text;
    else
        pieces.push_back({what, std::string(text)});
}

/// By the words that both have, in any order: cheap, and good enough to choose partners by.
bool are_alike(std::string_view before, std::string_view after) {
    auto a = tokens_of(before), b = tokens_of(after);
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    std::vector<std::string_view> both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    const std::size_t longer = std::max(a.size(), b.size());
    return longer > 0 && both.size() * 100 >= longer * kAlike;
}

std::vector<Block> blocks_of(std::string_view utf8, std::string_view context) {
    const Document document = Document::parse_fragment(utf8, context);
    return Blocks(document).take();
}

BlockChange whole(const Block& block, BlockChange::What what) {
    const Piece::What piece = what == BlockChange::What::Added     ? Piece::What::Added
                              : what == BlockChange::What::Removed ? Piece::What::Removed
                                                                   : Piece::What::Same;
    return {what, block.label, {{piece, block.text}}};
}

/// What stands between two blocks that stayed: each new block is taken as a changed old one, if one that is left is
/// alike.
void append_gap(std::vector<BlockChange>& to, std::span<const Block> removed, std::span<const Block> added) {
    std::size_t next = 0;
    for (const Block& block : added) {
        std::size_t match = next;
        const std::size_t last = std::min(removed.size(), next + kLookAhead);
        while (match < last && !(removed[match].label == block.label && are_alike(removed[match].text, block.text)))
            ++match;
        if (match == last) {
            to.push_back(whole(block, BlockChange::What::Added));
            continue;
        }
        for (; next < match; ++next) to.push_back(whole(removed[next], BlockChange::What::Removed));
        to.push_back({BlockChange::What::Changed, block.label, compare_text(removed[match].text, block.text)});
        next = match + 1;
    }
    for (; next < removed.size(); ++next) to.push_back(whole(removed[next], BlockChange::What::Removed));
}

/// A character or two that happen to be in both, between what went and what came, help nobody: they become part of the
/// change.
std::vector<Piece> without_crumbs(const std::vector<Piece>& pieces) {
    std::vector<Piece> calm;
    std::string removed, added;
    const auto flush = [&] {
        append(calm, Piece::What::Removed, removed);
        append(calm, Piece::What::Added, added);
        removed.clear();
        added.clear();
    };
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const Piece& piece = pieces[i];
        const bool is_crumb = piece.what == Piece::What::Same && !removed.empty() && !added.empty() &&
                              i + 1 < pieces.size() && base::count_code_points(piece.text) <= kCrumb;
        if (piece.what != Piece::What::Added && (piece.what == Piece::What::Removed || is_crumb)) removed += piece.text;
        if (piece.what != Piece::What::Removed && (piece.what == Piece::What::Added || is_crumb)) added += piece.text;
        if (piece.what == Piece::What::Same && !is_crumb) {
            flush();
            append(calm, Piece::What::Same, piece.text);
        }
    }
    flush();
    return calm;
}

}  // namespace

std::vector<Piece> compare_text(std::string_view before, std::string_view after) {
    const auto a = tokens_of(before), b = tokens_of(after);
    std::vector<Piece> pieces;
    std::size_t i = 0, j = 0;
    const auto go_to = [&](std::size_t to_i, std::size_t to_j) {
        for (; i < to_i; ++i) append(pieces, Piece::What::Removed, a[i]);
        for (; j < to_j; ++j) append(pieces, Piece::What::Added, b[j]);
    };
    for (const auto& [in_a, in_b] : common(a, b)) {
        go_to(in_a, in_b);
        append(pieces, Piece::What::Same, a[i]);
        ++i, ++j;
    }
    go_to(a.size(), b.size());
    return without_crumbs(pieces);
}

std::vector<BlockChange> compare_blocks(std::string_view before, std::string_view after, std::string_view context) {
    const std::vector<Block> a = blocks_of(before, context), b = blocks_of(after, context);
    std::vector<BlockChange> changes;
    std::size_t i = 0, j = 0;
    const auto go_to = [&](std::size_t to_i, std::size_t to_j) {
        append_gap(changes, std::span(a).subspan(i, to_i - i), std::span(b).subspan(j, to_j - j));
        i = to_i, j = to_j;
    };
    for (const auto& [in_a, in_b] : common(a, b)) {
        go_to(in_a, in_b);
        changes.push_back(whole(b[j], BlockChange::What::Same));
        ++i, ++j;
    }
    go_to(a.size(), b.size());
    return changes;
}

}  // namespace html
