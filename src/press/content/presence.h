// Who has a page's editing form open (編集中): a lease for each person and page, renewed by opening the form, by
// autosave and by the form's heartbeat, and over two minutes after the last of these. It is kept in the database, so
// that every server sees it; it only tells, and never keeps anybody from writing: what meets is shown by the conflict
// screen.
#pragma once

#include <vector>

#include "ground/base/ids.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace content {

constexpr std::chrono::minutes kEditingLease{2};

struct Editing {
    base::PersonId person;
    base::Instant since;  ///< without a break
    bool operator==(const Editing&) const = default;
};

/// The person is at it. Writes at most twice a minute for each person and page, so it may be called often.
void note_editing(sys::Database& db, base::PageId page, base::PersonId person, base::Instant now);
/// The person has left the form.
void end_editing(sys::Database& db, base::PageId page, base::PersonId person);
/// The others who are at it, the earliest first.
std::vector<Editing> list_editing(sys::Reader& db, base::PageId page, base::PersonId but, base::Instant now);

}  // namespace content
