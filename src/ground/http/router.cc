#include "ground/http/router.h"

#include <algorithm>
#include <set>
#include <span>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace http {
namespace {

/// What a request without a route may carry, so that it can be told 404 or 405 rather than 413.
constexpr std::size_t kStrayBody = 64U << 10;

bool is_rest(std::string_view part) {
    return part.starts_with('{') && part.ends_with("...}");
}
bool is_name(std::string_view part) {
    return part.starts_with('{') && part.ends_with('}') && !is_rest(part);
}

std::vector<std::string> split_pattern(const std::string& pattern) {
    const auto wrong = [&](std::string_view why) {
        return base::Error(base::Kind::Bug, "the route \"" + pattern + "\" " + std::string(why));
    };
    if (!pattern.starts_with('/')) throw wrong("does not begin with a slash");
    std::vector<std::string> segments;
    std::set<std::string_view> names;
    for (const std::string_view part : base::split(std::string_view(pattern).substr(1), '/')) {
        if (!segments.empty() && is_rest(segments.back())) throw wrong("goes on after {...}");
        const bool is_variable = is_name(part) || is_rest(part);
        if (!is_variable && part.find_first_of("{}") != std::string_view::npos) throw wrong("has a broken {name}");
        if (is_variable && (part == "{}" || part == "{...}" || !names.insert(part).second))
            throw wrong("has a {name} twice or empty");
        segments.emplace_back(part);
    }
    return segments;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_rest(pattern[i])) return segments.size() >= i;
        if (i >= segments.size()) return false;
        if (is_name(pattern[i]) ? segments[i].empty() : pattern[i] != segments[i]) return false;
    }
    return pattern.size() == segments.size();
}

/// From left to right, a literal wins over a name, a name over the rest.
bool is_narrower(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const auto width = [](const std::string& part) { return is_rest(part) ? 2 : is_name(part) ? 1 : 0; };
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        if (width(a[i]) != width(b[i])) return width(a[i]) < width(b[i]);
    return a.size() > b.size();
}

/// The same path with the slash at its end added or taken away.
std::vector<std::string> with_other_end(std::vector<std::string> segments) {
    if (segments.size() > 1 && segments.back().empty())
        segments.pop_back();
    else
        segments.emplace_back();
    return segments;
}

}  // namespace

void Router::add(std::string method, std::string pattern, Route route, std::optional<std::size_t> body_limit) {
    auto segments = split_pattern(pattern);
    for (const Compiled& known : routes_)
        if (known.entry.method == method && known.segments == segments)
            throw base::Error(base::Kind::Bug, "the route " + method + " " + pattern + " is there twice");
    routes_.push_back({{std::move(method), std::move(pattern), body_limit}, std::move(segments), std::move(route)});
}

const Router::Compiled* Router::find(std::string_view method, const std::vector<std::string>& segments) const {
    const Compiled* best = nullptr;
    for (const Compiled& route : routes_)
        if (route.entry.method == method && matches(route.segments, segments) &&
            (best == nullptr || is_narrower(route.segments, best->segments)))
            best = &route;
    return best;
}

std::string Router::allowed(const std::vector<std::string>& segments) const {
    std::vector<std::string> methods;
    for (const Compiled& route : routes_) {
        if (!matches(route.segments, segments)) continue;
        for (const std::string& method : {route.entry.method, std::string(route.entry.method == "GET" ? "HEAD" : "")})
            if (!method.empty() && std::find(methods.begin(), methods.end(), method) == methods.end())
                methods.push_back(method);
    }
    return base::join(methods, ", ");
}

Response Router::answer(Request& request) const {
    const std::string_view method =
        request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
    if (const Compiled* route = find(method, request.segments)) {
        request.parameters.clear();
        for (std::size_t i = 0; i < route->segments.size(); ++i) {
            const std::string& part = route->segments[i];
            if (is_name(part)) request.parameters[part.substr(1, part.size() - 2)] = request.segments[i];
            if (is_rest(part)) {
                const std::span<const std::string> all(request.segments);
                request.parameters[part.substr(1, part.size() - 5)] = base::join(all.subspan(i), "/");
            }
        }
        return route->route(request);
    }
    if (const std::string methods = allowed(request.segments); !methods.empty()) {
        Response refused = text(fmt::format("このアドレスで使えるのは {} です。\n", methods), 405);
        refused.headers.add("Allow", methods);
        return refused;
    }
    if (method == "GET" && find(method, with_other_end(request.segments))) {
        std::string path = request.path;
        if (path.ends_with('/'))
            path.pop_back();
        else
            path += '/';
        // "//host" would lead to another server; no route begins so, but the rule is kept here too.
        if (!path.starts_with("//")) return redirect(308, path + request.target.substr(request.path.size()));
    }
    throw base::Error(base::Kind::NotFound, fmt::format("この画面は見つかりません：{}", request.path));
}

std::size_t Router::body_limit(const Request& head) const {
    const Compiled* route =
        find(head.method == "HEAD" ? std::string_view("GET") : std::string_view(head.method), head.segments);
    return route ? route->entry.body_limit.value_or(default_body_limit_) : kStrayBody;
}

std::vector<Router::Entry> Router::list() const {
    std::vector<Entry> entries;
    for (const Compiled& route : routes_) entries.push_back(route.entry);
    return entries;
}

}  // namespace http
