// フォルダの担当課: for each folder of the site its title, the department in charge, and how its lists are kept. One
// level at a time, so that a large site costs what a small one does.

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "flow/manage_people.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/store.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;

constexpr std::string_view kArchiveIds[] = {"none", "month", "count"};  // in the order of content::Archive
constexpr std::string_view kArchiveNames[] = {"作らない", "月ごとに分ける", "件数で分ける"};

people::Scope scope_for(sys::Reader& db, const content::Section& section, base::Instant now) {
    base::DepartmentId department = section.department;
    base::SectionId parent = section.parent;
    for (int depth = 0; !department && parent && depth < 64; ++depth) {
        const auto above = content::find_section(db, parent);
        if (!above) break;
        department = above->department;
        parent = above->parent;
    }
    return people::scope_of(db, department ? std::optional(department) : std::nullopt, section.path, now);
}

std::vector<Crumb> crumbs_above(sys::Reader& db, const content::Section& section) {
    std::vector<Crumb> crumbs;
    auto parent = section.path.empty() ? std::nullopt : content::find_section(db, section.parent);
    for (; parent; parent = parent->path.empty() ? std::nullopt : content::find_section(db, parent->parent))
        crumbs.insert(crumbs.begin(),
                      {parent->path.empty() ? say("フォルダの担当課") : parent->title, address_of("/sections", [&] {
                           http::Fields fields;
                           fields.add("under", parent->path);
                           return fields;
                       }())});
    crumbs.insert(crumbs.begin(), {say("部署"), "/departments"});
    return crumbs;
}

tmpl::Map row_of(sys::Reader& db, const content::Section& section) {
    http::Fields under;
    under.add("under", section.path);
    const bool has_below = !content::list_sections(db, section.id).empty();
    return {{"title", section.title},
            {"folder", readable_path(section.path)},
            {"path", fmt::format("/sections/{}", section.id.value)},
            {"below", has_below && !section.path.empty() ? address_of("/sections", under) : std::string()},
            {"department", section.department ? full_name(db, section.department) : std::string()},
            {"archive", say(kArchiveNames[static_cast<std::size_t>(section.archive)])},
            {"has_feed", section.has_feed}};
}

http::Response list(Context& context) {
    tmpl::List rows;
    std::vector<Crumb> crumbs;
    std::string here = say("フォルダの担当課");
    context.db().read([&](sys::Reader& db) {
        const auto section = content::find_section(db, context.request.query.get("under"));
        if (!section) throw Error(Kind::NotFound, "このフォルダはありません。");
        crumbs = crumbs_above(db, *section);
        if (!section->path.empty()) here = section->title;
        rows.push_back(row_of(db, *section));
        for (const content::Section& each : content::list_sections(db, section->id)) rows.push_back(row_of(db, each));
    });
    return context.page({"screens/departments/sections.html", here, crumbs},
                        {{"here", here}, {"rows", std::move(rows)}});
}

content::Section load(Context& context) {
    const base::SectionId id{context.request.number("id")};
    return context.db().read([&](sys::Reader& db) {
        auto section = content::find_section(db, id);
        if (!section) throw Error(Kind::NotFound, "このフォルダはありません。");
        context.require(Act::SectionEdit, scope_for(db, *section, context.now()));
        return *std::move(section);
    });
}

http::Response show_form(Context& context, const content::Section& section, bool is_typed, std::string_view problem,
                         int status) {
    const auto value = [&](std::string_view name, std::string stored) {
        return is_typed ? context.field(name) : std::move(stored);
    };
    tmpl::List departments, archives;
    std::vector<Crumb> crumbs;
    std::string inherited;
    context.db().read([&](sys::Reader& db) {
        const base::DepartmentId chosen =
            is_typed ? base::DepartmentId{std::strtoll(context.field("department").c_str(), nullptr, 10)}
                     : section.department;
        departments = department_choices(db, base::local_day(context.now()), chosen, say("（上のフォルダと同じ）"));
        crumbs = crumbs_above(db, section);
        if (section.path.empty()) crumbs.push_back({say("フォルダの担当課"), "/sections"});
    });
    const std::string archive = value("archive", std::string(kArchiveIds[static_cast<std::size_t>(section.archive)]));
    for (std::size_t i = 0; i < std::size(kArchiveIds); ++i)
        archives.push_back(choice(kArchiveIds[i], say(kArchiveNames[i]), archive));
    http::Fields back;
    back.add("under", section.path.empty()
                          ? ""
                          : std::string(content::section_path(section.path.substr(0, section.path.size() - 1))));
    return context.page({"screens/departments/section.html", section.title, crumbs, status},
                        {{"problem", say(problem)},
                         {"heading", section.title},
                         {"folder", readable_path(section.path)},
                         {"action", fmt::format("/sections/{}", section.id.value)},
                         {"back", address_of("/sections", back)},
                         {"version", value("version", std::to_string(section.version))},
                         {"name", value("title", section.title)},
                         {"description", value("description", section.description)},
                         {"departments", std::move(departments)},
                         {"position", value("position", std::to_string(section.position))},
                         {"list_size", value("list_size", std::to_string(section.list_size))},
                         {"archives", std::move(archives)},
                         {"archive_size", value("archive_size", std::to_string(section.archive_size))},
                         {"has_feed", is_typed ? context.field("has_feed") == "1" : section.has_feed}});
}

http::Response look(Context& context) {
    return show_form(context, load(context), false, "", 200);
}

http::Response change(Context& context) {
    const content::Section before = load(context);
    return run_act(
        context,
        [&] {
            content::Section changed = before;
            changed.version = context.number_field("version");
            changed.title = base::trim(context.field("title"));
            changed.description = base::trim(context.field("description"));
            changed.department = context.field("department").empty()
                                     ? base::DepartmentId{}
                                     : base::DepartmentId{context.number_field("department")};
            changed.position = context.number_field("position");
            changed.list_size = context.number_field("list_size");
            changed.archive_size = context.number_field("archive_size");
            changed.has_feed = context.field("has_feed") == "1";
            for (std::size_t i = 0; i < std::size(kArchiveIds); ++i)
                if (context.field("archive") == kArchiveIds[i]) changed.archive = static_cast<content::Archive>(i);
            flow::save_section(context.site(), changed, {context.person.id, context.now()});
            http::Fields under;
            under.add("under",
                      changed.path.empty()
                          ? ""
                          : std::string(content::section_path(changed.path.substr(0, changed.path.size() - 1))));
            return context.go(address_of("/sections", under),
                              Flash{Flash::Kind::Good, fmt::format("「{}」を変更しました。", changed.title)});
        },
        [&](std::string_view problem, int status) { return show_form(context, before, true, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/sections", list},
    {"GET", "/sections/{id}", look},
    {"POST", "/sections/{id}", change},
};

}  // namespace

extern const Screen sections{"sections",  "フォルダの担当課", "/departments",   "offices",
                             Place::None, Access::SignedIn,   Act::SectionEdit, kRoutes};

}  // namespace web
