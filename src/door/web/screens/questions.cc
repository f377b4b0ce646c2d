// 問合せ: the helpdesk's board and one question with its course. The helpdesk (DeskAnswer) sees everything and answers;
// site administrators see every question without the internal notes, whoever they allow their own. Forms carry the
// version that they were made from: when somebody else was first, what was typed comes back beside the new messages.
#include "door/web/screens/questions/shared.h"
#include "flow/office_hours.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "office/records/store.h"

namespace web {

namespace {

using base::Error;
using helpdesk::Question;
using helpdesk::State;

constexpr int kRows = 50;
constexpr int kMostOpen = 500;

constexpr std::pair<std::string_view, std::string_view> kViews[] = {
    {"", "終わっていないもの"}, {"new", "未着手"},          {"mine", "自分の担当"}, {"late", "期限を過ぎたもの"},
    {"waiting", "返事待ち"},    {"closed", "完了したもの"}, {"all", "すべて"}};

helpdesk::Filter filter_of(Context& context, std::string_view view) {
    helpdesk::Filter filter;
    filter.only_unclosed = view.empty() || view == "late";
    filter.only_new = view == "new";
    if (view == "mine") filter.assignee = context.person.id, filter.only_unclosed = true;
    if (view == "waiting") filter.state = State::Waiting;
    if (view == "closed") filter.state = State::Closed;
    filter.kind = helpdesk::find_kind(query_words(context, "kind"));
    filter.words = query_words(context, "q");
    filter.before = query_number(context, "before");
    filter.limit = view == "late" ? kMostOpen : kRows + 1;
    filter.oldest_first = view == "late";
    if (!sees_all_questions(context)) filter.asker = context.person.id;
    return filter;
}

/// Mail that became no question: a stranger's words, and why.
tmpl::List lost_rows(Context& context, const std::vector<helpdesk::MailRow>& lost) {
    tmpl::List rows;
    for (const helpdesk::MailRow& mail : lost)
        rows.push_back(tmpl::Map{{"time", short_time(mail.at, context.now())},
                                 {"sender", mail.sender},
                                 {"subject", mail.subject},
                                 {"why", mail.outcome == "automatic" ? say("自動送信のメール") : mail.problem},
                                 {"is_unseen", mail.outcome == "damaged"}});
    return rows;
}

http::Response list(Context& context) {
    const std::string view = query_words(context, "view");
    const bool answers = context.may(people::Act::DeskAnswer);
    const auto hours = flow::helpdesk_hours_of(context.site().settings);
    const auto limits = flow::desk_limits(context.site().settings);
    const helpdesk::Filter filter = filter_of(context, view);
    std::vector<Question> found;
    std::vector<helpdesk::MailRow> lost;
    std::int64_t unseen = 0;
    bool may_ask = false;
    helpdesk::Duty duty;
    context.db().read([&](sys::Reader& db) {
        found = helpdesk::list_questions(db, filter);
        if (answers) {
            lost = helpdesk::list_lost_mails(db, kRows);
            unseen = helpdesk::count_unseen_damaged(db);
        }
        may_ask = flow::may_ask(db, context.actor);
        duty = helpdesk::load_duty(db, base::local_day(context.now()));
    });
    const bool has_more = view != "late" && found.size() > kRows;
    if (has_more) found.resize(kRows);
    tmpl::List rows, views, kinds;
    Names names(context.db());
    for (const Question& one : found) {
        const auto clocks = helpdesk::clocks_of(one, hours, limits, context.now());
        if (view == "late" && !clocks.is_late()) continue;
        rows.push_back(question_row(one, clocks, context.now())
                           .set("assignee", one.assignee ? names.of(one.assignee) : std::string()));
    }
    for (const auto& [id, words] : kViews)
        if (answers || id != "mine") views.push_back(choice(id, say(words), view));
    kinds.push_back(choice("", say("すべて"), filter.kind ? helpdesk::kind_id(*filter.kind) : ""));
    for (const helpdesk::Kind kind : helpdesk::kAllKinds)
        kinds.push_back(choice(helpdesk::kind_id(kind), say(helpdesk::kind_wording(kind)),
                               filter.kind ? helpdesk::kind_id(*filter.kind) : ""));
    http::Fields next;
    for (const std::string_view name : {"view", "kind", "q"}) next.add(std::string(name), query_words(context, name));
    if (has_more) next.add("before", std::to_string(found.back().id.value));
    return context.page({"screens/questions/list.html", "問合せ"},
                        {{"rows", std::move(rows)},
                         {"views", std::move(views)},
                         {"kinds", std::move(kinds)},
                         {"words", filter.words},
                         {"answers", answers},
                         {"may_ask", may_ask},
                         {"may_allow", context.may(people::Act::DeskAsk)},
                         {"charge", duty.charge},
                         {"engineer", duty.engineer},
                         {"is_open", calendar::is_open_at(hours, context.now())},
                         {"phone", context.site().settings.helpdesk.emergency_phone},
                         {"lost", lost_rows(context, lost)},
                         {"lost_until", lost.empty() ? std::int64_t{0} : lost.front().at.milliseconds},
                         {"unseen", unseen},
                         {"is_first", filter.before == 0},
                         {"next", has_more ? address_of("/questions", next) : std::string()}});
}

http::Response see_lost(Context& context) {
    context.require(people::Act::DeskAnswer);
    const base::Instant until{context.number_field("until")};
    context.db().write([&](sys::Transaction& tx) { helpdesk::see_damaged(tx, until, desk_by(context)); });
    return context.go("/questions", Flash{Flash::Kind::Good, "受け取れなかったメールを確かめたことを記録しました。"});
}

/// Others read questions without taking part in them.
bool may_go_on(Context& context, const Question& one) {
    return one.asker.person == context.person.id ||
           context.db().read([&](sys::Reader& db) { return flow::may_ask(db, context.actor); });
}

http::Response show(Context& context, std::string_view problem, int status) {
    const bool answers = context.may(people::Act::DeskAnswer);
    const Question one = load_seen_question(context);
    const base::Instant now = context.now();
    std::vector<helpdesk::Message> messages;
    std::vector<std::string> links;
    std::vector<records::File> files;
    std::vector<helpdesk::Text> texts;
    context.db().read([&](sys::Reader& db) {
        messages = helpdesk::list_messages(db, one.id);
        links = helpdesk::list_links(db, one.id);
        files = records::list_files(db, one.subject());
        if (answers) texts = helpdesk::list_texts(db);
    });
    const auto typed = [&](std::string_view name, std::string otherwise = {}) {
        return problem.empty() ? otherwise : context.field(name);
    };
    Names names(context.db());
    tmpl::List course, file_rows, link_rows, text_rows, kinds;
    for (const helpdesk::Message& message : messages) {
        if (message.what == helpdesk::What::Note && !answers) continue;
        course.push_back(message_row(message, now));
    }
    for (const records::File& file : files)
        file_rows.push_back(tmpl::Map{{"name", file.name},
                                      {"size", size_text(file.bytes)},
                                      {"path", fmt::format("/questions/{}/files/{}", one.id.value, file.id)}});
    for (const std::string& link : links) link_rows.push_back(link_row(link));
    std::string chosen;
    const auto wanted = query_number(context, "text");
    for (const helpdesk::Text& text : texts) {
        text_rows.push_back(choice(std::to_string(text.id), text.name, std::to_string(wanted)));
        if (text.id == wanted)
            chosen = helpdesk::fill_in(text.body, {{"番号", one.number},
                                                   {"お名前", one.asker.name},
                                                   {"件名", one.title},
                                                   {"担当者", context.person.name},
                                                   {"電話番号", context.site().settings.helpdesk.emergency_phone}});
    }
    const std::string kind = typed("kind", std::string(helpdesk::kind_id(one.kind)));
    for (const helpdesk::Kind each : helpdesk::kAllKinds)
        kinds.push_back(choice(helpdesk::kind_id(each), say(helpdesk::kind_wording(each)),
                               helpdesk::find_kind(kind) ? kind : helpdesk::kind_id(one.kind)));
    tmpl::List fees;
    for (const helpdesk::Fee fee : {helpdesk::Fee::Inside, helpdesk::Fee::Separate})
        fees.push_back(choice(helpdesk::fee_id(fee), say(helpdesk::fee_wording(fee)),
                              typed("fee", std::string(helpdesk::fee_id(one.fee)))));
    const auto clocks = helpdesk::clocks_of(one, flow::helpdesk_hours_of(context.site().settings),
                                            flow::desk_limits(context.site().settings), now);
    tmpl::Map values = question_row(one, clocks, now);
    values.set("heading", one.title).set("id", one.id.value);
    values.set("problem", say(problem))
        .set("course", std::move(course))
        .set("files", std::move(file_rows))
        .set("links", std::move(link_rows))
        .set("texts", std::move(text_rows))
        .set("kinds", std::move(kinds))
        .set("fees", std::move(fees))
        .set("asker_address", one.asker.address)
        .set("asker_phone", one.asker.phone)
        .set("assignee", one.assignee ? names.of(one.assignee) : std::string())
        .set("is_mine", one.assignee == context.person.id)
        .set("answers", answers)
        .set("may_go_on", may_go_on(context, one))
        .set("fee", say(helpdesk::fee_wording(one.fee)))
        .set("has_fee", one.fee != helpdesk::Fee::Undecided)
        .set("fee_why", one.fee_why)
        .set("fee_by", one.fee_by.empty() ? std::string() : name_of_doer_of(context, one.fee_by))
        .set("minutes", one.minutes)
        .set("version", one.version)
        .set("typed_text", typed("text", chosen))
        .set("typed_more", typed("more"))
        .set("typed_call", typed("call"))
        .set("typed_note", typed("note"))
        .set("typed_minutes", typed("minutes", "0"))
        .set("typed_title", typed("title", one.title))
        .set("typed_why", typed("why", one.fee_why))
        .set("typed_page", typed("page"));
    return context.page({"screens/questions/show.html", one.number, {{say("問合せ"), "/questions"}}, status},
                        std::move(values));
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

std::int64_t minutes_of(Context& context) {
    return context.field("minutes").empty() ? 0 : context.number_field("minutes");
}

std::string answer(Context& context, const Question& one, std::int64_t version) {
    helpdesk::Reply reply;
    const std::string how = context.field("how");
    reply.text = context.field("text");
    reply.minutes = minutes_of(context);
    reply.asks_back = how == "ask";
    reply.closes = how == "close";
    flow::answer_question(context.site(), one.id, version, reply, desk_by(context));
    return reply.closes ? "回答して完了しました。" : reply.asks_back ? "質問者に尋ねました。" : "回答しました。";
}

std::string call(Context& context, const Question& one, std::int64_t version) {
    helpdesk::Reply reply;
    reply.text = context.field("call");
    reply.minutes = minutes_of(context);
    reply.channel = helpdesk::Channel::Phone;
    reply.closes = context.field("how") == "close";
    flow::answer_question(context.site(), one.id, version, reply, desk_by(context));
    return reply.closes ? "電話の記録を付けて完了しました。" : "電話で伝えたことを記録しました。";
}

std::string link(Context& context, const Question& one) {
    const std::int64_t page = context.number_field("page");
    context.db().write([&](sys::Transaction& tx) {
        if (!content::find_page(tx, base::PageId{page}))
            throw Error(base::Kind::BadInput, "その番号のページはありません。");
        helpdesk::link(tx, one.id, fmt::format("page:{}", page), desk_by(context));
    });
    return "ページと結び付けました。";
}

/// The same words again are a form that was sent twice.
bool was_said(Context& context, const Question& one, helpdesk::What what, std::string_view text) {
    const auto messages = context.db().read([&](sys::Reader& db) { return helpdesk::list_messages(db, one.id); });
    return !messages.empty() && messages.back().what == what && messages.back().text == base::trim(text);
}

std::string run(Context& context, const Question& one, std::string_view asked) {
    const helpdesk::By by = desk_by(context);
    if (asked == "more") {
        if (!may_go_on(context, one))
            throw Error(base::Kind::NotAllowed, "続けて書けるのは、質問した人とサイト管理者だけです。");
        helpdesk::Message said;
        said.text = context.field("more");
        if (!was_said(context, one, helpdesk::What::Asked, said.text))
            flow::take_more(context.site(), one.id, said, {}, by);
        return "送りました。";
    }
    context.require(people::Act::DeskAnswer);
    const std::int64_t version = context.number_field("version");
    const auto write = [&](const std::function<void(sys::Transaction&)>& work) { context.db().write(work); };
    if (asked == "answer") return answer(context, one, version);
    if (asked == "call") return call(context, one, version);
    if (asked == "link") return link(context, one);
    if (asked == "note") {
        if (!was_said(context, one, helpdesk::What::Note, context.field("note")))
            write([&](sys::Transaction& tx) {
                helpdesk::add_note(tx, one.id, context.field("note"), minutes_of(context), by);
            });
        return "内部メモを付けました。";
    }
    if (asked == "accept") {
        write([&](sys::Transaction& tx) { helpdesk::accept(tx, one.id, version, context.person.id, by); });
        return "担当になりました。";
    }
    if (asked == "take-on") {
        write([&](sys::Transaction& tx) { helpdesk::take_on(tx, one.id, version, by); });
        return "問合せとして受け付けました。";
    }
    if (asked == "close") {
        const auto hours = flow::helpdesk_hours_of(context.site().settings);
        write([&](sys::Transaction& tx) { helpdesk::close(tx, one.id, version, hours, by); });
        return "完了しました。";
    }
    if (asked == "sort") {
        const auto kind = helpdesk::find_kind(context.field("kind"));
        if (!kind) throw Error(base::Kind::BadInput, "種類を選んでください。");
        write([&](sys::Transaction& tx) {
            helpdesk::sort(tx, one.id, version, *kind, context.has_field("urgent"), context.field("title"), by);
        });
        return "分類を保存しました。";
    }
    if (asked == "fee") {
        const auto fee = helpdesk::find_fee(context.field("fee")).value_or(helpdesk::Fee::Undecided);
        write([&](sys::Transaction& tx) { helpdesk::decide_fee(tx, one.id, version, fee, context.field("why"), by); });
        return "契約の範囲内か別途かを記録しました。";
    }
    if (asked == "incident") {
        context.require(people::Act::IncidentHandle);
        flow::open_incident(context.site(), one.id, by);
        return "障害として登録しました。";
    }
    throw Error(base::Kind::BadInput, "どの操作かがわかりません。画面を開き直してください。");
}

http::Response act(Context& context) {
    return run_act(
        context,
        [&]() -> http::Response {
            const Question one = load_seen_question(context);
            const std::string done = run(context, one, context.field("act"));
            return context.go(fmt::format("/questions/{}", one.id.value), Flash{Flash::Kind::Good, done});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response download(Context& context) {
    const Question one = load_seen_question(context);
    const auto file =
        context.db().read([&](sys::Reader& db) { return records::find_file(db, context.request.number("file")); });
    if (!file || file->subject != one.subject()) throw Error(base::Kind::NotFound, "このファイルはありません。");
    return http::download(context.site().objects->load(file->hash), file->name, "application/octet-stream");
}

std::int64_t count(Context& context) {
    if (!context.may(people::Act::DeskAnswer)) return 0;
    const auto counts = context.db().read([](sys::Reader& db) { return helpdesk::count_questions(db); });
    return counts.unaccepted;
}

constexpr Route kRoutes[] = {
    {"GET", "/questions", list},
    {"POST", "/questions", see_lost},
    {"GET", "/questions/{id}", look},
    {"POST", "/questions/{id}", act},
    {"GET", "/questions/{id}/files/{file}", download},
};

}  // namespace

extern const Screen questions_screen{"questions",      "問合せ",     "/questions", "mail", Place::Desk,
                                     Access::SignedIn, std::nullopt, kRoutes,      count};

}  // namespace web
