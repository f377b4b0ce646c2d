#include "flow/mark_changes.h"

#include "flow/inbound_links.h"
#include "press/content/categories.h"
#include "press/content/redirects.h"
#include "press/content/store.h"
#include "press/publish/queue.h"
#include "press/render/archive.h"

namespace flow {

namespace {

/// Collects the keys of one change, and writes each once.
class Marks {
  public:
    Marks(sys::Transaction& tx, base::Instant at, std::int64_t cause) : tx_(tx), at_(at), cause_(cause) {}
    Marks(const Marks&) = delete;
    Marks& operator=(const Marks&) = delete;
    void add(std::string key) { keys_.insert(std::move(key)); }
    void add_all(std::vector<std::string> keys) {
        for (std::string& key : keys) keys_.insert(std::move(key));
    }
    void write() {
        for (const std::string& key : keys_) publish::mark_dirty(tx_, key, at_, cause_);
    }

  private:
    sys::Transaction& tx_;
    base::Instant at_;
    std::int64_t cause_;
    std::set<std::string> keys_;
};

void add_whole_list(Marks& marks, std::string_view list) {
    marks.add_all(content::newest_keys(list, 1));
}

/// The archive pages on which an entry stands or stood, and whether the list of those pages is another now.
void add_archives(Marks& marks, sys::Reader& db, const content::Membership& one) {
    const std::string path = one.list.substr(5);
    const auto section = content::find_section(db, path);
    if (!section || section->archive == content::Archive::None) return;
    const std::string period = render::period_of(*section, one);
    marks.add(render::archive_source(path, period));
    // Entries of the same period besides this one: the archive's pages are the same as before.
    const auto range = render::range_of(*section, period);
    std::size_t others = 0;
    if (section->archive == content::Archive::ByMonth)
        others = content::list_published(db, one.list, range.from, range.until, 2).size();
    else
        others = content::list_places(db, one.list, range.first, range.last).size();
    if (others <= 1) marks.add("periods:" + path);
}

/// What reads one page by itself or through a list that it stands in.
void add_page(Marks& marks, sys::Reader& db, const content::LivePage& page,
              const std::vector<content::Membership>& lists) {
    for (const content::Membership& one : lists) {
        const int rank =
            content::find_rank(db, one.list, one.published_at, page.id, static_cast<int>(content::kLongestNewest));
        marks.add_all(content::newest_keys(one.list, rank));
        if (one.list.starts_with("list:")) add_archives(marks, db, one);
    }
}

void add_beside(Marks& marks, sys::Reader& db, base::PageId id, const std::vector<content::Membership>& lists) {
    for (const content::Membership& one : lists) {
        if (!one.list.starts_with("list:")) continue;
        const content::Beside beside = content::find_beside(db, one.list, one.published_at, id);
        marks.add(fmt::format("beside:{}", id.value));
        if (beside.newer) marks.add(fmt::format("beside:{}", beside.newer->value));
        if (beside.older) marks.add(fmt::format("beside:{}", beside.older->value));
    }
}

/// The path begins or ceases to be public: sections are shown by their index pages.
void add_path(Marks& marks, const std::string& path) {
    marks.add("absent:" + path);
    marks.add("path:" + path);
    if (!content::is_index_path(path)) return;
    std::string_view folder = content::section_path(path);
    marks.add("sections");
    if (folder.empty()) return;
    folder.remove_suffix(1);
    marks.add(fmt::format("children:{}", content::section_path(folder)));
}

void add_shard(Marks& marks, sys::Reader& db, base::PageId id) {
    const std::int64_t shard = content::shard_of(id);
    marks.add(fmt::format("sitemap:{}", shard));
    // Its first page or its last one: the index names it, or does so no more. Either way the shard held one page at
    // most.
    if (content::list_shard(db, shard, 2).size() <= 1) marks.add("sitemap:index");
}

}  // namespace

void change_live(sys::Transaction& tx, base::PageId id, base::RevisionId revision, base::Instant at, std::int64_t cause,
                 const LeftBehind& left) {
    Marks marks(tx, at, cause);
    marks.add(fmt::format("page:{}", id.value));
    const auto before = content::find_live(tx, id);
    const auto lists_before = content::list_memberships(tx, id);
    if (before) {
        add_page(marks, tx, *before, lists_before);
        if (!revision) add_beside(marks, tx, id, lists_before), add_shard(marks, tx, id);
    }
    content::set_live(tx, id, revision, at);
    keep_links(tx, id);
    const auto after = content::find_live(tx, id);
    const auto lists_after = content::list_memberships(tx, id);
    if (after) {
        add_page(marks, tx, *after, lists_after);
        if (!before || lists_before != lists_after)
            add_beside(marks, tx, id, lists_after), add_beside(marks, tx, id, lists_before);
        if (content::remove_redirect(tx, after->path)) marks.add("redirect:" + after->path);
        if (!before) add_shard(marks, tx, id);
        marks.add(fmt::format("sitemap:{}", content::shard_of(id)));
    }
    if (!before || !after || before->path != after->path) {
        if (before) add_path(marks, before->path);
        if (after) add_path(marks, after->path);
    }
    const bool has_moved = before && after && before->path != after->path;
    if (has_moved || (before && !after && left.status != 0)) {
        const LeftBehind there = has_moved && left.status == 0 ? LeftBehind{301, "/" + after->path} : left;
        content::put_redirect(tx, {before->path, there.status, there.location, at});
        marks.add("redirect:" + before->path);
    }
    marks.write();
}

void mark_section_changed(sys::Transaction& tx, const content::Section& before, const content::Section& after,
                          base::Instant at, std::int64_t cause) {
    Marks marks(tx, at, cause);
    marks.add("section:" + after.path);
    if (before.title != after.title || before.position != after.position || before.description != after.description) {
        marks.add("sections");
        std::string_view folder = after.path;
        if (!folder.empty()) {
            folder.remove_suffix(1);
            marks.add(fmt::format("children:{}", content::section_path(folder)));
        }
    }
    if (before.has_feed != after.has_feed || before.title != after.title) marks.add("feed:" + after.path);
    if (before.archive != after.archive || before.archive_size != after.archive_size || before.title != after.title) {
        marks.add("periods:" + after.path);
        for (const content::Section* section : {&before, &after})
            for (const std::string& period : render::list_periods(tx, *section))
                marks.add(render::archive_source(section->path, period));
    }
    marks.write();
}

void mark_department_changed(sys::Transaction& tx, base::DepartmentId id, base::Instant at, std::int64_t cause) {
    publish::mark_dirty(tx, fmt::format("department:{}", id.value), at, cause);
}

void mark_template_changed(sys::Transaction& tx, const content::Template& changed, base::Instant at,
                           std::int64_t cause) {
    publish::mark_dirty(tx, content::template_key(changed.kind, changed.name), at, cause);
    publish::mark_dirty(tx, "absent:template:" + changed.name, at, cause);
    if (changed.kind == content::TemplateKind::Style) publish::mark_dirty(tx, "style:" + changed.name, at, cause);
}

void mark_category_changed(sys::Transaction& tx, std::string_view name, base::Instant at, std::int64_t cause) {
    Marks marks(tx, at, cause);
    marks.add("categories");
    // The pages of the category may stand in other lists now, because it hangs elsewhere in the tree.
    const std::string list = fmt::format("category:{}", name);
    std::set<std::string> touched{list};
    for (const content::LivePage& page : content::list_newest(tx, list, 1'000'000)) {
        for (const auto& one : content::list_memberships(tx, page.id)) touched.insert(one.list);
        content::refresh_live(tx, page.id, at);
        for (const auto& one : content::list_memberships(tx, page.id)) touched.insert(one.list);
    }
    for (const std::string& one : touched)
        if (one.starts_with("category:")) add_whole_list(marks, one);
    marks.write();
}

void mark_redirect_changed(sys::Transaction& tx, std::string_view path, base::Instant at, std::int64_t cause) {
    publish::mark_dirty(tx, fmt::format("redirect:{}", path), at, cause);
}

}  // namespace flow
