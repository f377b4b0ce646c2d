// The configuration by which nginx answers a site as the embedded public server does: pure text from the settings and
// the newest manifest. nginx reads no manifest, so what depends on it stands in the text as exceptions from a default
// by ending: redirects, charsets and header fields. After a release that changes one of these, the text is written anew
// and nginx reloads it; all other pages go live by their file alone.
#pragma once

#include <string>
#include <vector>

#include "flow/site.h"
#include "ground/release/manifest.h"

namespace flow {

struct NginxConfig {
    std::string text;                   ///< for the http context: a file in /etc/nginx/conf.d
    std::vector<std::string> left_out;  ///< paths that nginx's configuration cannot name (longer than its 4 KB buffer)
};

/// `listen` is what nginx's directive takes: "80", "127.0.0.1:8081", "[::]:80".
/// Throws Error(BadInput) when `listen` is no such address.
NginxConfig nginx_config(const settings::Settings& settings, const Folders& folders, const release::Manifest& manifest,
                         const std::string& listen);

}  // namespace flow
