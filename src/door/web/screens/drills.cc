// 復元訓練: each rehearsed restore with its phases, what was lost (RPO) and how long it took (RTO), held against the
// contract's recovery point, and when the next one is due.
#include <boost/json.hpp>

#include "door/web/administration.h"
#include "door/web/chart.h"
#include "door/web/language.h"
#include "door/web/screens/backups/requests.h"
#include "door/web/words.h"
#include "flow/contract_status.h"
#include "flow/drill_backup.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"

namespace web {

namespace {

namespace json = boost::json;

constexpr int kShown = 36;  // three years of months

std::optional<double> figure_of(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    if (found == nullptr || !found->is_number()) return std::nullopt;
    return found->to_number<double>();
}

/// "11時間23分"; below two minutes as figures are.
std::string duration_text(double seconds) {
    if (seconds < 120) return figure_text(seconds, "seconds");
    const auto minutes = static_cast<std::int64_t>(seconds / 60);
    if (minutes < 60) return say(fmt::format("{}分", minutes));
    return minutes % 60 == 0 ? say(fmt::format("{}時間", minutes / 60))
                             : say(fmt::format("{}時間{}分", minutes / 60, minutes % 60));
}

/// How far back a failure may throw the site, in seconds; nothing without a contract.
std::optional<double> recovery_point(Context& context) {
    const auto read = flow::find_contract(context.site().folders, context.site().settings);
    if (!read || !read->is_usable()) return std::nullopt;
    const contract::Span& span = read->contract.recovery_point;
    return span.amount * (span.is_days ? 86'400.0 : 60.0);
}

/// The day on which the next one is held, or from which on.
base::Day next_day(Context& context, const flow::DrillState& state) {
    constexpr int kFurthest = 62;  // the 28th of next month
    const int day = static_cast<int>(context.site().settings.backup.drill_day);
    const base::Day today = base::local_day(context.now());
    base::Day next = today;
    while (next < today + kFurthest && !flow::is_drill_due(state, day, base::from_local({next, 23, 59, 0, 0})))
        next = next + 1;
    return next;
}

tmpl::Map row_of(const ledger::Line& line, std::optional<double> allowed, base::Instant now) {
    boost::system::error_code none;
    const json::value detail = json::parse(line.entry.detail, none);
    const json::object figures = none || !detail.is_object() ? json::object() : detail.as_object();
    const auto* ok = figures.if_contains("ok");
    const bool is_well = ok != nullptr && ok->is_bool() && ok->as_bool();
    const auto text = [&](std::string_view name) {
        const auto* found = figures.if_contains(name);
        return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
    };
    tmpl::List phases;
    if (const auto* all = figures.if_contains("phases"); all != nullptr && all->is_object())
        for (const auto& each : all->as_object())
            phases.push_back(tmpl::Map{{"name", phase_words(each.key())},
                                       {"seconds", figure_text(each.value().to_number<double>(), "seconds")}});
    const auto rpo = figure_of(figures, "rpo_seconds"), rto = figure_of(figures, "rto_seconds");
    const auto taken = base::parse_utc(text("taken_at"));
    return {{"at", short_time(line.entry.at, now)},
            {"taken", taken ? short_time(*taken, now) : tmpl::Value()},
            {"repository", text("repository")},
            {"state", is_well ? chip("live", say("成功")) : chip("returned", say("失敗"))},
            {"problem", text("problem")},
            {"rpo", is_well && rpo ? duration_text(*rpo) : std::string("—")},
            {"is_too_old", is_well && rpo && allowed && *rpo > *allowed},
            {"is_within", is_well && rpo && allowed && *rpo <= *allowed},
            {"rto", is_well && rto ? duration_text(*rto) : std::string("—")},
            {"pages", static_cast<std::int64_t>(figure_of(figures, "pages").value_or(0))},
            {"differing", static_cast<std::int64_t>(figure_of(figures, "differing").value_or(0))},
            {"phases", std::move(phases)}};
}

http::Response list(Context& context) {
    context.require(people::Act::MonitorRead);
    const auto allowed = recovery_point(context);
    sys::Database* watch = context.site().find_watch();
    tmpl::List rows;
    flow::DrillState state;
    if (watch != nullptr) {
        state = flow::find_drill_state(*watch);
        ledger::Search search;
        search.stream = std::string(ledger::kWatch);
        search.act = "backup.drill";
        search.limit = kShown;
        for (const ledger::Line& line : watch->read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            rows.push_back(row_of(line, allowed, context.now()));
    }
    return context.page({"screens/drills/list.html", "復元訓練", {{say("バックアップ"), "/backups"}}},
                        {{"rows", std::move(rows)},
                         {"has_contract", allowed.has_value()},
                         {"allowed", allowed ? duration_text(*allowed) : std::string()},
                         {"next", day_text(next_day(context, state))},
                         {"last", state.last_well ? short_time(*state.last_well, context.now()) : tmpl::Value()}});
}

constexpr Route kRoutes[] = {{"GET", "/drills", list}};

}  // namespace

extern const Screen drills_screen{
    "drills", "復元訓練", "/drills", "history", Place::None, Access::SignedIn, people::Act::MonitorRead, kRoutes};

}  // namespace web
