#include "flow/mail_server.h"

#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace flow {

mail::Server mail_server_of(const settings::Settings& settings) {
    mail::Server server;
    server.url = settings.mail.smtp_url;
    server.user = settings.mail.user;
    server.password = settings.mail.password;
    if (!settings.mail.password_file.empty())
        server.password =
            std::string(base::trim(sys::read_file(settings.resolve(settings.mail.password_file), 64U << 10)));
    if (!settings.mail.ca_file.empty()) server.ca_file = settings.resolve(settings.mail.ca_file).string();
    server.tls = settings.mail.tls == "required" ? mail::Tls::Required
                 : settings.mail.tls == "none"   ? mail::Tls::None
                                                 : mail::Tls::Auto;
    server.patience = std::chrono::seconds(settings.mail.timeout_seconds);
    return server;
}

}  // namespace flow
