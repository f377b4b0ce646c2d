#include "flow/render_source.h"

#include <thread>

#include "flow/render/source.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/log.h"
#include "press/content/live.h"
#include "press/render/composed.h"

namespace flow {

namespace {

using base::Error;
using base::Kind;

/// Sources that one snapshot serves: a transaction for each would cost more than the rendering, and what many of them
/// read is read once.
constexpr int kSourcesOfASnapshot = 2000;

constexpr std::pair<std::string_view, RenderKind> kKinds[] = {
    {"page", render_page}, {"asset", render_asset},     {"redirect", render_redirect}, {"archive", render_archive},
    {"feed", render_feed}, {"sitemap", render_sitemap}, {"error", render_error},       {"style", render_style},
};

/// True when the fault is in the one page, not in the machine under it.
bool concerns_one_source(const Error& error) {
    return error.kind() == Kind::BadInput || error.kind() == Kind::Conflict || error.kind() == Kind::NotFound ||
           error.kind() == Kind::Damaged;
}

void render_one(Worker& worker, render::Notes& notes, Rendered& rendered) {
    const std::string& source = rendered.state.source;
    const auto colon = source.find(':');
    const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const auto& one) { return one.first == source.substr(0, colon); });
    if (kind == std::end(kKinds)) throw Error(Kind::Bug, fmt::format("nothing renders the source {}", source));
    kind->second(worker, std::string_view(source).substr(colon + 1), notes, rendered);
    for (const release::Entry& entry : rendered.entries) {
        if (const auto fault = release::find_path_fault(entry.path))
            throw Error(Kind::BadInput, fmt::format("{}: {}", base::percent_encode(entry.path), *fault));
        rendered.state.paths.push_back(base::percent_encode(entry.path));
    }
    std::sort(rendered.state.paths.begin(), rendered.state.paths.end());
}

Rendered render_or_fail(Worker& worker, const std::string& source) {
    Rendered rendered;
    rendered.state.source = source;
    render::Notes notes;
    try {
        render_one(worker, notes, rendered);
    } catch (const Error& error) {
        if (!concerns_one_source(error)) throw;
        sys::log(sys::Level::Error, "source cannot be rendered; its old pages stay",
                 {{"source", source}, {"problem", error.message()}});
        rendered = {};
        rendered.state.source = source;
        rendered.problem = error.message();
    }
    notes.keys.erase(source);
    rendered.state.reads.assign(notes.keys.begin(), notes.keys.end());
    rendered.state.changes_at = notes.changes_at;
    return rendered;
}

}  // namespace

std::vector<Rendered> render_sources(Site& site, std::span<const std::string> sources, base::Instant at,
                                     const std::function<void(std::int64_t, std::int64_t)>& progress) {
    std::vector<Rendered> all(sources.size());
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    const Switches switches = site.database->read([&](sys::Reader& db) { return find_switches(db, site.settings); });
    const render::SiteFacts facts = facts_of(site.settings, switches);
    const auto work = [&](bool tells) {
        try {
            while (next < sources.size()) {
                site.database->read([&](sys::Reader& db) {
                    render::Sight sight(db, facts, *site.templates, at);
                    Worker worker{site, db, sight, switches};
                    for (int i = 0; i < kSourcesOfASnapshot; ++i) {
                        const std::size_t place = next++;
                        if (place >= sources.size()) return;
                        all[place] = render_or_fail(worker, sources[place]);
                        if (tells && progress && place % 64 == 0)
                            progress(static_cast<std::int64_t>(place), static_cast<std::int64_t>(sources.size()));
                    }
                });
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
            next = sources.size();
        }
    };
    std::size_t wanted = site.settings.publish.threads > 0 ? static_cast<std::size_t>(site.settings.publish.threads)
                                                           : std::max(1U, std::thread::hardware_concurrency());
    // Each holds a reading connection for long: at least one is left to the office.
    wanted = std::min(wanted, static_cast<std::size_t>(std::max<std::int64_t>(1, site.settings.database.readers - 1)));
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < std::min(wanted, sources.size() / 50 + 1); ++i) threads.emplace_back(work, false);
    work(true);
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
    return all;
}

std::string preview_composed(Site& site, sys::Reader& db, const content::Page& page, const content::Revision& revision,
                             base::Instant at, base::Instant released) {
    const Switches switches = find_switches(db, site.settings);
    const render::SiteFacts facts = facts_of(site.settings, switches);
    render::Sight sight(db, facts, *site.templates, at);
    render::Notes notes;
    const auto live = content::find_live(db, page.id);
    const content::LivePage shown{page.id,
                                  page.path,
                                  page.kind,
                                  revision.body.title,
                                  revision.body.description,
                                  revision.id,
                                  live ? live->published_at : released,
                                  live && live->revision == revision.id ? live->updated_at : released};
    return render::composed(sight, notes, page, shown, revision.body).html;
}

}  // namespace flow
