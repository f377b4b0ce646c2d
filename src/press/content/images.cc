#include "press/content/images.h"

#include "ground/base/text.h"
#include "press/content/model.h"

namespace content {

namespace {

constexpr std::int64_t kPagesSearched = 2000;  // newest first; what lies deeper is found among the pages themselves

std::string file_name(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return base::percent_decode(name).value_or(std::string(name));
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

}  // namespace

std::vector<Image> list_images(sys::Reader& db, std::string_view words, int limit) {
    std::vector<Image> images;
    const std::string wanted = lower(std::string(words));
    const auto add = [&](Image image) {
        const std::string path = base::percent_decode(image.path).value_or(image.path);
        if (lower(path).find(wanted) == std::string::npos && lower(image.name).find(wanted) == std::string::npos)
            return;
        if (static_cast<int>(images.size()) < limit) images.push_back(std::move(image));
    };
    for (const sys::Row& row :
         db.query("SELECT revision.body FROM live_page JOIN revision ON revision.id = live_page.revision_id "
                  "WHERE live_page.page_id > (SELECT coalesce(max(page_id), 0) - $1 FROM live_page) "
                  "AND revision.body LIKE '%\"image/%' ORDER BY live_page.page_id DESC",
                  {kPagesSearched}))
        for (const Attachment& file : parse_body(row.text(0)).attachments)
            if (file.type.starts_with("image/"))
                add({file.path, file.title.empty() ? file_name(file.path) : file.title, file.title, file.size});
    for (const sys::Row& row : db.query("SELECT path, size FROM asset WHERE type LIKE 'image/%' ORDER BY path")) {
        if (static_cast<int>(images.size()) >= limit) break;
        add({row.text(0), file_name(row.text(0)), "", row.integer(1)});
    }
    return images;
}

}  // namespace content
