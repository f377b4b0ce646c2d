// What an approval has set for a time: pages that go public or come down when the clock says so. The press calls it
// before it renders. One page that cannot be published costs only itself: its receipt fails, the page stands at
// Approved with the reason, and its old live revision stays public.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "flow/mark_changes.h"
#include "flow/site.h"
#include "press/workflow/moves.h"

namespace flow {

/// Brings out and takes down what is due. Returns the number of pages that changed. Idempotent: each page is judged
/// anew in its own transaction.
int activate_due(Site& site);
/// When to come again; nothing when nothing is planned.
std::optional<base::Instant> next_activation(sys::Reader& db);

/// Why this revision, approved as `approved`, cannot go public any more (it was changed since, its path is taken);
/// nothing when it can.
std::optional<std::string> find_obstacle(sys::Reader& db, const content::Page& page, const content::Revision& revision,
                                         const base::Hash& approved);

/// Makes `revision` public: live pointer, dirty keys with the receipt as their cause, ledger line. Not the standing's
/// state.
void bring_live(sys::Transaction& tx, const content::Page& page, const content::Revision& revision, base::Instant at,
                std::int64_t receipt, std::string_view by, std::string_view detail);
/// What visitors then find: the new place, word that it is gone, or nothing.
LeftBehind left_behind(const workflow::Ending& ending);
/// Takes the live revision down: pointer, paths, marks, ledger line `act` ("page.withdraw", "page.expire").
void take_down(sys::Transaction& tx, const content::Page& page, base::Instant at, std::int64_t receipt,
               const LeftBehind& left, std::string_view by, std::string_view act, std::string_view detail);

}  // namespace flow
