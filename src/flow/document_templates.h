// The templates of documents: the program's own, and over them what administrators made of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "flow/site.h"
#include "ground/template/template.h"

namespace flow {

/// As they stand at one moment.
class DocumentTemplates final : public tmpl::Set {
  public:
    explicit DocumentTemplates(Site& site);
    /// One of them with `source` in its place: for previews of what is not saved.
    DocumentTemplates(Site& site, std::string file, std::string source);

    std::shared_ptr<const tmpl::Template> find(std::string_view name) const override;
    /// Throws tmpl::TemplateError. What the template names and the values lack is logged.
    std::string render(std::string_view file, const tmpl::Map& values) const;
    /// 0: the program's own.
    int version_of(std::string_view file) const;

  private:
    void load(Site& site);
    struct Entry {
        std::shared_ptr<const tmpl::Template> parsed;  // shared with renders
        int version = 0;
    };
    std::map<std::string, Entry, std::less<>> files_;
};

/// The program's own source. Throws Error(NotFound).
std::string_view built_in_template(std::string_view file);

/// What the document would look like with `source` as that template, with made-up values; of a part (letterhead.html)
/// the completion notice. HTML; kept nowhere. Throws as save_document_template does.
std::string preview_document_template(Site& site, std::string_view file, const std::string& source);

/// Saves what an administrator made of it; `source` empty: back to the program's own. Throws tmpl::TemplateError for
/// what could not be rendered, Error(Conflict) when somebody was first (`based_on`: the version edited, 0 = none yet).
void save_document_template(Site& site, std::string_view file, const std::string& source, std::string_view note,
                            int based_on, std::string_view by);

}  // namespace flow
