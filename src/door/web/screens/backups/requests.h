// What was asked of the backups, as its screens show it: how far it is, and what came of it.
#pragma once

#include "door/web/context.h"
#include "watch/backup/requests.h"

namespace web {

/// The watch does what is asked for.
bool is_watch_at_work(Context& context);
/// The watch's database. Throws Error(NotFound) while there is none.
sys::Database& need_watch_database(Context& context);

/// {id, path, wish, target, repository, who, why, asked, stage (chip), is_open, phase, problem} for rows.html.
tmpl::Map request_row(Context& context, const backup::Request& request);
tmpl::List request_rows(Context& context, const std::vector<backup::Request>& requests);

/// "データベースを確かめています".
std::string phase_words(std::string_view phase);
/// The steps of what runs, in order: {name, is_over, is_now}; empty when there is nothing to tell apart.
tmpl::List phase_values(const backup::Request& request);

}  // namespace web
