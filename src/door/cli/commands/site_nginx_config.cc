#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/nginx_config.h"
#include "flow/nginx_office.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace cli {

namespace {

int write_office(const Invocation& invocation) {
    const settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    const std::string text = flow::nginx_office_config(settings, invocation.text("--office"));
    if (!invocation.has("--output")) {
        invocation.answer({{"file", nullptr}, {"text", text}}, text);
        return kDone;
    }
    const std::string file = invocation.text("--output");
    sys::write_file(file, text);
    invocation.answer({{"file", file}},
                      fmt::format("the screens' configuration is in {}; try it with `nginx -t`", file));
    return kDone;
}

int run(const Invocation& invocation) {
    if (invocation.has("--office")) return write_office(invocation);
    const flow::PublicSide side = flow::open_public_side(invocation.site());
    const settings::Settings settings = settings::load(invocation.site() / "yakuba.toml");
    const std::string listen = invocation.has("--listen") ? invocation.text("--listen") : settings.public_site.address;
    const std::int64_t newest = side.log.newest();
    const release::Manifest manifest = newest > 0 ? side.log.manifest_at(newest, side.keys) : release::Manifest{};
    const flow::NginxConfig config = flow::nginx_config(settings, side.folders, manifest, listen);
    for (const std::string& path : config.left_out)
        invocation.say(fmt::format(
            "nginx's configuration cannot name {}: its redirect, type or header fields are left out", path));

    boost::json::object document{{"release", newest}, {"left_out", config.left_out.size()}};
    if (invocation.has("--output")) {
        const std::string file = invocation.text("--output");
        sys::write_file(file, config.text);
        document["file"] = file;
        invocation.answer(
            document, fmt::format("the configuration for release {} is in {}; try it with `nginx -t`", newest, file));
    } else {
        document["file"] = nullptr;
        document["text"] = base::to_valid_utf8(config.text);
        invocation.answer(document, config.text);
    }
    return kDone;
}

constexpr Option kOptions[] = {
    {"--output", "The file to write, such as /etc/nginx/conf.d/yakuba.conf; without it the text is printed"},
    {"--listen", "Where nginx listens: 80, 127.0.0.1:8081, [::]:80; the setting public.address without it"},
    {"--office", "Instead, TLS before the screens, at this address of the machine: 192.0.2.10"},
};

}  // namespace

extern const Command site_nginx_config{"site", "nginx-config", "Print the configuration for nginx to serve the site",
                                       kOptions, run};

}  // namespace cli
