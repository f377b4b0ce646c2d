// What today's list is made of: each source names what waits in one room, for those who may use that room's screen.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "door/web/context.h"

namespace web {

struct Duty {
    enum class Level { Late, Due, New } level = Level::New;
    std::string_view kind;  ///< "契約", "異常": of the thing
    std::string title;
    std::string note;                 ///< how it stands
    std::string who;                  ///< in charge; empty: nobody yet, or everybody
    std::optional<base::Instant> at;  ///< Late and Due: its time; New: since when
    std::string path;                 ///< one click to it
    bool is_deadline = false;         ///< `at` is when the time for it is over: a midnight is the end of a day
};

struct DutySource {
    std::string_view screen;  ///< whose screen it leads to ("/incidents"): who does not see that has nothing of it
    /// At most some hundred. `until`: what is due later is not in it.
    std::vector<Duty> (*list)(Context& context, base::Instant until);
};
std::span<const DutySource> all_duty_sources();

constexpr std::chrono::hours kDutiesAhead{24 * 14};  ///< two weeks, as the screens say

struct Duties {
    struct Kind {
        const Screen* screen = nullptr;
        std::string_view name;
        std::size_t count = 0;
    };
    std::vector<Duty> all;              ///< the longest late, the next due and the newest come first
    std::vector<Kind> kinds;            ///< of what there is, whatever was wanted
    std::vector<const Screen*> unread;  ///< could not be read, which is in the log
};
/// What waits for whoever looks: late, due before `until`, new. `wanted`: of that screen's id alone; empty: of all.
Duties list_duties(Context& context, base::Instant until, std::string_view wanted = {});

/// The screen of that path, when the person may use it.
const Screen* find_usable_screen(const Context& context, std::string_view path);

}  // namespace web
