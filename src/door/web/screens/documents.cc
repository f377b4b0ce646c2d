// 文書: every paper that the program has made, by kind and words; behind each its versions with their files, what
// became of them, and the forms by which a hand-over and a receipt are entered.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/make_document.h"
#include "flow/report_incident.h"
#include "ground/base/error.h"
#include "office/records/store.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using documents::Document;
using people::Act;

constexpr int kRows = 50;

tmpl::Value maybe_time(const std::optional<base::Instant>& at, base::Instant now) {
    return at ? short_time(*at, now) : tmpl::Value();
}

std::string kind_name(std::string_view id) {
    const documents::DocumentKind* kind = documents::find_kind(id);
    return kind ? say(kind->wording) : std::string(id);
}

struct TurnChoice {
    std::string_view id, wording;
    documents::Turn turn;
};
constexpr TurnChoice kTurns[] = {{"", "すべて", documents::Turn::Any},
                                 {"deliver", "まだ渡していないもの", documents::Turn::ToDeliver},
                                 {"confirm", "受領の確認を待つもの", documents::Turn::ToConfirm}};

/// Where what it is about can be looked at; "" for nowhere.
std::string subject_path(const std::string& subject) {
    const auto colon = subject.find(':');
    const std::string_view thing(subject.data(), colon == std::string::npos ? subject.size() : colon);
    const std::string rest = colon == std::string::npos ? "" : subject.substr(colon + 1);
    if (thing == "report") return "/reports/" + rest;
    if (thing == "incident") return "/incidents/" + rest;
    if (thing == "stop") return "/stops/" + rest;
    if (thing == "training") return "/training/" + rest;
    if (thing == "vulnerability") return "/vulnerabilities/" + rest;
    if (thing == "visit") return "/visits/" + rest;
    if (thing == "service") return "/stops";
    return {};
}

tmpl::Map document_values(const Document& document, base::Instant now) {
    return {{"path", fmt::format("/documents/{}", document.id)},
            {"kind", kind_name(document.kind)},
            {"title", document.title},
            {"number", document.number},
            {"versions", document.versions},
            {"made", short_time(document.made_at, now)},
            {"delivered", maybe_time(document.delivered_at, now)},
            {"confirmed", maybe_time(document.confirmed_at, now)}};
}

http::Response list(Context& context) {
    context.require(Act::ContractRead);
    documents::Filter filter;
    const auto turn = query_words(context, "turn");
    for (const auto& [id, wording, one] : kTurns)
        if (turn == id) filter.turn = one;
    filter.kind = query_words(context, "kind");
    filter.words = query_words(context, "q");
    filter.before = query_number(context, "before");
    filter.limit = kRows + 1;
    auto found = context.db().read([&](sys::Reader& db) { return documents::list_documents(db, filter); });
    std::string next;
    if (found.size() > kRows) {
        found.pop_back();
        http::Fields fields;
        fields.add("turn", turn);
        fields.add("kind", filter.kind);
        fields.add("q", filter.words);
        fields.add("before", std::to_string(found.back().id));
        next = address_of("/documents", fields);
    }
    tmpl::List rows, turns, kinds{choice("", say("すべて"), filter.kind)};
    for (const auto& [id, wording, one] : kTurns) turns.push_back(choice(id, say(wording), turn));
    for (const documents::DocumentKind& kind : documents::all_kinds())
        kinds.push_back(choice(kind.id, say(kind.wording), filter.kind));
    for (const Document& document : found) rows.push_back(document_values(document, context.now()));
    return context.page(
        {"screens/documents/list.html", "文書"},
        {{"rows", std::move(rows)},
         {"kinds", std::move(kinds)},
         {"turns", std::move(turns)},
         {"is_filtered", !filter.kind.empty() || !filter.words.empty() || filter.turn != documents::Turn::Any},
         {"words", filter.words},
         {"next", next},
         {"may_edit", context.may(Act::TemplateEdit)}});
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    const std::int64_t id = context.request.number("id");
    const base::Instant now = context.now();
    struct Found {
        Document document;
        std::vector<documents::Version> versions;
        std::vector<documents::Delivery> deliveries;
        std::map<std::string, std::string> names;
    };
    const Found found = context.db().read([&](sys::Reader& db) {
        Found all{
            documents::load_document(db, id), documents::list_versions(db, id), documents::list_deliveries(db, id), {}};
        for (const auto& version : all.versions) all.names[version.made_by] = name_of_doer(db, version.made_by);
        for (const auto& delivery : all.deliveries) all.names[delivery.by] = name_of_doer(db, delivery.by);
        return all;
    });
    const std::string path = fmt::format("/documents/{}", id);
    tmpl::List versions, deliveries, ways;
    std::map<std::int64_t, int> numbers;
    for (const documents::Version& version : found.versions) {
        numbers[version.id] = version.number;
        tmpl::List files;
        std::size_t place = 0;
        bool has_pdf = false;
        for (const documents::DocumentFile& file : version.files) {
            has_pdf = has_pdf || file.type == "application/pdf";
            files.push_back(tmpl::Map{{"name", file.name},
                                      {"path", fmt::format("{}/versions/{}/files/{}", path, version.id, place++)},
                                      {"size", size_text(file.bytes)},
                                      {"hash", file.hash.hex().substr(0, 16)}});
        }
        versions.push_back(tmpl::Map{{"number", version.number},
                                     {"made", short_time(version.made_at, now)},
                                     {"by", found.names.at(version.made_by)},
                                     {"look", fmt::format("{}/versions/{}/look", path, version.id)},
                                     {"has_pdf", has_pdf},
                                     {"files", std::move(files)}});
    }
    for (const documents::Delivery& one : found.deliveries) {
        std::string way = one.how;
        for (const flow::Way& each : flow::delivery_ways())
            if (each.id == one.how) way = say(each.wording);
        deliveries.push_back(
            tmpl::Map{{"what", one.what == documents::kConfirm ? say("受領の確認") : say("提出")},
                      {"version", numbers[one.version]},
                      {"how", way},
                      {"who", one.who},
                      {"note", one.note},
                      {"at", short_time(one.happened_at, now)},
                      {"by", found.names.at(one.by)},
                      {"file", one.file ? fmt::format("{}/evidence/{}", path, *one.file) : std::string()}});
    }
    const bool is_typed = status != 200;
    for (const flow::Way& way : flow::delivery_ways())
        if (way.id != "screen")
            ways.push_back(choice(way.id, say(way.wording), is_typed ? context.field("how") : "mail"));
    const documents::DocumentKind* kind = documents::find_kind(found.document.kind);
    tmpl::Map values = document_values(found.document, now);
    const bool asks_receipt = kind != nullptr && kind->is_confirmed && !found.document.confirmed_at &&
                              found.document.kind != "completion";  // whose inspection is entered at its month
    values.set("problem", say(problem))
        .set("versions_list", std::move(versions))
        .set("deliveries", std::move(deliveries))
        .set("ways", std::move(ways))
        .set("newest", found.versions.front().id)
        .set("subject_path", subject_path(found.document.subject))
        .set("may_deliver", context.may(Act::ReportMake))
        .set("may_confirm", asks_receipt && context.may(Act::ReportConfirm))
        .set("may_enter", asks_receipt && context.may(Act::ReportMake))
        .set("now", is_typed ? context.field("happened_at") : local_input(now))
        .set("typed_who", is_typed ? context.field("who") : std::string())
        .set("typed_note", is_typed ? context.field("note") : std::string())
        .set("receiver", context.person.name);
    return context.page({"screens/documents/show.html", found.document.title, {{say("文書"), "/documents"}}, status},
                        std::move(values));
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

documents::Version version_of(Context& context) {
    context.require(Act::ContractRead);
    const std::int64_t document = context.request.number("id");
    const auto version = context.db().read(
        [&](sys::Reader& db) { return documents::find_version(db, context.request.number("version")); });
    if (!version || version->document != document) throw Error(Kind::NotFound, "この文書の版はありません。");
    return *version;
}

/// The paper as HTML, in a sandbox of its own: templates are administrators', and an incident's words anybody's.
http::Response look_at_version(Context& context) {
    const documents::Version version = version_of(context);
    const documents::DocumentFile* html = version.find("text/html; charset=utf-8");
    if (html == nullptr) throw Error(Kind::NotFound, "この版には、画面で見る形がありません。");
    http::Response response = http::html(context.site().objects->load(html->hash));
    response.headers.set("Content-Security-Policy",
                         "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    return response;
}

http::Response download_file(Context& context) {
    const documents::Version version = version_of(context);
    const std::string text = context.request.parameter("place");
    std::size_t place = version.files.size();
    if (text.size() == 1 || text.size() == 2)
        if (std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
            place = std::stoul(text);
    if (place >= version.files.size()) throw Error(Kind::NotFound, "このファイルはありません。");
    const documents::DocumentFile& file = version.files[place];
    return http::download(context.site().objects->load(file.hash), file.name, file.type);
}

http::Response download_evidence(Context& context) {
    context.require(Act::ContractRead);
    const auto file =
        context.db().read([&](sys::Reader& db) { return records::find_file(db, context.request.number("file")); });
    if (!file || file->subject != fmt::format("document:{}", context.request.number("id")))
        throw Error(Kind::NotFound, "このファイルはありません。");
    return http::download(context.site().objects->load(file->hash), file->name, "application/octet-stream");
}

flow::HandOver typed(Context& context) {
    flow::HandOver given;
    given.version = context.number_field("version");
    given.how = context.field("how");
    given.who = context.field("who");
    given.note = context.field("note");
    given.happened_at = context.time_field("happened_at", "日時").value_or(context.now());
    if (const http::UploadedFile* file = context.request.form.find_file("file")) {
        given.file_name = file->name;
        given.file_bytes = file->read(64U << 20U);
    }
    const auto version = context.db().read([&](sys::Reader& db) { return documents::find_version(db, given.version); });
    if (!version || version->document != context.request.number("id"))
        throw Error(Kind::NotFound, "この文書の版はありません。");
    return given;
}

std::string by_of(const Context& context) {
    return fmt::format("person:{}", context.person.id.value);
}

http::Response deliver(Context& context) {
    return run_act(
        context,
        [&] {
            context.require(Act::ReportMake);
            flow::deliver_document(context.site(), typed(context), by_of(context));
            flow::settle_reports(context.site());
            return context.go(fmt::format("/documents/{}", context.request.number("id")),
                              Flash{Flash::Kind::Good, "提出を記録しました。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

/// On the screen by the client; with a file by who got the mail or the paper.
http::Response confirm(Context& context) {
    return run_act(
        context,
        [&] {
            flow::HandOver given = typed(context);
            const auto document = context.db().read(
                [&](sys::Reader& db) { return documents::load_document(db, context.request.number("id")); });
            if (document.kind == "completion")
                throw Error(Kind::BadInput, "業務完了通知書の検査の結果は、月次報告の画面で入力してください。");
            if (given.how == "screen" || given.how.empty()) {
                context.require(Act::ReportConfirm);
                given.how = "screen";
                given.who = context.person.name;
                given.happened_at = context.now();
            } else {
                context.require(Act::ReportMake);
            }
            flow::confirm_document(context.site(), given, by_of(context));
            return context.go(fmt::format("/documents/{}", context.request.number("id")),
                              Flash{Flash::Kind::Good, "受領の確認を記録しました。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

constexpr Route kRoutes[] = {{"GET", "/documents", list},
                             {"GET", "/documents/{id}", look},
                             {"GET", "/documents/{id}/versions/{version}/look", look_at_version},
                             {"GET", "/documents/{id}/versions/{version}/files/{place}", download_file},
                             {"GET", "/documents/{id}/evidence/{file}", download_evidence},
                             {"POST", "/documents/{id}/deliver", deliver, Route::Body::Files},
                             {"POST", "/documents/{id}/confirm", confirm, Route::Body::Files}};

}  // namespace

extern const Screen documents_screen{"documents",     "文書",           "/documents",      "page",
                                     Place::Contract, Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web
