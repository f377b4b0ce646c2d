// The public server over the wire, on a site directory made by hand: what it answers follows the signed log.
#include "door/public/public_server.h"

#include <fstream>

#include <gtest/gtest.h>

#include "flow/make_variants.h"
#include "flow/watch_outside.h"
#include "ground/release/keys.h"
#include "ground/release/log.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/http_client.h"

namespace door {

namespace {

namespace fs = std::filesystem;
using release::Change;

class PublicServerTest : public ::testing::Test {
  protected:
    PublicServerTest() : key_(release::make_press_key(folder_.path() / "keys")) {
        for (const char* name : {"public", "releases", "variants"}) fs::create_directories(folder_.path() / name);
        settings_.public_site.address = "127.0.0.1:0";
        settings_.public_site.access_log = (folder_.path() / "access.log").string();
    }
    void start() {
        server_ = std::make_unique<PublicServer>(folder_.path(), settings_);
        server_->start();
    }
    /// Places the file and returns the change.
    Change file(const std::string& path, const std::string& body, int status = 200,
                const std::string& charset = "utf-8") {
        const fs::path at = folder_.path() / "public" / path;
        fs::create_directories(at.parent_path());
        sys::write_file(at, body, folder_.path());
        release::Entry entry;
        entry.path = path;
        entry.hash = sys::sha256(body);
        entry.size = static_cast<std::int64_t>(body.size());
        entry.type = "text/html";
        entry.charset = charset;
        entry.status = status;
        return Change::put(entry);
    }
    void publish(std::vector<Change> changes) {
        manifest_.apply(changes);
        const auto sum = manifest_.summary();
        release::Record record;
        record.site = "sakura-city";
        record.number = ++number_;
        record.at = {1'790'000'000'000 + number_};
        record.previous = previous_;
        record.root = sum.root;
        record.files = sum.files;
        record.bytes = sum.bytes;
        record.changes = std::move(changes);
        const std::string bytes = release::write_record(record, key_);
        previous_ = sys::sha256(bytes);
        release::Log(folder_.path() / "releases").append(bytes);
        if (server_) server_->refresh();
    }
    void put_twin(const std::string& of, const std::string& packed) {
        const std::string name = sys::sha256(of).hex();
        sys::make_folders(folder_.path() / "variants" / name.substr(0, 2));
        sys::write_file(folder_.path() / "variants" / name.substr(0, 2) / (name + ".gz"), packed, folder_.path());
    }
    sys::Fetched get(const std::string& path, std::vector<std::pair<std::string, std::string>> headers = {}) {
        sys::FetchOptions options;
        for (auto& one : headers) options.headers.push_back(std::move(one));
        return client_.fetch(server_->url() + path, options);
    }

    sys::TemporaryFolder folder_;
    settings::Settings settings_;
    sys::SigningKey key_;
    release::Manifest manifest_;
    base::Hash previous_;
    std::int64_t number_ = 0;
    std::unique_ptr<PublicServer> server_;
    sys::HttpClient client_;
    base::SystemClock clock_;
};

const std::string kLong = [] {
    std::string text;
    for (int i = 0; i < 500; ++i) text += "<p>" + std::to_string(i) + " 行目</p>\n";
    return text;
}();

}  // namespace

TEST_F(PublicServerTest, FollowsTheReleasesAlsoWithItsPageForWhatIsNotFound) {
    publish({file("index.html", "first")});
    start();
    EXPECT_EQ(get("/none.html").status, 404);
    publish({file("404.html", "<p>見つかりません</p>", 404)});
    EXPECT_EQ(get("/none.html").body, "<p>見つかりません</p>") << "the page has come after the start";
    publish({Change::remove("404.html"), file("errors/lost.html", "<p>別の案内</p>", 404)});
    const auto lost = get("/none.html");
    EXPECT_EQ(lost.status, 404);
    EXPECT_EQ(lost.body, "<p>別の案内</p>");
    publish({Change::remove("errors/lost.html")});
    EXPECT_EQ(get("/none.html").body.find("別の案内"), std::string::npos);
}

TEST_F(PublicServerTest, IsACopyForTheGuardWhoseOwnObjectsAreDamaged) {
    EXPECT_TRUE(flow::outside_sources(settings_, clock_).empty()) << "the settings name no server";
    publish({file("暮らし/index.html", kLong), file("gomi.html", "as published")});
    start();
    file("gomi.html", "tampered here as well");
    settings_.outside.servers = {"http://127.0.0.1:1/", server_->url()};
    const auto sources = flow::outside_sources(settings_, clock_);
    ASSERT_EQ(sources.size(), 2U);
    EXPECT_EQ(sources[0].second(sys::sha256(kLong), "暮らし/index.html"), std::nullopt) << "nobody is there";
    EXPECT_EQ(sources[1].first, "server " + guard::server_name(server_->url())) << "where it came from is recorded";
    const flow::ObjectSource& source = sources[1].second;
    EXPECT_EQ(source(sys::sha256(kLong), "暮らし/index.html"), kLong);
    EXPECT_EQ(source(sys::sha256("as published"), "gomi.html"), std::nullopt);
    EXPECT_EQ(source(sys::sha256("gone"), "none.html"), std::nullopt);
    EXPECT_EQ(source(sys::sha256(kLong), ""), std::nullopt) << "nobody knows where it is public";
}

TEST_F(PublicServerTest, ServesNothingThatNoReleaseKnowsAndNoHiddenFileEvenIfOneDoes) {
    publish({file("index.html", "first"), file(".htaccess", "deny"), file("a/.git/config", "secret"),
             file(".well-known/security.txt", "Contact"), file(".well-known/.hidden", "x")});
    file("slipped-in.html", "x");
    start();
    EXPECT_EQ(get("/index.html").status, 200);
    EXPECT_EQ(get("/.well-known/security.txt").body, "Contact");
    for (const char* path :
         {"/slipped-in.html", "/.htaccess", "/a/.git/config", "/%2ehtaccess", "/.well-known/.hidden"})
        EXPECT_EQ(get(path).status, 404) << path;
}

TEST_F(PublicServerTest, SendsATwinOnlyWhileItIsOfTheBytesThatAreThere) {
    publish({file("long.html", kLong)});
    put_twin(kLong, flow::gzip(kLong));
    start();
    const auto twin = get("/long.html", {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(twin.find_header("content-encoding"), "gzip");
    EXPECT_EQ(twin.find_header("vary"), "Accept-Encoding");
    EXPECT_EQ(twin.body, flow::gzip(kLong));
    EXPECT_FALSE(get("/long.html", {{"Accept-Encoding", "gzip;q=0"}}).find_header("content-encoding"));
    EXPECT_EQ(get("/long.html").body, kLong);
    // A range of the twin is of the bytes that the answer would have, with that answer's own tag.
    const auto part = get("/long.html", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=10-19"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, flow::gzip(kLong).substr(10, 10));
    EXPECT_EQ(part.find_header("etag"), twin.find_header("etag"));
    EXPECT_NE(twin.find_header("etag"), get("/long.html").find_header("etag"));

    std::string other = kLong;
    other[100] = 'X';
    file("long.html", other);  // not of any release: tampered, the size is the same
    server_->refresh();
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    EXPECT_FALSE(get("/long.html", {{"Accept-Encoding", "gzip"}}).find_header("content-encoding"));
    publish({file("long.html", kLong + "<p>新しい</p>")});
    const auto fresh = get("/long.html", {{"Accept-Encoding", "gzip"}});
    EXPECT_FALSE(fresh.find_header("content-encoding")) << "the twin is of the old bytes";
    EXPECT_EQ(fresh.body, kLong + "<p>新しい</p>");
}

TEST_F(PublicServerTest, SaysTheCharsetOfEachPage) {
    publish({file("sjis.html", "\x8e\x52", 200, "shift_jis"), file("euc.html", "\xbb\xb3", 200, "euc-jp")});
    start();
    EXPECT_EQ(get("/sjis.html").find_header("content-type"), "text/html; charset=shift_jis");
    EXPECT_EQ(get("/euc.html").find_header("content-type"), "text/html; charset=euc-jp");
}

}  // namespace door
