// What the commands on anomalies share.
#pragma once

#include <boost/json/object.hpp>

#include "door/cli/command.h"
#include "flow/site.h"
#include "ground/people/rights.h"
#include "watch/signals/anomaly.h"

namespace cli {

boost::json::object as_json(const signals::Anomaly& anomaly);
std::string as_line(const signals::Anomaly& anomaly);
signals::AnomalyId anomaly_of(const Invocation& invocation);
/// Who acts from the shell, in the watch's ledger: the person of --as, who is signed in and has to have the right, or
/// the system user, who holds the site's files. Throws Error(NotAllowed).
signals::By watch_by(const Invocation& invocation, people::Act act);
constexpr Option kActingOption{"--as", "The login name of the person who does this; their password is asked for"};
/// watch.db; the office's database is not opened. Throws Error(NotFound) when the folder is no site.
std::unique_ptr<sys::Database> open_watch(const Invocation& invocation);

}  // namespace cli
