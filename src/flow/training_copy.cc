// What of the real site a training site gets: departments without mail addresses, sections, categories, live templates,
// files and the live revision of each page, written by the teacher. Named here one by one, so that nothing else comes
// along by being new: no accounts, no drafts, no history, no comments, no records, no settings.
#include <map>

#include <fmt/format.h>

#include "flow/mark_changes.h"
#include "flow/training_site.h"
#include "ground/base/error.h"
#include "ground/people/accounts.h"
#include "press/content/assets.h"
#include "press/content/categories.h"
#include "press/content/store.h"
#include "press/content/templates.h"
#include "press/publish/queue.h"
#include "press/workflow/store.h"

namespace flow {

namespace {

constexpr int kBatch = 200, kPageBatch = 50;
constexpr std::int64_t kMostPages = 3000;  // enough to practise on, and soon made
constexpr std::int64_t kMostBytes = std::int64_t{2} << 30;
constexpr int kDeepest = 32;

class Copier {
  public:
    Copier(Site& from, Site& to, base::PersonId writer) : from_(from), to_(to), writer_(writer) {}

    TrainingCopied run() {
        from_.database->read([&](sys::Reader& db) {
            to_.database->write([&](sys::Transaction& tx) {
                copy_departments(db, tx);
                copy_sections(db, tx, content::find_section(db, "")->id, 0);
                copy_categories(db, tx, "", 0);
                copy_templates(db, tx);
            });
        });
        copy_files();
        copy_pages();
        to_.objects->sync();
        return std::move(copied_);
    }

  private:
    base::Instant now() const { return to_.clock.now(); }
    people::By by() const { return {{}, now(), "system:training"}; }
    base::DepartmentId department(base::DepartmentId old) const {
        const auto found = departments_.find(old);
        return found == departments_.end() ? base::DepartmentId{} : found->second;
    }

    void copy_departments(sys::Reader& db, sys::Transaction& tx) {
        auto waiting = people::list_departments(db);
        for (bool moved = true; moved && !waiting.empty();) {
            moved = false;
            std::vector<people::Department> later;
            for (people::Department one : waiting) {
                if (one.parent && !departments_.contains(*one.parent)) {
                    later.push_back(std::move(one));
                    continue;
                }
                const base::DepartmentId old = one.id;
                if (one.parent) one.parent = departments_.at(*one.parent);
                one.successor.reset();
                one.mail = one.mail.empty() ? "" : "kenshu@example.jp";
                departments_[old] = people::add_department(tx, one, by());
                moved = true;
            }
            waiting = std::move(later);
        }
    }

    void copy_sections(sys::Reader& db, sys::Transaction& tx, base::SectionId parent, int depth) {
        if (depth > kDeepest) return;
        for (const content::Section& old : content::list_sections(db, parent)) {
            content::Section made = content::find_section(tx, content::ensure_section(tx, old.path)).value();
            made.title = old.title;
            made.department = department(old.department);
            made.position = old.position;
            made.description = old.description;
            made.list_size = old.list_size;
            made.archive = old.archive;
            made.archive_size = old.archive_size;
            made.has_feed = old.has_feed;
            content::change_section(tx, made);
            copy_sections(db, tx, old.id, depth + 1);
        }
    }

    void copy_categories(sys::Reader& db, sys::Transaction& tx, std::string_view parent, int depth) {
        if (depth > kDeepest) return;
        for (const content::Category& one : content::list_categories(db, parent)) {
            content::add_category(tx, one);
            copy_categories(db, tx, one.name, depth + 1);
        }
    }

    void copy_templates(sys::Reader& db, sys::Transaction& tx) {
        const auto administrator = people::find_person(tx, "admin").value().id;
        for (const content::Template& one : content::list_templates(db)) {
            const auto live = content::find_live_template(db, one.name);
            if (!live) continue;
            const auto known = content::find_template(tx, one.name);
            if (!known) {
                content::install_template(tx,
                                          {one.kind, one.name, one.title, one.is_listed, live->source, {}, now(), ""});
                continue;
            }
            if (content::find_live_template(tx, one.name)->source == live->source) continue;
            const auto saved = content::save_template(tx, known->id, known->version, live->source, writer_, now());
            content::submit_template(tx, known->id, content::find_template(tx, known->id)->version, writer_, now());
            content::approve_template(tx, known->id, content::find_template(tx, known->id)->version, saved.hash,
                                      administrator, now());
        }
    }

    /// False, and noted, when the bytes are gone or there are too many.
    bool keep(const base::Hash& hash, const std::string& path) {
        const auto size = from_.objects->find_size(hash);
        if (!size || bytes_ + *size > kMostBytes) {
            copied_.left_out.push_back(path);
            return false;
        }
        try {
            to_.objects->put(from_.objects->load(hash), sys::Durability::Later);
        } catch (const base::Error&) {
            copied_.left_out.push_back(path);
            return false;
        }
        bytes_ += *size;
        return true;
    }

    // Each batch is read by itself: a read that lasts as long as the copying would hold up the real site's database.
    void copy_files() {
        for (std::string after;;) {
            const auto batch =
                from_.database->read([&](sys::Reader& db) { return content::list_assets(db, after, kBatch); });
            if (batch.empty()) return;
            after = batch.back().path;
            std::vector<content::NewAsset> kept;
            for (const content::Asset& one : batch)
                if (keep(one.hash, one.path))
                    kept.push_back({one.path, one.hash, one.size, one.type, one.charset, one.made_at});
            to_.database->write([&](sys::Transaction& tx) {
                for (const content::NewAsset& one : kept)
                    publish::mark_dirty(tx, fmt::format("asset:{}", content::put_asset(tx, one).id.value), now());
            });
            copied_.files += static_cast<std::int64_t>(kept.size());
        }
    }

    struct LivePage {
        content::Page page;
        content::Revision live;
        std::vector<content::Region> regions;
    };
    std::vector<LivePage> read_pages(content::PageFilter& filter) {
        return from_.database->read([&](sys::Reader& db) {
            std::vector<LivePage> all;
            content::PageList list = content::list_pages(db, filter);
            for (content::Page& page : list.pages) {
                if (copied_.pages + static_cast<std::int64_t>(all.size()) >= kMostPages) {
                    copied_.left_out.push_back(page.path);
                    continue;
                }
                content::Revision live = content::load_revision(db, page.live);
                auto regions = content::list_regions(db, page.id);
                all.push_back({std::move(page), std::move(live), std::move(regions)});
            }
            filter.after = list.next;
            return all;
        });
    }

    void copy_pages() {
        content::PageFilter filter;
        filter.is_live = true;
        filter.limit = kPageBatch;
        do {
            for (const LivePage& one : read_pages(filter)) copy_page(one);
        } while (!filter.after.empty());
    }

    void copy_page(const LivePage& one) {
        const auto& [page, live, regions] = one;
        if (page.kind == content::PageKind::TakenOver && !keep(page.document, page.path)) return;
        content::NewPage made;
        made.path = page.path;
        made.kind = page.kind;
        made.department = department(page.department);
        made.encoding = page.encoding;
        made.language = page.language;
        made.document = page.document;
        made.body = live.body;
        std::erase_if(made.body.attachments,
                      [&](const content::Attachment& file) { return !keep(file.hash, file.path); });
        made.author = writer_;
        made.made_at = live.made_at;
        to_.database->write([&, &shown = regions, &since = page.live_since](sys::Transaction& tx) {
            const content::Page added = content::add_page(tx, made);
            content::set_regions(tx, added.id, shown);
            std::vector<std::string> paths;
            for (const content::Attachment& file : made.body.attachments) paths.push_back(file.path);
            if (!paths.empty()) workflow::claim_paths(tx, added.id, paths);
            change_live(tx, added.id, added.latest, since);
        });
        ++copied_.pages;
    }

    Site& from_;
    Site& to_;
    base::PersonId writer_;
    std::map<base::DepartmentId, base::DepartmentId> departments_;
    std::int64_t bytes_ = 0;
    TrainingCopied copied_;
};

}  // namespace

TrainingCopied copy_public_content(Site& from, Site& to, base::PersonId writer) {
    return Copier(from, to, writer).run();
}

}  // namespace flow
