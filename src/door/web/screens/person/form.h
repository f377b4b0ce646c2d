// What the screens of one person share.
#pragma once

#include "door/web/administration.h"
#include "door/web/subject.h"

namespace web {

enum class Power {
    Whole,    ///< what would let one act as the person: takes the right to give each of their roles
    StopOnly  ///< keeping the person out, or no longer: any administrator of people, the other side's too
};
/// The person of the route's {id}. Throws Error(NotFound), or Error(NotAllowed) unless the one who asks may.
people::Person load_managed(Context& context, Power power = Power::Whole);

/// Where a role holds: "市民生活部 市民課 の /kurashi/", "本人の所属", "サイト全体".
std::string reach_of(sys::Reader& db, const people::Grant& grant);

/// A password that is shown this once; `back` is where the screen leads.
http::Response show_password(Context& context, const people::Person& person, std::string_view password,
                             std::string said, std::string back);

}  // namespace web
