// The two webhook channels against a real server; here because watch/telling may not see ground/http.
#include <mutex>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/http/server.h"
#include "ground/sys/http_client.h"
#include "watch/telling/channel.h"

namespace door {
namespace {

using namespace std::chrono_literals;
using telling::Fate;

class Webhook : public ::testing::Test {
  protected:
    Webhook() : server_(options(), [this](http::Request& request) { return answer(request); }) {
        server_.start();
        means_.site_id = "site-1";
        means_.patience = 1s;
        means_.http = &client_;
        means_.read_secret = [this](std::string_view file) {
            return file == "keys/hook" ? server_.url() + "/secret\n" : "";
        };
        message_.call = 7;
        message_.kind = "call";
        message_.severity = "serious";
        message_.subject = "【山川市】重大";
        message_.text = "<b>止まりました</b> & 確認してください。";
        message_.token = "token-1";
    }
    static http::ServerOptions options() {
        http::ServerOptions made;
        made.address = "127.0.0.1:0";
        return made;
    }
    http::Response answer(http::Request& request) {
        const std::lock_guard lock(mutex_);
        seen_.push_back(request.path);
        body_ = request.body;
        id_ = request.headers.get("Idempotency-Key");
        if (request.path == "/busy") return http::text("later", 503);
        if (request.path == "/many") return http::text("slow down", 429);
        if (request.path == "/gone") return http::text("no such hook", 404);
        if (request.path == "/moved") return http::redirect(307, server_.url() + "/elsewhere");
        if (request.path == "/slow") std::this_thread::sleep_for(1500ms);
        return http::text("ok");
    }
    telling::Reply send(std::string_view channel, const std::string& target) {
        message_.target = target;
        return telling::find_channel(channel)->send(message_, means_);
    }

    std::mutex mutex_;
    std::vector<std::string> seen_;
    std::string body_, id_;
    sys::HttpClient client_;
    telling::Means means_;
    telling::Outgoing message_;
    http::Server server_;
};

TEST_F(Webhook, PostsOneObjectWithAnIdThatStaysTheSame) {
    EXPECT_EQ(send("webhook", server_.url() + "/hook").fate, Fate::Sent);
    message_.attempt = 2;
    message_.is_repeated = true;
    EXPECT_EQ(send("webhook", server_.url() + "/hook").fate, Fate::Sent);
    const auto posted = boost::json::parse(body_).as_object();
    EXPECT_EQ(posted.at("id").as_string(), "token-1");
    EXPECT_EQ(id_, "token-1");
    EXPECT_EQ(posted.at("call").as_int64(), 7);
    EXPECT_EQ(posted.at("attempt").as_int64(), 2);
    EXPECT_TRUE(posted.at("repeated").as_bool());
    EXPECT_EQ(posted.at("site").as_string(), "site-1");
}

TEST_F(Webhook, WritesForChatsOneTextWithoutMarkup) {
    EXPECT_EQ(send("slack", "@keys/hook").fate, Fate::Sent);
    EXPECT_EQ(seen_, (std::vector<std::string>{"/secret"}));
    const auto posted = boost::json::parse(body_).as_object();
    ASSERT_EQ(posted.size(), 1U);
    EXPECT_EQ(posted.at("text").as_string(),
              "【山川市】重大\n&lt;b&gt;止まりました&lt;/b&gt; &amp; 確認してください。");
}

TEST_F(Webhook, TriesAgainWhatMayPassAndGivesUpWhatWillNot) {
    EXPECT_EQ(send("webhook", server_.url() + "/busy").fate, Fate::Later);
    EXPECT_EQ(send("webhook", server_.url() + "/many").fate, Fate::Later);
    EXPECT_EQ(send("webhook", server_.url() + "/slow").fate, Fate::Later);
    EXPECT_EQ(send("webhook", "http://127.0.0.1:1/").fate, Fate::Later);
    const auto gone = send("webhook", server_.url() + "/gone");
    EXPECT_EQ(gone.fate, Fate::Never);
    EXPECT_NE(gone.text.find("404 no such hook"), std::string::npos);
    EXPECT_EQ(send("webhook", "@keys/none").fate, Fate::Never);
    EXPECT_EQ(send("webhook", "http://hooks.example/").fate, Fate::Never) << "never without encryption";
}

TEST_F(Webhook, FollowsNobodyElsewhere) {
    EXPECT_EQ(send("webhook", server_.url() + "/moved").fate, Fate::Never);
    EXPECT_EQ(seen_, (std::vector<std::string>{"/moved"}));
}

}  // namespace
}  // namespace door
