#include "flow/manage_people.h"

#include <algorithm>

#include <boost/json.hpp>

#include "flow/edit_page.h"
#include "flow/mark_changes.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/html/encoding.h"
#include "ground/ledger/store.h"
#include "press/content/store.h"
#include "press/publish/queue.h"
#include "press/workflow/store.h"

namespace flow {

using base::DepartmentId;
using base::Error;
using base::Kind;

namespace {

constexpr int kAtOnce = 500;
constexpr std::size_t kTitlesShown = 20;
constexpr int kDeepest = 32;

void each_page_of(sys::Reader& db, DepartmentId department, const std::function<void(const content::Page&)>& take) {
    content::PageFilter filter;
    filter.department = department;
    filter.limit = kAtOnce;
    do {
        const content::PageList list = content::list_pages(db, filter);
        for (const content::Page& page : list.pages) take(page);
        filter.after = list.next;
    } while (!filter.after.empty());
}

void each_section(sys::Reader& db, base::SectionId parent, const std::function<void(const content::Section&)>& take) {
    for (const content::Section& section : content::list_sections(db, parent)) {
        take(section);
        each_section(db, section.id, take);
    }
}

bool asks(const workflow::Route& route, DepartmentId department) {
    const auto is_it = [&](const workflow::RoleIn& role) { return role.department == department; };
    const auto has_it = [&](const workflow::Group& group) {
        return std::any_of(group.roles.begin(), group.roles.end(), is_it);
    };
    return route.department == department ||
           std::any_of(route.steps.begin(), route.steps.end(), [&](const workflow::Step& step) {
               return std::any_of(step.groups.begin(), step.groups.end(), has_it);
           });
}

void move_routes(sys::Transaction& tx, const Merger& merger, const people::By& by) {
    const std::vector<workflow::Route> all = workflow::list_routes(tx);
    for (workflow::Route route : all) {
        if (!asks(route, merger.from)) continue;
        const bool is_taken =
            route.department == merger.from && std::any_of(all.begin(), all.end(), [&](const workflow::Route& other) {
                return other.department == merger.to && other.section == route.section && other.kind == route.kind;
            });
        if (is_taken) {  // the successor has a route of its own for the same pages
            workflow::remove_route(tx, route.id, route.version, by);
            continue;
        }
        if (route.department == merger.from) route.department = merger.to;
        for (workflow::Step& step : route.steps)
            for (workflow::Group& group : step.groups) {
                for (workflow::RoleIn& role : group.roles)
                    if (role.department == merger.from) role.department = merger.to;
                for (auto at = group.roles.begin(); at != group.roles.end();)
                    at = std::find(group.roles.begin(), at, *at) != at ? group.roles.erase(at) : std::next(at);
            }
        workflow::save_route(tx, std::move(route), by);
    }
}

void move_posting(sys::Transaction& tx, people::Person person, const Merger& merger, const people::By& by) {
    std::vector<people::Membership> postings;
    for (people::Membership posting : person.memberships) {
        const bool reaches =
            posting.department == merger.from && (!posting.valid_until || *posting.valid_until >= merger.day);
        if (!reaches) {
            postings.push_back(posting);
            continue;
        }
        const people::Membership after{merger.to, std::max(posting.valid_from, merger.day), posting.valid_until};
        if (posting.valid_from < merger.day) {
            posting.valid_until = merger.day - 1;
            postings.push_back(posting);
        }
        const bool is_there = std::any_of(person.memberships.begin(), person.memberships.end(), [&](const auto& held) {
            return held.department == merger.to && held.is_valid_on(after.valid_from);
        });
        if (!is_there) postings.push_back(after);
    }
    person.memberships = std::move(postings);
    people::change_person(tx, person, by);
}

/// The same role for the same scope, whenever.
bool is_alike(const people::Grant& a, const people::Grant& b) {
    return a.role == b.role && a.department == b.department && a.section == b.section;
}

bool is_as_long(const people::Grant& grant, const people::Grant& other) {
    return !grant.valid_until || (other.valid_until && *grant.valid_until >= *other.valid_until);
}

void move_grant(sys::Transaction& tx, const people::Grant& grant, const Merger& merger, const people::By& by) {
    people::remove_grant(tx, grant.id, by);
    people::Grant moved = grant;
    moved.department = merger.to;
    for (const people::Grant& held : people::list_grants(tx, grant.person))
        if (is_alike(held, moved)) return;
    people::add_grant(tx, moved, by);
}

/// Gives the roles of who leaves to the heir, except for those that the heir holds now and for as long.
void bequeath(sys::Transaction& tx, const people::Person& from, const people::Person& heir, const people::Actor& actor,
              const people::By& by) {
    const base::Day today = base::local_day(by.at);
    const auto held = people::list_grants(tx, heir.id);
    for (people::Grant role : list_bequeathed(tx, from, today)) {
        const bool is_posted = std::any_of(heir.memberships.begin(), heir.memberships.end(), [&](const auto& each) {
            return each.is_valid_on(today) && each.department == role.department;
        });
        const auto covers = [&](const people::Grant& one) {
            return one.role == role.role && one.section == role.section && one.is_valid_on(today) &&
                   is_as_long(one, role) &&
                   (one.department == role.department || (!one.department && one.section.empty() && is_posted));
        };
        if (std::any_of(held.begin(), held.end(), covers)) continue;
        if (const auto decision = people::may_grant(actor, role.role, heir.id); !decision)
            throw Error(Kind::NotAllowed, decision.reason_ja);
        role.person = heir.id;
        for (const people::Grant& one : held) {
            if (!is_alike(one, role))
                continue;  // a scope has one term: the old one gives way, and nothing is cut short
            people::remove_grant(tx, one.id, by);
            if (one.valid_until && *one.valid_until < today) continue;
            role.valid_from = std::min(role.valid_from, one.valid_from);
            if (is_as_long(one, role)) role.valid_until = one.valid_until;
        }
        people::add_grant(tx, role, by);
    }
}

bool is_below(sys::Reader& db, DepartmentId id, DepartmentId above) {
    std::optional<DepartmentId> at = id;
    for (int depth = 0; at && depth < kDeepest; ++depth) {
        if (*at == above) return true;
        at = people::load_department(db, *at).parent;
    }
    return false;
}

}  // namespace

std::string table_text(std::string bytes) {
    if (base::is_utf8(bytes)) return bytes;
    const html::Decoded decoded = html::decode(bytes, html::Encoding::ShiftJis);
    return decoded.replaced == 0 ? decoded.utf8 : bytes;
}

DepartmentId save_department(Site& site, const people::Department& department, const people::By& by) {
    return site.database->write([&](sys::Transaction& tx) {
        DepartmentId id = department.id;
        if (id)
            people::change_department(tx, department, by);
        else
            id = people::add_department(tx, department, by);
        mark_department_changed(tx, id, by.at);
        return id;
    });
}

Bequest find_bequest(sys::Reader& db, DepartmentId department, base::Day day) {
    Bequest found;
    each_page_of(db, department, [&](const content::Page& page) {
        ++found.pages;
        if (found.titles.size() < kTitlesShown) found.titles.push_back(page.title.empty() ? page.path : page.title);
    });
    if (const auto root = content::find_section(db, ""); root && root->department == department)
        found.sections.push_back(*root);
    if (const auto root = content::find_section(db, ""))
        each_section(db, root->id, [&](const content::Section& section) {
            if (section.department == department) found.sections.push_back(section);
        });
    found.people = people::list_posted(db, department, day);
    found.grants = people::list_grants(db, department);
    for (const people::Department& each : people::list_departments(db))
        if (each.parent == department && (!each.valid_until || *each.valid_until >= day)) found.below.push_back(each);
    for (const workflow::Route& route : workflow::list_routes(db))
        if (asks(route, department)) found.routes.push_back(route.name);
    return found;
}

Bequest merge_department(Site& site, const Merger& merger, const people::By& by) {
    if (merger.day > base::local_day(by.at))
        throw Error(Kind::BadInput,
                    "新しい体制になる日は、今日以前の日にしてください。先の日の分は、その日に操作してください。");
    Bequest moved = site.database->write([&](sys::Transaction& tx) {
        people::Department from = people::load_department(tx, merger.from);
        const people::Department to = people::load_department(tx, merger.to);
        if (merger.from == merger.to || !to.is_valid_on(base::local_day(by.at)))
            throw Error(Kind::BadInput, "引き継ぐ部署には、いまある別の部署を選んでください。");
        if (merger.day <= from.valid_from)
            throw Error(Kind::BadInput,
                        fmt::format("新しい体制になる日は、この部署ができた日（{}）より後にしてください。",
                                    calendar::format_era(from.valid_from)));
        Bequest all = find_bequest(tx, merger.from, merger.day);
        each_page_of(tx, merger.from, [&](const content::Page& page) {
            content::set_department(tx, page.id, merger.to);
            if (page.live) publish::mark_dirty(tx, fmt::format("page:{}", page.id.value), by.at, 0);
        });
        for (const content::Section& before : all.sections) {
            content::Section after = before;
            after.department = merger.to;
            content::change_section(tx, after);
            mark_section_changed(tx, before, after, by.at);
        }
        for (const people::Grant& grant : all.grants) move_grant(tx, grant, merger, by);
        for (const people::Person& person : all.people) move_posting(tx, person, merger, by);
        for (people::Department child : all.below) {
            // What leads to the successor itself takes the place of the one that ends.
            child.parent = is_below(tx, merger.to, child.id) ? from.parent : std::optional(merger.to);
            people::change_department(tx, child, by);
            mark_department_changed(tx, child.id, by.at);
        }
        move_routes(tx, merger, by);
        from.valid_until = merger.day - 1;
        from.successor = merger.to;
        from.version = merger.version;
        people::change_department(tx, from, by);
        mark_department_changed(tx, merger.from, by.at);
        mark_department_changed(tx, merger.to, by.at);
        const boost::json::object detail{{"to", merger.to.value},       {"day", base::format_day(merger.day)},
                                         {"pages", all.pages},          {"sections", all.sections.size()},
                                         {"people", all.people.size()}, {"roles", all.grants.size()},
                                         {"below", all.below.size()},   {"routes", all.routes.size()}};
        ledger::append(tx, {by.at, by.text(), "department.merge", fmt::format("department:{}", merger.from.value),
                            boost::json::serialize(detail)});
        return all;
    });
    refresh_requests(site);
    return moved;
}

std::vector<people::Grant> list_bequeathed(sys::Reader& db, const people::Person& person, base::Day day) {
    std::vector<people::Grant> all;
    const auto take = [&](const people::Grant& grant) {
        const auto same =
            std::find_if(all.begin(), all.end(), [&](const people::Grant& one) { return is_alike(one, grant); });
        if (same == all.end())
            all.push_back(grant);
        else if (grant.is_valid_on(day) && (!same->is_valid_on(day) || !is_as_long(*same, grant)))
            *same = grant;
    };
    for (people::Grant grant : people::list_grants(db, person.id)) {
        if (grant.valid_until && *grant.valid_until < day) continue;
        const bool is_of_own = !grant.department && grant.section.empty() &&
                               (grant.role == people::Role::Author || grant.role == people::Role::Approver);
        if (!is_of_own) {
            take(grant);
            continue;
        }
        for (const people::Membership& posting : person.memberships)
            if (posting.is_valid_on(day)) {
                grant.department = posting.department;
                take(grant);
            }
    }
    return all;
}

void retire_person(Site& site, const Leaving& leaving, const people::Actor& actor, const people::By& by) {
    site.database->write([&](sys::Transaction& tx) {
        // The roles first: the only site administrator may go once the successor is one.
        if (leaving.successor && leaving.bequeaths_roles)
            bequeath(tx, people::load_person(tx, leaving.person), people::load_person(tx, *leaving.successor), actor,
                     by);
        people::retire_person(tx, leaving.person, leaving.successor, leaving.version, by);
    });
    refresh_requests(site);
}

void save_section(Site& site, const content::Section& section, const people::By& by) {
    if (base::trim(section.title).empty() || base::count_code_points(section.title) > 100)
        throw Error(Kind::BadInput, "フォルダの題名を、100文字以内で入力してください。");
    if (base::count_code_points(section.description) > 500)
        throw Error(Kind::BadInput, "説明は500文字以内で入力してください。");
    if (section.list_size < 1 || section.list_size > 200 || section.archive_size < 1 || section.archive_size > 500)
        throw Error(Kind::BadInput, "新着一覧の件数は1から200、過去一覧の1ページの件数は1から500にしてください。");
    site.database->write([&](sys::Transaction& tx) {
        const auto before = content::find_section(tx, section.id);
        if (!before) throw Error(Kind::NotFound, "このフォルダはありません。");
        boost::json::array changed;
        const auto compare = [&](bool is_same, const char* name) {
            if (!is_same) changed.emplace_back(name);
        };
        compare(before->title == section.title, "title");
        compare(before->department == section.department, "department");
        compare(before->position == section.position, "position");
        compare(before->description == section.description, "description");
        compare(before->list_size == section.list_size, "list_size");
        compare(before->archive == section.archive, "archive");
        compare(before->archive_size == section.archive_size, "archive_size");
        compare(before->has_feed == section.has_feed, "has_feed");
        content::change_section(tx, section);
        mark_section_changed(tx, *before, section, by.at);
        ledger::append(tx, {by.at, by.text(), "section.change", fmt::format("section:{}", section.id.value),
                            boost::json::serialize(
                                boost::json::object{{"changed", changed}, {"department", section.department.value}})});
    });
    refresh_requests(site);
}

}  // namespace flow
