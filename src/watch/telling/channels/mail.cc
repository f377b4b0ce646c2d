// Mail over the server of [mail]. A try that was cut off is repeated with the same Message-ID.
#include "ground/base/error.h"
#include "watch/telling/channel.h"

namespace telling {

namespace {

std::string find_fault(std::string_view target) {
    return mail::is_address(target) ? "" : "メールアドレスではありません";
}

Reply send(const Outgoing& message, const Means& means) {
    if (means.mail.url.empty() || !mail::is_address(means.from.address))
        return {Fate::Later, "メールサーバか差出人が設定されていません（mail.smtp_url、mail.from）。"};
    std::string bytes;
    try {
        bytes = mail::compose(
            {means.from, {"", message.target}, message.subject, message.text, message.token, message.made_at});
    } catch (const base::Error& error) {
        return {Fate::Never, error.message()};
    }
    const mail::Reply reply = mail::send(means.mail, means.from.address, message.target, bytes, means.is_stopped);
    switch (reply.fate) {
        case mail::Fate::Accepted:
            return {Fate::Sent, "メールサーバが受け取りました。"};
        case mail::Fate::Later:
            return {Fate::Later, reply.message};
        case mail::Fate::Never:
            break;
    }
    return {Fate::Never, reply.message};
}

}  // namespace

extern const Channel mail_channel{"mail", "メール", "メールアドレス", find_fault, send};

}  // namespace telling
