// デザインと部品: what pages are made from, by group, with what waits for approval above it; and making a new one.

#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/template_subject.h"
#include "door/web/waiting_designs.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using content::TemplateKind;

struct Group {
    std::string_view name, note;
};
constexpr Group kGroups[] = {{"型", "ページ全体の組み立て。ページを作るときに選びます"},
                             {"部品", "ヘッダーやフッターなど、多くのページに共通する部分"},
                             {"メニュー", "並べたリンク"},
                             {"一覧", "新着情報など、自動で並ぶページ"},
                             {"スタイル", "色、文字、配置"}};

/// What a new one begins with.
std::string first_source(TemplateKind kind) {
    switch (kind) {
        case TemplateKind::Layout:
        case TemplateKind::Page:
            return "{% extends \"base\" %}\n{% block main %}\n<article class=\"wrap article\">\n{% include "
                   "\"page-head\" "
                   "%}\n<div class=\"body\">\n{{ page.body | default(\"\") }}\n</div>\n{% include \"contact\" "
                   "%}\n</article>\n{% endblock %}\n";
        case TemplateKind::Part:
            return "<p>ここに文を書きます。</p>\n";
        case TemplateKind::Menu:
            return "[]";
        case TemplateKind::List:
            return content::write_list({"tree:", 10, content::ListOrder::Newest});
        case TemplateKind::Style:
            break;
    }
    return "/* ここにスタイルを書きます。 */\n";
}

http::Response list(Context& context) {
    Names names(context.db());
    tmpl::List groups, waiting;
    for (const WaitingDesign& one : list_waiting_designs(context))
        waiting.push_back(tmpl::Map{{"title", one.title},
                                    {"kind", one.kind},
                                    {"path", one.path},
                                    {"who", names.of(one.asked_by)},
                                    {"time", short_time(one.asked_at, context.now())},
                                    {"note", one.note},
                                    {"is_own", one.is_own}});
    context.db().read([&](sys::Reader& db) {
        const auto all = content::list_templates(db);
        for (const Group& group : kGroups) {
            tmpl::List rows;
            for (const content::Template& of : all) {
                if (template_group(of.kind) != group.name) continue;
                const auto latest = content::find_template_revision(db, of.latest);
                if (!latest) continue;
                rows.push_back(tmpl::Map{{"title", of.title},
                                         {"sign", of.name},
                                         {"path", fmt::format("/templates/{}", of.id.value)},
                                         {"pages_path", fmt::format("/templates/{}/pages", of.id.value)},
                                         {"chips", template_chips(of, *latest)},
                                         {"number", latest->number},
                                         {"pages", flow::count_affected(db, of)},
                                         {"who", names.of(latest->author)},
                                         {"time", short_time(latest->made_at, context.now())}});
            }
            groups.push_back(
                tmpl::Map{{"name", say(group.name)}, {"note", say(group.note)}, {"rows", std::move(rows)}});
        }
    });
    return context.page({"screens/templates/list.html", "デザインと部品", {}},
                        {{"groups", std::move(groups)}, {"waiting", std::move(waiting)}});
}

http::Response show_new(Context& context, std::string_view problem) {
    tmpl::List kinds;
    const std::string chosen = context.field("kind");
    for (const TemplateKind kind : {TemplateKind::Page, TemplateKind::Part, TemplateKind::Menu, TemplateKind::List,
                                    TemplateKind::Style, TemplateKind::Layout})
        kinds.push_back(tmpl::Map{{"id", content::template_kind_id(kind)},
                                  {"name", say(content::template_kind_name(kind))},
                                  {"is_chosen", chosen == content::template_kind_id(kind)}});
    return context.page({"screens/templates/new.html",
                         "新しく作る",
                         {{say("デザインと部品"), "/templates"}},
                         problem.empty() ? 200 : 422},
                        {{"kinds", std::move(kinds)},
                         {"name", context.field("name")},
                         {"sign", context.field("sign")},
                         {"problem", say(problem)}});
}

http::Response ask_new(Context& context) {
    return show_new(context, "");
}

http::Response make(Context& context) {
    try {
        const auto kind = content::find_template_kind(context.field("kind"));
        if (!kind) throw Error(Kind::BadInput, "種類を選んでください。");
        content::NewTemplate made;
        made.kind = *kind;
        made.title = base::trim(context.field("name"));
        made.name = base::trim(context.field("sign"));
        made.source = first_source(*kind);
        const content::Template added = flow::create_template(context.site(), std::move(made), context.doer());
        return context.go(fmt::format("/templates/{}", added.id.value),
                          Flash{Flash::Kind::Good, "下書きを作りました。内容を書いて、承認依頼へ進んでください。"});
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict) throw;
        return show_new(context, error.message());
    }
}

constexpr Route kRoutes[] = {
    {"GET", "/templates", list},
    {"GET", "/templates/new", ask_new},
    {"POST", "/templates/new", make},
};

}  // namespace

extern const Screen templates{
    "templates",      "デザインと部品",          "/templates", "template",           Place::Administration,
    Access::SignedIn, people::Act::TemplateEdit, kRoutes,      count_waiting_designs};

}  // namespace web
