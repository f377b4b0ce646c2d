#include "door/public/public_server.h"

#include <fcntl.h>

#include "door/public/release_view.h"
#include "flow/site.h"
#include "ground/http/server.h"

namespace door {

struct PublicServer::State {
    flow::PublicSide side;
    ReleaseView view;
    http::StaticTree tree;
    http::Server server;

    State(flow::PublicSide opened, const settings::Settings& settings)
        : side(std::move(opened)),
          view(side.log, side.keys),
          tree(tree_options(settings)),
          server(
              server_options(settings), [this](http::Request& request) { return tree.answer(request); },
              [this](const http::Request& request) { return std::optional<http::Response>(tree.answer(request)); }) {}

    http::StaticOptions tree_options(const settings::Settings& settings) {
        http::StaticOptions options;
        options.root = side.folders.document_root;
        options.find_entry = [this](const std::string& path) { return view.find(path); };
        options.unknown = http::StaticOptions::Unknown::Refuse;
        options.open_twin = [this](const base::Hash& original, http::Coding coding) {
            const std::string name = original.hex();
            const auto path =
                side.folders.variants / name.substr(0, 2) / (name + (coding == http::Coding::Brotli ? ".br" : ".gz"));
            return sys::Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        };
        options.not_found_path = view.not_found_path();
        options.cache_bytes = static_cast<std::size_t>(settings.public_site.cache_mb) << 20;
        for (const auto& [name, value] : settings.public_site.headers) options.headers.add(name, value);
        return options;
    }

    static http::ServerOptions server_options(const settings::Settings& settings) {
        http::ServerOptions options;
        options.address = settings.public_site.address;
        options.threads = static_cast<int>(settings.public_site.threads);
        options.workers = 2;
        options.connections = static_cast<std::size_t>(settings.public_site.connections);
        options.trusted_proxies = settings.public_site.trusted_proxies;
        return options;
    }
};

PublicServer::PublicServer(const std::filesystem::path& site, const settings::Settings& settings)
    : state_(std::make_unique<State>(flow::open_public_side(site), settings)) {}

PublicServer::~PublicServer() = default;

void PublicServer::start() {
    state_->server.start();
}

std::string PublicServer::url() const {
    return state_->server.url();
}

void PublicServer::refresh() {
    if (state_->view.refresh()) state_->tree.forget();
}

void PublicServer::stop() {
    state_->server.stop();
}

}  // namespace door
