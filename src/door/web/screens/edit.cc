// Writing: title, description, the regions of the page, files. Saved by hand or by itself; what cannot be saved because
// somebody else was first is shown beside what they wrote, and nothing typed is lost.

#include <boost/json.hpp>

#include "door/web/draft.h"
#include "door/web/errors.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/preview_page.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/tickets/tickets.h"
#include "press/content/images.h"
#include "press/content/presence.h"

namespace web {

using base::Error;
using base::Kind;

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kConflict = "conflict";
constexpr auto kKeepConflict = 7 * 24h;
constexpr std::size_t kLongestSearch = 100;  // characters
constexpr int kOfferedPictures = 60;

/// What stands in the form: a body, made from what; and what is to be said above it.
struct Sheets {
    content::Body body;
    FormVersion version;
    std::string problem;                     ///< the form could not be taken
    std::vector<std::string> losses;         ///< legacy markup that saving would lose
    std::optional<content::Revision> other;  ///< what somebody else wrote meanwhile, to be worked in
};

http::Response show_form(Context& context, const Subject& subject, const Sheets& sheets) {
    tmpl::List parts, attachments, losses;
    for (const EditedPart& part : parts_of(context, subject.page, sheets.body))
        parts.push_back(tmpl::Map{{"name", part.name}, {"label", part.label}, {"text", part.text}});
    for (const content::Attachment& each : sheets.body.attachments)
        attachments.push_back(tmpl::Map{{"name", each.title.empty() ? readable_path(each.path) : each.title},
                                        {"path", "/" + each.path},
                                        {"key", each.path},
                                        {"size", size_text(each.size)}});
    for (const std::string& loss : sheets.losses) losses.emplace_back(loss);
    tmpl::Value other;
    Names names(context.db());
    if (sheets.other) {
        tmpl::List theirs;
        for (const EditedPart& part : parts_of(context, subject.page, sheets.other->body))
            theirs.push_back(tmpl::Map{
                {"label", part.label},
                {"rows", diff_rows(html::compare_blocks(part.text, part.text, part.context), Fold::Nothing)}});
        other = tmpl::Map{{"who", names.of(sheets.other->author)},
                          {"number", sheets.other->number},
                          {"title", sheets.other->body.title},
                          {"parts", std::move(theirs)}};
    }
    const bool is_returned = subject.standing.state == workflow::State::Returned;
    const int status = !sheets.problem.empty() || !sheets.losses.empty() ? 422 : 200;
    const std::string folder(content::section_path(subject.page.path));
    content::note_editing(context.db(), subject.page.id, context.person.id, context.now());
    return context.page(
        {"screens/edit/form.html", say("編集：") + title_of(subject.page), crumbs_of(context, subject.page, true),
         status},
        {{"head", heading_of(subject, "edit")},
         {"path", subject.path()},
         {"version", sheets.version.text()},
         {"editing", who_is_editing(context, subject.page.id)},
         {"form_title", sheets.body.title},
         {"description", sheets.body.description},
         {"parts", std::move(parts)},
         {"attachments", std::move(attachments)},
         {"base_url", "/" + folder},
         {"is_live", static_cast<bool>(subject.page.live)},
         {"is_taken_over", subject.page.kind == content::PageKind::TakenOver},
         {"categories", category_boxes(context, sheets.body)},
         {"problem", say(sheets.problem)},
         {"losses", std::move(losses)},
         {"other", other},
         {"is_unsaved", status != 200 || sheets.other.has_value()},
         {"returned_by", is_returned ? tmpl::Value(subject.standing.comment) : tmpl::Value()},
         {"may_source", context.may(people::Act::TemplateEdit)},
         {"may_submit", subject.may(workflow::Verb::Submit) || subject.standing.state == workflow::State::None},
         {"largest", context.site().settings.storage.largest_upload_mb}});
}

/// Throws Error(NotAllowed) with the reason when the person may not write here now.
Subject load_editable(Context& context) {
    Subject subject = load_subject(context);
    if (subject.may(workflow::Verb::Edit)) return subject;
    if (subject.standing.state == workflow::State::Submitted)
        throw Error(Kind::NotAllowed,
                    "承認待ちのページは編集できません。直すときは、承認依頼を取り下げるか、差戻してもらってください。");
    const base::DepartmentId department =
        context.db().read([&](sys::Reader& db) { return department_in_charge(db, subject.page); });
    const people::Scope scope = context.db().read([&](sys::Reader& db) {
        return people::scope_of(db, department ? std::optional(department) : std::nullopt, subject.page.path,
                                context.now());
    });
    context.require(people::Act::PageEdit, scope);
    throw Error(Kind::NotAllowed,
                fmt::format("「{}」のあいだは編集できません。", workflow::state_name(subject.standing.state)));
}

http::Response ask(Context& context) {
    const Subject subject = load_editable(context);
    const content::Revision latest =
        context.db().read([&](sys::Reader& db) { return content::load_revision(db, subject.page.latest); });
    if (parts_of(context, subject.page, latest.body).empty())
        throw Error(
            Kind::NotAllowed,
            "このページは、編集できる範囲がまだ決まっていません。サイト管理者に「編集範囲の設定」をご依頼ください。");
    return show_form(context, subject, {latest.body, {subject.standing.version, latest.id}, {}, {}, {}});
}

/// Both versions, with what each changed since the one that both began from.
http::Response show_conflict(Context& context, const Subject& subject, const content::Body& mine,
                             const flow::Stale& stale) {
    const auto [base_revision, theirs] = context.db().read([&](sys::Reader& db) {
        const base::RevisionId from = stale.based_on ? stale.based_on : stale.latest;
        return std::pair(content::load_revision(db, from), content::load_revision(db, stale.latest));
    });
    Names names(context.db());
    tmpl::List sides_mine, sides_theirs, fields;
    const auto before = parts_of(context, subject.page, base_revision.body);
    const auto my_parts = parts_of(context, subject.page, mine),
               their_parts = parts_of(context, subject.page, theirs.body);
    for (std::size_t i = 0; i < before.size() && i < my_parts.size() && i < their_parts.size(); ++i) {
        sides_mine.push_back(
            tmpl::Map{{"label", before[i].label},
                      {"rows", diff_rows(html::compare_blocks(before[i].text, my_parts[i].text, before[i].context))}});
        sides_theirs.push_back(tmpl::Map{
            {"label", before[i].label},
            {"rows", diff_rows(html::compare_blocks(before[i].text, their_parts[i].text, before[i].context))}});
        fields.push_back(tmpl::Map{{"name", "part." + my_parts[i].name}, {"text", my_parts[i].text}});
    }
    fields.push_back(tmpl::Map{{"name", "categories"}, {"text", "1"}});
    for (const std::string& name : mine.categories)
        fields.push_back(tmpl::Map{{"name", "category." + name}, {"text", "1"}});
    fields.push_back(tmpl::Map{{"name", "title"}, {"text", mine.title}});
    fields.push_back(tmpl::Map{{"name", "description"}, {"text", mine.description}});
    return context.page({"screens/edit/conflict.html", say("保存の重なり：") + title_of(subject.page),
                         crumbs_of(context, subject.page, true), 409},
                        {{"path", subject.path()},
                         {"version", FormVersion{stale.current_version, stale.latest}.text()},
                         {"message", stale.message()},
                         {"is_text", stale.latest != base_revision.id},
                         {"base_number", base_revision.number},
                         {"is_own", theirs.author == context.person.id},
                         {"their_name", names.of(theirs.author)},
                         {"their_number", theirs.number},
                         {"their_time", short_time(theirs.made_at, context.now())},
                         {"mine", std::move(sides_mine)},
                         {"theirs", std::move(sides_theirs)},
                         {"my_title", diff_line(base_revision.body.title, mine.title)},
                         {"their_title", diff_line(base_revision.body.title, theirs.body.title)},
                         {"fields", std::move(fields)}});
}

flow::Save save_of(const Subject& subject, content::Body body, const FormVersion& version, flow::Saving saving) {
    flow::Save save;
    save.page = subject.page.id;
    save.body = std::move(body);
    save.based_on = version.revision;
    save.version = version.standing;
    save.saving = saving;
    return save;
}

std::string sentence_of(const flow::Outcome& outcome, std::string sentence) {
    if (outcome.removed.empty()) return sentence;
    std::string what;
    for (const std::string& each : outcome.removed) what += (what.empty() ? "" : say("、")) + each;
    return sentence + say(fmt::format("安全のため、使えない記述を取り除きました：{}", what));
}

http::Response save(Context& context) {
    Subject subject = load_editable(context);
    const FormVersion version = read_version(context);
    const content::Revision from =
        context.db().read([&](sys::Reader& db) { return content::load_revision(db, version.revision); });
    if (from.page != subject.page.id) throw Error(Kind::BadInput, "ページと版が合いません。画面を開き直してください。");
    const std::string act = context.field("do");
    content::Body body = read_body(context, subject.page, from);
    const auto again = [&](std::string problem, std::vector<std::string> losses = {}) {
        return show_form(context, subject, {body, version, std::move(problem), std::move(losses), {}});
    };
    if (act == "merge") {
        const content::Revision theirs =
            context.db().read([&](sys::Reader& db) { return content::load_revision(db, subject.page.latest); });
        return show_form(context, subject, {body, {subject.standing.version, theirs.id}, {}, {}, theirs});
    }
    if (body.title.empty()) return again("題名を入れてください。");
    try {
        for (const std::string_view path : context.request.form.get_all("remove"))
            std::erase_if(body.attachments, [&](const content::Attachment& each) { return each.path == path; });
        for (const http::UploadedFile& file : context.request.form.files) {
            if (file.field != "attachment") continue;
            const content::Attachment taken =
                take_upload(context, subject.page, file, context.field("attachment_title"));
            std::erase_if(body.attachments, [&](const content::Attachment& each) { return each.path == taken.path; });
            body.attachments.push_back(taken);
        }
        flow::Save made = save_of(subject, body, version, flow::Saving::ByHand);
        made.accepts_losses = context.field("accepts_losses") == "1";
        const bool has_draft =
            subject.standing.state == workflow::State::Draft || subject.standing.state == workflow::State::Returned;
        if (act == "submit" && has_draft && body == from.body && version.revision == subject.page.latest &&
            version.standing == subject.standing.version)
            return context.go(subject.path("submit"));
        const flow::Outcome outcome = flow::save_draft(context.site(), made, context.doer());
        if (outcome.refusal) return again(outcome.refusal->ja);
        if (act == "submit")
            return context.go(subject.path("submit"),
                              outcome.removed.empty()
                                  ? std::nullopt
                                  : std::optional(Flash{Flash::Kind::Caution, sentence_of(outcome, "")}));
        if (act == "preview") return context.go(subject.path("preview"));
        return context.go(subject.path("edit"),
                          Flash{outcome.removed.empty() ? Flash::Kind::Good : Flash::Kind::Caution,
                                sentence_of(outcome, "下書きを保存しました。")});
    } catch (const flow::Stale& stale) {
        return show_conflict(context, subject, body, stale);
    } catch (const flow::LostMarkup& lost) {
        return again("", lost.losses);
    } catch (const Error& error) {
        // Unavailable: the virus scanner is away, and the file alone has to wait.
        if (error.kind() != Kind::BadInput && error.kind() != Kind::Conflict && error.kind() != Kind::Unavailable)
            throw;
        return again(error.message());
    }
}

/// Autosave. The answer is short; the browser keeps typing.
http::Response autosave(Context& context) {
    const Subject subject = load_editable(context);
    const FormVersion version = read_version(context);
    const content::Revision from =
        context.db().read([&](sys::Reader& db) { return content::load_revision(db, version.revision); });
    if (from.page != subject.page.id) throw Error(Kind::BadInput, "ページと版が合いません。画面を開き直してください。");
    content::Body body = read_body(context, subject.page, from);
    if (body.title.empty()) body.title = from.body.title;
    content::note_editing(context.db(), subject.page.id, context.person.id, context.now());
    try {
        const flow::Outcome outcome =
            flow::save_draft(context.site(), save_of(subject, body, version, flow::Saving::Autosave), context.doer());
        if (outcome.refusal) return json_reply({{"message", outcome.refusal->ja}}, 403);
        return json_reply({{"version", FormVersion{outcome.version(), outcome.revision}.text()}});
    } catch (const flow::Stale& stale) {
        const std::string token = context.db().write([&](sys::Transaction& tx) {
            return tickets::issue(tx, kConflict,
                                  fmt::format("page:{} person:{}", subject.page.id.value, context.person.id.value),
                                  fmt::format("{}.{}.{} {}", stale.based_on.value, stale.latest.value,
                                              stale.current_version, content::write_body(body)),
                                  context.now() + kKeepConflict);
        });
        return json_reply({{"message", stale.message()}, {"conflict_url", subject.path("conflict/" + token)}}, 409);
    } catch (const flow::LostMarkup&) {
        return json_reply(
            {{"message", "古い書き方の一部が失われます。「下書きを保存」を押して、内容を確かめてください"}}, 422);
    }
}

/// The open form's heartbeat: who else is at it, and whether somebody has saved since. Leaving the form ends the lease.
http::Response heartbeat(Context& context) {
    const Subject subject = load_subject(context);
    if (context.has_field("leaving")) {
        content::end_editing(context.db(), subject.page.id, context.person.id);
        return http::json("{}");
    }
    if (subject.may(workflow::Verb::Edit))
        content::note_editing(context.db(), subject.page.id, context.person.id, context.now());
    boost::json::object answer{{"words", who_is_editing(context, subject.page.id)}, {"newer", nullptr}};
    if (read_version(context).revision != subject.page.latest) {
        const content::Revision latest =
            context.db().read([&](sys::Reader& db) { return content::load_revision(db, subject.page.latest); });
        if (latest.author != context.person.id)
            answer["newer"] = {{"name", Names(context.db()).of(latest.author)}, {"url", subject.path()}};
    }
    return http::json(boost::json::serialize(answer));
}

/// What autosave could not save, beside what somebody else saved.
http::Response look_at_conflict(Context& context) {
    const Subject subject = load_editable(context);
    const auto ticket = context.db().read([&](sys::Reader& db) {
        return tickets::find(db, kConflict, context.request.parameter("token"), context.now());
    });
    if (!ticket || ticket->subject != fmt::format("page:{} person:{}", subject.page.id.value, context.person.id.value))
        throw Error(Kind::NotFound,
                    "この見比べは期限が切れました。入力した内容はブラウザにも残っています。編集画面を開いて「取り戻す」"
                    "を押してください。");
    const std::size_t blank = ticket->detail.find(' ');
    long long based_on = 0, latest = 0, version = 0;
    if (std::sscanf(ticket->detail.c_str(), "%18lld.%18lld.%18lld", &based_on, &latest, &version) != 3)
        throw Error(Kind::Bug, "a conflict ticket cannot be read");
    return show_conflict(
        context, subject, content::parse_body(std::string_view(ticket->detail).substr(blank + 1)),
        flow::Stale({based_on}, subject.page.latest, subject.standing.version, "ほかの人が先に保存しました。"));
}

/// The editor's picture dialog sends a file; it is attached by the next save that shows it.
http::Response upload(Context& context) {
    const Subject subject = load_editable(context);
    const http::UploadedFile* file = context.request.form.find_file("file");
    if (file == nullptr) throw Error(Kind::BadInput, "ファイルを選んでください。");
    const content::Attachment taken = take_upload(context, subject.page, *file, file->name);
    if (!taken.type.starts_with("image/"))
        throw Error(Kind::BadInput,
                    "画像（PNG、JPEG、GIF、WebP）を選んでください。PDFは「ファイル」から添付できます。");
    note_upload(context, subject.page, taken);
    return json_reply({{"url", taken.path.substr(content::section_path(taken.path).size())}, {"name", file->name}});
}

/// For the editor's picture dialog: the site's pictures, by a part of their name.
http::Response list_pictures(Context& context) {
    const std::string words(base::first_code_points(base::trim(context.request.query.get("q")), kLongestSearch));
    boost::json::array images;
    for (const content::Image& each :
         context.db().read([&](sys::Reader& db) { return content::list_images(db, words, kOfferedPictures); })) {
        const std::string url = "/" + each.path;
        // A drawing (SVG) can carry script; the office shows none, so the dialog has its name only.
        images.push_back(
            {{"url", url}, {"name", each.name}, {"alt", each.alt}, {"thumb", url.ends_with(".svg") ? "" : url}});
    }
    return http::json(boost::json::serialize(boost::json::object{{"images", std::move(images)}}));
}

/// The page that a picture is wanted for, by where the browser comes from: 0 when the person may not see that page.
base::PageId page_behind(Context& context) {
    const std::string_view from = context.request.headers.get("Referer");
    const std::size_t at = from.find("/pages/");
    if (at == std::string_view::npos) return {};
    const base::PageId id{std::strtoll(std::string(from.substr(at + 7)).c_str(), nullptr, 10)};
    return context.db().read([&](sys::Reader& db) {
        const auto page = content::find_page(db, id);
        return page && Sight(context, db).may_open(*page) ? id : base::PageId{};
    });
}

/// A page's pictures inside the editor stand under the addresses that they have in public. Pictures only: nothing of
/// the public site may run here. Which page's own files count, the browser says by where it comes from.
http::Response picture(Context& context) {
    const std::string path = base::percent_encode(context.request.parameter("path"));
    const base::PageId page = page_behind(context);
    std::optional<flow::Preview> found;
    if (const auto sent = page ? find_upload(context, page, path) : std::nullopt) {
        found = flow::Preview{context.site().objects->load(sent->hash), sent->type, {}};
    } else {
        const auto shown =
            page ? context.db().read([&](sys::Reader& db) { return content::find_page(db, page); }) : std::nullopt;
        found = flow::preview_file(context.site(), shown ? shown->latest : base::RevisionId{},
                                   context.request.parameter("path"));
    }
    if (!found || !found->type.starts_with("image/") || found->type.starts_with("image/svg"))
        throw Error(Kind::NotFound, "アドレスを確かめてください。");
    http::Response response;
    response.headers = {{"Content-Type", found->type}};
    response.body = std::move(found->bytes);
    return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/pages/{id}/edit", ask},
    {"POST", "/pages/{id}/edit", save, Route::Body::Files},
    {"POST", "/pages/{id}/draft.json", autosave, Route::Body::Text},
    {"POST", "/pages/{id}/editing.json", heartbeat, Route::Body::Text},
    {"POST", "/pages/{id}/upload.json", upload, Route::Body::Files},
    {"GET", "/pages/{id}/conflict/{token}", look_at_conflict},
    {"GET", "/images.json", list_pictures},
    {"GET", "/{path...}", picture},
};

}  // namespace

extern const Screen edit{"edit", "編集", "/pages", "edit", Place::None, Access::SignedIn, {}, kRoutes};

}  // namespace web
