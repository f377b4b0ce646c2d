// The mail server answers. Nothing is sent.
#include "flow/doctor.h"
#include "ground/base/error.h"
#include "ground/sys/dial.h"

namespace flow::doctor {

namespace {

std::vector<Answer> run(const Subject& subject) {
    std::string_view url = subject.settings->mail.smtp_url;
    if (url.empty())
        return {{Verdict::Warning,
                 "メールサーバが設定されていません。お知らせも、障害の呼出しも、メールでは届きません。",
                 "設定 mail.smtp_url を決めてください。"}};
    const char* usual = url.starts_with("smtps:") ? "465" : "25";
    if (const auto at = url.find("://"); at != std::string_view::npos) url.remove_prefix(at + 3);
    url = url.substr(0, url.find('/'));
    const auto dialled = sys::dial(sys::read_target(url, usual), sys::Deadline(std::chrono::seconds(8)));
    if (!dialled.socket)
        return {{Verdict::Failed, fmt::format("メールサーバ {} につながりません：{}", url, dialled.problem),
                 "メールサーバと、途中の通信の許可を確かめてください。"}};
    return {{Verdict::Ok, fmt::format("メールサーバ {} につながります。", url), {}}};
}

}  // namespace

extern const Check mail_server{"mail", "メールサーバ", run};

}  // namespace flow::doctor
