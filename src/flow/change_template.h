// What administrators do with templates, parts, menus, lists and style sheets: save, submit, approve, return. A change
// alters pages that were approved one by one, so a second administrator approves it, who sees which pages it touches.
// Each call is one transaction with its ledger line; a refusal of rights is thrown as Error(NotAllowed) in words.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "flow/edit_page.h"
#include "ground/template/problem.h"
#include "press/content/templates.h"

namespace flow {

/// What is wrong with `source` as the template of that kind and name, in the site as it is; empty when it may be
/// submitted. Throws tmpl::TemplateError for what cannot be read at all.
std::vector<tmpl::Problem> check_template(Site& site, content::TemplateKind kind, std::string_view name,
                                          const std::string& source);

/// The blocks of the templates that `source` extends which stand inside a tag, by name, with the attribute ("class"):
/// what a page type puts there is markup, not words.
std::map<std::string, std::string> list_tag_blocks(sys::Reader& db, std::string_view name, const std::string& source);

/// A draft may name parts that do not exist yet; submitting asks for all of them. Throws tmpl::TemplateError or
/// Error(BadInput) for a source that cannot be read, Error(Conflict) as the store does.
content::Template create_template(Site& site, content::NewTemplate made, const Doer& doer);
content::TemplateRevision save_template(Site& site, content::TemplateId id, std::int64_t version,
                                        const std::string& source, std::string_view note, const Doer& doer);
void submit_template(Site& site, content::TemplateId id, std::int64_t version, const Doer& doer);
/// `opened` is the hash of the revision that the approver looked at. Returns the receipt to wait for.
std::int64_t approve_template(Site& site, content::TemplateId id, std::int64_t version, const base::Hash& opened,
                              const Doer& doer);
void return_template(Site& site, content::TemplateId id, std::int64_t version, std::string_view reason,
                     const Doer& doer);

/// What is rendered again when the template changes: what the approver sees.
struct Affected {
    std::int64_t pages = 0;                   ///< all of them
    std::int64_t files = 0;                   ///< generated ones (archives, error pages)
    std::vector<content::LivePage> examples;  ///< the first of them by number
};
Affected find_affected(Site& site, const content::Template& changed, int most_examples = 100);
/// Only how many pages: for lists of templates.
std::int64_t count_affected(sys::Reader& db, const content::Template& changed);

/// An earlier revision's source becomes the latest draft. Throws as save_template.
content::TemplateRevision restore_template(Site& site, content::TemplateId id, std::int64_t version,
                                           content::TemplateRevisionId from, const Doer& doer);

/// A live composed page as it would look with `source` in the template's place; a page of another type is shown as one
/// of this type. Throws as a rendering does.
std::string preview_template(Site& site, const content::Template& changed, const std::string& source,
                             base::PageId page);

}  // namespace flow
