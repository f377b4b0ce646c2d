// Making and exchanging session rows: inside signing in only.
#pragma once

#include "ground/people/sessions.h"

namespace people {

std::string_view stage_id(Stage stage);

/// Adds the session of `token`. An open one lasts for the absolute limit, another for the unfinished one.
Session add_session(sys::Transaction& tx, std::string_view token, PersonId person, Stage stage, base::Instant now,
                    std::string_view address, std::string_view agent, const SessionLimits& limits);
void remove_session(sys::Transaction& tx, std::string_view session_id);
/// The person has just proved who they are.
void set_proved(sys::Transaction& tx, std::string_view session_id, base::Instant now);

}  // namespace people
