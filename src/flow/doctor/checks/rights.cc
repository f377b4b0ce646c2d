// Who owns what. Where each role has a user of its own, the table of site_rights.h; otherwise one user owns everything,
// and nobody else reads what is secret.
#include <sys/stat.h>

#include "flow/doctor.h"
#include "flow/site_rights.h"

namespace flow::doctor {

namespace {

constexpr std::size_t kMostTold = 10;

std::vector<Answer> run_for_one_user(const Subject& subject) {
    std::vector<Answer> all;
    struct stat site {};
    if (::stat(subject.folders.site.c_str(), &site) != 0) return all;
    for (const char* name : {"yakuba.db", "watch.db", "objects", "keys", "releases", "public", "run", "quarantine"}) {
        struct stat status {};
        if (::stat((subject.folders.site / name).c_str(), &status) != 0) continue;
        if (status.st_uid != site.st_uid)
            all.push_back({Verdict::Failed, fmt::format("{} の所有者が、サイトのフォルダと違います。", name),
                           "サービスを動かす利用者に、所有者をそろえてください。"});
        const bool is_secret = std::string_view(name).ends_with(".db") || std::string_view(name) == "objects";
        if (is_secret && (status.st_mode & 007) != 0)
            all.push_back({Verdict::Failed, fmt::format("{} を、だれでも読める状態です。", name),
                           fmt::format("chmod o= {} を実行してください。", (subject.folders.site / name).string())});
    }
    if (all.empty()) all.push_back({Verdict::Ok, "所有者と権限は正しい状態です（利用者は1つです）。", {}});
    return all;
}

std::vector<Answer> run(const Subject& subject) {
    struct stat site {};
    const bool is_packaged = has_system_users() && ::stat(subject.folders.site.c_str(), &site) == 0 &&
                             site.st_uid == 0 && subject.folders.site == "/var/lib/yakuba/site";
    if (!is_packaged) return run_for_one_user(subject);
    const auto wrong = list_wrong_rights(subject.folders.site, kMostTold);
    if (wrong.empty()) return {{Verdict::Ok, "所有者と権限は、役割ごとに正しく分かれています。", {}}};
    std::vector<Answer> all;
    for (const WrongRight& one : wrong)
        all.push_back({Verdict::Failed, fmt::format("{} の所有者か権限が違います（{}）。", one.path, one.what),
                       "サービスを止めて、yakuba site rights --set を root で実行してください。"});
    return all;
}

}  // namespace

extern const Check rights{"rights", "所有者と権限", run, false};

}  // namespace flow::doctor
