#include "door/cli/backup.h"
#include "flow/backup/repository.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const BackupSite site(invocation);
    const auto repositories = site.repositories(invocation);
    boost::json::array states;
    std::string prose;
    bool is_well = true;
    if (invocation.has("--look")) {
        const sys::FileLock lock = flow::lock_backups(site.folders);
        for (const std::string& repository : repositories)
            flow::backing_up::open(site.place, repository, site.by, flow::backing_up::Purpose::Look, is_interrupted);
    }
    const auto held = site.held(repositories);
    for (const std::string& repository : repositories) {
        const auto state = site.watch->read([&](sys::Reader& db) { return backup::load_state(db, repository); });
        const bool is_good = state.standing == backup::Standing::What::Ready && !state.has_damage;
        is_well = is_well && is_good;
        states.push_back({{"repository", repository},
                          {"ready", state.standing == backup::Standing::What::Ready},
                          {"damaged", state.has_damage},
                          {"problem", state.problem}});
        if (!is_good)
            prose += fmt::format("{}: {}\n", repository, state.has_damage ? "damage was found" : state.problem);
    }
    for (const backup::Run& run : held) prose += as_line(run);
    if (held.empty()) prose += "no backup is there yet; `yakuba backup now` makes one\n";
    invocation.answer({{"snapshots", as_json(held)}, {"repositories", std::move(states)}}, base::trim(prose));
    return is_well ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"--repository", "Only of this one: its number or name in the settings"},
    {"--look", "Ask the repositories first, instead of showing what is known of them", Takes::Flag},
};

}  // namespace

extern const Command backup_list{"backup", "list", "The backups that the repositories hold", kOptions, run};

}  // namespace cli
