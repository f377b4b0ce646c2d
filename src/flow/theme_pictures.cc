#include "flow/theme_pictures.h"

#include "flow/screen_upload.h"
#include "ground/base/error.h"
#include "press/content/file_kinds.h"
#include "press/content/store.h"
#include "press/publish/queue.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

/// A name in a source may be typed by hand and lead to any object: only a picture of its type is one.
bool is_picture(std::string_view bytes, std::string_view type) {
    const content::FileKind* kind = content::find_file_kind(bytes.substr(0, content::kFileHead));
    return kind != nullptr && kind->is_picture() && kind->type == type;
}

}  // namespace

content::ThemeFile keep_theme_picture(Site& site, std::string_view bytes, std::string_view name, std::string_view by) {
    const content::FileKind* kind = content::find_file_kind(bytes.substr(0, content::kFileHead));
    if (kind == nullptr || !kind->is_picture())
        throw Error(Kind::BadInput,
                    fmt::format("「{}」は画像ではありません。PNG、JPEG、GIF、WebPの画像を選んでください。", name));
    screen_upload(site, bytes, name, by);
    const auto stored = site.objects->put(bytes, sys::Durability::Now);
    return content::find_theme_file(
               content::theme_file_path(stored.hash, content::public_file_name(name, *kind, "image")))
        .value();
}

std::optional<std::string> load_theme_picture(const Site& site, const content::ThemeFile& file) {
    if (!site.objects->find_size(file.hash)) return std::nullopt;
    std::string bytes = site.objects->load(file.hash);
    if (!is_picture(bytes, file.type)) return std::nullopt;
    return bytes;
}

std::string find_theme_picture_fault(const Site& site, std::string_view source) {
    for (const content::ThemeFile& file : content::list_theme_files(source))
        if (!load_theme_picture(site, file))
            return fmt::format("画像「/{}」がありません。画像をもう一度アップロードしてください。", file.path);
    return {};
}

void publish_theme_pictures(const Site& site, sys::Transaction& tx, std::string_view source, base::Instant at,
                            std::int64_t receipt) {
    for (const content::ThemeFile& file : content::list_theme_files(source)) {
        if (content::find_asset(tx, file.path)) continue;  // its path names its bytes
        const auto size = site.objects->find_size(file.hash);
        if (!size) throw Error(Kind::Damaged, fmt::format("the picture {} is not among the objects", file.path));
        const content::Asset added =
            content::put_asset(tx, {file.path, file.hash, *size, std::string(file.type), "", at});
        publish::mark_dirty(tx, fmt::format("asset:{}", added.id.value), at, receipt);
    }
}

}  // namespace flow
