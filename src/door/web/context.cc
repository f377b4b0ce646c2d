#include "door/web/context.h"

#include <charconv>

#include <boost/json.hpp>

#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/sys/crypto.h"
#include "office/stops/stop.h"

namespace web {

using base::Error;
using base::Kind;

namespace {

constexpr std::string_view kSession = "session";
constexpr std::string_view kVisit = "visit";
constexpr std::string_view kFlash = "flash";
constexpr std::string_view kLanguage = "language";
constexpr std::chrono::hours kLanguageAge{24 * 400};  // browsers keep a cookie no longer
constexpr std::size_t kLongestFlash = 1200;
constexpr std::size_t kLongestVisit = 64;
constexpr std::string_view kFlashKinds[] = {"good", "info", "caution", "danger"};

/// Cookies hold no '+', '/' or '=' for some readers.
std::string to_cookie_text(std::string_view bytes) {
    return base::to_hex(bytes);
}

}  // namespace

Context::Context(Office& shared, const http::Request& asked, const Screen& shown)
    : office(shared),
      request(asked),
      screen(shown),
      now_(shared.site.clock.now()),
      transport_(asked.is_secure ? http::Transport::SecureOnly : http::Transport::PlainLoopback) {
    find_session();
    if (!request.headers.get("Content-Type").starts_with("application/json") || request.body.empty()) return;
    boost::system::error_code error;
    const auto value = boost::json::parse(request.body, error);
    if (error || !value.is_object())
        throw Error(Kind::BadInput, "送られた内容を読み取れませんでした。画面を開き直して、もう一度お試しください。");
    const auto keep = [&](const boost::json::object& object) {
        for (const auto& [name, each] : object)
            if (each.is_string()) posted_.emplace_back(name, each.get_string());
    };
    keep(value.get_object());
    if (const auto* fields = value.get_object().if_contains("fields"); fields != nullptr && fields->is_object())
        keep(fields->get_object());
}

/// A browser keeps one jar for all ports of a host: the training site must not take the office's place in it.
std::string_view Context::session_name() const {
    return office.is_training ? "training-session" : kSession;
}

void Context::find_session() {
    token = request.cookies.get(http::cookie_name(session_name(), transport_));
    session = people::find_session(db(), token, now_, office.desk.policy.sessions);
    if (session) {
        db().read([&](sys::Reader& reader) {
            person = people::load_person(reader, session->person);
            actor = people::load_actor(reader, session->person, now_);
        });
        csrf_ = people::csrf_token(token);
        return;
    }
    visit_ = request.cookies.get(http::cookie_name(kVisit, transport_));
    if (visit_.empty() || visit_.size() > kLongestVisit) {
        visit_ = sys::random_token();
        is_new_visit_ = true;
    }
    csrf_ = people::csrf_token(visit_);
}

Language Context::language() const {
    return request.cookies.get(http::cookie_name(kLanguage, transport_)) == language_code(Language::English)
               ? Language::English
               : Language::Japanese;
}

void Context::set_language_cookie(http::Response& response, Language chosen) const {
    response.headers.add("Set-Cookie", http::format_cookie({std::string(kLanguage), std::string(language_code(chosen)),
                                                            kLanguageAge, http::SameSite::Lax, transport_}));
}

tmpl::Map Context::other_language() const {
    const Language other = spoken() == Language::English ? Language::Japanese : Language::English;
    http::Fields query;
    query.add("to", request.method == "GET" ? request.target : "/");
    return {{"code", language_code(other)},
            {"name", other == Language::English ? "English" : "日本語"},
            {"path", fmt::format("/language/{}?{}", language_code(other), http::format_urlencoded(query))}};
}

people::Peer Context::peer() const {
    return {people::parse_address(request.peer).value_or(people::Address{}),
            std::string(request.headers.get("User-Agent"))};
}

void Context::require(people::Act act, const people::Scope& scope) const {
    const people::Decision decision = people::may(actor, act, scope);
    if (!decision) throw Error(Kind::NotAllowed, decision.reason_ja);
}

std::string Context::field(std::string_view name) const {
    for (const auto& [key, value] : posted_)
        if (key == name) return value;
    return std::string(request.form.get(name));
}

bool Context::has_field(std::string_view name) const {
    for (const auto& [key, value] : posted_)
        if (key == name) return true;
    return request.form.has(name);
}

std::int64_t Context::number_field(std::string_view name) const {
    const std::string text = field(name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        throw Error(Kind::BadInput, "送られた内容に足りないものがあります。画面を開き直して、もう一度お試しください。");
    return number;
}

std::optional<base::Instant> Context::time_field(std::string_view name, std::string_view label) const {
    const std::string text(base::trim(field(name)));
    if (text.empty()) return std::nullopt;
    const auto at = base::parse_instant(text);
    if (!at) throw Error(Kind::BadInput, fmt::format("{}は「2027-04-01 08:30」の形で入れてください。", label));
    return at;
}

bool Context::wants_json() const {
    return request.headers.get("Accept").starts_with("application/json");
}

tmpl::Map Context::layout(const Sheet& sheet) {
    tmpl::Map values{{"title", say_title(sheet.title)},
                     {"language", language_code(spoken())},
                     {"other_language", other_language()},
                     {"city", office.site.settings.site.name},
                     {"csrf", csrf_},
                     {"css", office.statics.path("office.css")},
                     {"script", office.statics.path("office.js")},
                     {"editor_script", office.statics.path("editor.js")},
                     {"icons", office.statics.path("icons.svg")},
                     {"favicon", office.statics.path("favicon.svg")},
                     {"public_url", office.public_url + "/"},
                     {"today", day_text(base::local_day(now_))}};
    tmpl::List crumbs;
    for (const Crumb& crumb : sheet.crumbs) crumbs.push_back(tmpl::Map{{"title", crumb.title}, {"path", crumb.path}});
    values.set("crumbs", std::move(crumbs));
    const auto flash = read_flash();
    if (flash) {
        static constexpr std::string_view kIcons[] = {"good", "info", "caution", "danger"};
        const auto kind = static_cast<std::size_t>(flash->kind);
        values.set("flash", tmpl::Map{{"kind", kFlashKinds[kind]}, {"icon", kIcons[kind]}, {"text", say(flash->text)}});
    }
    values.set("is_training", office.is_training);
    if (!is_signed_in()) return values;

    values.set("me", tmpl::Map{{"name", person.name},
                               {"initial", base::first_code_points(person.name, 1)},
                               {"login", person.login_name},
                               {"department", db().read([&](sys::Reader& reader) {
                                    const base::Day today = base::local_day(now_);
                                    for (const people::Membership& each : person.memberships)
                                        if (each.is_valid_on(today))
                                            return people::load_department(reader, each.department).name;
                                    return say(actor.standings.empty()
                                                   ? "所属なし"
                                                   : people::role_name_ja(actor.standings.front().role));
                                })}});
    values.set("menu", menu());
    if (const std::string words = stop_banner(); !words.empty()) values.set("stop_banner", words);
    return values;
}

/// What staff have to know of planned stops, from a fortnight ahead.
std::string Context::stop_banner() const {
    stops::Filter open;
    open.only_open = true;
    open.limit = 20;
    std::string words;
    for (const stops::PlannedStop& stop :
         db().read([&](sys::Reader& reader) { return stops::list_stops(reader, open); })) {
        const stops::Plan& plan = stop.plan;
        if (stop.state == stops::State::Planned && plan.starts_at > now_ + std::chrono::hours(24 * 14)) continue;
        const std::string until = long_time_text(plan.ends_at);
        if (stop.is_frozen(now_))
            words +=
                say(fmt::format("計画停止「{}」のため、保存と承認はできません。終了予定は{}です。", plan.title, until));
        else
            words += say(fmt::format("計画停止「{}」があります：{}から{}まで。", plan.title,
                                     long_time_text(plan.starts_at), until));
    }
    return words;
}

/// Only what the person may use. Whoever may use much finds the groups folded but the one that they are in.
tmpl::List Context::menu() {
    constexpr std::pair<Place, std::string_view> kGroups[] = {{Place::Work, ""},
                                                              {Place::Desk, "運用"},
                                                              {Place::Contract, "契約"},
                                                              {Place::Watch, "監視"},
                                                              {Place::Administration, "管理"}};
    constexpr std::size_t kShort = 14;  // entries that fit a screen without folding
    std::vector<tmpl::Map> groups;
    std::size_t entries = 0;
    for (const auto& [place, title] : kGroups) {
        tmpl::List items;
        std::int64_t waiting = 0;
        bool is_here = false;
        for (const Screen* each : all_screens()) {
            if (each->place != place || (each->right && !people::may_somewhere(actor, *each->right))) continue;
            const std::int64_t count = each->count != nullptr ? each->count(*this) : 0;
            const bool is_this = each->id == screen.id || (screen.place == Place::None && each->path == screen.path);
            is_here = is_here || is_this;
            waiting += count;
            items.push_back(tmpl::Map{{"title", say(each->title)},
                                      {"path", each->path},
                                      {"icon", each->icon},
                                      {"count", count},
                                      {"is_here", is_this}});
        }
        if (items.empty()) continue;
        entries += items.size();
        groups.push_back(
            {{"title", say(title)}, {"items", std::move(items)}, {"count", waiting}, {"is_here", is_here}});
    }
    tmpl::List list;
    for (tmpl::Map& group : groups) list.emplace_back(std::move(group.set("is_folded", entries > kShort)));
    return list;
}

http::Response Context::page(const Sheet& sheet, tmpl::Map values) {
    for (const auto& [key, value] : layout(sheet)) values.set(key, value);
    http::Response response = http::html(office.views.render(sheet.file, values), sheet.status);
    if (values.find("flash") != nullptr) forget_flash(response);
    if (is_new_visit_)
        response.headers.add("Set-Cookie",
                             http::format_cookie({std::string(kVisit), visit_, {}, http::SameSite::Lax, transport_}));
    return response;
}

http::Response Context::go(std::string path, std::optional<Flash> flash) const {
    http::Response response = http::see_other(std::move(path));
    if (flash) {
        const std::string_view text =
            flash->text.size() <= kLongestFlash ? std::string_view(flash->text) : std::string_view("できました。");
        const std::string plain = fmt::format("{}{}", static_cast<int>(flash->kind), text);
        response.headers.add(
            "Set-Cookie",
            http::format_cookie({std::string(kFlash), to_cookie_text(sys::encrypt(plain, office.desk.office_key)),
                                 std::chrono::seconds(120), http::SameSite::Lax, transport_}));
    }
    return response;
}

std::optional<Flash> Context::read_flash() const {
    const std::string_view cookie = request.cookies.get(http::cookie_name(kFlash, transport_));
    const auto sealed = base::from_hex(cookie);
    if (cookie.empty() || !sealed) return std::nullopt;
    try {
        const std::string plain = sys::decrypt(*sealed, office.desk.office_key);
        if (plain.empty() || plain[0] < '0' || plain[0] > '3') return std::nullopt;
        return Flash{static_cast<Flash::Kind>(plain[0] - '0'), plain.substr(1)};
    } catch (const Error&) {  // somebody else's cookie, or made with another key: nothing to show
        return std::nullopt;
    }
}

void Context::forget_flash(http::Response& response) const {
    response.headers.add("Set-Cookie", http::format_cookie({std::string(kFlash), "", std::chrono::seconds(0),
                                                            http::SameSite::Lax, transport_}));
}

void Context::set_session_cookie(http::Response& response, std::string_view session_token) const {
    http::Cookie cookie{std::string(session_name()), std::string(session_token), {}, http::SameSite::Lax, transport_};
    if (session_token.empty()) cookie.age = std::chrono::seconds(0);
    response.headers.add("Set-Cookie", http::format_cookie(cookie));
}

std::string Context::preview_origin() const {
    std::string host = request.host;
    const std::size_t bracket = host.find(']');
    const std::size_t colon = host.find(':', bracket == std::string::npos ? 0 : bracket);
    if (colon != std::string::npos) host.resize(colon);
    return fmt::format("{}://{}:{}", request.is_secure ? "https" : "http", host, office.preview_port);
}

http::Response json_reply(std::initializer_list<std::pair<std::string_view, std::string>> fields, int status) {
    boost::json::object object;
    for (const auto& [name, value] : fields) object[name] = name == "message" ? say(value) : value;
    return http::json(boost::json::serialize(object), status);
}

}  // namespace web
