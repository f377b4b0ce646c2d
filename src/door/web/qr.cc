#include "door/web/qr.h"

#include <memory>

#include <fmt/format.h>
#include <qrencode.h>

#include "ground/base/error.h"
#include "ground/html/escape.h"

namespace web {

namespace {

constexpr int kQuiet = 4;  // modules of white around the code
struct FreeCode {
    void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

tmpl::SafeHtml qr_code(std::string_view text, std::string_view label) {
    const std::unique_ptr<QRcode, FreeCode> code(QRcode_encodeData(
        static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
    if (!code) throw base::Error(base::Kind::BadInput, "QRコードにするには長すぎます。キーを手で入力してください。");
    // A run of dark modules in a row is one rectangle of the path.
    std::string path;
    for (int y = 0; y < code->width; ++y)
        for (int x = 0, end = 0; x < code->width; x = end + 1) {
            const auto is_dark = [&](int at) { return (code->data[y * code->width + at] & 1) != 0; };
            for (end = x; end < code->width && is_dark(end); ++end) continue;
            if (end > x) path += fmt::format("M{} {}h{}v1h-{}z", x + kQuiet, y + kQuiet, end - x, end - x);
        }
    const int size = code->width + 2 * kQuiet;
    return tmpl::SafeHtml{fmt::format(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" "
        "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{}v{}H0z\"/><path fill=\"#000\" d=\"{}\"/></svg>",
        html::escape_attribute(label), size, size, size * 4, size * 4, size, size, path)};
}

}  // namespace web
