#include "editor_acts.h"

#include "flow/change_template.h"
#include "flow/edit_page.h"
#include "flow/mark_changes.h"
#include "flow/set_region.h"
#include "ground/base/error.h"
#include "ground/people/accounts.h"
#include "office/vulnerabilities/patches.h"
#include "press/content/store.h"
#include "press/content/templates.h"

namespace tests {

namespace {

using namespace flow;

constexpr const char* kPage = "kurashi/gomi.html";

struct Office {
    Site& site;
    const base::Clock& clock;
    int number;

    Doer person(const char* login) const {
        const auto found = site.database->read([&](sys::Reader& db) { return people::find_person(db, login); });
        return {found.value().id, {}};
    }
    base::PageId page(const std::string& path) const {
        return site.database->read([&](sys::Reader& db) { return content::find_page(db, path); }).value().id;
    }
    std::string pool_page() const { return fmt::format("pool/p{}.html", number); }
};

void need(const Outcome& outcome) {
    if (outcome.refusal) throw base::Error(base::Kind::NotAllowed, outcome.refusal->en);
}

void prepare(Office& office) {
    const base::Instant now = office.clock.now();
    office.site.database->write([&](sys::Transaction& tx) {
        const people::By by{{}, now, "system:test"};
        people::Department department;
        department.name = "環境課";
        department.code = "11";
        department.valid_from = {2020, 4, 1};
        const auto ka = people::add_department(tx, department, by);
        const auto add = [&](const char* login, people::Role role) {
            people::Person person;
            person.login_name = login;
            person.name = login;
            person.memberships = {{ka, {2020, 4, 1}, {}}};
            people::add_grant(tx, {{}, people::add_person(tx, person, "not a password", by), role, {}, {}}, by);
        };
        add("hanako", people::Role::Author);
        add("taro", people::Role::Approver);
        add("kanri", people::Role::SiteAdministrator);
        add("kanri2", people::Role::SiteAdministrator);
        // One page that is made from a template, so that a change of it touches something.
        content::NewPage made;
        made.path = "news/a.html";
        made.department = ka;
        made.body.title = "お知らせ";
        made.body.template_name = "article";
        made.body.parts["body"] = "<p>本文</p>";
        made.made_at = now;
        const content::Page page = content::add_page(tx, made);
        change_live(tx, page.id, page.latest, now);
        for (const char* section : {"kurashi/", "pool/"}) {
            content::ensure_section(tx, section);
            content::Section changed = *content::find_section(tx, section);
            changed.department = ka;
            content::change_section(tx, changed);
        }
    });
}

/// Each save is told by its number.
void save(Office& office) {
    Outcome opened = look_at(office.site, office.page(kPage));
    if (opened.standing.state == workflow::State::Submitted) {
        need(take_back(office.site, opened.page.id, opened.version(), office.person("hanako")));
        opened = look_at(office.site, opened.page.id);
    }
    Save save;
    save.page = opened.page.id;
    save.body =
        office.site.database->read([&](sys::Reader& db) { return content::load_revision(db, opened.revision).body; });
    save.body.parts["main"] = saved_text(office.number);
    save.based_on = opened.revision;
    save.version = opened.version();
    need(save_draft(office.site, save, office.person("hanako")));
}

void submit_page(Office& office, base::Instant at) {
    const Outcome opened = look_at(office.site, office.page(kPage));
    Submission submission;
    submission.publish_at = at;
    need(submit(office.site, opened.page.id, opened.version(), submission, office.person("hanako")));
}

void approve_page(Office& office) {
    const Outcome opened = look_at(office.site, office.page(kPage));
    need(approve(office.site, {opened.page.id, opened.version(), opened.hash, {}, {}}, office.person("taro")));
}

void withdraw_page(Office& office) {
    const Outcome opened = look_at(office.site, office.page(office.pool_page()));
    const workflow::Ending moved{workflow::EndReason::Moved, "kurashi/suido.htm", "統合"};
    need(withdraw(office.site, opened.page.id, opened.version(), moved, Asking::AtOnce, office.person("kanri")));
}

/// A new path, at once; the old one leads to it.
void rename_page(Office& office) {
    const base::PageId id = office.page(office.pool_page());
    const base::PersonId author = office.person("hanako").person;
    const base::Instant now = office.clock.now();
    office.site.database->write([&](sys::Transaction& tx) {
        content::move_page(tx, id, fmt::format("pool/renamed{}.html", office.number), now);
        const base::RevisionId before = content::find_page(tx, id).value().latest;
        const content::Body body = content::load_revision(tx, before).body;
        change_live(tx, id, content::add_revision(tx, {id, body, author, now, before, {}}).id, now);
    });
}

void ask_for_template(Office& office) {
    const auto found = office.site.database->read([](sys::Reader& db) {
        return std::pair(*content::find_template(db, "base"), *content::find_live_template(db, "base"));
    });
    const std::string source = fmt::format("{}\n<!-- {} -->", found.second.source, office.number);
    const Doer doer = office.person("kanri");
    save_template(office.site, found.first.id, found.first.version, source, "", doer);
    const auto saved = office.site.database->read([](sys::Reader& db) { return *content::find_template(db, "base"); });
    submit_template(office.site, saved.id, saved.version, doer);
}

void approve_base(Office& office) {
    const auto asked = office.site.database->read([](sys::Reader& db) {
        const auto found = *content::find_template(db, "base");
        return std::pair(found, content::find_template_revision(db, found.latest)->hash);
    });
    approve_template(office.site, asked.first.id, asked.first.version, asked.second, office.person("kanri2"));
}

void set_main(Office& office) {
    RegionWish wish;
    wish.path = "pool/";
    wish.is_section = true;
    wish.selector = "#main";
    wish.name = "main";
    if (set_region(office.site, wish).matched == 0) throw base::Error(base::Kind::NotFound, "no page has #main");
}

/// A correction that the client has agreed to.
void agree_to_a_patch(Office& office) {
    const base::Instant now = office.clock.now();
    office.site.database->write([&](sys::Transaction& tx) {
        const vulnerabilities::By by{"system:test", now};
        vulnerabilities::NewPatch made;
        made.title = "修正";
        made.component = "見本";
        made.published_at = now;
        const std::int64_t id = vulnerabilities::find_out(tx, made, by).id;
        vulnerabilities::examine_patch(tx, id, "影響は小さい", 1, by);
        vulnerabilities::decide_patch(tx, id, true, "可", now, now + std::chrono::hours(1), 2, by);
    });
}

}  // namespace

void do_act(flow::Site& site, const std::string& act, int number) {
    Office office{site, site.clock, number};
    const base::Instant tomorrow{site.clock.now().milliseconds + 24LL * 3600 * 1000};
    if (act == "prepare") return prepare(office);
    if (act == "save") return save(office);
    if (act == "submit") return submit_page(office, {});
    if (act == "submit-for-later") return submit_page(office, tomorrow);
    if (act == "approve") return approve_page(office);
    if (act == "withdraw") return withdraw_page(office);
    if (act == "rename") return rename_page(office);
    if (act == "ask-template") return ask_for_template(office);
    if (act == "approve-template") return approve_base(office);
    if (act == "region") return set_main(office);
    if (act == "agree-to-a-patch") return agree_to_a_patch(office);
    throw base::Error(base::Kind::BadInput, fmt::format("there is no act {}", act));
}

std::string saved_text(int number) {
    return fmt::format("<p>第{}版</p>", number);
}

std::set<std::string> list_saved(flow::Site& site) {
    return site.database->read([&](sys::Reader& db) {
        std::set<std::string> texts;
        const base::PageId id = content::find_page(db, std::string_view(kPage)).value().id;
        for (const content::Revision& listed : content::list_revisions(db, id, 10'000)) {
            const content::Body body = content::load_revision(db, listed.id).body;
            if (const auto part = body.parts.find("main"); part != body.parts.end()) texts.insert(part->second);
        }
        return texts;
    });
}

workflow::State standing_of(flow::Site& site) {
    const auto id =
        site.database->read([&](sys::Reader& db) { return content::find_page(db, std::string_view(kPage)); })
            .value()
            .id;
    return look_at(site, id).standing.state;
}

}  // namespace tests
