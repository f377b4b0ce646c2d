// Menus and lists as forms. A menu is shown as rows with a level each; a row moves together with those below it.
#include <algorithm>
#include <charconv>

#include "door/web/language.h"
#include "door/web/template_form.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/categories.h"
#include "press/content/store.h"

namespace web {

using base::Error;
using base::Kind;

namespace {

constexpr int kLevels = 3;
constexpr std::size_t kMostMenuRows = 300;  // of a form; a longer menu is edited as code
constexpr int kOfferedPages = 300;

void add_rows(std::vector<MenuRow>& rows, const std::vector<content::MenuItem>& items, int level) {
    for (const content::MenuItem& item : items) {
        rows.push_back({level, item.title, item.url});
        add_rows(rows, item.items, level + 1);
    }
}

/// The end of the row's own block: the rows below it in level follow it.
std::size_t block_end(const std::vector<MenuRow>& rows, std::size_t row) {
    std::size_t end = row + 1;
    while (end < rows.size() && rows[end].level > rows[row].level) ++end;
    return end;
}

/// The sibling before the row.
std::optional<std::size_t> block_before(const std::vector<MenuRow>& rows, std::size_t row) {
    for (std::size_t at = row; at-- > 0 && rows[at].level >= rows[row].level;)
        if (rows[at].level == rows[row].level) return at;
    return std::nullopt;
}

std::vector<content::MenuItem> items_from(const std::vector<MenuRow>& rows, std::size_t& at, int level) {
    std::vector<content::MenuItem> items;
    while (at < rows.size() && rows[at].level == level) {
        items.push_back({rows[at].title, rows[at].url, {}});
        ++at;
        if (at < rows.size() && rows[at].level > level) items.back().items = items_from(rows, at, level + 1);
    }
    return items;
}

void add_sections(sys::Reader& db, base::SectionId parent, const std::string& above, const std::string& chosen,
                  tmpl::List& to) {
    for (const content::Section& section : content::list_sections(db, parent)) {
        const std::string name = above.empty() ? section.title : above + say("／") + section.title;
        to.push_back(tmpl::Map{{"id", section.path}, {"name", name}, {"is_chosen", section.path == chosen}});
        add_sections(db, section.id, name, chosen, to);
    }
}

void add_categories(sys::Reader& db, const std::string& parent, const std::string& above, const std::string& chosen,
                    tmpl::List& to) {
    for (const content::Category& category : content::list_categories(db, parent)) {
        const std::string name = above.empty() ? category.title : above + say("／") + category.title;
        to.push_back(tmpl::Map{{"id", category.name}, {"name", name}, {"is_chosen", category.name == chosen}});
        add_categories(db, category.name, name, chosen, to);
    }
}

}  // namespace

// --- menus

MenuForm open_menu(std::string_view source) {
    MenuForm form;
    add_rows(form.rows, content::parse_menu(source), 1);
    if (form.rows.size() > kMostMenuRows)
        throw Error(Kind::BadInput,
                    fmt::format("リンクが{}個を超えるメニューは、コードの画面で編集してください。", kMostMenuRows));
    return form;
}

MenuForm read_menu(const Context& context) {
    MenuForm form;
    const auto count =
        static_cast<std::size_t>(std::clamp<std::int64_t>(context.number_field("m.rows"), 0, kMostMenuRows));
    for (std::size_t row = 0; row < count; ++row) {
        const std::string level = context.field(fmt::format("m.{}.level", row));
        form.rows.push_back({level == "3"   ? 3
                             : level == "2" ? 2
                                            : 1,
                             std::string(base::trim(context.field(fmt::format("m.{}.title", row)))),
                             std::string(base::trim(context.field(fmt::format("m.{}.url", row))))});
    }
    return form;
}

bool press_menu_button(MenuForm& form, std::string_view act, std::size_t row, std::string& focus) {
    auto& rows = form.rows;
    const auto at = [&](std::size_t index) { return rows.begin() + static_cast<std::ptrdiff_t>(index); };
    if (act == "add") {
        if (rows.size() < kMostMenuRows) rows.push_back({rows.empty() ? 1 : rows.back().level, "", ""});
        focus = fmt::format("m-{}-title", rows.size() - 1);
        return true;
    }
    if (row >= rows.size()) return false;
    const std::size_t end = block_end(rows, row);
    const auto focus_row = [&](std::size_t place) {
        const bool has_before = block_before(rows, place).has_value();
        const std::size_t behind = block_end(rows, place);
        const bool has_after = behind < rows.size() && rows[behind].level == rows[place].level;
        const std::string_view wanted = (act == "up" && has_before) || !has_after ? "up" : "down";
        focus = fmt::format("{}-menu-{}", wanted, place);
    };
    if (act == "remove") {
        rows.erase(at(row), at(end));
        focus = "add-menu";
    } else if (act == "up") {
        if (const auto before = block_before(rows, row)) {
            std::rotate(at(*before), at(row), at(end));
            focus_row(*before);
        }
    } else if (act == "down") {
        if (end < rows.size() && rows[end].level == rows[row].level) {
            const std::size_t behind = block_end(rows, end);
            std::rotate(at(row), at(end), at(behind));
            focus_row(row + (behind - end));
        }
    } else {
        return false;
    }
    return true;
}

std::vector<FormProblem> check_menu(const MenuForm& form) {
    std::vector<FormProblem> problems;
    for (std::size_t row = 0; row < form.rows.size(); ++row) {
        const MenuRow& each = form.rows[row];
        if (each.title.empty())
            problems.push_back(
                {fmt::format("m-{}-title", row), fmt::format("{}行目の文字を入れてください。", row + 1)});
        if (each.url.empty())
            problems.push_back(
                {fmt::format("m-{}-url", row), fmt::format("{}行目のリンク先を入れてください。", row + 1)});
        const int above = row == 0 ? 0 : form.rows[row - 1].level;
        if (each.level > above + 1)
            problems.push_back(
                {fmt::format("m-{}-level", row),
                 fmt::format("{}行目は{}段目までにできます。上の行の1つ下の段までです。", row + 1, above + 1)});
    }
    if (!problems.empty()) return problems;
    for (std::size_t row = 0; row < form.rows.size(); ++row) {
        try {  // the rule for addresses is the menu's own
            content::parse_menu(
                content::write_menu(std::vector<content::MenuItem>{{form.rows[row].title, form.rows[row].url, {}}}));
        } catch (const Error& error) {
            problems.push_back({fmt::format("m-{}-url", row), error.message()});
        }
    }
    return problems;
}

std::string source_of(const MenuForm& form) {
    std::size_t at = 0;
    const std::string source = content::write_menu(items_from(form.rows, at, 1));
    content::parse_menu(source);
    return source;
}

tmpl::List offered_pages(Context& context) {
    tmpl::List pages;
    context.db().read([&](sys::Reader& db) {
        content::PageFilter filter;
        filter.is_live = true;
        filter.limit = kOfferedPages;
        for (const content::Page& page : content::list_pages(db, filter).pages) {
            std::string url = "/" + page.path;
            if (url.ends_with("/index.html")) url.resize(url.size() - std::string_view("index.html").size());
            pages.push_back(tmpl::Map{{"url", std::move(url)}, {"title", page.title}});
        }
    });
    return pages;
}

tmpl::Map view_menu(const MenuForm& form) {
    tmpl::List rows;
    for (std::size_t row = 0; row < form.rows.size(); ++row) {
        const MenuRow& each = form.rows[row];
        tmpl::List levels;
        for (int level = 1; level <= kLevels; ++level)
            levels.push_back(tmpl::Map{{"id", level}, {"is_chosen", level == each.level}});
        const std::size_t end = block_end(form.rows, row);
        rows.push_back(tmpl::Map{{"row", row},
                                 {"number", row + 1},
                                 {"level", each.level},
                                 {"title", each.title},
                                 {"url", each.url},
                                 {"levels", std::move(levels)},
                                 {"is_first", !block_before(form.rows, row)},
                                 {"is_last", end >= form.rows.size() || form.rows[end].level != each.level}});
    }
    return {{"rows", std::move(rows)}, {"count", form.rows.size()}};
}

// --- lists

ListForm open_list(std::string_view source) {
    const content::ListDefinition definition = content::parse_list(source);
    ListForm form;
    const std::size_t colon = definition.list.find(':');
    form.what = definition.list.substr(0, colon);
    (form.what == "category" ? form.category : form.section) = definition.list.substr(colon + 1);
    form.limit = std::to_string(definition.limit);
    form.order = definition.order;
    return form;
}

ListForm read_list(const Context& context) {
    ListForm form;
    const std::string what = context.field("l.what");
    form.what = what == "list" || what == "category" ? what : "tree";
    form.section = context.field("l.section");
    form.category = context.field("l.category");
    form.limit = base::trim(context.field("l.limit"));
    form.order = context.field("l.order") == "path" ? content::ListOrder::Path : content::ListOrder::Newest;
    return form;
}

std::vector<FormProblem> check_list(const ListForm& form) {
    std::vector<FormProblem> problems;
    std::int64_t limit = 0;
    const auto [end, error] = std::from_chars(form.limit.data(), form.limit.data() + form.limit.size(), limit);
    if (error != std::errc() || end != form.limit.data() + form.limit.size() || limit < 1 || limit > 500)
        problems.push_back({"l-limit", "件数は1から500までの数にしてください。"});
    if (form.what == "category" && form.category.empty()) problems.push_back({"l-category", "分類を選んでください。"});
    return problems;
}

std::string source_of(const ListForm& form) {
    content::ListDefinition definition;
    definition.list = fmt::format("{}:{}", form.what, form.what == "category" ? form.category : form.section);
    definition.limit = static_cast<int>(std::strtol(form.limit.c_str(), nullptr, 10));
    definition.order = form.order;
    const std::string source = content::write_list(definition);
    content::parse_list(source);
    return source;
}

tmpl::Map view_list(Context& context, const ListForm& form) {
    tmpl::List sections{tmpl::Map{{"id", ""}, {"name", say("サイト全体")}, {"is_chosen", form.section.empty()}}},
        categories;
    context.db().read([&](sys::Reader& db) {
        if (const auto root = content::find_section(db, "")) add_sections(db, root->id, "", form.section, sections);
        add_categories(db, "", "", form.category, categories);
    });
    return {{"what", form.what},
            {"sections", std::move(sections)},
            {"categories", std::move(categories)},
            {"limit", form.limit},
            {"is_by_path", form.order == content::ListOrder::Path}};
}

}  // namespace web
