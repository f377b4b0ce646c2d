// One backup, now. Outside the hours in which the contract allows it, it is refused and that is recorded; with --anyway
// it is made, and the reason is recorded instead.
#include <thread>

#include "door/cli/backup.h"
#include "flow/answer_backups.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

/// Whoever is at the repositories already is waited for until `deadline`.
flow::BackupDone back_up_until(const BackupSite& site, const flow::BackupWish& wish, base::Instant deadline) {
    for (;;) {
        try {
            return flow::back_up(site.place, wish);
        } catch (const base::Error& error) {
            if (error.kind() != base::Kind::Conflict || flow::is_restored_beside(site.place.folders) ||
                site.place.clock.now() >= deadline || is_interrupted())
                throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
}

int run(const Invocation& invocation) {
    const BackupSite site(invocation);
    flow::BackupWish wish;
    wish.repositories = site.repositories(invocation);
    if (invocation.has("--kind")) {
        const auto kind = backup::find_kind(invocation.text("--kind"));
        if (!kind) throw base::Error(base::Kind::BadInput, "--kind is data or system");
        wish.kind = *kind;
    }
    if (const auto from =
            flow::check_backup_hours(site.place, wish.kind, wish.repositories, invocation.text("--anyway"), site.by))
        throw base::Error(base::Kind::NotAllowed,
                          fmt::format("backups are allowed from {} on; this refusal was recorded; --anyway REASON "
                                      "makes one all the same",
                                      base::format_local(*from)));
    wish.by = site.by;
    wish.is_stopped = is_interrupted;
    const std::chrono::minutes patience(invocation.number("--wait", 1, 24 * 60).value_or(0));
    const flow::BackupDone done = back_up_until(site, wish, site.place.clock.now() + patience);
    std::string prose;
    int made = 0;
    for (const backup::Run& run : done.runs) {
        prose += as_line(run);
        if (run.outcome == backup::Outcome::Made) ++made;
    }
    invocation.answer({{"snapshots", as_json(done.runs)}}, base::trim(prose));
    if (is_interrupted()) return kInterrupted;
    if (made == 0) return kFailed;
    return done.is_well() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"--kind", "data (default) or system"},
    {"--repository", "Only to this one: its number or name in the settings"},
    {"--wait", "So many minutes for another backup, verification or restore to end; default: not at all"},
    {"--anyway", "Also outside the allowed hours, for this reason"},
};

}  // namespace

extern const Command backup_now{"backup", "now", "Make a backup now", kOptions, run};

}  // namespace cli
