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

constexpr std::chrono::hours kAhead{24 * 14};
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
    std::vector<Duty> all;
    tmpl::List kinds, parts, unread;
    const std::string wanted = query_words(context, "kind", 40);
    for (const DutySource& source : all_duty_sources()) {
        const Screen* screen = find_usable_screen(context, source.screen);
        if (screen == nullptr) continue;
        try {
            std::vector<Duty> some = source.list(context, now + kAhead);
            if (!some.empty()) {
                http::Fields fields;
                fields.add("kind", std::string(screen->id));
                kinds.push_back(tmpl::Map{{"name", say(some.front().kind)},
                                          {"count", some.size()},
                                          {"path", address_of("/today", fields)},
                                          {"is_chosen", wanted == screen->id}});
            }
            if (!wanted.empty() && wanted != screen->id) continue;
            std::move(some.begin(), some.end(), std::back_inserter(all));
        } catch (const std::exception& error) {
            sys::log(sys::Level::Warning, "a part of today's work could not be read",
                     {{"screen", std::string(source.screen)}, {"problem", error.what()}});
            unread.push_back(tmpl::Map{{"name", say(screen->title)}, {"path", screen->path}});
        }
    }
    sort(all);
    for (const Part& part : kParts) {
        tmpl::List rows;
        std::int64_t count = 0;
        for (const Duty& duty : all) {
            if (duty.level != part.level) continue;
            if (++count > static_cast<std::int64_t>(kShown)) continue;
            rows.push_back(tmpl::Map{{"kind", say(duty.kind)},
                                     {"title", duty.title},
                                     {"note", duty.note},
                                     {"who", duty.who},
                                     {"at", !duty.at                         ? tmpl::Value()
                                            : duty.level == Duty::Level::New ? short_time(*duty.at, now)
                                                                             : deadline_time(*duty.at, now)},
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

extern const Screen today_screen{
    "today", "今日の仕事", "/today", "calendar", Place::Desk, Access::SignedIn, people::Act::MonitorRead, kRoutes};

}  // namespace web
