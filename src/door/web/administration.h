// What the administrators' screens share: the password once more before an act that opens doors, dates and departments
// in forms, and the form that comes back with a sentence when something was refused.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "door/web/context.h"

namespace web {

/// Throws Error(BadInput) with what to say to the person unless who is asking has lately proved who they are, or has
/// sent the right password with this form (field "password"). For proof.html set `needs_password`.
void need_proof(Context& context);

/// Runs the act of a form. What the person can put right (wrong input, a conflict, something refused) is given to
/// `again`, which shows the form as it was typed with the sentence and the status 422 or 409.
http::Response run_act(Context& context, const std::function<http::Response()>& act,
                       const std::function<http::Response(std::string_view problem, int status)>& again);

/// A day of <input type="date">; nothing when empty. Throws Error(BadInput).
std::optional<base::Day> day_field(const Context& context, std::string_view name, std::string_view label);
/// The same of an address; nothing when it is none.
std::optional<base::Day> query_day(const Context& context, std::string_view name);
std::int64_t query_number(const Context& context, std::string_view name);
/// Trimmed, at most `longest` characters.
std::string query_words(const Context& context, std::string_view name, std::size_t longest = 100);
/// "" for nothing.
std::string day_input(const std::optional<base::Day>& day);
/// "令和8年4月1日"; "" for nothing.
std::string era_day(const std::optional<base::Day>& day);

/// {id, name, is_chosen}
tmpl::Map choice(std::string_view id, std::string_view name, std::string_view chosen);
/// The departments of a day as a tree, by which each stands further in than the one above it; `first` is the entry for
/// none ("すべて"). One that is chosen is there also when it is no more.
tmpl::List department_choices(sys::Reader& db, base::Day on, base::DepartmentId chosen, std::string_view first);
/// "くらし部 市民課": a department's name after the names above it.
std::string full_name(sys::Reader& db, base::DepartmentId department);

/// "person:12" as the ledger has it is a name; whoever used the command line, or a service, is the operator.
std::string name_of_doer(sys::Reader& db, std::string_view by);

/// "path?name=value&..." without empty values.
std::string address_of(std::string_view path, const http::Fields& fields);

}  // namespace web
