// What the kernel must be able to do: openat2, by which paths stay inside their folder, and telling who touched a file
// (fanotify; without it the guard sees the same, but not who it was), and who is about to open it for writing (leases).
#include <cerrno>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/fanotify.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "flow/doctor.h"
#include "ground/sys/files.h"

namespace flow::doctor {

namespace {

std::vector<Answer> run(const Subject& subject) {
    std::vector<Answer> all;
    utsname about{};
    ::uname(&about);
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_NO_MAGICLINKS;
    const sys::Descriptor opened(
        static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, subject.folders.site.c_str(), &how, sizeof how)));
    if (!opened && errno == ENOSYS)
        all.push_back({Verdict::Failed,
                       fmt::format("カーネル {} では、openat2 が使えません。何も公開できません。", about.release),
                       "5.6 以降のカーネルにし、サービスの RestrictSUIDSGID を外してください。"});
    const sys::Descriptor watcher(::fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_REPORT_DFID_NAME, O_RDONLY));
    if (!watcher)
        all.push_back({Verdict::Warning,
                       "fanotify が使えません。改ざんは見つかりますが、だれが書いたかは分かりません。",
                       ::geteuid() == 0 ? "カーネルの設定（CONFIG_FANOTIFY）を確かめてください。"
                                        : "root で実行して、もう一度確かめてください。"});
    if (sys::find_file("/proc/sys/fs/leases-enable").value_or("1").starts_with('0'))
        all.push_back(
            {Verdict::Warning,
             "カーネルのリース（fs.leases-enable）が止められています。開いたままの書込みを見つけるのが遅れます。",
             "sysctl fs.leases-enable=1 を実行してください。"});
    if (all.empty()) all.push_back({Verdict::Ok, fmt::format("カーネル {} は適しています。", about.release), {}});
    return all;
}

}  // namespace

extern const Check kernel{"kernel", "カーネル", run, false};

}  // namespace flow::doctor
