// Pairs of a form and of cookies: bounded, clean text, and what is written from them reads back the same.
#include <cstdlib>

#include "ground/base/text.h"
#include "ground/http/cookie.h"
#include "ground/http/form.h"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto fields = http::parse_urlencoded(bytes, 50)) {
        require(fields->size() <= 50);
        const std::string written = http::format_urlencoded(*fields);
        const auto again = http::parse_urlencoded(written, 50);
        require(again && http::format_urlencoded(*again) == written);
        for (const auto& [name, value] : *fields) require(base::is_utf8(name) && base::is_utf8(value));
    }
    for (const auto& [name, value] : http::parse_cookies(bytes)) {
        // What was read is fit to be written, so a cookie can be passed on.
        const std::string written =
            http::format_cookie({name, value, {}, http::SameSite::Lax, http::Transport::PlainLoopback, true});
        require(written == name + "=" + value + "; Path=/; SameSite=Lax");
    }
    return 0;
}
