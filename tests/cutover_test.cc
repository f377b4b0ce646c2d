// A city moves from an old server to this one: two real web servers, real name servers, and every fault that the move
// can have. What goes wrong must be named, and what is well must not.

#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow/cutover_check.h"
#include "flow/cutover_plan.h"
#include "flow/cutover_ready.h"
#include "flow/cutover_watch.h"
#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/dns/testing/name_server.h"
#include "ground/http/server.h"
#include "ground/ledger/store.h"
#include "ground/sys/process.h"
#include "program.h"
#include "serving.h"
#include "watch/logs/access_line.h"

namespace tests {

namespace {

using namespace std::chrono_literals;
using dns::testing::NameServer;
using Tree = std::map<std::string, std::string>;

constexpr const char* kName = "www.city.example";

/// Serves what stands in `files` by path, and what `special` says before it.
class WebServer {
  public:
    Tree files;
    std::map<std::string, std::function<http::Response()>> special;
    WebServer() : server_(options(), [this](http::Request& request) { return answer(request); }) { server_.start(); }
    std::string url() const { return server_.url(); }
    int port() const { return server_.port(); }
    std::atomic<int> requests{0};

  private:
    static http::ServerOptions options() {
        http::ServerOptions made;
        made.address = "127.0.0.1:0";
        return made;
    }
    http::Response answer(const http::Request& request) {
        ++requests;
        if (request.host.substr(0, request.host.find(':')) != kName)
            return http::text("wrong host " + request.host, 421);
        if (const auto found = special.find(request.target); found != special.end()) return found->second();
        std::string path = request.path;
        if (path.ends_with('/')) path += "index.html";
        const auto found = files.find(path.substr(1));
        if (found == files.end()) return http::not_found("ありません");
        http::Response response;
        response.headers.set("Content-Type", path.ends_with(".html") ? "text/html; charset=utf-8" : "application/pdf");
        response.body = found->second;
        return response;
    }
    http::Server server_;
};

http::Response with(int status, const std::string& location) {
    http::Response response;
    response.status = status;
    response.headers.set("Location", location);
    return response;
}

std::string page(const std::string& text) {
    return "<!DOCTYPE html><html lang=\"ja\"><head><title>" + text + "</title></head><body><h1>" + text +
           "</h1></body></html>";
}

int free_port() {
    const sys::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), length), 0);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &length);
    return ntohs(at.sin_port);
}

/// `openssl s_server`, with a certificate of its own for `name`.
class TlsServer {
  public:
    TlsServer(const std::filesystem::path& folder, const std::string& name)
        : certificate(folder / (name + ".pem")), port_(free_port()) {
        const std::string file = certificate.string();
        sys::Command make;
        make.arguments = {"openssl",
                          "req",
                          "-x509",
                          "-newkey",
                          "ec",
                          "-pkeyopt",
                          "ec_paramgen_curve:prime256v1",
                          "-nodes",
                          "-subj",
                          "/CN=" + name,
                          "-addext",
                          "subjectAltName=DNS:" + name,
                          "-days",
                          "60",
                          "-keyout",
                          file + ".key",
                          "-out",
                          file};
        EXPECT_EQ(sys::run(make).exit_code, 0);
        const std::string port = std::to_string(port_), key = file + ".key";
        child_ = ::fork();
        if (child_ == 0) {
            if (std::freopen("/dev/null", "w", stderr) == nullptr || std::freopen("/dev/null", "w", stdout) == nullptr)
                ::_exit(127);
            ::execlp("openssl", "openssl", "s_server", "-accept", port.c_str(), "-cert", file.c_str(), "-key",
                     key.c_str(), "-www", "-quiet", static_cast<char*>(nullptr));
            ::_exit(127);
        }
        for (int i = 0; i < 200; ++i) {
            const sys::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            sockaddr_in at{};
            at.sin_family = AF_INET;
            at.sin_port = htons(static_cast<std::uint16_t>(port_));
            at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return;
            std::this_thread::sleep_for(20ms);
        }
        ADD_FAILURE() << "openssl s_server does not listen";
    }
    ~TlsServer() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    std::string address() const { return fmt::format("https://127.0.0.1:{}", port_); }
    std::filesystem::path certificate;

  private:
    int port_ = 0;
    pid_t child_ = 0;
};

/// A site folder with its watch.db, and the two servers.
class Cutover : public testing::Test {
  protected:
    Cutover() {
        sys::make_folders(folders_.site);
        watch_ = flow::open_watch(folders_);
        names_.set(kName, dns::Type::A, 3600, {"127.0.0.1"});
        names_.set("city.example", dns::Type::Mx, 3600, {"10 mail.city.example"});
    }
    cutover::Plan plan() const {
        cutover::Plan plan;
        plan.names = {kName};
        plan.old_server = cutover::read_endpoint(old_.url());
        plan.new_server = cutover::read_endpoint(new_.url());
        plan.new_addresses = {"192.0.2.20"};
        plan.name_server = names_.address();
        return plan;
    }
    void make_plan(const cutover::Plan& plan, std::vector<cutover::Listed> paths) {
        flow::make_cutover_plan(*watch_, plan, std::move(paths), {"person:1", clock_.now()});
    }
    flow::CheckedCutover check(cutover::Scope scope = cutover::Scope::All, std::function<bool()> is_stopped = {}) {
        flow::CheckCutoverOptions options;
        options.scope = scope;
        options.per_second = 2000;
        options.patience = 1500ms;
        options.is_stopped = std::move(is_stopped);
        return flow::check_cutover(*watch_, folders_, options, {"person:1", clock_.now()}, clock_);
    }
    /// Path => kinds of difference, or "failed".
    std::map<std::string, std::string> open() {
        std::map<std::string, std::string> found;
        for (const auto& one : watch_->read([](sys::Reader& db) { return cutover::list_findings(db, "open", 1000); }))
            found[one.path] = one.outcome == "failed" ? "failed" : cutover::kinds_of(one.differences);
        return found;
    }

    sys::TemporaryFolder folder_;
    flow::Folders folders_ = flow::folders_of(folder_.path() / "site");
    base::SystemClock clock_;
    WebServer old_, new_;
    NameServer names_;
    std::unique_ptr<sys::Database> watch_;
};

TEST_F(Cutover, CrawlsTheOldServerWhateverDnsSaysOfItsName) {
    old_.files["index.html"] = page("top") + "<a href=\"/secret/a.html\">a</a><a href=\"/b.html\">b</a>";
    old_.files["b.html"] = page("b");
    old_.files["secret/a.html"] = page("a");
    old_.files["robots.txt"] = "User-agent: *\nDisallow: /secret/\n";
    flow::CutoverSources sources;
    sources.plan = plan();
    sources.crawl = "http://127.0.0.1:1/";  // nobody is there; what it leaves must not be in the next one's way
    EXPECT_THROW(flow::gather_cutover_paths(sources, folders_.run), base::Error);
    sources.crawl = "http://www.city.example/";  // a name that leads nowhere
    const auto found = flow::gather_cutover_paths(sources, folders_.run);
    std::vector<std::string> paths;
    for (const auto& one : found.paths) paths.push_back(one.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"/", "/b.html", "/robots.txt"}));
    EXPECT_EQ(found.kept_out, 1) << "it is said what the comparison will not see";
}

TEST_F(Cutover, NamesEveryFaultAndNothingElse) {
    std::vector<cutover::Listed> paths;
    for (int i = 0; i < 30; ++i) {
        const std::string name = fmt::format("page{}.html", i);
        old_.files[name] = new_.files[name] = page(name);
        paths.push_back({"/" + name, i});
    }
    old_.files["index.html"] = new_.files["index.html"] = page("市");
    const auto both = [&](const std::string& name, const std::string& before, const std::string& after) {
        old_.files[name] = before;
        new_.files[name] = after;
        paths.push_back({"/" + name, 100});
    };
    both("changed.html", page("前"), page("後"));
    both("markup.html", page("同じ"), page("同じ") + "<!-- 新 -->");
    both("huge.pdf", std::string(9 << 20, 'x'), std::string(9 << 20, 'x') + "y");
    both("same-huge.pdf", std::string(9 << 20, 'z'), std::string(9 << 20, 'z'));
    both("typed.html", page("型"), page("型"));
    new_.special["/typed.html"] = [] { return http::text(page("型")); };
    both("missing.html", page("消えた"), "");
    new_.files.erase("missing.html");
    both("loop.html", page("a"), page("a"));
    new_.special["/loop.html"] = [] { return with(302, "/loop2.html"); };
    new_.special["/loop2.html"] = [] { return with(302, "http://" + std::string(kName) + "/loop.html"); };
    both("hangs.html", page("a"), page("a"));
    new_.special["/hangs.html"] = [] {
        std::this_thread::sleep_for(2500ms);
        return http::html("late");
    };
    both("fails.html", page("a"), page("a"));
    new_.special["/fails.html"] = [] { return http::text("", 500); };
    both("old-fails.html", page("a"), page("a"));
    old_.special["/old-fails.html"] = [] { return http::text("", 503); };
    both("moved.html", "", "");
    old_.special["/moved.html"] = [&] { return with(301, fmt::format("http://{}:{}/page1.html", kName, old_.port())); };
    new_.special["/moved.html"] = [] { return with(301, "/page1.html"); };
    both("moved-away.html", "", "");
    old_.special["/moved-away.html"] = [] { return with(301, "/page2.html"); };
    new_.files.erase("moved-away.html");
    make_plan(plan(), paths);

    const auto checked = check();
    EXPECT_EQ(checked.problem, "");
    EXPECT_EQ(open(), (std::map<std::string, std::string>{{"/changed.html", "content"},
                                                          {"/huge.pdf", "content"},
                                                          {"/typed.html", "type"},
                                                          {"/missing.html", "missing"},
                                                          {"/loop.html", "loop"},
                                                          {"/hangs.html", "failing"},
                                                          {"/fails.html", "failing"},
                                                          {"/old-fails.html", "failed"},
                                                          {"/moved-away.html", "missing"}}));
    EXPECT_EQ(checked.counts.checked, 42);
    EXPECT_EQ(checked.counts.equal, 33);
    EXPECT_EQ(checked.counts.missing, 2);
    EXPECT_EQ(watch_->read([](sys::Reader& db) { return cutover::find_finding(db, "/moved-away.html"); })->proposal,
              "/page2.html");

    // Mended, and only what was open is asked again.
    for (const char* path : {"/typed.html", "/loop.html", "/hangs.html", "/fails.html"}) new_.special.erase(path);
    old_.special.erase("/old-fails.html");
    const int before = new_.requests;
    EXPECT_EQ(check(cutover::Scope::Open).counts.open(), 4);
    EXPECT_LT(new_.requests - before, 20);
}

TEST_F(Cutover, GoesOnWhereItWasStoppedAndWaitsForAServerThatIsAway) {
    std::vector<cutover::Listed> paths;
    for (int i = 0; i < 300; ++i) paths.push_back({fmt::format("/{}.html", i), 0});
    make_plan(plan(), paths);
    EXPECT_NE(check().problem.find("404"), std::string::npos) << "to such a server everything would be equal";
    old_.files["index.html"] = page("市");
    std::atomic<int> looks{0};
    EXPECT_THROW(check(cutover::Scope::All, [&] { return ++looks > 150; }), base::Interrupted);
    const auto cut = watch_->read([](sys::Reader& db) { return cutover::load_counts(db); });
    EXPECT_GT(cut.checked, 0);
    EXPECT_LT(cut.checked, 300);
    // Nobody else compares while somebody does.
    {
        const auto lock = sys::FileLock::find(folders_.run / "cutover.lock");
        EXPECT_THROW(check(), base::Error);
    }
    const int before = old_.requests;
    EXPECT_EQ(check().counts.checked, 300);
    EXPECT_LE(old_.requests - before, 300 - cut.checked + 1);

    cutover::Plan away = plan();
    away.new_server = cutover::read_endpoint(fmt::format("http://127.0.0.1:{}", free_port()));
    make_plan(away, {});
    const auto stopped = check();
    EXPECT_NE(stopped.problem.find("新サーバ"), std::string::npos) << stopped.problem;
    EXPECT_EQ(stopped.counts.checked, 0);
}

TEST_F(Cutover, TellsOfACertificateThatIsNotTheNames) {
    old_.files["index.html"] = page("市");
    TlsServer right(folder_.path(), kName), wrong(folder_.path(), "other.example");
    cutover::Plan tls = plan();
    tls.new_server = cutover::read_endpoint(wrong.address());
    tls.ca_file = wrong.certificate.string();
    make_plan(tls, {{"/", 1}});
    EXPECT_NE(check().problem.find("証明書"), std::string::npos);
    flow::observe_readiness(*watch_, folders_, {}, clock_);
    const auto point = [&](std::string_view id) {
        const auto board = flow::load_cutover_board(*watch_, clock_.now());
        for (const auto& each : board.points)
            if (each.row->id == id) return each;
        return cutover::Point{};
    };
    EXPECT_FALSE(point("certificate").is_done);
    tls.new_server = cutover::read_endpoint(right.address());
    tls.ca_file = right.certificate.string();
    make_plan(tls, {});
    flow::observe_readiness(*watch_, folders_, {}, clock_);
    EXPECT_TRUE(point("certificate").is_done) << point("certificate").text;
    EXPECT_TRUE(point("records").is_done) << point("records").text;
    EXPECT_TRUE(point("ipv6").is_done) << point("ipv6").text;
    EXPECT_FALSE(point("ttl").is_done);
    EXPECT_FALSE(point("monitoring").is_done);
    EXPECT_FALSE(point("backup").is_done);
    names_.set("city.example", dns::Type::Mx, 3600, {"10 other.city.example"});
    names_.set(kName, dns::Type::Aaaa, 300, {"2001:db8::1"});
    flow::observe_readiness(*watch_, folders_, {}, clock_);
    EXPECT_NE(point("records").text.find("other.city.example"), std::string::npos) << point("records").text;
    EXPECT_FALSE(point("ipv6").is_done);
}

TEST_F(Cutover, IsWatchedUntilEveryResolverIsNewAndTheOldServerSilent) {
    new_.files["index.html"] = page("市");
    base::FixedClock clock(clock_.now());
    NameServer resolver_a, resolver_b;
    const std::filesystem::path log = folder_.path() / "access.log";
    cutover::Plan watched = plan();
    watched.resolvers = {resolver_a.address(), resolver_b.address()};
    watched.old_log = log.string();
    names_.set(kName, dns::Type::A, 300, {"192.0.2.10"});
    make_plan(watched, {{"/", 1}});
    const auto visit = [&](base::Instant at, const std::string& agent = "Mozilla/5.0") {
        std::string line;
        logs::append_access_line(line, {"192.0.2.99", at, "GET", "/", 200, 100, "", agent, {}});
        std::ofstream(log, std::ios::app) << line << '\n';
    };
    visit(clock.now() - 1min);
    for (NameServer* one : {&resolver_a, &resolver_b}) one->set(kName, dns::Type::A, 300, {"192.0.2.10"});
    watch_->write([&](sys::Transaction& tx) { cutover::record_switch(tx, clock.now(), {"person:1", clock.now()}); });
    std::map<std::string, bool> raised;  // kind and subject
    const settings::Settings settings;
    flow::CutoverDesk desk(*watch_, folders_, settings, clock, [&](std::span<const signals::Signal> all) {
        for (const auto& one : all) raised[one.kind + " " + one.subject] = one.state == signals::State::Raise;
    });
    const auto state_after = [&](std::chrono::minutes wait) {
        clock.advance(wait);
        desk.turn([] { return false; });
        return watch_->read([](sys::Reader& db) { return cutover::load_state(db); });
    };
    visit(clock.now() + 30s);
    watch_->write([&](sys::Transaction& tx) { cutover::want_look(tx, clock.now()); });
    auto state = state_after(1min);
    EXPECT_FALSE(state.look_wanted_at);  // it was taken up
    EXPECT_EQ(state.old_requests, 1);
    EXPECT_FALSE(raised.contains("cutover.resolver.old " + resolver_a.address()));  // the TTL has not passed
    EXPECT_FALSE(raised["cutover.new.failing www.city.example"]);

    resolver_a.set(kName, dns::Type::A, 300, {"192.0.2.20"});
    state_after(30min);
    EXPECT_FALSE(raised["cutover.resolver.old " + resolver_a.address()]);
    EXPECT_TRUE(raised["cutover.resolver.old " + resolver_b.address()]);

    resolver_b.set(kName, dns::Type::A, 300, {"192.0.2.20"});
    new_.special["/"] = [] { return http::text("", 503); };
    visit(clock.now());
    visit(clock.now(), "Yakuba cutover check");  // we ourselves are no visitor
    state = state_after(1min);
    EXPECT_EQ(state.old_requests, 2);
    EXPECT_FALSE(state.silent_since);
    EXPECT_FALSE(raised["cutover.resolver.old " + resolver_b.address()]);
    EXPECT_TRUE(raised["cutover.new.failing www.city.example"]);
    new_.special.clear();
    state = state_after(1min);
    EXPECT_TRUE(state.silent_since);
    EXPECT_EQ(state.new_problem, "");
    EXPECT_FALSE(raised["cutover.new.failing www.city.example"]);

    resolver_b.is_silent = true;
    std::filesystem::remove(log);
    state = state_after(1min);
    EXPECT_FALSE(state.silent_since);  // what cannot be seen is not well
    EXPECT_TRUE(raised["cutover.resolver.silent " + resolver_b.address()]);
    EXPECT_TRUE(raised["cutover.old.unread www.city.example"]);
    watch_->write([&](sys::Transaction& tx) { cutover::record_finish(tx, {"person:1", clock.now()}); });
    state_after(1min);
    for (const auto& [what, is_raised] : raised) EXPECT_FALSE(is_raised) << what;
}

TEST(CutoverCommands, TakeACityFromThePlanToTheEnd) {
    const TestSite site("sqlite");
    Tree files{
        {"index.html", page("山川市")}, {"kurashi/gomi.html", page("ごみ")}, {"kosodate/index.html", page("子育て")}};
    write_tree(site.beside("tree"), files);
    site.json({"site", "takeover", site.beside("tree").string()});
    site.json({"site", "publish"});
    Serving serving(site, {"--role", "public", "--json"});
    const std::string url(boost::json::parse(serving.answer()).as_object().at("public").as_string());
    WebServer old;
    old.files = files;
    old.files["old/gomi.html"] = page("ごみ");
    old.files["kurashi/gomi.html"] = page("ごみの出し方");
    NameServer names;
    names.set(kName, dns::Type::A, 60, {"192.0.2.10"});
    std::ofstream(site.beside("access.log"))
        << "192.0.2.7 - - [22/Nov/2026:17:50:28 +0900] \"GET /old/gomi.html HTTP/1.1\" 200 5120 \"-\" \"-\"\n"
        << "192.0.2.7 - - [22/Nov/2026:17:50:29 +0900] \"GET /old/gomi.html?a HTTP/1.1\" 200 5120 \"-\" \"-\"\n"
        << "192.0.2.7 - - [22/Nov/2026:17:50:29 +0900] \"GET /nothing HTTP/1.1\" 404 5 \"-\" \"-\"\n"
        << "garbage\n";
    std::ofstream(site.beside("urls.txt")) << "# pages\nhttps://www.city.example/\n/kurashi/gomi.html\r\n/kosodate/\n";

    const auto planned = site.json({"cutover",       "plan",
                                    "--name",        kName,
                                    "--old",         old.url(),
                                    "--new",         url,
                                    "--new-address", "192.0.2.20",
                                    "--urls",        site.beside("urls.txt").string(),
                                    "--access-log",  site.beside("access.log").string(),
                                    "--name-server", names.address(),
                                    "--resolver",    names.address(),
                                    "--old-log",     site.beside("access.log").string()});
    EXPECT_EQ(planned.at("paths").as_int64(), 4);
    EXPECT_EQ(planned.at("unreadable").as_int64(), 1);
    const auto first = site.json({"cutover", "check", "--rate", "500"}, 1);
    EXPECT_EQ(first.at("checked").as_int64(), 4);
    EXPECT_EQ(first.at("equal").as_int64(), 2);
    ASSERT_EQ(first.at("missing").as_array().size(), 1U) << boost::json::serialize(first);
    EXPECT_EQ(first.at("missing").at(0).as_string(), "/old/gomi.html");
    EXPECT_EQ(first.at("findings").at(0).at("hits").as_int64(), 2);  // the most visited first
    EXPECT_EQ(first.at("redirects").at(0).at("location").as_string(), "/kurashi/gomi.html");

    site.json({"cutover", "redirect", "/old/gomi.html"});
    site.json({"site", "publish"});
    site.json({"cutover", "accept", "/kurashi/gomi.html", "--reason", "新しい文章"});
    const auto second = site.json({"cutover", "check", "--rate", "500"});
    EXPECT_EQ(second.at("equal").as_int64(), 3);  // the old path leads to the page that was there
    EXPECT_EQ(second.at("accepted").as_int64(), 1);

    const auto ready = site.json({"cutover", "ready"}, 1);
    std::map<std::string, bool> points;
    for (const auto& one : ready.at("points").as_array())
        points[std::string(one.at("id").as_string())] = one.at("ready").as_bool();
    EXPECT_TRUE(points.at("paths") && points.at("ttl") && points.at("records") && points.at("page-404"))
        << boost::json::serialize(ready);
    EXPECT_FALSE(points.at("search"));
    site.json({"cutover", "ready", "--tick", "search", "--note", "確認した"}, 1);
    EXPECT_EQ(site.run({"cutover", "ready", "--tick", "ttl"}).exit_code, 2);

    const auto request = site.json({"cutover", "request", "--to", site.beside("request.html").string()});
    EXPECT_NE(request.at("text").as_string().find("192.0.2.20"), std::string::npos);
    EXPECT_EQ(sys::read_file(site.beside("request.html")), std::string(request.at("html").as_string()));
    EXPECT_EQ(site.run({"cutover", "watch"}).exit_code, 2);  // nothing was switched
    site.json({"cutover", "switch"});
    EXPECT_EQ(site.json({"cutover", "watch"}, 1).at("new").as_int64(), 0);
    names.set(kName, dns::Type::A, 60, {"192.0.2.20"});
    const auto over = site.json({"cutover", "watch", "--until-silent", "--every", "1"});
    EXPECT_EQ(over.at("share").as_double(), 1.0);
    EXPECT_EQ(over.at("old_requests").as_int64(), 0);
    const auto back = site.json({"cutover", "rollback"});
    EXPECT_NE(back.at("text").as_string().find("新しく公開した内容はありません"), std::string::npos)
        << back.at("text").as_string().c_str();
    site.json({"cutover", "finish"});
    EXPECT_EQ(site.run({"cutover", "rollback", "--done", "--reason", "x"}).exit_code, 2);
    site.json({"ledger", "verify"});
}

}  // namespace
}  // namespace tests
