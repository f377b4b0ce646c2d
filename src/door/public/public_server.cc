#include "door/public/public_server.h"

#include <fcntl.h>

#include "door/public/release_view.h"
#include "flow/site.h"
#include "flow/stop_service.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/http/server.h"
#include "ground/sys/log.h"
#include "watch/logs/access_log.h"

namespace door {

namespace {

/// An area of the public tree that another system writes, beside the document root.
struct Area {
    std::vector<std::string> steps;          ///< of its path
    std::unique_ptr<http::StaticTree> tree;  ///< none while its folder is missing
};

}  // namespace

struct PublicServer::State {
    flow::PublicSide side;
    ReleaseView view;
    http::StaticTree tree;
    std::vector<Area> areas;
    std::mutex notice_mutex;
    std::shared_ptr<const std::string> notice;    ///< the page of an emergency stop, while there is one
    std::unique_ptr<logs::AccessLog> access_log;  ///< none when it is switched off
    http::Server server;

    State(flow::PublicSide opened, const settings::Settings& settings)
        : side(std::move(opened)),
          view(side.log, side.keys),
          tree(tree_options(settings)),
          areas(open_areas(settings)),
          access_log(open_access_log(settings)),
          server(
              server_options(settings), [this](http::Request& request) { return answer(request); },
              [this](const http::Request& request) { return std::optional<http::Response>(answer(request)); }) {}

    static std::vector<Area> open_areas(const settings::Settings& settings) {
        std::vector<Area> areas;
        for (const settings::OtherArea& declared : settings.others) {
            Area area;
            const std::string path = base::percent_decode(declared.path).value_or(declared.path);
            for (const std::string_view step : base::split(path, '/'))
                if (!step.empty()) area.steps.emplace_back(step);
            http::StaticOptions options;
            options.root = settings.resolve(declared.folder);
            options.headers = extra_headers(settings);
            options.cache_bytes = (static_cast<std::size_t>(settings.public_site.cache_mb) << 20) / 8;
            try {
                area.tree = std::make_unique<http::StaticTree>(std::move(options));
            } catch (const base::Error& error) {
                sys::log(sys::Level::Error, "area of another writer is not served",
                         {{"path", declared.path}, {"problem", error.message()}});
            }
            areas.push_back(std::move(area));
        }
        return areas;
    }

    /// Looks whether the site is stopped. A notice that cannot be read stops it too.
    void look_for_stop() {
        std::shared_ptr<const std::string> found;
        try {
            const auto bytes =
                sys::find_file(flow::notice_file(side.folders, flow::Part::Public), flow::kLargestNotice);
            if (bytes) found = std::make_shared<const std::string>(*bytes);
        } catch (const base::Error& error) {
            sys::log(sys::Level::Error, "the notice of an emergency stop cannot be read",
                     {{"problem", error.message()}});
            found = std::make_shared<const std::string>();
        }
        const std::lock_guard lock(notice_mutex);
        notice = std::move(found);
    }

    std::optional<http::Response> answer_stopped() {
        std::shared_ptr<const std::string> page;
        {
            const std::lock_guard lock(notice_mutex);
            page = notice;
        }
        if (!page) return std::nullopt;
        http::Response response = http::html(*page, 503);
        response.headers.set("Retry-After", std::to_string(flow::kRetryAfter.count()));
        response.headers.set("Cache-Control", "no-store");
        return response;
    }

    http::Response answer(const http::Request& request) {
        if (auto stopped = answer_stopped()) return std::move(*stopped);
        const bool is_read = request.method == "GET" || request.method == "HEAD";
        if (is_read)
            for (const Area& area : areas) {
                const auto& asked = request.segments;
                const std::size_t depth = area.steps.size();
                if (asked.size() < depth || !std::equal(area.steps.begin(), area.steps.end(), asked.begin())) continue;
                return answer_from(area, depth, request);
            }
        const auto has_dot = [](const std::string& step) { return step.starts_with('.'); };
        if (is_read && std::any_of(request.segments.begin(), request.segments.end(), has_dot) &&
            release::is_hidden(base::join(request.segments, "/")))
            return tree.missing(request);
        return tree.answer(request);
    }

    /// The other system's folder answers; who may write there shall not thereby publish hidden files.
    http::Response answer_from(const Area& area, std::size_t depth, const http::Request& request) {
        if (request.segments.size() == depth)
            return http::redirect(301, request.path + "/" + request.target.substr(request.path.size()));
        const auto is_hidden = [](const std::string& step) { return step.starts_with('.'); };
        if (!area.tree || std::any_of(request.segments.begin(), request.segments.end(), is_hidden))
            return tree.missing(request);
        http::Request inside;
        inside.method = request.method;
        inside.target = request.target;
        inside.path = request.path;
        inside.headers = request.headers;
        inside.is_head = request.is_head;
        inside.segments.assign(request.segments.begin() + static_cast<std::ptrdiff_t>(depth), request.segments.end());
        http::Response answered = area.tree->answer(inside);
        return !answered.prepared && answered.status == 404 ? tree.missing(request) : answered;
    }

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
        options.find_error_page = [this](int status) { return view.error_page(status); };
        options.cache_bytes = static_cast<std::size_t>(settings.public_site.cache_mb) << 20;
        options.headers = extra_headers(settings);
        return options;
    }

    static http::Headers extra_headers(const settings::Settings& settings) {
        http::Headers headers;
        for (const auto& [name, value] : settings.public_site.headers) headers.add(name, value);
        return headers;
    }

    static std::unique_ptr<logs::AccessLog> open_access_log(const settings::Settings& settings) {
        const auto& wanted = settings.public_site;
        if (wanted.access_log.empty()) return nullptr;
        return std::make_unique<logs::AccessLog>(
            logs::AccessLogOptions{.file = settings.resolve(wanted.access_log),
                                   .most_bytes = static_cast<std::uint64_t>(wanted.access_log_mb) << 20,
                                   .older_files = static_cast<int>(wanted.access_log_files)});
    }

    void note(const http::ServerOptions::Served& served) const {
        const http::Request& request = served.request;
        logs::Access access;
        access.address = request.peer;
        access.at = base::SystemClock().now();
        access.method = request.method;
        access.target = request.target;
        access.status = served.status;
        access.bytes = served.bytes;
        access.referrer = request.headers.get("Referer");
        access.agent = request.headers.get("User-Agent");
        access.seconds = std::chrono::duration<double>(served.time).count();
        access_log->add(access);
    }

    http::ServerOptions server_options(const settings::Settings& settings) {
        http::ServerOptions options;
        options.address = settings.public_site.address;
        options.threads = static_cast<int>(settings.public_site.threads);
        options.workers = 2;
        options.connections = static_cast<std::size_t>(settings.public_site.connections);
        options.trusted_proxies = settings.public_site.trusted_proxies;
        options.extra_headers = extra_headers(settings);
        if (access_log) options.on_served = [this](const http::ServerOptions::Served& served) { note(served); };
        return options;
    }
};

PublicServer::PublicServer(const std::filesystem::path& site, const settings::Settings& settings)
    : state_(std::make_unique<State>(flow::open_public_side(site), settings)) {}

PublicServer::~PublicServer() = default;

void PublicServer::start() {
    state_->look_for_stop();
    state_->server.start();
}

std::string PublicServer::url() const {
    return state_->server.url();
}

void PublicServer::refresh() {
    state_->look_for_stop();
    if (state_->view.refresh()) state_->tree.forget();
}

void PublicServer::stop() {
    state_->server.stop();
}

}  // namespace door
