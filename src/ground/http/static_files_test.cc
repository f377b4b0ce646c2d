#include "ground/http/static_files.h"

#include <fstream>
#include <map>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "ground/base/error.h"
#include "ground/http/request_head.h"
#include "ground/http/test_wire.h"
#include "ground/sys/crypto.h"
#include "ground/sys/testing/without_openat2.h"

namespace http {
namespace {

using namespace std::chrono_literals;

Request ask(const std::string& target, Headers headers = {}, const std::string& method = "GET") {
    Request request;
    request.method = method;
    request.is_head = method == "HEAD";
    request.target = target;
    auto parsed = parse_target(target);
    EXPECT_TRUE(parsed) << target;
    request.path = parsed->path;
    request.segments = parsed->segments;
    request.headers = std::move(headers);
    return request;
}

std::string body_of(const Response& response) {
    if (response.prepared) return response.prepared->body;
    if (!response.file.file) return response.body;
    std::string bytes(response.file.length, '\0');
    EXPECT_EQ(::pread(response.file.file->get(), bytes.data(), bytes.size(), static_cast<off_t>(response.file.offset)),
              static_cast<ssize_t>(bytes.size()));
    return bytes;
}

int status_of_reply(const Response& response) {
    return response.prepared ? response.prepared->status : response.status;
}

std::string field_of(const Response& response, const std::string& name) {
    if (!response.prepared) return std::string(response.headers.get(name));
    WireReply reply;
    reply.head = response.prepared->head;
    return reply.field(name);
}

class StaticFiles : public ::testing::Test {
  protected:
    StaticFiles() {
        write("index.html", "<h1>home</h1>");
        write("news/index.html", "<h1>news</h1>");
        write("a.css", "p{}");
        write("big.bin", std::string(2U << 20, 'b'));
        std::this_thread::sleep_for(60ms);  // a file that has just changed is served but not kept
        options.root = folder.path() / "public";
        options.recheck = 0ms;
    }
    void write(const std::string& path, const std::string& bytes) {
        const auto full = folder.path() / "public" / path;
        std::filesystem::create_directories(full.parent_path());
        std::ofstream(full.string() + ".new") << bytes;
        std::filesystem::rename(full.string() + ".new", full);
    }
    sys::TemporaryFolder folder;
    StaticOptions options;
};

TEST_F(StaticFiles, AreNotServedWhereTheKernelDoesNotKeepPathsInside) {
    EXPECT_THROW(sys::testing::run_without_openat2([&] { StaticTree tree(options); }), base::Error);
}

TEST_F(StaticFiles, AreFoundByPathAndFolder) {
    StaticTree tree(options);
    EXPECT_EQ(body_of(tree.answer(ask("/"))), "<h1>home</h1>");
    EXPECT_EQ(body_of(tree.answer(ask("/news/"))), "<h1>news</h1>");
    const Response folder_without_slash = tree.answer(ask("/news?x=1"));
    EXPECT_EQ(folder_without_slash.status, 301);
    EXPECT_EQ(folder_without_slash.headers.get("Location"), "/news/?x=1");
    const Response css = tree.answer(ask("/a.css"));
    EXPECT_EQ(field_of(css, "Content-Type"), "text/css; charset=utf-8");
    EXPECT_EQ(tree.answer(ask("/none.html")).status, 404);
    EXPECT_EQ(tree.answer(ask("/a.css/")).status, 404);
    const Response posted = tree.answer(ask("/", {}, "POST"));
    EXPECT_EQ(posted.status, 405);
    EXPECT_EQ(posted.headers.get("Allow"), "GET, HEAD");
}

TEST_F(StaticFiles, NothingOutsideTheFolderIsReached) {
    std::ofstream(folder.path() / "secret.txt") << "secret";
    std::filesystem::create_symlink(folder.path() / "secret.txt", options.root / "link.txt");
    std::filesystem::create_directory_symlink(folder.path(), options.root / "up");
    ASSERT_EQ(::mkfifo((options.root / "pipe").c_str(), 0644), 0);
    StaticTree tree(options);
    for (const char* target : {"/link.txt", "/up/secret.txt", "/pipe", "/news%2Findex.html", "//index.html",
                               "/%2Fetc%2Fpasswd", "/news%5C..%5Ca.css"}) {
        SCOPED_TRACE(target);
        EXPECT_EQ(tree.answer(ask(target)).status, 404);
    }
    EXPECT_FALSE(parse_target("/../secret.txt"));
    EXPECT_FALSE(parse_target("/%2e%2e/secret.txt"));
}

TEST_F(StaticFiles, AreKeptInMemoryUntilTheyAreReplacedByRename) {
    StaticTree tree(options);
    EXPECT_EQ(body_of(tree.answer(ask("/"))), "<h1>home</h1>");
    const Response again = tree.answer(ask("/"));
    EXPECT_TRUE(again.prepared);
    EXPECT_EQ(again.prepared->body, "<h1>home</h1>");
    EXPECT_EQ(tree.numbers().hits, 1U);
    write("index.html", "<h1>next</h1>");  // of the same length
    EXPECT_EQ(body_of(tree.answer(ask("/"))), "<h1>next</h1>");
    std::this_thread::sleep_for(60ms);
    tree.answer(ask("/"));
    EXPECT_EQ(body_of(tree.answer(ask("/"))), "<h1>next</h1>");
    EXPECT_EQ(tree.numbers().hits, 2U);
    std::filesystem::remove(options.root / "index.html");
    EXPECT_EQ(tree.answer(ask("/")).status, 404);
}

TEST_F(StaticFiles, AChangeIsSeenWithinTheRecheckTime) {
    options.recheck = 100ms;
    StaticTree tree(options);
    tree.answer(ask("/"));
    write("index.html", "<h1>next</h1>");
    std::this_thread::sleep_for(150ms);
    EXPECT_EQ(body_of(tree.answer(ask("/"))), "<h1>next</h1>");
}

TEST_F(StaticFiles, AWriteInPlaceThatPutsTheTimesBackIsSeenToo) {
    StaticTree tree(options);
    tree.answer(ask("/"));
    ASSERT_TRUE(tree.answer(ask("/")).prepared);
    const auto path = options.root / "index.html";
    const auto time = std::filesystem::last_write_time(path);
    std::fstream(path) << "<h1>EVIL</h1>";
    std::filesystem::last_write_time(path, time);
    EXPECT_EQ(body_of(tree.answer(ask("/"))), "<h1>EVIL</h1>");
}

TEST_F(StaticFiles, KeepNoMoreInMemoryThanAllowed) {
    for (int i = 0; i < 50; ++i) write(fmt::format("p{}.html", i), std::string(10'000, 'x'));
    std::this_thread::sleep_for(60ms);
    options.cache_bytes = 100'000;
    StaticTree tree(options);
    for (int i = 0; i < 50; ++i) tree.answer(ask(fmt::format("/p{}.html", i)));
    EXPECT_LE(tree.numbers().bytes, 100'000U);
    EXPECT_GE(tree.numbers().entries, 5U);
    tree.forget();
    EXPECT_EQ(tree.numbers().entries, 0U);
    EXPECT_EQ(tree.numbers().bytes, 0U);
}

TEST_F(StaticFiles, AnswerConditionsAndRangesAlikeFromMemoryAndFromDisk) {
    for (const std::string& path : {std::string("/index.html"), std::string("/big.bin")}) {
        SCOPED_TRACE(path);
        StaticTree tree(options);
        const Response first = tree.answer(ask(path));
        const std::string etag = field_of(first, "ETag");
        const std::string all = body_of(first);
        ASSERT_GT(etag.size(), 10U);
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(status_of_reply(tree.answer(ask(path, {{"If-None-Match", etag}}))), 304);
            EXPECT_EQ(status_of_reply(tree.answer(ask(path, {{"If-None-Match", "\"other\""}}))), 200);
            EXPECT_EQ(
                status_of_reply(tree.answer(ask(path, {{"If-Modified-Since", field_of(first, "Last-Modified")}}))),
                304);
            EXPECT_EQ(status_of_reply(tree.answer(ask(path, {{"If-Match", "\"other\""}}))), 412);
            const Response part = tree.answer(ask(path, {{"Range", "bytes=4-8"}}));
            EXPECT_EQ(part.status, 206);
            EXPECT_EQ(body_of(part), all.substr(4, 5));
            EXPECT_EQ(part.headers.get("Content-Range"), fmt::format("bytes 4-8/{}", all.size()));
            EXPECT_EQ(tree.answer(ask(path, {{"Range", "bytes=99999999-"}})).status, 416);
            EXPECT_EQ(status_of_reply(tree.answer(ask(path, {{"Range", "bytes=0-1,3-4"}}))), 200);
            EXPECT_EQ(status_of_reply(tree.answer(ask(path, {{"Range", "bytes=0-1"}, {"If-Range", "\"old\""}}))), 200);
        }
    }
}

TEST_F(StaticFiles, TakeTypeHeadersRedirectsAndTwinsFromTheRelease) {
    const std::string home = "<h1>home</h1>";
    std::map<std::string, StaticEntry> entries;
    entries["index.html"] = {
        "text/html; charset=Shift_JIS", {{"X-Robots-Tag", "noindex"}}, sys::sha256(home), home.size(), "", 301};
    entries["old"].redirect = "/new/";
    options.find_entry = [&](const std::string& path) -> std::optional<StaticEntry> {
        const auto found = entries.find(path);
        if (found == entries.end()) return std::nullopt;
        return found->second;
    };
    const auto twin_path = folder.path() / "twin";
    std::ofstream(twin_path) << "GZIPPED";
    options.open_twin = [&](const base::Hash& hash, Coding coding) {
        const bool is_ours = hash == sys::sha256(home) && coding == Coding::Gzip;
        return is_ours ? sys::Descriptor(::open(twin_path.c_str(), O_RDONLY | O_CLOEXEC)) : sys::Descriptor();
    };
    options.unknown = StaticOptions::Unknown::Refuse;
    options.not_found_path = "news/index.html";
    StaticTree tree(options);
    for (int i = 0; i < 2; ++i) {
        const Response plain = tree.answer(ask("/"));
        EXPECT_EQ(body_of(plain), home);
        EXPECT_EQ(field_of(plain, "Content-Type"), "text/html; charset=Shift_JIS");
        EXPECT_EQ(field_of(plain, "X-Robots-Tag"), "noindex");
        EXPECT_EQ(field_of(plain, "Vary"), "Accept-Encoding");
        const Response packed = tree.answer(ask("/", {{"Accept-Encoding", "gzip, deflate, br"}}));
        EXPECT_EQ(body_of(packed), "GZIPPED");
        EXPECT_EQ(field_of(packed, "Content-Encoding"), "gzip");
        EXPECT_NE(field_of(packed, "ETag"), field_of(plain, "ETag"));
    }
    EXPECT_EQ(tree.answer(ask("/old")).headers.get("Location"), "/new/");
    const Response unknown = tree.answer(ask("/a.css"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(body_of(unknown), "<h1>news</h1>");
    // A page that is not what the release promises is never answered with the promise's twin.
    write("index.html", "<h1>EVIL</h1>");
    EXPECT_EQ(body_of(tree.answer(ask("/", {{"Accept-Encoding", "gzip"}}))), "<h1>EVIL</h1>");
}

TEST_F(StaticFiles, AreServedOverTheWire) {
    StaticTree tree(options);
    ServerOptions server_options;
    server_options.address = "127.0.0.1:0";
    Server server(server_options, {},
                  [&](const Request& request) -> std::optional<Response> { return tree.answer(request); });
    server.start();
    Wire wire(server.port());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(wire.ask(get_line("/")).body, "<h1>home</h1>");
        EXPECT_EQ(wire.ask(get_line("/big.bin")).body, std::string(2U << 20, 'b'));
        wire.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        const WireReply head = wire.receive(true);
        EXPECT_EQ(head.field("Content-Length"), "13");
        EXPECT_EQ(head.field("Date").size(), 29U);
        const WireReply unchanged =
            wire.ask("GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + head.field("ETag") + "\r\n\r\n");
        EXPECT_EQ(unchanged.status, 304);
        EXPECT_EQ(unchanged.field("Content-Length"), "");
        EXPECT_EQ(wire.ask("GET /big.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=-3\r\n\r\n").body, "bbb");
    }
}

}  // namespace
}  // namespace http
