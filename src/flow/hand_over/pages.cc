// Pages and templates with all that was ever written in them. A page's file is written revision by revision, so that a
// long history costs no memory.
#include <boost/json.hpp>

#include "flow/hand_over/parts.h"
#include "ground/base/csv.h"
#include "ground/people/accounts.h"
#include "press/content/store.h"
#include "press/content/templates.h"

namespace flow::hand_over {

namespace json = boost::json;

namespace {

constexpr int kEveryRevision = 1'000'000;
constexpr int kPagesAtOnce = 200;

std::string time_text(base::Instant at) {
    return at.milliseconds == 0 ? "" : base::format_utc(at);
}

/// Names by id, looked up once each.
class Names {
  public:
    explicit Names(sys::Reader& db) {
        for (const people::Department& one : people::list_departments(db)) departments_[one.id] = one.name;
    }
    std::string person(sys::Reader& db, base::PersonId id) {
        if (id.value == 0) return "";
        const auto known = people_.find(id);
        if (known != people_.end()) return known->second;
        const auto found = people::find_person(db, id);
        return people_[id] = found ? found->name : "";
    }
    std::string department(base::DepartmentId id) const {
        const auto known = departments_.find(id);
        return known == departments_.end() ? "" : known->second;
    }

  private:
    std::map<base::PersonId, std::string> people_;
    std::map<base::DepartmentId, std::string> departments_;
};

json::value id_or_null(std::int64_t id) {
    return id == 0 ? json::value(nullptr) : json::value(id);
}

json::object revision_json(Pack& pack, sys::Reader& db, Names& names, const content::Page& page,
                           const content::Revision& revision) {
    json::object parts;
    for (const auto& [name, html] : revision.body.parts) parts[name] = html;
    json::array attachments;
    for (const content::Attachment& one : revision.body.attachments)
        attachments.push_back({{"path", one.path},
                               {"title", one.title},
                               {"type", one.type},
                               {"size", one.size},
                               {"sha256", one.hash.hex()},
                               {"file", pack.keep(one.hash, fmt::format("page {} {}", page.id.value, one.path))}});
    return {{"id", revision.id.value},
            {"number", revision.number},
            {"title", revision.body.title},
            {"description", revision.body.description},
            {"template", revision.body.template_name},
            {"categories", json::value_from(revision.body.categories)},
            {"parts", parts},
            {"attachments", attachments},
            {"sha256", revision.hash.hex()},
            {"author_id", id_or_null(revision.author.value)},
            {"author", names.person(db, revision.author)},
            {"made_at", time_text(revision.made_at)},
            {"based_on", id_or_null(revision.based_on.value)},
            {"note", revision.note}};
}

std::string page_file(base::PageId id) {
    return fmt::format("pages/{:03}/{:06}.json", id.value / 1000, id.value);
}

std::int64_t write_page(Pack& pack, sys::Reader& db, Names& names, const content::Page& page) {
    json::array regions;
    for (const content::Region& one : content::list_regions(db, page.id))
        regions.push_back({{"name", one.name}, {"begin", one.begin}, {"end", one.end}, {"element", one.context}});
    const bool is_taken_over = page.kind == content::PageKind::TakenOver;
    json::object head{{"id", page.id.value},
                      {"path", page.path},
                      {"kind", is_taken_over ? "taken-over" : "composed"},
                      {"title", page.title},
                      {"section_id", page.section.value},
                      {"department_id", id_or_null(page.department.value)},
                      {"department", names.department(page.department)},
                      {"encoding", page.encoding},
                      {"language", page.language},
                      {"made_at", time_text(page.made_at)},
                      {"changed_at", time_text(page.changed_at)},
                      {"live_since", time_text(page.live_since)},
                      {"latest_revision", id_or_null(page.latest.value)},
                      {"live_revision", id_or_null(page.live.value)},
                      {"regions", regions}};
    if (page.document != base::Hash{})  // also of one that is made from a template now: it may go back
        head["document"] = {{"sha256", page.document.hex()},
                            {"file", pack.keep(page.document, fmt::format("page {} {}", page.id.value, page.path))}};
    const auto file = pack.open(page_file(page.id));
    std::string text = json::serialize(head);
    text.back() = ',';  // the object goes on
    file->write(text + "\n\"revisions\":[");
    std::vector<content::Revision> revisions = content::list_revisions(db, page.id, kEveryRevision);
    std::reverse(revisions.begin(), revisions.end());
    const char* before = "\n";
    for (const content::Revision& one : revisions) {
        file->write(before + json::serialize(revision_json(pack, db, names, page, content::load_revision(db, one.id))));
        before = ",\n";
    }
    file->write("\n]}\n");
    file->commit(sys::Durability::Later);
    return static_cast<std::int64_t>(revisions.size());
}

}  // namespace

void write_pages(Pack& pack, sys::Reader& db, Counts& counts) {
    Names names(db);
    const auto index = pack.open("pages/pages.csv");
    const std::vector<std::string> head{"id",         "path",      "title",     "kind", "department", "changed_at",
                                        "live_since", "is_public", "revisions", "file", "language",   "encoding"};
    index->write("\xEF\xBB\xBF" + base::csv_line(head));
    content::PageFilter filter;
    filter.limit = kPagesAtOnce;
    std::int64_t& pages = counts["pages"];
    std::int64_t& revisions = counts["revisions"];
    do {
        const content::PageList list = content::list_pages(db, filter);
        for (const content::Page& page : list.pages) {
            const std::int64_t written = write_page(pack, db, names, page);
            const std::vector<std::string> cells{std::to_string(page.id.value),
                                                 page.path,
                                                 page.title,
                                                 page.kind == content::PageKind::TakenOver ? "taken-over" : "composed",
                                                 names.department(page.department),
                                                 time_text(page.changed_at),
                                                 time_text(page.live_since),
                                                 page.live.value == 0 ? "0" : "1",
                                                 std::to_string(written),
                                                 page_file(page.id),
                                                 page.language,
                                                 page.encoding};
            index->write(base::csv_line(cells));
            ++pages;
            revisions += written;
            pack.step();
        }
        filter.after = list.next;
    } while (!filter.after.empty());
    index->commit(sys::Durability::Later);
}

void write_templates(Pack& pack, sys::Reader& db, Counts& counts) {
    Names names(db);
    const auto index = pack.open("templates/templates.csv");
    const std::vector<std::string> head{"name",   "kind",   "title",       "number",      "state", "made_at",
                                        "author", "sha256", "approved_by", "approved_at", "note",  "file"};
    index->write("\xEF\xBB\xBF" + base::csv_line(head));
    for (const content::Template& one : content::list_templates(db)) {
        ++counts["templates"];
        const std::string_view ending = one.kind == content::TemplateKind::Style  ? "css"
                                        : one.kind == content::TemplateKind::Menu ? "json"
                                        : one.kind == content::TemplateKind::List ? "json"
                                                                                  : "html";
        for (const auto& revision : content::list_template_revisions(db, one.id, kEveryRevision)) {
            ++counts["template_revisions"];
            const std::string name = fmt::format("templates/{}/{:04}.{}", one.name, revision.number, ending);
            pack.put(name, revision.source);
            const std::vector<std::string> cells{one.name,
                                                 std::string(content::template_kind_id(one.kind)),
                                                 one.title,
                                                 std::to_string(revision.number),
                                                 std::string(content::template_state_id(revision.state)),
                                                 time_text(revision.made_at),
                                                 names.person(db, revision.author),
                                                 revision.hash.hex(),
                                                 names.person(db, revision.approved_by),
                                                 time_text(revision.approved_at),
                                                 revision.note,
                                                 name};
            index->write(base::csv_line(cells));
            pack.check_stopped();
        }
    }
    index->commit(sys::Durability::Later);
}

}  // namespace flow::hand_over
