#include "door/cli/backup.h"

#include <algorithm>

#include "door/cli/anomaly.h"
#include "ground/base/error.h"

namespace cli {

BackupSite::BackupSite(const Invocation& invocation)
    : folders(flow::folders_of(std::filesystem::absolute(invocation.site()).lexically_normal())),
      watch(open_watch(invocation)),
      place{folders, settings, invocation.clock(), *watch, YAKUBA_VERSION},
      by(watch_by(invocation, people::Act::BackupRun).who) {
    settings = settings::load(folders.site / "yakuba.toml");
}

std::vector<std::string> BackupSite::repositories(const Invocation& invocation) const {
    if (!flow::is_backup_configured(settings))
        throw base::Error(
            base::Kind::NotAllowed,
            "no backup is set up: run `yakuba backup key --out FILE`, keep that file outside this server, "
            "and name the places in the settings under backup.repositories");
    if (invocation.has("--repository")) return {flow::find_repository(settings, invocation.text("--repository"))};
    return settings.backup.repositories;
}

std::vector<backup::Run> BackupSite::held(const std::vector<std::string>& repositories) const {
    return watch->read([&](sys::Reader& db) {
        std::vector<backup::Run> all;
        for (const std::string& repository : repositories)
            for (backup::Run& run : backup::list_held(db, repository)) all.push_back(std::move(run));
        std::stable_sort(all.begin(), all.end(),
                         [](const backup::Run& a, const backup::Run& b) { return a.taken_at > b.taken_at; });
        return all;
    });
}

boost::json::object as_json(const backup::Run& run) {
    return {{"repository", run.repository},
            {"id", run.snapshot},
            {"run", run.id},
            {"kind", backup::kind_id(run.kind)},
            {"why", backup::why_id(run.why)},
            {"outcome", backup::outcome_id(run.outcome)},
            {"day", base::format_day(run.day)},
            {"taken_at", base::format_utc(run.taken_at)},
            {"release", run.release},
            {"files", run.files},
            {"size", run.bytes},
            {"added", run.added_bytes},
            {"seconds", run.seconds},
            {"verified_at",
             run.verified_at ? boost::json::value(base::format_utc(*run.verified_at)) : boost::json::value(nullptr)},
            {"proof", backup::proof_id(run.proof)},
            {"problem", run.problem}};
}

boost::json::array as_json(const std::vector<backup::Run>& runs) {
    boost::json::array all;
    for (const backup::Run& run : runs) all.push_back(as_json(run));
    return all;
}

std::string as_line(const backup::Run& run) {
    const std::string_view proof = run.proof == backup::Proof::None ? "not read back" : backup::proof_id(run.proof);
    std::string line = fmt::format("{}  {}  {:<6}  release {:>5}  {:>9.1f} MB  {:<13}  {}",
                                   run.snapshot.empty() ? "--------" : run.snapshot.substr(0, 8),
                                   base::format_local(run.taken_at), backup::kind_id(run.kind), run.release,
                                   static_cast<double>(run.bytes) / 1e6, proof, run.repository);
    if (run.outcome != backup::Outcome::Made) line += fmt::format("  {}", backup::outcome_id(run.outcome));
    if (!run.problem.empty()) line += "\n          " + run.problem;
    return line + "\n";
}

}  // namespace cli
