#include "flow/sign_in_desk.h"

#include "ground/base/error.h"
#include "ground/people/ldap.h"
#include "ground/people/second_factor.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

people::SignInPolicy policy_of(const settings::Settings& settings) {
    people::SignInPolicy policy;
    policy.sessions.idle = std::chrono::minutes(settings.office.idle_minutes);
    policy.sessions.absolute = std::chrono::minutes(settings.office.session_minutes);
    policy.passwords.shortest = static_cast<int>(settings.office.password_length);
    policy.by_account.free = static_cast<int>(settings.office.login_attempts);
    policy.by_account.longest = std::chrono::minutes(settings.office.longest_wait_minutes);
    policy.issuer = settings.site.name;
    for (const std::string& name : settings.office.second_factor_roles) {
        const auto role = people::find_role(name);
        if (!role)
            throw Error(Kind::BadInput,
                        fmt::format("yakuba.toml: office.second_factor_roles: there is no role \"{}\"", name));
        policy.factor_roles.insert(*role);
    }
    for (const std::string& text : settings.office.town_hall_networks) {
        const auto network = people::parse_network(text);
        if (!network)
            throw Error(
                Kind::BadInput,
                fmt::format("yakuba.toml: office.town_hall_networks: \"{}\" is no network; write 10.1.0.0/16", text));
        policy.trusted.push_back(*network);
    }
    return policy;
}

std::vector<std::unique_ptr<people::Authenticator>> authenticators_of(const settings::Settings& settings) {
    std::vector<std::unique_ptr<people::Authenticator>> all;
    all.push_back(std::make_unique<people::LocalAuthenticator>());
    if (!settings.ldap.url.empty()) all.push_back(std::make_unique<people::LdapAuthenticator>(directory_of(settings)));
    return all;
}

}  // namespace

people::LdapSettings directory_of(const settings::Settings& settings) {
    const auto& ldap = settings.ldap;
    return {ldap.url,
            ldap.start_tls && ldap.url.starts_with("ldap://"),
            ldap.ca_file.empty() ? std::filesystem::path() : settings.resolve(ldap.ca_file),
            ldap.bind_dn,
            ldap.bind_password,
            ldap.base_dn,
            ldap.user_filter,
            std::chrono::seconds(ldap.timeout_seconds)};
}

people::SignInDesk open_sign_in_desk(Site& site, const settings::Settings& settings) {
    return {*site.database, site.clock, policy_of(settings), people::load_office_key(site.folders.keys / "office.key"),
            authenticators_of(settings)};
}

}  // namespace flow
