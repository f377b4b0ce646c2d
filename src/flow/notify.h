// Who is told of what, by mail. What happened is read from the ledger, whose line stands in the transaction of the act:
// so nothing that happened is missed, whatever door it came through, and no act fails because of its mail. A notice is
// made once, waits for the next mail to its person (at once, or the morning's digest as they have chosen), and becomes
// a letter in the outbox; a notice that is settled before that is not sent any more.
//
//   asked           may approve, at the step that is asked     at once or digest
//   reminder        has not answered within opening hours      at once or digest
//   returned        got it back, with the comment              at once or digest
//   scheduled       was approved, goes public at its time      at once or digest
//   approved        was approved, waits for their hand         at once or digest
//   published       is public, or down, with the receipt       at once or digest
//   failed          could not be published                     urgent
//   emergency       may approve an emergency publication       urgent: at once whatever they have chosen
//   emergency-open  the same, while nobody has                 urgent
//   approved-after  their emergency publication was approved   at once or digest
//   takedown        works in the department of a page that comes down soon
//   template-asked  may approve a change of a template
//   service         may stop the site or the office in an emergency, when somebody has, or when the watch has fallen
//                   silent: urgent
#pragma once

#include <functional>
#include <string>

#include "flow/site.h"
#include "ground/base/ids.h"

namespace flow {

/// The settings name a mail server and a sender.
bool is_mail_on(const settings::Settings& settings);
/// Where staff open the screens, without a slash at the end.
std::string office_url_of(const settings::Settings& settings);

/// Makes notices of what the ledger has recorded since the last time, and lets those go on whose publication has an
/// outcome. The first time it only notes where the ledger stands: nobody is told of the past. While mail is off,
/// nothing is gathered. Returns the number of notices.
int gather_notices(Site& site);
/// Tells whoever is asked now and was not told yet: deputies and successors come in without an act of their own.
int gather_requests(Site& site);
/// Calls waiting requests and open emergency publications to mind, once per span of time.
int gather_reminders(Site& site);
/// Tells departments which of their pages come down within the days that the settings say.
int gather_takedowns(Site& site);

/// Puts what waits into letters, one a person: what is urgent at once; the rest to those who want it at once, unless
/// they had a letter within mail.bundle_minutes. Returns the number of letters.
int write_letters(Site& site);
/// One letter for each person who wants a digest, of all that waits. Call it in a job's transaction.
int write_digests(sys::Transaction& tx, Site& site);

struct Mailed {
    int sent = 0, later = 0, failed = 0;
};
/// Sends the outbox's letters that are ready, until none is, the settings' number a minute is reached, the server is at
/// fault, or `is_stopped` says so.
Mailed send_letters(Site& site, const std::function<bool()>& is_stopped = {});

/// A letter to the person alone, to see whether mail arrives. Throws Error(BadInput) when they have no address.
void queue_test_letter(sys::Transaction& tx, Site& site, base::PersonId person);

}  // namespace flow
