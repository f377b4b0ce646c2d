// What a template may look at, read when it asks and noted as it is read: the site, sections, contacts, lists, menus
// and parts. A Sight is one snapshot of the database for one thread; what many pages read (sections, departments,
// menus, parts) is read once and noted for each of them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "ground/people/model.h"
#include "ground/sys/database.h"
#include "ground/template/template.h"
#include "press/content/live.h"
#include "press/content/model.h"
#include "press/content/templates.h"

namespace render {

/// What the settings say. Whoever reads one of these notes the key "settings".
struct SiteFacts {
    std::string name;
    std::string url;  ///< ends with /
    std::string language;
    std::int64_t news_items = 20;
    std::int64_t new_days = 7;
    bool has_feeds = false;
};

/// What a rendering has read, and when its outcome changes by itself.
struct Notes {
    std::set<std::string> keys;
    std::optional<base::Instant> changes_at;
    void add(std::string key) { keys.insert(std::move(key)); }
    void add_change(base::Instant at) {
        if (!changes_at || at < *changes_at) changes_at = at;
    }
    void add(const Notes& more) {
        keys.insert(more.keys.begin(), more.keys.end());
        if (more.changes_at) add_change(*more.changes_at);
    }
};

/// Parsed templates by revision; shared by all threads and kept between publications.
class TemplateCache {
  public:
    /// Throws tmpl::TemplateError.
    std::shared_ptr<const tmpl::Template> parsed(content::TemplateRevisionId revision, std::string_view name,
                                                 const std::string& source);

  private:
    std::mutex mutex_;
    std::map<content::TemplateRevisionId, std::shared_ptr<const tmpl::Template>> parsed_;
};

/// "/kurashi/gomi/" for kurashi/gomi/index.html.
std::string url_of(std::string_view path);
/// "PDF", "Excel", "ZIP": for the list of files.
std::string_view file_kind(std::string_view path);

/// The page that is being rendered, as far as what surrounds it depends on it.
struct Place {
    std::string path;
    base::DepartmentId department;
    std::string category;  ///< of a page that stands for a category
};

class Sight final : public tmpl::Set {
  public:
    Sight(sys::Reader& db, const SiteFacts& facts, TemplateCache& cache, base::Instant at)
        : db_(db), facts_(facts), cache_(cache), at_(at) {}

    sys::Reader& db() const { return db_; }
    const SiteFacts& facts() const {
        note("settings");
        return facts_;
    }
    base::Instant at() const { return at_; }

    /// From here on what is read is noted there.
    void note_to(Notes& notes) { notes_ = &notes; }
    /// Puts a template that is not live in the place of the live one.
    void try_out(std::string_view name, content::LiveTemplate source) {
        templates_.insert_or_assign(std::string(name), std::move(source));
    }
    void note(std::string key) const { notes_->add(std::move(key)); }

    // --- looked up by key; each notes what it read
    std::optional<content::LiveTemplate> live_template(std::string_view name) const;
    std::shared_ptr<const tmpl::Template> find(std::string_view name) const override;
    std::optional<content::Section> section(std::string_view path);
    bool is_public(std::string_view path);
    bool is_new(base::Instant published_at);
    tmpl::Value site();
    tmpl::Value breadcrumb(const Place& place, std::string_view title);
    tmpl::Value contact(const Place& place);
    tmpl::Value section_value(std::string_view path);
    tmpl::Value children(std::string_view path);
    /// The tree of sections that have a page of their own.
    tmpl::Value sections();
    tmpl::Value categories(const std::vector<std::string>& names);
    tmpl::Value newest(std::string_view list, std::int64_t limit);
    tmpl::Value by_path(std::string_view list, std::int64_t limit);
    tmpl::Value items(const std::vector<content::LivePage>& pages);
    tmpl::Value menu(std::string_view name);
    tmpl::Value list(std::string_view name);
    /// What the administrator has filled into the fields of a template or part (content/fields.h), by name.
    tmpl::Value settings(std::string_view name);
    /// A part that is the same on every page, rendered once.
    tmpl::Value part(std::string_view name);
    tmpl::Value periods(std::string_view path);

  private:
    std::optional<people::Department> department(base::DepartmentId id);
    tmpl::Value section_tree(base::SectionId parent, int depth);

    sys::Reader& db_;
    const SiteFacts& facts_;
    TemplateCache& cache_;
    base::Instant at_;
    Notes* notes_ = nullptr;

    struct Remembered {
        tmpl::Value value;
        Notes notes;
    };
    /// The value of `key`, made once, its notes repeated each time.
    template <class Make>
    tmpl::Value once(const std::string& key, const Make& make);

    mutable std::map<std::string, std::optional<content::LiveTemplate>, std::less<>> templates_;
    std::map<std::string, std::optional<content::Section>, std::less<>> sections_;
    std::map<std::string, bool, std::less<>> public_;
    std::map<std::string, Remembered> remembered_;
    std::set<std::string, std::less<>> open_parts_;
};

}  // namespace render
