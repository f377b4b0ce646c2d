// 市の様式: a city's own Word or Excel form of a kind of document: sent, tried with made-up values, taken away; and the
// names that its placeholders may bear.
#include "flow/document_forms.h"

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "office/documents/kinds.h"

namespace web {

namespace {

using documents::Field;
using people::Act;

std::string path_of(const documents::DocumentKind& kind) {
    return fmt::format("/documents/forms/{}", kind.id);
}

const documents::DocumentKind& kind_of(Context& context) {
    const documents::DocumentKind* kind = documents::find_kind(context.request.parameter("kind"));
    if (kind == nullptr) throw base::Error(base::Kind::NotFound, "この種類の文書はありません。");
    return *kind;
}

/// The names of the whole document, then each list with its own.
tmpl::List name_values(std::string_view kind) {
    const auto names = flow::form_names(kind);
    const auto within = [&](std::string_view list) {
        tmpl::List rows;
        for (const flow::FormName& one : names)
            if (one.in == list && one.form != Field::Form::List)
                rows.push_back(tmpl::Map{{"name", fmt::format("{{{{{}}}}}", one.name)},
                                         {"is_amount", one.form == Field::Form::Amount}});
        return rows;
    };
    tmpl::List groups{tmpl::Map{{"names", within("")}}};
    for (const flow::FormName& one : names)
        if (one.form == Field::Form::List)
            groups.push_back(tmpl::Map{{"begin", fmt::format("{{{{#{}}}}}", one.name)},
                                       {"end", fmt::format("{{{{/{}}}}}", one.name)},
                                       {"around", one.in.empty() ? std::string() : fmt::format("{{{{#{}}}}}", one.in)},
                                       {"names", within(one.name)}});
    return groups;
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::TemplateEdit);
    const documents::DocumentKind& kind = kind_of(context);
    tmpl::List versions;
    int newest = 0;
    bool has_form = false;
    context.db().read([&](sys::Reader& db) {
        for (const documents::FormVersion& one : documents::list_forms(db, kind.id)) {
            if (newest == 0) has_form = one.hash.has_value();
            newest = std::max(newest, one.number);
            versions.push_back(
                tmpl::Map{{"number", one.number},
                          {"name", one.name},
                          {"file", one.hash ? fmt::format("{}/versions/{}", path_of(kind), one.number) : std::string()},
                          {"at", short_time(one.at, context.now())},
                          {"by", name_of_doer(db, one.by)},
                          {"note", one.note}});
        }
    });
    const bool is_typed = status != 200;
    return context.page({"screens/documents/form.html",
                         fmt::format("{}{}", say(kind.wording), say("の市の様式")),
                         {{say("文書"), "/documents"}, {say("文書の様式"), "/documents/templates"}},
                         status},
                        {{"problem", say(problem)},
                         {"path", path_of(kind)},
                         {"has_form", has_form},
                         {"based_on", is_typed ? context.field("based_on") : std::to_string(newest)},
                         {"note", is_typed ? context.field("note") : std::string()},
                         {"versions", std::move(versions)},
                         {"groups", name_values(kind.id)}});
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

std::string by_of(const Context& context) {
    return fmt::format("person:{}", context.person.id.value);
}

http::Response save(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::TemplateEdit);
            const documents::DocumentKind& kind = kind_of(context);
            const http::UploadedFile* file = context.request.form.find_file("file");
            if (file == nullptr)
                throw base::Error(base::Kind::BadInput, "様式のファイル（.docx または .xlsx）を選んでください。");
            flow::save_document_form(context.site(), kind.id, file->name, file->read(20U << 20U), context.field("note"),
                                     static_cast<int>(context.number_field("based_on")), by_of(context));
            return context.go(
                path_of(kind),
                Flash{Flash::Kind::Good, "市の様式を登録しました。次に作る文書から、この様式のファイルも付きます。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response drop(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::TemplateEdit);
            const documents::DocumentKind& kind = kind_of(context);
            flow::drop_document_form(context.site(), kind.id, static_cast<int>(context.number_field("based_on")),
                                     by_of(context));
            return context.go(path_of(kind), Flash{Flash::Kind::Good, "市の様式の使用をやめました。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response download_sample(Context& context) {
    context.require(Act::TemplateEdit);
    const documents::DocumentKind& kind = kind_of(context);
    const forms::Filled filled = flow::sample_form(context.site(), kind.id);
    return http::download(filled.bytes, fmt::format("{}-sample{}", kind.id, forms::ending(filled.format)),
                          std::string(forms::media_type(filled.format)));
}

http::Response download_version(Context& context) {
    context.require(Act::TemplateEdit);
    const documents::DocumentKind& kind = kind_of(context);
    const std::int64_t number = context.request.number("number");
    const auto all = context.db().read([&](sys::Reader& db) { return documents::list_forms(db, kind.id); });
    for (const documents::FormVersion& one : all)
        if (one.number == number && one.hash)
            return http::download(context.site().objects->load(*one.hash), one.name, "application/octet-stream");
    throw base::Error(base::Kind::NotFound, "この版の様式はありません。");
}

constexpr Route kRoutes[] = {{"GET", "/documents/forms/{kind}", look},
                             {"POST", "/documents/forms/{kind}", save, Route::Body::Files},
                             {"POST", "/documents/forms/{kind}/drop", drop},
                             {"GET", "/documents/forms/{kind}/sample", download_sample},
                             {"GET", "/documents/forms/{kind}/versions/{number}", download_version}};

}  // namespace

extern const Screen document_forms{"document-forms", "市の様式",       "/documents/templates", "",
                                   Place::None,      Access::SignedIn, Act::TemplateEdit,      kRoutes};

}  // namespace web
