// One page that the old and the new server do not answer alike: both side by side as text, and what a person decides:
// it is meant to be so, or the old path leads to the new place.

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/words.h"
#include "flow/cutover_redirects.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/cutover/store.h"

namespace web {

namespace {

using base::Error;
using base::Kind;

::cutover::Finding load_finding(Context& context, const std::string& path) {
    auto found = context.site().watch().read([&](sys::Reader& db) { return ::cutover::find_finding(db, path); });
    if (!found) throw Error(Kind::NotFound, "このページは照合の一覧にありません。");
    return std::move(*found);
}

tmpl::List lines_of(const std::vector<std::string>& all) {
    tmpl::List lines;
    for (const std::string& each : all) lines.push_back(each);
    return lines;
}

http::Response show(Context& context, const std::string& path, std::string_view problem, int status) {
    context.require(people::Act::CutoverRun);
    const ::cutover::Finding one = load_finding(context, path);
    tmpl::List differences;
    bool can_redirect = path.find('?') == std::string::npos;
    for (const auto& each : one.differences)
        differences.push_back(tmpl::Map{{"kind", say(::cutover::kind_wording(each.kind))},
                                        {"text", say(each.text)},
                                        {"before", lines_of(each.before)},
                                        {"after", lines_of(each.after)}});
    can_redirect = can_redirect && (::cutover::kinds_of(one.differences).find("missing") != std::string::npos);
    const auto plan = context.site().watch().read([](sys::Reader& db) { return ::cutover::find_plan(db); });
    const auto decoded = base::percent_decode(path);
    tmpl::Map values{{"problem", say(problem)},
                     {"path", path},
                     {"readable", decoded && base::is_utf8(*decoded) ? *decoded : path},
                     {"hits", one.hits},
                     {"outcome", one.outcome},
                     {"failed", say(one.problem)},
                     {"checked", one.checked_at ? short_time(*one.checked_at, context.now()) : tmpl::Value()},
                     {"checked_at", one.checked_at ? one.checked_at->milliseconds : 0},
                     {"differences", std::move(differences)},
                     {"proposal", context.has_field("location") ? context.field("location") : one.proposal},
                     {"can_redirect", can_redirect},
                     {"needs_password", !context.is_fresh()},
                     {"reason", one.reason},
                     {"typed_reason", context.field("reason")},
                     {"accepted_at", one.accepted_at ? short_time(*one.accepted_at, context.now()) : tmpl::Value()},
                     {"accepted_by", std::string()},
                     {"old_server", plan ? plan->old_server.text() : ""},
                     {"new_server", plan ? plan->new_server.text() : ""}};
    if (!one.accepted_by.empty()) {
        Names names(context.db());
        values.set("accepted_by", who_of(names, one.accepted_by));
    }
    return context.page({"screens/cutover/difference.html",
                         "新旧の違い",
                         {{say("切替"), "/cutover"}, {say("新旧の照合の結果"), "/cutover/differences"}},
                         status},
                        std::move(values));
}

http::Response look(Context& context) {
    return show(context, query_words(context, "path", 8000), "", 200);
}

http::Response decide(Context& context) {
    context.require(people::Act::CutoverRun);
    const std::string path = context.field("path");
    return run_act(
        context,
        [&] {
            const ::cutover::By by{fmt::format("person:{}", context.person.id.value), context.now()};
            if (context.field("do") == "redirect") {
                need_proof(context);
                flow::take_over_redirect(context.site(), path, context.field("location"), by);
                return context.go(
                    "/cutover/differences",
                    Flash{Flash::Kind::Good,
                          "転送を引き継ぎました。公開された後に、残っている違いをもう一度照合してください。"});
            }
            load_finding(context, path);
            const base::Instant seen_at{std::strtoll(context.field("checked_at").c_str(), nullptr, 10)};
            context.site().watch().write(
                [&](sys::Transaction& tx) { ::cutover::accept(tx, path, context.field("reason"), by, seen_at); });
            return context.go("/cutover/differences", Flash{Flash::Kind::Good, "差し支えない違いとして記録しました。"});
        },
        [&](std::string_view problem, int status) { return show(context, path, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/cutover/difference", look},
    {"POST", "/cutover/difference", decide},
};

}  // namespace

extern const Screen cutover_difference{"cutover-difference", "新旧の違い",     "/cutover/difference",   "route",
                                       Place::None,          Access::SignedIn, people::Act::CutoverRun, kRoutes};

}  // namespace web
