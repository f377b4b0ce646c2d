// ページ: the site's folders and the list of pages in them, with filters. Lists go on after the last row shown, so that
// the hundredth screen of a large site costs what the first does.

#include <boost/json.hpp>

#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/words.h"

namespace web {

namespace {

constexpr int kRows = 50;
constexpr int kMostLooked = 4000;     // rows that a filter on the state may pass over for one screen
constexpr std::size_t kOffered = 20;  // to the link dialog
constexpr std::size_t kLongestWords = 100;

struct StateChoice {
    std::string_view id;
    std::string_view name;
};
constexpr StateChoice kStates[] = {{"", "すべて"},
                                   {"draft", "下書き"},
                                   {"submitted", "承認待ち"},
                                   {"returned", "差戻し"},
                                   {"approved", "承認済み"},
                                   {"scheduled", "公開予約"},
                                   {"live", "公開中"},
                                   {"never", "未公開"},
                                   {"expired", "公開期限切れ"},
                                   {"withdrawn", "公開を終了"}};

struct Query {
    content::PageFilter filter;
    std::string state;
    bool is_mine = false;
};

Query read_query(const http::Request& request) {
    Query query;
    query.filter.under = request.query.get("under");
    query.filter.words = std::string(base::first_code_points(base::trim(request.query.get("q")), kLongestWords));
    query.filter.department = {std::strtoll(std::string(request.query.get("department")).c_str(), nullptr, 10)};
    const std::string_view sort = request.query.get("sort");
    query.filter.order = sort == "changed" ? content::Order::Changed
                         : sort == "title" ? content::Order::Title
                                           : content::Order::Path;
    query.filter.after = request.query.get("after");
    query.filter.limit = kRows;
    query.state = request.query.get("state");
    query.is_mine = request.query.get("mine") == "1";
    return query;
}

http::Fields fields_of(const Query& query) {
    http::Fields fields;
    const auto add = [&](std::string_view name, std::string value) {
        if (!value.empty()) fields.add(std::string(name), std::move(value));
    };
    add("under", query.filter.under);
    add("q", query.filter.words);
    add("state", query.state);
    if (query.filter.department) add("department", std::to_string(query.filter.department.value));
    add("sort", query.filter.order == content::Order::Changed ? "changed"
                : query.filter.order == content::Order::Title ? "title"
                                                              : "");
    add("mine", query.is_mine ? "1" : "");
    return fields;
}

std::string address(const Query& query, std::string_view name = {}, std::string value = {}) {
    http::Fields fields = fields_of(query);
    if (!name.empty() && !value.empty()) fields.add(std::string(name), std::move(value));
    const std::string text = http::format_urlencoded(fields);
    return text.empty() ? "/pages" : "/pages?" + text;
}

struct Row {
    content::Page page;
    workflow::Standing standing;
    Sight::Seen seen;
};
struct Rows {
    std::vector<Row> rows;
    std::string next;
};

/// As the person may know the page.
bool matches(const Query& query, const Sight::Seen& page) {
    if (!query.filter.under.empty() && !page.path.starts_with(query.filter.under)) return false;
    return content::has_words(page.title, page.path, query.filter.words);
}

bool is_of(Sight& sight, const Query& query, const content::Page& page) {
    return !query.filter.department || sight.department_of(page) == query.filter.department;
}

/// Pages in one state of the work in progress: the short list is walked, not the site.
Rows in_state(sys::Reader& db, Sight& sight, const Query& query, workflow::State state, base::PersonId me) {
    Rows found;
    std::string after = query.filter.after;
    for (int looked = 0; looked < kMostLooked;) {
        const auto list = workflow::list_in_state(db, state, after, kRows);
        for (const workflow::Standing& standing : list.standings) {
            if (query.is_mine && standing.owner != me) continue;
            content::Page page = content::load_page(db, standing.page);
            auto seen = sight.look(page);
            if (!seen || !seen->is_open || !matches(query, *seen) || !is_of(sight, query, page)) continue;
            found.rows.push_back({std::move(page), standing, *std::move(seen)});
        }
        looked += static_cast<int>(list.standings.size());
        after = list.next;
        if (after.empty() || found.rows.size() >= kRows) break;
    }
    found.next = after;
    return found;
}

Rows find_rows(sys::Reader& db, Sight& sight, const Query& query, base::PersonId me) {
    if (const auto state = workflow::find_state(query.state); state && *state != workflow::State::None)
        return in_state(db, sight, query, *state, me);
    content::PageFilter filter = query.filter;
    filter.department = {};  // a page's department may be its section's, which the list does not know
    if (query.state == "live") filter.is_live = true;
    if (query.state == "never" || query.state == "expired" || query.state == "withdrawn") filter.is_live = false;
    Rows found;
    for (int looked = 0; looked < kMostLooked;) {
        const content::PageList list = content::list_pages(db, filter);
        std::vector<base::PageId> ids;
        for (const content::Page& page : list.pages) ids.push_back(page.id);
        const auto standings = workflow::list_standings(db, ids);
        for (std::size_t i = 0; i < list.pages.size(); ++i) {
            if (filter.is_live == false &&
                workflow::live_id(workflow::live_of(list.pages[i], standings[i])) != query.state)
                continue;
            auto seen = sight.look(list.pages[i], filter.words);
            if (!seen || !is_of(sight, query, list.pages[i])) continue;
            found.rows.push_back({list.pages[i], standings[i], *std::move(seen)});
        }
        looked += static_cast<int>(list.pages.size());
        filter.after = list.next;
        if (list.next.empty() || found.rows.size() >= kRows) break;
    }
    found.next = filter.after;
    return found;
}

tmpl::List sections_below(sys::Reader& db, const Query& query, base::SectionId parent) {
    tmpl::List shown;
    for (const content::Section& section : content::list_sections(db, parent)) {
        Query inside = query;
        inside.filter.under = section.path;
        shown.push_back(
            tmpl::Map{{"title", section.title}, {"folder", readable_path(section.path)}, {"path", address(inside)}});
    }
    return shown;
}

http::Response list(Context& context) {
    const Query query = read_query(context.request);
    tmpl::List rows, states, departments, folders;
    std::vector<Crumb> crumbs;
    std::string here = say("ページ"), next;
    std::int64_t total = 0;
    context.db().read([&](sys::Reader& db) {
        Sight sight(context, db);
        const Rows found = find_rows(db, sight, query, context.person.id);
        std::map<base::DepartmentId, std::string> names;
        for (const people::Department& department : people::list_departments(db)) {
            names[department.id] = department.name;
            if (department.is_valid_on(base::local_day(context.now())))
                departments.push_back(tmpl::Map{{"id", department.id.value},
                                                {"name", department.name},
                                                {"is_chosen", department.id == query.filter.department}});
        }
        for (const Row& row : found.rows) {
            const base::DepartmentId department = sight.department_of(row.page);
            rows.push_back(tmpl::Map{{"title", row.seen.title},
                                     {"path", row.seen.is_open ? fmt::format("/pages/{}", row.page.id.value)
                                                               : context.office.public_url + "/" + row.seen.path},
                                     {"is_open", row.seen.is_open},
                                     {"public_path", readable_path(row.seen.path)},
                                     {"chips", row.seen.is_open ? chips(row.page, row.standing) : chips(row.page, {})},
                                     {"department", names.contains(department) ? names.at(department) : "—"},
                                     {"changed", short_time(row.seen.changed_at, context.now())}});
        }
        if (!found.next.empty()) next = address(query, "after", found.next);
        total = content::count_pages(db);
        const auto section = content::find_section(db, query.filter.under);
        if (section) {
            folders = sections_below(db, query, section->id);
            if (!section->path.empty()) here = section->title;
            auto parent = section->path.empty() ? std::nullopt : content::find_section(db, section->parent);
            while (parent && !parent->path.empty()) {
                Query above = query;
                above.filter.under = parent->path;
                crumbs.insert(crumbs.begin(), {parent->title, address(above)});
                parent = content::find_section(db, parent->parent);
            }
            if (!section->path.empty()) crumbs.insert(crumbs.begin(), {say("ページ"), "/pages"});
        }
    });
    for (const StateChoice& choice : kStates)
        states.push_back(
            tmpl::Map{{"id", choice.id}, {"name", say(choice.name)}, {"is_chosen", choice.id == query.state}});
    const bool is_filtered =
        !query.filter.words.empty() || !query.state.empty() || query.filter.department || query.is_mine;
    const std::int64_t count = static_cast<std::int64_t>(rows.size());
    Query first = query, by_path = query, by_title = query, by_changed = query;
    by_path.filter.order = content::Order::Path;
    by_title.filter.order = content::Order::Title;
    by_changed.filter.order = content::Order::Changed;
    return context.page({"screens/pages/list.html", here, crumbs},
                        {{"here", here},
                         {"folder", readable_path(query.filter.under)},
                         {"under", query.filter.under},
                         {"words", query.filter.words},
                         {"states", std::move(states)},
                         {"departments", std::move(departments)},
                         {"folders", std::move(folders)},
                         {"rows", std::move(rows)},
                         {"count", count},
                         {"total", total},
                         {"is_mine", query.is_mine},
                         {"is_filtered", is_filtered},
                         {"is_first", query.filter.after.empty()},
                         {"first", address(first)},
                         {"next", next},
                         {"sort", query.filter.order == content::Order::Changed ? "changed"
                                  : query.filter.order == content::Order::Title ? "title"
                                                                                : ""},
                         {"by_path", address(by_path)},
                         {"by_title", address(by_title)},
                         {"by_changed", address(by_changed)},
                         {"may_write", people::may_somewhere(context.actor, people::Act::PageCreate)}});
}

/// For the editor's link dialog: what is public, and what the person may open.
http::Response search(Context& context) {
    content::PageFilter filter;
    filter.words = std::string(base::first_code_points(base::trim(context.request.query.get("q")), kLongestWords));
    filter.limit = kRows;
    boost::json::array pages;
    context.db().read([&](sys::Reader& db) {
        Sight sight(context, db);
        for (int looked = 0; looked < kMostLooked && pages.size() < kOffered; looked += kRows) {
            const content::PageList list = content::list_pages(db, filter);
            for (const content::Page& page : list.pages)
                if (const auto seen = sight.look(page, filter.words); seen && pages.size() < kOffered)
                    pages.push_back({{"title", seen->title}, {"url", "/" + seen->path}});
            filter.after = list.next;
            if (list.next.empty()) break;
        }
    });
    return http::json(boost::json::serialize(boost::json::object{{"pages", std::move(pages)}}));
}

constexpr Route kRoutes[] = {
    {"GET", "/pages", list},
    {"GET", "/pages.json", search},
};

}  // namespace

extern const Screen pages{"pages", "ページ", "/pages", "page", Place::Work, Access::SignedIn, {}, kRoutes};

}  // namespace web
