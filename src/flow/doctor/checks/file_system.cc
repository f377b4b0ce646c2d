// A local file system, one for all that is renamed into place, and mounted to be written.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "flow/doctor.h"
#include "ground/sys/files.h"

namespace flow::doctor {

namespace {

std::vector<Answer> run(const Subject& subject) {
    std::vector<Answer> all;
    const Folders& folders = subject.folders;
    if (sys::is_network_filesystem(folders.site))
        all.push_back({Verdict::Failed,
                       "サイトがネットワーク上のファイルシステムにあります。ファイルのロックが信頼できません。",
                       "サーバに直接つながったディスクへ移してください。"});
    struct stat root {};
    if (::stat(folders.document_root.c_str(), &root) == 0)
        for (const auto& folder : {folders.run, folders.quarantine}) {
            struct stat other {};
            if (::stat(folder.c_str(), &other) == 0 && other.st_dev != root.st_dev)
                all.push_back(
                    {Verdict::Failed,
                     fmt::format("{} と public が、別のファイルシステムにあります。公開の切替えができません。",
                                 folder.filename().string()),
                     "同じファイルシステムに置いてください。"});
        }
    struct statvfs status {};
    if (::statvfs(folders.site.c_str(), &status) == 0 && (status.f_flag & ST_RDONLY) != 0)
        all.push_back({Verdict::Failed, "サイトのファイルシステムが、読取り専用です。",
                       "ディスクの障害でないか、カーネルの記録（journalctl -k）を確かめてください。"});
    if (all.empty()) all.push_back({Verdict::Ok, "ファイルシステムは適しています。", {}});
    return all;
}

}  // namespace

extern const Check file_system{"file-system", "ファイルシステム", run, false};

}  // namespace flow::doctor
