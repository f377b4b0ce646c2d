// Records, deadlines and certificates hang on the clock; people who read the machine's logs, on its time zone.
#include "flow/doctor.h"
#include "watch/probes/probe.h"

namespace flow::doctor {

namespace {

std::vector<Answer> run(const Subject& subject) {
    std::vector<Answer> all;
    if (!probes::read_kernel_clock().is_synchronised)
        all.push_back({Verdict::Warning, "サーバの時計が、時刻サーバと同期していません。",
                       "chrony か systemd-timesyncd を入れて、動いているか確かめてください。"});
    std::error_code none;
    const auto zone = std::filesystem::read_symlink(subject.machine / "etc/localtime", none);
    if (none || !zone.string().ends_with("/Asia/Tokyo"))
        all.push_back({Verdict::Warning,
                       "サーバの時間帯が日本時間ではありません。サーバの記録の時刻が、画面とずれます。",
                       "timedatectl set-timezone Asia/Tokyo を実行してください。"});
    if (all.empty()) all.push_back({Verdict::Ok, "時計は同期していて、時間帯は日本時間です。", {}});
    return all;
}

}  // namespace

extern const Check clock_and_zone{"clock", "時計", run, false};

}  // namespace flow::doctor
