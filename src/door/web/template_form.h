// A template as a form: the fields that it declares, its fixed words and links, a menu's rows, a list's choice. Every
// button sends the whole form, so that rows move without script and nothing typed is lost on the way.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "door/web/context.h"
#include "ground/template/outline.h"
#include "press/content/fields.h"

namespace web {

struct WordsForm {
    std::vector<content::Field> fields;
    std::vector<tmpl::Entry> texts;  ///< the editable ones
};
struct MenuRow {
    int level = 1;  ///< 1 to 3
    std::string title, url;
};
struct MenuForm {
    std::vector<MenuRow> rows;
};
struct ListForm {
    std::string what = "tree";  ///< "tree", "list" or "category"
    std::string section, category;
    std::string limit = "10";
    content::ListOrder order = content::ListOrder::Newest;
};

struct FormProblem {
    std::string control;  ///< id of the control
    std::string message;
};

struct TemplateForm {
    content::TemplateKind kind = content::TemplateKind::Part;
    std::string name;
    std::string source;  ///< what it was made from
    std::variant<WordsForm, MenuForm, ListForm> held;
    std::string focus;                 ///< the control that should have the focus next
    std::vector<FormProblem> refused;  ///< sent pictures that were not taken
};

/// What stands in the source. Throws Error(BadInput) when it can only be edited as code.
TemplateForm open_form(const Context& context, const content::Template& of, std::string_view source);
/// The typed values over those of the source. A picture that was sent is kept and its address takes the place of the
/// typed one; it becomes public when the template is approved.
TemplateForm read_form(Context& context, const content::Template& of, std::string_view source);
/// "up:banners:2", "down:menu:0", "remove:...", "add:banners": true when the button was one of these and has been done.
bool press_button(TemplateForm& form, std::string_view button);
std::vector<FormProblem> check_form(const TemplateForm& form);
/// Throws Error(BadInput).
std::string source_of(const TemplateForm& form);
/// For screens/template/controls.html.
tmpl::Map view_form(Context& context, const TemplateForm& form, const std::vector<FormProblem>& problems);

// --- of menus and lists (menu_form.cc)
MenuForm open_menu(std::string_view source);
MenuForm read_menu(const Context& context);
bool press_menu_button(MenuForm& form, std::string_view act, std::size_t row, std::string& focus);
std::vector<FormProblem> check_menu(const MenuForm& form);
std::string source_of(const MenuForm& form);
tmpl::Map view_menu(const MenuForm& form);
/// Public pages to lead to, by path: {url, title}.
tmpl::List offered_pages(Context& context);
ListForm open_list(std::string_view source);
ListForm read_list(const Context& context);
std::vector<FormProblem> check_list(const ListForm& form);
std::string source_of(const ListForm& form);
tmpl::Map view_list(Context& context, const ListForm& form);

}  // namespace web
