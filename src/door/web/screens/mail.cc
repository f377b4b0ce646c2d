// お知らせメール: what waits to be sent, what could not be sent and why, who cannot be reached, and a mail to oneself
// to see whether it arrives. Below it how the jobs of the timetable fare.

#include "door/web/context.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/notify.h"
#include "flow/timetable.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/mail/outbox.h"
#include "office/notify/store.h"

namespace web {

namespace {

constexpr int kRows = 50;
constexpr auto kUnreachedFor = std::chrono::hours(24 * 30);

tmpl::List rows_of(const std::vector<mail::Letter>& letters, base::Instant now) {
    tmpl::List rows;
    for (const mail::Letter& each : letters)
        rows.push_back(tmpl::Map{{"id", each.id},
                                 {"name", each.name},
                                 {"address", each.address},
                                 {"subject", each.subject},
                                 {"problem", say(each.problem)},
                                 {"attempts", each.attempt},
                                 {"made", short_time(each.made_at, now)},
                                 {"time", short_time(each.done_at.value_or(each.ready_at), now)}});
    return rows;
}

tmpl::List unreached_rows(const Context& context, sys::Reader& db, base::Instant now) {
    const bool may_open = context.may(people::Act::PeopleManage);
    tmpl::List rows;
    for (const notify::Unreached& each : notify::list_unreached(db, now - kUnreachedFor)) {
        const auto person = people::find_person(db, each.person);
        if (person && person->state == people::PersonState::Active && person->mail.empty())
            rows.push_back(tmpl::Map{{"name", person->name},
                                     {"path", may_open ? fmt::format("/people/{}", person->id.value) : std::string()},
                                     {"notices", each.notices}});
    }
    return rows;
}

tmpl::List duty_rows(sys::Reader& db, base::Instant now) {
    const auto troubled = flow::list_troubled_duties(db, now);
    tmpl::List rows;
    for (const flow::Duty& duty : flow::all_duties()) {
        const auto planned = jobs::list_planned(db, duty.name);
        const auto last = jobs::find_last_done(db, duty.name);
        const auto trouble = std::find_if(troubled.begin(), troubled.end(),
                                          [&](const flow::DutyState& one) { return one.name == duty.name; });
        const bool is_well = trouble == troubled.end();
        rows.push_back(tmpl::Map{{"title", say(duty.title)},
                                 {"when", say(duty.when)},
                                 {"last", last ? short_time(*last, now) : tmpl::Value()},
                                 {"next", planned.empty() ? tmpl::Value() : short_time(planned.front().due_at, now)},
                                 {"is_well", is_well},
                                 {"problem", is_well                    ? ""
                                             : trouble->problem.empty() ? say("予定の時刻を過ぎています")
                                                                        : say(trouble->problem)}});
    }
    return rows;
}

http::Response show(Context& context, std::string_view problem) {
    context.require(people::Act::SettingsEdit);
    const base::Instant now = context.now();
    const settings::Settings& settings = context.site().settings;
    tmpl::Map values{
        {"problem", say(problem)},    {"is_on", flow::is_mail_on(settings)},  {"server", settings.mail.smtp_url},
        {"from", settings.mail.from}, {"digest_at", settings.mail.digest_at}, {"my_address", context.person.mail}};
    context.db().read([&](sys::Reader& db) {
        const mail::Counts counts = mail::count(db, base::from_local({base::local_day(now)}));
        const tmpl::List failed = rows_of(mail::list(db, mail::LetterState::Failed, kRows), now);
        const tmpl::List waiting = rows_of(mail::list(db, mail::LetterState::Waiting, kRows), now);
        values.set("waiting_count", counts.waiting);
        values.set("failed_count", counts.failed);
        values.set("sent_count", counts.sent);
        values.set("last_problem", counts.problem);
        values.set("has_more_failed", counts.failed > static_cast<std::int64_t>(failed.size()));
        values.set("has_more_waiting", counts.waiting > static_cast<std::int64_t>(waiting.size()));
        values.set("failed", failed);
        values.set("waiting", waiting);
        values.set("unreached", unreached_rows(context, db, now));
        values.set("duties", duty_rows(db, now));
    });
    return context.page({"screens/mail/show.html", "お知らせメール", {}, problem.empty() ? 200 : 422},
                        std::move(values));
}

http::Response look(Context& context) {
    return show(context, "");
}

http::Response try_again(Context& context) {
    context.require(people::Act::SettingsEdit);
    const std::int64_t id = context.has_field("letter") ? context.number_field("letter") : 0;
    const std::int64_t opened = context.db().write([&](sys::Transaction& tx) {
        const std::int64_t count = mail::try_again(tx, id, context.now());
        if (count > 0)
            ledger::append(tx, {context.now(), fmt::format("person:{}", context.person.id.value), "mail.retry",
                                id != 0 ? fmt::format("mail:{}", id) : "", fmt::format(R"({{"count":{}}})", count)});
        return count;
    });
    if (opened == 0) return context.go("/mail", Flash{Flash::Kind::Info, "送り直すメールはありませんでした。"});
    return context.go("/mail", Flash{Flash::Kind::Good, fmt::format("{}通を送り直します。", opened)});
}

http::Response send_test(Context& context) {
    context.require(people::Act::SettingsEdit);
    try {
        context.db().write([&](sys::Transaction& tx) {
            flow::queue_test_letter(tx, context.site(), context.person.id);
            ledger::append(tx, {context.now(), fmt::format("person:{}", context.person.id.value), "mail.test",
                                fmt::format("person:{}", context.person.id.value), "{}"});
        });
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::BadInput) throw;
        return show(context, error.message());
    }
    return context.go(
        "/mail", Flash{Flash::Kind::Good,
                       fmt::format("{} あてにテストメールを送ります。届くか確かめてください。", context.person.mail)});
}

constexpr Route kRoutes[] = {
    {"GET", "/mail", look},
    {"POST", "/mail/retry", try_again},
    {"POST", "/mail/test", send_test},
};

}  // namespace

extern const Screen mail_screen{"mail",           "お知らせメール",          "/mail", "mail", Place::Administration,
                                Access::SignedIn, people::Act::SettingsEdit, kRoutes};

}  // namespace web
