#include "door/web/waiting_designs.h"

#include <algorithm>

#include "press/content/templates.h"
#include "press/frames/restyles.h"

namespace web {

std::vector<WaitingDesign> list_waiting_designs(Context& context) {
    std::vector<WaitingDesign> all;
    context.db().read([&](sys::Reader& db) {
        for (const content::Template& of : content::list_submitted_templates(db)) {
            const auto asked = content::find_template_revision(db, of.latest);
            if (!asked) continue;
            const auto requesters = content::list_template_requesters(db, of.id);
            all.push_back({of.title, say(content::template_kind_name(of.kind)),
                           fmt::format("/templates/{}/review", of.id.value), asked->submitted_by, asked->submitted_at,
                           asked->note,
                           std::find(requesters.begin(), requesters.end(), context.person.id) != requesters.end()});
        }
        for (const frames::Restyle& asked : frames::list_waiting_restyles(db))
            all.push_back({say(fmt::format("枠{}のページの型の変更（{}ページ）", asked.group.value, asked.pages)),
                           say("枠"), fmt::format("/frames/{}/type/{}", asked.group.value, asked.id.value),
                           asked.asked_by, asked.asked_at, asked.note, asked.asked_by == context.person.id});
    });
    std::stable_sort(all.begin(), all.end(),
                     [](const WaitingDesign& a, const WaitingDesign& b) { return a.asked_at < b.asked_at; });
    return all;
}

std::int64_t count_waiting_designs(Context& context) {
    if (!context.may(people::Act::TemplateApprove)) return 0;
    const auto all = list_waiting_designs(context);
    return std::count_if(all.begin(), all.end(), [](const WaitingDesign& one) { return !one.is_own; });
}

}  // namespace web
