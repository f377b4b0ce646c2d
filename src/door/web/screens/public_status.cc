// 住民への稼働状況: the words for residents about what works, proposed from what the watch has open and finished by a
// person. What comes out is the draft of an ordinary page, which is looked at, approved and published as every page; so
// nothing is public because a probe said so, and what is public stays when the office is down.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/subject.h"
#include "flow/propose_status.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;

constexpr int kServices = 5;                                                           // rows of the form
constexpr std::size_t kLongestName = 60, kLongestTitle = 100, kLongestMessage = 2000;  // characters

tmpl::List states(std::string_view chosen) {
    tmpl::List choices;
    for (const flow::PublicState each : flow::kPublicStates)
        choices.push_back(choice(flow::public_state_id(each), say(flow::public_state_wording(each)), chosen));
    return choices;
}

http::Response show(Context& context, std::string_view problem, int status) {
    const bool is_typed = status != 200;
    const flow::StatusProposal proposal = flow::propose_status(context.site());
    const auto shown = [&](std::string_view name, std::string usual) {
        return is_typed ? context.field(name) : std::move(usual);
    };
    // A stale form stays so until what stands there now was shown with the refusal.
    const std::string path = shown("path", "status.html");
    const flow::StatusPlace place = flow::find_status_place(context.site(), path);
    const bool is_kept = is_typed && status != 409;
    tmpl::List rows;
    for (int at = 0; at < kServices; ++at) {
        const std::string number = std::to_string(at);
        const flow::PublicService usual = at == 0 ? proposal.site : flow::PublicService{};
        rows.push_back(
            tmpl::Map{{"number", std::int64_t{at + 1}},
                      {"name_field", "name" + number},
                      {"state_field", "state" + number},
                      {"name", shown("name" + number, usual.name)},
                      {"states", states(shown("state" + number, std::string(flow::public_state_id(usual.state))))}});
    }
    return context.page({"screens/public_status/show.html", "住民への稼働状況", {}, status},
                        {{"problem", say(problem)},
                         {"proposed", say(flow::public_state_wording(proposal.site.state))},
                         {"is_known", proposal.is_known},
                         {"page_title", shown("title", "稼働状況")},
                         {"path", path},
                         {"revision", is_kept ? context.field("revision") : std::to_string(place.revision.value)},
                         {"version", is_kept ? context.field("version") : std::to_string(place.version)},
                         {"is_other", place.is_other},
                         {"there", status == 409 && place.page ? fmt::format("/pages/{}", place.page.value) : ""},
                         {"message", shown("message", "")},
                         {"rows", std::move(rows)}});
}

http::Response look(Context& context) {
    context.require(Act::MonitorRead);
    return show(context, "", 200);
}

std::string typed(const Context& context, std::string_view name, std::size_t longest, std::string_view problem) {
    const std::string text(base::trim(context.field(name)));
    if (base::count_code_points(text) > longest) throw Error(Kind::BadInput, std::string(problem));
    return text;
}

flow::StatusPage typed_page(const Context& context) {
    flow::StatusPage page;
    page.path = base::trim(context.field("path"));
    const std::string stem = page.path.ends_with(".html") ? page.path.substr(0, page.path.size() - 5) : "";
    if (stem.empty() || stem.size() > 100 || stem.starts_with('/') || stem.find("//") != std::string::npos ||
        stem.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-/") != std::string::npos)
        throw Error(Kind::BadInput, "ファイル名は「status.html」のように、半角の英小文字と数字で入れてください。");
    page.title = typed(context, "title", kLongestTitle, "題名は100文字以内で入れてください。");
    if (page.title.empty()) throw Error(Kind::BadInput, "題名を入れてください。");
    page.message = typed(context, "message", kLongestMessage, "お知らせは2000文字以内で入れてください。");
    for (int at = 0; at < kServices; ++at) {
        flow::PublicService one;
        one.name =
            typed(context, fmt::format("name{}", at), kLongestName, "サービスの名前は60文字以内で入れてください。");
        if (one.name.empty()) continue;
        for (const flow::PublicState each : flow::kPublicStates)
            if (context.field(fmt::format("state{}", at)) == flow::public_state_id(each)) one.state = each;
        page.services.push_back(std::move(one));
    }
    if (page.services.empty()) throw Error(Kind::BadInput, "サービスの名前を一つ以上入れてください。");
    return page;
}

flow::StatusPlace seen_place(const Context& context) {
    const auto number = [&](std::string_view name) { return std::strtoll(context.field(name).c_str(), nullptr, 10); };
    return {base::RevisionId{number("revision")}, number("version"), false};
}

http::Response write(Context& context) {
    context.require(Act::MonitorRead);
    return run_act(
        context,
        [&] {
            const flow::StatusPage page = typed_page(context);
            base::DepartmentId department;
            for (const people::Membership& each : context.person.memberships)
                if (!department && each.is_valid_on(base::local_day(context.now()))) department = each.department;
            const flow::Outcome outcome =
                flow::write_status_draft(context.site(), page, department, seen_place(context),
                                         context.field("replace") == "yes", context.doer());
            if (outcome.refusal) throw Error(Kind::BadInput, outcome.refusal->ja);
            return context.go(fmt::format("/pages/{}", outcome.page.id.value),
                              Flash{Flash::Kind::Good,
                                    "下書きを作りました。プレビューで確かめて、承認依頼か緊急公開へ進んでください。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/public-status", look},
    {"POST", "/public-status", write},
};

}  // namespace

extern const Screen public_status{"public-status", "住民への稼働状況", "/public-status", "page",
                                  Place::Watch,    Access::SignedIn,   Act::MonitorRead, kRoutes};

}  // namespace web
