// The names that this machine must be able to look up.
#include "flow/doctor.h"
#include "ground/base/text.h"
#include "ground/sys/process.h"

namespace flow::doctor {

namespace {

constexpr auto kPatience = std::chrono::seconds(8);

/// "https://www.city.example.jp:8443/a" -> "www.city.example.jp"; empty for an address.
std::string host_of(std::string_view url) {
    if (const auto at = url.find("://"); at != std::string_view::npos) url.remove_prefix(at + 3);
    url = url.substr(0, url.find('/'));
    if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
    if (url.starts_with('[')) return {};
    url = url.substr(0, url.find(':'));
    const bool is_address = url.find_first_not_of("0123456789.") == std::string_view::npos;
    return is_address ? std::string() : std::string(url);
}

std::vector<Answer> run(const Subject& subject) {
    std::vector<Answer> all;
    for (const std::string& url :
         {subject.settings->site.url, subject.settings->mail.smtp_url, subject.settings->ldap.url}) {
        const std::string host = host_of(url);
        if (host.empty() || host.starts_with('-')) continue;
        sys::Command command;
        command.arguments = {"getent", "ahosts", host};
        command.patience = kPatience;
        command.output_limit = 4096;
        if (sys::run(command).exit_code != 0)
            all.push_back({Verdict::Failed, fmt::format("名前 {} のアドレスが引けません。", host),
                           "/etc/resolv.conf と、DNSサーバを確かめてください。"});
    }
    if (all.empty()) all.push_back({Verdict::Ok, "設定にある名前は、すべてアドレスが引けます。", {}});
    return all;
}

}  // namespace

extern const Check names{"dns", "名前解決", run};

}  // namespace flow::doctor
