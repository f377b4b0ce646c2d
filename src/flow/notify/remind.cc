// What is told because time has passed: requests that nobody answers, emergencies that nobody approves, pages that come
// down soon.
#include "flow/notify.h"
#include "flow/notify/tell.h"
#include "flow/office_hours.h"
#include "ground/base/error.h"
#include "ground/sys/log.h"
#include "press/content/store.h"

namespace flow {

namespace {

using base::Instant;
using std::chrono::hours;

constexpr std::int64_t kMostReminders = 5;  // of one request; then it is on the home screen only
constexpr std::int64_t kMostAlarms = 10;    // of one emergency
constexpr int kMostEmergencies = 200;
constexpr int kMostEnding = 1000;

/// Each item in a transaction of its own: a bad one costs itself.
template <class Items, class Work>
int for_each_item(Site& site, const Items& items, const Work& work) {
    int made = 0;
    for (const auto& item : items) {
        try {
            made += site.database->write([&](sys::Transaction& tx) { return work(tx, item); });
        } catch (const base::Error& error) {
            if (error.kind() == base::Kind::Unavailable) throw;
            sys::log(sys::Level::Error, "nobody can be reminded of an item", {{"problem", error.message()}});
        }
    }
    return made;
}

int remind_of(sys::Transaction& tx, const workflow::Standing& standing, std::int64_t turn, std::int64_t waited,
              Instant now) {
    const content::Page page = content::load_page(tx, standing.page);
    const std::string key = asked_key(standing);
    int made = 0;
    for (const workflow::Candidate& asked : workflow::list_asked(tx, standing.page)) {
        notify::Notice notice;
        notice.key = fmt::format("reminder{}{}:{}", key.substr(key.find(':')), asked.person.value, turn);
        notice.kind = "reminder";
        notice.person = asked.person;
        notice.page = page.id;
        notice.title = "承認をお待ちしています：" + name_of(page);
        notice.text = about(page) + line_of("依頼した人", name_of(tx, standing.submitted_by)) +
                      line_of("依頼した日時", time_text(standing.submitted_at)) +
                      line_of("待っている時間", fmt::format("開庁時間で{}時間", waited));
        notice.path = fmt::format("/pages/{}/review", page.id.value);
        notice.made_at = now;
        if (tell(tx, std::move(notice))) ++made;
    }
    return made;
}

int remind_of_emergency(sys::Transaction& tx, Site& site, const workflow::Emergency& emergency, std::int64_t turn,
                        Instant now) {
    const Turn page = begin_turn(static_cast<sys::Reader&>(tx), site, emergency.page, Doer{});
    const Instant deadline = emergency.at + hours(site.settings.workflow.emergency_review_hours);
    int made = 0;
    for (const people::Actor& actor : people::list_people_who_may(tx, people::Act::PageApprove, page.scope, now)) {
        const auto& writers = emergency.writers;
        if (actor.person == emergency.person ||
            std::find(writers.begin(), writers.end(), actor.person) != writers.end())
            continue;
        notify::Notice notice;
        notice.key = fmt::format("emergency-open:{}:{}:{}", emergency.id, actor.person.value, turn);
        notice.kind = "emergency-open";
        notice.person = actor.person;
        notice.page = emergency.page;
        notice.is_urgent = true;
        notice.title =
            (now < deadline ? "緊急公開の事後承認をお願いします：" : "緊急公開の事後承認の期限を過ぎています：") +
            name_of(page.page);
        notice.text = about(page.page) + line_of("公開した人", name_of(tx, emergency.person)) +
                      line_of("公開した日時", time_text(emergency.at)) +
                      line_of("事後承認の期限", time_text(deadline)) + line_of("理由", one_line(emergency.reason));
        notice.path = fmt::format("/pages/{}/afterwards", emergency.page.value);
        notice.made_at = now;
        if (tell(tx, std::move(notice))) ++made;
    }
    return made;
}

/// Who works in the page's department and may edit the page, and who last had it in hand.
int announce_end(sys::Transaction& tx, Site& site, base::PageId id, Instant ends_at, Instant now) {
    const Turn turn = begin_turn(static_cast<sys::Reader&>(tx), site, id, Doer{});
    const base::DepartmentId department = department_of(tx, turn.page.department, turn.page.section);
    const base::Day today = base::local_day(now);
    std::set<base::PersonId> whom{turn.standing.owner, turn.standing.submitted_by};
    for (const people::Actor& actor : people::list_people_who_may(tx, people::Act::PageEdit, turn.scope, now)) {
        const people::Person person = people::load_person(tx, actor.person);
        if (std::any_of(person.memberships.begin(), person.memberships.end(), [&](const people::Membership& each) {
                return each.department == department && each.is_valid_on(today);
            }))
            whom.insert(actor.person);
    }
    int made = 0;
    for (const base::PersonId person : whom) {
        if (!person) continue;
        notify::Notice notice;
        notice.key = fmt::format("takedown:{}:{}:{}", id.value, ends_at.milliseconds, person.value);
        notice.kind = "takedown";
        notice.person = person;
        notice.page = id;
        notice.title = "まもなく公開が終わります：" + name_of(turn.page);
        notice.text = about(turn.page) + line_of("公開を終了する日時", time_text(ends_at)) +
                      "続けて公開するときは、公開終了日時を変えて承認を依頼してください。\n";
        notice.path = fmt::format("/pages/{}", id.value);
        notice.made_at = now;
        if (tell(tx, std::move(notice))) ++made;
    }
    return made;
}

}  // namespace

int gather_reminders(Site& site) {
    if (!is_mail_on(site.settings)) return 0;
    const Instant now = site.clock.now();
    int made = 0;
    if (const std::int64_t patience = site.settings.mail.reminder_hours; patience > 0) {
        const calendar::OfficeCalendar office = office_hours_of(site.settings);
        std::string after;
        do {
            const workflow::StandingList part = site.database->read(
                [&](sys::Reader& db) { return workflow::list_in_state(db, workflow::State::Submitted, after, 200); });
            after = part.next;
            made += for_each_item(site, part.standings, [&](sys::Transaction& tx, const workflow::Standing& standing) {
                const std::int64_t waited =
                    std::chrono::duration_cast<hours>(calendar::business_time_between(office, standing.changed_at, now))
                        .count();
                const std::int64_t turn = waited / patience;
                return turn > 0 && turn <= kMostReminders ? remind_of(tx, standing, turn, waited, now) : 0;
            });
        } while (!after.empty());
    }
    // Half of the time gone, all of it, and again after each further span.
    const std::int64_t span = hours(site.settings.workflow.emergency_review_hours) / std::chrono::milliseconds(1);
    const auto open =
        site.database->read([](sys::Reader& db) { return workflow::list_open_emergencies(db, kMostEmergencies); });
    made += for_each_item(site, open, [&](sys::Transaction& tx, const workflow::Emergency& emergency) {
        const std::int64_t gone = (now - emergency.at).count();
        const std::int64_t turn = gone >= span ? gone / span + 1 : gone * 2 >= span ? 1 : 0;
        return turn > 0 && turn <= kMostAlarms ? remind_of_emergency(tx, site, emergency, turn, now) : 0;
    });
    return made;
}

int gather_takedowns(Site& site) {
    if (!is_mail_on(site.settings) || site.settings.mail.takedown_days == 0) return 0;
    const Instant now = site.clock.now();
    const Instant until = now + hours(24 * site.settings.mail.takedown_days);
    const auto pages = site.database->read([&](sys::Reader& db) { return workflow::list_due(db, until, kMostEnding); });
    return for_each_item(site, pages, [&](sys::Transaction& tx, base::PageId id) {
        const workflow::Standing standing = workflow::find_standing(tx, id);
        const bool is_planned =
            standing.state == workflow::State::Scheduled && standing.matter == workflow::Matter::Withdraw;
        Instant ends_at = standing.live_until;
        if (is_planned && (ends_at == Instant{} || standing.publish_at < ends_at)) ends_at = standing.publish_at;
        return now < ends_at && ends_at <= until ? announce_end(tx, site, id, ends_at, now) : 0;
    });
}

}  // namespace flow
