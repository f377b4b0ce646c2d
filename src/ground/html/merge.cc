// Old and new content are compared as lists of nodes by meaning (a longest common subsequence). Nodes in both keep
// their bytes; of two nodes with the same start tag in the same place the tags keep theirs, and the comparison goes on
// inside; the rest is written anew. At the end the result is read again: if it does not mean what the editor sent,
// because white space or nesting came out differently in the new surroundings, the region is written anew as a whole.
#include "ground/html/inner/merge.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/inner/ascii.h"
#include "ground/html/inner/meaning.h"
#include "ground/html/serialise.h"

namespace html {

namespace {

constexpr std::size_t kMostCells = 16U << 20;  // of the comparison table; above it only equal ends are kept
constexpr int kDeepest = 64;                   // nested comparisons

std::string_view newline_of(std::string_view bytes) {
    std::size_t feeds = 0;
    std::size_t pairs = 0;
    for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
        ++feeds;
        if (at > 0 && bytes[at - 1] == '\r') ++pairs;
    }
    if (pairs * 2 > feeds) return "\r\n";
    return feeds == 0 && bytes.find('\r') != std::string_view::npos ? "\r" : "\n";
}

std::string_view escape_for(Iso2022State state) {
    return state == Iso2022State::JisRoman ? "\x1B(J" : "\x1B(B";
}

/// The nodes of one list that show something, and where they stand.
struct Blocks {
    std::vector<NodeId> nodes;
    std::vector<Span> spans;  ///< in the page; of the old content only
    Span inside;              ///< of the element that they stand in
};

/// pairs[j] = index of the old block that new block j equals.
std::vector<std::optional<std::size_t>> match(const std::vector<Meaning>& old_side,
                                              const std::vector<Meaning>& new_side) {
    std::vector<std::optional<std::size_t>> pairs(new_side.size());
    std::size_t begin = 0;
    std::size_t old_end = old_side.size();
    std::size_t new_end = new_side.size();
    while (begin < old_end && begin < new_end && old_side[begin] == new_side[begin]) {
        pairs[begin] = begin;
        ++begin;
    }
    while (old_end > begin && new_end > begin && old_side[old_end - 1] == new_side[new_end - 1])
        pairs[--new_end] = --old_end;
    const std::size_t rows = old_end - begin;
    const std::size_t columns = new_end - begin;
    if (rows == 0 || columns == 0 || rows > kMostCells / columns) return pairs;
    std::vector<std::uint32_t> best((rows + 1) * (columns + 1));
    const auto cell = [&](std::size_t i, std::size_t j) -> std::uint32_t& { return best[i * (columns + 1) + j]; };
    for (std::size_t i = rows; i-- > 0;) {
        for (std::size_t j = columns; j-- > 0;) {
            cell(i, j) = old_side[begin + i] == new_side[begin + j] ? cell(i + 1, j + 1) + 1
                                                                    : std::max(cell(i + 1, j), cell(i, j + 1));
        }
    }
    for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
        if (old_side[begin + i] == new_side[begin + j]) {
            pairs[begin + j++] = begin + i++;
        } else if (cell(i + 1, j) >= cell(i, j + 1)) {
            ++i;
        } else {
            ++j;
        }
    }
    return pairs;
}

class Merger {
  public:
    Merger(const Original& original, const Region& region, const MappedText& old_text, const Document& old_content,
           const Document& new_content)
        : original_(original), region_(region), text_(old_text), old_(old_content), new_(new_content) {
        old_meanings_ = meanings_.of(old_, region.context);
        new_meanings_ = meanings_.of(new_, region.context);
    }

    bool is_same() const { return old_meanings_[kDocumentNode] == new_meanings_[kDocumentNode]; }

    std::string merge() {
        begin();
        merge_children(kDocumentNode, kDocumentNode, region_.span(), 0);
        return finish();
    }

    std::string write_anew() {
        begin();
        put_new(serialise(new_));
        return finish();
    }

    /// Script and style cannot hold references.
    void refuse_lost_code() const {
        for (NodeId id = 1; id < new_.size(); ++id) {
            const Node& node = new_[id];
            if (node.type != NodeType::Text || !is_raw_text_element(new_[node.parent].tag)) continue;
            const auto missing = missing_characters(node.text, original_.encoding());
            if (missing.empty()) continue;
            throw base::Error(base::Kind::BadInput,
                              fmt::format("a <{}> holds the character {}, which the page's encoding ({}) lacks and "
                                          "which cannot be written as a "
                                          "reference there; take it out or move the script to a file",
                                          new_[node.parent].tag, missing.front(), encoding_name(original_.encoding())));
        }
    }

  private:
    void begin() {
        out_.clear();
        state_ = original_.state_at(region_.begin);
        if (state_ == Iso2022State::Other || original_.state_at(region_.end) == Iso2022State::Other) {
            throw base::Error(base::Kind::BadInput, "the region begins or ends inside a run of Japanese characters");
        }
    }

    std::string finish() {
        enter(original_.state_at(region_.end));
        return std::move(out_);
    }

    void enter(Iso2022State state) {
        if (state == state_) return;
        out_ += escape_for(state);
        state_ = state;
    }

    void put_old(Span span) {
        if (span.is_empty()) return;
        enter(original_.state_at(span.begin));
        out_ += span.of(original_.bytes());
        state_ = original_.state_at(span.end);
    }

    void put_new(std::string_view utf8) {
        if (utf8.empty()) return;
        enter(Iso2022State::Ascii);
        std::string text;
        text.reserve(utf8.size());
        for (const char c : utf8) {
            if (c == '\n') {
                text += original_.newline();
            } else {
                text += c;
            }
        }
        out_ += encode(text, original_.encoding());
    }

    Span page_span(NodeId id) const {
        const Node& node = old_[id];
        const bool is_text = node.type == NodeType::Text;
        return {is_text ? text_.end_before(node.span.begin) : text_.start_of(node.span.begin),
                is_text ? text_.start_of(node.span.end) : text_.end_before(node.span.end)};
    }

    /// Nothing when the parser has rearranged the list, so that its bytes are not in its order.
    std::optional<Blocks> old_blocks(NodeId parent, Span inside) const {
        Blocks blocks;
        blocks.inside = inside;
        std::size_t at = inside.begin;
        for (NodeId id = old_[parent].first_child; id != kNoNode; id = old_[id].next) {
            const Span span = page_span(id);
            if (old_[id].is_moved || span.begin < at || span.end > inside.end) return std::nullopt;
            at = span.end;
            if (old_meanings_[id] == kMeansNothing) continue;
            blocks.nodes.push_back(id);
            blocks.spans.push_back(span);
        }
        return blocks;
    }

    Blocks new_blocks(NodeId parent) const {
        Blocks blocks;
        for (NodeId id = new_[parent].first_child; id != kNoNode; id = new_[id].next) {
            if (new_meanings_[id] != kMeansNothing) blocks.nodes.push_back(id);
        }
        return blocks;
    }

    static bool is_block(const Document& document, NodeId id) {
        return document[id].type == NodeType::Element && is_block_element(document[id].tag);
    }

    static Span gap_before(const Blocks& old_side, std::size_t i) {
        const std::size_t end = i < old_side.spans.size() ? old_side.spans[i].begin : old_side.inside.end;
        return {i == 0 ? old_side.inside.begin : old_side.spans[i - 1].end, end};
    }

    /// White space for between two blocks that did not stand side by side: as it stood beside one of them, or anywhere
    /// here.
    Span usual_gap(const Blocks& old_side, std::optional<std::size_t> before, std::optional<std::size_t> after) const {
        const auto is_usable = [&](std::size_t i) {
            return i > 0 && i < old_side.spans.size() && is_all_blank(gap_before(old_side, i).of(original_.bytes()));
        };
        if (after && is_usable(*after)) return gap_before(old_side, *after);
        if (before && is_usable(*before + 1)) return gap_before(old_side, *before + 1);
        for (std::size_t i = 1; i < old_side.spans.size(); ++i) {
            if (is_usable(i)) return gap_before(old_side, i);
        }
        const Span first = gap_before(old_side, 0);
        return is_all_blank(first.of(original_.bytes())) ? first : Span{};
    }

    void merge_children(NodeId old_parent, NodeId new_parent, Span inside, int depth) {
        const auto found = old_blocks(old_parent, inside);
        if (!found) return put_new(serialise_children(new_, new_parent));
        const Blocks& old_side = *found;
        const Blocks new_side = new_blocks(new_parent);
        const auto pairs = match(list_meanings(old_meanings_, old_side), list_meanings(new_meanings_, new_side));
        put_old(gap_before(old_side, 0));
        std::size_t free_old = 0;  // first old block that no earlier new block has used
        for (std::size_t j = 0; j < new_side.nodes.size(); ++j) {
            if (j > 0) put_gap(old_side, new_side, pairs, j);
            if (pairs[j]) {
                put_old(old_side.spans[*pairs[j]]);
                free_old = *pairs[j] + 1;
                continue;
            }
            std::size_t wall = old_side.nodes.size();  // the next old block that is kept
            for (std::size_t k = j + 1; k < pairs.size() && wall == old_side.nodes.size(); ++k)
                wall = pairs[k].value_or(wall);
            const auto twin = find_twin(old_side, free_old, wall, new_side.nodes[j], depth);
            if (!twin) {
                put_new(serialise(new_, new_side.nodes[j]));
                continue;
            }
            if (new_[new_side.nodes[j]].type == NodeType::Text) {
                put_text(old_side.nodes[*twin], old_side.spans[*twin], new_side.nodes[j]);
            } else {
                put_inside(old_side.nodes[*twin], old_side.spans[*twin], new_side.nodes[j], depth);
            }
            free_old = *twin + 1;
        }
        if (!old_side.nodes.empty()) put_old(gap_before(old_side, old_side.nodes.size()));
    }

    static std::vector<Meaning> list_meanings(const std::vector<Meaning>& meanings, const Blocks& blocks) {
        std::vector<Meaning> list;
        for (const NodeId id : blocks.nodes) list.push_back(meanings[id]);
        return list;
    }

    void put_gap(const Blocks& old_side, const Blocks& new_side, const std::vector<std::optional<std::size_t>>& pairs,
                 std::size_t j) {
        const bool stood_together = pairs[j] && pairs[j - 1] && *pairs[j] == *pairs[j - 1] + 1;
        if (stood_together) {
            put_old(gap_before(old_side, *pairs[j]));
        } else if (is_block(new_, new_side.nodes[j - 1]) || is_block(new_, new_side.nodes[j])) {
            put_old(usual_gap(old_side, pairs[j - 1], pairs[j]));
        }
    }

    /// An old node that the new one is an edited form of: an element with the same start tag, or any text.
    std::optional<std::size_t> find_twin(const Blocks& old_side, std::size_t from, std::size_t to, NodeId wanted,
                                         int depth) const {
        const Node& node = new_[wanted];
        const bool is_text = node.type == NodeType::Text;
        if (!is_text && (node.type != NodeType::Element || node.first_child == kNoNode || depth >= kDeepest))
            return std::nullopt;
        const std::string tag = is_text ? std::string() : normal_start_tag(new_, wanted);
        for (std::size_t i = from; i < to; ++i) {
            const NodeId id = old_side.nodes[i];
            if (old_[id].type != node.type || old_[id].tag != node.tag) continue;
            if (is_text || normal_start_tag(old_, id) == tag) return i;
        }
        return std::nullopt;
    }

    /// New words between the old ones' line breaks and indentation, where those do not show.
    void put_text(NodeId old_node, Span span, NodeId new_node) {
        const std::string_view bytes = span.of(original_.bytes());
        const std::string_view words = trim_blanks(bytes);
        const std::string_view text = new_[new_node].text;
        const Edges old_edges = showing_edges(old_, old_node, region_.context);
        const Edges new_edges = showing_edges(new_, new_node, region_.context);
        const std::size_t start =
            words.empty() ? span.begin : span.begin + static_cast<std::size_t>(words.data() - bytes.data());
        const bool keeps_start = !old_edges.start && !new_edges.start && !is_blank(text.front());
        const bool keeps_end = !words.empty() && !old_edges.end && !new_edges.end && !is_blank(text.back());
        if (keeps_start) put_old({span.begin, start});
        put_new(serialise(new_, new_node));
        if (keeps_end) put_old({start + words.size(), span.end});
    }

    void put_inside(NodeId old_node, Span span, NodeId new_node, int depth) {
        const Node& node = old_[old_node];
        const Span inside =
            node.is_implied ? span : Span{text_.end_before(node.inner.begin), text_.start_of(node.inner.end)};
        put_old({span.begin, inside.begin});
        merge_children(old_node, new_node, inside, depth + 1);
        put_old({inside.end, span.end});
    }

    const Original& original_;
    const Region& region_;
    const MappedText& text_;
    const Document& old_;
    const Document& new_;
    Meanings meanings_;
    std::vector<Meaning> old_meanings_;
    std::vector<Meaning> new_meanings_;
    std::string out_;
    Iso2022State state_ = Iso2022State::Ascii;
};

}  // namespace

Original::Original(std::string_view bytes, Encoding encoding)
    : bytes_(bytes), encoding_(encoding), newline_(newline_of(bytes)) {
    if (!is_ascii_compatible(encoding)) {
        throw base::Error(base::Kind::BadInput, "a UTF-16 page cannot be edited in parts: convert it to UTF-8 first");
    }
    if (encoding != Encoding::Iso2022Jp) return;
    states_.reserve(bytes.size() + 1);
    append_iso2022_states(bytes, states_);
}

Iso2022State Original::state_at(std::size_t at) const {
    return states_.empty() ? Iso2022State::Ascii : states_[std::min(at, states_.size() - 1)];
}

MappedText Original::decode_span(Span span) const {
    const std::string_view escape =
        state_at(span.begin) == Iso2022State::JisRoman ? escape_for(Iso2022State::JisRoman) : "";
    const std::string with_escape = escape.empty() ? std::string() : std::string(escape) + std::string(span.of(bytes_));
    MappedText text = decode_mapped(escape.empty() ? span.of(bytes_) : std::string_view(with_escape),
                                    encoding_ == Encoding::Utf8Bom ? Encoding::Utf8 : encoding_);
    if (text.origins.empty() && span.begin > 0) {
        text.origins.resize(text.utf8.size() + 1);
        for (std::size_t i = 0; i < text.origins.size(); ++i) text.origins[i] = static_cast<std::uint32_t>(i);
    }
    for (std::uint32_t& origin : text.origins) {
        origin = static_cast<std::uint32_t>(span.begin + (origin > escape.size() ? origin - escape.size() : 0));
    }
    return text;
}

std::string merge_region(const Original& original, const Region& region, std::string_view html) {
    const std::string_view old_bytes = region.span().of(original.bytes());
    const MappedText text = original.decode_span(region.span());
    if (text.utf8 == html) return std::string(old_bytes);
    const Document old_content = Document::parse_fragment(text.utf8, region.context);
    const Document new_content = Document::parse_fragment(html, region.context);
    Merger merger(original, region, text, old_content, new_content);
    if (merger.is_same()) return std::string(old_bytes);
    merger.refuse_lost_code();
    std::string merged = merger.merge();
    const std::string page = std::string(escape_for(original.state_at(region.begin))) + merged;
    const bool needs_escape = original.encoding() == Encoding::Iso2022Jp;
    const Decoded reread =
        decode(needs_escape ? std::string_view(page) : std::string_view(merged), original.encoding());
    return means_the_same(reread.utf8, html, region.context) ? merged : merger.write_anew();
}

}  // namespace html
