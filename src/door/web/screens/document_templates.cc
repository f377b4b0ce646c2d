// 文書の様式: the templates of documents, which administrators edit like those of pages; each change is a version, and
// the program's own is one step back.
#include "flow/document_templates.h"

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/template/problem.h"
#include "office/documents/kinds.h"
#include "office/documents/store.h"

namespace web {

namespace {

using people::Act;

std::string_view kind_of(std::string_view file) {
    return file.substr(0, file.rfind('.'));
}

std::string name_of(std::string_view file) {
    const documents::DocumentKind* kind = documents::find_kind(kind_of(file));
    return kind ? say(kind->wording) : say("共通の部分");
}

/// Of a kind's own template; a part has no form.
std::string form_path(std::string_view file) {
    return documents::find_kind(kind_of(file)) ? fmt::format("/documents/forms/{}", kind_of(file)) : std::string();
}

std::string form_name(sys::Reader& db, std::string_view file) {
    const auto form = documents::find_form(db, kind_of(file));
    return form ? form->name : std::string();
}

http::Response list(Context& context) {
    context.require(Act::TemplateEdit);
    tmpl::List rows;
    context.db().read([&](sys::Reader& db) {
        for (const base::Resource& file : documents::template_resources()) {
            const auto changed = documents::find_template(db, file.name);
            rows.push_back(tmpl::Map{{"path", fmt::format("/documents/templates/{}", file.name)},
                                     {"file", file.name},
                                     {"name", name_of(file.name)},
                                     {"form_path", form_path(file.name)},
                                     {"form", form_name(db, file.name)},
                                     {"changed", changed ? short_time(changed->at, context.now()) : tmpl::Value()}});
        }
    });
    return context.page({"screens/documents/templates.html", "文書の様式", {{say("文書"), "/documents"}}},
                        {{"rows", std::move(rows)}});
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::TemplateEdit);
    const std::string file = context.request.parameter("file");
    const std::string_view own = flow::built_in_template(file);
    tmpl::List versions;
    std::string source(own);
    int newest = 0;
    context.db().read([&](sys::Reader& db) {
        if (const auto changed = documents::find_template(db, file)) source = changed->source;
        for (const documents::TemplateVersion& one : documents::list_template_versions(db, file)) {
            newest = std::max(newest, one.number);
            versions.push_back(tmpl::Map{{"number", one.number},
                                         {"at", short_time(one.at, context.now())},
                                         {"by", name_of_doer(db, one.by)},
                                         {"note", one.note}});
        }
        if (const auto wanted = static_cast<int>(query_number(context, "version")); wanted > 0)
            if (const auto old = documents::find_template_version(db, file, wanted); old && !old->source.empty())
                source = old->source;
    });
    if (context.request.query.has("own")) source = own;
    const bool is_typed = status != 200;
    return context.page({"screens/documents/template.html",
                         name_of(file),
                         {{say("文書"), "/documents"}, {say("文書の様式"), "/documents/templates"}},
                         status},
                        {{"problem", say(problem)},
                         {"file", file},
                         {"path", "/documents/templates/" + file},
                         {"source", is_typed ? context.field("source") : source},
                         {"note", is_typed ? context.field("note") : std::string()},
                         {"based_on", is_typed ? context.field("based_on") : std::to_string(newest)},
                         {"versions", std::move(versions)}});
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

http::Response save(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::TemplateEdit);
            const std::string file = context.request.parameter("file");
            const bool is_back = context.has_field("back");
            std::string source = is_back ? std::string() : context.field("source");
            if (!is_back && source.empty())
                throw base::Error(base::Kind::BadInput,
                                  "様式が空です。元に戻すときは「プログラムの様式に戻す」を選んでください。");
            std::erase(source, '\r');
            flow::save_document_template(context.site(), file, source, context.field("note"),
                                         static_cast<int>(context.number_field("based_on")),
                                         fmt::format("person:{}", context.person.id.value));
            return context.go("/documents/templates/" + file,
                              Flash{Flash::Kind::Good, is_back ? "プログラムの様式に戻しました。"
                                                               : "様式を保存しました。次に作る文書から使います。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

/// What is typed, with made-up values; kept nowhere. In a sandbox of its own, as the paper itself is shown.
http::Response preview(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::TemplateEdit);
            std::string source = context.field("source");
            std::erase(source, '\r');
            http::Response response =
                http::html(flow::preview_document_template(context.site(), context.request.parameter("file"), source));
            response.headers.set("Content-Security-Policy",
                                 "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:");
            return response;
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

constexpr Route kRoutes[] = {{"GET", "/documents/templates", list},
                             {"GET", "/documents/templates/{file}", look},
                             {"POST", "/documents/templates/{file}", save},
                             {"POST", "/documents/templates/{file}/preview", preview}};

}  // namespace

extern const Screen document_templates{"document-templates", "文書の様式",     "/documents/templates", "",
                                       Place::None,          Access::SignedIn, Act::TemplateEdit,      kRoutes};

}  // namespace web
