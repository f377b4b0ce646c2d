// A server that lies in each known way, and a real nginx with a certificate, against the release that they should
// serve.
#include "watch/guard/outside.h"

#include <csignal>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"

namespace guard {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Request {
    std::string path, head;
    bool says(std::string_view words) const { return head.find(words) != std::string::npos; }
};
struct Reply {
    int status = 200;
    std::string body, type = "text/html; charset=utf-8", more;  ///< header lines, each with its end
};

/// Answers one request a connection, as `answer` says.
class Server {
  public:
    explicit Server(std::function<Reply(const Request&)> answer) : answer_(std::move(answer)) {
        listener_ = sys::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
        EXPECT_EQ(::listen(listener_.get(), 64), 0);
        socklen_t length = sizeof at;
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &length);
        port_ = ntohs(at.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Server() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }
    std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }
    std::vector<std::string> asked() {
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    void answer_by(std::function<Reply(const Request&)> answer) {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(answer);
    }

  private:
    void serve() {
        for (;;) {
            const sys::Descriptor one(::accept(listener_.get(), nullptr, nullptr));
            if (!one) return;
            Request request;
            char buffer[4096];
            while (request.head.find("\r\n\r\n") == std::string::npos) {
                const ssize_t got = ::recv(one.get(), buffer, sizeof buffer, 0);
                if (got <= 0) break;
                request.head.append(buffer, static_cast<std::size_t>(got));
            }
            if (request.head.size() < 10) continue;
            request.path = request.head.substr(4, request.head.find(' ', 4) - 4);
            const std::lock_guard lock(mutex_);
            asked_.push_back(request.path);
            const Reply reply = answer_(request);
            const std::string bytes =
                fmt::format("HTTP/1.1 {} x\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}",
                            reply.status, reply.type, reply.body.size(), reply.more, reply.body);
            ::send(one.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        }
    }

    std::function<Reply(const Request&)> answer_;
    sys::Descriptor listener_;
    int port_ = 0;
    std::mutex mutex_;
    std::vector<std::string> asked_;
    std::thread thread_;
};

/// A release of some pages, and what an honest server says to it.
class Release {
  public:
    explicit Release(int pages = 3) {
        std::vector<release::Change> changes;
        for (int i = 0; i < pages; ++i)
            put(changes, i == 0 ? "index.html" : fmt::format("p/{:03}.html", i), fmt::format("<h1>ページ{}</h1>", i));
        release::Entry moved;
        moved.path = "old.html";
        moved.status = 301;
        moved.location = "/p/001.html";
        changes.push_back(release::Change::put(moved));
        manifest.apply(changes);
    }
    Reply honest(const Request& request) const {
        const std::string path = entry_path(request.path);
        if (path == "old.html") return {301, "", "text/html", "Location: /p/001.html\r\n"};
        const auto it = bodies.find(path);
        return it == bodies.end() ? Reply{404, "ありません"} : Reply{200, it->second};
    }
    release::Manifest manifest;
    std::map<std::string, std::string> bodies;

  private:
    void put(std::vector<release::Change>& changes, const std::string& path, const std::string& body) {
        bodies[path] = body;
        release::Entry entry;
        entry.path = path;
        entry.hash = sys::sha256(body);
        entry.size = static_cast<std::int64_t>(body.size());
        entry.type = "text/html";
        entry.charset = "utf-8";
        changes.push_back(release::Change::put(entry));
    }
};

/// An OutsideLook on a clock that jumps from one due moment to the next.
class Looker {
  public:
    explicit Looker(const std::string& url) {
        options.servers = {url};
        options.important = {"/", "/p/001.html"};
        options.ask.patience = 2s;
        options.resolve = [](const std::string&) { return std::vector<std::string>{"127.0.0.1"}; };
    }
    void run(const release::Manifest& manifest, std::chrono::milliseconds time) {
        OutsideLook look(options, client, clock, folder.path() / "state");
        const base::Instant end = clock.now() + time;
        while (clock.now() < end) {
            const auto wait = look.step(manifest, [&](signals::Signal one) { told.push_back(std::move(one)); });
            clock.advance(std::clamp<std::chrono::milliseconds>(wait, 1ms, end - clock.now() + 1ms));
        }
    }
    /// Kinds that were raised, each once.
    std::set<std::string> raised() const {
        std::set<std::string> kinds;
        for (const auto& one : told)
            if (one.state == signals::State::Raise) kinds.insert(one.kind);
        return kinds;
    }
    std::set<std::string> cleared() const {
        std::set<std::string> kinds;
        for (const auto& one : told)
            if (one.state == signals::State::Clear) kinds.insert(one.kind);
        return kinds;
    }
    sys::TemporaryFolder folder;
    base::FixedClock clock{{1'800'000'000'000}};
    sys::HttpClient client;
    OutsideOptions options;
    std::vector<signals::Signal> told;
};

TEST(OutsideLook, IsContentWithAnHonestServerAndPoliteToIt) {
    const Release release(40);
    Server server([&](const Request& request) { return release.honest(request); });
    Looker looker(server.url());
    looker.options.all_within = 1h;
    looker.options.important_every = 30min;
    looker.options.addresses = {{"www.example.jp", "127.0.0.1 ::1"}};
    looker.run(release.manifest, 61min);
    EXPECT_TRUE(looker.told.empty()) << looker.told.front().text;
    const auto asked = server.asked();
    const std::set<std::string> pages(asked.begin(), asked.end());
    for (const auto& [path, body] : release.bodies)
        EXPECT_TRUE(pages.contains("/" + path) || path == "index.html") << path;  // every page within the time
    // Three looks at two important pages in four ways and at three missing paths, and one round of 41 entries.
    EXPECT_LE(asked.size(), 3U * (2 * 4 + 3) + 43U);
}

TEST(OutsideLook, FindsEachLieUnderItsName) {
    const Release release;
    const std::string own = release.bodies.at("index.html");
    struct Lie {
        std::string kind;
        std::function<std::optional<Reply>(const Request&)> tell;
    };
    const auto shop = [] { return Reply{200, "<h1>激安ショップ</h1>"}; };
    using Maybe = std::optional<Reply>;
    const std::vector<Lie> lies{
        {"outside.cloaked",
         [&](const Request& r) { return r.says("Referer: https://www.google") ? Maybe(shop()) : Maybe(); }},
        {"outside.cloaked", [&](const Request& r) { return r.says("Googlebot") ? Maybe(shop()) : Maybe(); }},
        {"outside.cloaked",
         [&](const Request& r) {
             return r.says("iPhone") ? Maybe(Reply{302, "", "text/html", "Location: https://bad.example.org/\r\n"})
                                     : Maybe();
         }},
        {"outside.changed",
         [&](const Request& r) {
             return r.path == "/" ? Maybe(Reply{200, own + "<script src=//bad.example.org></script>"}) : Maybe();
         }},
        {"outside.changed",
         [&](const Request& r) {
             return r.path == "/p/002.html" ? Maybe(Reply{200, "<h1>ページ9</h1>"}) : Maybe();
         }},
        {"outside.changed",
         [&](const Request& r) {
             return r.path == "/" ? Maybe(Reply{200, std::string(3 << 20, 'x')}) : Maybe();
         }},
        {"outside.status",
         [&](const Request& r) {
             return r.path == "/p/001.html" ? Maybe(Reply{404, "ありません"}) : Maybe();
         }},
        {"outside.redirect",
         [&](const Request& r) {
             return r.path == "/old.html" ? Maybe(Reply{301, "", "text/html", "Location: //bad.example.org/\r\n"})
                                          : Maybe();
         }},
        {"outside.redirect",
         [&](const Request& r) {
             return r.path == "/" ? Maybe(Reply{302, "", "text/html", "Location: /shop/\r\n"}) : Maybe();
         }},
        {"outside.header",
         [&](const Request& r) {
             return r.path == "/" ? Maybe(Reply{200, own, "text/html; charset=shift_jis"}) : Maybe();
         }},
        {"outside.soft404",
         [&](const Request& r) { return release.honest(r).status == 404 ? Maybe(shop()) : Maybe(); }},
    };
    for (const Lie& lie : lies) {
        SCOPED_TRACE(fmt::format("{} {}", lie.kind, &lie - lies.data()));
        Server server([&](const Request& request) { return lie.tell(request).value_or(release.honest(request)); });
        Looker looker(server.url());
        looker.options.all_within = 1h;
        looker.options.second_look = 30s;
        looker.run(release.manifest, 70min);
        EXPECT_EQ(looker.raised(), std::set<std::string>{lie.kind});
        looker.told.clear();
        server.answer_by([&](const Request& request) { return release.honest(request); });
        looker.run(release.manifest, 70min);  // another process, later: what was told is taken back
        EXPECT_EQ(looker.raised(), std::set<std::string>());
        EXPECT_EQ(looker.cleared(), std::set<std::string>{lie.kind});
    }
}

TEST(OutsideLook, SaysNothingOfWhatIsGoneAtTheSecondLook) {
    const Release release;
    int lies = 0;
    Server server([&](const Request& request) {
        if (request.path == "/" && lies++ == 0) return Reply{200, "the old page, from a cache"};
        return release.honest(request);
    });
    Looker looker(server.url());
    looker.run(release.manifest, 10min);
    EXPECT_GT(lies, 1);
    EXPECT_TRUE(looker.told.empty());
}

TEST(OutsideLook, KeepsWhatItRaisedAndEndsItForAServerThatIsNoLongerAsked) {
    const Release release;
    Server server([&](const Request& request) {
        Reply reply = release.honest(request);
        reply.body += "<script>";
        return reply;
    });
    Looker looker(server.url());
    looker.options.all_within = 1h;
    {
        OutsideLook killed(looker.options, looker.client, looker.clock, looker.folder.path() / "state");
        for (int step = 0; step < 40; ++step) {
            killed.step(release.manifest, [&](signals::Signal one) { looker.told.push_back(std::move(one)); });
            looker.clock.advance(30s);
        }
        ASSERT_TRUE(looker.raised().contains("outside.changed"));
        // As a kill would leave it: what was raised stands in the file already.
        EXPECT_NE(sys::read_file(looker.folder.path() / "state").find("raised outside.changed"), std::string::npos);
    }
    looker.told.clear();
    looker.options.servers.clear();
    looker.run(release.manifest, 1min);
    EXPECT_TRUE(looker.raised().empty());
    EXPECT_TRUE(looker.cleared().contains("outside.changed"));
    looker.told.clear();
    looker.run(release.manifest, 1min);
    EXPECT_TRUE(looker.told.empty());
}

TEST(OutsideLook, HasPatienceWithLargeFilesAlone) {
    std::vector<release::Change> changes;
    const std::string large(4 << 20, 'x'), small = "x";
    for (const auto& [path, body] : {std::pair{"large.txt", large}, {"small.txt", small}}) {
        release::Entry entry;
        entry.path = path;
        entry.hash = sys::sha256(body);
        entry.size = static_cast<std::int64_t>(body.size());
        entry.type = "text/plain";
        changes.push_back(release::Change::put(entry));
    }
    release::Manifest manifest;
    manifest.apply(changes);
    Server server([&](const Request& request) {
        std::this_thread::sleep_for(700ms);
        return Reply{200, request.path == "/large.txt" ? large : small, "text/plain", ""};
    });
    OutsideOptions options;
    options.ask.patience = 100ms;
    sys::HttpClient client;
    const auto look = [&](const std::string& path) {
        return look_at_page(client, server.url(), path, *manifest.find(path), std::span(kAllWays).first(1), options);
    };
    EXPECT_TRUE(look("large.txt").findings.empty());
    ASSERT_EQ(look("small.txt").findings.size(), 1U);
    EXPECT_EQ(look("small.txt").findings[0].kind, "outside.unreachable");
}

TEST(OutsideLook, GoesOnWithTheRoundWhereItStopped) {
    const Release release(50);
    Server server([&](const Request& request) { return release.honest(request); });
    Looker looker(server.url());
    looker.options.important.clear();
    looker.options.random_paths = 0;
    looker.options.all_within = 1h;
    looker.run(release.manifest, 29min);
    const auto half = server.asked().size();
    EXPECT_GT(half, 15U);
    EXPECT_LT(half, 35U);
    looker.run(release.manifest, 31min);
    const auto asked = server.asked();
    const std::set<std::string> pages(asked.begin(), asked.end());
    EXPECT_GE(pages.size() + 1, asked.size());  // none twice, but perhaps the first of the next round
}

TEST(OutsideLook, TellsOfAServerThatIsAwayAndOfNamesThatPointElsewhere) {
    const Release release;
    std::string url;
    {
        Server server([&](const Request& request) { return release.honest(request); });
        url = server.url();
    }
    Looker looker(url);
    looker.options.addresses = {{"www.example.jp", "192.0.2.1"}};
    looker.run(release.manifest, 3min);
    EXPECT_EQ(looker.raised(), (std::set<std::string>{"outside.dns", "outside.unreachable"}));
    for (const auto& one : looker.told)
        EXPECT_TRUE(one.kind != "outside.dns" || one.text.find("127.0.0.1") != std::string::npos) << one.text;
}

int free_port() {
    const sys::Descriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    EXPECT_EQ(::bind(probe.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&at), &length);
    return ntohs(at.sin_port);
}

/// A real nginx over TLS, with a certificate for `days` more days; ended by its own pid.
class Nginx {
  public:
    Nginx(const Release& release, int days) {
        const fs::path work = folder_.path();
        const auto write = [&](const fs::path& file, const std::string& text) {
            fs::create_directories(file.parent_path());
            std::ofstream(file, std::ios::binary) << text;
        };
        fs::permissions(work, fs::perms::all);
        for (const auto& [path, body] : release.bodies) write(work / "root" / path, body);
        const auto made =
            sys::run({{"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                       "-keyout", (work / "key").string(), "-out", (work / "ca").string(), "-days",
                       std::to_string(days), "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"}});
        EXPECT_EQ(made.exit_code, 0) << made.errors;
        port_ = free_port();
        write(work / "conf",
              fmt::format("daemon off; master_process off; pid {0}/pid; error_log {0}/log;\nevents {{}}\n"
                          "http {{ access_log off; charset utf-8; types {{ text/html html; }}\n"
                          "gzip on; gzip_min_length 1; client_body_temp_path {0}/t1; proxy_temp_path {0}/t2;\n"
                          "fastcgi_temp_path {0}/t3; uwsgi_temp_path {0}/t4; scgi_temp_path {0}/t5;\n"
                          "server {{ listen 127.0.0.1:{1} ssl; ssl_certificate {0}/ca; ssl_certificate_key {0}/key;\n"
                          "root {0}/root; location = /old.html {{ return 301 /p/001.html; }} }} }}\n",
                          work.string(), port_));
        const std::string config = (work / "conf").string(), prefix = work.string();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::execl("/usr/sbin/nginx", "nginx", "-p", prefix.c_str(), "-e", "stderr", "-c", config.c_str(), nullptr);
            ::_exit(127);
        }
        sys::HttpClient client;
        for (int i = 0; i < 200; ++i) {
            if (client.try_fetch(url(), {.ca_file = ca()}).status == 200) break;
            std::this_thread::sleep_for(20ms);
        }
    }
    ~Nginx() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    std::string url() const { return fmt::format("https://127.0.0.1:{}/", port_); }
    std::string ca() const { return (folder_.path() / "ca").string(); }
    fs::path root() const { return folder_.path() / "root"; }

  private:
    sys::TemporaryFolder folder_;
    int port_ = 0;
    pid_t pid_ = 0;
};

TEST(OutsideLook, AgreesWithARealNginxAndReadsItsCertificate) {
    const Release release;
    const Nginx nginx(release, 10);
    Looker looker(nginx.url());
    looker.clock.set(base::SystemClock().now());
    looker.options.ask.ca_file = nginx.ca();
    looker.options.certificate_days = 5;
    looker.options.all_within = 1h;
    looker.run(release.manifest, 65min);
    EXPECT_TRUE(looker.told.empty()) << looker.told.front().text;

    Looker strict(nginx.url());
    strict.clock.set(base::SystemClock().now());
    strict.options.ask.ca_file = nginx.ca();
    strict.options.certificate_days = 21;
    strict.run(release.manifest, 1min);
    EXPECT_EQ(strict.raised(), std::set<std::string>{"outside.certificate"});  // ten days are left

    Looker distrustful(nginx.url());  // the system's authorities do not know it
    distrustful.run(release.manifest, 1min);
    EXPECT_EQ(distrustful.raised(), std::set<std::string>{"outside.certificate"});

    std::ofstream(nginx.root() / "index.html", std::ios::app) << "<iframe src=//bad.example.org hidden></iframe>";
    looker.run(release.manifest, 10min);
    EXPECT_EQ(looker.raised(), std::set<std::string>{"outside.changed"});
}

}  // namespace
}  // namespace guard
