// A restored site whose origin is lost goes on in its place: from now on it makes the backups.
#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "flow/backup_site.h"
#include "ground/ledger/store.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const people::By by = by_shell(invocation);
    const bool was_beside = flow::is_restored_beside(site->folders);
    if (was_beside) {
        site->database->write([&](sys::Transaction& tx) {
            ledger::append(tx, {by.at, by.text(), "backup.adopt", "site:" + site->settings.site.id, "{}"});
        });
        flow::adopt_restored(site->folders);
    }
    invocation.answer({{"site", site->folders.site.string()}, {"adopted", was_beside}},
                      was_beside ? "this restored site makes the backups from now on"
                                 : "this site makes its backups already; nothing was changed");
    return kDone;
}

}  // namespace

extern const Command backup_adopt{
    "backup", "adopt", "Let a restored site make backups, where its origin is lost", {}, run};

}  // namespace cli
