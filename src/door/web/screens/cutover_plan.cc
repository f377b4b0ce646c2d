// The form of a cutover's plan: which servers, which names, which pages. Saving asks DNS for the records as they are
// and makes the plan's next version.

#include "flow/cutover_plan.h"

#include <sstream>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;

std::string lines_of(const std::vector<std::string>& all) {
    return base::join(all, "\n");
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> all;
    std::string word;
    for (const char c : std::string(text) + "\n") {
        if (c != '\n' && c != '\r' && c != ' ' && c != ',' && c != '\t') {
            word += c;
            continue;
        }
        if (!word.empty()) all.push_back(std::exchange(word, {}));
        if (all.size() > 100) throw Error(Kind::BadInput, "一つの欄に入れられるのは100個までです。");
    }
    return all;
}

std::optional<::cutover::Plan> find_plan(Context& context) {
    return context.site().watch().read([](sys::Reader& db) { return ::cutover::find_plan(db); });
}

http::Response show(Context& context, bool is_typed, std::string_view problem, int status) {
    context.require(people::Act::CutoverRun);
    const auto plan = find_plan(context);
    const ::cutover::Plan is = plan.value_or(::cutover::Plan{});
    const auto shown = [&](const char* name, std::string value) { return is_typed ? context.field(name) : value; };
    return context.page({"screens/cutover/plan.html", "切替の計画", {{say("切替"), "/cutover"}}, status},
                        {{"problem", say(problem)},
                         {"is_first", !plan},
                         {"version", is_typed ? context.field("version") : std::to_string(is.version)},
                         {"names", shown("names", lines_of(is.names))},
                         {"old", shown("old", plan ? is.old_server.text() : "")},
                         {"new", shown("new", plan ? is.new_server.text() : "")},
                         {"addresses", shown("addresses", lines_of(is.new_addresses))},
                         {"name_server", shown("name_server", is.name_server)},
                         {"resolvers", shown("resolvers", lines_of(is.resolvers))},
                         {"moment", shown("moment", is.moment ? local_input(*is.moment) : "")},
                         {"manager", shown("manager", is.manager)},
                         {"applicant", shown("applicant", plan ? is.applicant : context.site().settings.site.name)},
                         {"contact", shown("contact", is.contact)},
                         {"paths", is_typed ? context.field("paths") : std::string()},
                         {"needs_password", !context.is_fresh()}});
}

http::Response look(Context& context) {
    return show(context, false, "", 200);
}

std::vector<::cutover::Listed> typed_paths(const Context& context) {
    std::vector<::cutover::Listed> paths;
    std::istringstream in(context.field("paths"));
    std::set<std::string> seen;
    std::int64_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        const std::string_view text = base::trim(line);
        if (text.empty() || text.starts_with('#')) continue;
        const auto path = ::cutover::plain_listed(text);
        if (!path)
            throw Error(
                Kind::BadInput,
                fmt::format("ページの一覧の{}行目は、「/」か「https://」で始まるアドレスではありません。", number));
        if (seen.insert(*path).second) paths.push_back({*path, 0});
    }
    return paths;
}

http::Response save(Context& context) {
    context.require(people::Act::CutoverRun);
    return run_act(
        context,
        [&] {
            const auto before = find_plan(context);
            ::cutover::Plan plan = before.value_or(::cutover::Plan{});
            if (context.field("version") != std::to_string(plan.version))
                throw Error(Kind::Conflict, "ほかの人が計画を変えました。いまの計画を開き直してから入力してください。");
            plan.names = words_of(context.field("names"));
            for (std::string& name : plan.names) name = dns::plain_name(name).value_or(name);
            plan.old_server = ::cutover::read_endpoint(context.field("old"));
            plan.new_server = ::cutover::read_endpoint(context.field("new"));
            plan.new_addresses = words_of(context.field("addresses"));
            if (plan.new_addresses.empty()) plan.new_addresses = {plan.new_server.address};
            plan.name_server = base::trim(context.field("name_server"));
            plan.resolvers = words_of(context.field("resolvers"));
            plan.moment = context.time_field("moment", "切替の予定日時");
            for (const auto& [name, to] : {std::pair("manager", &plan.manager), std::pair("applicant", &plan.applicant),
                                           std::pair("contact", &plan.contact)})
                *to = base::first_code_points(base::trim(context.field(name)), 200);
            need_proof(context);
            flow::make_cutover_plan(context.site().watch(), plan, typed_paths(context),
                                    {fmt::format("person:{}", context.person.id.value), context.now()});
            return context.go("/cutover",
                              Flash{Flash::Kind::Good, "計画を保存しました。次に、新旧のサーバを照合してください。"});
        },
        [&](std::string_view problem, int status) { return show(context, true, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/cutover/plan", look},
    {"POST", "/cutover/plan", save, Route::Body::Text},
};

}  // namespace

extern const Screen cutover_plan_form{"cutover-plan", "切替の計画",     "/cutover/plan",         "route",
                                      Place::None,    Access::SignedIn, people::Act::CutoverRun, kRoutes};

}  // namespace web
