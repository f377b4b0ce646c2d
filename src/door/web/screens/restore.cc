// 復元: what to bring back (a page, a department's pages, a file, the whole site beside the one that runs) and from
// which point; what is in it and what would be lost is looked up first; it begins when somebody confirms that with
// their password. The watch does it; pages come back as drafts of today's site and go the usual way to the public.
#include <map>

#include <boost/json.hpp>
#include <fcntl.h>
#include <sys/stat.h>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/backups/requests.h"
#include "door/web/words.h"
#include "flow/answer_backups.h"
#include "flow/preview_restore.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/people/accounts.h"
#include "press/content/store.h"
#include "watch/backup/store.h"

namespace web {

namespace {

namespace json = boost::json;
using backup::Request;
using backup::Stage;
using backup::Wish;
using base::Error;
using base::Kind;
using people::Act;

constexpr std::size_t kPoints = 60;  // to choose from
constexpr int kRequestsShown = 10;
constexpr int kPeople = 1000;

std::string person_of(const Context& context) {
    return fmt::format("person:{}", context.person.id.value);
}

/// "repository snapshot": one choice of the form.
std::string point_id(const backup::Run& run) {
    return fmt::format("{} {}", run.snapshot, run.repository);
}

std::vector<backup::Run> list_points(Context& context, sys::Database& watch) {
    std::vector<backup::Run> all;
    for (const std::string& name : context.site().settings.backup.repositories)
        for (backup::Run& run : watch.read([&](sys::Reader& db) { return backup::list_held(db, name); }))
            if (run.proof != backup::Proof::Damaged && !run.is_lost) all.push_back(std::move(run));
    std::stable_sort(all.begin(), all.end(),
                     [](const backup::Run& a, const backup::Run& b) { return a.taken_at > b.taken_at; });
    return all;
}

std::string text_of(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}
std::int64_t number_of(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found == nullptr     ? 0
           : found->is_int64()  ? found->as_int64()
           : found->is_double() ? static_cast<std::int64_t>(found->as_double())
                                : 0;
}
bool flag_of(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found != nullptr && found->is_bool() && found->as_bool();
}
json::object parsed(const std::string& text) {
    boost::system::error_code none;
    json::value value = json::parse(text, none);
    return none || !value.is_object() ? json::object() : std::move(value.as_object());
}

/// Everybody who may edit pages somewhere, in the order of their reading.
tmpl::List list_owners(sys::Reader& db, base::Instant now, std::string_view chosen) {
    people::PeopleQuery query;
    query.state = people::PersonState::Active;
    query.on = base::local_day(now);
    query.limit = kPeople;
    query.is_by_kana = true;
    std::map<base::DepartmentId, std::string> names;
    for (const people::Department& each : people::list_departments(db)) names[each.id] = each.name;
    tmpl::List choices{choice("", say("選んでください"), chosen)};
    for (const people::Person& each : people::list_people(db, query)) {
        if (!people::may_somewhere(people::load_actor(db, each.id, now), Act::PageEdit)) continue;
        const auto posting = std::find_if(each.memberships.begin(), each.memberships.end(),
                                          [&](const people::Membership& one) { return one.is_valid_on(query.on); });
        const std::string department = posting == each.memberships.end() ? std::string() : names[posting->department];
        choices.push_back(
            choice(each.login_name, department.empty() ? each.name : each.name + noted("", department), chosen));
    }
    return choices;
}

http::Response form(Context& context, std::string_view problem, int status) {
    context.require(Act::BackupRestore);
    const base::Instant now = context.now();
    sys::Database* watch = context.site().find_watch();
    const bool is_back = !problem.empty();
    const std::string what = is_back ? context.field("what") : "page";
    const std::string chosen = is_back ? context.field("point") : "";
    tmpl::List points, kinds;
    constexpr std::pair<std::string_view, std::string_view> kWhat[] = {
        {"page", "1つのページ"},
        {"department", "1つの部署のすべてのページ"},
        {"file", "1つのファイル（画像やPDFなど）"},
        {"site", "サイト全体（いまのサイトとは別の場所に）"}};
    for (const auto& [id, name] : kWhat) kinds.push_back(choice(id, say(name), what));
    tmpl::List requests;
    if (watch != nullptr) {
        std::vector<backup::Run> runs = list_points(context, *watch);
        if (runs.size() > kPoints) runs.resize(kPoints);
        std::vector<base::Instant> taken;
        for (const backup::Run& run : runs) taken.push_back(run.taken_at);
        const auto contents = context.db().read([&](sys::Reader& db) { return flow::look_at_points(db, taken); });
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const backup::Run& run = runs[i];
            const std::string id = point_id(run);
            const auto& edit = contents[i].last_edit;
            points.push_back(
                tmpl::Map{{"id", id},
                          {"taken", long_time(run.taken_at)},
                          {"edit_at", edit ? short_time(edit->at, now) : tmpl::Value()},
                          {"edit_by", edit ? edit->person : std::string()},
                          {"edit_path", edit ? edit->path : std::string()},
                          {"is_counted", contents[i].is_counted},
                          {"later", contents[i].later_acts},
                          {"repository", run.repository},
                          {"kind", say(backup::kind_name(run.kind))},
                          {"release", run.release},
                          {"is_chosen", chosen.empty() ? points.empty() : id == chosen},
                          {"state", run.proof == backup::Proof::Whole ? chip("live", say("検証済み"))
                                                                      : chip("submitted", say("検証待ち"))}});
        }
        std::vector<Request> restores;
        for (Request& one : watch->read([](sys::Reader& db) { return backup::list_requests(db, kRequestsShown * 5); }))
            if (backup::is_restore(one.wish) && restores.size() < static_cast<std::size_t>(kRequestsShown))
                restores.push_back(std::move(one));
        requests = request_rows(context, restores);
    }
    std::string code = context.has_field("department") ? context.field("department") : "";
    tmpl::List departments{choice("", say("選んでください"), code)}, owners;
    context.db().read([&](sys::Reader& db) {
        owners = list_owners(db, now, is_back ? context.field("owner") : std::string());
        for (const people::Department& one : people::list_departments(db, base::local_day(now)))
            departments.push_back(choice(one.code, full_name(db, one.id), code));
    });
    return context.page({"screens/restore/form.html", "復元", {{say("バックアップ"), "/backups"}}, status},
                        {{"problem", say(problem)},
                         {"is_watched", is_watch_at_work(context)},
                         {"kinds", std::move(kinds)},
                         {"points", std::move(points)},
                         {"departments", std::move(departments)},
                         {"path", is_back ? context.field("path") : query_words(context, "path", 500)},
                         {"is_public", is_back && context.has_field("public")},
                         {"owners", std::move(owners)},
                         {"why", is_back ? context.field("why") : std::string()},
                         {"requests", std::move(requests)}});
}

http::Response show_form(Context& context) {
    return form(context, "", 200);
}

/// What people copy from the address line, or from a list: without the leading slash.
std::string path_of(std::string_view typed) {
    std::string_view path = base::trim(typed);
    if (const auto scheme = path.find("://"); scheme != std::string_view::npos) {
        const auto slash = path.find('/', scheme + 3);
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
    }
    while (path.starts_with('/')) path.remove_prefix(1);
    std::string found(path.substr(0, path.find_first_of("?#")));
    if (found.empty() || found.ends_with('/')) found += "index.html";
    return found;
}

/// Who may edit pages gets the drafts: whoever restores need not be of the city. Whether that person may edit these
/// pages is asked where they are made.
std::string owner_of(Context& context) {
    const std::string login(base::trim(context.field("owner")));
    if (login.empty()) throw Error(Kind::BadInput, "下書きを受け取る人を選んでください。");
    return context.db().read([&](sys::Reader& db) {
        const auto person = people::find_person(db, login);
        if (!person || !people::may_somewhere(people::load_actor(db, person->id, context.now()), Act::PageEdit))
            throw Error(Kind::BadInput,
                        "その人はいないか、ページを編集できません。下書きを受け取る人を選び直してください。");
        return fmt::format("person:{}", person->id.value);
    });
}

http::Response ask(Context& context) {
    context.require(Act::BackupRestore);
    return run_act(
        context,
        [&] {
            sys::Database& watch = need_watch_database(context);
            Request request;
            request.by = person_of(context);
            const auto wish = backup::find_wish(context.field("what"));
            if (!wish || !backup::is_restore(*wish)) throw Error(Kind::BadInput, "何を戻すかを選んでください。");
            request.wish = *wish;
            const std::string point = context.field("point");
            for (const backup::Run& run : list_points(context, watch))
                if (point_id(run) == point) {
                    request.snapshot = run.snapshot;
                    request.repository = run.repository;
                }
            if (request.snapshot.empty()) throw Error(Kind::BadInput, "どの時点に戻すかを選んでください。");
            if (*wish == Wish::Department) request.target = context.field("department");
            if (*wish == Wish::Page || *wish == Wish::File) {
                if (base::trim(context.field("path")).empty())
                    throw Error(Kind::BadInput, "ページまたはファイルのパスを入力してください。");
                request.target = path_of(context.field("path"));
            }
            if (*wish == Wish::Page || *wish == Wish::Department) request.owner = owner_of(context);
            request.is_public = context.has_field("public");
            request.why = context.field("why");
            const std::int64_t id =
                watch.write([&](sys::Transaction& tx) { return backup::ask(tx, request, context.now()); });
            return context.go(fmt::format("/restore/{}", id));
        },
        [&](std::string_view problem, int status) { return form(context, problem, status); });
}

Request load(Context& context, sys::Database& watch) {
    Request request =
        watch.read([&](sys::Reader& db) { return backup::load_request(db, context.request.number("id")); });
    if (!backup::is_restore(request.wish)) throw Error(Kind::NotFound, "この復元の依頼はありません。");
    return request;
}

tmpl::Map preview_values(const Request& request, base::Instant now) {
    const json::object shown = parsed(request.preview);
    tmpl::List acts;
    if (const auto* list = shown.if_contains("acts"); list != nullptr && list->is_array())
        for (const json::value& each : list->as_array()) {
            const json::object& act = each.as_object();
            if (request.wish == Wish::Page && text_of(act, "path") != request.target) continue;
            acts.push_back(tmpl::Map{{"at", short_time(base::Instant{number_of(act, "at")}, now)},
                                     {"person", text_of(act, "person")},
                                     {"act", say(text_of(act, "act"))},
                                     {"path", text_of(act, "path")}});
        }
    tmpl::Map values{{"taken", long_time(base::Instant{number_of(shown, "taken_at")})},
                     {"release", number_of(shown, "release")},
                     {"has_site", flag_of(shown, "has_site")},
                     {"lost_acts", number_of(shown, "lost_acts")},
                     {"lost_releases", number_of(shown, "lost_releases")},
                     {"is_postgresql", text_of(shown, "engine") == "postgresql"},
                     {"has_edit", false},
                     {"acts", std::move(acts)}};
    if (const auto* edit = shown.if_contains("last_edit"); edit != nullptr && edit->is_object()) {
        const json::object& last = edit->as_object();
        values.set("has_edit", true);
        values.set("edit_at", long_time(base::Instant{number_of(last, "at")}));
        values.set("edit_by", text_of(last, "person"));
        values.set("edit_title", text_of(last, "title"));
        values.set("edit_path", text_of(last, "path"));
    }
    return values;
}

/// How the page stands today; empty: there is none.
tmpl::Map today_values(Context& context, const Request& request) {
    tmpl::Map values{{"is_there", false}};
    if (request.wish != Wish::Page) return values;
    context.db().read([&](sys::Reader& db) {
        const auto page = content::find_page(db, request.target);
        if (!page || !page->latest) return;
        const content::Revision latest = content::load_revision(db, page->latest);
        values.set("is_there", true);
        values.set("title", title_of(*page));
        values.set("number", latest.number);
        values.set("at", long_time(latest.made_at));
        values.set("path", fmt::format("/pages/{}", page->id.value));
    });
    return values;
}

void add_result(Context& context, const Request& request, tmpl::Map& values) {
    const json::object result = parsed(request.result);
    tmpl::List pages;
    bool has_drafts = false;
    constexpr std::pair<std::string_view, std::pair<std::string_view, std::string_view>> kWhat[] = {
        {"drafted", {"live", "下書きにしました"}},
        {"made", {"live", "作り直して下書きにしました"}},
        {"same", {"draft", "いまと同じです"}},
        {"refused", {"returned", "戻せませんでした"}}};
    if (const auto* list = result.if_contains("pages"); list != nullptr && list->is_array())
        for (const json::value& each : list->as_array()) {
            const json::object& page = each.as_object();
            tmpl::Map row{{"path", text_of(page, "path")},
                          {"link", number_of(page, "page") == 0 ? std::string()
                                                                : fmt::format("/pages/{}", number_of(page, "page"))},
                          {"message", text_of(page, "message")},
                          {"is_newer", flag_of(page, "is_newer_today") && text_of(page, "what") == "drafted"},
                          {"replaced", number_of(page, "replaced")}};
            const std::string what = text_of(page, "what");
            has_drafts = has_drafts || what == "drafted" || what == "made";
            for (const auto& [id, shown] : kWhat)
                if (id == what) row.set("state", chip(shown.first, say(shown.second)));
            pages.push_back(std::move(row));
        }
    values.set("pages", std::move(pages)).set("has_drafts", has_drafts);
    std::error_code none;
    values.set("has_file", request.wish == Wish::File && request.stage == Stage::Done &&
                               std::filesystem::exists(flow::taken_out_file(context.site().folders, request.id), none));
    values.set("file_size", size_text(number_of(result, "bytes")));
    values.set("file_hash", text_of(result, "hash"));
    values.set("is_mended", flag_of(result, "mended_object"));
    values.set("has_figures", request.wish == Wish::Site && request.stage == Stage::Done);
    values.set("files", number_of(result, "files")).set("rows", number_of(result, "rows"));
    values.set("missing", number_of(result, "missing_count")).set("release", number_of(result, "release"));
    values.set("seconds", number_of(result, "seconds")).set("database", text_of(result, "database"));
}

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::BackupRestore);
    sys::Database& watch = need_watch_database(context);
    const Request request = load(context, watch);
    tmpl::Map values = request_row(context, request);
    values.set("refused", say(problem)).set("is_watched", is_watch_at_work(context));
    values.set("needs_password", !context.is_fresh());
    values.set("is_public", request.is_public);
    values.set("stages", tmpl::List());
    tmpl::List stages;
    const int now = request.stage == Stage::Looking   ? 1
                    : request.stage == Stage::Shown   ? 2
                    : request.stage <= Stage::Running ? 3
                                                      : 4;
    constexpr std::string_view kSteps[] = {"選ぶ", "調べる", "確かめる", "復元する", "結果"};
    for (int i = 0; i < 5; ++i)
        stages.push_back(tmpl::Map{{"name", say(kSteps[i])}, {"is_over", i < now}, {"is_now", i == now}});
    values.set("steps", std::move(stages));
    values.set("phases", phase_values(request));
    values.set("is_page", request.wish == Wish::Page).set("is_department", request.wish == Wish::Department);
    values.set("is_file", request.wish == Wish::File).set("is_site", request.wish == Wish::Site);
    values.set("confirmer", request.confirmer.empty() ? std::string() : context.db().read([&](sys::Reader& db) {
        return name_of_doer(db, request.confirmer);
    }));
    values.set("owner", request.owner.empty() ? std::string() : context.db().read([&](sys::Reader& db) {
        return name_of_doer(db, request.owner);
    }));
    values.set("has_preview", !request.preview.empty());
    values.set("preview", preview_values(request, context.now()));
    values.set("current", today_values(context, request));
    const flow::Folders& folders = context.site().folders;
    values.set("site_folder", std::filesystem::absolute(folders.site).string());
    values.set(
        "beside",
        flow::beside_folder(flow::folders_of(std::filesystem::absolute(folders.site)), request.asked_at).string());
    values.set("snapshot", request.snapshot.substr(0, 8));
    add_result(context, request, values);
    return context.page({"screens/restore/show.html",
                         fmt::format("{}", backup::wish_wording(request.wish)),
                         {{say("バックアップ"), "/backups"}, {say("復元"), "/restore"}},
                         status},
                        std::move(values));
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

http::Response act(Context& context) {
    context.require(Act::BackupRestore);
    return run_act(
        context,
        [&] {
            sys::Database& watch = need_watch_database(context);
            const Request request = load(context, watch);
            const std::string path = fmt::format("/restore/{}", request.id);
            if (context.field("do") == "leave") {
                watch.write(
                    [&](sys::Transaction& tx) { backup::leave(tx, request.id, person_of(context), context.now()); });
                return context.go("/restore", Flash{Flash::Kind::Good, "復元を取りやめました。"});
            }
            if (context.field("do") != "confirm") throw Error(Kind::BadInput, "何をするかを選んでください。");
            need_proof(context);
            watch.write(
                [&](sys::Transaction& tx) { backup::confirm(tx, request.id, person_of(context), context.now()); });
            return context.go(path, Flash{Flash::Kind::Info, "復元を受け付けました。数秒で始めます。"});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

/// The file, and the record of who fetched it.
http::Response fetch(Context& context) {
    context.require(Act::BackupRestore);
    sys::Database& watch = need_watch_database(context);
    const Request request = load(context, watch);
    const auto path = flow::taken_out_file(context.site().folders, request.id);
    auto file = std::make_shared<const sys::Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat about {};
    if (request.wish != Wish::File || request.stage != Stage::Done || !*file || ::fstat(file->get(), &about) != 0)
        throw Error(Kind::NotFound, "取り出したファイルはもうありません。もう一度取り出してください。");
    watch.write([&](sys::Transaction& tx) { backup::note_fetched(tx, request, person_of(context), context.now()); });
    const std::string decoded = base::percent_decode(request.target).value_or(request.target);
    http::Response response = http::download("", decoded.substr(decoded.rfind('/') + 1), "application/octet-stream");
    response.file = {std::move(file), 0, static_cast<std::uint64_t>(about.st_size)};
    return response;
}

constexpr Route kRoutes[] = {{"GET", "/restore", show_form},
                             {"POST", "/restore", ask},
                             {"GET", "/restore/{id}", look},
                             {"POST", "/restore/{id}", act},
                             {"POST", "/restore/{id}/file", fetch}};

}  // namespace

extern const Screen restore_screen{"restore",   "復元",           "/restore",         "history",
                                   Place::None, Access::SignedIn, Act::BackupRestore, kRoutes};

}  // namespace web
