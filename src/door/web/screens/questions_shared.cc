#include "door/web/screens/contract/deadline.h"
#include "door/web/screens/questions/shared.h"
#include "ground/base/error.h"

namespace web {

helpdesk::By desk_by(const Context& context) {
    return {fmt::format("person:{}", context.person.id.value), context.person.name, context.now()};
}

bool sees_all_questions(const Context& context) {
    return context.may(people::Act::DeskAnswer) || people::may_somewhere(context.actor, people::Act::DeskAsk) ||
           people::may_somewhere(context.actor, people::Act::ContractRead);
}

helpdesk::Question load_seen_question(Context& context) {
    const helpdesk::QuestionId id{context.request.number("id")};
    helpdesk::Question one = context.db().read([&](sys::Reader& db) { return helpdesk::load_question(db, id); });
    if (!sees_all_questions(context) && one.asker.person != context.person.id)
        throw base::Error(base::Kind::NotFound, "この問合せはありません。");
    return one;
}

std::string hours_text(std::chrono::minutes time) {
    const auto all = time.count();
    if (all < 60) return say(fmt::format("{}分", all));
    return say(fmt::format("{}時間{}分", all / 60, all % 60));
}

std::string name_of_doer_of(Context& context, std::string_view by) {
    return context.db().read([&](sys::Reader& db) { return name_of_doer(db, by); });
}

tmpl::Map question_row(const helpdesk::Question& one, const helpdesk::Clocks& clocks, base::Instant now) {
    constexpr std::string_view kKinds[] = {"submitted", "scheduled", "live"};
    const bool is_unaccepted = one.state == helpdesk::State::Open && !one.accepted_at;
    std::string remaining;
    if (clocks.lateness >= std::chrono::hours(48))
        remaining = say(fmt::format("{}日超過", clocks.lateness.count() / (24 * 60)));
    else if (clocks.is_late())
        remaining = say(fmt::format("{}超過", hours_text(clocks.lateness)));
    else if (clocks.is_running)
        remaining = say(fmt::format("残り{}", hours_text(clocks.remaining)));
    return {{"path", fmt::format("/questions/{}", one.id.value)},
            {"number", one.number},
            {"title", one.title},
            {"asker", one.asker.name},
            {"kind", say(helpdesk::kind_wording(one.kind))},
            {"channel", say(helpdesk::channel_wording(one.channel))},
            {"is_urgent", one.is_urgent},
            {"is_referred", one.is_referred},
            {"is_closed", one.state == helpdesk::State::Closed},
            {"is_late", clocks.is_late()},
            {"state", chip(is_unaccepted ? "returned" : kKinds[static_cast<std::size_t>(one.state)],
                           say(is_unaccepted ? "未着手" : helpdesk::state_wording(one.state)))},
            {"remaining", remaining},
            {"what_due", say(clocks.is_first ? "最初の回答" : "解決")},
            {"due", clocks.is_running ? deadline_time(clocks.due, now) : tmpl::Value()},
            {"received", short_time(one.received_at, now)},
            {"answered", one.answered_at ? short_time(*one.answered_at, now) : tmpl::Value()},
            {"closed", one.closed_at ? short_time(*one.closed_at, now) : tmpl::Value()}};
}

tmpl::Map message_row(const helpdesk::Message& message, base::Instant now) {
    constexpr std::string_view kWhat[] = {"質問", "回答", "電話", "内部メモ"};
    constexpr std::string_view kKinds[] = {"waiting", "live", "live", "done"};
    const auto at = static_cast<std::size_t>(message.what);
    std::string who = message.is_automatic ? say("自動の返信") : message.name;
    if (message.channel == helpdesk::Channel::Mail) who += say("（メール）");
    if (message.minutes > 0) who += say(fmt::format("・作業{}分", message.minutes));
    return {{"what", say(kWhat[at])},
            {"kind", kKinds[at]},
            {"who", std::move(who)},
            {"time", short_time(message.at, now)},
            {"said", message.text}};
}

tmpl::Map link_row(std::string_view subject) {
    const std::size_t colon = subject.find(':');
    const std::string number(subject.substr(colon + 1));
    if (subject.starts_with("page:"))
        return {{"name", say(fmt::format("ページ（番号{}）", number))}, {"path", "/pages/" + number}};
    if (subject.starts_with("incident:"))
        return {{"name", say(fmt::format("障害（番号{}）", number))}, {"path", "/incidents/" + number}};
    return {{"name", std::string(subject)}, {"path", ""}};
}

}  // namespace web
