// 問い合わせる, and for the helpdesk: a telephone call written down. Whoever may not ask can report a fault (A5.3).
#include "door/web/screens/questions/shared.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace web {

namespace {

using base::Error;
using namespace std::chrono_literals;

constexpr auto kTwice = 10min;  // the same words of the same person within it are one form

http::Response show(Context& context, std::string_view problem, int status) {
    const bool answers = context.may(people::Act::DeskAnswer);
    const bool may_ask = context.db().read([&](sys::Reader& db) { return flow::may_ask(db, context.actor); });
    tmpl::List kinds;
    for (const helpdesk::Kind kind : helpdesk::kAllKinds)
        if (may_ask || answers || kind == helpdesk::Kind::Fault)
            kinds.push_back(choice(helpdesk::kind_id(kind), say(helpdesk::kind_wording(kind)), context.field("kind")));
    return context.page({"screens/questions/new.html",
                         answers ? say("電話を記録する") : say("問い合わせる"),
                         {{say("問合せ"), "/questions"}},
                         status},
                        {{"problem", say(problem)},
                         {"answers", answers},
                         {"may_ask", may_ask},
                         {"kinds", std::move(kinds)},
                         {"phone", context.site().settings.helpdesk.emergency_phone},
                         {"typed_title", context.field("title")},
                         {"typed_text", context.field("text")},
                         {"typed_name", context.field("asker")},
                         {"typed_address", context.field("address")},
                         {"typed_phone", context.field("phone")},
                         {"is_urgent", context.has_field("urgent")}});
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

std::optional<helpdesk::QuestionId> find_twin(Context& context, const helpdesk::NewQuestion& made) {
    helpdesk::Filter filter;
    filter.asker = made.asker.person;
    filter.from = context.now() - kTwice;
    return context.db().read([&](sys::Reader& db) -> std::optional<helpdesk::QuestionId> {
        for (const auto& one : helpdesk::list_questions(db, filter))
            if (one.title == base::trim(made.title) && one.channel == made.channel &&
                helpdesk::list_messages(db, one.id).front().text == base::trim(made.text))
                return one.id;
        return std::nullopt;
    });
}

/// What cannot be kept now comes back with what was typed.
flow::TakenQuestion take_or_say(Context& context, const helpdesk::NewQuestion& made,
                                const std::vector<flow::SentFile>& files) {
    try {
        return flow::take_question(context.site(), made, files, desk_by(context));
    } catch (const Error& error) {
        if (error.kind() == base::Kind::Unavailable && !files.empty())
            throw Error(base::Kind::BadInput, error.message());
        throw;
    }
}

http::Response take(Context& context) {
    const auto run = [&]() -> http::Response {
        const bool answers = context.may(people::Act::DeskAnswer);
        helpdesk::NewQuestion made;
        const auto kind = helpdesk::find_kind(context.field("kind"));
        if (!kind) throw Error(base::Kind::BadInput, "種類を選んでください。");
        made.kind = *kind;
        made.is_urgent = context.has_field("urgent");
        made.title = context.field("title");
        made.text = context.field("text");
        made.asker = {context.person.id, context.person.name, context.person.mail, context.field("phone")};
        if (answers) {
            made.channel = helpdesk::Channel::Phone;
            made.asker.name = context.field("asker");
            made.asker.address = context.field("address");
            const auto found = context.db().read(
                [&](sys::Reader& db) { return flow::find_person_by_mail(db, base::trim(made.asker.address)); });
            made.asker.person = found ? found->id : base::PersonId{};
        }
        if (const auto twin = find_twin(context, made))
            return context.go(fmt::format("/questions/{}", twin->value),
                              Flash{Flash::Kind::Info, "もう受け付けています。"});
        std::vector<flow::SentFile> files;
        for (const http::UploadedFile& file : context.request.form.files) files.push_back({file.name, file.read()});
        const flow::TakenQuestion taken = take_or_say(context, made, files);
        const std::string path = fmt::format("/questions/{}", taken.id.value);
        if (!taken.lost_files.empty())
            return context.go(path, Flash{Flash::Kind::Caution, "受け付けました。受け取れなかったファイルがあります。" +
                                                                    base::join(taken.lost_files, " ")});
        if (taken.is_referred)
            return context.go(path, Flash{Flash::Kind::Caution, "受け取りました。サイト管理者にご相談ください。"});
        return context.go(path, Flash{Flash::Kind::Good, "受け付けました。"});
    };
    return run_act(context, run, [&](std::string_view problem, int status) { return show(context, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/questions/new", look},
    {"POST", "/questions/new", take, Route::Body::Files},
};

}  // namespace

extern const Screen questions_new{"questions-new", "問い合わせる",   "/questions/new", "mail",
                                  Place::None,     Access::SignedIn, std::nullopt,     kRoutes};

}  // namespace web
