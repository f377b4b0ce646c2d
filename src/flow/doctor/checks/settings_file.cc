// The settings file: can be read, is in order, and is not for everybody's eyes.
#include <sys/stat.h>

#include "flow/doctor.h"
#include "ground/sys/files.h"

namespace flow::doctor {

namespace {

constexpr std::size_t kLargest = 1U << 20;
constexpr std::size_t kMostTold = 5;

std::vector<Answer> run(const Subject& subject) {
    const auto file = subject.folders.site / "yakuba.toml";
    std::vector<Answer> all;
    for (const settings::Problem& one : settings::find_problems(sys::read_file(file, kLargest))) {
        if (all.size() == kMostTold) break;
        all.push_back({Verdict::Failed, fmt::format("設定ファイルの{}行目に誤りがあります：{}", one.line, one.message),
                       fmt::format("{} を直してください。", file.string())});
    }
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 007) != 0)
        all.push_back({Verdict::Failed, "設定ファイルを、だれでも読める状態です。パスワードが含まれることがあります。",
                       fmt::format("chmod 640 {} を実行してください。", file.string())});
    if (all.empty()) all.push_back({Verdict::Ok, "設定ファイルに誤りはありません。", {}});
    return all;
}

}  // namespace

extern const Check settings_file{"settings", "設定ファイル", run, false};

}  // namespace flow::doctor
