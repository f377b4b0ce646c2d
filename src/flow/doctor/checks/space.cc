// Room on the disk that holds the site: bytes, and files (inodes).
#include <sys/statvfs.h>

#include "flow/doctor.h"

namespace flow::doctor {

namespace {

constexpr double kFewPercent = 5, kLittlePercent = 15;
constexpr std::uint64_t kFewBytes = std::uint64_t{1} << 30;

std::vector<Answer> run(const Subject& subject) {
    struct statvfs status {};
    if (::statvfs(subject.folders.site.c_str(), &status) != 0 || status.f_blocks == 0)
        return {{Verdict::Warning, "ディスクの空きを調べられません。", "df で確かめてください。"}};
    const std::uint64_t free = std::uint64_t{status.f_bavail} * status.f_frsize;
    const double percent = 100.0 * static_cast<double>(status.f_bavail) / static_cast<double>(status.f_blocks);
    const double files = status.f_files == 0
                             ? 100.0
                             : 100.0 * static_cast<double>(status.f_favail) / static_cast<double>(status.f_files);
    const std::string text = fmt::format("空きは {:.1f} GB（{:.0f}%）、ファイル数の空きは {:.0f}% です。",
                                         static_cast<double>(free) / 1e9, percent, files);
    const char* advice = "不要なファイルを消すか、ディスクを増やしてください。";
    if (percent < kFewPercent || files < kFewPercent || free < kFewBytes) return {{Verdict::Failed, text, advice}};
    if (percent < kLittlePercent || files < kLittlePercent) return {{Verdict::Warning, text, advice}};
    return {{Verdict::Ok, text, {}}};
}

}  // namespace

extern const Check space{"space", "ディスクの空き", run, false};

}  // namespace flow::doctor
