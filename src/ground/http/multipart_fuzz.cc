// A form reads the same in pieces of any size, or is refused in all of them; limits hold.
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/http/multipart.h"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::optional<http::Form> parse(std::string_view bytes, std::size_t piece) {
    http::FormLimits limits;
    limits.parts = 20;
    limits.field_size = 200;
    limits.file_size = 300;
    http::MultipartParser parser("B", limits);
    try {
        for (std::size_t at = 0; at < bytes.size(); at += piece) parser.add(bytes.substr(at, piece));
        return parser.finish();
    } catch (const base::Error&) {
        return std::nullopt;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)http::find_boundary(bytes);
    const auto whole = parse(bytes, std::max<std::size_t>(size, 1));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{5}}) {
        const auto cut = parse(bytes, piece);
        require(whole.has_value() == cut.has_value());
        if (!whole) continue;
        require(whole->fields.size() == cut->fields.size() && whole->files.size() == cut->files.size());
        for (std::size_t i = 0; i < whole->files.size(); ++i) require(whole->files[i].read() == cut->files[i].read());
    }
    if (whole) {
        require(whole->fields.size() + whole->files.size() <= 20);
        for (const auto& [name, value] : whole->fields)
            require(base::is_utf8(name) && base::is_utf8(value) && value.size() <= 200);
    }
    return 0;
}
