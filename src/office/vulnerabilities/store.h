// Weaknesses as the office keeps them: the inventory, what feeds told, the records that came of it, and how each was
// judged. A record is one weakness, however many sources tell of it; it begins with its receipt, and 30 days later,
// on an open day, it has to be reported. Every act is one transaction with its line in the ledger; patches are in
// patches.h, inspections in inspections.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"
#include "ground/calendar/office.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"
#include "office/advisories/advisory.h"
#include "office/vulnerabilities/inventory.h"
#include "office/vulnerabilities/match.h"

namespace vulnerabilities {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

/// Who does it, and when: "person:12", "system:watch".
struct By {
    std::string who;
    base::Instant at;
};

// --- the inventory

struct Taken {
    std::int64_t total = 0, added = 0, gone = 0;
};
/// Makes `found` what there is of this kind: what is not among them is gone as of now. Act "inventory.take", when
/// something changed.
Taken keep_inventory(sys::Transaction& tx, std::string_view kind, std::span<const Component> found, const By& by);
/// By hand. Throws Error(BadInput) without a name, Error(Conflict) when it is there.
Component add_component(sys::Transaction& tx, const Component& made, const By& by);
/// Only what was entered by hand. Throws Error(NotFound).
void remove_component(sys::Transaction& tx, std::int64_t id, const By& by);
struct InventoryFilter {
    std::string kind, words;
    bool with_gone = false;
    int limit = 50'000, offset = 0;
};
/// By kind, name, version.
std::vector<Component> list_inventory(sys::Reader& db, const InventoryFilter& filter = {});
/// Of each kind: how many there are, and when they were taken last.
struct KindCount {
    std::string kind;
    std::int64_t count = 0;
    std::optional<base::Instant> taken;
};
std::vector<KindCount> count_inventory(sys::Reader& db);

// --- the feeds

struct Feed {
    std::string name;  ///< of the settings
    std::string etag, last_modified;
    std::optional<base::Instant> asked_at, good_at;
    std::string problem;  ///< why the last turn failed; "" = it did not
    std::int64_t items = 0, left_out = 0;
    std::string hash;      ///< of the bytes that were read last
    bool has_gap = false;  ///< nothing of the last good turn was in this one: something in between may be missing
    std::optional<base::Instant> changed_at;  ///< when its bytes were others the last time
    std::int64_t usual = 0;                   ///< how many items it has had

    /// Half of what it had is gone. What it has now becomes usual after some turns.
    bool is_shrunk() const { return usual >= 10 && items * 2 < usual; }
    /// A whole turn told so many.
    void count(std::int64_t told);
};
std::vector<Feed> list_feeds(sys::Reader& db);
std::optional<Feed> find_feed(sys::Reader& db, std::string_view name);
void note_feed(sys::Transaction& tx, const Feed& feed);

// --- what was told, and the records

/// As it was told last, whether it became a record or not.
std::optional<advisories::Advisory> find_told(sys::Reader& db, std::string_view source, std::string_view id);

enum class Verdict { None, NotOurs, Unaffected, Act, Watch };
std::string_view verdict_id(Verdict verdict);       ///< "", "not-ours", "unaffected", "act", "watch"
std::string_view verdict_wording(Verdict verdict);  ///< 未判定, 対象外, 影響なし, 要対応, 監視
std::optional<Verdict> find_verdict(std::string_view id);

/// Where a record stands; worked out of what it holds and the moment.
enum class Standing { New, Review, Act, Watch, Done };
std::string_view standing_id(Standing standing);       ///< "new", "review", "act", "watch", "done"
std::string_view standing_wording(Standing standing);  ///< 未判定, 再確認, 対応中, 監視中, 済み

constexpr int kReportWithin = 30;    ///< days: from our receipt to the report, from a publication to the decision
constexpr int kLongestReview = 366;  ///< days until somebody has to look again
/// The last moment for what is owed 30 days after `from`: brought forward where the office is closed then, as contracts
/// count it.
base::Instant owed_by(const calendar::OfficeCalendar& office, base::Instant from);

struct Record {
    std::int64_t id = 0;
    std::string number;  ///< "脆弱性-2027-0012"
    std::string title, summary;
    advisories::Severity severity = advisories::Severity::Unknown;
    double score = -1;
    std::string score_version;
    base::Instant received_at, due_at;
    Verdict verdict = Verdict::None;
    std::string reason, action, judged_by;
    std::optional<base::Instant> judged_at, reported_at, fixed_at;
    std::optional<base::Day> review_on;
    bool is_withdrawn = false;
    std::int64_t change = 0;  ///< counts what was changed, so that a form that is behind does not overwrite

    Standing standing(base::Instant now) const;
    std::string subject() const;  ///< "vulnerability:7"
};

struct Told {
    std::int64_t id = 0;
    std::string source, external_id, title, summary, solution, link, severity, vector;
    double score = -1;
    std::optional<base::Instant> published, modified;
    base::Instant received_at;
    bool is_withdrawn = false;
    std::vector<std::string> aliases;
    std::vector<std::string> products;  ///< "見本社 見本CMS：2.0.3 およびそれ以前"
};
/// Whether one of the sources knows it to be used in attacks.
bool is_exploited(std::span<const Told> told);
struct Concern {
    std::int64_t component = 0;
    std::string kind, name, version, basis;
    bool is_sure = false;
    bool is_over = false;  ///< the newest look did not find it any more: it was upgraded or taken away
};
struct Judgement {
    Verdict verdict = Verdict::None;
    std::string reason, action, by;
    base::Instant at;
    std::optional<base::Day> review_on;
};

/// What became of one advisory.
struct Received {
    enum class What { Known, Kept, New, Joined, Changed } what = What::Kept;  ///< Kept: not ours, kept for searches
    std::int64_t record = 0;                                                  ///< 0 = none
};
/// Keeps what a feed told. What matches becomes a record ("vulnerability.receive ours=true"), or joins the one that has
/// one of its ids; what was withdrawn, or was changed after it was judged "not ours", "unaffected" or "watch", comes
/// back to be looked at; so does one that was fixed, when it is found in something anew. The same again changes
/// nothing. `components` is the inventory that `matches` counts in.
Received receive(sys::Transaction& tx, const advisories::Advisory& advisory, std::span<const Match> matches,
                 std::span<const Component> components, const calendar::OfficeCalendar& office, const By& by);
/// A record by hand: of a call, a mail, a source without a feed. Throws Error(BadInput).
/// The same `once` (of a form) gives the same record.
Record add_record(sys::Transaction& tx, std::string_view title, std::string_view source, std::string_view words,
                  const calendar::OfficeCalendar& office, const By& by, std::string_view once = {});
/// A told thing that nothing matched becomes a record all the same. Throws Error(NotFound), Error(Conflict).
Record examine(sys::Transaction& tx, std::int64_t told, const calendar::OfficeCalendar& office, const By& by);

/// Throws Error(BadInput) without a reason, without a review day (of all but "act") or with one that is past or too
/// far; Error(Conflict) when it was changed since `change`.
Record judge(sys::Transaction& tx, std::int64_t record, const Judgement& made, std::int64_t change);
/// "vulnerability.report": the client was told, at `told_at`. The first time counts: again changes nothing. Throws
/// Error(Conflict) before a judgement.
void note_report(sys::Transaction& tx, std::int64_t record, std::string_view document, base::Instant told_at,
                 const By& by);
/// Brings up to date by when each record is owed that is not reported yet: `office` may count its days otherwise than
/// when it came. "vulnerability.deadline" for each that changes; how many.
std::int64_t renew_deadlines(sys::Transaction& tx, const calendar::OfficeCalendar& office, const By& by);
void add_note(sys::Transaction& tx, std::int64_t record, std::string_view text, const By& by);

struct RecordFilter {
    std::optional<Standing> standing;
    std::string words;
    std::optional<base::Instant> from, until;  ///< received
    std::int64_t before = 0;
    int limit = 200;
    bool is_unreported = false;  ///< only those of which the client was not told yet
    bool is_open = false;        ///< not those that are done and of which the client was told
};
/// What is due first comes first; what is done, and what is searched for, the newest first.
std::vector<Record> list_records(sys::Reader& db, const RecordFilter& filter, base::Instant now);
std::optional<Record> find_record(sys::Reader& db, std::int64_t id);
Record load_record(sys::Reader& db, std::int64_t id);
std::vector<Told> list_told(sys::Reader& db, std::int64_t record);
std::vector<Concern> list_concerns(sys::Reader& db, std::int64_t record);
std::vector<Judgement> list_judgements(sys::Reader& db, std::int64_t record);  ///< newest first
struct Counts {
    std::int64_t is_new = 0, review = 0, act = 0, watch = 0, done = 0, late = 0;
};
Counts count_records(sys::Reader& db, base::Instant now);
/// What was told and is no record, newest first.
std::vector<Told> list_unmatched(sys::Reader& db, std::string_view words, int limit);
std::int64_t count_told(sys::Reader& db, base::Instant from, base::Instant until);

/// For a fresh look with another inventory: what was told since then, and what is of a record, one by one.
void each_told(sys::Reader& db, base::Instant since, const std::function<bool(const advisories::Advisory&)>& take);
/// After a whole look at a source: its concerns that were not found again are over. Gives how many.
std::int64_t end_concerns(sys::Transaction& tx, std::string_view source, base::Instant seen_since);
/// Forgets what was told before, and never came to concern us.
std::int64_t forget_told(sys::Transaction& tx, base::Instant before);

}  // namespace vulnerabilities
