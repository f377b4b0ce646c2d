// A page that frightens its reader into giving a secret: a field for a password or code, and the phrases that Japanese
// phishing pages use. Warnings about phishing quote the phrases too, but have no such field.
#include <algorithm>

#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

constexpr std::string_view kPhrases[] = {"アカウントが停止",   "アカウントは停止",
                                         "アカウントが制限",   "アカウントを一時",
                                         "異常なログイン",     "不審なログイン",
                                         "不正なログイン",     "第三者による不正",
                                         "お支払い方法を更新", "お支払い情報を更新",
                                         "支払い方法に問題",   "本人確認が必要",
                                         "利用制限を解除",     "24時間以内に確認",
                                         "２４時間以内に確認", "未払い税金",
                                         "未納の税金",         "差し押さえ最終通知",
                                         "再配達の手数料",     "お荷物のお届けにあがり",
                                         "暗証番号を入力",     "ワンタイムパスワードを入力"};

bool asks_for_a_secret(const Tag& tag) {
    if (tag.name != "input") return false;
    const std::string name = base::to_lower(tag.attribute("name"));
    return base::equals_ignoring_case(tag.attribute("type"), "password") || name == "otp" || name == "pin" ||
           name.find("passw") != std::string::npos || name.find("cvv") != std::string::npos;
}

std::vector<Finding> run(const Subject& subject) {
    const auto& tags = subject.tags();
    const auto field = std::find_if(tags.begin(), tags.end(), asks_for_a_secret);
    if (field == tags.end()) return {};
    int phrases = 0;
    std::size_t first = subject.text().size();
    for (const std::string_view phrase : kPhrases) {
        const auto at = subject.text().find(phrase);
        if (at == std::string_view::npos) continue;
        ++phrases;
        first = std::min(first, at);
    }
    if (phrases < 2) return {};
    return {{first, 120, signals::Severity::Serious}};
}

}  // namespace

extern const Rule phishing{"phishing", "読者をあわてさせて、パスワードなどを入力させるページです（フィッシング）。",
                           run};

}  // namespace content
