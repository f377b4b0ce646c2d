#include "flow/render_source.h"

#include <thread>

#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/sys/log.h"
#include "press/content/store.h"
#include "press/render/taken_over.h"

namespace flow {

namespace {

using base::Error;
using base::Kind;

release::Entry file_entry(std::string_view path, const base::Hash& hash, std::int64_t size, std::string_view type) {
    release::Entry entry;
    entry.path = base::percent_decode(path).value_or(std::string(path));
    entry.hash = hash;
    entry.size = size;
    entry.type = type;
    return entry;
}

/// The charset to say in Content-Type. A page whose encoding nobody knows is left to the browser, as the old server
/// left it.
std::string charset_of(const content::Page& page) {
    const auto encoding = html::find_encoding(page.encoding);
    return encoding ? std::string(html::charset_label(*encoding)) : std::string();
}

void render_page(Site& site, sys::Reader& db, const content::Page& page, Rendered& to) {
    const content::Revision revision = content::load_revision(db, page.live);
    objects::Stored stored{page.document, 0, false};
    if (revision.body.parts.empty()) {
        const auto size = site.objects->find_size(page.document);
        if (!size) throw Error(Kind::NotFound, fmt::format("{}: the original document is missing", page.path));
        stored.size = *size;
    } else {
        const auto regions = content::list_regions(db, page.id);
        const std::string original = site.objects->load(page.document);
        stored = site.objects->put(render::taken_over(original, page, regions, revision.body), sys::Durability::Later);
    }
    release::Entry entry = file_entry(page.path, stored.hash, stored.size, base::media_type(page.path));
    entry.charset = charset_of(page);
    entry.source = fmt::format("r{}", revision.id.value);
    to.entries.push_back(std::move(entry));
    for (const content::Attachment& one : revision.body.attachments) {
        release::Entry file = file_entry(one.path, one.hash, one.size, one.type);
        file.source = fmt::format("r{}", revision.id.value);
        to.entries.push_back(std::move(file));
    }
}

Rendered render_one(Site& site, sys::Reader& db, const std::string& source) {
    Rendered rendered;
    rendered.state.source = source;
    const auto colon = source.find(':');
    const std::string kind = source.substr(0, colon);
    const std::int64_t id = std::strtoll(source.c_str() + colon + 1, nullptr, 10);
    if (kind == "page") {
        const auto page = content::find_page(db, base::PageId{id});
        if (page && page->live) render_page(site, db, *page, rendered);
    } else if (kind == "asset") {
        if (const auto asset = content::find_asset(db, base::AssetId{id})) {
            release::Entry entry = file_entry(asset->path, asset->hash, asset->size, asset->type);
            entry.charset = asset->charset;
            entry.source = fmt::format("a{}", id);
            rendered.entries.push_back(std::move(entry));
        }
    } else {
        throw Error(Kind::Bug, fmt::format("nothing renders the source {}", source));
    }
    for (const release::Entry& entry : rendered.entries)
        rendered.state.paths.push_back(base::percent_encode(entry.path));
    std::sort(rendered.state.paths.begin(), rendered.state.paths.end());
    return rendered;
}

/// True when the fault is in the one page, not in the machine under it.
bool concerns_one_source(const Error& error) {
    return error.kind() == Kind::BadInput || error.kind() == Kind::Conflict || error.kind() == Kind::NotFound ||
           error.kind() == Kind::Damaged;
}

}  // namespace

std::vector<Rendered> render_sources(Site& site, std::span<const std::string> sources, base::Instant,
                                     const std::function<void(std::int64_t, std::int64_t)>& progress) {
    std::vector<std::optional<Rendered>> all(sources.size());
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    const auto work = [&](bool tells) {
        try {
            // One snapshot for a run of sources: a transaction for each would cost more than the rendering.
            while (next < sources.size()) {
                site.database->read([&](sys::Reader& db) {
                    for (int i = 0; i < 500; ++i) {
                        const std::size_t at = next++;
                        if (at >= sources.size()) return;
                        try {
                            all[at] = render_one(site, db, sources[at]);
                        } catch (const Error& error) {
                            if (!concerns_one_source(error)) throw;
                            sys::log(sys::Level::Error, "source cannot be rendered; its old pages stay",
                                     {{"source", sources[at]}, {"problem", error.message()}});
                        }
                        if (tells && progress && at % 64 == 0)
                            progress(static_cast<std::int64_t>(at), static_cast<std::int64_t>(sources.size()));
                    }
                });
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
            next = sources.size();
        }
    };
    const std::size_t wanted = site.settings.publish.threads > 0
                                   ? static_cast<std::size_t>(site.settings.publish.threads)
                                   : std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < std::min(wanted, sources.size() / 50 + 1); ++i) threads.emplace_back(work, false);
    work(true);
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
    std::vector<Rendered> rendered;
    rendered.reserve(all.size());
    for (auto& one : all)
        if (one) rendered.push_back(std::move(*one));
    return rendered;
}

}  // namespace flow
