// What the screens about one page share: the page with its standing and what the person may do, its heading with the
// tabs, and the names of the people in it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "door/web/context.h"
#include "door/web/sight.h"
#include "press/content/store.h"
#include "press/workflow/store.h"

namespace web {

/// Looks people up once each.
class Names {
  public:
    explicit Names(sys::Database& db) : db_(db) {}
    /// "佐藤 美咲"; for 0 "システム" (the takeover, the clock).
    const std::string& of(base::PersonId id);
    /// "佐藤 美咲（鈴木 健一の代理）".
    std::string of(const workflow::Candidate& candidate);

  private:
    sys::Database& db_;
    std::map<base::PersonId, std::string> known_;
};

struct Subject {
    content::Page page;
    workflow::Standing standing;
    std::vector<workflow::Verb> verbs;  ///< what the person may do with it now
    base::Hash hash;                    ///< of the latest revision

    bool may(workflow::Verb verb) const;
    std::string path(std::string_view rest = {}) const;  ///< "/pages/12/edit"
};

/// The page of the route's {id}. Throws Error(NotFound), or Error(NotAllowed) for who may not even see it.
Subject load_subject(Context& context);

/// "ページ / くらし / 引っ越し", and the page itself on screens below it.
std::vector<Crumb> crumbs_of(Context& context, const content::Page& page, bool with_page);

/// 「佐藤 美咲さんが編集中（10:42から）」: the others who have the form open; "" when there are none.
std::string who_is_editing(Context& context, base::PageId page);

/// Whether the person may give the page another path now.
bool may_move(Context& context, const Subject& subject);

/// What head.html shows: title, path, chips, tabs with `here` as the current one ("content", "compare", "history",
/// "receipts").
tmpl::Map heading_of(const Subject& subject, std::string_view here);

/// The course of the newest request, oldest first: who asked, who said what, whom it waits for. For timeline.html.
tmpl::List course_of(Context& context, Names& names, const Subject& subject);

/// The outcome of a step: a refusal comes back to the page as a sentence, a receipt leads to the screen that waits for
/// it.
http::Response after_step(Context& context, const Subject& subject, const flow::Outcome& outcome,
                          std::string_view done);

}  // namespace web
