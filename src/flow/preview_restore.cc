#include "flow/preview_restore.h"

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/acts.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/release/store.h"
#include "press/content/store.h"

namespace flow {

namespace {

constexpr std::size_t kManifestLimit = 64U << 20;
constexpr int kLinesAtOnce = 1000;
constexpr int kMostLines = 20'000;  // that are read to describe points

std::int64_t number_after(std::string_view subject, std::string_view word) {
    return subject.starts_with(word) ? std::strtoll(std::string(subject.substr(word.size())).c_str(), nullptr, 10) : 0;
}

/// Whose act it was; 0: nobody's, or one that made nothing which could be lost.
std::int64_t find_maker(const ledger::Line& line) {
    const std::string& act = line.entry.act;
    return act.starts_with("person.sign-") || act == "person.unlock" ? 0 : number_after(line.entry.by, "person:");
}

LostAct describe_act(sys::Reader& db, const ledger::Line& line, std::int64_t person) {
    const auto who = people::find_person(db, base::PersonId{person});
    const std::int64_t page = number_after(line.entry.subject, "page:");
    const auto what = page == 0 ? std::nullopt : content::find_page(db, base::PageId{page});
    return {line.entry.at, who ? who->name : "", std::string(ledger::act_wording(line.entry.act)),
            what ? what->path : ""};
}

void count_lost(Site& site, RestorePreview& preview, int most_acts) {
    site.database->read([&](sys::Reader& db) {
        ledger::Search search;
        search.limit = kLinesAtOnce;
        for (bool is_more = true; is_more;) {
            const std::vector<ledger::Line> lines = ledger::find_lines(db, search);
            is_more = lines.size() == kLinesAtOnce;
            for (const ledger::Line& line : lines) {
                if (line.sequence <= preview.manifest.office.sequence) {
                    is_more = false;
                    break;
                }
                search.before = line.sequence;
                const std::int64_t person = find_maker(line);
                if (person == 0) continue;
                ++preview.lost_acts;
                if (preview.newest.size() < static_cast<std::size_t>(most_acts))
                    preview.newest.push_back(describe_act(db, line, person));
            }
        }
        const auto newest = release::find_newest(db);
        preview.lost_releases = std::max<std::int64_t>(0, (newest ? newest->number : 0) - preview.manifest.release);
    });
    preview.has_site = true;
}

}  // namespace

std::vector<PointContents> look_at_points(sys::Reader& office, std::span<const base::Instant> points) {
    std::vector<PointContents> found(points.size());
    ledger::Search search;
    search.limit = kLinesAtOnce;
    std::int64_t later = 0;
    std::size_t at = 0;  // the points before it were passed; each waits for the edit before it
    std::size_t waiting = 0;
    for (int read = 0; read < kMostLines && waiting < points.size();) {
        const std::vector<ledger::Line> lines = ledger::find_lines(office, search);
        for (const ledger::Line& line : lines) {
            for (; at < points.size() && line.entry.at <= points[at]; ++at) found[at] = {{}, later, true};
            const std::int64_t person = find_maker(line);
            if (person == 0) continue;
            ++later;
            const bool is_edit = line.entry.act == "page.save" || line.entry.act == "page.create";
            if (is_edit && waiting < at)
                for (const LostAct edit = describe_act(office, line, person); waiting < at; ++waiting)
                    found[waiting].last_edit = edit;
        }
        read += static_cast<int>(lines.size());
        if (lines.size() < kLinesAtOnce) {
            for (; at < points.size(); ++at) found[at] = {{}, later, true};
            break;
        }
        search.before = lines.back().sequence;
    }
    return found;
}

RestorePreview preview_restore(const backup::Restic& repository, const backup::Snapshot& snapshot, Site* site,
                               int most_acts) {
    RestorePreview preview;
    preview.snapshot = snapshot;
    for (const std::string& path : snapshot.paths)
        if (path.ends_with(backup::kPointFolder))
            preview.manifest = backup::parse_manifest(
                repository.dump(snapshot.id, fmt::format("{}/{}", path, backup::kManifestFile), kManifestLimit));
    if (preview.manifest.site.empty())
        throw base::Error(base::Kind::NotFound,
                          fmt::format("the snapshot {} is no backup made by yakuba", snapshot.id.substr(0, 8)));
    if (site != nullptr && site->settings.site.id == preview.manifest.site) count_lost(*site, preview, most_acts);
    return preview;
}

std::string RestorePreview::sentence() const {
    std::string text = fmt::format("{}時点。", calendar::format_era_moment(manifest.taken_at));
    if (const auto& edit = manifest.last_edit)
        text += fmt::format("含まれる最後の編集は{}、{}{}（{}）。", calendar::format_era_moment(edit->at),
                            edit->person.empty() ? "" : edit->person + "さんの", edit->title, edit->path);
    else
        text += "編集されたページはありません。";
    if (!has_site) return text;
    text += lost_acts == 0 && lost_releases == 0
                ? "これより後の操作はありません。"
                : fmt::format("これより後の操作{}件、公開{}回は戻りません。", lost_acts, lost_releases);
    return text;
}

}  // namespace flow
