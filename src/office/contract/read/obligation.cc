#include "office/contract/read/obligation.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace contract {

namespace {

constexpr std::string_view kClocks[] = {"real", "business"};
constexpr std::string_view kRolls[] = {"none", "next", "previous"};

void read_warnings(Table& row, Obligation& to) {
    const settings::Node* node = row.find("warn");
    if (!node) return;
    to.warn.clear();
    for (const settings::Node& each : node->nodes) {
        const bool is_step = each.type == settings::Node::Type::Whole &&
                             (each.integer == 50 || each.integer == 75 || each.integer == 90 || each.integer == 100);
        if (is_step) to.warn.push_back(static_cast<int>(each.integer));
        if (!is_step) row.note("warn", "warn is a list of 50, 75, 90 and 100, per cent of the time");
    }
    std::sort(to.warn.begin(), to.warn.end());
}

std::optional<calendar::DailyWindow> read_window(Table& row) {
    const std::string text = row.text("window", Need::Optional);
    if (text.empty()) return std::nullopt;
    const std::size_t dash = text.find('-');
    const auto from = find_minute(std::string_view(text).substr(0, dash));
    const auto to = dash == std::string::npos ? std::nullopt : find_minute(std::string_view(text).substr(dash + 1));
    if (from && to && *from < 24 * 60) return calendar::DailyWindow{*from, *to};
    row.note("window", "window is two times of day such as \"17:30-04:45\"");
    return std::nullopt;
}

void read_every(Table& row, Obligation& to) {
    to.period = static_cast<Period>(row.choice("period", kPeriods, std::nullopt));
    to.window = read_window(row);
    to.within = row.span("within", Need::Optional);
    to.names = row.text("names", Need::Optional, 60);
    to.done_moment = row.text("done_moment", Need::Optional, 60);
    if (to.window && to.period != Period::Day && to.period != Period::OpenDay)
        row.note("window", "window belongs to a period of a day");
    if (to.window && to.within.amount > 0) row.note("within", "a window has its own end: remove within");
}

void read_event(Table& row, Obligation& to) {
    to.event = row.patterns("event", Need::Required);
    to.cancelled = row.patterns("cancelled");
    to.unless = row.patterns("unless");
    to.is_same_subject = row.flag("same_subject", true);
    to.done_moment = row.text("done_moment", Need::Optional, 60);
    to.names_in = row.text("names_in", Need::Optional, 60);
    to.names_prefix = row.text("names_prefix", to.names_in.empty() ? Need::Optional : Need::Required, 60);
    if (to.kind == Kind::Within) {
        to.moment = row.text("moment", Need::Optional, 60);
        to.within = row.span("within", Need::Required);
    } else {
        to.moment = row.text("moment", Need::Required, 60);
        to.ahead = row.span("ahead", Need::Required);
        if (to.ahead.amount > 0 && !to.ahead.is_days) row.note("ahead", "ahead is counted in d or w");
    }
}

void read_standing(Table& row, Obligation& to) {
    to.least = static_cast<int>(row.number("least", 1, 1000, 1));
    to.count = row.text("count", Need::Optional, 60);
    to.proved = row.patterns("proved");
    to.removed = row.patterns("removed");
    const bool has_names = !to.proved.empty() || !to.removed.empty();
    to.names_in = row.text("names_in", has_names ? Need::Required : Need::Optional, 60);
    to.names_prefix = row.text("names_prefix", Need::Optional, 60);
    to.is_each = row.flag("each", false);
    to.fresh = row.span("fresh", to.is_each ? Need::Required : Need::Optional);
    to.after = row.span("after", Need::Optional);
}

void read_continuous(Table& row, Obligation& to) {
    to.broken = row.patterns("broken");
    to.mended = row.patterns("mended");
    to.is_same_subject = row.flag("same_subject", true);
    to.fresh = row.span("fresh", Need::Required);  // silence is not well-being
    to.after = row.span("after", Need::Optional);
    if (to.broken.empty() != to.mended.empty())
        row.note("broken", "broken and mended go together: what breaks must be able to end");
}

}  // namespace

Obligation read_obligation(Table& row, const Contract& contract) {
    Obligation made;
    made.line = row.line();
    made.id = row.id("id");
    row.rename("[[obligations]] " + made.id);
    made.title = row.text("title");
    made.clauses = row.texts("clauses", Need::Required);
    for (const std::string& id : made.clauses) {
        const bool is_known = std::any_of(contract.clauses.begin(), contract.clauses.end(),
                                          [&](const Clause& one) { return one.id == id; });
        if (!is_known) row.note("clauses", fmt::format("there is no clause {}", base::first_code_points(id, 60)));
    }
    made.kind = static_cast<Kind>(row.choice("kind", kKinds, std::nullopt));
    made.who = row.id("who");
    if (!made.who.empty() && !contract.find_role(made.who))
        row.note("who", fmt::format("there is no role {}", made.who));
    made.evidence = row.patterns("evidence", Need::Required);
    made.calendar = row.id("calendar", Need::Optional);
    if (made.calendar.empty()) made.calendar = "office";
    if (!contract.calendars.contains(made.calendar))
        row.note("calendar", fmt::format("there is no calendar {}", made.calendar));
    made.clock = static_cast<Clock>(row.choice("clock", kClocks, 0));
    made.roll = static_cast<calendar::Roll>(
        row.choice("roll", kRolls, made.kind == Kind::Ahead ? std::size_t{2} : std::size_t{0}));
    made.from = row.day("from", Need::Optional);
    made.until = row.day("until", Need::Optional);
    read_warnings(row, made);
    switch (made.kind) {
        case Kind::Every:
            read_every(row, made);
            break;
        case Kind::Within:
        case Kind::Ahead:
            read_event(row, made);
            break;
        case Kind::Count:
            made.period = Period::Year;
            made.times = static_cast<int>(row.number("times", 1, 1000, std::nullopt));
            break;
        case Kind::Standing:
            read_standing(row, made);
            break;
        case Kind::Continuous:
            read_continuous(row, made);
            break;
    }
    row.finish();
    return made;
}

}  // namespace contract
