// Reads backups back. Damage is exit 1; what could not be read at all (a repository that is away) is exit 2, because
// nothing is known then.
#include <algorithm>

#include "door/cli/backup.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const BackupSite site(invocation);
    flow::VerifyWish wish;
    wish.repositories = site.repositories(invocation);
    wish.is_everything = invocation.has("--all");
    wish.by = site.by;
    wish.is_stopped = is_interrupted;
    const auto done = flow::verify_backups(site.place, wish);
    boost::json::array verifications;
    std::string prose;
    bool is_damaged = false, is_unknown = false;
    for (const backup::Verification& each : done) {
        is_damaged = is_damaged || each.proof == backup::Proof::Damaged;
        is_unknown = is_unknown || each.proof == backup::Proof::None;
        boost::json::array problems;
        for (const std::string& problem : each.problems) problems.emplace_back(problem);
        verifications.push_back({{"repository", each.repository},
                                 {"proof", backup::proof_id(each.proof)},
                                 {"part", each.part},
                                 {"packs", each.packs},
                                 {"seconds", each.seconds},
                                 {"problems", std::move(problems)}});
        prose += fmt::format("{}: {}", each.repository,
                             each.proof == backup::Proof::Whole     ? "whole"
                             : each.proof == backup::Proof::Damaged ? "DAMAGED"
                                                                    : "could not be read");
        prose += fmt::format(" ({} files of data, part {}, {:.1f} s)\n", each.packs, each.part, each.seconds);
        for (const std::string& problem : each.problems) prose += "  " + problem + "\n";
    }
    boost::json::array pruned;
    for (const backup::Verification& each : done) {
        if (!invocation.has("--prune") || !each.is_data_whole) continue;
        const flow::PruneDone gone = flow::prune_backups(site.place, each.repository, site.by, is_interrupted);
        for (const backup::Run& run : gone.gone) pruned.emplace_back(run.snapshot);
        prose += fmt::format("{}: {} removed {}\n", each.repository, gone.gone.size(), gone.refusal);
    }
    const std::string_view proof = is_damaged ? "damaged" : is_unknown ? "" : "whole";
    invocation.answer({{"proof", proof},
                       {"snapshots", as_json(site.held(wish.repositories))},
                       {"pruned", std::move(pruned)},
                       {"verifications", std::move(verifications)}},
                      base::trim(prose));
    return is_damaged ? kFound : is_unknown ? kFailed : kDone;
}

constexpr Option kOptions[] = {
    {"--all", "All data; without it what is new, and one part of what is old", Takes::Flag},
    {"--prune", "Afterwards remove what is more than the settings ask to keep", Takes::Flag},
    {"--repository", "Only of this one: its number or name in the settings"},
};

}  // namespace

extern const Command backup_verify{"backup", "verify", "Read backups back and compare them with what they should hold",
                                   kOptions, run};

}  // namespace cli
