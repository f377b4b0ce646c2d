// 分類: the tree of categories with the pages in each; made, renamed, moved, put in order and ended.

#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "flow/change_category.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/live.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using content::Category;

constexpr int kCounted = 1000;
constexpr int kShownPages = 100;

Category load(Context& context) {
    auto found = context.db().read(
        [&](sys::Reader& db) { return content::find_category(db, context.request.parameter("name")); });
    if (!found) throw Error(Kind::NotFound, "この分類は見つかりません。ほかの人が終了したのかもしれません。");
    return *std::move(found);
}

std::string path_of(std::string_view name, std::string_view rest = {}) {
    return fmt::format("/categories/{}{}", name, rest);
}

void add_rows(sys::Reader& db, const std::string& parent, int level, tmpl::List& rows) {
    const auto row = content::list_categories(db, parent);
    for (std::size_t i = 0; i < row.size(); ++i) {
        const Category& each = row[i];
        const auto pages = content::list_newest(db, fmt::format("category:{}", each.name), kCounted).size();
        rows.push_back(tmpl::Map{{"name", each.name},
                                 {"title", each.title},
                                 {"level", level},
                                 {"path", path_of(each.name)},
                                 {"move", path_of(each.name, "/move")},
                                 {"version", each.version},
                                 {"is_first", i == 0},
                                 {"is_last", i + 1 == row.size()},
                                 {"pages", pages == kCounted ? say(fmt::format("{}ページ以上", kCounted))
                                                             : say(fmt::format("{}ページ", pages))}});
        add_rows(db, each.name, level + 1, rows);
    }
}

/// Where a category may hang: everywhere but below itself.
tmpl::List parents_for(sys::Reader& db, const std::string& chosen, std::string_view self) {
    tmpl::List choices{tmpl::Map{{"id", ""}, {"name", say("いちばん上")}, {"is_chosen", chosen.empty()}}};
    const std::function<void(const std::string&, const std::string&)> add = [&](const std::string& parent,
                                                                                const std::string& above) {
        for (const Category& each : content::list_categories(db, parent)) {
            if (each.name == self) continue;
            const std::string name = above.empty() ? each.title : above + say("／") + each.title;
            choices.push_back(tmpl::Map{{"id", each.name}, {"name", name}, {"is_chosen", each.name == chosen}});
            add(each.name, name);
        }
    };
    add("", "");
    return choices;
}

http::Response show_list(Context& context, std::string_view problem) {
    tmpl::List rows, parents;
    context.db().read([&](sys::Reader& db) {
        add_rows(db, "", 1, rows);
        parents = parents_for(db, context.field("parent"), "");
    });
    return context.page({"screens/categories/list.html", "分類", {}, problem.empty() ? 200 : 422},
                        {{"rows", std::move(rows)},
                         {"parents", std::move(parents)},
                         {"problem", say(problem)},
                         {"name", context.field("name")},
                         {"sign", context.field("sign")}});
}

http::Response list(Context& context) {
    return show_list(context, "");
}

http::Response make(Context& context) {
    Category made;
    made.name = base::trim(context.field("sign"));
    made.title = base::trim(context.field("name"));
    made.parent = context.field("parent");
    try {
        flow::add_category(context.site(), made, context.doer());
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show_list(context, error.message());
    }
    return context.go("/categories", Flash{Flash::Kind::Good, fmt::format("分類「{}」を作りました。", made.title)});
}

http::Response move(Context& context) {
    const Category category = load(context);
    try {
        flow::move_category(context.site(), category.name, context.number_field("version"),
                            context.field("do") == "up" ? flow::Direction::Up : flow::Direction::Down, context.doer());
    } catch (const Error& error) {
        if (error.kind() != Kind::Conflict) throw;
        return context.go("/categories", Flash{Flash::Kind::Caution, error.message()});
    }
    return context.go("/categories", Flash{Flash::Kind::Good, fmt::format("「{}」を動かしました。", category.title)});
}

http::Response show_one(Context& context, const Category& category, std::string_view problem) {
    tmpl::List pages, parents;
    bool has_below = false;
    context.db().read([&](sys::Reader& db) {
        for (const content::LivePage& page :
             content::list_newest(db, fmt::format("category:{}", category.name), kShownPages))
            pages.push_back(tmpl::Map{{"title", page.title},
                                      {"path", fmt::format("/pages/{}", page.id.value)},
                                      {"public_path", readable_path(page.path)}});
        parents =
            parents_for(db, context.has_field("parent") ? context.field("parent") : category.parent, category.name);
        has_below = !content::list_categories(db, category.name).empty();
    });
    const bool is_full = pages.size() == static_cast<std::size_t>(kShownPages);
    return context.page({"screens/categories/show.html",
                         say("分類：") + category.title,
                         {{say("分類"), "/categories"}},
                         problem.empty() ? 200 : 422},
                        {{"title_now", category.title},
                         {"sign", category.name},
                         {"path", path_of(category.name)},
                         {"version", category.version},
                         {"name", context.has_field("name") ? context.field("name") : category.title},
                         {"parents", std::move(parents)},
                         {"pages", std::move(pages)},
                         {"is_full", is_full},
                         {"has_below", has_below},
                         {"problem", say(problem)}});
}

http::Response show(Context& context) {
    return show_one(context, load(context), "");
}

http::Response change(Context& context) {
    const Category category = load(context);
    Category next = category;
    next.version = context.number_field("version");
    next.title = base::trim(context.field("name"));
    next.parent = context.field("parent");
    try {
        if (context.field("do") == "end") {
            flow::end_category(context.site(), category.name, next.version, context.doer());
            return context.go("/categories",
                              Flash{Flash::Kind::Good, fmt::format("分類「{}」を終了しました。", category.title)});
        }
        flow::change_category(context.site(), next, context.doer());
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show_one(context, load(context), error.message());
    }
    return context.go(path_of(category.name),
                      Flash{Flash::Kind::Good, "分類を変更しました。公開ページの一覧も新しくなります。"});
}

constexpr Route kRoutes[] = {
    {"GET", "/categories", list},
    {"POST", "/categories", make},
    {"GET", "/categories/{name}", show},
    {"POST", "/categories/{name}", change},
    {"POST", "/categories/{name}/move", move},
};

}  // namespace

extern const Screen categories{
    "categories", "分類", "/categories", "tag", Place::Administration, Access::SignedIn, people::Act::CategoryEdit,
    kRoutes};

}  // namespace web
