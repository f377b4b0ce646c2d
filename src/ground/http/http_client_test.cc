// sys::HttpClient against this room's server: it stands here because ground/sys may not see ground/http.
#include "ground/sys/http_client.h"

#include <atomic>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/http/server.h"
#include "ground/http/test_wire.h"

namespace http {
namespace {

using namespace std::chrono_literals;

class Client : public ::testing::Test {
  protected:
    Client() : server(options(), [this](Request& request) { return answer(request); }) { server.start(); }
    static ServerOptions options() {
        ServerOptions made;
        made.address = "127.0.0.1:0";
        return made;
    }
    Response answer(Request& request) {
        if (request.path == "/again") return see_other("/landed");
        if (request.path == "/loop") return see_other("/loop");
        if (request.path == "/file") return redirect(302, "file:///etc/passwd");
        if (request.path == "/slow") std::this_thread::sleep_for(700ms);
        if (request.path == "/big") return text(std::string(1U << 20, 'x'));
        Response made = text(
            fmt::format("{} {} {} {}", request.method, request.path, request.body, request.headers.get("X-Asked")));
        made.headers.add("X-Said", "yes");
        return made;
    }
    Server server;
    sys::HttpClient client;
};

TEST_F(Client, SendsMethodHeadersAndBodyAndReadsTheReply) {
    sys::FetchOptions options;
    options.method = "PUT";
    options.headers = {{"X-Asked", "please"}};
    options.body = "words";
    const sys::Fetched got = client.fetch(server.url() + "/a", options);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "PUT /a words please");
    EXPECT_EQ(got.find_header("x-said"), "yes");
    EXPECT_EQ(got.address, "127.0.0.1");
    EXPECT_GT(got.timing.total.count(), 0);
    EXPECT_GE(got.timing.total, got.timing.first_byte);
    options.method = "HEAD";
    options.body.clear();
    EXPECT_EQ(client.fetch(server.url() + "/a", options).body, "");
    EXPECT_EQ(client.fetch(server.url() + "/b").body, "GET /b  ");
}

TEST_F(Client, UsesItsConnectionAgain) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(client.fetch(server.url() + "/").status, 200);
    EXPECT_EQ(server.numbers().connections, 1U);
}

TEST_F(Client, FollowsRedirectsOnlyWhenTold) {
    EXPECT_EQ(client.fetch(server.url() + "/again").status, 303);
    sys::FetchOptions options;
    options.redirects = 3;
    const sys::Fetched got = client.fetch(server.url() + "/again", options);
    EXPECT_EQ(got.body, "GET /landed  ");
    EXPECT_EQ(got.url, server.url() + "/landed");
    EXPECT_EQ(client.try_fetch(server.url() + "/loop", options).failure, sys::FetchFailure::TooManyRedirects);
    EXPECT_TRUE(client.try_fetch(server.url() + "/file", options).has_failed());
}

TEST_F(Client, SaysWhyNothingCame) {
    sys::FetchOptions options;
    options.patience = 200ms;
    EXPECT_EQ(client.try_fetch(server.url() + "/slow", options).failure, sys::FetchFailure::Timeout);
    options.patience = 5s;
    options.size_limit = 1000;
    const sys::Fetched big = client.try_fetch(server.url() + "/big", options);
    EXPECT_EQ(big.failure, sys::FetchFailure::TooLarge);
    EXPECT_LE(big.body.size(), 1000U);
    EXPECT_EQ(client.try_fetch("file:///etc/passwd").failure, sys::FetchFailure::BadUrl);
    EXPECT_THROW(client.fetch("gopher://a/"), base::Error);
    EXPECT_EQ(client.try_fetch("http://no-such-host.invalid/").failure, sys::FetchFailure::Name);
    const int port = server.port();
    EXPECT_EQ(client.try_fetch(fmt::format("https://127.0.0.1:{}/", port)).failure, sys::FetchFailure::Tls);
    server.stop();
    const sys::Fetched away = client.try_fetch(fmt::format("http://127.0.0.1:{}/", port));
    EXPECT_EQ(away.failure, sys::FetchFailure::Connect);
    EXPECT_EQ(away.status, 0);
    EXPECT_FALSE(away.message.empty());
}

TEST_F(Client, HandsTheBodyOnInPieces) {
    std::size_t seen = 0;
    sys::FetchOptions options;
    options.sink = [&](std::string_view piece) {
        seen += piece.size();
        return true;
    };
    EXPECT_EQ(client.fetch(server.url() + "/big", options).body, "");
    EXPECT_EQ(seen, 1U << 20);
    options.sink = [](std::string_view) { return false; };
    EXPECT_EQ(client.try_fetch(server.url() + "/big", options).failure, sys::FetchFailure::TooLarge);
}

TEST_F(Client, FetchesManyAtATimeAndKeepsTheirOrder) {
    std::vector<sys::HttpClient::Wanted> wanted;
    for (int i = 0; i < 100; ++i) wanted.push_back({server.url() + "/" + std::to_string(i), {}});
    wanted[50].url = "http://no-such-host.invalid/";
    const auto results = client.fetch_all(wanted, 8);
    ASSERT_EQ(results.size(), 100U);
    for (std::size_t i = 0; i < 100; ++i) {
        if (i == 50)
            EXPECT_EQ(results[i].failure, sys::FetchFailure::Name);
        else
            EXPECT_EQ(results[i].body, fmt::format("GET /{}  ", i));
    }
    EXPECT_LE(server.numbers().connections, 8U);
}

TEST_F(Client, MayBeSharedByThreads) {
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) good += client.fetch(server.url() + "/").status == 200;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(good, 80);
}

}  // namespace
}  // namespace http
