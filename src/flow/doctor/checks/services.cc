// The units of the package: enabled and active. A site that is served otherwise has none, and that is well.
#include "flow/doctor.h"
#include "ground/base/text.h"
#include "ground/sys/process.h"

namespace flow::doctor {

namespace {

std::vector<Answer> run(const Subject& subject) {
    const bool is_packaged = std::filesystem::exists(subject.machine / "lib/systemd/system/yakuba-office.service") &&
                             subject.folders.site == "/var/lib/yakuba/site";
    if (!is_packaged) return {{Verdict::Ok, "このサイトは、パッケージのサービスでは動いていません。", {}}};
    if (!std::filesystem::exists(subject.machine / "run/systemd/system"))
        return {{Verdict::Warning, "systemd が動いていないため、サービスの状態が分かりません。",
                 "サーバの起動を確かめてください。"}};
    std::vector<Answer> all;
    for (const char* role : {"office", "press", "placer", "public", "watch"}) {
        sys::Command command;
        command.arguments = {"systemctl", "is-active", fmt::format("yakuba-{}.service", role)};
        command.patience = std::chrono::seconds(10);
        command.output_limit = 4096;
        const sys::Outcome outcome = sys::run(command);
        if (outcome.exit_code != 0)
            all.push_back(
                {Verdict::Failed,
                 fmt::format("サービス yakuba-{} が動いていません（{}）。", role, base::trim(outcome.output)),
                 fmt::format("journalctl -u yakuba-{} で原因を確かめ、systemctl start で起動してください。", role)});
    }
    if (all.empty()) all.push_back({Verdict::Ok, "サービスは、すべて動いています。", {}});
    return all;
}

}  // namespace

extern const Check services{"services", "サービス", run, false};

}  // namespace flow::doctor
