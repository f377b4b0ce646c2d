// The generated files: archives, feeds, sitemaps, error pages and style sheets.
#include "flow/render/source.h"
#include "ground/base/error.h"
#include "press/content/fields.h"
#include "press/content/live.h"
#include "press/content/store.h"
#include "press/render/archive.h"
#include "press/render/composed.h"
#include "press/render/feed.h"

namespace flow {

namespace {

release::Entry xml_entry(Worker& worker, std::string_view path, std::string_view xml, std::string_view type) {
    release::Entry entry = stored_entry(worker, path, xml, type);
    entry.charset = "utf-8";
    entry.source = "generated";
    return entry;
}

std::string address_of(const render::SiteFacts& facts, std::string_view path) {
    return facts.url + render::url_of(path).substr(1);
}

}  // namespace

void render_archive(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to) {
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos) return;
    const std::string_view path = rest.substr(0, colon), period = rest.substr(colon + 1);
    const auto section = content::find_section(worker.db, path);
    if (!section || section->archive == content::Archive::None) return;
    const auto periods = render::list_periods(worker.db, *section);
    if (std::find(periods.begin(), periods.end(), period) == periods.end()) return;
    const render::Composed made = render::archive(worker.sight, notes, *section, period);
    release::Entry entry = stored_entry(worker, render::archive_path(path, period), made.html, "text/html");
    entry.charset = "utf-8";
    entry.source = "generated";
    to.entries.push_back(std::move(entry));
}

void render_feed(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to) {
    worker.sight.note_to(notes);
    const render::SiteFacts& facts = worker.sight.facts();
    const auto section = worker.sight.section(rest);
    if (!worker.switches.feeds || (!rest.empty() && (!section || !section->has_feed))) return;
    render::Feed feed;
    feed.title = rest.empty() ? facts.name : fmt::format("{}｜{}", section->title, facts.name);
    feed.address = fmt::format("{}{}", facts.url, rest);
    feed.own_address = fmt::format("{}{}rss.xml", facts.url, rest);
    feed.description = fmt::format("{}の新着情報", feed.title);
    feed.language = facts.language;
    const std::string list = fmt::format("tree:{}", rest);
    notes.add(content::newest_key(list, facts.news_items));
    for (const content::LivePage& page : content::list_newest(worker.db, list, static_cast<int>(facts.news_items)))
        feed.items.push_back({page.title, address_of(facts, page.path), page.description, page.published_at});
    to.entries.push_back(
        xml_entry(worker, fmt::format("{}rss.xml", rest), render::write_feed(feed), "application/rss+xml"));
}

void render_sitemap(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to) {
    worker.sight.note_to(notes);
    if (!worker.switches.sitemap) return;
    const render::SiteFacts& facts = worker.sight.facts();
    if (rest == "index") {
        std::vector<std::string> addresses;
        for (const std::int64_t shard : content::list_shards(worker.db))
            addresses.push_back(fmt::format("{}sitemap/{}.xml", facts.url, shard));
        if (!addresses.empty())
            to.entries.push_back(
                xml_entry(worker, "sitemap.xml", render::write_sitemap_index(addresses), "application/xml"));
        return;
    }
    const std::int64_t shard = std::strtoll(std::string(rest).c_str(), nullptr, 10);
    std::vector<render::SitemapEntry> entries;
    for (const content::LivePage& page : content::list_shard(worker.db, shard))
        entries.push_back({address_of(facts, page.path), page.updated_at});
    if (!entries.empty())
        to.entries.push_back(
            xml_entry(worker, fmt::format("sitemap/{}.xml", shard), render::write_sitemap(entries), "application/xml"));
}

void render_error(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to) {
    worker.sight.note_to(notes);
    worker.sight.note("settings");
    if (!worker.switches.error_pages) return;
    const int status = static_cast<int>(std::strtol(std::string(rest).c_str(), nullptr, 10));
    if (status == 410) {
        // A city's own type from before 410 had words would say something else; there the page of 404 stands in.
        const auto type = worker.sight.live_template("error");
        if (!type || type->source.find("410") == std::string::npos) return;
    }
    const render::Composed made = render::error_page(worker.sight, notes, status);
    release::Entry entry = stored_entry(worker, fmt::format("{}.html", status), made.html, "text/html");
    entry.charset = "utf-8";
    entry.status = status;
    entry.source = "generated";
    to.entries.push_back(std::move(entry));
}

void render_style(Worker& worker, std::string_view rest, render::Notes&, Rendered& to) {
    if (!worker.switches.styles) return;
    const auto style = content::find_live_template(worker.db, rest);
    if (!style || style->kind != content::TemplateKind::Style) return;
    release::Entry entry = stored_entry(worker, fmt::format("theme/{}", rest),
                                        content::without_fields(style->kind, style->source), "text/css");
    entry.charset = "utf-8";
    entry.source = fmt::format("t{}", style->revision.value);
    to.entries.push_back(std::move(entry));
}

}  // namespace flow
