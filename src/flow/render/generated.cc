#include "flow/render/generated.h"

#include "press/content/live.h"
#include "press/content/store.h"
#include "press/publish/queue.h"
#include "press/render/archive.h"

namespace flow {

namespace {

void add_sections_feeds(sys::Reader& db, base::SectionId parent, std::vector<std::string>& to) {
    for (const content::Section& section : content::list_sections(db, parent)) {
        if (section.has_feed) to.push_back("feed:" + section.path);
        add_sections_feeds(db, section.id, to);
    }
}

std::string fingerprint(const settings::Settings& settings, const Switches& switches) {
    return fmt::format("{}\n{}\n{}\n{} {} {} {} {} {}", settings.site.name, settings.site.url, settings.site.language,
                       settings.publish.news_items, settings.publish.new_days, switches.sitemap, switches.feeds,
                       switches.error_pages, switches.styles);
}

}  // namespace

Switches find_switches(sys::Reader& db, const settings::Settings& settings) {
    const bool has_composed = content::is_any_live(db, content::PageKind::Composed);
    const bool is_ours = has_composed && !content::is_any_live(db, content::PageKind::TakenOver);
    const auto is_on = [&](const settings::Text& word) { return word == "on" || (word == "auto" && is_ours); };
    Switches switches{is_on(settings.publish.sitemap), is_on(settings.publish.feeds),
                      is_on(settings.publish.error_pages), has_composed};
    switches.styles = switches.styles || switches.error_pages;
    return switches;
}

render::SiteFacts facts_of(const settings::Settings& settings, const Switches& switches) {
    return {settings.site.name,          settings.site.url,         settings.site.language,
            settings.publish.news_items, settings.publish.new_days, switches.feeds};
}

std::vector<std::string> list_generated(sys::Reader& db) {
    std::vector<std::string> sources{"feed:", "sitemap:index", "error:403", "error:404", "error:410", "error:503"};
    for (const content::Template& style : content::list_templates(db, content::TemplateKind::Style))
        sources.push_back("style:" + style.name);
    for (const std::int64_t shard : content::list_shards(db)) sources.push_back(fmt::format("sitemap:{}", shard));
    if (const auto root = content::find_section(db, "")) {
        add_sections_feeds(db, root->id, sources);
    }
    return sources;
}

void mark_settings_changes(sys::Database& database, const settings::Settings& settings, base::Instant at) {
    const auto has_changed = [&](sys::Reader& db, std::string& now) {
        now = fingerprint(settings, find_switches(db, settings));
        return publish::find_note(db, "settings") != now;
    };
    std::string now;
    if (!database.read([&](sys::Reader& db) { return has_changed(db, now); })) return;
    database.write([&](sys::Transaction& tx) {
        if (!has_changed(tx, now)) return;
        publish::set_note(tx, "settings", now);
        publish::mark_dirty(tx, "settings", at);
        for (const std::string& source : list_generated(tx)) publish::mark_dirty(tx, source, at);
    });
}

}  // namespace flow
