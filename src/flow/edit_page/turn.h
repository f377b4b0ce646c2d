// One person's turn with one page, inside one transaction: what is there, what workflow is asked, and how the answer
// and the ledger line are written. Shared by the files of this folder; doors see flow/edit_page.h.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "flow/edit_page.h"
#include "ground/people/rights.h"

namespace flow {

struct Turn {
    Site& site;
    const Doer& doer;
    base::Instant now;
    content::Page page;
    content::Revision latest;
    workflow::Standing standing;
    people::Actor actor;
    people::Scope scope;

    std::string by() const;       ///< "person:12"
    std::string subject() const;  ///< "page:37"
};

Turn begin_turn(sys::Reader& db, Site& site, base::PageId page, const Doer& doer);
/// The same, if the standing is still the one that the person saw. Throws Stale.
Turn begin_turn(sys::Transaction& tx, Site& site, base::PageId page, std::int64_t version, const Doer& doer);

/// Everything that a decision on `verb` looks at, but what the person typed.
workflow::Case make_case(sys::Reader& db, const Turn& turn, workflow::Verb verb);
/// workflow::decide, unless a planned stop has closed editing: then only what an emergency needs is left (publish and
/// withdraw at once, approve afterwards, and writing for those who may publish in an emergency).
workflow::Decision decide_now(sys::Reader& db, const Turn& turn, workflow::Verb verb, const workflow::Case& asked);
/// What to say while a planned stop has closed editing; nothing when it is open, or the person is one of those.
std::optional<Refusal> find_freeze(sys::Reader& db, const people::Actor& actor, const people::Scope& scope,
                                   base::Instant now);
/// The steps that the page would be submitted with now.
std::vector<workflow::Step> steps_for(sys::Reader& db, const Turn& turn);
/// Who wrote what the latest revision would bring to the public: since the last live one, restored text's writers
/// included.
std::vector<base::PersonId> writers_of(sys::Reader& db, const Turn& turn);
/// The page's department, or its section's or the nearest section's above.
base::DepartmentId department_of(sys::Reader& db, base::DepartmentId own, base::SectionId section);

/// Stores the turn's standing; it has its new version then.
void keep_standing(sys::Transaction& tx, Turn& turn);
/// Brings the turn's latest revision out, or its live one down, at once: what an approval, a person or an emergency has
/// decided. Stores the standing; the outcome has the receipt.
Outcome publish_turn(sys::Transaction& tx, Turn& turn, std::string_view kind, std::string_view reason);
Outcome withdraw_turn(sys::Transaction& tx, Turn& turn, workflow::Ending ending);

/// Why the page cannot end like that: it is to send visitors to itself, to a place that is not public, or to what is no
/// address. Nothing when it can.
std::optional<std::string> find_ending_fault(sys::Reader& db, const Site& site, const content::Page& page,
                                             const workflow::Ending& ending);
/// Throws Error(BadInput) for that, and for words that are too long.
void check_ending(sys::Reader& db, const Site& site, const content::Page& page, const workflow::Ending& ending);

/// Asks for approval to take the live page down, at `at` or as soon as it is approved.
Outcome ask_withdraw(Site& site, base::PageId page, std::int64_t version, const workflow::Ending& ending,
                     const Doer& doer, base::Instant at);

Outcome outcome(const Turn& turn);
Outcome refused(const Turn& turn, std::string_view ja, std::string_view en);
Outcome refused(const Turn& turn, const workflow::Decision& decision);

struct Field {
    std::string_view name;
    std::variant<std::int64_t, std::string> value;
};
/// A ledger line's detail; empty texts and zeros are left out.
std::string write_detail(std::initializer_list<Field> fields);
/// Writes the line of `act`, with the door's system user.
void note(sys::Transaction& tx, const Turn& turn, std::string_view act, std::initializer_list<Field> fields = {});

/// Throws Error(BadInput) on text that is too long, or no UTF-8.
void need_words(std::string_view text, std::string_view what, std::size_t longest);

/// Asks for the page, decides on `verb` with what `fill` adds to the case, and on yes runs `effect`, all in one
/// transaction.
Outcome decide_and(Site& site, base::PageId page, std::int64_t version, workflow::Verb verb, const Doer& doer,
                   const std::function<void(workflow::Case&)>& fill,
                   const std::function<Outcome(sys::Transaction&, Turn&, const workflow::Decision&)>& effect);

}  // namespace flow
