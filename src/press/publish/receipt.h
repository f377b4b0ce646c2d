// The receipt of a publication (公開結果): who asked for what, why, which public paths changed, when it was in place
// and when that was read back. Author and approver see it; the screen that waits for "it is live" polls it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ground/base/ids.h"
#include "ground/base/time.h"
#include "ground/release/record.h"
#include "ground/sys/database.h"
#include "press/publish/queue.h"

namespace publish {

enum class ReceiptState {
    Waiting,  ///< asked for, not yet in place
    Placed,   ///< on the public server's disk
    Checked,  ///< and read back over HTTP
    Failed    ///< see `problem`
};
std::string_view receipt_state_name(ReceiptState state);

struct Receipt {
    std::int64_t id = 0;
    std::string kind;   ///< "publish", "withdraw", "restore", "emergency", "template"
    base::PageId page;  ///< 0 = not about one page
    base::RevisionId revision;
    base::PersonId person;
    std::string reason;
    base::Instant due_at;
    base::Instant made_at;
    ReceiptState state = ReceiptState::Waiting;
    std::int64_t release = 0;
    std::vector<std::string> changes;  ///< "put kurashi/index.html", "del old.html"; at most kMostChanges
    std::optional<base::Instant> placed_at, checked_at;
    std::string problem;
};
constexpr std::size_t kMostChanges = 500;

/// The receipt's number, for mark_dirty's `cause`. `made.id` and the outcome fields are ignored.
std::int64_t add_receipt(sys::Transaction& tx, const Receipt& made);
/// Of a publication that was called off before its time; nothing happens unless it still waits.
void remove_receipt(sys::Transaction& tx, std::int64_t id);
std::optional<Receipt> find_receipt(sys::Reader& db, std::int64_t id);
/// Newest first.
std::vector<Receipt> list_receipts(sys::Reader& db, base::PageId page, int limit);
/// Of all pages, newest first, from below `before` (0 = from the newest).
std::vector<Receipt> list_recent(sys::Reader& db, std::int64_t before, int limit);
std::vector<Receipt> list_failed(sys::Reader& db, int limit);
/// Those of them that nothing has made good since: no later publication of the same page (or, about no page, of the
/// same kind) is in place and, where the server had answered with something else, no later release was read back right.
std::vector<Receipt> list_open_failed(sys::Reader& db, int limit);

/// The release that the batch's receipts waited for is sealed / there was nothing to change / it is placed / read back.
void note_sealed(sys::Transaction& tx, const DirtyBatch& batch, const release::Record& record);
void note_unchanged(sys::Transaction& tx, const DirtyBatch& batch, base::Instant at);
void note_placed(sys::Transaction& tx, std::int64_t release, base::Instant at);
void note_checked(sys::Transaction& tx, std::int64_t release, base::Instant at, std::string_view problem);
/// The source could not be rendered: whoever waits for one of the batch's changes is told so.
void note_failed(sys::Transaction& tx, const DirtyBatch& batch, std::string_view problem);

}  // namespace publish
