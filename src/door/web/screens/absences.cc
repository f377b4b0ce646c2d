// 不在と代理: who is away and who decides in the meantime; one's own, and for who manages people everybody's.

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "flow/set_absence.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;

constexpr int kMostPeople = 1000;

bool manages(const Context& context) {
    return context.may(people::Act::PeopleManage);
}

base::Day today(const Context& context) {
    return base::local_day(context.now());
}

/// Everybody who works here, in the order of their reading, but `but`.
tmpl::List people_choices(sys::Reader& db, base::Day on, base::PersonId but, std::string_view chosen) {
    people::PeopleQuery query;
    query.state = people::PersonState::Active;
    query.on = on;
    query.limit = kMostPeople;
    query.is_by_kana = true;
    tmpl::List choices;
    std::map<base::DepartmentId, std::string> names;
    for (const people::Department& each : people::list_departments(db)) names[each.id] = each.name;
    for (const people::Person& each : people::list_people(db, query)) {
        if (each.id == but) continue;
        std::string name = each.name;
        for (const people::Membership& posting : each.memberships)
            if (posting.is_valid_on(on)) {
                name += noted("", names[posting.department]);
                break;
            }
        choices.push_back(choice(std::to_string(each.id.value), name, chosen));
    }
    return choices;
}

http::Response show(Context& context, std::string_view problem, int status) {
    const bool is_manager = manages(context);
    const base::Day now = today(context);
    Names names(context.db());
    tmpl::List rows, people, deputies;
    context.db().read([&](sys::Reader& db) {
        for (const people::Absence& each :
             people::list_absences(db, now, is_manager ? std::nullopt : std::optional(context.person.id)))
            rows.push_back(tmpl::Map{{"who", names.of(each.person)},
                                     {"deputy", names.of(each.deputy)},
                                     {"from", day_text(each.from)},
                                     {"until", day_text(each.until)},
                                     {"reason", each.reason},
                                     {"is_now", each.covers(now)},
                                     {"is_mine", each.person == context.person.id},
                                     {"path", fmt::format("/absences/{}/end", each.id.value)},
                                     {"may_end", is_manager || each.person == context.person.id}});
        const std::string who =
            context.has_field("person") ? context.field("person") : std::to_string(context.person.id.value);
        if (is_manager) people = people_choices(db, now, {}, who);
        deputies = people_choices(db, now, is_manager ? base::PersonId{} : context.person.id, context.field("deputy"));
    });
    return context.page({"screens/absences/list.html", "不在と代理", {}, status},
                        {{"rows", std::move(rows)},
                         {"people", std::move(people)},
                         {"deputies", std::move(deputies)},
                         {"from", context.has_field("from") ? context.field("from") : day_input(now)},
                         {"until", context.field("until")},
                         {"reason", context.field("reason")},
                         {"least", day_input(now)},
                         {"problem", say(problem)}});
}

http::Response list(Context& context) {
    return show(context, "", 200);
}

http::Response add(Context& context) {
    return run_act(
        context,
        [&] {
            people::Absence made;
            made.person = manages(context) && !context.field("person").empty()
                              ? base::PersonId{context.number_field("person")}
                              : context.person.id;
            if (context.field("deputy").empty()) throw Error(Kind::BadInput, "代理の人を選んでください。");
            made.deputy = {context.number_field("deputy")};
            const auto from = day_field(context, "from", "はじめの日"),
                       until = day_field(context, "until", "終わりの日");
            if (!from || !until) throw Error(Kind::BadInput, "はじめの日と終わりの日を入れてください。");
            made.from = *from;
            made.until = *until;
            made.reason = base::trim(context.field("reason"));
            flow::set_absence(context.site(), made, context.doer());
            return context.go("/absences", Flash{Flash::Kind::Good, "不在と代理を登録しました。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response end(Context& context) {
    return run_act(
        context,
        [&] {
            flow::end_absence(context.site(), people::AbsenceId{context.request.number("id")}, context.doer());
            return context.go("/absences", Flash{Flash::Kind::Good, "不在を取り消しました。"});
        },
        [&](std::string_view problem, int) {
            return context.go("/absences", Flash{Flash::Kind::Caution, std::string(problem)});
        });
}

constexpr Route kRoutes[] = {
    {"GET", "/absences", list},
    {"POST", "/absences", add},
    {"POST", "/absences/{id}/end", end},
};

}  // namespace

extern const Screen absences{"absences",  "不在と代理",     "/absences", "calendar",
                             Place::Work, Access::SignedIn, {},          kRoutes};

}  // namespace web
