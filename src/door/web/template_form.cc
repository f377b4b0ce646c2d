#include "door/web/template_form.h"

#include <algorithm>
#include <charconv>

#include "door/web/language.h"
#include "flow/change_template.h"
#include "flow/theme_pictures.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/template/template.h"
#include "press/content/images.h"

namespace web {

using base::Error;
using base::Kind;
using content::Field;
using content::FieldKind;
using content::TemplateKind;

namespace {

constexpr std::size_t kMostRows = 100;
constexpr int kMostImages = 200;
constexpr std::string_view kControls[] = {"text", "lines", "link", "image", "colour", "number", "switch", "items"};

bool has_words(TemplateKind kind) {
    return kind == TemplateKind::Layout || kind == TemplateKind::Page || kind == TemplateKind::Part;
}

std::string without_returns(std::string text) {
    std::erase(text, '\r');
    return text;
}

/// Whether people who do not know the code may change it. One character alone is a colon or a sign between two values;
/// "#main" leads to a place that the code names.
bool is_for_form(const tmpl::Entry& entry) {
    if (!entry.is_editable()) return false;
    if (entry.kind == tmpl::Entry::Kind::Link) return !entry.text.starts_with('#');
    return entry.kind != tmpl::Entry::Kind::Text || base::count_code_points(entry.text) > 1;
}

WordsForm open_words(const Context& context, const content::Template& of, std::string_view source) {
    WordsForm form{content::parse_fields(of.kind, source), {}};
    if (!has_words(of.kind)) return form;
    const std::string code(source);
    const auto in_tags = context.db().read([&](sys::Reader& db) { return flow::list_tag_blocks(db, of.name, code); });
    for (tmpl::Entry& entry : tmpl::outline(tmpl::parse(of.name, code)))
        if (is_for_form(entry) && !in_tags.contains(entry.block)) form.texts.push_back(std::move(entry));
    return form;
}

/// What the form calls a text whose maker has not named it, by where it stands.
std::string_view place_of(const tmpl::Entry& entry) {
    static constexpr std::pair<std::string_view, std::string_view> kPlaces[] = {{"h1", "大見出し"},
                                                                                {"h2", "見出し"},
                                                                                {"h3", "小見出し"},
                                                                                {"h4", "小見出し"},
                                                                                {"p", "文"},
                                                                                {"li", "箇条書き"},
                                                                                {"a", "リンクの文字"},
                                                                                {"button", "ボタンの文字"},
                                                                                {"th", "表の見出し"},
                                                                                {"td", "表の中の文字"},
                                                                                {"dt", "項目名"},
                                                                                {"dd", "項目の内容"},
                                                                                {"summary", "開閉する見出し"},
                                                                                {"label", "入力欄の名前"},
                                                                                {"title", "ブラウザーのタブに出る題名"},
                                                                                {"legend", "入力欄のまとまりの名前"},
                                                                                {"figcaption", "図の説明"}};
    if (entry.kind == tmpl::Entry::Kind::Link) return "リンク先";
    if (entry.kind == tmpl::Entry::Kind::Label) return "読み上げる名前";
    for (const auto& [tag, name] : kPlaces)
        if (tag == entry.tag) return name;
    return "途中の文字";
}

/// A label for each, told apart by a number where several have the same.
std::vector<std::string> labels_of(const std::vector<tmpl::Entry>& entries) {
    std::map<std::string, int> counts, used;
    std::vector<std::string> labels;
    for (const tmpl::Entry& entry : entries)
        ++counts[labels.emplace_back(say(entry.note.empty() ? place_of(entry) : std::string_view(entry.note)))];
    for (std::string& label : labels)
        if (counts[label] > 1) label += fmt::format(" {}", ++used[label]);
    return labels;
}

std::size_t row_count(const Context& context, std::string_view name) {
    const std::string text = context.field(fmt::format("f.{}.rows", name));
    std::size_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return std::min(count, kMostRows);
}

std::string control_id(std::string_view name) {
    return fmt::format("f-{}", name);
}
std::string control_id(std::string_view name, std::size_t row, std::string_view sub_name) {
    return fmt::format("f-{}-{}-{}", name, row, sub_name);
}

/// The picture that was sent beside the control `name`, if any.
void take_picture(Context& context, TemplateForm& form, const std::string& name, std::string control,
                  std::string& value) {
    const http::UploadedFile* file = context.request.form.find_file("file." + name);
    if (file == nullptr) return;
    try {
        value = "/" + flow::keep_theme_picture(context.site(), file->read(), file->name,
                                               fmt::format("person:{}", context.person.id.value))
                          .path;
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Unavailable) throw;
        form.refused.push_back({std::move(control), error.message()});
    }
}

bool press_items_button(Field& field, std::string_view act, std::size_t row, std::string& focus) {
    if (act == "add") {
        if (field.rows.size() >= kMostRows) return true;
        field.rows.emplace_back(field.of.size());
        for (std::size_t i = 0; i < field.of.size(); ++i)
            if (field.of[i].kind != FieldKind::Items) field.rows.back()[i] = field.of[i].value;
        focus = control_id(field.name, field.rows.size() - 1, field.of.empty() ? "" : field.of.front().name);
        return true;
    }
    if (row >= field.rows.size()) return false;
    const auto at = field.rows.begin() + static_cast<std::ptrdiff_t>(row);
    if (act == "remove") {
        field.rows.erase(at);
        focus = fmt::format("add-{}", field.name);
    } else if (act == "up" && row > 0) {
        std::iter_swap(at, at - 1);
        focus = row == 1 ? fmt::format("down-{}-0", field.name) : fmt::format("up-{}-{}", field.name, row - 1);
    } else if (act == "down" && row + 1 < field.rows.size()) {
        std::iter_swap(at, at + 1);
        focus = row + 2 == field.rows.size() ? fmt::format("up-{}-{}", field.name, row + 1)
                                             : fmt::format("down-{}-{}", field.name, row + 1);
    }
    return true;
}

std::string problem_of(const std::vector<FormProblem>& problems, std::string_view control) {
    for (const FormProblem& each : problems)
        if (each.control == control) return each.message;
    return {};
}

tmpl::Map control_view(const Field& field, std::string id, std::string name, const std::string& value,
                       const std::vector<FormProblem>& problems) {
    std::string problem = problem_of(problems, id);
    return {{"kind", kControls[static_cast<std::size_t>(field.kind)]},
            {"id", std::move(id)},
            {"name", std::move(name)},
            {"label", field.label},
            {"hint", field.hint},
            {"is_required", field.is_required},
            {"value", value},
            {"problem", std::move(problem)}};
}

tmpl::Map view_words(Context& context, const WordsForm& form, const std::vector<FormProblem>& problems) {
    tmpl::List fields, texts, images;
    bool has_images = false, has_links = false;
    for (const Field& field : form.fields) {
        tmpl::Map control =
            control_view(field, control_id(field.name), fmt::format("f.{}", field.name), field.value, problems);
        has_images = has_images || field.kind == FieldKind::Image;
        has_links = has_links || field.kind == FieldKind::Link;
        for (const Field& each : field.of) {
            has_images = has_images || each.kind == FieldKind::Image;
            has_links = has_links || each.kind == FieldKind::Link;
        }
        tmpl::List rows;
        for (std::size_t row = 0; row < field.rows.size(); ++row) {
            tmpl::List cells;
            for (std::size_t i = 0; i < field.of.size(); ++i) {
                cells.push_back(control_view(field.of[i], control_id(field.name, row, field.of[i].name),
                                             fmt::format("f.{}.{}.{}", field.name, row, field.of[i].name),
                                             field.rows[row][i], problems));
            }
            rows.push_back(tmpl::Map{{"row", row},
                                     {"number", row + 1},
                                     {"is_first", row == 0},
                                     {"is_last", row + 1 == field.rows.size()},
                                     {"cells", std::move(cells)}});
        }
        control.set("sign", field.name);
        control.set("count", field.rows.size());
        control.set("rows", std::move(rows));
        fields.push_back(std::move(control));
    }
    const auto labels = labels_of(form.texts);
    for (std::size_t i = 0; i < form.texts.size(); ++i) {
        const tmpl::Entry& entry = form.texts[i];
        const std::string id = "t-" + entry.id;
        texts.push_back(tmpl::Map{{"id", id},
                                  {"name", "t." + entry.id},
                                  {"value", entry.text},
                                  {"is_long", entry.text.size() > 120 || entry.text.find('\n') != std::string::npos},
                                  {"label", labels[i]},
                                  {"problem", problem_of(problems, id)}});
    }
    if (has_images)
        for (const content::Image& image :
             context.db().read([&](sys::Reader& db) { return content::list_images(db, "", kMostImages); }))
            images.emplace_back("/" + image.path);
    return {{"fields", std::move(fields)},
            {"texts", std::move(texts)},
            {"images", std::move(images)},
            {"has_images", has_images},
            {"pages", has_links ? offered_pages(context) : tmpl::List{}}};
}

}  // namespace

TemplateForm open_form(const Context& context, const content::Template& of, std::string_view source) {
    TemplateForm form{of.kind, of.name, std::string(source), {}, {}, {}};
    if (of.kind == TemplateKind::Menu)
        form.held = open_menu(source);
    else if (of.kind == TemplateKind::List)
        form.held = open_list(source);
    else
        form.held = open_words(context, of, source);
    return form;
}

TemplateForm read_form(Context& context, const content::Template& of, std::string_view source) {
    TemplateForm form = open_form(context, of, source);
    if (of.kind == TemplateKind::Menu) {
        form.held = read_menu(context);
        return form;
    }
    if (of.kind == TemplateKind::List) {
        form.held = read_list(context);
        return form;
    }
    WordsForm& words = std::get<WordsForm>(form.held);
    for (Field& field : words.fields) {
        if (field.kind != FieldKind::Items) {
            // A box that is not ticked is not sent.
            if (field.kind == FieldKind::Switch)
                field.value = context.field("f." + field.name) == "1" ? "1" : "";
            else if (context.has_field("f." + field.name))
                field.value = base::trim(without_returns(context.field("f." + field.name)));
            if (field.kind == FieldKind::Image)
                take_picture(context, form, "f." + field.name, control_id(field.name), field.value);
            continue;
        }
        if (!context.has_field(fmt::format("f.{}.rows", field.name))) continue;
        field.rows.assign(row_count(context, field.name), std::vector<std::string>(field.of.size()));
        for (std::size_t row = 0; row < field.rows.size(); ++row)
            for (std::size_t i = 0; i < field.of.size(); ++i) {
                const std::string name = fmt::format("f.{}.{}.{}", field.name, row, field.of[i].name);
                field.rows[row][i] = base::trim(without_returns(context.field(name)));
                if (field.of[i].kind == FieldKind::Image)
                    take_picture(context, form, name, control_id(field.name, row, field.of[i].name),
                                 field.rows[row][i]);
            }
    }
    for (tmpl::Entry& entry : words.texts)
        if (context.has_field("t." + entry.id)) entry.text = without_returns(context.field("t." + entry.id));
    return form;
}

bool press_button(TemplateForm& form, std::string_view button) {
    const auto parts = base::split(button, ':');
    if (parts.size() < 2) return false;
    std::size_t row = 0;
    if (parts.size() > 2) std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), row);
    if (auto* menu = std::get_if<MenuForm>(&form.held)) return press_menu_button(*menu, parts[0], row, form.focus);
    auto* words = std::get_if<WordsForm>(&form.held);
    if (words == nullptr) return false;
    for (Field& field : words->fields)
        if (field.name == parts[1] && field.kind == FieldKind::Items)
            return press_items_button(field, parts[0], row, form.focus);
    return false;
}

std::vector<FormProblem> check_form(const TemplateForm& form) {
    if (const auto* menu = std::get_if<MenuForm>(&form.held)) return check_menu(*menu);
    if (const auto* list = std::get_if<ListForm>(&form.held)) return check_list(*list);
    const auto& words = std::get<WordsForm>(form.held);
    std::vector<FormProblem> problems = form.refused;
    for (const content::FieldProblem& each : content::check_fields(words.fields))
        problems.push_back(
            {each.sub_name.empty() ? control_id(each.name) : control_id(each.name, each.row, each.sub_name),
             each.message});
    if (!has_words(form.kind)) return problems;
    const tmpl::Template page = tmpl::parse(form.name, form.source);
    for (const tmpl::Entry& entry : words.texts) {
        try {
            tmpl::with_text(page, entry.id, entry.text);
        } catch (const Error& error) {
            problems.push_back({"t-" + entry.id, error.message()});
        }
    }
    return problems;
}

std::string source_of(const TemplateForm& form) {
    if (const auto* menu = std::get_if<MenuForm>(&form.held)) return source_of(*menu);
    if (const auto* list = std::get_if<ListForm>(&form.held)) return source_of(*list);
    const auto& words = std::get<WordsForm>(form.held);
    std::string source = form.source;
    for (const tmpl::Entry& entry : words.texts)  // a change of text keeps every id
        source = tmpl::with_text(tmpl::parse(form.name, source), entry.id, entry.text);
    return content::with_fields(form.kind, source, words.fields);
}

tmpl::Map view_form(Context& context, const TemplateForm& form, const std::vector<FormProblem>& problems) {
    tmpl::Map view{{"focus", form.focus},
                   {"fields", tmpl::List{}},
                   {"texts", tmpl::List{}},
                   {"images", tmpl::List{}},
                   {"has_images", false},
                   {"pages", tmpl::List{}},
                   {"menu", {}},
                   {"list", {}}};
    if (const auto* menu = std::get_if<MenuForm>(&form.held)) {
        view.set("menu", view_menu(*menu));
        view.set("pages", offered_pages(context));
    } else if (const auto* list = std::get_if<ListForm>(&form.held)) {
        view.set("list", view_list(context, *list));
    } else {
        for (const auto& [key, value] : view_words(context, std::get<WordsForm>(form.held), problems))
            view.set(key, value);
    }
    return view;
}

}  // namespace web
