#include "door/web/errors.h"

#include <cstdlib>

#include "door/web/sight.h"
#include "ground/base/hash.h"
#include "ground/base/text.h"
#include "ground/http/server.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"
#include "press/content/store.h"

namespace web {

using base::Error;
using base::Kind;

namespace {

struct Words {
    int status;
    std::string_view title;
    std::string_view advice;
};
constexpr Words kWords[] = {
    {400, "送られた内容を受け付けられませんでした", "前の画面に戻り、入力を確かめてください。"},
    {401, "ログインしてください", "別の窓でログインし直してから、前の画面に戻って続けてください。"},
    {403, "この操作はできません", "必要なときは、サイト管理者に権限をご相談ください。"},
    {404, "この画面は見つかりません",
     "アドレスが変わったか、ページが移動または削除されたのかもしれません。ページ一覧からさがしてください。"},
    {405, "この操作はできません", "前の画面に戻り、ボタンからもう一度お試しください。"},
    {409, "ほかの人が先に変更しました", "いまの状態を確かめてから、もう一度操作してください。"},
    {413, "送る内容が大きすぎます", "画像は小さくし、PDFは分けるか軽くしてから、もう一度お試しください。"},
    {429, "しばらくお待ちください", "少し時間をおいて、もう一度お試しください。"},
    {503, "いまは使えません", "しばらくして、もう一度お試しください。続くときは運用担当者にご連絡ください。"},
};
constexpr Words kOurFault{
    500, "システムの中で問題が起きました",
    "時間をおいて、もう一度お試しください。続くときは、下の番号を添えて運用担当者にご連絡ください。"};

constexpr Words kStaleForm{
    403, "この画面は開いたままで古くなりました",
    "前の画面に戻って読み込み直し、もう一度お試しください。入力していた文章は、下にあれば写せます。"};

const Words& words_for(int status) {
    for (const Words& words : kWords)
        if (words.status == status) return words;
    return kOurFault;
}

/// What to do about it; for what is too large also how large it may be.
std::string advice_of(const Office& office, const Words& words) {
    std::string limit;
    if (words.status == 413)
        limit = say(fmt::format("1つのファイルは{}MBまで、文章は{}MBまで送れます。",
                                office.site.settings.storage.largest_upload_mb, kMostTextBytes >> 20));
    return limit + say(words.advice);
}

/// The number that leads from the screen to the line in the log.
std::string note_fault(const Error& error, std::string_view path) {
    std::string number = base::to_hex(sys::random_bytes(4));
    sys::log(sys::Level::Error, "a screen failed",
             {{"number", number},
              {"path", std::string(path)},
              {"error", error.message()},
              {"trail", base::join(error.trail(), "; ")}});
    return number;
}

tmpl::Map values_of(const Words& words, std::string_view message, std::string number) {
    return {{"heading", say(words.title)},
            {"advice", say(words.advice)},
            {"message", say(message)},
            {"number", std::move(number)}};
}

// Fields that forms carry and nobody types; "secret" and "uri" are of a second factor that is being set up.
constexpr std::string_view kNotTyped[] = {"csrf", "version", "once", "secret", "uri", "selector", "opened"};

/// Of a form that cannot be taken now: given back, to be copied.
tmpl::List typed_texts(const http::Request& request) {
    tmpl::List typed;
    for (const auto& [name, value] : request.form.fields)
        if (std::find(std::begin(kNotTyped), std::end(kNotTyped), name) == std::end(kNotTyped) &&
            name.find("password") == std::string::npos && value.size() > 20 && !base::Hash::find_hex(value))
            typed.push_back(tmpl::Map{{"name", name}, {"text", value}});
    return typed;
}

/// Of a page's screens ("/pages/61/edit"): the page, where one sees what can be done now.
std::string page_of(std::string_view path) {
    constexpr std::string_view kPages = "/pages/";
    if (!path.starts_with(kPages)) return {};
    const std::size_t end = path.find_first_not_of("0123456789", kPages.size());
    return end == std::string_view::npos || end == kPages.size() || path[end] != '/' ? std::string()
                                                                                     : std::string(path.substr(0, end));
}

/// Whether that screen opens for them. (A button that leads to the next refusal helps nobody.)
bool may_open(const Context& context, const std::string& page) {
    const base::PageId id{std::strtoll(page.c_str() + page.rfind('/') + 1, nullptr, 10)};
    return context.db().read([&](sys::Reader& db) {
        const auto found = content::find_page(db, id);
        return found && Sight(context, db).may_open(*found);
    });
}

}  // namespace

StaleForm::StaleForm()
    : Error(Kind::NotAllowed, "画面を開いてから時間がたったか、ログインし直したため、受け付けられませんでした。") {}

http::Response stopped_page(Context& context, const flow::Stop& stop) {
    const std::string notice = stop.notice.empty() ? flow::usual_notice(flow::Part::Office) : stop.notice;
    http::Response response = context.wants_json()
                                  ? json_reply({{"message", "職員用の画面を停止しています。" + notice}}, 503)
                                  : context.page({"screens/stopped.html", "職員用の画面を停止しています", {}, 503},
                                                 {{"notice", notice}, {"typed", typed_texts(context.request)}});
    response.headers.set("Retry-After", std::to_string(flow::kRetryAfter.count()));
    return response;
}

http::Response error_page(Context& context, const Error& error) {
    const int status = http::status_of(error.kind());
    const bool is_stale = dynamic_cast<const StaleForm*>(&error) != nullptr;
    const Words& words = is_stale ? kStaleForm : words_for(status);
    const std::string number = status == 500 ? note_fault(error, context.request.path) : "";
    const std::string message = status == 500 ? "" : error.message();
    if (context.wants_json())
        return json_reply({{"message", message.empty() ? fmt::format("{}（番号 {}）", words.title, number)
                                       : is_stale      ? say(message) + say(words.advice)
                                                       : message}},
                          status);
    const std::string_view file = context.is_signed_in() ? "screens/error.html" : "screens/error_plain.html";
    tmpl::Map values = values_of(words, message, number);
    std::string page = status == 404 ? "" : page_of(context.request.path);
    if (status == 403 && !page.empty() && !may_open(context, page)) page.clear();
    values.set("page", std::move(page));
    values.set("typed", typed_texts(context.request));
    return context.page({file, std::string(words.title), {}, status}, std::move(values));
}

http::Response plain_error_page(const Office& office, const Error& error, int status, const http::Request* request) {
    const Words& words = words_for(status);
    const std::string number =
        status >= 500 && status != 503 ? note_fault(error, request != nullptr ? request->path : "") : "";
    if (request != nullptr && request->headers.get("Accept").starts_with("application/json"))
        return json_reply({{"message", advice_of(office, words)}}, status);
    tmpl::Map values = values_of(words, status == 403 ? error.message() : "", number);
    values.set("advice", advice_of(office, words));
    values.set("title", say(words.title))
        .set("language", language_code(spoken()))
        .set("city", office.site.settings.site.name)
        .set("css", office.statics.path("office.css"));
    values.set("script", office.statics.path("office.js")).set("favicon", office.statics.path("favicon.svg"));
    return http::html(office.views.render("screens/error_plain.html", values), status);
}

http::Response sign_in_first(Context& context) {
    const http::Request& request = context.request;
    if (context.wants_json())
        return json_reply({{"message", "ログインの有効期限が切れました。別の窓でログインし直してください"}}, 401);
    if (request.method == "GET" || request.method == "HEAD") {
        http::Fields query;
        if (request.target != "/") query.add("to", request.target);
        const std::string rest = http::format_urlencoded(query);
        return context.go(rest.empty() ? "/login" : "/login?" + rest);
    }
    return context.page({"screens/signed_out.html", "ログインの有効期限が切れました", {}, 401},
                        {{"typed", typed_texts(request)}});
}

}  // namespace web
