// Pages, taken over or composed, with their attachments; assets; and what is left where a page was.
#include "flow/frame_parts.h"
#include "flow/render/source.h"
#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/sys/log.h"
#include "press/content/live.h"
#include "press/content/redirects.h"
#include "press/content/store.h"
#include "press/render/composed.h"
#include "press/render/taken_over.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

std::int64_t number_of(std::string_view rest) {
    return std::strtoll(std::string(rest).c_str(), nullptr, 10);
}

/// The charset to say in Content-Type. A page whose encoding nobody knows is left to the browser, as the old server
/// left it.
std::string charset_of(const content::Page& page) {
    const auto encoding = html::find_encoding(page.encoding);
    return encoding ? std::string(html::charset_label(*encoding)) : std::string();
}

release::Entry taken_over_entry(Worker& worker, const content::Page& page, const content::LivePage& live,
                                content::Body body, render::Notes& notes) {
    const objects::Store& objects = *worker.site.objects;
    auto regions = content::list_regions(worker.db, page.id);
    add_shared_parts(worker.site, worker.db, page, regions, body, notes.keys);
    if (!body.parts.empty()) {
        const std::string original = objects.load(page.document);
        return stored_entry(worker, live.path, render::taken_over(original, page, regions, body),
                            base::media_type(live.path));
    }
    const auto size = objects.find_size(page.document);
    if (!size) throw Error(Kind::NotFound, fmt::format("{}: the original document is missing", page.path));
    return file_entry(live.path, page.document, *size, base::media_type(live.path));
}

}  // namespace

release::Entry file_entry(std::string_view path, const base::Hash& hash, std::int64_t size, std::string_view type) {
    release::Entry entry;
    entry.path = base::percent_decode(path).value_or(std::string(path));
    entry.hash = hash;
    entry.size = size;
    entry.type = type;
    return entry;
}

release::Entry stored_entry(Worker& worker, std::string_view path, std::string_view bytes, std::string_view type) {
    const auto stored = worker.site.objects->put(bytes, sys::Durability::Later);
    return file_entry(path, stored.hash, stored.size, type);
}

void render_page(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to) {
    const base::PageId id{number_of(rest)};
    const auto live = content::find_live(worker.db, id);
    const auto page = content::find_page(worker.db, id);
    if (!live || !page) return;
    const content::Revision revision = content::load_revision(worker.db, live->revision);
    release::Entry entry;
    if (live->kind == content::PageKind::Composed) {
        const render::Composed made = render::composed(worker.sight, notes, *page, *live, revision.body);
        entry = stored_entry(worker, live->path, made.html, "text/html");
        entry.charset = "utf-8";
    } else {
        entry = taken_over_entry(worker, *page, *live, revision.body, notes);
        entry.charset = charset_of(*page);
    }
    entry.source = fmt::format("r{}", revision.id.value);
    to.entries.push_back(std::move(entry));
    for (const content::Attachment& one : revision.body.attachments) {
        release::Entry file = file_entry(one.path, one.hash, one.size, one.type);
        file.source = fmt::format("r{}", revision.id.value);
        to.entries.push_back(std::move(file));
    }
}

void render_asset(Worker& worker, std::string_view rest, render::Notes&, Rendered& to) {
    const auto asset = content::find_asset(worker.db, base::AssetId{number_of(rest)});
    if (!asset) return;
    release::Entry entry = file_entry(asset->path, asset->hash, asset->size, asset->type);
    entry.charset = asset->charset;
    entry.source = fmt::format("a{}", asset->id.value);
    to.entries.push_back(std::move(entry));
}

void render_redirect(Worker& worker, std::string_view rest, render::Notes&, Rendered& to) {
    const auto redirect = content::find_redirect(worker.db, rest);
    if (!redirect) return;
    release::Entry entry;
    entry.path = base::percent_decode(redirect->path).value_or(redirect->path);
    entry.status = redirect->status;
    entry.location = redirect->location;
    to.entries.push_back(std::move(entry));
}

}  // namespace flow
