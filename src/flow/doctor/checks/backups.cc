// The backup's repositories can be reached with the key that is here.
#include "flow/backup_site.h"
#include "flow/doctor.h"
#include "watch/backup/restic.h"

namespace flow::doctor {

namespace {

std::vector<Answer> run(const Subject& subject) {
    if (subject.settings->backup.repositories.empty())
        return {{Verdict::Failed, "バックアップの保存先が設定されていません。",
                 "設定 backup.repositories を決めてください。"}};
    std::vector<Answer> all;
    for (const std::string& repository : subject.settings->backup.repositories) {
        const backup::Restic engine(backup_access(*subject.settings, subject.folders, repository));
        const backup::Standing standing = engine.look();
        if (standing.is_ready())
            all.push_back(
                {Verdict::Ok,
                 fmt::format("保存先 {} に、バックアップが{}世代あります。", repository, standing.snapshots.size()),
                 {}});
        else
            all.push_back({standing.what == backup::Standing::What::Missing ? Verdict::Warning : Verdict::Failed,
                           fmt::format("バックアップの保存先 {} を使えません：{}", repository, standing.problem),
                           "保存先と鍵を確かめ、yakuba backup now を実行してください。"});
    }
    return all;
}

}  // namespace

extern const Check backups{"backup", "バックアップ", run};

}  // namespace flow::doctor
