// One list of requests, asked of the embedded public server and of a real nginx with the configuration that
// `site nginx-config` writes, over a site with awkward names: both have to answer alike. Where they may differ, the row
// says how and why. Left out: time-outs and connection limits, which each server has tests of its own for.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <boost/json.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/text.h"
#include "ground/release/log.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;
using release::Change;
using release::Entry;

// ---- the two servers

/// A program in the background, ended by its own process id.
class Background {
  public:
    Background(const std::vector<std::string>& arguments, const fs::path& output) {
        std::vector<char*> raw;
        for (const std::string& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
        raw.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ != 0) return;
        const int to = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(to, STDOUT_FILENO);
        ::dup2(to, STDERR_FILENO);
        ::execv(raw[0], raw.data());
        ::_exit(127);
    }
    ~Background() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

  private:
    pid_t pid_;
};

sys::Descriptor connect_to(int port) {
    sys::Descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(made.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return {};
    return made;
}

int free_port() {
    const sys::Descriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(probe.get(), reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&at), &size), 0);
    return ntohs(at.sin_port);
}

bool comes_up(int port) {
    for (int i = 0; i < 200; ++i) {
        if (connect_to(port)) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

// ---- what is asked and answered

struct Reply {
    int status = 0;
    std::string head, body;
    std::string field(std::string_view name) const {
        std::string found;
        for (const std::string_view line : base::split(head, '\n')) {
            const auto colon = line.find(':');
            if (colon == std::string_view::npos || !base::equals_ignoring_case(line.substr(0, colon), name)) continue;
            const std::string value(base::trim(line.substr(colon + 1)));
            if (status == 416 && found == value) continue;  // nginx adds its fields once before it finds the range bad
            found += (found.empty() ? "" : " || ") + value;
        }
        return found;
    }
};

/// Everything that comes until the server closes.
std::string talk_to(int port, std::string_view bytes) {
    const sys::Descriptor socket = connect_to(port);
    if (::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return {};
    std::string all;
    pollfd waiting{socket.get(), POLLIN, 0};
    char scratch[65536];
    while (::poll(&waiting, 1, 5000) > 0) {
        const ssize_t got = ::recv(socket.get(), scratch, sizeof scratch, 0);
        if (got <= 0) break;
        all.append(scratch, static_cast<std::size_t>(got));
    }
    return all;
}

std::string join_chunks(std::string_view chunked) {
    std::string body;
    while (true) {
        const auto end = chunked.find("\r\n");
        if (end == std::string_view::npos) return body;
        const std::size_t size = std::stoul(std::string(chunked.substr(0, end)), nullptr, 16);
        if (size == 0) return body;
        body += chunked.substr(end + 2, size);
        chunked.remove_prefix(end + 2 + size + 2);
    }
}

Reply parse(const std::string& bytes) {
    Reply reply;
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) return reply;
    reply.head = bytes.substr(0, end + 2);
    reply.body = bytes.substr(end + 4);
    reply.status = std::stoi(reply.head.substr(9, 3));
    if (reply.field("Transfer-Encoding") == "chunked") reply.body = join_chunks(reply.body);
    return reply;
}

std::string gzip(const char* option, const std::string& bytes) {
    sys::Command command;
    command.arguments = {"gzip", option};
    command.input = bytes;
    return sys::run(command).output;
}

/// What may differ in a row.
enum May : unsigned { Nothing = 0, Body = 1, Type = 2, Coding = 4, Ranges = 8, Modified = 16 };

struct Ask {
    std::string line;    ///< "GET /", the version is added when there is none
    std::string fields;  ///< {etag} and {modified} are the server's own of /
    int status;          ///< of both,
    int of_nginx = 0;    ///< unless nginx differs
    unsigned may = Nothing;
    const char* why = "";
};

const char* const kOwnText = "an error's text is each server's own";

const std::string kSjisPage = "<html><head><meta charset=Shift_JIS><title>\x8e\x52\x90\xec</title></head></html>\n";
const std::string kLong = [] {
    std::string text = "<!doctype html><meta charset=utf-8><title>長い</title>";
    for (int i = 0; i < 2000; ++i) text += "<p>" + std::to_string(i) + " 行目の本文です。</p>\n";
    return text;
}();

class Parity : public ::testing::Test {
  protected:
    static Change page(const std::string& path, const std::string& body, const std::string& type = "text/html",
                       const std::string& charset = "utf-8", int status = 200,
                       std::vector<std::pair<std::string, std::string>> headers = {}) {
        write_tree(site().public_folder(), {{path, body}});
        Entry entry;
        entry.path = path;
        entry.hash = sys::sha256(body);
        entry.size = static_cast<std::int64_t>(body.size());
        entry.type = type;
        entry.charset = charset;
        entry.status = status;
        entry.headers = std::move(headers);
        return Change::put(entry);
    }
    static Change bodiless(const std::string& path, int status, const std::string& location = "") {
        Entry entry;
        entry.path = path;
        entry.status = status;
        entry.location = location;
        return Change::put(entry);
    }
    static TestSite& site() { return *site_; }

    static void make_release() {
        release::Record record;
        record.site = "parity";
        record.number = 1;
        record.at = base::Instant{1'790'000'000'000};
        auto& put = record.changes;
        put.push_back(page("index.html", "<!doctype html><title>山川市</title>" + std::string(400, 'x')));
        put.push_back(page("long.html", kLong));
        put.push_back(page("news/index.html", "news"));
        put.push_back(page("news/a.html", "a"));
        put.push_back(page("くらし/ごみ の日.html", "gomi"));
        put.push_back(page("くらし/index.html", "kurashi"));
        put.push_back(page("odd/100%.html", "percent"));
        put.push_back(page("odd/quo\"te'.html", "quotes"));
        put.push_back(page("odd/$uri;{}.html", "dollar"));
        put.push_back(page("odd/back\\slash.html", "backslash"));
        put.push_back(page("odd/$sjis \"{;}'\\.html", kSjisPage, "text/html", "shift_jis"));
        put.push_back(page("odd/new\nline.html", kSjisPage, "text/html", "shift_jis"));
        put.push_back(page("odd/\x8e\x52.html", kSjisPage, "text/html", "shift_jis"));  // no UTF-8
        put.push_back(page("old/sjis.html", kSjisPage, "text/html", "shift_jis"));
        put.push_back(page("case/A.html", kSjisPage, "text/html", "shift_jis"));
        put.push_back(page("case/a.html", "utf", "text/html", "euc-jp"));
        put.push_back(page("case/B.html", kSjisPage, "text/html", "shift_jis"));
        put.push_back(page("case/b.html", "usual"));
        put.push_back(page("README", "no ending", "text/plain", "utf-8"));
        put.push_back(page("style.css", "body { color: black }", "text/css", "utf-8"));
        put.push_back(page("data.CSV", "a,b\n", "text/csv", "shift_jis"));
        put.push_back(
            page("photo.png", std::string("\x89PNG\r\n\x1a\n", 8) + std::string(3000, '\7'), "image/png", ""));
        put.push_back(page("form.pdf", "%PDF", "application/pdf", "", 200,
                           {{"content-disposition", "attachment"}, {"referrer-policy", "no-referrer"}}));
        put.push_back(page("empty.txt", "", "text/plain", "utf-8"));
        put.push_back(page(".well-known/security.txt", "Contact: mailto:a@example.jp", "text/plain", "utf-8"));
        put.push_back(page(".htaccess", "deny from all", "text/plain", ""));
        put.push_back(page("news/.git/HEAD", "secret", "text/plain", ""));
        put.push_back(page(".well-known/.draft/a.txt", "secret", "text/plain", "utf-8"));
        put.push_back(bodiless(".old.html", 301, "/news/a.html"));
        put.push_back(page("404.html", "<p>ありません</p>", "text/html", "utf-8", 404));
        put.push_back(page("410.html", "<p>掲載を終了しました</p>", "text/html", "utf-8", 410));
        put.push_back(page("503.html", "<p>混雑</p>", "text/html", "utf-8", 503));
        put.push_back(bodiless("moved.html", 301, "/news/a.html"));
        put.push_back(bodiless("Moved-Case.html", 302, "/moved-case.html"));
        put.push_back(page("moved-case.html", "the other case"));
        put.push_back(bodiless("temporary/index.html", 307, "https://example.jp/?a=$b&c=\"d\""));
        put.push_back(bodiless("いどう.html", 308, "/%E3%81%8F%E3%82%89%E3%81%97/"));
        put.push_back(bodiless("gone.html", 410));
        const auto key = release::load_press_key(site().folder() / "keys");
        release::Manifest manifest;
        manifest.apply(put);
        const auto summary = manifest.summary();
        record.root = summary.root;
        record.files = summary.files;
        record.bytes = summary.bytes;
        release::Log(site().folder() / "releases").append(release::write_record(record, key));
        const std::string name = sys::sha256(kLong).hex();
        write_tree(site().folder() / "variants", {{name.substr(0, 2) + "/" + name + ".gz", gzip("-c", kLong)}});
    }

    static void SetUpTestSuite() {
        ::signal(SIGPIPE, SIG_IGN);
        site_ = std::make_unique<TestSite>("sqlite");
        make_release();
        write_tree(
            site().folder() / "others/gikai",
            {{"index.html", "gikai"}, {"minutes/r7.txt", "議事録"}, {".htaccess", "secret"}, {"a b.PDF", "%PDF"}});
        write_tree(site().public_folder(), {{".env", "secret"}, {"news/.git/config", "secret"}});
        fs::create_directories(site().public_folder() / "empty");
        write_tree(site().beside("outside"), {{"secret.html", "secret"}});
        fs::create_symlink(site().beside("outside/secret.html"), site().public_folder() / "link.html");
        fs::create_directory_symlink(site().beside("outside"), site().folder() / "others/gikai/out");
        std::ofstream(site().folder() / "yakuba.toml", std::ios::app)
            << "\n[[others]]\npath = \"/gikai/\"\nfolder = \"others/gikai\"\n";
        // The change times settle, so that the embedded server keeps what it reads.
        std::this_thread::sleep_for(std::chrono::milliseconds(60));

        nginx_port_ = free_port();
        const fs::path work = site().beside("nginx");
        fs::create_directories(work);
        const auto made = site().json({"site", "nginx-config", "--output", (work / "site.conf").string(), "--listen",
                                       "127.0.0.1:" + std::to_string(nginx_port_)});
        ASSERT_EQ(made.at("left_out"), 0);
        std::ofstream main(work / "nginx.conf");
        main << "daemon off; worker_processes 1; error_log stderr; pid " << (work / "pid").string() << ";\n"
             << (::geteuid() == 0 ? "user root;\n" : "")
             << "events { worker_connections 256; }\nhttp { access_log off;\n";
        for (const char* each : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            main << each << "_temp_path " << (work / each).string() << ";\n";
        main << "include " << (work / "site.conf").string() << "; }\n";
        main.close();
        nginx_ = std::make_unique<Background>(std::vector<std::string>{"/usr/sbin/nginx", "-p", work.string(), "-e",
                                                                       "stderr", "-c", (work / "nginx.conf").string()},
                                              work / "log");
        ASSERT_TRUE(comes_up(nginx_port_)) << sys::read_file(work / "log");

        own_port_ = free_port();
        own_ = std::make_unique<Background>(
            std::vector<std::string>{program_path("yakuba"), "--site", site().folder().string(), "serve", "--role",
                                     "public", "--public", "127.0.0.1:" + std::to_string(own_port_)},
            site().beside("own.log"));
        ASSERT_TRUE(comes_up(own_port_)) << sys::read_file(site().beside("own.log"));
    }
    static void TearDownTestSuite() {
        own_.reset();
        nginx_.reset();
        site_.reset();
    }

    static Reply ask(int port, const Ask& what) {
        std::string fields = what.fields;
        if (fields.find('{') != std::string::npos) {
            const Reply front = parse(talk_to(port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
            const auto fill = [&](const std::string& mark, const std::string& value) {
                if (const auto at = fields.find(mark); at != std::string::npos) fields.replace(at, mark.size(), value);
            };
            fill("{etag}", front.field("ETag"));
            fill("{modified}", front.field("Last-Modified"));
        }
        if (!fields.empty()) fields += "\r\n";
        const bool has_version = what.line.find(" HTTP/") != std::string::npos;
        return parse(talk_to(port, what.line + (has_version ? "" : " HTTP/1.1") +
                                       "\r\nHost: www.example.jp\r\nConnection: close\r\n" + fields + "\r\n"));
    }

    static void compare(const Ask& what) {
        SCOPED_TRACE(what.line.substr(0, 120) + "  " + what.fields);
        Reply own = ask(own_port_, what), nginx = ask(nginx_port_, what);
        EXPECT_EQ(own.status, what.status) << own.head;
        EXPECT_EQ(nginx.status, what.of_nginx != 0 ? what.of_nginx : what.status) << nginx.head;
        EXPECT_EQ(what.may != Nothing || what.of_nginx != 0, *what.why != '\0') << "a difference needs its reason";
        for (const char* name :
             {"Location", "Referrer-Policy", "X-Content-Type-Options", "Content-Disposition", "Allow"})
            EXPECT_EQ(own.field(name), nginx.field(name)) << name << "\n" << own.head << nginx.head;
        EXPECT_FALSE(own.field("X-Content-Type-Options").empty());
        EXPECT_EQ(nginx.field("Server"), "nginx") << "no version";
        if ((what.may & Type) == 0) {
            EXPECT_EQ(own.field("Content-Type"), nginx.field("Content-Type"));
        }
        if ((what.may & Coding) == 0) {
            EXPECT_EQ(own.field("Content-Encoding"), nginx.field("Content-Encoding"));
        }
        if ((what.may & Ranges) == 0) {
            EXPECT_EQ(own.field("Content-Range"), nginx.field("Content-Range"));
        }
        if ((what.may & (Body | Modified)) == 0) {
            EXPECT_EQ(own.field("Last-Modified"), nginx.field("Last-Modified"));
        }
        for (Reply* reply : {&own, &nginx})
            if (reply->field("Content-Encoding") == "gzip" && !reply->body.empty())
                reply->body = gzip("-dc", reply->body);
        if ((what.may & Body) == 0) {
            EXPECT_EQ(own.body, nginx.body);
        }
    }

    static inline std::unique_ptr<TestSite> site_;
    static inline std::unique_ptr<Background> own_, nginx_;
    static inline int own_port_ = 0, nginx_port_ = 0;
};

}  // namespace

TEST_F(Parity, OfFilesWithAwkwardNamesAndTheirTypes) {
    for (const Ask& each : std::vector<Ask>{
             {"GET /", "", 200},
             {"HEAD /", "", 200},
             {"GET /index.html", "", 200},
             {"GET /?a=b&c=%E3%81%82", "", 200},
             {"GET /long.html", "", 200},
             {"GET /news/", "", 200},
             {"GET /news", "", 301, 0, Body | Type, kOwnText},
             {"HEAD /news", "", 301, 0, Type, kOwnText},
             {"GET /news?x=1", "", 301, 0, Body | Type, kOwnText},
             {"GET /%E3%81%8F%E3%82%89%E3%81%97", "", 301, 0, Body | Type, kOwnText},
             {"GET /%E3%81%8F%E3%82%89%E3%81%97/", "", 200},
             {"GET /%E3%81%8F%E3%82%89%E3%81%97/%E3%81%94%E3%81%BF%20%E3%81%AE%E6%97%A5.html", "", 200},
             {"GET /%e3%81%8f%e3%82%89%e3%81%97/%e3%81%94%e3%81%bf%20%e3%81%ae%e6%97%a5.html", "", 200},
             {"GET /odd/100%25.html", "", 200},
             {"GET /odd/quo%22te'.html", "", 200},
             {"GET /odd/$uri;%7B%7D.html", "", 200},
             {"GET /odd/back%5Cslash.html", "", 200},
             {"GET /odd/$sjis%20%22%7B;%7D'%5C.html", "", 200},
             {"GET /odd/new%0Aline.html", "", 200},
             {"GET /odd/%8E%52.html", "", 200},
             {"GET /old/sjis.html", "", 200},
             {"GET /OLD/sjis.html", "", 404},
             {"GET /case/A.html", "", 200},
             {"GET /case/a.html", "", 200},
             {"GET /case/B.html", "", 200},
             {"GET /case/b.html", "", 200},
             {"GET /README", "", 200},
             {"GET /style.css", "", 200},
             {"GET /data.CSV", "", 200},
             {"GET /photo.png", "", 200},
             {"GET /form.pdf", "", 200},
             {"GET /empty.txt", "", 200},
             {"GET /.well-known/security.txt", "", 200},
             {"GET /404.html", "", 200},
         })
        compare(each);
}

TEST_F(Parity, OfRedirectsErrorsAndWhatIsRefused) {
    for (const Ask& each : std::vector<Ask>{
             {"GET /moved.html", "", 301, 0, Body | Type, kOwnText},
             {"HEAD /moved.html", "", 301, 0, Type, kOwnText},
             {"GET /moved.html?x=1", "", 301, 0, Body | Type, kOwnText},
             {"GET /Moved-Case.html", "", 302, 0, Body | Type, kOwnText},
             {"GET /moved-case.html", "", 200},
             {"GET /temporary/", "", 307, 0, Body | Type, kOwnText},
             {"GET /%E3%81%84%E3%81%A9%E3%81%86.html", "", 308, 0, Body | Type, kOwnText},
             {"GET /gone.html", "", 410},
             {"GET /missing.html", "", 404},
             {"HEAD /missing.html", "", 404},
             {"GET /missing/", "", 404},
             {"GET /empty/", "", 404},
             {"GET /index.html/", "", 404},
             {"GET /news//a.html", "", 404},
             {"GET //news/a.html", "", 404},
             {"GET /news%2Fa.html", "", 404},
             {"GET /.env", "", 404},
             {"GET /.htaccess", "", 404},  // though a release has these: a taken-over tree may hold them
             {"GET /%2ehtaccess", "", 404},
             {"GET /news/.git/HEAD", "", 404},
             {"GET /.well-known/.draft/a.txt", "", 404},
             {"GET /.well-known/", "", 404},
             {"GET /.well-known", "", 404},
             {"GET /.old.html", "", 404},
             {"GET /news/.git/config", "", 404},
             {"GET /link.html", "", 404},
             {"GET /missing.html", "If-None-Match: *", 404},
             {"GET /missing.html", "Range: bytes=0-1", 404},
             {"GET /../etc/passwd", "", 400, 0, Body | Type, kOwnText},
             {"GET /news/../index.html", "", 400, 0, Body | Type, kOwnText},
             {"GET /news/./a.html", "", 400, 0, Body | Type, kOwnText},
             {"GET /%2e%2e/index.html", "", 400, 0, Body | Type, kOwnText},
             {"GET /news/%2E./index.html", "", 400, 0, Body | Type, kOwnText},
             {"GET /..%2findex.html", "", 404, 400, Body | Type,
              "nginx decodes before it looks for dot-dot; both refuse"},
             {"GET /a%00b", "", 400, 0, Body | Type, kOwnText},
             {"GET /a%zz", "", 400, 0, Body | Type, kOwnText},
             {"GET /?a=%zz", "", 400, 0, Body | Type, kOwnText},
             {"GET /\xe3\x81\x82", "", 400, 0, Body | Type, kOwnText},
             {"GET /a\"b", "", 400, 0, Body | Type, kOwnText},
             {"GET http://www.example.jp/", "", 400, 0, Body | Type, kOwnText},
             {"GET /" + std::string(9000, 'a'), "", 414, 0, Body | Type, kOwnText},
             {"GET /" + std::string(300, 'a'), "", 404},
             {"POST /", "Content-Length: 3\r\n\r\na=b", 405, 0, Body | Type, kOwnText},
             {"OPTIONS /", "", 405, 0, Body | Type, kOwnText},
             {"DELETE /index.html", "", 405, 0, Body | Type, kOwnText},
             {"PUT /new.html", "Content-Length: 0", 405, 0, Body | Type, kOwnText},
             {"PROPFIND /", "", 405, 0, Body | Type, kOwnText},
             {"GET / HTTP/1.0", "", 200},
             {"GET /missing.html HTTP/1.0", "", 404},
         })
        compare(each);
}

TEST_F(Parity, OfConditionalPartialAndCompressedReplies) {
    for (const Ask& each : std::vector<Ask>{
             {"GET /", "If-None-Match: {etag}", 304},
             {"HEAD /", "If-None-Match: {etag}", 304},
             {"GET /", "If-None-Match: \"other\", {etag}", 304},
             {"GET /", "If-None-Match: \"other\"", 200},
             {"GET /", "If-None-Match: *", 304},
             {"GET /", "If-Modified-Since: {modified}", 304},
             {"GET /", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT", 304},
             {"GET /", "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT", 200},
             {"GET /", "If-None-Match: \"other\"\r\nIf-Modified-Since: {modified}", 200},
             {"GET /", "If-Match: \"other\"", 412, 0, Body | Type, kOwnText},
             {"GET /", "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT", 412, 0, Body | Type, kOwnText},
             {"GET /long.html", "Range: bytes=0-99", 206},
             {"GET /long.html", "Range: bytes=100-", 206},
             {"GET /long.html", "Range: bytes=-50", 206},
             {"GET /long.html", "Range: bytes=-99999999", 206},
             {"GET /long.html", "Range: bytes=9999999-", 416, 0, Body | Type, kOwnText},
             {"GET /long.html", "Range: bytes=0-1,5-6", 200},
             {"GET /long.html", "Range: lines=0-1", 200},
             {"GET /long.html", "Range: bytes=5-2", 200, 416, Body | Type | Ranges,
              "RFC 9110 section 14.2 lets a server ignore a bad range or refuse it; nginx refuses"},
             {"HEAD /long.html", "Range: bytes=0-99", 200, 206, Ranges,
              "RFC 9110 has ranges for GET; nginx also for HEAD"},
             {"GET /", "Range: bytes=0-9\r\nIf-Range: {etag}", 206},
             {"GET /", "Range: bytes=0-9\r\nIf-Range: {modified}", 200, 206, Body | Ranges,
              "a date is a weak validator (RFC 9110 section 13.1.5); nginx takes it, the embedded server sends all"},
             {"GET /", "Range: bytes=0-9\r\nIf-Range: \"other\"", 200},
             {"GET /long.html", "Accept-Encoding: gzip", 200},
             {"HEAD /long.html", "Accept-Encoding: gzip", 200},
             {"GET /long.html", "Accept-Encoding: gzip, deflate, br", 200},
             {"GET /long.html HTTP/1.0", "Accept-Encoding: gzip", 200},
             {"GET /long.html", "Accept-Encoding: gzip;q=0", 200},
             {"GET /long.html", "Accept-Encoding: identity", 200},
             {"GET /photo.png", "Accept-Encoding: gzip", 200},
             {"GET /missing.html", "Accept-Encoding: gzip", 404},
         })
        compare(each);
}

TEST_F(Parity, OfAreasOfAnotherWriter) {
    for (const Ask& each : std::vector<Ask>{
             {"GET /gikai/", "", 200},
             {"HEAD /gikai/index.html", "", 200},
             {"GET /gikai", "", 301, 0, Body | Type, kOwnText},
             {"GET /gikai?x=1", "", 301, 0, Body | Type, kOwnText},
             {"GET /gikai/minutes/r7.txt", "", 200},
             {"GET /gikai/minutes/r7.txt", "Range: bytes=3-5", 206},
             {"GET /gikai/minutes", "", 301, 0, Body | Type, kOwnText},
             {"GET /gikai/minutes/", "", 404},
             {"GET /gikai/a%20b.PDF", "", 200},
             {"GET /gikai/missing.html", "", 404},
             {"GET /gikai/.htaccess", "", 404},
             {"GET /gikai/out/secret.html", "", 404},
             {"GET /gikai/%2e%2e/index.html", "", 400, 0, Body | Type, kOwnText},
             {"POST /gikai/", "Content-Length: 0", 405, 0, Body | Type, kOwnText},
         })
        compare(each);
}

TEST_F(Parity, OfConnectionsThatStayOpen) {
    const std::string two =
        "GET /news/a.html HTTP/1.1\r\nHost: a\r\n\r\nGET /style.css HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    for (const int port : {own_port_, nginx_port_}) {
        const std::string all = talk_to(port, two);
        const auto first = all.find("\r\n\r\na"), second = all.find("body { color: black }");
        EXPECT_NE(first, std::string::npos) << all;
        EXPECT_NE(second, std::string::npos) << all;
        EXPECT_LT(first, second);
    }
}

// A file that no release knows: the embedded server asks the manifest, nginx has none. The guard finds the file.
TEST_F(Parity, OfAnEmergencyStop) {
    const auto field = [](int port, const char* name) { return ask(port, {"GET /news/a.html"}).field(name); };
    site().json({"site", "stop", "public", "--reason", "改ざんの疑い", "--notice", "点検中です。"});
    for (int i = 0; i < 100 && ask(own_port_, {"GET /"}).status != 503; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    for (const Ask& each : std::vector<Ask>{{"GET /", "", 503},
                                            {"HEAD /", "", 503},
                                            {"GET /news/a.html", "", 503},
                                            {"GET /moved.html", "", 503},
                                            {"GET /missing.html", "", 503},
                                            {"GET /gikai/minutes/r7.txt", "", 503}})
        compare(each);
    for (const int port : {own_port_, nginx_port_}) {
        EXPECT_EQ(field(port, "Retry-After"), "3600");
        EXPECT_EQ(field(port, "Cache-Control"), "no-store");
        EXPECT_NE(ask(port, {"GET /"}).body.find("点検中です。"), std::string::npos);
    }
    site().json({"site", "resume", "public", "--reason", "点検が終わった"});
    for (int i = 0; i < 100 && ask(own_port_, {"GET /"}).status != 200; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    compare({"GET /", "", 200});
}

TEST_F(Parity, EndsAtFilesThatNoReleaseKnows) {
    write_tree(site().public_folder(), {{"slipped-in.html", "x"}});
    compare({"GET /slipped-in.html", "", 404, 200, Body | Type | Modified, "nginx reads no manifest"});
    EXPECT_EQ(site().run({"guard", "verify"}).exit_code, 1);
}

TEST_F(Parity, IsKeptFromAddressesThatAreNone) {
    const auto outcome = site().run({"site", "nginx-config", "--listen", "80; include /etc/passwd"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.errors.find("no address to listen on"), std::string::npos) << outcome.errors;
}

}  // namespace tests
