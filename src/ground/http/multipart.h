// multipart/form-data (RFC 7578) in pieces of any size, so that an upload never stands in memory whole.
// Strict where browsers agree: CRLF line ends, one Content-Disposition a part with a name, no nested multipart.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ground/http/form.h"

namespace http {

/// The boundary of a Content-Type value, when that is multipart/form-data with a boundary of RFC 2046's characters
/// (1-70).
std::optional<std::string> find_boundary(std::string_view content_type);

class MultipartParser {
  public:
    MultipartParser(std::string_view boundary, FormLimits limits);
    ~MultipartParser();
    MultipartParser(MultipartParser&&) noexcept;

    /// Takes the next bytes. Throws Error(BadInput) when the form is ill-formed or a limit is exceeded,
    /// Error(Unavailable) when the temporary folder is full; nothing may be added afterwards.
    void add(std::string_view bytes);
    /// The form, once all bytes are in. Throws Error(BadInput) when the closing boundary is missing.
    Form finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace http
