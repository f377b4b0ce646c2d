#include "flow/testing/composed_town.h"

#include "flow/mark_changes.h"
#include "flow/verify_site.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/html/select.h"
#include "ground/ledger/store.h"
#include "ground/release/store.h"
#include "press/content/templates.h"
#include "press/publish/queue.h"

namespace flow::testing {

base::PageId ComposedTown::put_page(const std::string& path, const std::string& made_from, const std::string& title,
                                    const std::string& body, std::vector<content::Attachment> attachments) {
    return write([&](sys::Transaction& tx) {
        content::NewPage made;
        made.path = path;
        made.body.title = title;
        made.body.template_name = made_from;
        if (!body.empty()) made.body.parts["body"] = body;
        made.body.attachments = std::move(attachments);
        made.author = author.person;
        made.made_at = clock.now();
        const content::Page page = content::add_page(tx, made);
        change_live(tx, page.id, page.latest, clock.now());
        return page.id;
    });
}

void ComposedTown::change_page(base::PageId id, const std::function<void(content::Body&)>& change,
                               std::int64_t receipt) {
    write([&](sys::Transaction& tx) {
        const content::Page page = content::load_page(tx, id);
        content::Body body = content::load_revision(tx, page.latest).body;
        change(body);
        const auto revision = content::add_revision(tx, {id, body, author.person, clock.now(), page.latest, {}});
        change_live(tx, id, revision.id, clock.now(), receipt);
    });
}

void ComposedTown::set_section(const std::string& path, const std::function<void(content::Section&)>& change) {
    write([&](sys::Transaction& tx) {
        content::ensure_section(tx, path);
        const content::Section before = *content::find_section(tx, path);
        content::Section after = before;
        change(after);
        content::change_section(tx, after);
        mark_section_changed(tx, before, after, clock.now());
    });
}

void ComposedTown::change_template(const std::string& name, const std::function<void(std::string&)>& change) {
    if (!second_.person) second_ = add_administrator("daini");
    write([&](sys::Transaction& tx) {
        const auto of = [&] { return *content::find_template(tx, name); };
        std::string source = content::find_live_template(tx, name)->source;
        change(source);
        content::save_template(tx, of().id, of().version, source, admin.person, clock.now());
        content::submit_template(tx, of().id, of().version, admin.person, clock.now());
        content::approve_template(tx, of().id, of().version, content::find_template_revision(tx, of().latest)->hash,
                                  second_.person, clock.now());
        mark_template_changed(tx, of(), clock.now());
    });
}

void ComposedTown::put_list(const std::string& name, const std::string& json) {
    change_template(name, [&](std::string& source) { source = json; });
}

Doer ComposedTown::add_administrator(const std::string& login_name) {
    return write([&](sys::Transaction& tx) {
        people::Person person;
        person.login_name = login_name;
        person.name = "名前 " + login_name;
        const base::PersonId id = people::add_person(tx, person, "not a password", by());
        people::add_grant(tx, {{}, id, people::Role::SiteAdministrator, {}, {}}, by());
        return Doer{id, {}};
    });
}

Published ComposedTown::publish() {
    const auto press = Press::find(*site);
    if (!press) throw std::logic_error("another press is at work on the test's site");
    return press->publish({});
}

std::set<std::string> ComposedTown::stale() {
    return read([&](sys::Reader& db) {
        const auto sources = publish::find_stale(db, publish::take_dirty(db), clock.now());
        return std::set<std::string>(sources.begin(), sources.end());
    });
}

std::string ComposedTown::file(const std::string& path) {
    return sys::find_file(site->folders.document_root / path).value_or("");
}

release::Entry ComposedTown::entry(const std::string& path) {
    return read([&](sys::Reader& db) { return release::find_entry(db, path); }).value_or(release::Entry{});
}

bool ComposedTown::is_public(const std::string& path) {
    return !entry(path).path.empty();
}

std::set<std::string> ComposedTown::public_paths() {
    std::set<std::string> paths;
    read([&](sys::Reader& db) {
        release::each_entry(db, "", [&](const release::Entry& one) {
            paths.insert(one.path);
            return true;
        });
    });
    return paths;
}

std::map<std::string, std::vector<std::string>> ComposedTown::all_reads() {
    return read([](sys::Reader& db) {
        std::map<std::string, std::vector<std::string>> reads;
        for (const sys::Row& row : db.query("SELECT source FROM source"))
            reads[row.text(0)] = publish::list_reads(db, row.text(0));
        return reads;
    });
}

std::size_t ComposedTown::verify_deviations() {
    return verify_site(site->folders.site, {}, clock).tree.deviations.size();
}

std::vector<std::string> ComposedTown::acts(const std::string& subject) {
    ledger::Search search;
    search.subject = subject;
    std::vector<std::string> found;
    read([&](sys::Reader& db) {
        for (const ledger::Line& line : ledger::find_lines(db, search)) found.insert(found.begin(), line.entry.act);
    });
    return found;
}

std::string find_xml_fault(std::string_view xml) {
    if (!xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")) return "no declaration";
    if (!base::is_utf8(xml)) return "not UTF-8";
    std::vector<std::string> open;
    std::size_t roots = 0;
    for (std::size_t at = xml.find("?>") + 2; at < xml.size();) {
        if (xml[at] != '<') {
            const auto end = std::min(xml.find('<', at), xml.size());
            const std::string_view text = xml.substr(at, end - at);
            if (open.empty() && !base::trim(text).empty()) return fmt::format("text outside the root: {}", text);
            for (auto amp = text.find('&'); amp != std::string_view::npos; amp = text.find('&', amp + 1)) {
                const std::string_view name = text.substr(amp, text.find(';', amp) - amp + 1);
                if (name != "&amp;" && name != "&lt;" && name != "&gt;" && name != "&quot;" && name != "&#39;")
                    return fmt::format("a bare & in {}", text);
            }
            at = end;
            continue;
        }
        const auto end = xml.find('>', at);
        if (end == std::string_view::npos) return "a tag without end";
        const std::string_view tag = xml.substr(at + 1, end - at - 1);
        at = end + 1;
        if (tag.starts_with("/")) {
            if (open.empty() || open.back() != tag.substr(1)) return fmt::format("</{}> closes nothing", tag.substr(1));
            open.pop_back();
            continue;
        }
        if (open.empty() && ++roots > 1) return "two roots";
        if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return fmt::format("quotes in <{}>", tag);
        if (!tag.ends_with("/")) open.emplace_back(tag.substr(0, tag.find_first_of(" \n")));
    }
    return open.empty() ? "" : fmt::format("<{}> stays open", open.back());
}

std::vector<std::string> find_page_faults(std::string_view bytes) {
    std::vector<std::string> faults;
    const auto page = html::Document::parse(bytes, html::Encoding::Utf8);
    const auto all = [&](const char* selector) { return html::Selector(selector).all(page); };
    const auto expect = [&](bool holds, std::string what) {
        if (!holds) faults.push_back(std::move(what));
    };
    expect(page.attribute(page.html(), "lang") == "ja", "lang");
    expect(all("title").size() == 1 && !page.plain_text_of(all("title")[0]).empty(), "title");
    expect(all("h1").size() == 1, "one h1");
    expect(all("meta[name=viewport]").size() == 1, "viewport");
    int level = 0;
    for (const html::NodeId heading : all("h1, h2, h3, h4, h5, h6")) {
        const int here = page[heading].tag[1] - '0';
        expect(here <= level + 1, fmt::format("heading order at {}", page.plain_text_of(heading)));
        expect(!page.plain_text_of(heading).empty(), "an empty heading");
        level = here;
    }
    for (const html::NodeId image : all("img")) expect(page.find_attribute(image, "alt") != nullptr, "alt");
    for (const html::NodeId control : all("input, select, textarea"))
        expect(!all(fmt::format("label[for={}]", page.attribute(control, "id")).c_str()).empty(), "label");
    for (const html::NodeId link : all("a[href]")) expect(!page.plain_text_of(link).empty(), "a link without text");
    for (const html::NodeId nav : all("nav"))
        expect(
            page.find_attribute(nav, "aria-label") != nullptr || page.find_attribute(nav, "aria-labelledby") != nullptr,
            "nav without a name");
    std::set<std::string_view> ids;
    for (const html::NodeId node : all("[id]")) expect(ids.insert(page.attribute(node, "id")).second, "id twice");
    for (const html::NodeId node : all("[aria-labelledby]"))
        expect(ids.contains(page.attribute(node, "aria-labelledby")), "aria-labelledby leads nowhere");
    for (const html::NodeId node : all("a[href^='#']"))
        expect(ids.contains(page.attribute(node, "href").substr(1)), "a link inside the page leads nowhere");
    expect(!all("a.skip[href='#main']").empty(), "skip link");
    expect(all("script, iframe, object, embed").empty(), "script or frame");
    for (const html::Link& link : html::list_links(page))
        if (link.kind != html::LinkKind::Anchor && link.kind != html::LinkKind::Link)
            expect(link.url.starts_with("/") && !link.url.starts_with("//"), "loads " + link.url);
    for (const html::NodeId list : all("ul, ol"))
        for (html::NodeId child = page[list].first_child; child != html::kNoNode; child = page[child].next)
            expect(page[child].type != html::NodeType::Element || page.is_element(child, "li"),
                   "a list with more than li");
    return faults;
}

}  // namespace flow::testing
