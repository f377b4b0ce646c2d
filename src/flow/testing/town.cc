#include "flow/testing/town.h"

#include "flow/schema.h"
#include "ground/ledger/store.h"

namespace flow::testing {

using people::Role;

Town::Town(std::string_view engine) {
    const sys::DatabaseOptions options = store_.make_for(engine, office_migrations());
    NewSite made;
    made.folder = folder_.path() / "site";
    made.database_url = options.url;
    made.database_schema = options.schema;
    init_site(made, clock);
    site = Site::open(made.folder, clock);
    write([&](sys::Transaction& tx) {
        const auto add_department = [&](std::string code) {
            people::Department department;
            department.name = "課 " + code;
            department.code = std::move(code);
            department.valid_from = {2020, 4, 1};
            return people::add_department(tx, department, by());
        };
        ka = add_department("11");
        elsewhere = add_department("20");
        const auto add_person = [&](std::string name, Role role, base::DepartmentId department) {
            people::Person person;
            person.name = "名前 " + name;
            person.login_name = std::move(name);
            if (department) person.memberships = {{department, {2020, 4, 1}, {}}};
            const base::PersonId id = people::add_person(tx, person, "not a password", by());
            people::add_grant(tx, {{}, id, role, {}, {}}, by());
            return Doer{id, {}};
        };
        author = add_person("author", Role::Author, ka);
        other_author = add_person("other", Role::Author, ka);
        chief = add_person("chief", Role::Approver, ka);
        chief2 = add_person("chief2", Role::Approver, ka);
        stranger = add_person("stranger", Role::Author, elsewhere);
        admin = add_person("kanri", Role::SiteAdministrator, {});
        // Approvers write too, as section heads do.
        for (const Doer& doer : {chief, chief2}) people::add_grant(tx, {{}, doer.person, Role::Author, {}, {}}, by());
    });
}

content::Page Town::taken_over(std::string path, std::string_view content) {
    const std::string before =
        "<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>題</title></head>"
        "<body><div id=\"main\">";
    const std::string document = fmt::format("{}{}</div></body></html>", before, content);
    const auto stored = site->objects->put(document);
    return write([&](sys::Transaction& tx) {
        content::NewPage made;
        made.path = std::move(path);
        made.kind = content::PageKind::TakenOver;
        made.department = ka;
        made.document = stored.hash;
        made.body.title = "題";
        made.made_at = clock.now();
        content::Page page = content::add_page(tx, made);
        const std::vector<content::Region> regions{{"main", static_cast<std::int64_t>(before.size()),
                                                    static_cast<std::int64_t>(before.size() + content.size()), "div"}};
        content::set_regions(tx, page.id, regions);
        content::set_live(tx, page.id, page.latest, clock.now());
        return content::load_page(tx, page.id);
    });
}

content::Attachment Town::attachment(std::string path, std::string_view bytes) {
    const auto stored = site->objects->put(bytes);
    return {std::move(path), stored.hash, stored.size, "application/pdf", "資料"};
}

Save Town::save_of(const Outcome& opened, std::string html) {
    Save save;
    save.page = opened.page.id;
    save.body = asked_body(opened);
    save.body.parts["main"] = std::move(html);
    save.based_on = opened.revision;
    save.version = opened.version();
    return save;
}

Outcome Town::edit(base::PageId page, std::string html, const Doer& doer) {
    return save_draft(*site, save_of(look_at(*site, page), std::move(html)), doer);
}

Outcome Town::submitted(base::PageId page, std::string html, const Doer& doer) {
    const Outcome draft = edit(page, std::move(html), doer);
    return submit(*site, page, draft.version(), {}, doer);
}

content::Body Town::asked_body(const Outcome& outcome) {
    return read([&](sys::Reader& db) { return content::load_revision(db, outcome.revision).body; });
}

std::vector<std::string> Town::acts_of(base::PageId page) {
    ledger::Search search;
    search.subject = fmt::format("page:{}", page.value);
    search.limit = 1000;
    std::vector<std::string> acts;
    for (const ledger::Line& line : read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
        acts.push_back(line.entry.act);
    std::reverse(acts.begin(), acts.end());
    return acts;
}

Consent consent(const Outcome& opened) {
    return {opened.page.id, opened.version(), opened.hash, {}, {}};
}

std::vector<base::PersonId> people_of(const std::vector<workflow::Candidate>& candidates) {
    std::vector<base::PersonId> people;
    for (const workflow::Candidate& one : candidates) people.push_back(one.person);
    return people;
}

}  // namespace flow::testing
