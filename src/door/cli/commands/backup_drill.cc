#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "door/cli/repository.h"
#include "flow/drill_backup.h"
#include "flow/watch_desk.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const RepositoryChoice choice(invocation);
    const bool is_oldest = invocation.has("--oldest"), is_random = invocation.has("--random");
    if (is_oldest + is_random + invocation.has("--snapshot") + invocation.has("--at") > 1)
        throw base::Error(base::Kind::BadInput, "name one of --snapshot, --at, --oldest and --random");
    const std::vector<backup::Snapshot> all = flow::list_restorable(choice.restic(), site->settings.site.id);
    const backup::Snapshot chosen =
        is_oldest || is_random ? flow::choose_for_drill(all, is_oldest ? flow::Which::Oldest : flow::Which::Random)
                               : flow::choose_snapshot(all, choice.wanted(invocation));
    flow::DrillOptions options;
    options.database_url = invocation.text("--database");
    options.key = choice.key();
    options.by = by_shell(invocation).text();
    options.is_stopped = is_interrupted;
    options.progress = [&](std::string_view phase) { invocation.say(fmt::format("{} ...", phase)); };
    const flow::BackupPlace place{site->folders, site->settings, invocation.clock(), site->watch(), YAKUBA_VERSION};
    const flow::Drilled drilled = flow::drill_backup(place, choice.restic(), chosen, options);
    const auto told = flow::record_drill(place, drilled, options.by);
    flow::WatchDesk(site->watch(), site->folders, site->settings, invocation.clock()).take(told);
    invocation.answer(
        boost::json::parse(flow::figures_of(drilled)).as_object(),
        drilled.is_well()
            ? fmt::format("the backup of {} is proved: {} rows and {} public paths as they were, a page written and "
                          "published; back after {:.1f} s, {} s would have been lost",
                          base::format_local(drilled.restored.taken_at), drilled.restored.rows, drilled.pages,
                          drilled.rto_seconds, drilled.restored.loss.count() / 1000)
            : fmt::format("the drill with the backup of {} failed: {}", base::format_local(drilled.restored.taken_at),
                          drilled.problem));
    return drilled.is_well() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"--oldest", "The oldest backup that is kept", Takes::Flag},
    {"--random", "Any of them", Takes::Flag},
    kSnapshotOption,
    kAtOption,
    kRepositoryOption,
    kKeyOption,
    kPasswordOption,
    kEnvironmentOption,
    kDatabaseOption,
};

}  // namespace

extern const Command backup_drill{"backup", "drill", "Rehearse a restore: restore, start, compare, publish, destroy",
                                  kOptions, run};

}  // namespace cli
