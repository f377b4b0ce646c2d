// Program, site and databases are of one version, and no upgrade was left halfway.
#include "flow/doctor.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace flow::doctor {

namespace {

std::vector<Answer> run(const Subject& subject) {
    const auto folder = subject.folders.site / "upgrade";
    if (std::filesystem::exists(folder / "state.json"))
        return {{Verdict::Failed, "更新が途中で止まっています。",
                 "サービスを止めて、yakuba site upgrade を実行してください。"}};
    const auto noted = sys::find_file(folder / "version", 200);
    if (noted && base::trim(*noted) != subject.program_version)
        return {{Verdict::Warning,
                 fmt::format("プログラムは {} 版、サイトは {} 版です。", subject.program_version, base::trim(*noted)),
                 "更新が失敗していないか、/var/log/yakuba/upgrade.log を確かめてください。"}};
    return {{Verdict::Ok, fmt::format("プログラムは {} 版です。", subject.program_version), {}}};
}

}  // namespace

extern const Check version{"version", "版", run, false};

}  // namespace flow::doctor
