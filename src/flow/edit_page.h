// What people do with a page, one call each: make, save, submit, take back, return, approve, publish, withdraw,
// restore, discard. Each asks `people` and `workflow`, changes everything in one transaction with its ledger line, and
// says where the page stands now. What leads to a change in public gives a receipt to wait for.
//
// A refusal is a value (Outcome::refusal). Thrown are: Stale (somebody was first; it carries both versions),
// Error(BadInput) for text that cannot be kept, Error(NotFound).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/base/error.h"
#include "press/publish/receipt.h"
#include "press/workflow/store.h"

namespace flow {

/// Who acts, and through which door: "" for the screens, "cli:sato" with the system user for the command line.
struct Doer {
    base::PersonId person;
    std::string via;
};

struct Refusal {
    std::string ja, en;
};

struct Outcome {
    std::optional<Refusal> refusal;  ///< then nothing has changed, and the rest says how things stand
    content::Page page;
    workflow::Standing standing;
    base::RevisionId revision;         ///< the latest
    base::Hash hash;                   ///< of it: what `opened` has to be
    std::int64_t receipt = 0;          ///< of the publication that this has led to, now or at its time; 0 = none
    std::vector<std::string> removed;  ///< save: markup that is not allowed and went: "<script>"
    explicit operator bool() const { return !refusal; }
    std::int64_t version() const { return standing.version; }
};

/// Somebody has changed the page since this was opened. Show both; nothing typed may be lost.
class Stale : public base::Error {
  public:
    Stale(base::RevisionId yours, base::RevisionId theirs, std::int64_t version, std::string message)
        : Error(base::Kind::Conflict, std::move(message)), based_on(yours), latest(theirs), current_version(version) {}
    base::RevisionId based_on;     ///< what the person had before them; 0 when only the state has changed
    base::RevisionId latest;       ///< what is there now
    std::int64_t current_version;  ///< to go on from, after both were seen
};

struct NewDraft {
    std::string path;  ///< percent form: "kurashi/gomi/index.html"; its section is made when it is not there
    content::Body body;
    base::DepartmentId department;  ///< 0 = the section's
    /// A page taken over, whose frame (document and regions) the new one gets; 0 = composed from body.template_name.
    base::PageId like;
    std::string language = "ja";
};
Outcome create_page(Site& site, const NewDraft& made, const Doer& doer);

enum class Saving {
    ByHand,   ///< a new revision, or the end of a row of autosaves
    Autosave  ///< replaces the author's last autosave, if nobody has been asked about that
};
struct Save {
    base::PageId page;
    /// Whole: parts that are absent keep the original's bytes (taken over) or are empty (composed).
    content::Body body;
    base::RevisionId based_on;  ///< the revision that the person had before them
    std::int64_t version = 0;   ///< of the standing
    Saving saving = Saving::ByHand;
    bool accepts_losses = false;  ///< the author has seen which legacy markup goes (LostMarkup) and wants it so
    std::string note;
};
Outcome save_draft(Site& site, const Save& save, const Doer& doer);

/// Saving would silently lose markup of a page that was taken over.
class LostMarkup : public base::Error {
  public:
    LostMarkup(std::vector<std::string> what, std::string message)
        : Error(base::Kind::BadInput, std::move(message)), losses(std::move(what)) {}
    std::vector<std::string> losses;  ///< "main: <font> 3 → 0"
};

/// The page gets another path (percent form: "kosodate/teate.html"), as a draft that is to be approved like any other
/// change; what is public stays where it is until then, and leaves a redirect. Discarding the draft takes the page
/// back. A page that was taken over stays in its folder: its links count from there.
Outcome move_page(Site& site, base::PageId page, std::int64_t version, const std::string& path, const Doer& doer);

struct Submission {
    base::Instant publish_at;   ///< 0 = as soon as it is approved
    bool is_by_hand = false;    ///< approved, it waits for publish_now
    base::Instant withdraw_at;  ///< 公開終了日時; 0 = none
    std::string comment;
    std::vector<base::Finding> findings;  ///< of the page as it would be public; one of severity Error refuses
};
Outcome submit(Site& site, base::PageId page, std::int64_t version, const Submission& submission, const Doer& doer);
Outcome take_back(Site& site, base::PageId page, std::int64_t version, const Doer& doer);
Outcome return_page(Site& site, base::PageId page, std::int64_t version, std::string_view comment, const Doer& doer);

/// One of several. `opened` proves that the page was opened as it is now: Outcome::hash or Revision::hash.
struct Consent {
    base::PageId page;
    std::int64_t version = 0;
    base::Hash opened;
    std::string comment;
    std::vector<base::Finding> findings;
};
Outcome approve(Site& site, const Consent& consent, const Doer& doer);
/// Each in a transaction of its own: one that is refused or stale costs itself only (a refusal in its Outcome).
std::vector<Outcome> approve_all(Site& site, std::span<const Consent> consents, const Doer& doer);
/// Of an emergency publication that is open; `opened` is its hash. The oldest, when there are several.
Outcome approve_afterwards(Site& site, const Consent& consent, const Doer& doer);

Outcome cancel_schedule(Site& site, base::PageId page, std::int64_t version, const Doer& doer);
Outcome publish_now(Site& site, base::PageId page, std::int64_t version, const Doer& doer);
/// The latest revision goes public without approval, whatever check_page says of it; that is kept for those who look at
/// it afterwards.
Outcome emergency_publish(Site& site, base::PageId page, std::int64_t version, std::string_view reason,
                          const Doer& doer);

enum class Asking {
    WithApproval,  ///< asks the approvers
    AtOnce         ///< the site administrator
};
Outcome withdraw(Site& site, base::PageId page, std::int64_t version, const workflow::Ending& ending, Asking asking,
                 const Doer& doer, base::Instant at = {});
/// `revision` becomes a new draft; what is live stays so.
Outcome restore(Site& site, base::PageId page, base::RevisionId revision, std::int64_t version, const Doer& doer);
/// The page goes back to its live revision; the draft stays in the history.
Outcome discard(Site& site, base::PageId page, std::int64_t version, const Doer& doer);

// --- asking

/// How a page stands, without changing it.
Outcome look_at(Site& site, base::PageId page);
/// The verbs that the person may use on it now, in the order of the table: the buttons of the screen.
std::vector<workflow::Verb> list_verbs(Site& site, base::PageId page, base::PersonId person);
/// Whom the page waits for.
std::vector<workflow::Candidate> list_asked(Site& site, base::PageId page);

/// What waits for a person: the counts of their first screen. The lists: workflow::list_waiting,
/// `list_emergencies_for`, `list_failures_of`.
struct Waiting {
    std::int64_t drafts = 0, returned = 0, to_approve = 0, submitted = 0, approved = 0, scheduled = 0;
    std::int64_t failures = 0;     ///< publications that this person asked for and that failed
    std::int64_t emergencies = 0;  ///< open ones that this person may approve afterwards
};
Waiting waiting_for(Site& site, base::PersonId person);
std::vector<workflow::Emergency> list_emergencies_for(Site& site, base::PersonId person, int limit);
std::vector<publish::Receipt> list_failures_of(Site& site, base::PersonId person, int limit);

/// Works out anew who is asked for each submitted page; after people, roles, absences or the day have changed. Returns
/// the number of pages for which that made a difference.
int refresh_requests(Site& site);

}  // namespace flow
