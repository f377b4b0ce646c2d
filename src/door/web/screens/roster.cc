// 当番表: who is in charge and which engineer is there on each day of the helpdesk, a month at a time; days on which
// somebody is missing are named. Last month can be carried over before it is saved.
#include "door/web/screens/questions/shared.h"
#include "flow/office_hours.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using helpdesk::Month;

constexpr int kMonthsAhead = 3;

Month asked_month(Context& context, std::string_view id) {
    if (const auto month = helpdesk::parse_month(id)) return *month;
    const base::Day today = base::local_day(context.now());
    Month month;
    month.year = today.year;
    month.month = today.month;
    return month;
}

std::string month_text(const Month& month) {
    return say(fmt::format("{}年{}月", month.year, month.month));
}

std::string kept_text(const Month& kept, base::Day day) {
    const auto found = kept.days.find(day);
    if (found == kept.days.end()) return "—";
    const auto or_dash = [](const std::string& name) { return name.empty() ? std::string("—") : name; };
    return or_dash(found->second.charge) + " / " + or_dash(found->second.engineer);
}

http::Response show(Context& context, Month month, bool is_typed, std::string_view problem, int status) {
    const auto hours = flow::helpdesk_hours_of(context.site().settings);
    const Month kept =
        context.db().read([&](sys::Reader& db) { return helpdesk::load_month(db, month.year, month.month); });
    // A stale form stays stale: what another has saved meanwhile is shown beside, not written over by the next press.
    const bool is_stale = is_typed && month.version != kept.version;
    if (!is_typed) month = kept;
    const bool may_edit = context.may(people::Act::DeskAnswer);
    bool is_copied = false;
    const Month before = helpdesk::previous_month(month);
    const Month last =
        context.db().read([&](sys::Reader& db) { return helpdesk::load_month(db, before.year, before.month); });
    if (!is_typed && may_edit && context.request.query.has("copy")) {
        month = helpdesk::copied(last, month, hours);
        is_copied = true;
    }
    const base::Day today = base::local_day(context.now());
    // Back as far as there is something to see, ahead as far as anybody plans.
    const int ahead = (month.year - today.year) * 12 + month.month - today.month;
    const bool has_before = ahead > 0 || last.version > 0, has_after = ahead < kMonthsAhead;
    const auto gaps = helpdesk::list_gaps(month, hours);
    tmpl::List days;
    std::int64_t late = 0;
    for (const base::Day day : helpdesk::days_of(month)) {
        const auto found = month.days.find(day);
        const helpdesk::Duty duty = found == month.days.end() ? helpdesk::Duty{} : found->second;
        const bool is_open = calendar::is_open_day(hours, day);
        if (!is_open && duty == helpdesk::Duty{}) continue;
        const auto gap = std::find_if(gaps.begin(), gaps.end(), [&](const auto& one) { return one.day == day; });
        const bool is_missing = gap != gaps.end();
        late += is_missing && day <= today ? 1 : 0;
        days.push_back(tmpl::Map{{"id", base::format_day(day)},
                                 {"name", day_text(day)},
                                 {"is_today", day == today},
                                 {"kept", is_stale ? kept_text(kept, day) : std::string()},
                                 {"charge", duty.charge},
                                 {"engineer", duty.engineer},
                                 {"is_missing", is_missing},
                                 {"is_late", is_missing && day <= today}});
    }
    Names names(context.db());
    return context.page({"screens/roster/show.html", "当番表", {{say("問合せ"), "/questions"}}, status},
                        {{"problem", say(problem)},
                         {"month", month.id()},
                         {"month_name", month_text(month)},
                         {"before", has_before ? before.id() : std::string()},
                         {"after", has_after ? helpdesk::next_month(month).id() : std::string()},
                         {"days", std::move(days)},
                         {"gaps", static_cast<std::int64_t>(gaps.size())},
                         {"late", late},
                         {"may_edit", may_edit},
                         {"is_stale", is_stale},
                         {"is_copied", is_copied},
                         {"version", month.version},
                         {"set_by", kept.version > 0 ? name_of_doer_of(context, kept.set_by) : std::string()},
                         {"set_at", kept.version > 0 ? short_time(kept.set_at, context.now()) : tmpl::Value()}});
}

http::Response look(Context& context) {
    if (!sees_all_questions(context)) context.require(people::Act::DeskAsk);
    return show(context, asked_month(context, query_words(context, "month")), false, "", 200);
}

http::Response save(Context& context) {
    context.require(people::Act::DeskAnswer);
    Month month = asked_month(context, context.field("month"));
    for (const base::Day day : helpdesk::days_of(month)) {
        const std::string id = base::format_day(day);
        const helpdesk::Duty duty{std::string(base::trim(context.field("charge-" + id))),
                                  std::string(base::trim(context.field("engineer-" + id)))};
        if (duty != helpdesk::Duty{}) month.days[day] = duty;
    }
    return run_act(
        context,
        [&] {
            month.version = context.number_field("version");
            const auto hours = flow::helpdesk_hours_of(context.site().settings);
            context.db().write([&](sys::Transaction& tx) { helpdesk::set_month(tx, month, hours, desk_by(context)); });
            const auto gaps = helpdesk::list_gaps(month, hours).size();
            return context.go("/roster?month=" + month.id(),
                              gaps == 0 ? Flash{Flash::Kind::Good, "当番表を決めました。"}
                                        : Flash{Flash::Kind::Caution,
                                                "途中まで保存しました。空いている日を埋めると、決定になります。"});
        },
        [&](std::string_view problem, int status) { return show(context, month, true, problem, status); });
}

constexpr Route kRoutes[] = {{"GET", "/roster", look}, {"POST", "/roster", save}};

}  // namespace

extern const Screen roster_screen{
    "roster", "当番表", "/roster", "calendar", Place::Desk, Access::SignedIn, people::Act::DeskAsk, kRoutes};

}  // namespace web
