// What the screens of incidents share.
#pragma once

#include "door/web/context.h"
#include "office/incidents/incident.h"

namespace web {

inline incidents::By doer_of(const Context& context) {
    return {fmt::format("person:{}", context.person.id.value), context.now()};
}
tmpl::List severity_choices(std::string_view chosen);
std::string incident_state_kind(incidents::State state);  ///< the colour of its chip

}  // namespace web
