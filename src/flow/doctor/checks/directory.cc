// The city's directory lets the service account in and knows the base. Nobody signs in.
#include "flow/doctor.h"
#include "flow/sign_in_desk.h"
#include "ground/base/error.h"

namespace flow::doctor {

namespace {

std::string trouble_with(const settings::Settings& settings) {
    try {
        return people::LdapAuthenticator(directory_of(settings)).find_trouble();
    } catch (const base::Error& error) {
        return error.message();  // the settings cannot work
    }
}

std::vector<Answer> run(const Subject& subject) {
    if (subject.settings->ldap.url.empty()) return {};
    const std::string trouble = trouble_with(*subject.settings);
    if (!trouble.empty())
        return {{Verdict::Failed, fmt::format("認証サーバを使えません：{}", trouble),
                 "設定の[ldap]"
                 "と、認証サーバ、途中の通信の許可を確かめてください。その間も、このシステムのパスワードの人はログ"
                 "インできます。"}};
    return {{Verdict::Ok, "認証サーバを使えます。", {}}};
}

}  // namespace

extern const Check directory{"directory", "認証サーバ", run};

}  // namespace flow::doctor
