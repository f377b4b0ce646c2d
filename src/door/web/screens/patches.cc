// 修正と版の更新: each correction and each new version on its way into production, step by step: found, examined,
// agreed with the client, tested on a copy, applied in the window. The next step is the one form that stands open.
#include "door/web/screens/patches/received.h"
#include "door/web/screens/vulnerabilities/parts.h"
#include "flow/office_hours.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using vulnerabilities::Patch;
using vulnerabilities::PatchState;

std::int64_t id_of(const Context& context) {
    return std::strtoll(std::string(context.request.parameter("id")).c_str(), nullptr, 10);
}

http::Response list(Context& context) {
    context.require(Act::ContractRead);
    tmpl::List open, over, received;
    for (const ReceivedPackage& each :
         context.db().read([&](sys::Reader& db) { return list_undecided(db, context.now()); }))
        received.push_back(tmpl::Map{
            {"key", each.key}, {"name", each.name}, {"from", each.from}, {"at", short_time(each.at, context.now())}});
    const calendar::OfficeCalendar office = flow::office_hours_of(context.site().settings);
    const base::Instant now = context.now();
    for (const Patch& patch : context.db().read([](sys::Reader& db) { return vulnerabilities::list_patches(db); }))
        (patch.state < PatchState::Applied ? open : over).push_back(patch_row(office, patch, now));
    return context.page({"screens/patches/list.html", "修正と版の更新", {{say("脆弱性"), "/vulnerabilities"}}},
                        {{"open", std::move(open)},
                         {"over", std::move(over)},
                         {"received", std::move(received)},
                         {"may_act", context.may(Act::InspectRun)}});
}

/// The received files that the form is about. Throws Error(NotFound), Error(BadInput).
std::vector<ReceivedPackage> packages_of(Context& context) {
    const bool is_posted = context.request.method == "POST";
    const auto keys = is_posted ? context.request.form.get_all("package") : context.request.query.get_all("package");
    if (keys.size() > kMostReceived) throw Error(Kind::BadInput, "ファイルは、一度に100件まで選べます。");
    return context.db().read([&](sys::Reader& db) {
        std::vector<ReceivedPackage> packages;
        for (const std::string_view key : keys) {
            packages.push_back(find_received(db, key).value_or(ReceivedPackage{}));
            if (packages.back().key.empty()) throw Error(Kind::NotFound, "このファイルを受け取った記録はありません。");
        }
        return packages;
    });
}

http::Response show_form(Context& context, std::string_view problem, int status) {
    context.require(Act::InspectRun);
    const bool is_posted = context.request.method == "POST";
    const auto packages = packages_of(context);
    std::int64_t record = is_posted ? 0 : query_number(context, "vulnerability");
    if (is_posted && !context.field("vulnerability").empty()) record = context.number_field("vulnerability");
    std::string about, component, version;
    if (record != 0)
        context.db().read([&](sys::Reader& db) {
            about = vulnerabilities::load_record(db, record).title;
            const auto concerns = vulnerabilities::list_concerns(db, record);
            if (!concerns.empty()) {
                component = concerns.front().name;
                version = concerns.front().version;
            }
        });
    std::string title, published;
    tmpl::List files;
    for (const ReceivedPackage& each : packages) {
        files.push_back(tmpl::Map{{"key", each.key}, {"name", each.name}});
        component += (component.empty() ? "" : "、") + each.name;
        if (published.empty() || local_input(each.at) < published) published = local_input(each.at);
    }
    if (packages.size() == 1) title = say(fmt::format("{}の適用", packages.front().name));
    if (packages.size() > 1) title = say(fmt::format("受け取ったファイル{}件の適用", packages.size()));
    component = base::first_code_points(component, 300);
    const bool is_version = record == 0 && packages.empty();
    const auto typed = [&](std::string_view name, const std::string& usual) {
        return is_posted ? context.field(name) : usual;
    };
    return context.page({"screens/patches/new.html",
                         is_version ? "版の更新の登録" : "修正の登録",
                         {{say("修正と版の更新"), "/patches"}},
                         status},
                        {{"problem", say(problem)},
                         {"is_version", is_version},
                         {"record", record},
                         {"about", about},
                         {"files", std::move(files)},
                         {"name", typed("title", title)},
                         {"component", typed("component", component)},
                         {"version_from", typed("version_from", version)},
                         {"version_to", typed("version_to", "")},
                         {"published_at", typed("published_at", published)},
                         {"note", typed("note", "")},
                         {"once", is_posted ? context.field("once") : sys::random_token()},
                         {"now_input", local_input(context.now())}});
}

http::Response form(Context& context) {
    return show_form(context, "", 200);
}

http::Response make(Context& context) {
    context.require(Act::InspectRun);
    return run_act(
        context,
        [&] {
            vulnerabilities::NewPatch made;
            made.title = context.field("title");
            made.component = context.field("component");
            made.version_from = context.field("version_from");
            made.version_to = context.field("version_to");
            made.note = context.field("note");
            const auto published = context.time_field("published_at", "公開された日時");
            if (!published) throw Error(Kind::BadInput, "公開された日時を入れてください。");
            made.published_at = *published;
            if (!context.field("vulnerability").empty() && context.field("vulnerability") != "0")
                made.subjects.push_back(fmt::format("vulnerability:{}", context.number_field("vulnerability")));
            for (const ReceivedPackage& each : packages_of(context)) made.subjects.push_back("package:" + each.key);
            made.is_version = made.subjects.empty();
            const Patch patch = context.db().write([&](sys::Transaction& tx) {
                return vulnerabilities::find_out(tx, made, vulnerability_by(context), context.field("once"));
            });
            return context.go(fmt::format("/patches/{}", patch.id),
                              Flash{Flash::Kind::Good, "登録しました。次は、内容を検討します。"});
        },
        [&](std::string_view problem, int status) { return show_form(context, problem, status); });
}

std::string next_step(const Patch& patch) {
    switch (patch.state) {
        case PatchState::Found:
            return say("何が変わるか、何が動かなくなりうるか、戻し方を検討して、記録します。");
        case PatchState::Examined:
            return say("適用するかどうかを、発注者が決めます。");
        case PatchState::Agreed:
            return say("前夜のバックアップから作った試験環境に適用して、試験します。");
        case PatchState::Tested:
            return say("合意した時間帯に、本番に適用します。");
        case PatchState::Applied:
            return say("本番に適用しました。");
        case PatchState::Declined:
            return say("適用を見送りました。");
    }
    return {};
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    const base::Instant now = context.now();
    const std::int64_t id = id_of(context);
    Patch patch;
    tmpl::List steps, tests, subjects;
    Names names(context.db());
    context.db().read([&](sys::Reader& db) {
        patch = vulnerabilities::load_patch(db, id);
        for (const auto& step : vulnerabilities::list_steps(db, id))
            steps.push_back(tmpl::Map{{"name", say(vulnerabilities::step_wording(step.step))},
                                      {"text", step.text},
                                      {"by", who_of(names, step.by)},
                                      {"at", short_time(step.at, now)}});
        for (const auto& test : vulnerabilities::list_tests(db, id))
            tests.push_back(
                tmpl::Map{{"name", test.name},
                          {"result", test.result},
                          {"state", chip(test.is_good ? "live" : "returned", say(test.is_good ? "合格" : "不合格"))}});
        for (const std::string& subject : patch.subjects) {
            const std::string number = subject.substr(subject.find(':') + 1);
            if (subject.starts_with("vulnerability:")) {
                subjects.push_back(tmpl::Map{{"path", "/vulnerabilities/" + number},
                                             {"name", vulnerabilities::load_record(db, std::stoll(number)).title}});
                continue;
            }
            const auto package = find_received(db, number);
            subjects.push_back(tmpl::Map{{"path", ""}, {"name", package ? package->name : subject}});
        }
    });
    const bool is_over = patch.state >= PatchState::Applied;
    const bool has_typed = context.request.method == "POST" && !problem.empty();
    const auto typed = [&](std::string_view name) { return has_typed ? context.field(name) : std::string(); };
    // Each form has a field "text": only the one that was sent keeps what was typed.
    const auto text_of = [&](std::string_view act) {
        const std::string sent = typed("do") == "agree" || typed("do") == "decline" ? "decide" : typed("do");
        return sent == act ? typed("text") : std::string();
    };
    const calendar::OfficeCalendar office = flow::office_hours_of(context.site().settings);
    tmpl::Map row = patch_row(office, patch, now);
    return context.page({"screens/patches/show.html", patch.title, {{say("修正と版の更新"), "/patches"}}, status},
                        {{"problem", say(problem)},
                         {"path", fmt::format("/patches/{}", id)},
                         {"id", id},
                         {"patch", std::move(row)},
                         {"next", next_step(patch)},
                         {"published", long_time(patch.published_at)},
                         {"decide_by", long_time(vulnerabilities::owed_by(office, patch.published_at))},
                         {"window_from", patch.window_from ? long_time(*patch.window_from) : tmpl::Value()},
                         {"window_to", patch.window_to ? long_time(*patch.window_to) : tmpl::Value()},
                         {"applied", patch.applied_at ? long_time(*patch.applied_at) : tmpl::Value()},
                         {"staging", patch.staging},
                         {"steps", std::move(steps)},
                         {"tests", std::move(tests)},
                         {"subjects", std::move(subjects)},
                         {"change", patch.change},
                         {"is_over", is_over},
                         {"can_examine", patch.state <= PatchState::Examined},
                         {"can_decide", patch.state >= PatchState::Examined && !is_over},
                         {"can_test", patch.state == PatchState::Agreed || patch.state == PatchState::Tested},
                         {"can_apply", patch.state == PatchState::Tested},
                         {"may_act", context.may(Act::InspectRun)},
                         {"may_agree", context.may(Act::ChangeAgree)},
                         {"typed_examine", text_of("examine")},
                         {"typed_decide", text_of("decide")},
                         {"typed_staging", text_of("test")},
                         {"typed_apply", text_of("apply")},
                         {"typed_report", text_of("report")},
                         {"typed_from", typed("window_from")},
                         {"typed_to", typed("window_to")},
                         {"typed_tests", typed("tests")},
                         {"typed_reason", typed("emergency_reason")},
                         {"needs_password", !context.is_fresh()},
                         {"applied_input", typed("at").empty() ? local_input(now) : typed("at")}});
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

/// "○ ログインできる：できた" a line each; × for what failed.
std::vector<vulnerabilities::TestItem> read_tests(std::string_view text) {
    std::vector<vulnerabilities::TestItem> tests;
    for (std::string_view line : base::split(text, '\n')) {
        line = base::trim(line);
        if (line.empty()) continue;
        const bool is_good = line.starts_with("○") || line.starts_with("〇");
        if (!is_good && !line.starts_with("×"))
            throw Error(Kind::BadInput, "試験の項目は、1行に1つずつ「○」か「×」で始めてください。");
        line = base::trim(line.substr(line.starts_with("×") ? std::string_view("×").size() : 3));
        const auto colon = line.find("：");
        const std::string_view name = line.substr(0, colon);
        const std::string_view result = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 3);
        tests.push_back({std::string(base::trim(name)), is_good, std::string(base::trim(result))});
    }
    return tests;
}

std::string run(Context& context) {
    const std::int64_t id = id_of(context);
    const std::string act = context.field("do"), text = context.field("text");
    const vulnerabilities::By by = vulnerability_by(context);
    const std::int64_t change = context.number_field("change");
    const auto write = [&](const auto& work) { context.db().write([&](sys::Transaction& tx) { work(tx); }); };
    if (act == "agree" || act == "decline") {
        context.require(Act::ChangeAgree);
        const auto from = context.time_field("window_from", "時間帯の始まり"),
                   to = context.time_field("window_to", "時間帯の終わり");
        write([&](sys::Transaction& tx) {
            vulnerabilities::decide_patch(tx, id, act == "agree", text, from, to, change, by);
        });
        return act == "agree" ? "適用の合意を記録しました。" : "見送ることを記録しました。";
    }
    context.require(Act::InspectRun);
    if (act == "examine") {
        write([&](sys::Transaction& tx) { vulnerabilities::examine_patch(tx, id, text, change, by); });
        return "検討した内容を記録しました。次は、発注者が決めます。";
    }
    if (act == "report") {
        write([&](sys::Transaction& tx) { vulnerabilities::report_patch(tx, id, text, by); });
        return "内容の報告を記録しました。";
    }
    if (act == "test") {
        const auto tests = read_tests(context.field("tests"));
        write([&](sys::Transaction& tx) { vulnerabilities::note_test(tx, id, text, tests, change, by); });
        return "試験の結果を記録しました。";
    }
    if (act == "apply") {
        const vulnerabilities::Applying how{context.time_field("at", "適用した日時").value_or(by.at), text,
                                            context.field("emergency_reason")};
        need_proof(context);
        write([&](sys::Transaction& tx) { vulnerabilities::apply_patch(tx, id, how, change, by); });
        return "本番への適用を記録しました。";
    }
    throw Error(Kind::BadInput, "何をするかを選んでください。");
}

http::Response act(Context& context) {
    context.require(Act::ContractRead);
    return run_act(
        context,
        [&] {
            const std::string done = run(context);
            return context.go(fmt::format("/patches/{}", id_of(context)), Flash{Flash::Kind::Good, done});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

constexpr Route kRoutes[] = {{"GET", "/patches", list},
                             {"GET", "/patches/new", form},
                             {"POST", "/patches/new", make},
                             {"GET", "/patches/{id}", look},
                             {"POST", "/patches/{id}", act}};

}  // namespace

extern const Screen patches_screen{"patches",   "修正と版の更新", "/patches",        "release",
                                   Place::None, Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web
