// The incident manual (障害時対応マニュアル): pages of text with steps to check, each linked from the kinds of
// anomalies that it is about. The program brings some; a city's own version of one, or a new one, is kept with all its
// versions.
#pragma once

#include "office/incidents/incident.h"

namespace incidents {

struct Runbook {
    std::string slug;  ///< "site-down": in addresses; never changes
    int number = 0;    ///< of the version; 0 = as the program brings it
    std::string title;
    std::vector<std::string> about;  ///< "probe:http*", "guard:*": source and kind; * at an end is any ending
    std::string body;                ///< plain text, an empty line begins a paragraph
    std::vector<std::string> steps;  ///< what is checked off, in order
    std::string by;
    std::optional<base::Instant> at;
};

/// By title; the city's own versions instead of the program's.
std::vector<Runbook> list_runbooks(sys::Reader& db);
/// Throws Error(NotFound).
Runbook load_runbook(sys::Reader& db, std::string_view slug);
/// Those about an anomaly of this source and kind, the most fitting first; the general one when there is no other.
std::vector<Runbook> list_runbooks_for(sys::Reader& db, std::string_view source, std::string_view kind);
/// A new version; `made.number` is the one that the person had before them. Throws Error(BadInput), (Conflict).
Runbook write_runbook(sys::Transaction& tx, const Runbook& made, const By& by);

}  // namespace incidents
