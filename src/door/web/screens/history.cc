// 履歴: who did what with a page and when, and the way back to any revision.

#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/ledger/acts.h"
#include "ground/ledger/store.h"

namespace web {

namespace {

constexpr int kRevisions = 50;
constexpr int kActs = 100;

/// "person:12" of a ledger line.
base::PersonId person_in(std::string_view by) {
    return by.starts_with("person:") ? base::PersonId{std::strtoll(std::string(by.substr(7)).c_str(), nullptr, 10)}
                                     : base::PersonId{};
}

http::Response show(Context& context) {
    const Subject subject = load_subject(context);
    Names names(context.db());
    tmpl::List revisions, acts;
    context.db().read([&](sys::Reader& db) {
        const auto all = content::list_revisions(db, subject.page.id, kRevisions);
        for (std::size_t i = 0; i < all.size(); ++i) {
            const content::Revision& each = all[i];
            const bool is_live = each.id == subject.page.live, is_latest = i == 0;
            revisions.push_back(tmpl::Map{{"id", each.id.value},
                                          {"number", each.number},
                                          {"name", each.body.title},
                                          {"who", names.of(each.author)},
                                          {"time", long_time(each.made_at)},
                                          {"note", each.note},
                                          {"is_live", is_live},
                                          {"is_latest", is_latest},
                                          {"before", each.based_on.value},
                                          {"may_restore", !is_latest && subject.may(workflow::Verb::Restore)}});
        }
        ledger::Search search;
        search.subject = fmt::format("page:{}", subject.page.id.value);
        search.limit = kActs;
        const auto lines = ledger::find_lines(db, search);
        for (std::size_t at = 0; at < lines.size();) {
            const ledger::Entry& entry = lines[at].entry;
            std::size_t end = at + 1;  // a row of saves by one person is one line
            while (end < lines.size() && entry.act == "page.save" && lines[end].entry.act == entry.act &&
                   lines[end].entry.by == entry.by)
                ++end;
            const std::string times = end - at > 1 ? say(fmt::format("（{}回）", end - at)) : "";
            acts.push_back(tmpl::Map{{"what", say(ledger::act_wording(entry.act)) + times},
                                     {"who", names.of(person_in(entry.by))},
                                     {"time", long_time(entry.at)}});
            at = end;
        }
    });
    return context.page(
        {"screens/history/show.html", say("履歴：") + title_of(subject.page), crumbs_of(context, subject.page, false)},
        {{"head", heading_of(subject, "history")},
         {"path", subject.path()},
         {"version", subject.standing.version},
         {"revisions", std::move(revisions)},
         {"acts", std::move(acts)}});
}

http::Response restore(Context& context) {
    const Subject subject = load_subject(context);
    const base::RevisionId revision{context.number_field("revision")};
    const std::int64_t number =
        context.db().read([&](sys::Reader& db) { return content::load_revision(db, revision).number; });
    const flow::Outcome outcome =
        flow::restore(context.site(), subject.page.id, revision, context.number_field("version"), context.doer());
    return after_step(
        context, subject, outcome,
        fmt::format("第{}版と同じ内容の下書きを作りました。確かめてから承認依頼をしてください。", number));
}

constexpr Route kRoutes[] = {
    {"GET", "/pages/{id}/history", show},
    {"POST", "/pages/{id}/restore", restore},
};

}  // namespace

extern const Screen history{"history", "履歴", "/pages", "history", Place::None, Access::SignedIn, {}, kRoutes};

}  // namespace web
