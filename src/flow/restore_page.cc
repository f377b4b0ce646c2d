#include "flow/restore_page.h"

#include "flow/edit_page/turn.h"
#include "flow/restore/build.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/release/store.h"
#include "ground/sys/crypto.h"
#include "press/content/live.h"
#include "press/content/store.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;
using What = PageBack::What;

namespace {

constexpr std::size_t kLargestObject = std::size_t{1} << 30;
constexpr int kPagesAtOnce = 500;

/// What the old words need and today's store lacks.
void bring_objects(Site& today, const OpenedBackup& then, const content::Body& body) {
    for (const content::Attachment& each : body.attachments)
        if (!today.objects->is_whole(each.hash, each.size)) today.objects->put(then.load_object(each.hash));
}

/// The same page today: by its number, which a page keeps when it moves; else by its path.
std::optional<content::Page> find_today(sys::Reader& db, const content::Page& old) {
    if (auto same = content::find_page(db, old.id); same && same->made_at == old.made_at) return same;
    return content::find_page(db, old.path);
}

PageBack make_anew(Site& today, const content::Page& old, const content::Body& body, const Doer& doer) {
    PageBack back;
    back.path = old.path;
    if (old.kind == content::PageKind::TakenOver) {
        back.message =
            "このページは取り込んだページで、いまのサイトにはありません。全体を別の場所に復元して取り出してください。";
        return back;
    }
    NewDraft made;
    made.path = old.path;
    made.body = body;
    made.language = old.language;
    const Outcome outcome = create_page(today, made, doer);
    if (outcome.refusal) {
        back.message = outcome.refusal->ja;
        return back;
    }
    back.what = What::Made;
    back.page = outcome.page.id;
    back.revision = outcome.revision;
    return back;
}

PageBack bring_back(Site& today, OpenedBackup& then, const content::Page& old, Version version, const Doer& doer) {
    const base::RevisionId wanted = version == Version::Latest ? old.latest : old.live;
    if (!wanted) throw Error(Kind::NotFound, fmt::format("{} は、このバックアップでは公開されていません。", old.path));
    const content::Body body =
        then.site().database->read([&](sys::Reader& db) { return content::load_revision(db, wanted).body; });
    const auto page = today.database->read([&](sys::Reader& db) { return find_today(db, old); });
    bring_objects(today, then, body);
    if (!page) return make_anew(today, old, body, doer);

    Outcome opened = look_at(today, page->id);
    const content::Revision latest =
        today.database->read([&](sys::Reader& db) { return content::load_revision(db, opened.revision); });
    PageBack back;
    back.path = page->path;
    back.page = page->id;
    back.revision = latest.id;
    back.replaced = latest.number;
    back.replaced_at = latest.made_at;
    back.is_newer_today = latest.made_at > then.manifest().taken_at;
    if (latest.body == body) {
        back.what = What::Same;
        return back;
    }
    Save save;
    save.page = page->id;
    save.based_on = latest.id;
    save.version = opened.version();
    save.accepts_losses = true;          // it was in the site before, and today's words stay in the history
    if (opened.standing.is_autosaved) {  // which the next save would replace: it becomes a version of its own first
        save.body = latest.body;
        opened = save_draft(today, save, doer);
        if (!opened.refusal) save.version = opened.version();
        save.based_on = opened.revision;
    }
    save.body = body;
    save.note = fmt::format("バックアップ（{}）から", calendar::format_era_moment(then.manifest().taken_at));
    const Outcome outcome = opened.refusal ? opened : save_draft(today, save, doer);
    if (outcome.refusal) {
        back.message = outcome.refusal->ja;
        return back;
    }
    back.what = What::Drafted;
    back.revision = outcome.revision;
    if (page->path != old.path) back.message = fmt::format("{} から移動しています。", old.path);
    return back;
}

}  // namespace

std::string_view what_id(What what) {
    constexpr std::string_view kIds[] = {"drafted", "made", "same", "refused"};
    return kIds[static_cast<std::size_t>(what)];
}

OpenedBackup::OpenedBackup(const backup::Restic& repository, const backup::Snapshot& snapshot,
                           const RestoreOptions& options, const base::Clock& clock)
    : repository_(repository), snapshot_(snapshot.id) {
    RestoreOptions here = options;
    here.to = scratch_.path() / "site";
    here.snapshot = snapshot.id;
    for (const std::string& path : snapshot.paths)
        if (path.ends_with(backup::kPointFolder)) here.point = path;
    const std::string point = here.point.string();
    repository.restore(snapshot.id, scratch_.path() / "unpacked", backup::Restic::Proof::Caller, std::span(&point, 1));
    Restored figures;
    restoring::Build build{restoring::find_point(scratch_.path() / "unpacked", here.point), folders_of(here.to), here,
                           clock, figures};
    restoring::check_point(build.point, [&] { build.between(); });
    restoring::place_settings(build);
    restoring::place_releases(build);
    restoring::place_database(build);
    manifest_ = build.point.manifest;
    site_ = Site::open(here.to, clock);
}

OpenedBackup::~OpenedBackup() {
    site_.reset();
    try {
        restoring::clear_left_over_database(scratch_.path());
    } catch (const std::exception&) {
        // It was a scratch database; the operator who made it removes it.
    }
}

std::string OpenedBackup::load_object(const base::Hash& hash) const {
    const std::string name = hash.hex();
    const std::string path = fmt::format("{}/objects/{}/{}", manifest_.site_path, name.substr(0, 2), name);
    std::string bytes = repository_.dump(snapshot_, path, kLargestObject);
    if (sys::sha256(bytes) != hash)
        throw Error(Kind::Damaged, fmt::format("the object {} in the backup is not what it is named after", name));
    return bytes;
}

PageBack restore_page(Site& today, OpenedBackup& then, const std::string& path, Version version, const Doer& doer) {
    const auto old = then.site().database->read([&](sys::Reader& db) { return content::find_page(db, path); });
    if (!old)
        throw Error(Kind::NotFound, fmt::format("{} のページは、{}のバックアップにはありません。", path,
                                                calendar::format_era_moment(then.manifest().taken_at)));
    return bring_back(today, then, *old, version, doer);
}

std::vector<PageBack> restore_department(Site& today, OpenedBackup& then, const std::string& code, Version version,
                                         const Doer& doer) {
    content::PageFilter filter;
    filter.limit = kPagesAtOnce;
    // A page that names no department is its section's.
    const base::DepartmentId wanted = then.site().database->read([&](sys::Reader& db) {
        const auto department = people::find_department(db, code);
        if (!department)
            throw Error(Kind::NotFound, fmt::format("部署コード {} は、このバックアップにはありません。", code));
        return department->id;
    });
    std::vector<PageBack> all;
    do {
        const content::PageList list =
            then.site().database->read([&](sys::Reader& db) { return content::list_pages(db, filter); });
        for (const content::Page& old : list.pages) {
            const base::DepartmentId charged = then.site().database->read(
                [&](sys::Reader& db) { return department_of(db, old.department, old.section); });
            if (charged != wanted) continue;
            if (version == Version::Public && !old.live) continue;
            try {
                all.push_back(bring_back(today, then, old, version, doer));
            } catch (const Error& error) {
                PageBack failed;
                failed.path = old.path;
                failed.page = old.id;
                failed.message = error.message();
                all.push_back(std::move(failed));
            }
        }
        filter.after = list.next;
    } while (!filter.after.empty());
    return all;
}

FileBack restore_file(Site* today, OpenedBackup& then, const std::string& path) {
    const auto entry = then.site().database->read([&](sys::Reader& db) { return release::find_entry(db, path); });
    if (!entry || !entry->has_body())
        throw Error(Kind::NotFound,
                    fmt::format("{} was not public when the backup of {} was made", base::to_valid_utf8(path),
                                base::format_local(then.manifest().taken_at)));
    FileBack back{path, entry->hash, then.load_object(entry->hash), false};
    if (today == nullptr || today->objects->is_whole(back.hash, entry->size)) return back;
    const bool is_needed = today->database->read([&](sys::Reader& db) {
        const auto now = release::find_entry(db, path);
        return now && now->hash == back.hash;
    });
    if (!is_needed) return back;
    back.mended_object = today->objects->put(back.bytes).hash == back.hash;
    today->database->write([&](sys::Transaction& tx) {
        ledger::append(tx, {today->clock.now(), "system:cli", "backup.mend", "object:" + back.hash.hex(), "{}"});
    });
    return back;
}

}  // namespace flow
