// The keys: there, whole, and readable by nobody but their owner.
#include "ground/release/keys.h"

#include <sys/stat.h>

#include "flow/doctor.h"
#include "ground/base/error.h"

namespace flow::doctor {

namespace {

/// Why the file is not as it should be; empty when it is.
std::string find_fault(const std::filesystem::path& file) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0) return "ありません";
    if (!S_ISREG(status.st_mode)) return "ふつうのファイルではありません";
    if ((status.st_mode & 077) != 0) return "所有者のほかにも読めます";
    if (status.st_size == 0) return "空です";
    return {};
}

std::vector<Answer> run(const Subject& subject) {
    std::vector<Answer> all;
    const auto& folder = subject.folders.keys;
    for (const char* name : {"press.key", "office.key"})
        if (const std::string fault = find_fault(folder / name); !fault.empty())
            all.push_back({Verdict::Failed, fmt::format("鍵 {} は、{}。", (folder / name).string(), fault),
                           "控えから戻すか、chmod 600 で権限を直してください。"});
    try {
        const release::PublicKeys known = release::load_public_keys(folder);
        if (known.empty())
            all.push_back({Verdict::Failed, "公開鍵（keys/*.pub）がありません。", "控えから戻してください。"});
        if (all.empty() && known.find(release::key_id(release::load_press_key(folder).public_key())) == nullptr)
            all.push_back({Verdict::Failed, "署名の鍵と組になる公開鍵がありません。", "控えから戻してください。"});
    } catch (const base::Error& error) {
        all.push_back({Verdict::Failed, fmt::format("鍵を読めません：{}", error.message()),
                       "root で実行しているか確かめ、だめなら控えから戻してください。"});
    }
    if (all.empty()) all.push_back({Verdict::Ok, "鍵はそろっています。", {}});
    return all;
}

}  // namespace

extern const Check keys{"keys", "鍵", run, false};

}  // namespace flow::doctor
