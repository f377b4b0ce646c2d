#include "door/watch/desk_form.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include "flow/spool_question.h"
#include "ground/base/error.h"
#include "ground/html/escape.h"
#include "ground/http/router.h"
#include "ground/http/server.h"
#include "ground/sys/crypto.h"

namespace door {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostAddresses = 10'000;
constexpr std::size_t kMostSent = 1000;
constexpr std::size_t kTimesAll = 10;  // of what one address may, for all together

constexpr std::string_view kStyle =
    "body{max-width:40rem;margin:2rem auto;padding:0 1rem;font:1rem/1.8 sans-serif;color:#1a1a1a;background:#fff}"
    "label{display:block;margin-top:1rem;font-weight:bold}"
    "input:not([type=checkbox]),select,textarea{box-sizing:border-box;width:100%;padding:.5rem;font:inherit;border:1px "
    "solid #595959}"
    "button{margin-top:1.5rem;padding:.7rem 2rem;font:inherit;color:#fff;background:#00499b;border:0}"
    ".said{padding:1rem;border:2px solid #00499b}.wrong{padding:1rem;border:2px solid #b00020}";

std::string page(std::string_view title, std::string_view main) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\"><title>{0}</title><meta name=\"viewport\" "
        "content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><style>{1}</style></head>"
        "<body><main><h1>{0}</h1>{2}</main></body></html>\n",
        html::escape_text(title), kStyle, main);
}

std::string input(std::string_view name, std::string_view label, std::string_view type, std::size_t longest,
                  const http::Form& form) {
    return fmt::format(
        "<label for=\"{0}\">{1}</label><input id=\"{0}\" name=\"{0}\" type=\"{2}\" maxlength=\"{3}\" value=\"{4}\">",
        name, label, type, longest, html::escape_attribute(form.get(name)));
}

}  // namespace

struct DeskForm::State {
    State(const std::filesystem::path& site, const settings::Settings& given, const base::Clock& time)
        : folders(flow::folders_of(std::filesystem::absolute(site))), settings(given), clock(time) {
        router.get("/", [this](const http::Request& request) { return show(request); });
        router.post(
            "/", [this](const http::Request& request) { return take(request); }, 256U << 10U);
        http::ServerOptions options;
        options.address = settings.helpdesk.form_address;
        options.threads = 1;
        options.workers = 2;
        options.connections = 128;
        options.form.parts = 20;
        options.trusted_proxies = settings.helpdesk.form_proxies;
        options.body_limit_of = [this](const http::Request& head) { return router.body_limit(head); };
        options.extra_headers = {{"Content-Security-Policy",
                                  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
                                  "frame-ancestors 'none'; base-uri 'none'"},
                                 {"X-Content-Type-Options", "nosniff"},
                                 {"Referrer-Policy", "no-referrer"},
                                 {"Cache-Control", "no-store"}};
        server = std::make_unique<http::Server>(std::move(options),
                                                [this](http::Request& request) { return router.answer(request); });
    }

    std::string title() const { return settings.site.name + " ヘルプデスク 非常時の問合せ"; }

    std::string form_of(const http::Form& form, std::string_view problem) const {
        std::string main;
        if (!problem.empty())
            main += fmt::format("<p class=\"wrong\" role=\"alert\">{}</p>", html::escape_text(problem));
        main += "<p>管理の画面が使えないときに、障害の連絡と問合せを受け付けます。</p>";
        if (!settings.helpdesk.emergency_phone.empty())
            main += fmt::format("<p>お急ぎのときは、電話でもお知らせください：{}</p>",
                                html::escape_text(settings.helpdesk.emergency_phone));
        main += "<form method=\"post\" action=\"/\">";
        main += fmt::format("<input type=\"hidden\" name=\"once\" value=\"{}\">",
                            problem.empty() ? sys::random_token() : html::escape_attribute(form.get("once")));
        main += input("name", "お名前（必須）", "text", 100, form);
        main += input("address", "メールアドレス（必須）", "email", 254, form);
        main += input("phone", "電話番号", "tel", 60, form);
        main += fmt::format(
            "<label for=\"kind\">種類</label><select id=\"kind\" name=\"kind\"><option "
            "value=\"fault\">障害の連絡</option>"
            "<option value=\"question\"{}>問合せ</option></select>",
            form.get("kind") == "question" ? " selected" : "");
        main += input("title", "件名（必須）", "text", 200, form);
        main += fmt::format(
            "<label for=\"text\">内容（必須）</label><textarea id=\"text\" name=\"text\" rows=\"8\" "
            "maxlength=\"20000\">\n"
            "{}</textarea>",
            html::escape_text(form.get("text")));
        main += fmt::format(
            "<label><input type=\"checkbox\" name=\"urgent\" value=\"1\"{}> 急ぎ（電話での答えを求める）</label>",
            form.has("urgent") ? " checked" : "");
        return main + "<button type=\"submit\">送る</button></form>";
    }

    /// The form, or the slip of what was sent a moment ago.
    http::Response show(const http::Request& request) {
        const std::string_view asked = request.query.get("sent");
        const std::lock_guard lock(mutex);
        const bool is_ours =
            std::any_of(sent.begin(), sent.end(), [&](const Sent& each) { return each.name == asked; });
        if (asked.empty() || !is_ours) return http::html(page(title(), form_of({}, "")));
        return http::html(page(
            title(),
            fmt::format(
                "<p class=\"said\" role=\"status\">受け取りました。窓口が確かめて、メールか電話でお答えします。</p>"
                "<p>控え：{}</p><p><a href=\"/\">もう1件送る</a></p>",
                html::escape_text(asked))));
    }

    /// The slip of a form that was sent before: a second press takes nothing in.
    std::string slip_of(std::string_view once) {
        const std::lock_guard lock(mutex);
        const auto found = std::find_if(sent.begin(), sent.end(), [&](const Sent& each) { return each.once == once; });
        return once.empty() || found == sent.end() ? std::string() : found->name;
    }

    /// Whether it may send now; notes that it did.
    bool may_send(const std::string& address) {
        const std::lock_guard lock(mutex);
        const base::Instant hour_ago = clock.now() - 1h;
        const auto forget = [&](std::deque<base::Instant>& times) {
            while (!times.empty() && times.front() < hour_ago) times.pop_front();
        };
        const auto most = static_cast<std::size_t>(settings.helpdesk.form_per_hour);
        forget(all);
        for (auto each = by_address.begin(); each != by_address.end();) {
            forget(each->second);
            each = each->second.empty() ? by_address.erase(each) : std::next(each);
        }
        if (all.size() >= most * kTimesAll || by_address.size() >= kMostAddresses) return false;
        auto& own = by_address[address];
        if (own.size() >= most) return false;
        own.push_back(clock.now());
        all.push_back(clock.now());
        return true;
    }

    http::Response take(const http::Request& request) {
        // A form of another site that is sent from a browser here.
        const std::string_view site = request.headers.get("Sec-Fetch-Site");
        if (!site.empty() && site != "same-origin" && site != "none")
            return http::html(page(title(), form_of({}, "この画面から送ってください。")), 403);
        const http::Form& form = request.form;
        const std::string once(form.get("once").substr(0, 100));
        // One after the other, so that two presses at once are one.
        const std::lock_guard turn(taking);
        if (const std::string slip = slip_of(once); !slip.empty()) return http::see_other("/?sent=" + slip);
        if (!may_send(request.peer))
            return http::html(
                page(title(),
                     form_of(form,
                             "短い時間に多く届いているため、受け取れません。しばらく待つか、電話でお知らせください。")),
                429);
        helpdesk::SpooledQuestion asked;
        asked.is_fault = form.get("kind") == "fault";
        asked.is_urgent = form.has("urgent");
        asked.name = form.get("name");
        asked.address = form.get("address");
        asked.phone = form.get("phone");
        asked.title = form.get("title");
        asked.text = form.get("text");
        asked.at = clock.now();
        try {
            const std::string name = flow::spool_question(folders, asked);
            const std::lock_guard lock(mutex);
            sent.push_back({once, name});
            if (sent.size() > kMostSent) sent.pop_front();
            return http::see_other("/?sent=" + name);
        } catch (const base::Error& error) {
            const bool is_input = error.kind() == base::Kind::BadInput;
            if (!is_input && error.kind() != base::Kind::Unavailable) throw;
            return http::html(page(title(), form_of(form, error.message())), is_input ? 422 : 503);
        }
    }

    const flow::Folders folders;
    const settings::Settings& settings;
    const base::Clock& clock;
    std::mutex mutex;
    std::map<std::string, std::deque<base::Instant>> by_address;
    std::deque<base::Instant> all;
    struct Sent {
        std::string once, name;
    };
    std::deque<Sent> sent;  ///< the last ones; they last as long as this process
    std::mutex taking;
    http::Router router;
    std::unique_ptr<http::Server> server;
};

DeskForm::DeskForm(const std::filesystem::path& site, const settings::Settings& settings, const base::Clock& clock)
    : state_(std::make_unique<State>(site, settings, clock)) {}

DeskForm::~DeskForm() = default;

void DeskForm::start() {
    state_->server->start();
}

std::string DeskForm::url() const {
    return state_->server->url();
}

void DeskForm::stop() {
    state_->server->stop();
}

}  // namespace door
