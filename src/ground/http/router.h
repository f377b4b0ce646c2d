// From method and path to the function that answers. Patterns are compared segment by segment on decoded segments, so
// that
// "%2F" never makes a new segment. HEAD is answered by GET's route; a path known under other methods gives 405 with
// Allow.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/http/message.h"

namespace http {

class Router {
  public:
    using Route = std::function<Response(const Request&)>;
    struct Entry {
        std::string method;
        std::string pattern;
        std::optional<std::size_t> body_limit;
    };

    /// `default_body_limit` is for routes without their own.
    explicit Router(std::size_t default_body_limit = std::size_t{1} << 20) : default_body_limit_(default_body_limit) {}

    /// `pattern` is "/pages/{id}/edit": "{name}" matches one non-empty segment, a final "{name...}" all that is left
    /// (joined by "/", perhaps empty). A literal segment wins over "{name}", that over "{name...}", from left to right.
    /// Throws Error(Bug) when the pattern is ill-formed or the method has it already.
    void add(std::string method, std::string pattern, Route route, std::optional<std::size_t> body_limit = {});
    void get(std::string pattern, Route route) { add("GET", std::move(pattern), std::move(route)); }
    void post(std::string pattern, Route route, std::optional<std::size_t> body_limit = {}) {
        add("POST", std::move(pattern), std::move(route), body_limit);
    }

    /// Runs the route after setting request.parameters. Throws Error(NotFound) when there is none. A GET whose path
    /// differs from a route only by the slash at its end is redirected there (308).
    Response answer(Request& request) const;
    /// What the route for this head takes; 64 KB where there is none, so that 404 and 405 can be said. For
    /// ServerOptions::body_limit_of.
    std::size_t body_limit(const Request& head) const;
    /// All routes in the order of adding; for tests that walk them.
    std::vector<Entry> list() const;

  private:
    struct Compiled {
        Entry entry;
        std::vector<std::string> segments;  ///< "{id}" and "{rest...}" stay as they are
        Route route;
    };
    const Compiled* find(std::string_view method, const std::vector<std::string>& segments) const;
    std::string allowed(const std::vector<std::string>& segments) const;

    std::size_t default_body_limit_;
    std::vector<Compiled> routes_;
};

}  // namespace http
