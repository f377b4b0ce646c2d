#include "door/web/static_files.h"

#include "door/web/resources.h"
#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace web {

namespace {

constexpr std::string_view kFolder = "static/";
constexpr std::size_t kHashDigits = 12;

}  // namespace

StaticFiles::StaticFiles() {
    for (const base::Resource& resource : all_resources()) {
        if (!resource.name.starts_with(kFolder)) continue;
        const std::string name(resource.name.substr(kFolder.size()));
        const std::string path =
            fmt::format("/static/{}/{}", sys::sha256(resource.bytes).hex().substr(0, kHashDigits), name);
        http::Response response;
        const std::string_view type = base::media_type(name);
        response.headers = {{"Content-Type", std::string(type) + (base::is_text_type(type) ? "; charset=utf-8" : "")},
                            {"Cache-Control", "public, max-age=31536000, immutable"},
                            {"X-Content-Type-Options", "nosniff"}};
        auto reply = std::make_shared<http::Prepared>();
        reply->head = http::format_head(response, resource.bytes.size());
        reply->body = std::string(resource.bytes);
        paths_[name] = path;
        replies_[path] = std::move(reply);
    }
}

const std::string& StaticFiles::path(std::string_view name) const {
    const auto found = paths_.find(name);
    if (found == paths_.end()) throw base::Error(base::Kind::Bug, fmt::format("there is no static file {}", name));
    return found->second;
}

std::optional<http::Response> StaticFiles::find(const http::Request& request) const {
    if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
    const auto found = replies_.find(request.path);
    if (found == replies_.end()) return std::nullopt;
    http::Response response;
    response.prepared = found->second;
    return response;
}

}  // namespace web
