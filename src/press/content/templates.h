// What pages are made from: layouts, page types, parts, menus, lists and style sheets. Each has a name, immutable
// revisions and at most one live one. A change touches pages that were approved one by one, so it becomes live only
// when a second administrator has approved exactly that revision; nobody approves what they wrote or submitted
// themselves.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ground/sys/database.h"
#include "press/content/model.h"

namespace content {

enum class TemplateKind {
    Layout,  ///< what page types extend
    Page,    ///< a page type: what Body::template_name names
    Part,    ///< shown by {{ parts.name }} (the same on every page) or by include
    Menu,    ///< ordered links in levels, as JSON: {{ menus.name }}
    List,    ///< which pages to list, as JSON: {{ lists.name }}
    Style    ///< a style sheet; public at theme/<name>
};
std::string_view template_kind_id(TemplateKind kind);    ///< "layout", "page", ...
std::string_view template_kind_name(TemplateKind kind);  ///< "レイアウト", "ページの型", ...
std::optional<TemplateKind> find_template_kind(std::string_view id);

using base::TemplateId;
using TemplateRevisionId = base::Id<struct TemplateRevisionTag>;

struct Template {
    TemplateId id;
    TemplateKind kind = TemplateKind::Part;
    std::string name;                 ///< "article"; unique over all kinds; a-z 0-9 . _ -
    std::string title;                ///< "記事ページ"
    bool is_listed = true;            ///< page types: whether their pages stand in lists of newest pages
    TemplateRevisionId live, latest;  ///< 0 = none
    std::int64_t version = 0;
};

enum class TemplateState { Draft, Submitted, Returned, Live, Replaced };
std::string_view template_state_id(TemplateState state);
std::string_view template_state_name(TemplateState state);  ///< "下書き", "承認待ち", ...

struct TemplateRevision {
    TemplateRevisionId id;
    TemplateId of;
    std::int64_t number = 0;
    std::string source;
    base::Hash hash;  ///< of kind, name and source: what an approval names
    TemplateState state = TemplateState::Draft;
    base::PersonId author;
    base::Instant made_at;
    base::PersonId submitted_by, approved_by;  ///< 0 = nobody
    base::Instant submitted_at, approved_at;
    std::string note;
};

struct NewTemplate {
    TemplateKind kind = TemplateKind::Part;
    std::string name;
    std::string title;
    bool is_listed = true;
    std::string source;
    base::PersonId author;  ///< 0 = shipped with the program
    base::Instant made_at;
    std::string note;
};

/// A template with its first revision, a draft. Throws Error(BadInput) for a bad name, Error(Conflict) when it is
/// taken.
Template add_template(sys::Transaction& tx, const NewTemplate& made);
/// Adds it live at once, without a second person: the theme that a new site comes with.
Template install_template(sys::Transaction& tx, const NewTemplate& made);
/// A further revision becomes the latest, a draft; one that was submitted is taken back by that. Throws Error(Conflict)
/// for an old version.
TemplateRevision save_template(sys::Transaction& tx, TemplateId id, std::int64_t version, std::string_view source,
                               base::PersonId author, base::Instant at, std::string_view note = {});
/// The latest revision is to be approved. Throws Error(Conflict) when it is not a draft.
void submit_template(sys::Transaction& tx, TemplateId id, std::int64_t version, base::PersonId by, base::Instant at);
/// Makes the submitted revision live. `opened` is the hash of what the approver saw. Throws Error(NotAllowed) to
/// whoever wrote any revision since the live one or submitted it; Error(Conflict) when something else is submitted by
/// now.
void approve_template(sys::Transaction& tx, TemplateId id, std::int64_t version, const base::Hash& opened,
                      base::PersonId by, base::Instant at);
/// The submitted revision goes back to its author, with the reason as its note.
void return_template(sys::Transaction& tx, TemplateId id, std::int64_t version, base::PersonId by,
                     std::string_view reason, base::Instant at);

std::optional<Template> find_template(sys::Reader& db, std::string_view name);
std::optional<Template> find_template(sys::Reader& db, TemplateId id);
/// In order of kind and name; with a kind, those of it.
std::vector<Template> list_templates(sys::Reader& db, std::optional<TemplateKind> kind = {});
/// Those of which a revision waits for approval.
std::vector<Template> list_submitted_templates(sys::Reader& db);
std::optional<TemplateRevision> find_template_revision(sys::Reader& db, TemplateRevisionId id);
/// Newest first.
std::vector<TemplateRevision> list_template_revisions(sys::Reader& db, TemplateId id, int limit);

/// What a rendering needs, in one look.
struct LiveTemplate {
    TemplateKind kind = TemplateKind::Part;
    TemplateRevisionId revision;
    std::string source;
};
std::optional<LiveTemplate> find_live_template(sys::Reader& db, std::string_view name);
/// The key that readers of it note: "template:base" for layouts and page types, "part:footer" for the other kinds.
std::string template_key(TemplateKind kind, std::string_view name);
/// The people who wrote a revision since the live one, or submitted one: they may not approve.
std::vector<base::PersonId> list_template_requesters(sys::Reader& db, TemplateId id);

// --- menus and lists

struct MenuItem {
    std::string title;
    std::string url;  ///< a path of the site ("/kurashi/") or http, https, mailto, tel
    std::vector<MenuItem> items;
    bool operator==(const MenuItem&) const = default;
};
std::string write_menu(std::span<const MenuItem> items);
/// Throws Error(BadInput) for anything but a menu of at most 3 levels and 500 links.
std::vector<MenuItem> parse_menu(std::string_view json);

enum class ListOrder { Newest, Path };
struct ListDefinition {
    std::string list;  ///< "list:oshirase/", "tree:kurashi/", "tree:", "category:event"
    int limit = 10;    ///< 1 to 500
    ListOrder order = ListOrder::Newest;
    bool operator==(const ListDefinition&) const = default;
};
std::string write_list(const ListDefinition& definition);
/// Throws Error(BadInput).
ListDefinition parse_list(std::string_view json);

}  // namespace content
