// The way in: name and password, the second factor, setting one up, the first password; and the way out.

#include "door/web/context.h"
#include "door/web/language.h"
#include "door/web/qr.h"
#include "door/web/words.h"
#include "flow/init_demo.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/people/second_factor.h"

namespace web {

namespace {

using people::Refused;

std::string wanted_path(const Context& context) {
    const std::string from_form = context.field("to");
    return http::local_path(from_form.empty() ? context.request.query.get("to") : std::string_view(from_form));
}

http::Response show_login(Context& context, const Refused* refused, std::string_view login) {
    tmpl::Map view{
        {"to", wanted_path(context)}, {"login", login}, {"is_demo", flow::is_demo(context.site().folders.site)}};
    int status = 200;
    if (refused != nullptr) {
        status = refused->reason == Refused::Reason::Waiting ? 429 : 422;
        const bool is_waiting = refused->reason == Refused::Reason::Waiting;
        view.set("problem", say(is_waiting ? fmt::format("失敗が続いたため、{}まで待ってください。",
                                                         clock_text(refused->again_at, context.now()))
                                           : refused->message_ja));
        view.set("advice", is_waiting ? say("お急ぎのときは、サイト管理者に待ち時間の解除をご依頼ください。") : "");
    }
    return context.page({"screens/sign_in/login.html", "ログイン", {}, status}, std::move(view));
}

http::Response show_code(Context& context, std::string_view problem) {
    return context.page({"screens/sign_in/code.html", "確認コードの入力", {}, problem.empty() ? 200 : 422},
                        {{"to", wanted_path(context)}, {"problem", say(problem)}});
}

http::Response show_password(Context& context, std::string_view problem) {
    const auto shortest = context.office.desk.policy.passwords.shortest;
    return context.page({"screens/sign_in/password.html", "新しいパスワード", {}, problem.empty() ? 200 : 422},
                        {{"to", wanted_path(context)}, {"problem", say(problem)}, {"shortest", shortest}});
}

http::Response show_enrolment(Context& context, const people::Enrolment& enrolment, std::string_view problem) {
    std::string spaced;
    for (std::size_t i = 0; i < enrolment.secret.size(); ++i) {
        if (i > 0 && i % 4 == 0) spaced += ' ';
        spaced += enrolment.secret[i];
    }
    return context.page({"screens/sign_in/enrol.html", "二要素認証の設定", {}, problem.empty() ? 200 : 422},
                        {{"to", wanted_path(context)},
                         {"problem", say(problem)},
                         {"secret", enrolment.secret},
                         {"spaced", spaced},
                         {"qr", qr_code(enrolment.uri, say("認証アプリで読み取るQRコード"))},
                         {"uri", enrolment.uri}});
}

/// Where the person goes after a step; the cookie changes with each.
http::Response go_on(Context& context, const people::SignInResult& result) {
    const auto step = [&](std::string_view path, const std::string& token) {
        http::Fields query;
        query.add("to", wanted_path(context));
        http::Response response = context.go(std::string(path) + "?" + http::format_urlencoded(query));
        context.set_session_cookie(response, token);
        return response;
    };
    if (const auto* need = std::get_if<people::NeedSecondFactor>(&result)) return step("/login/code", need->token);
    if (const auto* need = std::get_if<people::NeedEnrolment>(&result)) return step("/login/enrol", need->token);
    if (const auto* need = std::get_if<people::NeedPasswordChange>(&result))
        return step("/login/password", need->token);
    http::Response response = context.go(wanted_path(context));
    context.set_session_cookie(response, std::get<people::SignedIn>(result).token);
    return response;
}

/// An unfinished session that is over begins anew; any other refusal stays at the step.
std::optional<http::Response> start_again(Context& context, const Refused& refused) {
    if (refused.reason != Refused::Reason::Expired) return std::nullopt;
    return context.go("/login", Flash{Flash::Kind::Info, "時間がたったため、はじめからログインしてください。"});
}

http::Response ask_login(Context& context) {
    if (context.is_signed_in()) return context.go(wanted_path(context));
    return show_login(context, nullptr, "");
}

http::Response give_login(Context& context) {
    const std::string login = context.field("login");
    const auto result = people::sign_in(context.office.desk, login, context.field("password"), context.peer());
    if (const auto* refused = std::get_if<Refused>(&result)) return show_login(context, refused, login.substr(0, 64));
    return go_on(context, result);
}

http::Response ask_code(Context& context) {
    return show_code(context, "");
}

http::Response give_code(Context& context) {
    const auto result =
        people::give_second_factor(context.office.desk, context.token, context.field("code"), context.peer());
    if (const auto* refused = std::get_if<Refused>(&result)) {
        if (auto response = start_again(context, *refused)) return *std::move(response);
        return show_code(context, refused->message_ja);
    }
    return go_on(context, result);
}

http::Response ask_enrolment(Context& context) {
    const auto session = context.db().read(
        [&](sys::Reader& db) { return people::find_unfinished_session(db, context.token, context.now()); });
    if (!session || session->stage != people::Stage::Enrol) return context.go("/login");
    const auto enrolment = context.db().write([&](sys::Transaction& tx) {
        return people::begin_second_factor(tx, session->person,
                                           context.site().settings.site.name + say(" ホームページ管理"),
                                           context.office.desk.office_key, {session->person, context.now()});
    });
    return show_enrolment(context, enrolment, "");
}

http::Response give_enrolment(Context& context) {
    std::vector<std::string> codes;
    const auto result =
        people::finish_enrolment(context.office.desk, context.token, context.field("code"), context.peer(), codes);
    if (const auto* refused = std::get_if<Refused>(&result)) {
        if (auto response = start_again(context, *refused)) return *std::move(response);
        return show_enrolment(context, {context.field("secret"), context.field("uri")}, refused->message_ja);
    }
    tmpl::List shown;
    for (const std::string& code : codes) shown.emplace_back(code);
    const http::Response next = go_on(context, result);
    http::Response response = context.page({"screens/sign_in/recovery.html", "予備コード", {}},
                                           {{"codes", std::move(shown)}, {"next", next.headers.get("Location")}});
    response.headers.add("Set-Cookie", std::string(next.headers.get("Set-Cookie")));
    return response;
}

http::Response ask_password(Context& context) {
    return show_password(context, "");
}

http::Response give_password(Context& context) {
    if (context.field("password") != context.field("password_again"))
        return show_password(context, "2つの入力が同じではありません。もう一度入力してください。");
    const auto result =
        people::give_new_password(context.office.desk, context.token, context.field("password"), context.peer());
    if (const auto* refused = std::get_if<Refused>(&result)) {
        if (auto response = start_again(context, *refused)) return *std::move(response);
        return show_password(context, refused->message_ja);
    }
    return go_on(context, result);
}

http::Response sign_out(Context& context) {
    if (context.is_signed_in())
        context.db().write([&](sys::Transaction& tx) {
            people::end_session(tx, context.session->id, {context.person.id, context.now()});
        });
    http::Response response = context.go("/login", Flash{Flash::Kind::Good, "ログアウトしました。"});
    context.set_session_cookie(response, "");
    response.headers.set("Clear-Site-Data", "\"cache\"");
    return response;
}

constexpr Route kRoutes[] = {
    {"GET", "/login", ask_login},
    {"POST", "/login", give_login},
    {"GET", "/login/code", ask_code},
    {"POST", "/login/code", give_code},
    {"GET", "/login/enrol", ask_enrolment},
    {"POST", "/login/enrol", give_enrolment},
    {"GET", "/login/password", ask_password},
    {"POST", "/login/password", give_password},
    {"POST", "/logout", sign_out},
};

}  // namespace

extern const Screen sign_in{"sign-in", "ログイン", "/login", "", Place::None, Access::Anyone, {}, kRoutes};

}  // namespace web
