// A question comes in, by whatever way, and is answered: who may ask is looked at (A6.3), files are screened and kept,
// the asker is told the number and until when an answer comes, or outside hours the emergency telephone. Others than
// those who may ask get the names of the site administrators; what they wrote is kept all the same, and
// the helpdesk may take it on. Faults (A5.3) and what comes by the emergency form are taken from everybody.
#pragma once

#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/people/rights.h"
#include "office/helpdesk/clocks.h"
#include "office/helpdesk/store.h"

namespace flow {

/// The times of the settings.
helpdesk::Limits desk_limits(const settings::Settings& settings);
/// A site administrator (or the maintainer), or somebody whom one has allowed.
bool may_ask(sys::Reader& db, const people::Actor& actor);
/// The active person with that mail address; nobody when several have it.
std::optional<people::Person> find_person_by_mail(sys::Reader& db, std::string_view address);

struct SentFile {
    std::string name, bytes;
};

struct TakenQuestion {
    helpdesk::QuestionId id;
    bool is_referred = false;
    /// What could not be kept, with the reason; the question is taken without it.
    std::vector<std::string> lost_files;
};
/// A mail that was claimed (helpdesk::claim_mail), and whether its sender is answered at once: never what a program may
/// have written.
struct FromMail {
    std::string key;
    bool is_answered = true;
};
/// `made.is_referred` is decided here, by `made.asker.person`. The mail is finished in the same transaction; nothing is
/// taken when it is finished already (Error(Conflict)). An asker without an address, and one who has had many automatic
/// replies lately, is not written to.
TakenQuestion take_question(Site& site, const helpdesk::NewQuestion& made, const std::vector<SentFile>& files,
                            const helpdesk::By& by, const FromMail* mail = nullptr);

/// The same question goes on. Files as above.
std::vector<std::string> take_more(Site& site, helpdesk::QuestionId id, const helpdesk::Message& said,
                                   const std::vector<SentFile>& files, const helpdesk::By& by,
                                   const FromMail* mail = nullptr);

/// Records the answer and sends it to the asker's address, if there is one, in the question's thread (not what was said
/// in a call). Throws as helpdesk::answer does, and Error(BadInput) when it would reach nobody: the asker sees no
/// screen and has no address, or mail is off.
void answer_question(Site& site, helpdesk::QuestionId id, std::int64_t version, helpdesk::Reply reply,
                     const helpdesk::By& by);

/// An incident from a question, linked with it. `once` of the incident: the same question gives the same incident.
std::int64_t open_incident(Site& site, helpdesk::QuestionId id, const helpdesk::By& by);

/// "【問合せ 受付-2027-0012 1a2b3c4d5e】件名", and the token of such a subject; empty: it has none.
std::string thread_subject(const helpdesk::Question& question);
std::string token_of_subject(std::string_view subject);

}  // namespace flow
