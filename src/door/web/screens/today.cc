// 今日の仕事: everything that waits, in one list: what is late, what is due in the coming days (with who and when), and
// what is new. Each line leads to the thing with one click. A source that cannot be read says so, in place of being
// taken for "nothing to do".
#include <algorithm>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/contract/deadline.h"
#include "door/web/screens/today/sources.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/sys/log.h"

namespace web {

namespace {

constexpr std::size_t kShown = 100;  // of each part

struct Part {
    Duty::Level level;
    std::string_view id, title, none;
};
constexpr Part kParts[] = {
    {Duty::Level::Late, "late", "遅れているもの", "遅れているものはありません。"},
    {Duty::Level::Due, "due", "2週間以内に期限が来るもの", "2週間以内に期限が来るものはありません。"},
    {Duty::Level::New, "new", "対応を待っているもの", "対応を待っているものはありません。"}};

/// The longest late, the next due and the newest come first.
void sort(std::vector<Duty>& list) {
    std::stable_sort(list.begin(), list.end(), [](const Duty& a, const Duty& b) {
        if (a.level != b.level) return a.level < b.level;
        const base::Instant x = a.at.value_or(base::Instant{}), y = b.at.value_or(base::Instant{});
        return a.level == Duty::Level::New ? x > y : x < y;
    });
}

http::Response show(Context& context) {
    const base::Instant now = context.now();
    const std::string wanted = query_words(context, "kind", 40);
    const Duties duties = list_duties(context, now + kDutiesAhead, wanted);
    tmpl::List kinds, parts, unread;
    for (const Duties::Kind& kind : duties.kinds) {
        http::Fields fields;
        fields.add("kind", std::string(kind.screen->id));
        kinds.push_back(tmpl::Map{{"name", say(kind.name)},
                                  {"count", kind.count},
                                  {"path", address_of("/today", fields)},
                                  {"is_chosen", wanted == kind.screen->id}});
    }
    for (const Screen* screen : duties.unread)
        unread.push_back(tmpl::Map{{"name", say(screen->title)}, {"path", screen->path}});
    for (const Part& part : kParts) {
        tmpl::List rows;
        std::int64_t count = 0;
        for (const Duty& duty : duties.all) {
            if (duty.level != part.level) continue;
            if (++count > static_cast<std::int64_t>(kShown)) continue;
            rows.push_back(tmpl::Map{{"kind", say(duty.kind)},
                                     {"title", duty.title},
                                     {"note", duty.note},
                                     {"who", duty.who},
                                     {"at", !duty.at           ? tmpl::Value()
                                            : duty.is_deadline ? deadline_time(*duty.at, now)
                                                               : short_time(*duty.at, now)},
                                     {"path", duty.path}});
        }
        parts.push_back(tmpl::Map{{"id", part.id},
                                  {"title", say(part.title)},
                                  {"none", say(part.none)},
                                  {"count", count},
                                  {"more", count - static_cast<std::int64_t>(rows.size())},
                                  {"is_late", part.level == Duty::Level::Late},
                                  {"is_new", part.level == Duty::Level::New},
                                  {"has_rows", !rows.empty()},
                                  {"rows", std::move(rows)}});
    }
    return context.page({"screens/today/show.html", "今日の仕事", {}}, {{"day", day_text(base::local_day(now))},
                                                                        {"kinds", std::move(kinds)},
                                                                        {"is_chosen", !wanted.empty()},
                                                                        {"unread", std::move(unread)},
                                                                        {"parts", std::move(parts)}});
}

constexpr Route kRoutes[] = {{"GET", "/today", show}};

}  // namespace

Duties list_duties(Context& context, base::Instant until, std::string_view wanted) {
    Duties found;
    for (const DutySource& source : all_duty_sources()) {
        const Screen* screen = find_usable_screen(context, source.screen);
        if (screen == nullptr) continue;
        try {
            std::vector<Duty> some = source.list(context, until);
            if (!some.empty()) found.kinds.push_back({screen, some.front().kind, some.size()});
            if (!wanted.empty() && wanted != screen->id) continue;
            std::move(some.begin(), some.end(), std::back_inserter(found.all));
        } catch (const std::exception& error) {
            sys::log(sys::Level::Warning, "a part of today's work could not be read",
                     {{"screen", std::string(source.screen)}, {"problem", error.what()}});
            found.unread.push_back(screen);
        }
    }
    sort(found.all);
    return found;
}

extern const Screen today_screen{
    "today", "今日の仕事", "/today", "calendar", Place::Desk, Access::SignedIn, people::Act::MonitorRead, kRoutes};

}  // namespace web
