#include <boost/json.hpp>

#include "door/cli/page.h"
#include "ground/base/text.h"
#include "press/content/store.h"

namespace cli {

namespace json = boost::json;

namespace {

json::value instant(base::Instant at) {
    if (at == base::Instant{}) return nullptr;
    return json::value(base::format_utc(at));
}
json::value id(std::int64_t value) {
    if (value == 0) return nullptr;
    return json::value(value);
}

json::object standing_json(sys::Reader& db, const content::Page& page, const workflow::Standing& standing) {
    json::array asked;
    for (const workflow::Candidate& one : workflow::list_asked(db, page.id))
        asked.push_back(
            {{"person", one.person.value}, {"name", one.name}, {"on_behalf_of", id(one.on_behalf_of.value)}});
    return {{"state", workflow::state_id(standing.state)},
            {"live", workflow::live_id(workflow::live_of(page, standing))},
            {"version", standing.version},
            {"matter", standing.matter == workflow::Matter::Publish ? "publish" : "withdraw"},
            {"submitted_by", id(standing.submitted_by.value)},
            {"submitted_at", instant(standing.submitted_at)},
            {"step", standing.step + 1},
            {"steps", standing.steps.size()},
            {"asked", std::move(asked)},
            {"publish_at", instant(standing.publish_at)},
            {"withdraw_at", instant(standing.withdraw_at)},
            {"live_until", instant(standing.live_until)},
            {"comment", standing.comment},
            {"problem", standing.problem},
            {"emergency_open", workflow::find_open_emergency(db, page.id).has_value()}};
}

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const content::Page page = load_named_page(*site, invocation.text("PAGE"));
    json::object document;
    std::string prose;
    site->database->read([&](sys::Reader& db) {
        const workflow::Standing standing = workflow::find_standing(db, page.id);
        const content::Revision latest = content::load_revision(db, page.latest);
        json::array revisions, approvals, receipts;
        prose = fmt::format("{}\n{} ({}), version {}\n{}\n", latest.body.title, page.path, page.id.value,
                            standing.version, standing_words(workflow::live_of(page, standing), standing.state));
        std::vector<std::string> asked;
        for (const workflow::Candidate& one : workflow::list_asked(db, page.id)) asked.push_back(one.name);
        if (!asked.empty()) prose += fmt::format("asked at step {}: {}\n", standing.step + 1, base::join(asked, ", "));
        for (const content::Revision& one : content::list_revisions(db, page.id, 50)) {
            revisions.push_back({{"id", one.id.value},
                                 {"number", one.number},
                                 {"title", one.body.title},
                                 {"hash", one.hash.hex()},
                                 {"author", id(one.author.value)},
                                 {"made_at", instant(one.made_at)},
                                 {"based_on", id(one.based_on.value)},
                                 {"note", one.note},
                                 {"is_live", one.id == page.live}});
            prose += fmt::format("  revision {} (number {}), {}{}\n", one.id.value, one.number,
                                 base::format_local(one.made_at), one.id == page.live ? ", live" : "");
        }
        for (const workflow::Approval& one : workflow::list_approvals(db, page.id, 50))
            approvals.push_back({{"revision", one.revision.value},
                                 {"hash", one.hash.hex()},
                                 {"step", one.step + 1},
                                 {"person", one.person.value},
                                 {"on_behalf_of", id(one.on_behalf_of.value)},
                                 {"said", workflow::said_id(one.said)},
                                 {"comment", one.comment},
                                 {"at", instant(one.at)}});
        for (const publish::Receipt& one : publish::list_receipts(db, page.id, 50)) {
            receipts.push_back({{"id", one.id},
                                {"kind", one.kind},
                                {"state", publish::receipt_state_name(one.state)},
                                {"revision", id(one.revision.value)},
                                {"person", id(one.person.value)},
                                {"due_at", instant(one.due_at)},
                                {"release", id(one.release)},
                                {"changes", json::value_from(one.changes)},
                                {"problem", one.problem}});
            prose += fmt::format("  receipt {}: {}, {}\n", one.id, one.kind, publish::receipt_state_name(one.state));
        }
        json::object parts;
        for (const auto& [name, html] : latest.body.parts) parts[name] = html;
        json::array regions;
        for (const content::Region& one : content::list_regions(db, page.id)) regions.push_back(json::value(one.name));
        document = {{"page",
                     {{"id", page.id.value},
                      {"path", page.path},
                      {"title", latest.body.title},
                      {"description", latest.body.description},
                      {"parts", std::move(parts)},
                      {"regions", std::move(regions)},
                      {"revision", page.latest.value},
                      {"hash", latest.hash.hex()},
                      {"live_revision", id(page.live.value)},
                      {"live_since", instant(page.live ? page.live_since : base::Instant{})},
                      {"encoding", page.encoding}}},
                    {"standing", standing_json(db, page, standing)},
                    {"revisions", std::move(revisions)},
                    {"approvals", std::move(approvals)},
                    {"receipts", std::move(receipts)}};
    });
    prose.pop_back();
    invocation.answer(document, prose);
    return kDone;
}

constexpr Option kOptions[] = {kPageOption};

}  // namespace

extern const Command page_show{"page", "show", "Show a page, its revisions, where it stands, and its receipts",
                               kOptions, run};

}  // namespace cli
