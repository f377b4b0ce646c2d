// The handbook's tables of probes, made from the kinds and the standard plan: docs/handbook/monitoring.md holds them
// between marks, and a test says when they are out of date.
#pragma once

#include <string>

namespace probes {

/// A row for each kind, with its rhythm and what can be set.
std::string kinds_table();
/// A row for each probe of the standard plan of one machine.
std::string standard_table();

/// `page` with the text between "<!-- NAME -->" and "<!-- /NAME -->" replaced. Throws Error(BadInput) without marks.
std::string with_part(std::string page, const std::string& name, const std::string& text);

}  // namespace probes
