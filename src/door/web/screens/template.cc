// One template: edited by form, or as code. A draft is saved with a word of why; nothing is public before a second
// administrator has approved it. Whoever was second keeps what they typed, beside what the first has saved.

#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/template_form.h"
#include "door/web/template_subject.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;

constexpr std::size_t kLongestNote = 300;  // characters

/// What stands above the form.
struct Said {
    std::vector<FormProblem> problems;
    bool is_moved = false;  ///< rows have moved and are not saved
    bool is_late = false;   ///< somebody else has saved since
};

content::TemplateRevision load_revision(Context& context, const TemplateSubject& subject, std::int64_t id) {
    auto revision = context.db().read([&](sys::Reader& db) { return content::find_template_revision(db, {id}); });
    if (!revision || revision->of != subject.of.id)
        throw Error(Kind::BadInput, "画面の内容が古くなっています。画面を開き直してください。");
    return *std::move(revision);
}

std::string note_field(const Context& context) {
    return std::string(base::first_code_points(base::trim(context.field("note")), kLongestNote));
}

/// What the other person has changed, for whoever comes second.
tmpl::Value other_view(Context& context, const TemplateSubject& subject, std::string_view based_on) {
    Names names(context.db());
    return tmpl::Map{{"who", names.of(subject.latest.author)},
                     {"number", subject.latest.number},
                     {"time", short_time(subject.latest.made_at, context.now())},
                     {"changes", template_changes(subject.of.kind, based_on, subject.latest.source)}};
}

tmpl::List problem_list(const std::vector<FormProblem>& problems) {
    tmpl::List list;
    for (const FormProblem& each : problems)
        list.push_back(tmpl::Map{{"control", each.control}, {"message", say(each.message)}});
    return list;
}

tmpl::Map common_view(Context& context, const TemplateSubject& subject, const content::TemplateRevision& from,
                      const Said& said) {
    return {{"head", template_heading(subject, "")},
            {"path", subject.path()},
            {"version", subject.of.version},
            {"revision", from.id.value},
            {"note", context.field("note")},
            {"is_moved", said.is_moved},
            {"problems", problem_list(said.problems)},
            {"returned", subject.latest.state == content::TemplateState::Returned ? tmpl::Value(subject.latest.note)
                                                                                  : tmpl::Value()},
            {"other", said.is_late ? other_view(context, subject, from.source) : tmpl::Value()}};
}

int status_of(const Said& said) {
    return said.is_late ? 409 : said.problems.empty() ? 200 : 422;
}

http::Response show_form(Context& context, const TemplateSubject& subject, const content::TemplateRevision& from,
                         const TemplateForm& form, const Said& said) {
    tmpl::Map view = common_view(context, subject, from, said);
    view.set("form", view_form(context, form, said.problems));
    return context.page(
        {"screens/template/form.html", subject.of.title, template_crumbs(subject, false), status_of(said)},
        std::move(view));
}

http::Response show_code(Context& context, const TemplateSubject& subject, const content::TemplateRevision& from,
                         const std::string& source, const Said& said) {
    tmpl::Map view = common_view(context, subject, from, said);
    view.set("code", source);
    view.set("rows", std::clamp<std::int64_t>(std::count(source.begin(), source.end(), '\n') + 2, 12, 60));
    return context.page({"screens/template/code.html", say("コード：") + subject.of.title,
                         template_crumbs(subject, true), status_of(said)},
                        std::move(view));
}

http::Response ask(Context& context) {
    const TemplateSubject subject = load_template(context);
    try {
        return show_form(context, subject, subject.latest, open_form(context, subject.of, subject.latest.source), {});
    } catch (const Error& error) {
        if (error.kind() != Kind::BadInput) throw;  // it cannot be shown as a form: the code can
        return context.go(subject.path("code"), Flash{Flash::Kind::Caution, error.message()});
    }
}

/// Saves unless nothing has changed, and goes on to where the button leads. Throws Error(Conflict) when somebody else
/// was first.
http::Response save_and_go(Context& context, const TemplateSubject& subject, const std::string& source,
                           std::string_view here) {
    const std::int64_t version = context.number_field("version");
    const std::string note = note_field(context), act = context.field("do");
    const bool is_same = source == subject.latest.source && version == subject.of.version;
    if (!is_same || !note.empty())
        flow::save_template(context.site(), subject.of.id, version, source, note, context.doer());
    if (act == "submit") return context.go(subject.path("submit"));
    if (act == "preview") return context.go(subject.path("preview"));
    return context.go(subject.path(here),
                      is_same && note.empty()
                          ? Flash{Flash::Kind::Info, "前の版と同じ内容です。"}
                          : Flash{Flash::Kind::Good, "下書きを保存しました。公開ページはまだ変わりません。"});
}

http::Response save(Context& context) {
    const TemplateSubject subject = load_template(context);
    const content::TemplateRevision from = load_revision(context, subject, context.number_field("revision"));
    TemplateForm form = read_form(context, subject.of, from.source);
    if (press_button(form, context.field("do")))
        return show_form(context, subject, from, form, {form.refused, true, false});
    Said said{check_form(form), false, false};
    if (!said.problems.empty()) return show_form(context, subject, from, form, said);
    try {
        return save_and_go(context, subject, source_of(form), "");
    } catch (const Error& error) {
        if (error.kind() == Kind::Conflict) {
            said.is_late = true;
        } else if (error.kind() == Kind::BadInput) {
            said.problems.push_back({"note", error.message()});
        } else {
            throw;
        }
        return show_form(context, load_template(context), from, form, said);
    }
}

http::Response ask_code(Context& context) {
    const TemplateSubject subject = load_template(context);
    return show_code(context, subject, subject.latest, subject.latest.source, {});
}

http::Response save_code(Context& context) {
    const TemplateSubject subject = load_template(context);
    const content::TemplateRevision from = load_revision(context, subject, context.number_field("revision"));
    std::string source = context.field("code");
    std::erase(source, '\r');
    Said said;
    try {
        for (const tmpl::Problem& each : flow::check_template(context.site(), subject.of.kind, subject.of.name, source))
            said.problems.push_back({"code", each.line > 0 ? each.japanese_text() : each.japanese.what});
        if (said.problems.empty() || context.field("do") == "keep")
            return save_and_go(context, subject, source, "code");
    } catch (const tmpl::TemplateError& error) {
        said.problems.push_back({"code", error.problem.japanese_text()});
    } catch (const Error& error) {
        if (error.kind() == Kind::Conflict)
            said.is_late = true;
        else if (error.kind() == Kind::BadInput)
            said.problems.push_back({"code", error.message()});
        else
            throw;
    }
    return show_code(context, said.is_late ? load_template(context) : subject, from, source, said);
}

constexpr Route kRoutes[] = {
    {"GET", "/templates/{id}", ask},
    {"POST", "/templates/{id}", save, Route::Body::Files},
    {"GET", "/templates/{id}/code", ask_code},
    {"POST", "/templates/{id}/code", save_code, Route::Body::Text},
};

}  // namespace

extern const Screen template_edit{"template",       "デザインと部品",          "/templates", "template", Place::None,
                                  Access::SignedIn, people::Act::TemplateEdit, kRoutes};

}  // namespace web
