// The cells of a .xlsx. Texts are shared between cells, so a cell with a placeholder gets a text of its own. A
// repetition is the rows from the one that begins it to the one that ends it; the rows below move down, with merged
// cells, formulas, the printed area and whatever else names cells. Figures that the form had calculated are dropped, so
// that whoever opens it calculates them anew.
#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "office/forms/inside/shift.h"
#include "office/forms/inside/xml.h"

namespace forms {

namespace {

using pugi::xml_node;

constexpr int kMostRows = 1'048'576;

/// Of a shared or own text: its runs together, without the readings of kanji.
std::string text_of(const xml_node& node) {
    std::string text;
    for (const xml_node& child : node.children()) {
        if (local_name(child) == "t") text += child.text().get();
        if (local_name(child) == "r") text += child_of(child, "t").text().get();
    }
    return text;
}

struct Group {
    std::string name;
    std::vector<xml_node> rows;
    Span span;
    std::vector<const tmpl::Value*> items;
};

struct Sheet {
    std::string name;
    Part* part = nullptr;
    pugi::xml_document document;
    xml_node rows;
    std::vector<Group> groups;
    int last_row = 0, added = 0;
};

class Book {
  public:
    Book(Package& package, const Scope& values, Notes& notes) : package_(package), values_(values), notes_(notes) {}

    void fill() {
        read_texts();
        read_sheets();
        for (const auto& sheet : sheets_) find_groups(*sheet);
        for (const auto& sheet : sheets_) {
            for (const Group& group : sheet->groups) shifts_[sheet->name].push_back(group.span);
        }
        for (const auto& sheet : sheets_) {
            fill_sheet(*sheet);
            sheet->part->bytes = save(sheet->document);
        }
        finish();
    }

  private:
    void read_texts() {
        const Part* part = find_part(package_, "xl/sharedStrings.xml");
        if (part == nullptr) return;
        pugi::xml_document document;
        load(*part, document);
        for (const xml_node& one : document.document_element().children())
            if (local_name(one) == "si") texts_.push_back(text_of(one));
    }

    void read_sheets() {
        Part* part = find_part(package_, "xl/workbook.xml");
        const Part* links = find_part(package_, relations_of("xl/workbook.xml"));
        if (part == nullptr || links == nullptr) refuse_form("ファイルが壊れています。もう一度保存し直してください。");
        load(*part, book_);
        pugi::xml_document relations;
        load(*links, relations);
        for (const xml_node& one : child_of(book_.document_element(), "sheets").children()) {
            std::string target;
            for (const xml_node& link : relations.document_element().children())
                if (std::string_view(link.attribute("Id").value()) == one.attribute("r:id").value())
                    target = link.attribute("Target").value();
            target = target.starts_with('/') ? target.substr(1) : "xl/" + target;
            Part* found = find_part(package_, target);
            if (found == nullptr || !target.starts_with("xl/worksheets/")) continue;
            auto sheet = std::make_unique<Sheet>();
            sheet->name = one.attribute("name").value();
            sheet->part = found;
            load(*found, sheet->document);
            sheet->rows = child_of(sheet->document.document_element(), "sheetData");
            own_texts(*sheet);
            sheets_.push_back(std::move(sheet));
        }
    }

    /// A shared text with a placeholder becomes the cell's own; every row says its number.
    void own_texts(Sheet& sheet) {
        int last = 0;
        for (const xml_node& row : sheet.rows.children()) {
            if (local_name(row) != "row") continue;
            xml_node changed = row;
            if (!row.attribute("r")) changed.append_attribute("r").set_value(last + 1);
            const int number = row.attribute("r").as_int();
            if (number <= last || number > kMostRows) refuse_form("行の番号が正しくありません。保存し直してください。");
            last = number;
            for (xml_node cell : row.children()) {
                if (std::string_view(cell.attribute("t").value()) != "s") continue;
                const auto index = static_cast<std::size_t>(child_of(cell, "v").text().as_uint(~0U));
                if (index >= texts_.size() || find_marks(texts_[index]).empty()) continue;
                write_text(cell, texts_[index]);
            }
        }
        sheet.last_row = last;
    }

    static void write_text(xml_node cell, const std::string& text) {
        while (cell.first_child()) cell.remove_child(cell.first_child());
        cell.remove_attribute("t");
        // As high as its text needs, unless somebody has set the height.
        if (xml_node row = cell.parent(); !row.attribute("customHeight").as_bool()) row.remove_attribute("ht");
        if (text.empty()) return;
        cell.append_attribute("t").set_value("inlineStr");
        set_text(cell.append_child(named_like(cell, "is").c_str()).append_child(named_like(cell, "t").c_str()), text);
    }

    static std::string own_text(const xml_node& cell) {
        return std::string_view(cell.attribute("t").value()) == "inlineStr" ? text_of(child_of(cell, "is")) : "";
    }

    void find_groups(Sheet& sheet) {
        std::vector<Mark> marks;
        Group group;
        for (const xml_node& row : sheet.rows.children()) {
            if (local_name(row) != "row") continue;
            std::vector<Mark> here;
            for (const xml_node& cell : row.children())
                for (Mark& mark : find_marks(own_text(cell)))
                    if (mark.kind != Mark::Kind::Value) here.push_back(std::move(mark));
            if (marks.empty() && here.empty()) continue;
            marks.insert(marks.end(), here.begin(), here.end());
            if (marks.front().kind == Mark::Kind::End)
                refuse_form(
                    fmt::format("「{{{{/{0}}}}}」の前に、始まりの「{{{{#{0}}}}}」がありません。", marks.front().name));
            if (marks.size() > 2 || (marks.size() == 2 && marks[1].kind == Mark::Kind::Begin))
                refuse_form("表計算の様式では、くり返しの中や同じ行に、別のくり返しは入れられません。");
            group.rows.push_back(row);
            if (marks.size() < 2) continue;
            if (marks[1].name != marks[0].name)
                refuse_form(fmt::format("「{{{{#{}}}}}」が「{{{{/{}}}}}」で終わっています。名前をそろえてください。",
                                        marks[0].name, marks[1].name));
            finish_group(sheet, std::move(group), marks[0].name);
            group = {};
            marks.clear();
        }
        if (!marks.empty())
            refuse_form(
                fmt::format("「{{{{#{0}}}}}」の終わりの「{{{{/{0}}}}}」が、同じシートにありません。", marks[0].name));
    }

    void finish_group(Sheet& sheet, Group group, const std::string& name) {
        group.name = name;
        group.span = {group.rows.front().attribute("r").as_int(), group.rows.back().attribute("r").as_int(), 1};
        const tmpl::Value* value = notes_.look_up(values_, name);
        if (const tmpl::List* list = value == nullptr ? nullptr : value->as_list())
            for (const tmpl::Value& item : *list) group.items.push_back(&item);
        else if (value != nullptr && value->is_true())
            group.items.push_back(value);
        if (static_cast<std::size_t>(group.span.height()) * std::max<std::size_t>(group.items.size(), 1) > kMostRows)
            refuse_form("行が多くなりすぎます。");
        group.span.copies = std::max(1, static_cast<int>(group.items.size()));
        sheet.added += group.span.added();
        if (sheet.added + sheet.last_row > kMostRows) refuse_form("行が多くなりすぎます。");
        if (child_of(sheet.document.document_element(), "tableParts"))
            refuse_form("行をくり返すシートに「テーブル」があります。「範囲に変換」をしてから保存してください。");
        each_node(sheet.rows, [](const xml_node& node) {
            const std::string_view kind = local_name(node) == "f" ? node.attribute("t").value() : "";
            if (kind == "shared" || kind == "array" || kind == "dataTable")
                refuse_form(
                    "行をくり返すシートに、まとめて入れた数式（コピーで増やした数式や配列の数式）があります。"
                    "1つずつ入れ直してから保存してください。");
        });
        sheet.groups.push_back(std::move(group));
    }

    void fill_cell(xml_node cell, const Scope& scope, bool is_blank) {
        const std::string text = own_text(cell);
        const auto marks = find_marks(text);
        if (marks.empty()) return;
        std::string filled;
        std::size_t at = 0;
        for (const Mark& mark : marks) {
            filled += text.substr(at, mark.from - at);
            at = mark.to;
            if (mark.kind != Mark::Kind::Value || is_blank) continue;
            const tmpl::Value* value = notes_.look_up(scope, mark.name);
            if (value == nullptr) continue;
            const bool is_alone = std::count_if(marks.begin(), marks.end(),
                                                [](const Mark& one) { return one.kind == Mark::Kind::Value; }) == 1;
            if (value->as_int() != nullptr && is_alone && is_only(text, marks)) {
                write_text(cell, "");
                cell.append_child(named_like(cell, "v").c_str()).text().set(*value->as_int());
                return;
            }
            filled += written(*value);
        }
        write_text(cell, filled + text.substr(at));
    }

    /// Nothing stands beside the marks.
    static bool is_only(const std::string& text, const std::vector<Mark>& marks) {
        std::size_t held = 0;
        for (const Mark& mark : marks) held += mark.to - mark.from;
        return held == text.size();
    }

    void fill_row(xml_node row, const Sheet& sheet, int number, const Scope& scope, const std::optional<Copy>& copy,
                  bool is_blank) {
        row.attribute("r").set_value(number);
        for (xml_node cell : row.children()) {
            if (pugi::xml_attribute place = cell.attribute("r")) {
                const std::string_view old = place.value();
                place.set_value(fmt::format("{}{}", old.substr(0, old.find_first_of("0123456789")), number).c_str());
            }
            fill_cell(cell, scope, is_blank);
            xml_node formula = child_of(cell, "f");
            if (!formula) continue;
            formula.text().set(move_formula(formula.text().get(), sheet.name, shifts_, copy).c_str());
            if (pugi::xml_attribute area = formula.attribute("ref"))
                area.set_value(move_formula(area.value(), sheet.name, shifts_, copy).c_str());
            while (xml_node figure = child_of(cell, "v")) cell.remove_child(figure);
            cell.remove_attribute("t");
        }
    }

    void fill_sheet(Sheet& sheet) {
        const Shifts& shifts = shifts_[sheet.name];
        auto group = sheet.groups.begin();
        for (xml_node row = sheet.rows.first_child(); row;) {
            const xml_node next = row.next_sibling();
            if (local_name(row) != "row") {
            } else if (group != sheet.groups.end() && row == group->rows.front()) {
                const xml_node after = group->rows.back().next_sibling();
                repeat(sheet, *group++, shifts);
                row = after;
                continue;
            } else {
                fill_row(row, sheet, moved(shifts, row.attribute("r").as_int()), values_, {}, false);
            }
            row = next;
        }
        move_areas(sheet);
    }

    void repeat(Sheet& sheet, const Group& group, const Shifts& shifts) {
        const tmpl::Value nothing;
        const bool is_blank = group.items.empty();
        for (int number = 0; number < group.span.copies; ++number) {
            const Scope scope(is_blank ? nothing : *group.items[static_cast<std::size_t>(number)], &values_);
            for (const xml_node& row : group.rows) {
                const int place = moved(shifts, group.span.first) + number * group.span.height() +
                                  row.attribute("r").as_int() - group.span.first;
                fill_row(copy_before(row, group.rows.front(), notes_), sheet, place, scope, Copy{&group.span, number},
                         is_blank);
            }
        }
        for (const xml_node& row : group.rows) row.parent().remove_child(row);
    }

    /// Everything beside the cells that names cells.
    void move_areas(Sheet& sheet) {
        xml_node root = sheet.document.document_element();
        root.remove_child(child_of(root, "dimension"));
        for (const xml_node& part : root.children()) {
            if (part == sheet.rows) continue;
            if (local_name(part) == "mergeCells") {
                merge(sheet, part);
                continue;
            }
            each_node(part, [&](xml_node node) {
                for (const char* name : {"ref", "sqref", "activeCell", "topLeftCell"})
                    if (pugi::xml_attribute area = node.attribute(name))
                        area.set_value(move_formula(area.value(), sheet.name, shifts_).c_str());
                if (local_name(node) == "brk" && local_name(node.parent()) == "rowBreaks")
                    node.attribute("id").set_value(moved_end(shifts_[sheet.name], node.attribute("id").as_int()));
            });
        }
    }

    void merge(const Sheet& sheet, xml_node merges) {
        std::vector<std::string> areas;
        for (const xml_node& one : merges.children()) {
            const std::string area = one.attribute("ref").value();
            const Span* within = nullptr;
            const std::string first = area.substr(0, area.find(':'));
            int row = 0;
            if (const auto digits = first.find_first_of("0123456789"); digits != std::string::npos)
                std::from_chars(first.data() + digits, first.data() + first.size(), row);
            for (const Span& span : shifts_.at(sheet.name))
                if (row >= span.first && row <= span.last) within = &span;
            for (int number = 0; number < (within == nullptr ? 1 : within->copies); ++number)
                areas.push_back(move_formula(area, sheet.name, shifts_,
                                             within == nullptr ? std::nullopt : std::optional(Copy{within, number})));
        }
        const std::string name = named_like(merges, "mergeCell");
        while (merges.first_child()) merges.remove_child(merges.first_child());
        for (const std::string& area : areas)
            merges.append_child(name.c_str()).append_attribute("ref").set_value(area.c_str());
        if (pugi::xml_attribute count = merges.attribute("count")) count.set_value(static_cast<unsigned>(areas.size()));
    }

    /// Names of areas, the order of calculation, and that everything is to be calculated anew.
    void finish() {
        xml_node root = book_.document_element();
        for (const xml_node& name : child_of(root, "definedNames").children())
            if (name.first_child()) name.text().set(move_formula(name.text().get(), "", shifts_).c_str());
        xml_node how = child_of(root, "calcPr");
        if (!how)
            how = root.insert_child_after(named_like(root, "calcPr").c_str(), child_of(root, "definedNames")
                                                                                  ? child_of(root, "definedNames")
                                                                                  : child_of(root, "sheets"));
        how.remove_attribute("fullCalcOnLoad");
        how.append_attribute("fullCalcOnLoad").set_value("1");
        find_part(package_, "xl/workbook.xml")->bytes = save(book_);
        drop_order();
    }

    void drop_order() {
        if (find_part(package_, "xl/calcChain.xml") == nullptr) return;
        const auto drop = [&](std::string_view part, const char* attribute) {
            Part* list = find_part(package_, part);
            if (list == nullptr) return;
            pugi::xml_document document;
            load(*list, document);
            xml_node root = document.document_element();
            for (xml_node one = root.first_child(); one;) {
                const xml_node next = one.next_sibling();
                if (std::string_view(one.attribute(attribute).value()).ends_with("calcChain.xml"))
                    root.remove_child(one);
                one = next;
            }
            list->bytes = save(document);
        };
        drop("[Content_Types].xml", "PartName");
        drop(relations_of("xl/workbook.xml"), "Target");
        std::erase_if(package_, [](const Part& part) { return part.name == "xl/calcChain.xml"; });
    }

    Package& package_;
    const Scope& values_;
    Notes& notes_;
    std::vector<std::string> texts_;
    pugi::xml_document book_;
    std::vector<std::unique_ptr<Sheet>> sheets_;
    std::map<std::string, Shifts> shifts_;
};

}  // namespace

void fill_workbook(Package& package, const Scope& values, Notes& notes) {
    Book(package, values, notes).fill();
}

}  // namespace forms
