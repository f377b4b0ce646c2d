// What editors and administrators do, one act a call, for tests that kill, cut the power or fill the disk in between:
// people of their own, and the page kurashi/gomi.html with a region "main", which the test has taken over.
#pragma once

#include <set>
#include <string>

#include "flow/site.h"
#include "press/workflow/moves.h"

namespace tests {

/// "prepare" (people, sections, a page made from a template: before the takeover), "save", "submit", "submit-for-later"
/// (due in a day), "approve", "withdraw" (pool/p<number>.html, moved), "rename" (the same page), "ask-template",
/// "approve-template", "region". Throws when it is refused; when it returns, the act is acknowledged.
void do_act(flow::Site& site, const std::string& act, int number);

/// What "save" with this number writes, and all that was ever saved.
std::string saved_text(int number);
std::set<std::string> list_saved(flow::Site& site);
/// Where kurashi/gomi.html stands.
workflow::State standing_of(flow::Site& site);

}  // namespace tests
