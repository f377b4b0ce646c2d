#include "ground/http/server.h"

#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include "ground/http/router.h"
#include "ground/http/test_wire.h"

namespace http {
namespace {

using namespace std::chrono_literals;

ServerOptions quick_options() {
    ServerOptions options;
    options.address = "127.0.0.1:0";
    options.workers = 4;
    return options;
}

Response echo(Request& request) {
    std::string said = request.method + " " + request.path + " body=" + request.body;
    for (const auto& [name, value] : request.form.fields) said += " " + name + "=" + value;
    for (const UploadedFile& file : request.form.files)
        said += fmt::format(" {}:{}:{}", file.field, file.name, file.size);
    return text(said);
}

Response take_any(const Request&) {
    return text("taken");
}

struct Running {
    explicit Running(ServerOptions options, Handler handler = echo, FastHandler fast = {})
        : server(std::move(options), std::move(handler), std::move(fast)) {
        server.start();
    }
    int port() const { return server.port(); }
    Server server;
};

TEST(Server, AnswersOnTheSameConnectionAgainAndAgain) {
    Running running(quick_options());
    Wire wire(running.port());
    for (int i = 0; i < 3; ++i) {
        const WireReply reply = wire.ask(get_line("/a%20b"));
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.body, "GET /a%20b body=");
        EXPECT_EQ(reply.field("Content-Type"), "text/plain; charset=utf-8");
        EXPECT_EQ(reply.field("Date").size(), 29U);
    }
    EXPECT_EQ(running.server.numbers().connections, 1U);
    EXPECT_EQ(running.server.numbers().requests, 3U);
}

TEST(Server, ListensOnIpv6) {
    ServerOptions options = quick_options();
    options.address = "[::1]:0";
    Running running(std::move(options));
    EXPECT_GT(running.port(), 0);
    EXPECT_EQ(running.server.url(), fmt::format("http://[::1]:{}", running.port()));
}

TEST(Server, RefusesAnAddressThatAnotherServerHas) {
    Running first(quick_options());
    ServerOptions options = quick_options();
    options.address = fmt::format("127.0.0.1:{}", first.port());
    Server second(std::move(options), echo);
    EXPECT_THROW(second.start(), base::Error);
    ServerOptions named = quick_options();
    named.address = "localhost:80";
    Server third(std::move(named), echo);
    EXPECT_THROW(third.start(), base::Error);
}

TEST(Server, AnswersHeadWithoutABody) {
    Running running(quick_options());
    Wire wire(running.port());
    wire.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get_line("/next"));
    const WireReply head = wire.receive(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("Content-Length"), std::to_string(std::string("HEAD / body=").size()));
    EXPECT_EQ(wire.receive().body, "GET /next body=");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    Running running(quick_options());
    Wire wire(running.port());
    std::string all;
    for (int i = 0; i < 100; ++i)
        all += i % 2 == 0
                   ? get_line("/" + std::to_string(i))
                   : fmt::format(
                         "POST /{} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", i);
    ASSERT_TRUE(wire.send(all));
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(wire.receive().body,
                  i % 2 == 0 ? fmt::format("GET /{} body=", i) : fmt::format("POST /{} body=abc", i));
}

TEST(Server, ReadsARequestThatComesByteByByte) {
    Running running(quick_options());
    Wire wire(running.port());
    const std::string request =
        "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Transfer-Encoding: chunked\r\n\r\n4;x=y\r\na=1&\r\n3\r\nb=2\r\n0\r\nTrailer: 1\r\n\r\n";
    for (const char c : request) ASSERT_TRUE(wire.send(std::string_view(&c, 1)));
    EXPECT_EQ(wire.receive().body, "POST /slow body=a=1&b=2 a=1 b=2");
}

// Beast asserted when the last chunk's header came before the empty line.
TEST(Server, ReadsAnEmptyChunkedBodyThatComesByteByByte) {
    Running running(quick_options());
    Wire wire(running.port());
    const std::string request = "POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for (const char c : request) {
        ASSERT_TRUE(wire.send(std::string_view(&c, 1)));
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(wire.receive().body, "POST /e body=");
    EXPECT_EQ(wire.ask(get_line("/next")).body, "GET /next body=");
}

TEST(Server, SaysContinueWhenItIsExpected) {
    Running running(quick_options());
    Wire wire(running.port());
    wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(wire.receive().status, 100);
    EXPECT_EQ(wire.ask("abc").body, "POST / body=abc");
    // Too large: the refusal comes instead, before anything was sent.
    const WireReply refused =
        wire.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30000000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.field("Connection"), "close");
}

TEST(Server, LimitsBodiesByRouteHoweverTheyAreFramed) {
    Router router;
    router.post("/login", take_any, 100);
    router.post("/upload", take_any, 1U << 20);
    ServerOptions options = quick_options();
    options.body_limit_of = [&](const Request& head) { return router.body_limit(head); };
    Running running(std::move(options), [&](Request& request) { return router.answer(request); });
    for (const std::string& path : {std::string("/login"), std::string("/upload")}) {
        SCOPED_TRACE(path);
        const std::string body(5000, 'x');
        const int expected = path == "/login" ? 413 : 200;
        Wire sized(running.port());
        EXPECT_EQ(sized.ask("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + body).status,
                  expected);
        Wire chunked(running.port());
        EXPECT_EQ(chunked
                      .ask("POST " + path + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" +
                           body + "\r\n0\r\n\r\n")
                      .status,
                  expected);
    }
    Wire stray(running.port());
    EXPECT_EQ(stray.ask("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab").status, 404);
}

TEST(Server, TheRefusalOfALargeUploadArrivesThoughTheClientGoesOnSending) {
    Running running(quick_options());
    Wire wire(running.port());
    ASSERT_TRUE(wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n"));
    wire.send(std::string(3'000'000, 'x'));
    EXPECT_EQ(wire.receive().status, 413);
    EXPECT_TRUE(wire.is_closed_within(4000));
}

TEST(Server, StoresALargeUploadOutsideMemory) {
    ServerOptions options = quick_options();
    options.body_limit = 64U << 20;
    Running running(std::move(options), [&](Request& request) {
        const UploadedFile* file = request.form.find_file("f");
        if (file == nullptr) return text("none", 400);
        const std::string all = file->read();
        const bool is_same = all.find_first_not_of('x') == std::string::npos;
        return text(
            fmt::format("{} {} {} {} {}", file->name, file->size, all.size(), is_same, static_cast<bool>(file->file)));
    });
    const std::string head = "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\xe5\xb8\x82.bin\"\r\n\r\n";
    const std::size_t size = 20U << 20;
    const std::string tail = "\r\n--B--\r\n";
    Wire wire(running.port());
    wire.send(fmt::format(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: {}\r\n\r\n",
        head.size() + size + tail.size()));
    wire.send(head);
    const std::string piece(1U << 20, 'x');
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(wire.send(piece));
    EXPECT_EQ(wire.ask(tail).body, fmt::format("\xe5\xb8\x82.bin {} {} true true", size, size));
    // A broken form is refused, not guessed at.
    const WireReply broken = wire.ask(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: "
        "5\r\n\r\n--B\r\n");
    EXPECT_EQ(broken.status, 400);
}

TEST(Server, TurnsWhatAHandlerThrowsIntoAReply) {
    ServerOptions options = quick_options();
    options.extra_headers.add("X-Content-Type-Options", "nosniff");
    options.error_page = [](const base::Error& error, int status, const Request*) {
        return html(fmt::format("<p>{}: {}", status, status == 500 ? "inside" : error.message()));
    };
    Running running(std::move(options), [](Request& request) -> Response {
        if (request.path == "/kind") throw base::Error(base::Kind::Conflict, "somebody else saved");
        if (request.path == "/other") throw std::runtime_error("secret");
        throw base::Error(base::Kind::NotFound, "no page");
    });
    Wire wire(running.port());
    WireReply reply = wire.ask(get_line("/kind"));
    EXPECT_EQ(reply.status, 409);
    EXPECT_EQ(reply.body, "<p>409: somebody else saved");
    EXPECT_EQ(reply.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(wire.ask(get_line("/other")).body, "<p>500: inside");
    EXPECT_EQ(wire.ask(get_line("/none")).status, 404);
}

TEST(Server, AnswersFastOnesWhileAllWorkersAreBusyAndRefusesWhatTheQueueCannotHold) {
    ServerOptions options = quick_options();
    options.workers = 1;
    options.queue = 1;
    std::mutex mutex;
    std::condition_variable wake;
    bool may_go = false;
    Running running(
        std::move(options),
        [&](Request&) {
            std::unique_lock lock(mutex);
            wake.wait(lock, [&] { return may_go; });
            return text("slow");
        },
        [](const Request& request) -> std::optional<Response> {
            if (request.path == "/fast") return text("fast");
            return std::nullopt;
        });
    Wire first(running.port()), second(running.port()), third(running.port()), fourth(running.port());
    first.send(get_line("/slow"));
    while (running.server.numbers().requests < 1) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(50ms);  // the worker has taken the first
    second.send(get_line("/slow"));
    while (running.server.numbers().requests < 2) std::this_thread::sleep_for(1ms);
    const WireReply refused = third.ask(get_line("/slow"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.field("Retry-After"), "5");
    EXPECT_EQ(fourth.ask(get_line("/fast")).body, "fast");
    {
        const std::lock_guard lock(mutex);
        may_go = true;
    }
    wake.notify_all();
    EXPECT_EQ(first.receive().body, "slow");
    EXPECT_EQ(second.receive().body, "slow");
}

TEST(Server, BelievesOnlyTrustedProxies) {
    const auto tell = [](Request& request) { return text(request.peer + (request.is_secure ? " secure" : " plain")); };
    const std::string asked =
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 6.6.6.6, 10.1.2.3\r\n\r\n";
    Running direct(quick_options(), tell);
    EXPECT_EQ(Wire(direct.port()).ask(asked).body, "127.0.0.1 plain");
    ServerOptions options = quick_options();
    options.trusted_proxies = {"127.0.0.1"};
    Running proxied(std::move(options), tell);
    EXPECT_EQ(Wire(proxied.port()).ask(asked).body, "10.1.2.3 secure");
}

TEST(Server, ClosesAfterAReplyToOldClients) {
    Running running(quick_options());
    Wire old(running.port());
    EXPECT_EQ(old.ask("GET / HTTP/1.0\r\n\r\n").field("Connection"), "close");
    EXPECT_TRUE(old.is_closed_within(2000));
    Wire asking(running.port());
    EXPECT_EQ(asking.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").field("Connection"), "keep-alive");
    EXPECT_EQ(asking.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").field("Connection"), "close");
    EXPECT_TRUE(asking.is_closed_within(2000));
}

TEST(Server, SlowSendersAndReadersAreCutOffAndLockNobodyOut) {
    ServerOptions options = quick_options();
    options.header_deadline = 500ms;
    options.body_deadline = 500ms;
    options.write_deadline = 500ms;
    options.idle_deadline = 500ms;
    options.minimum_rate = 100U << 20;
    Running running(std::move(options), [](Request&) { return text(std::string(8U << 20, 'x')); });
    std::vector<std::unique_ptr<Wire>> heads, bodies, readers;
    for (int i = 0; i < 100; ++i) {
        heads.push_back(std::make_unique<Wire>(running.port()));
        heads.back()->send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
        bodies.push_back(std::make_unique<Wire>(running.port()));
        bodies.back()->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx");
    }
    for (int i = 0; i < 5; ++i) {
        readers.push_back(std::make_unique<Wire>(running.port(), 4096));
        readers.back()->send(get_line("/"));
    }
    Wire fresh(running.port());
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(fresh.ask(get_line("/")).body.size(), 8U << 20);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
    // One byte at a time does not move an absolute deadline.
    for (int i = 0; i < 30; ++i) {
        for (auto& wire : heads) wire->send("y");
        std::this_thread::sleep_for(100ms);
    }
    EXPECT_TRUE(bodies[0]->is_closed_within(3000));
    EXPECT_TRUE(heads[0]->is_closed_within(3000));
    const auto until = std::chrono::steady_clock::now() + 6s;
    while (running.server.numbers().connections > 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(20ms);
    EXPECT_EQ(running.server.numbers().connections, 0U);
}

TEST(Server, ServesANewClientBesideTwoThousandIdleOnes) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 4200) GTEST_SKIP() << "this system allows too few open files";
    Running running(quick_options());
    std::vector<std::unique_ptr<Wire>> idle;
    for (int i = 0; i < 2000; ++i) {
        idle.push_back(std::make_unique<Wire>(running.port()));
        ASSERT_EQ(idle.back()->ask(get_line("/")).status, 200);
    }
    EXPECT_EQ(running.server.numbers().connections, 2000U);
    EXPECT_EQ(Wire(running.port()).ask(get_line("/new")).status, 200);
    EXPECT_EQ(idle[0]->ask(get_line("/again")).status, 200);
}

TEST(Server, AtTheLimitTheLongestIdleConnectionMakesRoom) {
    ServerOptions options = quick_options();
    options.threads = 1;
    options.connections = 10;
    Running running(std::move(options));
    std::vector<std::unique_ptr<Wire>> wires;
    for (int i = 0; i < 30; ++i) {
        wires.push_back(std::make_unique<Wire>(running.port()));
        ASSERT_EQ(wires.back()->ask(get_line("/")).status, 200) << i;
    }
    EXPECT_EQ(running.server.numbers().connections, 10U);
    EXPECT_EQ(running.server.numbers().evicted, 20U);
    EXPECT_TRUE(wires[0]->is_closed_within(1000));
    EXPECT_EQ(wires[29]->ask(get_line("/")).status, 200);
}

TEST(Server, OneAddressMayHaveOnlySoManyConnections) {
    ServerOptions options = quick_options();
    options.connections_per_address = 2;
    Running running(std::move(options));
    {
        Wire a(running.port()), b(running.port());
        EXPECT_EQ(a.ask(get_line("/")).status, 200);
        EXPECT_EQ(b.ask(get_line("/")).status, 200);
        Wire c(running.port());
        EXPECT_EQ(c.receive().status, 503);
    }
    while (running.server.numbers().connections > 0) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(Wire(running.port()).ask(get_line("/")).status, 200);
}

TEST(StopServer, FinishesARunningDownloadAndClosesIdleConnections) {
    const std::string path = testing::TempDir() + "/yakuba-download.bin";
    const std::size_t size = 32U << 20;
    std::ofstream(path) << std::string(size, 'd');
    auto file = std::make_shared<const sys::Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    Running running(quick_options(), [&](Request&) {
        Response made;
        made.file = {file, 0, size};
        return made;
    });
    Wire idle(running.port());
    idle.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(idle.receive(true).status, 200);
    Wire download(running.port(), 64U << 10);
    download.send(get_line("/big"));
    auto received = std::async(std::launch::async, [&] {
        std::this_thread::sleep_for(300ms);
        return download.receive();
    });
    std::this_thread::sleep_for(100ms);
    const auto before = std::chrono::steady_clock::now();
    running.server.stop(10s);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
    const WireReply reply = received.get();
    EXPECT_EQ(reply.body.size(), size);
    EXPECT_EQ(reply.body.find_first_not_of('d'), std::string::npos);
    EXPECT_TRUE(idle.is_closed_within(100));
    EXPECT_FALSE(Wire(running.port()).is_connected());
    ::unlink(path.c_str());
}

TEST(StopServer, WaitsForARunningHandlerAndSendsItsReply) {
    std::promise<void> entered;
    Running running(quick_options(), [&](Request&) {
        entered.set_value();
        std::this_thread::sleep_for(300ms);
        return text("done");
    });
    Wire wire(running.port());
    wire.send(get_line("/"));
    entered.get_future().wait();
    running.server.stop(5s);
    const WireReply reply = wire.receive();
    EXPECT_EQ(reply.body, "done");
    EXPECT_EQ(reply.field("Connection"), "close");
}

TEST(StopServer, CutsADownloadThatOutlastsItsPatience) {
    Running running(quick_options(), [](Request&) { return text(std::string(32U << 20, 'x')); });
    Wire stuck(running.port(), 4096);
    stuck.send(get_line("/"));
    std::this_thread::sleep_for(100ms);
    const auto before = std::chrono::steady_clock::now();
    running.server.stop(300ms);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

}  // namespace
}  // namespace http
