// What the helpdesk's screens share: who sees which question, and its values.
#pragma once

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "flow/take_question.h"
#include "office/helpdesk/answers.h"
#include "office/helpdesk/clocks.h"
#include "office/helpdesk/roster.h"
#include "office/helpdesk/store.h"

namespace web {

helpdesk::By desk_by(const Context& context);
/// The helpdesk, the city's site administrators and the auditors; others see their own.
bool sees_all_questions(const Context& context);
/// Of the route's {id}. Throws Error(NotFound), also for one that the person may not see.
helpdesk::Question load_seen_question(Context& context);

/// Of one question, for the board and its own screen.
tmpl::Map question_row(const helpdesk::Question& one, const helpdesk::Clocks& clocks, base::Instant now);
tmpl::Map message_row(const helpdesk::Message& message, base::Instant now);
/// {name, path} of "page:12", "incident:3".
tmpl::Map link_row(std::string_view subject);
std::string name_of_doer_of(Context& context, std::string_view by);
/// "8時間5分"
std::string hours_text(std::chrono::minutes time);

}  // namespace web
