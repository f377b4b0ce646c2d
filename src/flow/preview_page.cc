#include "flow/preview_page.h"

#include <algorithm>

#include "flow/frame_parts.h"
#include "flow/render_source.h"
#include "flow/theme_pictures.h"
#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/release/store.h"
#include "press/content/fields.h"
#include "press/content/kind.h"
#include "press/content/store.h"
#include "press/content/templates.h"
#include "press/render/taken_over.h"
#include "press/workflow/store.h"

namespace flow {

namespace {

constexpr std::string_view kStyles = "theme/";

std::string type_of(std::string_view type, std::string_view charset) {
    return charset.empty() ? std::string(type) : fmt::format("{}; charset={}", type, charset);
}

Preview render(Site& site, const content::Page& page, const content::Revision& revision) {
    const auto encoding = html::find_encoding(page.encoding);
    std::vector<content::Region> regions;
    content::Body body = revision.body;
    site.database->read([&](sys::Reader& db) {
        regions = content::list_regions(db, page.id);
        std::set<std::string> reads;
        add_shared_parts(site, db, page, regions, body, reads);
    });
    return {render::taken_over(site.objects->load(page.document), page, regions, body),
            type_of(base::media_type(page.path), encoding ? html::charset_label(*encoding) : std::string_view()),
            revision.id};
}

/// `released`: when a revision that is not live yet would become public.
Preview render_revision(Site& site, base::PageId id, base::RevisionId revision_id, base::Instant at,
                        base::Instant released) {
    const auto [page, revision] = site.database->read([&](sys::Reader& db) {
        return std::pair(content::load_page(db, id), content::load_revision(db, revision_id));
    });
    if (revision.page != id)
        throw base::Error(base::Kind::NotFound, fmt::format("版（番号 {}）は見つかりません。", revision_id.value));
    if (content::kind_of(page, revision.body) == content::PageKind::Composed)
        return {site.database->read([&, &shown = page, &words = revision](sys::Reader& db) {
                    return preview_composed(site, db, shown, words, at, released);
                }),
                "text/html; charset=utf-8", revision.id};
    return render(site, page, revision);
}

}  // namespace

Preview preview_revision(Site& site, base::PageId id, base::RevisionId revision_id) {
    const base::Instant now = site.clock.now();
    return render_revision(site, id, revision_id, now, now);
}

Preview preview_at(Site& site, base::PageId id, base::Instant at) {
    const auto [page, standing] = site.database->read(
        [&](sys::Reader& db) { return std::pair(content::load_page(db, id), workflow::find_standing(db, id)); });
    base::RevisionId shown = page.live;
    base::Instant until = standing.live_until, released = at;
    const bool is_asked = standing.state == workflow::State::Submitted || standing.state == workflow::State::Approved ||
                          standing.state == workflow::State::Scheduled;
    if (is_asked && standing.matter == workflow::Matter::Publish && standing.publish_at <= at) {
        shown = standing.revision;
        until = standing.withdraw_at;
        released =
            std::max(standing.publish_at, std::min(at, site.clock.now()));  // without a time: once it is approved
    }
    const bool is_ended = is_asked && standing.matter == workflow::Matter::Withdraw && standing.publish_at <= at;
    if (!shown || is_ended || (until.milliseconds > 0 && until <= at)) return {};
    return render_revision(site, id, shown, at, released);
}

std::optional<Preview> preview_file(Site& site, base::RevisionId revision_id, const std::string& path) {
    const auto [revision, entry, style] = site.database->read([&](sys::Reader& db) {
        return std::tuple(
            content::find_revision(db, revision_id), release::find_entry(db, path),
            path.starts_with(kStyles) ? content::find_live_template(db, path.substr(kStyles.size())) : std::nullopt);
    });
    if (revision)
        for (const content::Attachment& one : revision->body.attachments)
            if (base::percent_decode(one.path) == path)
                return Preview{site.objects->load(one.hash), one.type, revision_id};
    // A style sheet becomes public with the first page that needs it.
    if (!entry && style && style->kind == content::TemplateKind::Style)
        return Preview{
            std::string(content::without_fields(style->kind, style->source)), type_of("text/css", "utf-8"), {}};
    // A picture that came with a draft of the theme becomes public with it. Only who previews something sees it before.
    if (const auto file = content::find_theme_file(path); file && !entry && revision_id)
        if (auto bytes = load_theme_picture(site, *file))
            return Preview{*std::move(bytes), std::string(file->type), {}};
    if (!entry || !entry->has_body()) return std::nullopt;
    return Preview{site.objects->load(entry->hash), type_of(entry->type, entry->charset), {}};
}

}  // namespace flow
