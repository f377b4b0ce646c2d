// What the screens of planned stops share: the form of a plan, in one template.
#pragma once

#include "door/web/context.h"
#include "office/stops/stop.h"

namespace web {

/// The form's values: as typed, or those of `plan`.
void put_plan(Context& context, tmpl::Map& values, const stops::Plan& plan, bool is_typed);
/// Throws Error(BadInput) for a time that is none.
stops::Plan typed_plan(const Context& context);
/// The last days for telling of a start that was typed, for the form; empty where the contract asks for none.
tmpl::List limit_rows(Context& context, const stops::Limits& limits, base::Instant now);
std::string stop_state_kind(stops::State state);

}  // namespace web
