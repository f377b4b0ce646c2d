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
};

struct DutySource {
    std::string_view screen;  ///< whose screen it leads to ("/incidents"): who does not see that has nothing of it
    /// At most some hundred. `until`: what is due later is not in it.
    std::vector<Duty> (*list)(Context& context, base::Instant until);
};
std::span<const DutySource> all_duty_sources();

/// The screen of that path, when the person may use it.
const Screen* find_usable_screen(const Context& context, std::string_view path);

}  // namespace web
