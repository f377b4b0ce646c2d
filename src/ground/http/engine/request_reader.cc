#include "ground/http/engine/request_reader.h"

#include <boost/beast/http/basic_parser.hpp>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/http/cookie.h"
#include "ground/http/multipart.h"

namespace http {

namespace beast = boost::beast;

/// Between two of Beast's steps at most a chunk header or the trailers stand in the buffer.
constexpr std::size_t kMostFraming = 8U << 10;

constexpr std::size_t kShortestChunked = 5;

struct RequestReader::Parser final : beast::http::basic_parser<true> {
    explicit Parser(Request& to) : request(to) {}

    Request& request;
    bool is_old = false;
    bool is_in_head = true;
    bool is_form = false;
    std::optional<MultipartParser> multipart;
    std::uint64_t body_bytes = 0;
    std::optional<Refusal> refusal;

    using View = beast::string_view;
    using Code = beast::error_code;
    static std::string_view plain(View text) { return {text.data(), text.size()}; }
    static Code stop() { return beast::http::make_error_code(beast::http::error::bad_value); }

    void on_request_impl(beast::http::verb, View method, View target, int version, Code& ec) override {
        ec = {};
        request.method = plain(method);
        request.target = plain(target);
        is_old = version == 10;
    }
    void on_response_impl(int, View, int, Code& ec) override { ec = stop(); }
    void on_field_impl(beast::http::field, View name, View value, Code& ec) override {
        ec = {};
        // Trailer fields come here too; nothing of ours uses them, and they must not become header fields.
        if (is_in_head) add_unchecked(request.headers, plain(name), plain(value));
    }
    void on_header_impl(Code& ec) override {
        ec = {};
        is_in_head = false;
    }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, Code& ec) override { ec = {}; }
    std::size_t on_body_impl(View bytes, Code& ec) override {
        ec = {};
        body_bytes += bytes.size();
        try {
            if (multipart)
                multipart->add(plain(bytes));
            else
                request.body.append(bytes.data(), bytes.size());
        } catch (const base::Error& error) {
            refusal = error.kind() == base::Kind::BadInput ? Refusal{400, "The form is broken or too large."}
                                                           : Refusal{503, "The upload cannot be stored now."};
            ec = stop();
        }
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, View, Code& ec) override { ec = {}; }
    std::size_t on_chunk_body_impl(std::uint64_t, View bytes, Code& ec) override { return on_body_impl(bytes, ec); }
    void on_finish_impl(Code& ec) override { ec = {}; }
};

RequestReader::RequestReader(const ReaderSettings& settings, std::string peer)
    : settings_(settings), peer_(std::move(peer)) {}
RequestReader::~RequestReader() = default;

void RequestReader::add_unchecked(Headers& headers, std::string_view name, std::string_view value) {
    headers.fields_.emplace_back(name, value);
}

void RequestReader::reset() {
    parser_.reset();
    request_ = {};
    looked_ = 0;
    has_head_ = false;
    expects_ = false;
}

bool RequestReader::keeps_alive() const {
    return parser_ && parser_->keep_alive();
}
bool RequestReader::is_http_1_0() const {
    return parser_ && parser_->is_old;
}
std::uint64_t RequestReader::body_bytes() const {
    return parser_ ? parser_->body_bytes : 0;
}

bool RequestReader::take_expectation() {
    const bool expected = expects_;
    expects_ = false;
    return expected;
}

RequestReader::Need RequestReader::refuse(int status, std::string_view why) {
    refusal_ = {status, why};
    return Need::Refusal;
}

RequestReader::Need RequestReader::take(std::string_view bytes, std::size_t& used) {
    used = 0;
    if (!has_head_) {
        const Need need = take_head(bytes, used);
        if (!has_head_ || need == Need::Refusal) return need;
    }
    std::size_t of_body = 0;
    const Need need = take_body(bytes.substr(used), of_body);
    used += of_body;
    return need;
}

RequestReader::Need RequestReader::take_head(std::string_view bytes, std::size_t& used) {
    // RFC 9112 section 2.2: one empty line before the request line is passed over.
    const std::size_t skipped = bytes.starts_with("\r\n") ? 2 : 0;
    bytes.remove_prefix(skipped);
    std::optional<Refusal> refusal;
    std::size_t looked = looked_ > skipped ? looked_ - skipped : 0;
    const auto end = find_head_end(bytes, looked, refusal);
    looked_ = looked + skipped;
    if (refusal) return refuse(refusal->status, refusal->why);
    if (end.value_or(bytes.size()) > settings_.header_limit) return refuse(431, "The header is too large.");
    if (!end) return Need::More;
    const std::string_view head = bytes.substr(0, *end);
    if ((refusal = check_head(head))) return refuse(refusal->status, refusal->why);

    parser_ = std::make_unique<Parser>(request_);
    parser_->header_limit(static_cast<std::uint32_t>(settings_.header_limit + 1));
    parser_->body_limit(boost::none);
    beast::error_code ec;
    const std::size_t parsed = parser_->put(boost::asio::const_buffer(head.data(), head.size()), ec);
    if (ec || parsed != head.size() || !parser_->is_header_done()) return refuse(400, "The header is ill-formed.");

    auto target = parse_target(request_.target);
    if (!target) return refuse(400, "The address is ill-formed.");
    request_.path = std::move(target->path);
    request_.segments = std::move(target->segments);
    request_.query = std::move(target->query);
    request_.is_head = request_.method == "HEAD";
    request_.host = request_.headers.get("Host");
    if (const auto cookie = request_.headers.find("Cookie")) request_.cookies = parse_cookies(*cookie);
    request_.peer = peer_;
    settings_.complete_head(request_);

    used = skipped + head.size();
    has_head_ = true;
    const auto length = parser_->content_length();
    if ((length && *length > 0) || parser_->chunked()) {
        const std::size_t limit = settings_.body_limit_of(request_);
        // Beast holds a limit that is set now against chunks only, so the length is compared here.
        if (length && *length > limit) return refuse(413, "The request is too large.");
        parser_->body_limit(limit);
        const std::string_view type = request_.headers.get("Content-Type");
        if (const auto boundary = find_boundary(type)) {
            FormLimits limits = settings_.form;
            parser_->multipart.emplace(*boundary, limits);
        } else if (base::to_lower(type).starts_with("multipart/form-data")) {
            return refuse(400, "The form has no usable boundary.");
        }
        parser_->is_form =
            base::equals_ignoring_case(base::trim(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded");
        expects_ = !parser_->is_old && request_.headers.find("Expect").has_value() && bytes.size() == head.size();
    }
    return Need::More;
}

RequestReader::Need RequestReader::take_body(std::string_view bytes, std::size_t& used) {
    while (!parser_->is_done()) {
        const std::string_view rest = bytes.substr(used);
        // After the last chunk's header Beast 1.81 asserts that at least "0\r\n\r\n" is there. All that is left of a
        // chunked body is never shorter, so waiting for that much is free. To be deleted with a Beast that asks for
        // more instead.
        if (rest.empty() || (parser_->chunked() && rest.size() < kShortestChunked)) return Need::More;
        beast::error_code ec;
        used += parser_->put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
        if (!ec) continue;
        if (ec == beast::http::error::need_more) {
            if (bytes.size() - used > kMostFraming) return refuse(400, "A chunk's header or the trailer is too long.");
            return Need::More;
        }
        if (parser_->refusal) return refuse(parser_->refusal->status, parser_->refusal->why);
        if (ec == beast::http::error::body_limit) return refuse(413, "The request is too large.");
        return refuse(400, "The body is ill-formed.");
    }
    return finish() ? Need::Nothing : refuse(400, "The form is broken or has too many fields.");
}

bool RequestReader::finish() {
    try {
        if (parser_->multipart) {
            request_.form = parser_->multipart->finish();
            parser_->multipart.reset();
        } else if (parser_->is_form) {
            auto fields = parse_urlencoded(request_.body, settings_.form.parts);
            if (!fields) return false;
            request_.form.fields = std::move(*fields);
        }
    } catch (const base::Error&) {
        return false;
    }
    return true;
}

}  // namespace http
