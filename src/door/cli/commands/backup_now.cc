// One backup, now. Outside the hours in which the contract allows it, it is refused and that is recorded; with --anyway
// it is made, and the reason is recorded instead.
#include "door/cli/backup.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

void check_hours(const Invocation& invocation, const BackupSite& site, backup::Kind kind,
                 const std::vector<std::string>& repositories) {
    const base::Instant now = invocation.clock().now();
    const backup::Policy policy = flow::backup_policy(site.settings);
    if (backup::is_allowed(policy, now)) return;
    const std::string reason = invocation.text("--anyway");
    site.watch->write([&](sys::Transaction& tx) {
        for (const std::string& repository : repositories)
            if (reason.empty())
                backup::note_refusal(tx, repository, kind, "outside the allowed hours", now, site.by);
            else
                backup::note_override(tx, repository, kind, reason, now, site.by);
    });
    if (reason.empty())
        throw base::Error(
            base::Kind::NotAllowed,
            fmt::format("backups are allowed from {} on; this refusal was recorded; --anyway REASON makes "
                        "one all the same",
                        base::format_local(backup::next_allowed(policy, now))));
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
    check_hours(invocation, site, wish.kind, wish.repositories);
    wish.by = site.by;
    wish.is_stopped = is_interrupted;
    const flow::BackupDone done = flow::back_up(site.place, wish);
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
    {"--anyway", "Also outside the allowed hours, for this reason"},
};

}  // namespace

extern const Command backup_now{"backup", "now", "Make a backup now", kOptions, run};

}  // namespace cli
