#include "flow/ask_route.h"

#include <fmt/format.h>

#include "flow/edit_page/turn.h"
#include "ground/base/text.h"

namespace flow {

RouteAnswer ask_route(sys::Reader& db, Site& site, base::PageId page, base::PersonId submitter) {
    const Doer doer{submitter, {}};
    const Turn turn = begin_turn(db, site, page, doer);
    RouteAnswer answer;
    const auto routes = workflow::list_routes(db);
    answer.route = workflow::choose_route(routes, turn.page, turn.scope.departments,
                                          static_cast<std::size_t>(site.settings.workflow.approval_steps));
    std::vector<base::PersonId> requesters = writers_of(db, turn);
    if (std::find(requesters.begin(), requesters.end(), submitter) == requesters.end()) requesters.push_back(submitter);
    for (const workflow::Step& step : answer.route.steps)
        answer.panels.push_back(workflow::find_panel(db, step, requesters, turn.scope, turn.now));
    if (const auto may = people::may(turn.actor, people::Act::PageSubmit, turn.scope); !may)
        answer.refusal = may.reason_ja;
    else if (const auto empty = workflow::find_empty_group(db, answer.route.steps, requesters, turn.scope, turn.now))
        answer.refusal = fmt::format(
            "「{}」に承認できる人がいません。{}", empty->name,
            empty->left_out.empty()
                ? "承認ルートか、役割を見直してください。"
                : fmt::format("{}は、自分が書いたか依頼したため承認できません。", base::join(empty->left_out, "、")));
    return answer;
}

}  // namespace flow
