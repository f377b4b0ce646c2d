#include "press/render/sight.h"

#include "ground/base/error.h"
#include "ground/people/accounts.h"
#include "press/content/categories.h"
#include "press/content/fields.h"
#include "press/content/store.h"
#include "press/render/archive.h"
#include "press/render/composed.h"

namespace render {

using tmpl::List;
using tmpl::Map;
using tmpl::Value;

namespace {

constexpr std::size_t kMostCached = 2000;
constexpr int kTreeDepth = 3;
constexpr int kLongestChain = 16;

/// An entry of a list. The mark of what is new is asked for on its own, because it changes with time.
struct Item final : tmpl::Lookup {
    Item(Sight& from, content::LivePage shown) : sight(from), page(std::move(shown)) {}
    Value find(std::string_view key) override {
        if (key == "title") return page.title;
        if (key == "url") return url_of(page.path);
        if (key == "description") return page.description.empty() ? Value() : Value(page.description);
        if (key == "published") return page.published_at;
        if (key == "updated") return page.updated_at;
        if (key == "is_new") return sight.is_new(page.published_at);
        if (key == "section") {
            const auto list = content::direct_list(page.path);
            const auto section = list ? sight.section(list->substr(5)) : std::nullopt;
            return section ? Value(section->title) : Value();
        }
        return {};
    }
    Sight& sight;
    content::LivePage page;
};

Value menu_items(const std::vector<content::MenuItem>& items) {
    List list;
    for (const content::MenuItem& item : items)
        list.push_back(Map{{"title", item.title}, {"url", item.url}, {"items", menu_items(item.items)}});
    return list;
}

Value field_value(content::FieldKind kind, const std::string& text) {
    if (kind == content::FieldKind::Switch) return text == "1";
    if (kind == content::FieldKind::Number && !text.empty())
        return static_cast<std::int64_t>(std::strtoll(text.c_str(), nullptr, 10));
    return text.empty() ? Value() : Value(text);
}

Value field_value(const content::Field& field) {
    if (field.kind != content::FieldKind::Items) return field_value(field.kind, field.value);
    List rows;
    for (const auto& cells : field.rows) {
        Map row;
        for (std::size_t i = 0; i < field.of.size(); ++i)
            row.set(field.of[i].name, field_value(field.of[i].kind, cells[i]));
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

std::shared_ptr<const tmpl::Template> TemplateCache::parsed(content::TemplateRevisionId revision, std::string_view name,
                                                            const std::string& source) {
    const std::lock_guard lock(mutex_);
    auto& held = parsed_[revision];
    if (!held) {
        if (parsed_.size() > kMostCached) {
            parsed_.clear();
            return std::make_shared<const tmpl::Template>(tmpl::parse(std::string(name), source));
        }
        held = std::make_shared<const tmpl::Template>(tmpl::parse(std::string(name), source));
    }
    return held;
}

std::string url_of(std::string_view path) {
    if (content::is_index_path(path)) path.remove_suffix(std::string_view("index.html").size());
    return fmt::format("/{}", path);
}

std::string_view file_kind(std::string_view path) {
    static constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
        {".pdf", "PDF"},  {".xlsx", "Excel"}, {".xls", "Excel"},       {".docx", "Word"},      {".doc", "Word"},
        {".csv", "CSV"},  {".zip", "ZIP"},    {".pptx", "PowerPoint"}, {".ppt", "PowerPoint"}, {".txt", "テキスト"},
        {".jpg", "画像"}, {".jpeg", "画像"},  {".png", "画像"},        {".mp3", "音声"},       {".mp4", "動画"}};
    for (const auto& [ending, kind] : kKinds)
        if (path.ends_with(ending)) return kind;
    return "ファイル";
}

template <class Make>
Value Sight::once(const std::string& key, const Make& make) {
    auto known = remembered_.find(key);
    if (known == remembered_.end()) {
        Notes* const outer = notes_;
        Remembered made;
        notes_ = &made.notes;
        try {
            made.value = make();
        } catch (...) {
            notes_ = outer;
            notes_->add(made.notes);
            throw;
        }
        notes_ = outer;
        known = remembered_.emplace(key, std::move(made)).first;
    }
    notes_->add(known->second.notes);
    return known->second.value;
}

std::optional<content::LiveTemplate> Sight::live_template(std::string_view name) const {
    auto known = templates_.find(name);
    if (known == templates_.end())
        known = templates_.emplace(std::string(name), content::find_live_template(db_, name)).first;
    note(known->second ? content::template_key(known->second->kind, name) : fmt::format("absent:template:{}", name));
    return known->second;
}

std::shared_ptr<const tmpl::Template> Sight::find(std::string_view name) const {
    const auto live = live_template(name);
    if (!live) return nullptr;
    switch (live->kind) {
        case content::TemplateKind::Layout:
        case content::TemplateKind::Page:
        case content::TemplateKind::Part:
            return cache_.parsed(live->revision, name, live->source);
        case content::TemplateKind::Menu:
        case content::TemplateKind::List:
        case content::TemplateKind::Style:
            break;
    }
    return nullptr;
}

std::optional<content::Section> Sight::section(std::string_view path) {
    auto known = sections_.find(path);
    if (known == sections_.end()) known = sections_.emplace(std::string(path), content::find_section(db_, path)).first;
    note(fmt::format("section:{}", path));
    return known->second;
}

bool Sight::is_public(std::string_view path) {
    auto known = public_.find(path);
    if (known == public_.end())
        known = public_.emplace(std::string(path), content::find_live(db_, path).has_value()).first;
    note(fmt::format("{}:{}", known->second ? "path" : "absent", path));
    return known->second;
}

bool Sight::is_new(base::Instant published_at) {
    const base::Instant until = published_at + std::chrono::days(facts().new_days);
    if (at_ >= until) return false;
    notes_->add_change(until);
    return true;
}

Value Sight::site() {
    const SiteFacts& known = facts();
    return Map{{"name", known.name},
               {"url", known.url},
               {"language", known.language},
               {"feed", known.has_feeds ? Value("/rss.xml") : Value()}};
}

Value Sight::breadcrumb(const Place& place, std::string_view title) {
    std::string_view folder = content::section_path(place.path);
    const bool is_index = content::is_index_path(place.path);
    const auto parent_of = [](std::string_view path) {
        path.remove_suffix(1);
        return content::section_path(path);
    };
    if (is_index && folder.empty()) return List{};
    if (is_index) folder = parent_of(folder);
    std::vector<Value> crumbs{Map{{"title", title}, {"url", Value()}, {"is_current", true}}};
    for (;; folder = parent_of(folder)) {
        if (const auto above = section(folder)) {
            const std::string index = fmt::format("{}index.html", folder);
            crumbs.push_back(Map{{"title", above->title},
                                 {"url", is_public(index) ? Value(url_of(index)) : Value()},
                                 {"is_current", false}});
        }
        if (folder.empty()) break;
    }
    std::reverse(crumbs.begin(), crumbs.end());
    return crumbs;
}

std::optional<people::Department> Sight::department(base::DepartmentId id) {
    // A department that is no more has handed its pages to its successor.
    const base::Day today = base::local_day(at_);
    std::optional<people::Department> found;
    for (int i = 0; id && i < kLongestChain; ++i) {
        note(fmt::format("department:{}", id.value));
        auto next = people::find_department(db_, id);
        if (!next) break;
        found = std::move(next);
        if (found->valid_until && today <= *found->valid_until)
            notes_->add_change(base::from_local({*found->valid_until + 1}));
        if (!found->valid_until || today <= *found->valid_until || !found->successor) break;
        id = *found->successor;
    }
    return found;
}

Value Sight::contact(const Place& place) {
    base::DepartmentId id = place.department;
    for (std::string_view folder = content::section_path(place.path); !id;) {
        if (const auto in_charge = section(folder)) id = in_charge->department;
        if (folder.empty()) break;
        folder.remove_suffix(1);
        folder = content::section_path(folder);
    }
    if (!id) return {};
    return once(fmt::format("contact:{}", id.value), [&]() -> Value {
        const auto found = department(id);
        if (!found) return {};
        const auto shown = [](const std::string& text) { return text.empty() ? Value() : Value(text); };
        Map map{{"name", found->name},
                {"phone", shown(found->phone)},
                {"mail", shown(found->mail)},
                {"place", shown(found->place)},
                {"above", Value()}};
        if (found->parent)
            if (const auto above = department(*found->parent)) map.set("above", above->name);
        return map;
    });
}

Value Sight::section_value(std::string_view path) {
    const auto found = section(path);
    if (!found) return {};
    return Map{{"title", found->title},
               {"description", found->description.empty() ? Value() : Value(found->description)},
               {"url", url_of(fmt::format("{}index.html", path))},
               {"feed", found->has_feed && facts().has_feeds ? Value(fmt::format("/{}rss.xml", path)) : Value()}};
}

Value Sight::children(std::string_view path) {
    return once(fmt::format("children:{}", path), [&]() -> Value {
        note(fmt::format("children:{}", path));
        List list;
        const auto parent = section(path);
        if (!parent) return list;
        for (const content::Section& child : content::list_sections(db_, parent->id)) {
            const std::string index = child.path + "index.html";
            if (!content::find_live(db_, index)) continue;
            list.push_back(Map{{"title", child.title},
                               {"url", url_of(index)},
                               {"description", child.description.empty() ? Value() : Value(child.description)}});
        }
        return list;
    });
}

Value Sight::section_tree(base::SectionId parent, int depth) {
    List list;
    for (const content::Section& child : content::list_sections(db_, parent)) {
        const std::string index = child.path + "index.html";
        const bool has_page = content::find_live(db_, index).has_value();
        Value below = depth < kTreeDepth ? section_tree(child.id, depth + 1) : Value(List{});
        if (!has_page && !below.is_true()) continue;
        list.push_back(
            Map{{"title", child.title}, {"url", has_page ? Value(url_of(index)) : Value()}, {"items", below}});
    }
    return list;
}

Value Sight::sections() {
    return once("sections", [&]() -> Value {
        note("sections");
        const auto root = content::find_section(db_, "");
        return root ? section_tree(root->id, 1) : Value(List{});
    });
}

Value Sight::categories(const std::vector<std::string>& names) {
    List list;
    if (!names.empty()) note("categories");
    for (const std::string& name : names) {
        const auto category = content::find_category(db_, name);
        if (category) list.push_back(Map{{"name", name}, {"title", category->title}});
    }
    return list;
}

Value Sight::items(const std::vector<content::LivePage>& pages) {
    List list;
    list.reserve(pages.size());
    for (const content::LivePage& page : pages)
        list.push_back(std::shared_ptr<tmpl::Lookup>(std::make_shared<Item>(*this, page)));
    return list;
}

Value Sight::newest(std::string_view list, std::int64_t limit) {
    const std::string key = content::newest_key(list, limit);
    return once(fmt::format("newest:{}:{}", limit, list), [&] {
        note(key);
        return items(content::list_newest(db_, list, static_cast<int>(limit)));
    });
}

Value Sight::by_path(std::string_view list, std::int64_t limit) {
    return once(fmt::format("by-path:{}:{}", limit, list), [&] {
        note(std::string(list));
        return items(content::list_by_path(db_, list, static_cast<int>(limit)));
    });
}

Value Sight::menu(std::string_view name) {
    return once(fmt::format("menu:{}", name), [&]() -> Value {
        const auto live = live_template(name);
        if (!live || live->kind != content::TemplateKind::Menu) return {};
        return menu_items(content::parse_menu(live->source));
    });
}

Value Sight::list(std::string_view name) {
    const auto live = live_template(name);
    if (!live || live->kind != content::TemplateKind::List) return {};
    const content::ListDefinition definition = content::parse_list(live->source);
    return definition.order == content::ListOrder::Path ? by_path(definition.list, definition.limit)
                                                        : newest(definition.list, definition.limit);
}

Value Sight::settings(std::string_view name) {
    return once(fmt::format("settings:{}", name), [&]() -> Value {
        const auto live = live_template(name);
        if (!live) return {};
        Map values;
        for (const content::Field& field : content::parse_fields(live->kind, live->source))
            values.set(field.name, field_value(field));
        return values;
    });
}

Value Sight::part(std::string_view name) {
    if (open_parts_.contains(name))
        throw base::Error(base::Kind::BadInput, fmt::format("部品「{}」が自分自身を含んでいます。", name));
    return once(fmt::format("part:{}", name), [&]() -> Value {
        const auto parsed = find(name);
        if (!parsed) return {};
        const auto open = open_parts_.emplace(name).first;
        struct Close {
            std::set<std::string, std::less<>>& parts;
            std::set<std::string, std::less<>>::iterator at;
            ~Close() { parts.erase(at); }
        } close{open_parts_, open};
        return html::SafeHtml(render_part(*this, *parsed));
    });
}

Value Sight::periods(std::string_view path) {
    const auto found = section(path);
    if (!found || found->archive == content::Archive::None) return List{};
    return once(fmt::format("periods:{}", path), [&] {
        note(fmt::format("periods:{}", path));
        List list;
        for (const std::string& period : list_periods(db_, *found))
            list.push_back(Map{{"title", period_title(*found, period)}, {"url", url_of(archive_path(path, period))}});
        return list;
    });
}

}  // namespace render
