// The text of a .docx: paragraphs hold runs, and Word cuts them where it likes. So a placeholder is looked for in the
// paragraph's whole text; its first run takes the value, with that run's looks, and the others lose their part of it. A
// repetition is the paragraphs (or the table's rows) from the one that begins it to the one that ends it.
#include <algorithm>

#include <fmt/format.h>

#include "office/forms/inside/xml.h"

namespace forms {

namespace {

using pugi::xml_node;

struct Piece {
    xml_node node;         // <w:t>
    std::size_t from = 0;  // of the paragraph's text
    std::string text;
};

/// The texts of a paragraph, without those of boxes in it.
void collect(const xml_node& node, std::vector<Piece>& pieces, std::string& text) {
    for (const xml_node& child : node.children()) {
        const std::string_view name = local_name(child);
        if (name == "p" || name == "txbxContent") continue;
        if (name != "t") {
            collect(child, pieces, text);
            continue;
        }
        pieces.push_back({child, text.size(), child.text().get()});
        text += pieces.back().text;
    }
}

/// Boxes with paragraphs of their own, within a paragraph.
void find_boxes(const xml_node& node, std::vector<xml_node>& boxes) {
    for (const xml_node& child : node.children())
        if (local_name(child) == "txbxContent")
            boxes.push_back(child);
        else
            find_boxes(child, boxes);
}

struct Place {
    xml_node paragraph;
    Mark mark;
};

/// Every mark below a block, in order.
void gather(const xml_node& node, std::vector<Place>& places) {
    if (local_name(node) != "p") {
        for (const xml_node& child : node.children()) gather(child, places);
        return;
    }
    std::vector<Piece> pieces;
    std::string text;
    collect(node, pieces, text);
    for (Mark& mark : find_marks(text)) places.push_back({node, std::move(mark)});
    std::vector<xml_node> boxes;
    find_boxes(node, boxes);
    for (const xml_node& box : boxes) gather(box, places);
}

std::vector<Mark> marks_of(const std::vector<Place>& places) {
    std::vector<Mark> marks;
    for (const Place& place : places) marks.push_back(place.mark);
    return marks;
}

void replace(std::vector<Piece>& pieces, std::size_t from, std::size_t to, const std::string& with) {
    bool is_first = true;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        Piece& piece = pieces[i];
        const std::size_t end = i + 1 < pieces.size() ? pieces[i + 1].from : std::string::npos;
        const std::size_t begin = std::max(from, piece.from), stop = std::min(to, end);
        if (begin >= stop) continue;
        // What stood behind is gone already: marks are replaced from the last to the first.
        piece.text.replace(begin - piece.from, stop - begin, is_first ? with : std::string());
        is_first = false;
    }
}

/// Lines of the value become lines of the run.
void write_back(const std::vector<Piece>& pieces) {
    for (const Piece& piece : pieces) {
        if (piece.text == piece.node.text().get()) continue;
        xml_node node = piece.node, run = node.parent();
        std::size_t at = 0;
        for (;;) {
            const auto end = piece.text.find('\n', at);
            set_text(node, piece.text.substr(at, end == std::string::npos ? end : end - at));
            if (end == std::string::npos) break;
            const xml_node line = run.insert_child_after(named_like(node, "br").c_str(), node);
            node = run.insert_child_after(named_like(piece.node, "t").c_str(), line);
            at = end + 1;
        }
    }
}

/// Takes one mark out. True: nothing but layout is left of the paragraph.
bool erase_mark(const Place& place) {
    std::vector<Piece> pieces;
    std::string text;
    collect(place.paragraph, pieces, text);
    replace(pieces, place.mark.from, place.mark.to, "");
    write_back(pieces);
    bool is_bare = true;
    each_node(place.paragraph, [&](const xml_node& node) {
        const std::string_view name = local_name(node);
        if (name == "drawing" || name == "pict" || name == "sectPr" || name == "object" || name == "br")
            is_bare = false;
        if (name == "t" && *node.text().get() != '\0') is_bare = false;
    });
    return is_bare;
}

/// Ids that must stand once in a document.
void make_anonymous(xml_node node) {
    each_node(node, [](xml_node each) {
        each.remove_attribute("w14:paraId");
        each.remove_attribute("w14:textId");
        for (xml_node child = each.first_child(); child;) {
            const xml_node next = child.next_sibling();
            if (local_name(child) == "bookmarkStart" || local_name(child) == "bookmarkEnd") each.remove_child(child);
            child = next;
        }
    });
}

class Filler {
  public:
    explicit Filler(Notes& notes) : notes_(notes) {}

    void fill_range(xml_node child, const xml_node& stop, const Scope& scope) {
        while (child && child != stop) {
            const std::string_view name = local_name(child);
            if (name == "p" || name == "tr") {
                std::vector<Place> places;
                gather(child, places);
                const auto begin = std::find_if(places.begin(), places.end(), [](const Place& place) {
                    return place.mark.kind != Mark::Kind::Value;
                });
                if (begin != places.end()) {
                    child = repeat(child, std::move(places), scope);
                    continue;
                }
            }
            if (name == "p")
                fill_paragraph(child, scope);
            else
                fill_below(child, scope);
            child = child.next_sibling();
        }
    }

    void fill_below(xml_node parent, const Scope& scope) {
        fill_range(parent.first_child(), {}, scope);
        // A cell or a box without a paragraph at its end cannot be opened.
        const std::string_view name = local_name(parent);
        if ((name == "tc" || name == "txbxContent" || name == "hdr" || name == "ftr") &&
            local_name(parent.last_child()) != "p")
            parent.append_child(named_like(parent, "p").c_str());
    }

  private:
    /// From `first`, which holds the beginning of a repetition. Returns what comes after it.
    xml_node repeat(const xml_node& first, std::vector<Place> places, const Scope& scope) {
        std::vector<xml_node> group{first};
        const auto marks = marks_of(places);
        std::size_t begin = 0;
        while (marks[begin].kind == Mark::Kind::Value) ++begin;
        const std::string name = marks[begin].name;
        if (marks[begin].kind == Mark::Kind::End)
            refuse_form(fmt::format("「{{{{/{}}}}}」の前に、始まりの「{{{{#{}}}}}」がありません。", name, name));
        auto end = find_end(marks, begin);
        while (!end) {
            const xml_node next = group.back().next_sibling();
            if (!next)
                refuse_form(
                    fmt::format("「{{{{#{}}}}}」の終わりの「{{{{/{}}}}}」が、同じ表の行または同じ並びの段落に"
                                "ありません。",
                                name, name));
            group.push_back(next);
            gather(next, places);
            end = find_end(marks_of(places), begin);
        }
        if (places[*end].mark.name != name)
            refuse_form(fmt::format("「{{{{#{}}}}}」が「{{{{/{}}}}}」で終わっています。名前をそろえてください。", name,
                                    places[*end].mark.name));
        const xml_node after = group.back().next_sibling();
        const bool are_rows = local_name(first) == "tr";
        // The last one first: in one paragraph, the earlier mark's place stays as it was.
        for (const std::size_t index : {*end, begin})
            if (erase_mark(places[index]) && !are_rows)
                if (const auto found = std::find(group.begin(), group.end(), places[index].paragraph);
                    found != group.end()) {
                    found->parent().remove_child(*found);
                    group.erase(found);
                }
        const tmpl::Value* value = notes_.look_up(scope, name);
        std::vector<const tmpl::Value*> items;
        if (const tmpl::List* list = value == nullptr ? nullptr : value->as_list())
            for (const tmpl::Value& item : *list) items.push_back(&item);
        else if (value != nullptr && value->is_true())
            items.push_back(value);
        const tmpl::Value nothing;
        const bool is_blank = items.empty();
        if (is_blank && are_rows) items.push_back(&nothing);
        is_blank_ += is_blank;
        for (const tmpl::Value* item : items) {
            xml_node begins;
            for (const xml_node& node : group) {
                xml_node copy = copy_before(node, group.front(), notes_);
                make_anonymous(copy);
                if (!begins) begins = copy;
            }
            const Scope inner(*item, &scope);
            if (begins) fill_range(begins, group.front(), inner);
        }
        is_blank_ -= is_blank;
        for (const xml_node& node : group) node.parent().remove_child(node);
        return after;
    }

    void fill_paragraph(const xml_node& paragraph, const Scope& scope) {
        std::vector<Piece> pieces;
        std::string text;
        collect(paragraph, pieces, text);
        const auto marks = find_marks(text);
        std::vector<std::string> values;
        for (const Mark& mark : marks) {
            const tmpl::Value* value = is_blank_ > 0 ? nullptr : notes_.look_up(scope, mark.name);
            values.push_back(value == nullptr ? std::string() : written(*value));
        }
        for (std::size_t i = marks.size(); i-- > 0;) replace(pieces, marks[i].from, marks[i].to, values[i]);
        if (!marks.empty()) write_back(pieces);
        std::vector<xml_node> boxes;
        find_boxes(paragraph, boxes);
        for (const xml_node& box : boxes) fill_below(box, scope);
    }

    Notes& notes_;
    int is_blank_ = 0;  // in a row that stays though there is no item
};

bool has_text(std::string_view name) {
    if (!name.starts_with("word/") || !name.ends_with(".xml") || name.find('/', 5) != std::string_view::npos)
        return false;
    for (const std::string_view kind : {"document", "header", "footer", "footnotes", "endnotes"})
        if (name.substr(5).starts_with(kind)) return true;
    return false;
}

}  // namespace

void fill_word(Package& package, const Scope& values, Notes& notes) {
    for (Part& part : package) {
        if (!has_text(part.name)) continue;
        pugi::xml_document document;
        load(part, document);
        each_node(document.document_element(), [](const xml_node& node) {
            const std::string_view name = local_name(node);
            const std::string_view field = name == "instrText" ? node.text().get()
                                           : name == "fldSimple"
                                               ? node.attribute(named_like(node, "instr").c_str()).value()
                                               : "";
            if (field.find("DDE") != std::string_view::npos || field.find("INCLUDE") != std::string_view::npos)
                refuse_form("ほかのプログラムやファイルを読み込むフィールドがあります。消してください。");
        });
        Filler(notes).fill_below(document.document_element(), values);
        part.bytes = save(document);
    }
}

}  // namespace forms
