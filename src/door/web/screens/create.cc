// ページを作る: from a page type, or in the frame of a page that was taken over.

#include "door/web/language.h"
#include "door/web/sight.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/templates.h"

namespace web {

namespace {

using base::Error;
using base::Kind;

constexpr std::size_t kLongestPath = 500;
constexpr std::size_t kLongestTitle = 200;  // characters, as when it is edited
constexpr std::size_t kMostFolders = 500;

struct Folder {
    std::string path, title;
};

/// Where nobody is in charge, it is whoever makes a page there.
base::DepartmentId own_department(const Context& context) {
    for (const people::Membership& each : context.person.memberships)
        if (each.is_valid_on(base::local_day(context.now()))) return each.department;
    return {};
}

/// The folders in which the person may make pages, those above before those in them.
std::vector<Folder> list_folders(const Context& context, sys::Reader& db) {
    struct Place {
        content::Section section;
        base::DepartmentId department;
    };
    std::vector<Place> places;
    const base::DepartmentId own = own_department(context);
    if (const auto root = content::find_section(db, ""))
        places.push_back({*root, root->department ? root->department : own});
    std::map<base::DepartmentId, people::Scope> scopes;
    std::vector<Folder> folders;
    for (std::size_t at = 0; at < places.size(); ++at) {
        const Place place = places[at];
        const auto in_charge = place.department ? std::optional(place.department) : std::nullopt;
        const auto known = scopes.find(place.department);
        people::Scope& scope = known != scopes.end() ? known->second
                                                     : scopes[place.department] = people::scope_of(
                                                           db, in_charge, place.section.path, context.now());
        scope.path = place.section.path;
        if (context.may(people::Act::PageCreate, scope)) folders.push_back({place.section.path, place.section.title});
        for (content::Section& each : content::list_sections(db, place.section.id))
            if (places.size() < kMostFolders) {
                const base::DepartmentId department = each.department ? each.department : place.department;
                places.push_back({std::move(each), department});
            }
    }
    return folders;
}

/// `field`: of the form, where the problem is.
http::Response show(Context& context, std::string_view problem, std::string_view field = "name") {
    tmpl::List types, choices;
    tmpl::Value like;
    const std::string chosen = context.field("type");
    const std::string asked =
        context.has_field("like") ? context.field("like") : std::string(context.request.query.get("like"));
    std::string folder =
        context.has_field("folder") ? context.field("folder") : std::string(context.request.query.get("under"));
    context.db().read([&](sys::Reader& db) {
        for (const content::Template& type : content::list_templates(db, content::TemplateKind::Page))
            if (type.live && type.name != "archive" && type.name != "error")  // those are made by the press itself
                types.push_back(
                    tmpl::Map{{"id", type.name},
                              {"name", type.title.empty() ? type.name : type.title},
                              {"is_chosen", chosen.empty() ? type.name == "article" : type.name == chosen}});
        const auto page = content::find_page(db, base::PageId{std::strtoll(asked.c_str(), nullptr, 10)});
        if (page && page->kind == content::PageKind::TakenOver && Sight(context, db).may_open(*page)) {
            like = tmpl::Map{{"id", page->id.value}, {"name", title_of(*page)}, {"path", readable_path(page->path)}};
            if (folder.empty()) folder = content::section_path(page->path);
        }
        const auto folders = list_folders(context, db);
        for (const Folder& each : folders)
            choices.push_back(tmpl::Map{{"path", readable_path(each.path)}, {"title", each.title}});
        if (folder.empty() && !context.has_field("folder") && !folders.empty()) folder = folders.front().path;
    });
    const bool has_types = !types.empty();
    return context.page(
        {"screens/create/form.html", "ページを作る", {{say("ページ"), "/pages"}}, problem.empty() ? 200 : 422},
        {{"problem", say(problem)},
         {"field", field},
         {"types", std::move(types)},
         {"like", like},
         {"may_make", has_types || !like.is_null()},
         {"name", context.field("name")},
         {"folder", readable_path(folder)},
         {"folders", std::move(choices)},
         {"file", context.field("file")}});
}

http::Response ask(Context& context) {
    return show(context, "");
}

/// "kurashi/gomi/index.html" in percent form, from what a person typed.
std::string path_of(const Context& context) {
    std::string folder(base::trim(context.field("folder"))), file(base::trim(context.field("file")));
    while (folder.starts_with('/')) folder.erase(0, 1);
    if (!folder.empty() && !folder.ends_with('/')) folder += '/';
    if (file.empty()) throw Error(Kind::BadInput, "ファイル名を入れてください。例：tennyu.html");
    if (file.find('.') == std::string::npos) file += ".html";
    const bool is_plain =
        file.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") ==
        std::string::npos;
    if (!is_plain || folder.find_first_of(" \t\\?#%") != std::string::npos)
        throw Error(
            Kind::BadInput,
            "ファイル名は半角の英数字とハイフンで入れてください。フォルダに空白や記号は使えません。例：tennyu.html");
    if (folder.size() + file.size() > kLongestPath || file.find('/') != std::string::npos)
        throw Error(Kind::BadInput, "ファイル名に「/」は使えません。フォルダの欄に入れてください。");
    return base::percent_encode(folder + file);
}

/// Who is in charge of a page where no section says so: whoever is of the page that it is like, else the maker's
/// department.
base::DepartmentId department_for(Context& context, const flow::NewDraft& draft) {
    return context.db().read([&](sys::Reader& db) -> base::DepartmentId {
        for (std::string_view path = content::section_path(draft.path);;
             path = content::section_path(path.substr(0, path.size() - 1))) {
            const auto section = content::find_section(db, path);
            if (section && section->department) return {};
            if (path.empty()) break;
        }
        if (draft.like)
            if (const auto department = department_in_charge(db, content::load_page(db, draft.like))) return department;
        return own_department(context);
    });
}

http::Response make(Context& context) {
    std::string_view field;  // of the form, that is being looked at
    try {
        flow::NewDraft draft;
        field = "file";
        draft.path = path_of(context);
        field = "name";
        draft.body.title = base::trim(context.field("name"));
        if (draft.body.title.empty()) throw Error(Kind::BadInput, "題名を入れてください。");
        if (base::count_code_points(draft.body.title) > kLongestTitle)
            throw Error(Kind::BadInput, fmt::format("題名は{}文字までにしてください。", kLongestTitle));
        draft.like = {std::strtoll(context.field("like").c_str(), nullptr, 10)};
        if (draft.like)  // what it is like comes along with its original words
            context.db().read([&](sys::Reader& db) { Sight(context, db).need(content::load_page(db, draft.like)); });
        if (!draft.like) draft.body.template_name = context.field("type");
        if (!draft.like && draft.body.template_name.empty())
            throw Error(Kind::BadInput, "ページの型を選んでください。");
        field = "folder";
        draft.department = department_for(context, draft);
        const flow::Outcome outcome = flow::create_page(context.site(), draft, context.doer());
        if (outcome.refusal) return show(context, outcome.refusal->ja, field);
        return context.go(fmt::format("/pages/{}/edit", outcome.page.id.value),
                          Flash{Flash::Kind::Good, "ページを作りました。内容を書いて、承認依頼へ進んでください。"});
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show(context, error.message(), field);
    }
}

constexpr Route kRoutes[] = {
    {"GET", "/pages/new", ask},
    {"POST", "/pages/new", make},
};

}  // namespace

extern const Screen create{"create",         "ページを作る",          "/pages", "plus", Place::None,
                           Access::SignedIn, people::Act::PageCreate, kRoutes};

}  // namespace web
