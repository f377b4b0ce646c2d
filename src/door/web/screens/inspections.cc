// 脆弱性検査: the yearly look by a third party, its findings and what was done about each, the second look, the
// hand-in.
#include <algorithm>

#include "door/web/screens/vulnerabilities/parts.h"
#include "flow/attach_file.h"
#include "flow/run_inspection.h"
#include "ground/sys/crypto.h"
#include "office/records/store.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using vulnerabilities::Inspection;

std::int64_t id_of(const Context& context) {
    return std::strtoll(std::string(context.request.parameter("id")).c_str(), nullptr, 10);
}

http::Response show_list(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    tmpl::List rows;
    const auto unplanned = context.db().read([&](sys::Reader& db) {
        for (const Inspection& one : vulnerabilities::list_inspections(db))
            rows.push_back(tmpl::Map{
                {"path", fmt::format("/inspections/{}", one.id)},
                {"title", one.title},
                {"number", one.number},
                {"body", one.body},
                {"begins", day_text(one.begins_on)},
                {"next", day_value(one.next_on)},
                {"all", one.all},
                {"open", one.open},
                {"state", chip(one.reported_at ? "live" : "submitted", say(one.reported_at ? "報告済み" : "進行中"))}});
        return vulnerabilities::find_unplanned(db, base::local_day(context.now()));
    });
    return context.page({"screens/inspections/list.html", "脆弱性検査", {{say("脆弱性"), "/vulnerabilities"}}, status},
                        {{"problem", say(problem)},
                         {"rows", std::move(rows)},
                         {"unplanned", day_value(unplanned)},
                         {"typed_title", context.field("title")},
                         {"body", context.field("body")},
                         {"independence", context.field("independence")},
                         {"scope", context.field("scope")},
                         {"begins_on", context.field("begins_on")},
                         {"once", status == 200 ? sys::random_token() : context.field("once")},
                         {"may_act", context.may(Act::InspectRun)}});
}

http::Response list(Context& context) {
    return show_list(context, "", 200);
}

http::Response plan(Context& context) {
    context.require(Act::InspectRun);
    return run_act(
        context,
        [&] {
            Inspection made;
            made.title = context.field("title");
            made.body = context.field("body");
            made.independence = context.field("independence");
            made.scope = context.field("scope");
            const auto begins = day_field(context, "begins_on", "始まりの日");
            if (!begins) throw Error(Kind::BadInput, "始まりの日を入れてください。");
            made.begins_on = *begins;
            const auto one = context.db().write([&](sys::Transaction& tx) {
                return vulnerabilities::plan_inspection(tx, made, vulnerability_by(context), context.field("once"));
            });
            return context.go(fmt::format("/inspections/{}", one.id), Flash{Flash::Kind::Good, "検査を登録しました。"});
        },
        [&](std::string_view problem, int status) { return show_list(context, problem, status); });
}

/// A finding as it stands on the screen: its number and what changes with each decision.
std::string choice_of(const vulnerabilities::StoredFinding& finding) {
    return fmt::format("{} {}", finding.id, finding.mark());
}

/// Changes with each finding that is decided or found.
std::string mark_of_open(const std::vector<vulnerabilities::StoredFinding>& findings) {
    std::string choices;
    for (const auto& each : findings)
        if (each.state == "open") choices += choice_of(each) + ' ';
    return sys::sha256(choices).hex().substr(0, 16);
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    const std::int64_t id = id_of(context);
    const base::Instant now = context.now();
    Inspection one;
    tmpl::List findings, files;
    std::string open_mark;
    const auto ticked = context.request.form.get_all("chosen");
    Names names(context.db());
    context.db().read([&](sys::Reader& db) {
        one = vulnerabilities::load_inspection(db, id);
        const auto all = vulnerabilities::list_findings(db, id);
        open_mark = mark_of_open(all);
        for (const auto& each : all)
            findings.push_back(
                tmpl::Map{{"id", each.id},
                          {"choice", choice_of(each)},
                          {"is_chosen", std::find(ticked.begin(), ticked.end(), choice_of(each)) != ticked.end()},
                          {"title", each.title},
                          {"tool", each.tool},
                          {"place", each.place},
                          {"detail", each.detail},
                          {"note", each.note},
                          {"by", each.decided_by.empty() ? std::string() : who_of(names, each.decided_by)},
                          {"severity", severity_chip(each.severity)},
                          {"retested", each.retested_at ? short_time(*each.retested_at, now) : tmpl::Value()},
                          {"is_open", each.state == "open"},
                          {"state", chip(each.state == "open"     ? "returned"
                                         : each.state == "mended" ? "submitted"
                                                                  : "live",
                                         say(vulnerabilities::finding_state_wording(each.state)))}});
        for (const auto& file : records::list_files(db, one.subject()))
            files.push_back(tmpl::Map{{"path", fmt::format("/inspections/{}/files/{}", id, file.id)},
                                      {"name", file.name},
                                      {"hash", file.hash.hex()},
                                      {"size", size_text(file.bytes)},
                                      {"at", short_time(file.at, now)}});
    });
    const bool is_open = !one.reported_at;
    return context.page({"screens/inspections/show.html", one.title, {{say("脆弱性検査"), "/inspections"}}, status},
                        {{"problem", say(problem)},
                         {"path", fmt::format("/inspections/{}", id)},
                         {"id", id},
                         {"heading", one.title},
                         {"number", one.number},
                         {"body", one.body},
                         {"independence", one.independence},
                         {"scope", one.scope},
                         {"begins", day_text(one.begins_on)},
                         {"ends", day_value(one.ends_on)},
                         {"next", day_value(one.next_on)},
                         {"reported", one.reported_at ? long_time(*one.reported_at) : tmpl::Value()},
                         {"reported_to", one.reported_to},
                         {"findings", std::move(findings)},
                         {"files", std::move(files)},
                         {"open", one.open},
                         {"open_mark", open_mark},
                         {"change", one.change},
                         {"typed_note", context.field("note")},
                         {"is_all", context.has_field("all_open")},
                         {"typed_to", context.field("to")},
                         {"typed_ends", context.field("ends_on")},
                         {"typed_next", context.field("next_on")},
                         {"may_act", context.may(Act::InspectRun) && is_open},
                         {"may_report", context.may(Act::ReportMake) && is_open}});
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

/// What a tool wrote becomes findings; the report of the body itself is kept as it is.
std::string take_file(Context& context, std::int64_t id, const vulnerabilities::By& by) {
    const http::UploadedFile* file = context.request.form.find_file("file");
    if (file == nullptr || file->size == 0) throw Error(Kind::BadInput, "ファイルを選んでください。");
    if (file->size > flow::kLargestAttachment)
        throw Error(Kind::BadInput,
                    fmt::format("ファイルが大きすぎます。{}MBまでにしてください。", flow::kLargestAttachment >> 20U));
    const std::string bytes = file->read(flow::kLargestAttachment), tool = context.field("tool");
    try {
        if (tool == "report") {
            flow::keep_inspection_report(context.site(), id, file->name, bytes, by);
            return "報告書を保管しました。";
        }
        const auto done =
            flow::import_inspection(context.site(), id, tool, file->name, bytes, context.has_field("retest"), by);
        return fmt::format(
            "{}件の指摘を取り込みました。新しいもの{}件、再び見つかったもの{}件、再検査で解消したもの{}件。",
            done.found, done.added, done.again, done.cleared);
    } catch (const Error& error) {
        if (error.kind() == Kind::Unavailable)
            throw Error(Kind::BadInput, error.message());  // the scanner gave no word
        throw;
    }
}

struct Choice {
    std::int64_t finding = 0;
    std::string mark;
};

/// What was ticked, as it stood on the screen; all that are open besides, when they are those that the screen had.
std::vector<Choice> chosen_findings(Context& context, std::int64_t id) {
    const auto all = context.db().read([&](sys::Reader& db) { return vulnerabilities::list_findings(db, id); });
    std::vector<Choice> chosen;
    for (const std::string_view choice : context.request.form.get_all("chosen")) {
        const std::size_t space = std::min(choice.find(' '), choice.size());
        const auto found = std::find_if(all.begin(), all.end(), [&](const vulnerabilities::StoredFinding& each) {
            return std::to_string(each.id) == choice.substr(0, space);
        });
        if (found == all.end() || space + 1 >= choice.size())
            throw Error(Kind::BadInput,
                        "送られた内容に足りないものがあります。画面を開き直して、もう一度お試しください。");
        chosen.push_back({found->id, std::string(choice.substr(space + 1))});
    }
    if (!context.has_field("all_open")) return chosen;
    if (context.field("all_open") != mark_of_open(all))
        throw Error(Kind::Conflict,
                    "画面を開いた後に、未対応の指摘が変わりました。一覧を確かめて、もう一度お試しください。");
    for (const auto& each : all)
        if (each.state == "open" &&
            std::none_of(chosen.begin(), chosen.end(), [&](const Choice& one) { return one.finding == each.id; }))
            chosen.push_back({each.id, each.mark()});
    return chosen;
}

std::string run(Context& context) {
    const std::int64_t id = id_of(context);
    const std::string act = context.field("do");
    const vulnerabilities::By by = vulnerability_by(context);
    if (act == "report") {
        context.require(Act::ReportMake);
        const std::string to = context.field("to");
        const auto ends = day_field(context, "ends_on", "終わりの日"),
                   next = day_field(context, "next_on", "次の検査の日");
        if (!ends) throw Error(Kind::BadInput, "終わりの日を入れてください。");
        const std::int64_t change = context.number_field("change");
        context.db().write(
            [&](sys::Transaction& tx) { vulnerabilities::report_inspection(tx, id, to, *ends, next, change, by); });
        return "検査の結果を報告したことを記録しました。";
    }
    context.require(Act::InspectRun);
    if (act == "decide") {
        const std::vector<Choice> chosen = chosen_findings(context, id);
        if (chosen.empty()) throw Error(Kind::BadInput, "指摘を選んでください。");
        const std::string state = context.field("state"), note = context.field("note");
        context.db().write([&](sys::Transaction& tx) {
            for (const Choice& one : chosen)
                vulnerabilities::decide_finding(tx, one.finding, state, note, by, one.mark);
        });
        return fmt::format("{}件の指摘への対応を記録しました。", chosen.size());
    }
    if (act == "file") return take_file(context, id, by);
    throw Error(Kind::BadInput, "何をするかを選んでください。");
}

http::Response act(Context& context) {
    context.require(Act::ContractRead);
    return run_act(
        context,
        [&] {
            const std::string done = run(context);
            return context.go(fmt::format("/inspections/{}", id_of(context)), Flash{Flash::Kind::Good, done});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

http::Response download(Context& context) {
    context.require(Act::ContractRead);
    const auto [subject, file] = context.db().read([&](sys::Reader& db) {
        return std::pair(vulnerabilities::load_inspection(db, id_of(context)).subject(),
                         records::find_file(db, context.request.number("file")));
    });
    if (!file || file->subject != subject) throw Error(Kind::NotFound, "このファイルはありません。");
    return http::download(context.site().objects->load(file->hash), file->name, "application/octet-stream");
}

constexpr Route kRoutes[] = {{"GET", "/inspections", list},
                             {"POST", "/inspections", plan},
                             {"GET", "/inspections/{id}", look},
                             {"POST", "/inspections/{id}", act},
                             {"GET", "/inspections/{id}/files/{file}", download}};

}  // namespace

extern const Screen inspections_screen{"inspections", "脆弱性検査",     "/inspections",    "search",
                                       Place::None,   Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web
