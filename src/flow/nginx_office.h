// The configuration by which nginx ends TLS before the screens: pure text from the settings. Two servers, because
// previews come from an origin of their own: the screens' at the port of office.base_url, the previews' at the port of
// office.preview_address. Where training.url names a host, the training site's screens, previews and public pages have
// the same, by the same certificate, which has to name that host too. All listen at one address of this machine, which
// is not the loopback at which the program itself listens.
#pragma once

#include <string>

#include "ground/settings/settings.h"

namespace flow {

/// For the http context: a file in /etc/nginx/conf.d. `address` is the machine's: "192.0.2.10", "[2001:db8::10]".
/// Throws Error(BadInput) that names the setting without which staff could not sign in through it.
std::string nginx_office_config(const settings::Settings& settings, const std::string& address);

}  // namespace flow
