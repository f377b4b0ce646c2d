#include "door/web/subject.h"

#include "door/web/language.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "press/content/presence.h"

namespace web {

const std::string& Names::of(base::PersonId id) {
    const auto known = known_.find(id);
    if (known != known_.end()) return known->second;
    std::string name = say("システム");
    if (id) {
        const auto person = db_.read([&](sys::Reader& db) { return people::find_person(db, id); });
        name = person ? person->name : say(fmt::format("職員{}", id.value));
    }
    return known_.emplace(id, std::move(name)).first->second;
}

std::string Names::of(const workflow::Candidate& candidate) {
    if (!candidate.on_behalf_of) return candidate.name;
    return say(fmt::format("{}（{}の代理）", candidate.name, of(candidate.on_behalf_of)));
}

bool Subject::may(workflow::Verb verb) const {
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

std::string Subject::path(std::string_view rest) const {
    return fmt::format("/pages/{}{}{}", page.id.value, rest.empty() ? "" : "/", rest);
}

Subject load_subject(Context& context) {
    const base::PageId id{context.request.number("id")};
    const flow::Outcome outcome = flow::look_at(context.site(), id);
    Subject subject{outcome.page, outcome.standing, {}, outcome.hash};
    context.db().read([&](sys::Reader& db) { Sight(context, db).need(subject.page); });
    subject.verbs = flow::list_verbs(context.site(), id, context.person.id);
    return subject;
}

std::vector<Crumb> crumbs_of(Context& context, const content::Page& page, bool with_page) {
    std::vector<Crumb> crumbs;
    context.db().read([&](sys::Reader& db) {
        auto section = content::find_section(db, page.section);
        while (section && !section->path.empty()) {
            http::Fields query;
            query.add("under", section->path);
            crumbs.insert(crumbs.begin(), {section->title, "/pages?" + http::format_urlencoded(query)});
            section = content::find_section(db, section->parent);
        }
    });
    crumbs.insert(crumbs.begin(), {say("ページ"), "/pages"});
    if (with_page) crumbs.push_back({title_of(page), fmt::format("/pages/{}", page.id.value)});
    return crumbs;
}

std::string who_is_editing(Context& context, base::PageId page) {
    const auto others = context.db().read(
        [&](sys::Reader& db) { return content::list_editing(db, page, context.person.id, context.now()); });
    Names names(context.db());
    std::string words;
    for (const content::Editing& one : others) {
        const base::LocalTime since = base::to_local(one.since);
        words += (words.empty() ? "" : say("、")) +
                 say(fmt::format("{}さんが編集中（{}:{:02}から）", names.of(one.person), since.hour, since.minute));
    }
    return words;
}

tmpl::Map heading_of(const Subject& subject, std::string_view here) {
    static constexpr std::pair<std::string_view, std::string_view> kTabs[] = {
        {"", "内容"}, {"compare", "変更点"}, {"history", "履歴"}, {"receipts", "公開結果"}};
    tmpl::List tabs;
    for (const auto& [rest, name] : kTabs)
        tabs.push_back(tmpl::Map{{"name", say(name)}, {"path", subject.path(rest)}, {"is_here", rest == here}});
    return {{"name", title_of(subject.page)},
            {"public_path", readable_path(subject.page.path)},
            {"chips", chips(subject.page, subject.standing)},
            {"tabs", std::move(tabs)}};
}

http::Response after_step(Context& context, const Subject& subject, const flow::Outcome& outcome,
                          std::string_view done) {
    if (outcome.refusal) {
        if (context.wants_json()) return json_reply({{"message", outcome.refusal->ja}}, 409);
        return context.go(subject.path(), Flash{Flash::Kind::Danger, outcome.refusal->ja});
    }
    const bool is_waiting = outcome.standing.state == workflow::State::Scheduled;
    if (outcome.receipt != 0 && !is_waiting)
        return context.go(fmt::format("/receipts/{}", outcome.receipt), Flash{Flash::Kind::Good, std::string(done)});
    return context.go(subject.path(), Flash{Flash::Kind::Good, std::string(done)});
}

}  // namespace web
