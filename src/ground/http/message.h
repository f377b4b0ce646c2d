// What a browser asked and what it is answered, as plain values. The engine (engine/) fills the one and sends the
// other; rooms and doors see nothing else of HTTP. A request that reaches a handler is whole, bounded and well-formed:
// its body has been read, its path decoded, its form parsed. Streaming replies other than files are left out.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ground/http/form.h"
#include "ground/sys/files.h"

namespace http {

/// Header fields in the order in which they came. Names are compared without regard to case.
class Headers {
  public:
    using Field = std::pair<std::string, std::string>;
    Headers() = default;
    Headers(std::initializer_list<Field> fields) : fields_(fields) {}

    std::optional<std::string_view> find(std::string_view name) const;
    /// The first value, or "" when there is none.
    std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
    std::size_t count(std::string_view name) const;
    /// Throws Error(Bug) when the name is no token or the value holds a control character: nobody splits a reply.
    void add(std::string name, std::string value);
    /// Replaces every field of that name.
    void set(std::string name, std::string value);
    void remove(std::string_view name);
    bool empty() const { return fields_.empty(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

  private:
    friend class RequestReader;
    std::vector<Field> fields_;
};

struct Request {
    std::string method;  ///< "GET", as sent: case matters (RFC 9110 section 9.1)
    std::string target;  ///< as sent, "/a%20b?x=1"
    std::string path;    ///< the target before "?", still encoded
    std::vector<std::string>
        segments;  ///< path split at "/" first and each decoded once: "/a/b%2Fc/" = {"a", "b/c", ""}
    Fields query;
    Headers headers;
    Fields cookies;
    std::string body;        ///< empty when it was multipart/form-data; then it is in `form`
    Form form;               ///< of application/x-www-form-urlencoded and multipart/form-data bodies
    std::string peer;        ///< the client's address: of the socket, or what a trusted proxy says
    std::string host;        ///< the Host field, checked; "" only in HTTP/1.0
    bool is_secure = false;  ///< came over TLS, as a trusted proxy says
    bool is_head = false;    ///< HEAD; a router runs it as GET and the engine sends no body

    std::map<std::string, std::string, std::less<>> parameters;  ///< from the route's pattern, set by Router
    /// A pattern's part, "" when the pattern has none of that name.
    const std::string& parameter(std::string_view name) const;
    /// The part as a positive row number. Throws Error(NotFound) when it is none: the page does not exist.
    std::int64_t number(std::string_view name) const;
};

/// A stretch of an open file.
struct FileBody {
    std::shared_ptr<const sys::Descriptor> file;  ///< shared by the reply under way and whoever keeps the file open
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// A reply made once and sent many times: head up to, not including, Date and the empty line; then the body, or, when
/// `file.file` is set, those bytes of a file that never change.
struct Prepared {
    int status = 200;
    std::string head;
    std::string body;
    FileBody file;
};

struct Response {
    int status = 200;
    Headers headers;   ///< Content-Length, Date and Connection are the engine's
    std::string body;  ///< or
    FileBody file;     ///< when `file.file` is set
    std::shared_ptr<const Prepared>
        prepared;  ///< when set, the rest is not looked at; shared by a cache and its readers
};

/// 303: after a form was taken, the browser gets the next page with GET. `location` is a path on this server, or an
/// absolute URL that the program itself wrote; never pass user input that local_path() has not accepted.
Response see_other(std::string location);
Response redirect(int status, std::string location);
Response html(std::string body, int status = 200);
Response json(std::string body, int status = 200);
Response text(std::string body, int status = 200);
Response not_found(std::string body = "Not found\n");
/// A file for the reader to keep: Content-Disposition with the name in ASCII and in UTF-8 (RFC 6266).
Response download(std::string bytes, std::string_view file_name, std::string content_type);
/// `target` when it is a path on this server ("/x", not "//host" or "/\host"); otherwise "/". For "return to"
/// parameters.
std::string local_path(std::string_view target);

/// "Not Found" for 404; "" for a status that is none of RFC 9110's.
std::string_view reason(int status);
/// The reply's first line and fields, without Date, Connection and the empty line; `length` is the body's, absent where
/// a status has no body (1xx, 204, 304).
std::string format_head(const Response& response, std::optional<std::uint64_t> length);

}  // namespace http
