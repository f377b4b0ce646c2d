// Reads one request from bytes as they come: our own check of the head, Beast's parser for fields and body framing, and
// the body into the form parser it belongs to. Knows nothing of sockets. The only file but loop.cc that sees Beast or
// Asio.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ground/http/message.h"
#include "ground/http/request_head.h"

namespace http {

/// What the connection knows and a head needs.
struct ReaderSettings {
    std::size_t header_limit = 16U << 10;
    FormLimits form;
    std::function<std::size_t(const Request&)> body_limit_of;  ///< must be set
    std::function<void(Request&)> complete_head;               ///< may correct peer and is_secure; must be set
};

class RequestReader {
  public:
    RequestReader(const ReaderSettings& settings, std::string peer);
    ~RequestReader();

    enum class Need { More, Nothing, Refusal };
    /// Looks at all bytes that are there and says how many of them (`used`) are done with. Need::Nothing: `request` is
    /// whole; what follows belongs to the next one. Need::Refusal: see refusal(); the connection must be closed after
    /// it.
    Need take(std::string_view bytes, std::size_t& used);

    bool has_head() const { return has_head_; }
    /// The client waits for "100 Continue" before it sends the body. True once.
    bool take_expectation();
    bool keeps_alive() const;
    bool is_http_1_0() const;
    std::uint64_t body_bytes() const;
    const Refusal& refusal() const { return refusal_; }
    Request& request() { return request_; }
    /// Ready for the next request.
    void reset();

  private:
    struct Parser;
    Need take_head(std::string_view bytes, std::size_t& used);
    Need take_body(std::string_view bytes, std::size_t& used);
    Need refuse(int status, std::string_view why);
    bool finish();
    static void add_unchecked(Headers& headers, std::string_view name, std::string_view value);

    const ReaderSettings& settings_;
    const std::string peer_;
    std::unique_ptr<Parser> parser_;
    Request request_;
    Refusal refusal_;
    std::size_t looked_ = 0;
    bool has_head_ = false;
    bool expects_ = false;
};

}  // namespace http
