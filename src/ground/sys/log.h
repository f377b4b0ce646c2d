// The structured log: one JSON object a line on standard error (or to a file), with time, level, what happened and
// fields. Control characters are escaped, so that nothing logged can forge a line. Never log passwords, tokens, cookies
// or form bodies.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sys {

enum class Level { Debug, Info, Warning, Error };
/// How the lines look: prose for a person at a terminal, JSON for a service.
enum class LogForm { Prose, Json };

using LogField = std::pair<std::string_view, std::string>;

void start_log(Level lowest, LogForm form);
/// `what` is fixed text ("release placed"); what varies goes into fields.
void log(Level level, std::string_view what, std::initializer_list<LogField> fields = {});

}  // namespace sys
