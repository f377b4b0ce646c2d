// 呼出しへの応答: the page behind the link in a message of the watch. Whoever has the link may say that they have it in
// hand, signed in or not: at night, on a telephone, there is no time for a login. Nothing else can be done here, and
// opening the page changes nothing, for mail programs open links by themselves.

#include "door/web/context.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/telling/calls.h"

namespace web {

namespace {

constexpr std::size_t kLongestName = 60;  // characters
constexpr std::size_t kMostShown = 10;

struct Found {
    telling::Call call;
    std::vector<signals::Anomaly> anomalies;
};

/// The same answer for a wrong link and for none: nobody learns which calls there are.
Found load(Context& context) {
    sys::Database* const watch = context.site().find_watch();
    std::optional<Found> found;
    if (watch != nullptr)
        watch->read([&](sys::Reader& db) {
            const auto call = telling::find_by_ticket(db, context.request.parameter("ticket"), context.now());
            if (call) found = Found{*call, telling::list_anomalies(db, call->id)};
        });
    if (!found) throw base::Error(base::Kind::NotFound, "このリンクは使えません。新しい連絡のリンクを開いてください。");
    return *std::move(found);
}

http::Response show(Context& context, std::string_view problem) {
    const Found found = load(context);
    tmpl::List rows;
    for (const auto& each : found.anomalies) {
        if (rows.size() == kMostShown) break;
        rows.push_back(tmpl::Map{{"severity", say(signals::severity_wording(each.severity))},
                                 {"text", say(each.text)},
                                 {"since", long_time_text(each.first_at)},
                                 {"is_open", each.standing == signals::Standing::Open}});
    }
    const std::size_t rest = found.anomalies.size() - rows.size();
    return context.page({"screens/call/show.html", "呼出しに応答する", {}, problem.empty() ? 200 : 422},
                        {{"number", found.call.id.value},
                         {"path", context.request.path},
                         {"standing", say(telling::call_standing_wording(found.call.standing))},
                         {"is_calling", found.call.standing == telling::CallStanding::Open},
                         {"anomalies", std::move(rows)},
                         {"rest", static_cast<std::int64_t>(rest)},
                         {"is_signed_in", context.is_signed_in()},
                         {"name", context.field("name")},
                         {"problem", say(problem)}});
}

http::Response ask(Context& context) {
    return show(context, "");
}

http::Response answer(Context& context) {
    const Found found = load(context);
    const std::string name(base::trim(context.field("name")));
    if (!context.is_signed_in() && (name.empty() || base::count_code_points(name) > kLongestName))
        return show(context, "お名前を60文字以内で入力してください。");
    const signals::By by{
        context.is_signed_in() ? fmt::format("person:{}", context.person.id.value) : std::string("service:call-link"),
        context.now()};
    context.site().watch().write([&](sys::Transaction& tx) {
        if (!telling::acknowledge(tx, found.call.id, by) || context.is_signed_in()) return;
        for (const auto& each : found.anomalies)
            if (each.standing != signals::Standing::Closed)
                signals::add_note(tx, each.id, fmt::format("呼出しのリンクから応答した人：{}", name), by);
    });
    return http::see_other(context.request.path);
}

constexpr Route kRoutes[] = {
    {"GET", "/calls/{ticket}", ask},
    {"POST", "/calls/{ticket}", answer},
};

}  // namespace

extern const Screen call_screen{"call", "呼出しに応答する", "/calls", "", Place::None, Access::Anyone, {}, kRoutes};

}  // namespace web
