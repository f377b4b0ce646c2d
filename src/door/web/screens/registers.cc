// 台帳: software and licences, ends of support, operators' terminals, things lent, subcontractors, the contact tree.
// One screen for all, made from the table of kinds (office/registers/kinds.h).
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/deliver_contacts.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "office/registers/store.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using registers::Entry;
using registers::Field;
using registers::Form;
using registers::Register;

registers::By by(const Context& context) {
    return {fmt::format("person:{}", context.person.id.value), context.now()};
}

const Register& register_of(Context& context) {
    const Register* found = registers::find_register(context.request.parameter("kind"));
    if (found == nullptr) throw Error(Kind::NotFound, "この台帳はありません。");
    return *found;
}

std::string path_of(const Register& kind, std::int64_t id = 0, std::string_view rest = {}) {
    return id == 0 ? fmt::format("/registers/{}{}", kind.id, rest)
                   : fmt::format("/registers/{}/{}{}", kind.id, id, rest);
}

tmpl::Map warning_values(const registers::Warning& one) {
    return {{"text", say(one.text)},
            {"path", fmt::format("/registers/{}/{}", one.kind, one.entry)},
            {"is_pressing", one.is_pressing}};
}

http::Response overview(Context& context) {
    context.require(Act::ContractRead);
    tmpl::List kinds, warnings;
    context.db().read([&](sys::Reader& db) {
        const auto all = registers::list_warnings(db, context.now());
        for (const registers::Warning& one : all) warnings.push_back(warning_values(one));
        for (const Register& kind : registers::all_registers())
            kinds.push_back(tmpl::Map{{"title", say(kind.title)},
                                      {"path", path_of(kind)},
                                      {"count", static_cast<std::int64_t>(registers::list_entries(db, kind.id).size())},
                                      {"warnings", static_cast<std::int64_t>(std::count_if(
                                                       all.begin(), all.end(), [&](const registers::Warning& one) {
                                                           return one.kind == kind.id;
                                                       }))}});
    });
    return context.page({"screens/registers/overview.html", "台帳"},
                        {{"kinds", std::move(kinds)}, {"warnings", std::move(warnings)}});
}

tmpl::Map terminal_values(const registers::TerminalState& state, base::Instant now) {
    const bool is_silent = !state.reported_at || now - *state.reported_at > registers::kSilent;
    const bool is_fresh =
        state.signatures_at &&
        registers::is_fresh({"", state.product, state.is_on, *state.signatures_at, state.detections}, now);
    return {{"is_silent", is_silent},
            {"is_fresh", is_fresh},
            {"product", state.product},
            {"is_on", state.is_on},
            {"detections", state.detections},
            {"has_token", state.has_token},
            {"reported", state.reported_at ? short_time(*state.reported_at, now) : tmpl::Value()},
            {"signatures", state.signatures_at ? short_time(*state.signatures_at, now) : tmpl::Value()}};
}

http::Response show_list(Context& context, const Register& kind, std::string_view problem, int status,
                         std::span<const registers::LineFault> faults = {}) {
    const bool with_ended = context.request.query.get("all") == "1";
    const bool is_terminal = kind.id == "terminal";
    tmpl::List heads, rows, lines;
    constexpr std::size_t kColumns = 3;  // more do not fit a row; the entry's own page has all
    for (std::size_t i = 0; i < std::min(kColumns, kind.fields.size()) && !is_terminal; ++i)
        heads.push_back(tmpl::Map{{"title", say(kind.fields[i].label)}});
    context.db().read([&](sys::Reader& db) {
        const auto warnings = registers::list_warnings(db, context.now());
        for (const Entry& entry :
             registers::list_entries(db, kind.id, with_ended ? registers::Which::All : registers::Which::Open)) {
            tmpl::List cells;
            for (std::size_t i = 0; i < heads.size(); ++i) {
                const auto found = entry.fields.find(std::string(kind.fields[i].id));
                cells.push_back(tmpl::Map{{"title", say(kind.fields[i].label)},
                                          {"text", found == entry.fields.end() ? std::string("—") : found->second}});
            }
            const auto warning = std::find_if(warnings.begin(), warnings.end(),
                                              [&](const registers::Warning& one) { return one.entry == entry.id; });
            rows.push_back(tmpl::Map{
                {"path", path_of(kind, entry.id)},
                {"name", entry.name},
                {"cells", std::move(cells)},
                {"due", era_day(entry.due)},
                {"ended", era_day(entry.ended_on)},
                {"has_warning", warning != warnings.end()},
                {"is_pressing", warning != warnings.end() && warning->is_pressing},
                {"is_past", warning != warnings.end() && warning->days_left < 0},
                {"days_left", warning == warnings.end() ? 0 : warning->days_left},
                {"state", is_terminal && !entry.ended_on
                              ? tmpl::Value(terminal_values(registers::load_state(db, entry.id), context.now()))
                              : tmpl::Value()}});
        }
    });
    for (const registers::LineFault& one : faults)
        lines.push_back(tmpl::Map{{"line", one.line}, {"text", say(one.message)}});
    return context.page({"screens/registers/list.html", std::string(kind.title), {{say("台帳"), "/registers"}}, status},
                        {{"problem", say(problem)},
                         {"faults", std::move(lines)},
                         {"kind", kind.id},
                         {"heading", say(kind.title)},
                         {"path", path_of(kind)},
                         {"name_label", say(kind.name)},
                         {"due_label", say(kind.due)},
                         {"is_terminal", is_terminal},
                         {"is_support", kind.id == "support"},
                         {"is_contact", kind.id == "contact"},
                         {"may_edit", context.may(Act::ContractEdit)},
                         {"with_ended", with_ended},
                         {"heads", std::move(heads)},
                         {"rows", std::move(rows)}});
}

http::Response list(Context& context) {
    context.require(Act::ContractRead);
    return show_list(context, register_of(context), "", 200);
}

std::string input_type(Form form) {
    switch (form) {
        case Form::Number:
            return "number";
        case Form::Day:
            return "date";
        case Form::Url:
            return "url";
        case Form::Mail:
            return "email";
        case Form::Line:
        case Form::Lines:
            break;
    }
    return "text";
}

/// The form of an entry, new when its id is 0.
http::Response show_entry(Context& context, const Register& kind, const Entry& entry, std::string_view problem,
                          int status, const std::string& token = {}) {
    const bool is_typed = !problem.empty() && context.has_field("name");
    const bool is_new = entry.id == 0;
    const auto value = [&](const std::string& name, const std::string& stored) {
        return is_typed ? context.field(name) : stored;
    };
    tmpl::List fields;
    for (const Field& field : kind.fields) {
        const std::string id(field.id);
        const auto found = entry.fields.find(id);
        fields.push_back(tmpl::Map{{"id", id},
                                   {"label", say(field.label)},
                                   {"type", input_type(field.form)},
                                   {"is_long", field.form == Form::Lines},
                                   {"is_needed", field.is_needed},
                                   {"value", value("field-" + id, found == entry.fields.end() ? "" : found->second)}});
    }
    const bool is_terminal = kind.id == "terminal";
    tmpl::Value state;
    if (is_terminal && !is_new)
        state = terminal_values(context.db().read([&](sys::Reader& db) { return registers::load_state(db, entry.id); }),
                                context.now());
    const std::string heading = is_new ? say("台帳に登録する") : entry.name;
    return context.page({"screens/registers/entry.html",
                         heading,
                         {{say("台帳"), "/registers"}, {say(kind.title), path_of(kind)}},
                         status},
                        {{"problem", say(problem)},
                         {"heading", heading},
                         {"register", say(kind.title)},
                         {"is_new", is_new},
                         {"is_ended", entry.ended_on.has_value()},
                         {"ended", era_day(entry.ended_on)},
                         {"may_edit", context.may(Act::ContractEdit)},
                         {"action", is_new ? path_of(kind, 0, "/new") : path_of(kind, entry.id)},
                         {"back", path_of(kind)},
                         {"version", is_typed ? context.field("version") : std::to_string(entry.version)},
                         {"name_label", say(kind.name)},
                         {"name", value("name", entry.name)},
                         {"is_name_fixed", is_terminal && !is_new},
                         {"due_label", say(kind.due)},
                         {"needs_due", kind.needs_due},
                         {"due", value("due", day_input(entry.due))},
                         {"is_due_fixed", kind.can_renew && !is_new},
                         {"can_renew", kind.can_renew},
                         {"end_wording", say(kind.end_wording)},
                         {"this_day", base::format_day(base::local_day(context.now()))},
                         {"is_terminal", is_terminal},
                         {"state", std::move(state)},
                         {"token", token},
                         {"fields", std::move(fields)}});
}

Entry load(Context& context, const Register& kind) {
    const std::int64_t id = context.request.number("id");
    Entry entry = context.db().read([&](sys::Reader& db) { return registers::load_entry(db, id); });
    if (entry.kind != kind.id) throw Error(Kind::NotFound, "この項目は台帳にありません。");
    return entry;
}

void take_fields(Context& context, const Register& kind, Entry& to, bool with_due) {
    to.name = std::string(base::trim(context.field("name")));
    if (kind.id == "terminal") to.name = base::to_lower(to.name);
    if (with_due && !kind.due.empty()) to.due = day_field(context, "due", kind.due);
    to.fields.clear();
    for (const Field& field : kind.fields) {
        const std::string value(base::trim(context.field(fmt::format("field-{}", field.id))));
        if (!value.empty()) to.fields[std::string(field.id)] = value;
    }
}

http::Response ask_new(Context& context) {
    context.require(Act::ContractEdit);
    return show_entry(context, register_of(context), {}, "", 200);
}

http::Response add(Context& context) {
    context.require(Act::ContractEdit);
    const Register& kind = register_of(context);
    return run_act(
        context,
        [&] {
            Entry made;
            made.kind = std::string(kind.id);
            take_fields(context, kind, made, true);
            context.db().write([&](sys::Transaction& tx) { registers::add_entry(tx, made, by(context)); });
            return context.go(path_of(kind), Flash{Flash::Kind::Good, "台帳に登録しました。"});
        },
        [&](std::string_view problem, int status) { return show_entry(context, kind, {}, problem, status); });
}

http::Response look(Context& context) {
    context.require(Act::ContractRead);
    const Register& kind = register_of(context);
    return show_entry(context, kind, load(context, kind), "", 200);
}

http::Response on_entry(Context& context, std::string_view said,
                        const std::function<void(sys::Transaction&, const Register&, const Entry&)>& work) {
    context.require(Act::ContractEdit);
    const Register& kind = register_of(context);
    const Entry before = load(context, kind);
    return run_act(
        context,
        [&] {
            context.db().write([&](sys::Transaction& tx) { work(tx, kind, before); });
            return context.go(path_of(kind), Flash{Flash::Kind::Good, std::string(said)});
        },
        [&](std::string_view problem, int status) { return show_entry(context, kind, before, problem, status); });
}

http::Response change(Context& context) {
    return on_entry(context, "台帳を直しました。",
                    [&](sys::Transaction& tx, const Register& kind, const Entry& before) {
                        Entry changed = before;
                        changed.version = context.number_field("version");
                        take_fields(context, kind, changed, !kind.can_renew);
                        if (kind.id == "terminal") changed.name = before.name;
                        registers::change_entry(tx, changed, by(context));
                    });
}

http::Response renew(Context& context) {
    return on_entry(context, "更新を記録しました。", [&](sys::Transaction& tx, const Register&, const Entry& before) {
        const auto until = day_field(context, "until", "新しい期限");
        if (!until) throw Error(Kind::BadInput, "新しい期限を入れてください。");
        registers::renew_entry(tx, before.id, context.number_field("version"), *until, by(context));
    });
}

http::Response end(Context& context) {
    return on_entry(context, "台帳の項目を終わりにしました。",
                    [&](sys::Transaction& tx, const Register&, const Entry& before) {
                        const auto on = day_field(context, "on", "終わった日");
                        if (!on) throw Error(Kind::BadInput, "終わった日を入れてください。");
                        registers::end_entry(tx, before.id, context.number_field("version"), *on,
                                             base::trim(context.field("reason")), by(context));
                    });
}

http::Response make_token(Context& context) {
    context.require(Act::ContractEdit);
    const Register& kind = register_of(context);
    const Entry entry = load(context, kind);
    return run_act(
        context,
        [&] {
            const std::string token = context.db().write(
                [&](sys::Transaction& tx) { return registers::make_token(tx, entry.id, by(context)); });
            return show_entry(context, kind, entry, "", 200, token);
        },
        [&](std::string_view problem, int status) { return show_entry(context, kind, entry, problem, status); });
}

http::Response download_csv(Context& context) {
    context.require(Act::ContractRead);
    const Register& kind = register_of(context);
    const std::string text = context.db().read([&](sys::Reader& db) { return registers::write_csv(db, kind); });
    return http::download(text, fmt::format("{}.csv", kind.title), "text/csv; charset=utf-8");
}

/// Carries the faults out of the transaction that they undo.
struct Undone {
    registers::Imported imported;
};

http::Response upload_csv(Context& context) {
    context.require(Act::ContractEdit);
    const Register& kind = register_of(context);
    return run_act(
        context,
        [&] {
            const http::UploadedFile* file = context.request.form.find_file("file");
            if (file == nullptr) throw Error(Kind::BadInput, "CSVのファイルを選んでください。");
            const std::string text = file->read(registers::kLargestCsv);
            try {
                const auto imported = context.db().write([&](sys::Transaction& tx) {
                    auto result = registers::import_csv(tx, kind, text, by(context));
                    if (!result.faults.empty()) throw Undone{std::move(result)};
                    return result;
                });
                return context.go(path_of(kind),
                                  Flash{Flash::Kind::Good,
                                        fmt::format("CSVを取り込みました。登録{}件、変更{}件、変わらないもの{}件。",
                                                    imported.added, imported.changed, imported.same)});
            } catch (const Undone& undone) {
                return show_list(context, kind, "CSVに誤りがあるため、何も取り込みませんでした。", 422,
                                 undone.imported.faults);
            }
        },
        [&](std::string_view problem, int status) { return show_list(context, kind, problem, status); });
}

http::Response add_known(Context& context) {
    context.require(Act::ContractEdit);
    const int added =
        context.db().write([&](sys::Transaction& tx) { return registers::add_known_support(tx, by(context)); });
    return context.go("/registers/support",
                      Flash{Flash::Kind::Good, fmt::format("知られている終了日を{}件登録しました。", added)});
}

http::Response deliver_contacts(Context& context) {
    context.require(Act::ReportMake);
    const Register& kind = *registers::find_register("contact");
    return run_act(
        context,
        [&] {
            const std::string path = flow::make_contacts_document(context.site(), by(context).who);
            return context.go(
                path, Flash{Flash::Kind::Good, "体制図と連絡網の文書を作りました。渡したら、提出を記録してください。"});
        },
        [&](std::string_view problem, int status) { return show_list(context, kind, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/registers", overview},
    {"POST", "/registers/support/known", add_known},
    {"POST", "/registers/contact/deliver", deliver_contacts},
    {"GET", "/registers/{kind}", list},
    {"GET", "/registers/{kind}/new", ask_new},
    {"POST", "/registers/{kind}/new", add},
    {"GET", "/registers/{kind}/csv", download_csv},
    {"POST", "/registers/{kind}/csv", upload_csv, Route::Body::Files},
    {"GET", "/registers/{kind}/{id}", look},
    {"POST", "/registers/{kind}/{id}", change},
    {"POST", "/registers/{kind}/{id}/renew", renew},
    {"POST", "/registers/{kind}/{id}/end", end},
    {"POST", "/registers/{kind}/{id}/token", make_token},
};

/// From a terminal's own script, by its token; there is no session, so there is nothing to forge.
http::Response take_terminal(Context& context) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view given = context.request.headers.get("Authorization");
    try {
        if (!given.starts_with(kBearer)) throw Error(Kind::NotAllowed, "a token is needed: Authorization: Bearer ...");
        const auto report = registers::read_report(context.request.body, context.now());
        const std::string_view token = given.substr(kBearer.size());
        // Anybody may knock here: a wrong token must not wait in line with those who write.
        context.db().read([&](sys::Reader& db) { registers::check_token(db, report.terminal, token); });
        context.db().write([&](sys::Transaction& tx) { registers::take_report(tx, report, token, context.now()); });
        return http::text("taken\n");
    } catch (const Error& error) {
        if (error.kind() == Kind::NotAllowed) return http::text(error.message() + "\n", 401);
        if (error.kind() == Kind::BadInput) return http::text(error.message() + "\n", 400);
        throw;
    }
}
constexpr Route kTerminalRoutes[] = {{"POST", "/terminal-report", take_terminal}};

}  // namespace

extern const Screen registers_screen{"registers",     "台帳",           "/registers",      "ledger",
                                     Place::Contract, Access::SignedIn, Act::ContractRead, kRoutes};
extern const Screen terminal_report{"terminal-report", "端末の報告", "/terminal-report", "", Place::None,
                                    Access::Anyone,    {},           kTerminalRoutes};

}  // namespace web
