#include "flow/drill/rehearse.h"

#include <thread>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/people/accounts.h"
#include "ground/people/passwords.h"
#include "ground/release/follow.h"
#include "ground/release/keys.h"
#include "ground/sys/crypto.h"

namespace flow::drill {

using base::Error;
using base::Kind;
using namespace std::chrono_literals;

namespace {

constexpr auto kPublishPatience = 120s;
constexpr std::size_t kAtOnce = 64;
constexpr std::size_t kMostDifferences = 20;
constexpr std::int64_t kLarge = 8 << 20;  // fetched alone, without holding it in memory

[[noreturn]] void fail(const std::string& what) {
    throw Error(Kind::Unavailable, what);
}

void need(const Outcome& outcome, std::string_view step) {
    if (outcome.refusal) fail(fmt::format("the rehearsed page could not be {}: {}", step, outcome.refusal->en));
}

/// "name=value" of each cookie that a reply sets, for the next request.
void keep_cookies(const sys::Fetched& reply, std::map<std::string, std::string>& cookies) {
    for (const auto& [name, value] : reply.headers) {
        if (name != "set-cookie") continue;
        const std::string pair = value.substr(0, value.find(';'));
        if (const auto equals = pair.find('='); equals != std::string::npos)
            cookies[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
}

std::string cookie_header(const std::map<std::string, std::string>& cookies) {
    std::string text;
    for (const auto& [name, value] : cookies) text += fmt::format("{}{}={}", text.empty() ? "" : "; ", name, value);
    return text;
}

std::string url_of(const std::string& public_url, const std::string& path) {
    return public_url + base::percent_encode(path);
}

/// What is wrong with the answer; "" when it is as released.
std::string judge(const sys::Fetched& got, const release::Entry& entry, const base::Hash& hash) {
    if (got.has_failed()) return got.message;
    // An error page that is asked for by its own name is a page.
    const bool is_error_page = entry.has_body() && entry.status >= 400 && got.status == 200;
    if (got.status != entry.status && !is_error_page)
        return fmt::format("status {} instead of {}", got.status, entry.status);
    if (entry.status >= 300 && entry.status < 400) {
        const auto location = got.find_header("location");
        return location && location->ends_with(entry.location) ? "" : "leads elsewhere";
    }
    return !entry.has_body() || hash == entry.hash ? "" : "other bytes than released";
}

}  // namespace

Accounts make_accounts(Site& scratch) {
    Accounts made;
    const std::string tag = base::to_hex(sys::random_bytes(4));
    made.login_name = "drill-" + tag;
    made.password = people::make_password();
    const std::string hash = people::hash_new_password(made.password);
    scratch.database->write([&](sys::Transaction& tx) {
        const people::By by{{}, scratch.clock.now(), "system:drill"};
        people::Department department;
        department.name = "復元訓練";
        department.code = "drill-" + tag;
        department.valid_from = {2000, 1, 1};
        made.department = people::add_department(tx, department, by);
        const auto add = [&](const std::string& login, people::Role role) {
            people::Person person;
            person.login_name = login;
            person.name = fmt::format("復元訓練 {}", login);
            person.memberships = {{made.department, {2000, 1, 1}, {}}};
            const base::PersonId id = people::add_person(tx, person, hash, by);
            people::add_grant(tx, {{}, id, role, {}, {}}, by);
            return Doer{id, {}};
        };
        made.author = add(made.login_name, people::Role::Author);
        made.approver = add(made.login_name + "-2", people::Role::Approver);
    });
    return made;
}

void sign_in(sys::HttpClient& client, const std::string& office_url, const Accounts& accounts) {
    std::map<std::string, std::string> cookies;
    const sys::Fetched form = client.fetch(office_url + "login");
    if (form.status != 200) fail(fmt::format("the login screen answers {}", form.status));
    keep_cookies(form, cookies);
    constexpr std::string_view kMark = "name=\"csrf\" value=\"";
    const auto at = form.body.find(kMark);
    if (at == std::string::npos) fail("the login screen is not the login screen");
    const auto begin = at + kMark.size();
    const std::string csrf = form.body.substr(begin, form.body.find('"', begin) - begin);
    sys::FetchOptions post;
    post.method = "POST";
    std::string origin = office_url;
    origin.pop_back();
    post.headers = {
        {"Content-Type", "application/x-www-form-urlencoded"}, {"Origin", origin}, {"Cookie", cookie_header(cookies)}};
    post.body = fmt::format("csrf={}&to=/&login={}&password={}", base::percent_encode(csrf), accounts.login_name,
                            base::percent_encode(accounts.password));
    const sys::Fetched answered = client.fetch(office_url + "login", post);
    if (answered.status != 302 && answered.status != 303)
        fail(fmt::format("signing in to the restored site answers {}", answered.status));
    keep_cookies(answered, cookies);
    sys::FetchOptions get;
    get.headers = {{"Cookie", cookie_header(cookies)}};
    const sys::Fetched home = client.fetch(office_url, get);
    if (home.status != 200 || home.body.find(accounts.login_name) == std::string::npos)
        fail(fmt::format("the first screen after signing in answers {}", home.status));
}

void publish_a_page(Site& scratch, sys::HttpClient& client, const std::string& public_url, const Accounts& accounts,
                    const std::function<void()>& between) {
    const std::string words = base::to_hex(sys::random_bytes(16));
    NewDraft made;
    made.path = accounts.login_name + ".html";
    made.department = accounts.department;
    made.body.title = "復元訓練";
    made.body.template_name = "article";
    made.body.parts["body"] = fmt::format("<p>{}</p>", words);
    Outcome page = create_page(scratch, made, accounts.author);
    need(page, "made");
    page = submit(scratch, page.page.id, page.version(), {}, accounts.author);
    need(page, "submitted");
    page = look_at(scratch, page.page.id);
    page = approve(scratch, {page.page.id, page.version(), page.hash, {}, {}}, accounts.approver);
    need(page, "approved");
    const auto start = scratch.clock.monotonic();
    for (;;) {
        between();
        const sys::Fetched got = client.try_fetch(url_of(public_url, made.path));
        if (got.status == 200 && got.body.find(words) != std::string::npos) {
            const auto keys = release::load_public_keys(scratch.folders.keys);
            const release::Follower newest(scratch.log, keys);
            const auto entry = newest.manifest().find(made.path);
            if (entry && entry->hash == sys::sha256(got.body)) return;
        }
        if (scratch.clock.monotonic() - start > kPublishPatience)
            fail(fmt::format("a page that was approved is not public after {} s", kPublishPatience.count()));
        std::this_thread::sleep_for(100ms);
    }
}

void compare_pages(const Site& scratch, sys::HttpClient& client, const std::string& public_url, Drilled& result,
                   const std::function<void()>& between) {
    const release::Follower newest(scratch.log, release::load_public_keys(scratch.folders.keys));
    const auto note = [&](const release::Entry& entry, const std::string& fault) {
        ++result.pages;
        if (fault.empty()) return;
        ++result.differing;
        if (result.differences.size() < kMostDifferences)
            result.differences.push_back(fmt::format("{}: {}", base::to_valid_utf8(entry.path), fault));
    };
    std::set<std::string> missing(result.restored.missing.begin(), result.restored.missing.end());
    std::string last;
    for (;;) {
        between();
        const std::vector<release::Entry> some = newest.manifest().list_after(last, kAtOnce);
        if (some.empty()) break;
        last = some.back().path;
        std::vector<sys::HttpClient::Wanted> wanted;
        std::vector<const release::Entry*> asked;
        for (const release::Entry& entry : some) {
            if (release::is_hidden(entry.path) || missing.contains(entry.path)) continue;
            if (entry.size <= kLarge) {
                wanted.push_back({url_of(public_url, entry.path), {}});
                asked.push_back(&entry);
                continue;
            }
            sys::Hasher hasher;
            sys::FetchOptions options;
            options.patience = 10min;
            options.size_limit = static_cast<std::size_t>(entry.size) + 1;
            options.sink = [&](std::string_view piece) {
                hasher.add(piece);
                return true;
            };
            const sys::Fetched got = client.try_fetch(url_of(public_url, entry.path), options);
            note(entry, judge(got, entry, hasher.finish()));
        }
        const std::vector<sys::Fetched> answers = client.fetch_all(wanted, 4);
        for (std::size_t i = 0; i < answers.size(); ++i)
            note(*asked[i], judge(answers[i], *asked[i], sys::sha256(answers[i].body)));
    }
    if (result.differing > 0)
        fail(fmt::format("{} of {} public paths are not as released: {}", result.differing, result.pages,
                         base::join(result.differences, "; ")));
}

}  // namespace flow::drill
