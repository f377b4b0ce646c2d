#include "press/workflow/route.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace workflow {

using base::PersonId;
using people::Act;
using people::Actor;

namespace {

bool has(std::span<const PersonId> people, PersonId person) {
    return std::find(people.begin(), people.end(), person) != people.end();
}

/// The actor with those standings only for which `keep` is true.
template <class Predicate>
Actor with_standings(const Actor& actor, const Predicate& keep) {
    Actor kept{actor.person, actor.name, actor.is_active, {}};
    std::copy_if(actor.standings.begin(), actor.standings.end(), std::back_inserter(kept.standings), keep);
    return kept;
}

/// Gathers who can say yes for one group.
class Gathering {
  public:
    Gathering(sys::Reader& db, std::span<const PersonId> requesters, const people::Scope& scope, base::Instant now)
        : db_(db), requesters_(requesters), scope_(scope), now_(now) {}

    void add_role(const RoleIn& wanted) {
        const people::Scope scope =
            wanted.department ? people::scope_of(db_, wanted.department, scope_.path, now_) : scope_;
        for (const Actor& actor : people::list_people_who_may(db_, Act::PageApprove, scope, now_)) {
            // A deputy of a requester has nothing from that; one in their own right, or for somebody else, has.
            const Actor able = with_standings(actor, [&](const people::Standing& held) {
                return held.role == wanted.role && !(held.on_behalf_of && has(requesters_, *held.on_behalf_of));
            });
            if (const auto may = people::may(able, Act::PageApprove, scope))
                add(actor, may.on_behalf_of.value_or(PersonId{}), wanted.is_reserve);
        }
    }

    void add_person(PersonId named) {
        auto person = people::find_person(db_, named);
        if (person && person->state == people::PersonState::Left) {
            const auto successor = people::find_successor(db_, named);
            person = successor ? people::find_person(db_, *successor) : std::nullopt;
        }
        if (!person || has(requesters_, person->id)) return;
        const auto is_own = [](const people::Standing& held) { return !held.on_behalf_of; };
        const Actor actor = with_standings(people::load_actor(db_, person->id, now_), is_own);
        if (people::may_somewhere(actor, Act::PageApprove)) add(actor, {}, false);
        const base::Day today = base::local_day(now_);
        for (const people::Absence& absence : people::list_absences(db_, today, person->id)) {
            if (absence.person != person->id || !absence.covers(today)) continue;
            const Actor deputy =
                with_standings(people::load_actor(db_, absence.deputy, now_),
                               [&](const people::Standing& held) { return held.on_behalf_of == person->id; });
            if (people::may_somewhere(deputy, Act::PageApprove)) add(deputy, person->id, false);
        }
    }

    std::vector<Candidate> take() {
        std::sort(found_.begin(), found_.end());
        return std::move(found_);
    }

  private:
    void add(const Actor& actor, PersonId on_behalf_of, bool is_reserve) {
        if (has(requesters_, actor.person)) return;
        const auto known = std::find_if(found_.begin(), found_.end(),
                                        [&](const Candidate& one) { return one.person == actor.person; });
        if (known == found_.end()) {
            found_.push_back({actor.person, on_behalf_of, actor.name, is_reserve});
            return;
        }
        if (!on_behalf_of) known->on_behalf_of = {};  // in their own right comes first
        known->is_reserve = known->is_reserve && is_reserve;
    }

    sys::Reader& db_;
    std::span<const PersonId> requesters_;
    const people::Scope& scope_;
    base::Instant now_;
    std::vector<Candidate> found_;
};

std::vector<Candidate> find_candidates(sys::Reader& db, const Group& group, std::span<const PersonId> requesters,
                                       const people::Scope& scope, base::Instant now) {
    Gathering gathering(db, requesters, scope, now);
    for (const PersonId person : group.people) gathering.add_person(person);
    for (const RoleIn& role : group.roles) gathering.add_role(role);
    return gathering.take();
}

}  // namespace

const Route& default_route(std::size_t steps) {
    static const auto kRoutes = [] {
        std::vector<Route> routes;
        for (std::size_t count = 1; count <= kMostSteps; ++count) {
            Route route;
            route.name = "標準の承認";
            for (std::size_t i = 0; i < count; ++i)
                route.steps.push_back(
                    {count == 1 ? "承認" : fmt::format("第{}段階の承認", i + 1),
                     {{"担当課の承認者",
                       {},
                       {{people::Role::Approver, {}, false}, {people::Role::SiteAdministrator, {}, true}}}}});
            routes.push_back(std::move(route));
        }
        return routes;
    }();
    return kRoutes[std::clamp<std::size_t>(steps, 1, kMostSteps) - 1];
}

std::optional<std::string> find_fault(const Route& route) {
    if (base::trim(route.name).empty() || base::count_code_points(route.name) > 100)
        return "承認ルートの名前を 1 文字以上 100 文字以内で入れてください。";
    if (!route.section.empty() && (route.section.back() != '/' || route.section.front() == '/'))
        return fmt::format("対象のフォルダは「kurashi/gomi/」のように書いてください（いま: {}）。", route.section);
    if (route.steps.empty() || route.steps.size() > kMostSteps)
        return fmt::format("承認の段階は 1 から {} までです。", kMostSteps);
    for (std::size_t i = 0; i < route.steps.size(); ++i) {
        const Step& step = route.steps[i];
        if (step.groups.empty() || step.groups.size() > kMostGroups)
            return fmt::format("第{}段階のグループは 1 から {} までです。", i + 1, kMostGroups);
        for (const Group& group : step.groups) {
            if (base::trim(group.name).empty()) return fmt::format("第{}段階に、名前のないグループがあります。", i + 1);
            if (group.people.empty() && group.roles.empty())
                return fmt::format("「{}」には、承認する人も役割も入っていません。", group.name);
            if (group.people.size() > 100 || group.roles.size() > 50)
                return fmt::format("「{}」が大きすぎます（人は 100、役割は 50 まで）。", group.name);
            for (const RoleIn& one : group.roles)
                if (one.role != people::Role::Approver && one.role != people::Role::SiteAdministrator)
                    return fmt::format("「{}」の役割「{}」は、ページを承認できません。", group.name,
                                       people::role_name_ja(one.role));
        }
    }
    return std::nullopt;
}

const Route& choose_route(std::span<const Route> routes, const content::Page& page,
                          std::span<const base::DepartmentId> departments, std::size_t default_steps) {
    const Route* best = nullptr;
    std::tuple<std::size_t, std::size_t, bool> best_rank;
    for (const Route& route : routes) {
        if (!page.path.starts_with(route.section) || (route.kind && *route.kind != page.kind)) continue;
        std::size_t nearness = 0;  // 0 = any department; the page's own ranks highest
        if (route.department) {
            const auto found = std::find(departments.begin(), departments.end(), route.department);
            if (found == departments.end()) continue;
            nearness = static_cast<std::size_t>(departments.end() - found);
        }
        const std::tuple rank(route.section.size(), nearness, route.kind.has_value());
        if (best == nullptr || best_rank < rank) {
            best = &route;
            best_rank = rank;
        }
    }
    return best != nullptr ? *best : default_route(default_steps);
}

Panel find_panel(sys::Reader& db, const Step& step, std::span<const PersonId> requesters, const people::Scope& scope,
                 base::Instant now, std::span<const PersonId> earlier) {
    Panel panel;
    for (const Group& group : step.groups) {
        std::vector<Candidate> candidates = find_candidates(db, group, requesters, scope, now);
        const auto others = std::stable_partition(candidates.begin(), candidates.end(),
                                                  [&](const Candidate& one) { return !has(earlier, one.person); });
        if (others != candidates.begin()) candidates.erase(others, candidates.end());
        panel.groups.push_back(group);
        panel.candidates.push_back(std::move(candidates));
    }
    return panel;
}

std::vector<Candidate> list_to_ask(const Panel& panel, std::uint32_t agreed_groups) {
    std::vector<Candidate> asked;
    for (std::size_t i = 0; i < panel.candidates.size(); ++i) {
        if ((agreed_groups >> i & 1U) != 0) continue;
        const auto& group = panel.candidates[i];
        const bool has_first =
            std::any_of(group.begin(), group.end(), [](const Candidate& one) { return !one.is_reserve; });
        for (const Candidate& one : group)
            if (one.is_reserve != has_first &&
                std::none_of(asked.begin(), asked.end(), [&](const auto& known) { return known.person == one.person; }))
                asked.push_back(one);
    }
    std::sort(asked.begin(), asked.end());
    return asked;
}

std::optional<EmptyGroup> find_empty_group(sys::Reader& db, std::span<const Step> steps,
                                           std::span<const PersonId> requesters, const people::Scope& scope,
                                           base::Instant now) {
    for (const Step& step : steps)
        for (const Group& group : step.groups) {
            if (!find_candidates(db, group, requesters, scope, now).empty()) continue;
            EmptyGroup empty{group.name, {}};
            for (const Candidate& one : find_candidates(db, group, {}, scope, now)) empty.left_out.push_back(one.name);
            return empty;
        }
    return std::nullopt;
}

}  // namespace workflow
