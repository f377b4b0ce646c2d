// 緊急停止: takes the public site or the office out of service, and brings it back, with the reason. Where the settings
// ask for two people, the first asks and the second agrees here. Who may use this screen can use the office while it is
// stopped, so it stays the way back.

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/stop_service.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using flow::Part;

tmpl::Map part_values(Context& context, Part part) {
    const flow::Folders& folders = context.site().folders;
    const auto stop = flow::find_stop(folders, part);
    const auto asked = flow::find_stop_asked(folders, part, context.now());
    tmpl::Map values{{"id", flow::part_id(part)},
                     {"name", say(flow::part_name(part))},
                     {"is_public", part == Part::Public},
                     {"is_stopped", stop.has_value()},
                     {"is_asked", asked.has_value()},
                     {"usual_notice", flow::usual_notice(part)},
                     {"typed_reason", ""},
                     {"typed_notice", ""}};
    context.db().read([&](sys::Reader& db) {
        if (stop) {
            values.set("since", stop->at == base::Instant{} ? tmpl::Value() : short_time(stop->at, context.now()));
            values.set("by", name_of_doer(db, stop->by)).set("reason", stop->reason).set("notice", stop->notice);
            values.set("second", stop->second.empty() ? std::string() : name_of_doer(db, stop->second));
        }
        if (asked) {
            values.set("asked_stamp", std::to_string(asked->stop.at.milliseconds));
            values.set("asked_by", name_of_doer(db, asked->stop.by)).set("asked_reason", asked->stop.reason);
            values.set("asked_at", short_time(asked->stop.at, context.now()));
            values.set("asked_notice", asked->stop.notice);
            values.set("is_mine", asked->stop.by == fmt::format("person:{}", context.person.id.value));
        }
    });
    return values;
}

http::Response show(Context& context, std::string_view problem, int status, std::string_view part = "") {
    tmpl::List parts;
    for (const Part each : {Part::Public, Part::Office}) {
        tmpl::Map values = part_values(context, each);
        if (part == flow::part_id(each))  // what was typed stays
            values.set("typed_reason", context.field("reason")).set("typed_notice", context.field("notice"));
        parts.push_back(std::move(values));
    }
    return context.page({"screens/emergency/show.html", "緊急停止", {}, status},
                        {{"problem", say(problem)},
                         {"parts", std::move(parts)},
                         {"needs_two", context.site().settings.office.stop_needs_two},
                         {"needs_password", !context.is_fresh()}});
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

/// Done already when nobody else has to agree.
http::Response act_or_ask(Context& context, const flow::StopAsked& asked) {
    const flow::Folders& folders = context.site().folders;
    const std::string_view name = flow::part_name(asked.stop.part);
    if (context.site().settings.office.stop_needs_two && asked.stop.second.empty()) {
        const auto other = flow::find_stop_asked(folders, asked.stop.part, context.now());
        if (other && other->stop.by != asked.stop.by)
            throw Error(Kind::Conflict, "ほかの人の申し出があります。下に示した申し出を確かめてください。");
        flow::ask_stop(context.site(), asked);
        return context.go(
            "/emergency",
            Flash{Flash::Kind::Info, "申し出を受け付けました。30分以内に、もう一人がこの画面で同意してください。"});
    }
    if (asked.is_resume)
        flow::resume_service(folders, asked.stop);
    else
        flow::stop_service(folders, asked.stop, context.site().settings.site.name);
    flow::record_stops(context.site());
    return context.go("/emergency", asked.is_resume
                                        ? Flash{Flash::Kind::Good, fmt::format("{}を再開しました。", name)}
                                        : Flash{Flash::Kind::Danger, fmt::format("{}を停止しました。", name)});
}

Part part_of(Context& context) {
    const auto part = flow::find_part(context.field("part"));
    if (!part) throw Error(Kind::BadInput, "何を停止するかを選んでください。");
    return *part;
}

http::Response begin(Context& context) {
    const auto run = [&] {
        flow::StopAsked asked;
        asked.stop.part = part_of(context);
        asked.is_resume = context.field("act") == "resume";
        asked.stop.at = context.now();
        asked.stop.by = fmt::format("person:{}", context.person.id.value);
        asked.stop.reason = std::string(base::trim(context.field("reason")));
        asked.stop.notice = std::string(base::trim(context.field("notice")));
        if (!asked.is_resume && context.field("sure") != "yes")
            throw Error(Kind::BadInput, "「停止することを確かめました」に印を付けてください。");
        need_proof(context);
        return act_or_ask(context, asked);
    };
    return run_act(context, run, [&](std::string_view problem, int status) {
        return show(context, problem, status, context.field("part"));
    });
}

http::Response agree(Context& context) {
    const auto run = [&] {
        const Part part = part_of(context);
        auto asked = flow::find_stop_asked(context.site().folders, part, context.now());
        if (!asked || context.field("asked") != std::to_string(asked->stop.at.milliseconds))
            throw Error(Kind::Conflict, "申し出が変わったか、なくなりました。いまの状態を確かめてください。");
        const std::string me = fmt::format("person:{}", context.person.id.value);
        if (context.field("act") == "withdraw") {
            flow::forget_stop_asked(context.site().folders, part);
            return context.go("/emergency", Flash{Flash::Kind::Info, "申し出を取り下げました。"});
        }
        if (asked->stop.by == me) throw Error(Kind::NotAllowed, "申し出た人とは別の人の同意が必要です。");
        need_proof(context);
        asked->stop.second = me;
        asked->stop.at = context.now();
        return act_or_ask(context, *asked);
    };
    return run_act(context, run, [&](std::string_view problem, int status) { return show(context, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/emergency", look},
    {"POST", "/emergency", begin},
    {"POST", "/emergency/agree", agree},
};

}  // namespace

extern const Screen emergency{
    "emergency", "緊急停止", "/emergency", "danger", Place::Watch, Access::SignedIn, people::Act::EmergencyStop,
    kRoutes};

}  // namespace web
