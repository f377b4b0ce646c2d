// よくある質問: answered questions for everybody in the office to read; the helpdesk writes them, best out of a
// question that was asked.
#include "door/web/screens/questions/shared.h"
#include "ground/base/error.h"

namespace web {

namespace {

using base::Error;
using helpdesk::Faq;

http::Response list(Context& context) {
    const bool answers = context.may(people::Act::DeskAnswer);
    const std::string words = query_words(context, "q");
    tmpl::List rows;
    std::string topic;
    for (const Faq& one : context.db().read([&](sys::Reader& db) { return helpdesk::list_faq(db, !answers, words); })) {
        rows.push_back(tmpl::Map{{"id", one.id},
                                 {"topic", one.topic == topic ? std::string() : one.topic},
                                 {"question", one.question},
                                 {"answer", one.answer},
                                 {"is_published", one.is_published}});
        topic = one.topic;
    }
    return context.page({"screens/faq/list.html", "よくある質問", {{say("問合せ"), "/questions"}}},
                        {{"rows", std::move(rows)}, {"words", words}, {"answers", answers}});
}

/// The last answer of the question, as a start.
Faq proposed(Context& context) {
    Faq faq;
    faq.from = {query_number(context, "question")};
    if (!faq.from) return faq;
    context.db().read([&](sys::Reader& db) {
        const auto one = helpdesk::find_question(db, faq.from);
        if (!one) return;
        faq.topic = say(helpdesk::kind_wording(one->kind));
        for (const helpdesk::Message& message : helpdesk::list_messages(db, faq.from)) {
            if (message.what == helpdesk::What::Asked && faq.question.empty()) faq.question = one->title;
            if (message.what == helpdesk::What::Answered && !message.is_automatic) faq.answer = message.text;
        }
    });
    return faq;
}

http::Response show(Context& context, Faq faq, std::string_view problem, int status) {
    context.require(people::Act::DeskAnswer);
    const Faq kept = faq;
    // A stale form stays stale: what another has saved meanwhile is shown beside.
    const bool is_stale = !problem.empty() && context.field("version") != std::to_string(kept.version);
    if (!problem.empty()) {
        faq.topic = context.field("topic");
        faq.question = context.field("question");
        faq.answer = context.field("answer");
        faq.is_published = context.has_field("published");
    }
    return context.page({"screens/faq/form.html",
                         faq.id ? say("よくある質問を直す") : say("よくある質問に加える"),
                         {{say("問合せ"), "/questions"}, {say("よくある質問"), "/faq"}},
                         status},
                        {{"problem", say(problem)},
                         {"path", faq.id ? fmt::format("/faq/{}", faq.id) : "/faq/new"},
                         {"topic", faq.topic},
                         {"question", faq.question},
                         {"answer", faq.answer},
                         {"from", faq.from.value},
                         {"is_published", faq.is_published},
                         {"version", is_stale ? context.field("version") : std::to_string(faq.version)},
                         {"is_stale", is_stale},
                         {"kept_topic", kept.topic},
                         {"kept_question", kept.question},
                         {"kept_answer", kept.answer}});
}

Faq loaded(Context& context) {
    const auto faq =
        context.db().read([&](sys::Reader& db) { return helpdesk::find_faq(db, context.request.number("id")); });
    if (!faq) throw Error(base::Kind::NotFound, "このよくある質問はありません。");
    return *faq;
}

http::Response ask_new(Context& context) {
    return show(context, proposed(context), "", 200);
}

http::Response ask_change(Context& context) {
    return show(context, loaded(context), "", 200);
}

http::Response save(Context& context, const Faq& kept) {
    context.require(people::Act::DeskAnswer);
    return run_act(
        context,
        [&] {
            Faq faq = kept;
            faq.topic = context.field("topic");
            faq.question = context.field("question");
            faq.answer = context.field("answer");
            faq.is_published = context.has_field("published");
            faq.version = context.number_field("version");
            context.db().write([&](sys::Transaction& tx) { helpdesk::save_faq(tx, faq, desk_by(context)); });
            return context.go("/faq", Flash{Flash::Kind::Good, "よくある質問を保存しました。"});
        },
        [&](std::string_view problem, int status) { return show(context, kept, problem, status); });
}

http::Response add(Context& context) {
    Faq faq;
    faq.from = {context.number_field("from")};
    return save(context, faq);
}

http::Response change(Context& context) {
    return save(context, loaded(context));
}

constexpr Route kRoutes[] = {
    {"GET", "/faq", list},         {"GET", "/faq/new", ask_new},
    {"POST", "/faq/new", add},     {"GET", "/faq/{id}", ask_change},
    {"POST", "/faq/{id}", change},
};

}  // namespace

extern const Screen faq_screen{"faq",       "よくある質問",   "/faq",       "info",
                               Place::None, Access::SignedIn, std::nullopt, kRoutes};

}  // namespace web
