#include "ground/http/message.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace http {
namespace {

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               kTokenMarks.find(c) != std::string_view::npos;
    });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

Response with_type(std::string body, int status, std::string_view type) {
    Response made;
    made.status = status;
    made.headers.add("Content-Type", std::string(type));
    made.body = std::move(body);
    return made;
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const auto& [key, value] : fields_)
        if (base::equals_ignoring_case(key, name)) return value;
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(fields_.begin(), fields_.end(), [&](const Field& field) {
        return base::equals_ignoring_case(field.first, name);
    }));
}

void Headers::add(std::string name, std::string value) {
    if (!is_token(name) || has_control(value))
        throw base::Error(base::Kind::Bug, "a header field has a forbidden character in its name or value: " +
                                               base::percent_encode(name));
    fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
    remove(name);
    add(std::move(name), std::move(value));
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_, [&](const Field& field) { return base::equals_ignoring_case(field.first, name); });
}

const std::string& Request::parameter(std::string_view name) const {
    static const std::string kNone;
    const auto found = parameters.find(name);
    return found == parameters.end() ? kNone : found->second;
}

std::int64_t Request::number(std::string_view name) const {
    const std::string& text = parameter(name);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value <= 0)
        throw base::Error(base::Kind::NotFound, fmt::format("この画面は見つかりません：{}", path));
    return value;
}

Response redirect(int status, std::string location) {
    Response made;
    made.status = status;
    made.headers.add("Location", std::move(location));
    return made;
}

Response see_other(std::string location) {
    return redirect(303, std::move(location));
}
Response html(std::string body, int status) {
    return with_type(std::move(body), status, "text/html; charset=utf-8");
}
Response json(std::string body, int status) {
    return with_type(std::move(body), status, "application/json");
}
Response text(std::string body, int status) {
    return with_type(std::move(body), status, "text/plain; charset=utf-8");
}
Response not_found(std::string body) {
    return text(std::move(body), 404);
}

Response download(std::string bytes, std::string_view file_name, std::string content_type) {
    Response made = with_type(std::move(bytes), 200, content_type);
    std::string plain;
    std::string encoded;
    for (const char c : file_name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_safe = byte > 0x20 && byte < 0x7f && c != '"' && c != '\\' && c != '%' && c != '/' && c != ';';
        if ((byte & 0xc0U) != 0x80U) plain += is_safe ? c : '_';
        // RFC 8187: attr-char is narrower than what percent_encode leaves alone ("/").
        encoded += c == '/' ? "%2F" : base::percent_encode(std::string_view(&c, 1));
    }
    made.headers.add("Content-Disposition", "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded);
    return made;
}

std::string local_path(std::string_view target) {
    const bool is_local = target.size() >= 1 && target[0] == '/' &&
                          (target.size() == 1 || (target[1] != '/' && target[1] != '\\')) && !has_control(target) &&
                          target.find_first_of("\t\\ ") == std::string_view::npos;
    return is_local ? std::string(target) : "/";
}

std::string_view reason(int status) {
    struct Row {
        int status;
        std::string_view words;
    };
    static constexpr Row kRows[] = {{100, "Continue"},
                                    {200, "OK"},
                                    {201, "Created"},
                                    {202, "Accepted"},
                                    {204, "No Content"},
                                    {206, "Partial Content"},
                                    {301, "Moved Permanently"},
                                    {302, "Found"},
                                    {303, "See Other"},
                                    {304, "Not Modified"},
                                    {307, "Temporary Redirect"},
                                    {308, "Permanent Redirect"},
                                    {400, "Bad Request"},
                                    {401, "Unauthorized"},
                                    {403, "Forbidden"},
                                    {404, "Not Found"},
                                    {405, "Method Not Allowed"},
                                    {406, "Not Acceptable"},
                                    {408, "Request Timeout"},
                                    {409, "Conflict"},
                                    {410, "Gone"},
                                    {411, "Length Required"},
                                    {412, "Precondition Failed"},
                                    {413, "Content Too Large"},
                                    {414, "URI Too Long"},
                                    {415, "Unsupported Media Type"},
                                    {416, "Range Not Satisfiable"},
                                    {417, "Expectation Failed"},
                                    {421, "Misdirected Request"},
                                    {422, "Unprocessable Content"},
                                    {429, "Too Many Requests"},
                                    {431, "Request Header Fields Too Large"},
                                    {500, "Internal Server Error"},
                                    {501, "Not Implemented"},
                                    {502, "Bad Gateway"},
                                    {503, "Service Unavailable"},
                                    {504, "Gateway Timeout"},
                                    {505, "HTTP Version Not Supported"}};
    for (const Row& row : kRows)
        if (row.status == status) return row.words;
    return "";
}

std::string format_head(const Response& response, std::optional<std::uint64_t> length) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (const auto& [name, value] : response.headers) {
        head += name;
        head += ": ";
        head += value;
        head += "\r\n";
    }
    if (length) head += fmt::format("Content-Length: {}\r\n", *length);
    return head;
}

}  // namespace http
