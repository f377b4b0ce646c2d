#include "flow/document_templates.h"

#include <boost/json.hpp>

#include "flow/document_forms.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"
#include "office/documents/kinds.h"
#include "office/documents/store.h"

namespace flow {

namespace json = boost::json;
using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kLargestSource = 256U << 10U;

std::shared_ptr<const tmpl::Template> parsed(std::string_view name, std::string_view source) {
    return std::make_shared<const tmpl::Template>(tmpl::parse(std::string(name), std::string(source)));
}

void check_source(std::string_view file, const std::string& source) {
    built_in_template(file);
    if (source.size() > kLargestSource)
        throw Error(Kind::BadInput, fmt::format("様式が大きすぎます（{}KBまで）。", kLargestSource >> 10U));
}

}  // namespace

std::string_view built_in_template(std::string_view file) {
    for (const base::Resource& resource : documents::template_resources())
        if (resource.name == file) return resource.bytes;
    throw Error(Kind::NotFound, fmt::format("「{}」という文書の様式はありません。", file));
}

void DocumentTemplates::load(Site& site) {
    site.database->read([&](sys::Reader& db) {
        for (const base::Resource& resource : documents::template_resources()) {
            Entry& entry = files_[std::string(resource.name)];
            const auto changed = documents::find_template(db, resource.name);
            try {
                entry.parsed = parsed(resource.name, changed ? std::string_view(changed->source) : resource.bytes);
                entry.version = changed ? changed->number : 0;
            } catch (const tmpl::TemplateError& error) {  // of an older version of the language
                sys::log(sys::Level::Error, "a document's template cannot be read; the program's own is used",
                         {{"file", std::string(resource.name)}, {"problem", error.message()}});
                entry = {parsed(resource.name, resource.bytes), 0};
            }
        }
    });
}

DocumentTemplates::DocumentTemplates(Site& site) {
    load(site);
}

DocumentTemplates::DocumentTemplates(Site& site, std::string file, std::string source) {
    load(site);
    Entry& entry = files_[file];
    entry.parsed = parsed(file, source);
}

std::shared_ptr<const tmpl::Template> DocumentTemplates::find(std::string_view name) const {
    const auto found = files_.find(name);
    return found == files_.end() ? nullptr : found->second.parsed;
}

std::string DocumentTemplates::render(std::string_view file, const tmpl::Map& values) const {
    const auto page = find(file);
    if (!page) throw Error(Kind::NotFound, fmt::format("「{}」という文書の様式はありません。", file));
    tmpl::Options options;
    options.set = this;
    const tmpl::Result result = tmpl::render(*page, values, options);
    for (const tmpl::Problem& problem : result.warnings)
        sys::log(sys::Level::Warning, "a document's template names what is not there",
                 {{"template", std::string(file)}, {"problem", problem.text()}});
    return result.html;
}

int DocumentTemplates::version_of(std::string_view file) const {
    const auto found = files_.find(file);
    return found == files_.end() ? 0 : found->second.version;
}

std::string preview_document_template(Site& site, std::string_view file, const std::string& source) {
    check_source(file, source);
    const std::string kind(file.substr(0, file.rfind('.')));
    const std::string shown = documents::find_kind(kind) ? kind : "completion";
    return DocumentTemplates(site, std::string(file), source).render(shown + ".html", sample_values(shown));
}

void save_document_template(Site& site, std::string_view file, const std::string& source, std::string_view note,
                            int based_on, std::string_view by) {
    check_source(file, source);
    if (base::count_code_points(note) > 500) throw Error(Kind::BadInput, "備考は500文字までで入力してください。");
    if (!source.empty()) {
        const DocumentTemplates tried(site, std::string(file), source);
        // A part cannot be tried alone; whatever includes it can.
        for (const base::Resource& resource : documents::template_resources())
            for (const tmpl::Problem& problem : tmpl::check(*tried.find(resource.name), tried))
                throw tmpl::TemplateError(Kind::BadInput, problem);
    }
    documents::TemplateVersion made;
    made.file = file;
    made.source = source;
    made.note = std::string(base::trim(note));
    made.by = by;
    made.at = site.clock.now();
    site.database->write([&](sys::Transaction& tx) {
        const auto saved = documents::add_template(tx, made, based_on);
        ledger::append(tx, {made.at, made.by, "document.template", fmt::format("document-template:{}", file),
                            json::serialize(json::object{{"version", saved.number},
                                                         {"sha256", sys::sha256(source).hex()},
                                                         {"is_built_in", source.empty()},
                                                         {"note", made.note}})});
    });
}

}  // namespace flow
