#include "flow/inbound_links.h"

#include <algorithm>
#include <unordered_set>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/release/manifest.h"
#include "press/content/links.h"
#include "press/content/store.h"
#include "press/content/unfilled.h"
#include "press/intake/address.h"
#include "press/intake/store.h"

namespace flow {

namespace {

intake::Address address_of(std::string_view path) {
    return {"http", "site.invalid", fmt::format("/{}", path), "", false};
}

void add_target(std::set<std::string>& targets, const intake::Address& from, std::string_view reference) {
    const auto to = intake::resolve(from, reference);
    if (!to || to->host != from.host) return;
    if (const auto path = intake::public_path(*to)) targets.insert(base::percent_encode(*path));
}

std::set<std::string> body_targets(std::string_view path, const content::Body& body) {
    std::set<std::string> targets;
    for (const auto& [name, text] : body.parts) {
        try {
            targets.merge(link_targets(path, {}, html::list_links(html::Document::parse_fragment(text))));
        } catch (const base::Error& error) {
            if (error.kind() != base::Kind::BadInput) throw;  // nested too deep to be read: it leads nowhere
        }
    }
    return targets;
}

/// What a takeover found in the page's document.
std::set<std::string> document_targets(sys::Reader& db, std::string_view path) {
    std::set<std::string> targets;
    const intake::Address from = address_of(path);
    const std::string links = intake::find_links(db, path);
    for (const std::string_view line : base::split(links, '\n'))
        if (!line.empty()) add_target(targets, from, line);
    return targets;
}

}  // namespace

std::set<std::string> link_targets(std::string_view path, std::string_view base_href,
                                   const std::vector<html::Link>& links) {
    std::set<std::string> targets;
    intake::Address from = address_of(path);
    const std::string own_host = from.host;
    if (const auto base = intake::resolve(from, base_href); !base_href.empty() && base) from = *base;
    if (from.host != own_host) return targets;
    for (const html::Link& link : links)
        if ((link.kind == html::LinkKind::Anchor || link.kind == html::LinkKind::Area) && !link.url.empty() &&
            link.url.front() != '#')
            add_target(targets, from, link.url);
    return targets;
}

void keep_links(sys::Transaction& tx, base::PageId page) {
    const auto live = content::find_live(tx, page);
    content::set_links(
        tx, page, content::LinkSource::Body,
        live ? body_targets(live->path, content::load_revision(tx, live->revision).body) : std::set<std::string>());
}

InboundLinks find_inbound_links(sys::Reader& db, const content::Page& page, int most) {
    InboundLinks found;
    const auto live = content::find_live(db, page.id);
    const std::string path = live ? live->path : page.path;
    std::string url = "/" + path;
    if (content::is_index_path(path)) url.resize(url.size() - std::string_view("index.html").size());
    if (url == "/") return found;
    found.pages = content::list_linking(db, path, page.id, most + 1);
    found.is_more = static_cast<int>(found.pages.size()) > most;
    if (found.is_more) found.pages.pop_back();
    for (const content::Template& one : content::list_templates(db)) {
        const auto text = content::find_live_template(db, one.name);
        if (text && text->source.find(fmt::format("\"{}\"", url)) != std::string::npos) found.templates.push_back(one);
    }
    return found;
}

// Each is read on one page that has it: whether it leads to another writer's area is not known by its number.
constexpr std::size_t kMostLookedAt = 1000;

BrokenLinks find_broken_links(Site& site, std::size_t most, std::chrono::seconds patience) {
    const auto end = site.clock.monotonic() + patience;
    const auto has_time = [&] { return site.clock.monotonic() < end; };
    const PublicSide side = open_public_side(site.folders.site);
    const std::int64_t newest = side.log.newest();
    if (newest == 0) return {};
    const release::Manifest manifest = side.log.manifest_at(newest, side.keys);
    std::unordered_set<std::int64_t> there;
    manifest.each([&](const release::Entry& entry) {
        if (entry.status != 410) there.insert(content::link_number(base::percent_encode(entry.path)));
        return true;
    });
    BrokenLinks found;
    site.database->read([&](sys::Reader& db) {
        found = {};
        const auto dead = content::list_dead_links(
            db, [&](std::int64_t number) { return there.contains(number); }, has_time);
        found.targets = static_cast<std::int64_t>(dead.links.size());
        found.is_cut = dead.is_cut;
        std::size_t looked_at = 0;
        for (const content::DeadLink& one : dead.links) {
            if (++looked_at > std::max(most, kMostLookedAt)) break;
            if (looked_at > most && !has_time()) {
                found.is_cut = true;
                break;
            }
            const auto live = content::find_live(db, one.example);
            if (!live) continue;
            std::set<std::string> targets = body_targets(live->path, content::load_revision(db, live->revision).body);
            targets.merge(document_targets(db, live->path));
            for (const std::string& target : targets) {
                if (content::link_number(target) != one.number) continue;
                const std::string path = base::percent_decode(target).value_or(target);
                const bool is_elsewhere =
                    manifest.holds_files(path) ||
                    std::any_of(site.settings.others.begin(), site.settings.others.end(),
                                [&](const auto& area) { return ("/" + target).starts_with(area.path); });
                if (is_elsewhere)
                    --found.targets;
                else if (found.worst.size() < most)
                    found.worst.push_back({"/" + base::to_valid_utf8(path), one.pages,
                                           live->title.empty() ? live->path : live->title, "/" + live->path});
                break;
            }
        }
    });
    return found;
}

void fill_what_is_new(sys::Database& database) {
    if (!database.read(content::is_anything_unfilled)) return;
    while (database.write(content::fill_words)) {
    }
    const auto fill = [](sys::Transaction& tx) {
        return content::fill_links(tx, [&](const content::Page& page) {
            keep_links(tx, page.id);
            content::set_links(tx, page.id, content::LinkSource::Document, document_targets(tx, page.path));
        });
    };
    while (database.write(fill)) {
    }
}

}  // namespace flow
