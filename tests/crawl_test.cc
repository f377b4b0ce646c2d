// A site that is only there over HTTP comes in by crawl: a real server on loopback, with what old servers do.

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "flow/publish_site.h"
#include "flow/take_over_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/http/server.h"
#include "ground/sys/testing/databases.h"
#include "press/content/redirects.h"
#include "press/content/store.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;
using Tree = std::map<std::string, std::string>;

/// Serves `files` as a server of files does, and `special` before them; counts what it is asked.
class OldServer {
  public:
    Tree files;
    std::map<std::string, http::Response> special;
    std::function<void(const std::string& path)> on_request;

    OldServer() : server_(options(), [this](http::Request& request) { return answer(request); }) { server_.start(); }
    std::string url(const std::string& path = "/") const { return server_.url() + path; }
    int asked(const std::string& target) {
        const std::lock_guard lock(mutex_);
        return asked_[target];
    }
    int asked_in_all() {
        const std::lock_guard lock(mutex_);
        int sum = 0;
        for (const auto& [target, count] : asked_) sum += count;
        return sum;
    }

  private:
    static http::ServerOptions options() {
        http::ServerOptions made;
        made.address = "127.0.0.1:0";
        return made;
    }
    http::Response answer(http::Request& request) {
        const std::lock_guard lock(mutex_);
        ++asked_[request.target];
        if (on_request) on_request(request.path);
        if (const auto found = special.find(request.target); found != special.end()) return found->second;
        std::string path = base::percent_decode(request.path.substr(1)).value_or("");
        if (path.empty() || path.ends_with('/')) path += "index.html";
        const auto found = files.find(path);
        if (found == files.end()) {
            if (files.contains(path + "/index.html")) return http::redirect(301, request.path + "/");
            return http::not_found();
        }
        http::Response response;
        response.headers.set("Content-Type", path.ends_with(".html")  ? "text/html"
                                             : path.ends_with(".css") ? "text/css"
                                             : path.ends_with(".xml") ? "application/xml"
                                                                      : "application/octet-stream");
        response.headers.set("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
        response.body = found->second;
        return response;
    }

    std::mutex mutex_;  ///< guards everything while the server runs
    std::map<std::string, int> asked_;
    http::Server server_;
};

http::Response with(int status, std::initializer_list<http::Headers::Field> headers, std::string body = "") {
    http::Response response;
    response.status = status;
    for (const auto& [name, value] : headers) response.headers.set(name, value);
    response.body = std::move(body);
    return response;
}

class Crawl : public testing::TestWithParam<std::string> {
  protected:
    sys::TemporaryFolder folder_;
    sys::testing::TestDatabase store_;
    base::SystemClock clock_;
    OldServer old_;
    std::unique_ptr<flow::Site> site_;
    flow::TakeoverOptions options_;

    void SetUp() override {
        const sys::DatabaseOptions database = store_.make_empty(GetParam());
        flow::init_site({folder_.path() / "site", "桜川市", database.url, database.schema}, clock_);
        site_ = flow::Site::open(folder_.path() / "site", clock_);
        options_.delay = std::chrono::milliseconds(0);
    }
    flow::TakenOver take(const std::string& path = "/") {
        return flow::take_over_site(*site_, old_.url(path), options_);
    }
    Tree published() {
        flow::publish_site(*site_, {});
        Tree tree;
        const fs::path root = site_->folders.document_root;
        for (const auto& item : fs::recursive_directory_iterator(root))
            if (item.is_regular_file())
                tree[item.path().lexically_relative(root).string()] = sys::read_file(item.path());
        return tree;
    }
    std::string reason_of(const flow::TakenOver& taken, const std::string& path) {
        for (const auto& one : taken.skipped)
            if (one.path == path || one.address == path) return one.reason;
        return "";
    }
    content::Page page(const std::string& path) {
        return *site_->database->read([&](sys::Reader& db) { return content::find_page(db, path); });
    }
    std::optional<content::Redirect> redirect(const std::string& path) {
        return site_->database->read([&](sys::Reader& db) { return content::find_redirect(db, path); });
    }
    std::size_t left_in_run() const {
        std::size_t count = 0;
        for (const auto& entry : fs::directory_iterator(site_->folders.run))
            if (entry.path().filename().string().starts_with("crawl-")) ++count;
        return count;
    }
};

}  // namespace

TEST_P(Crawl, BringsAStaticTreeByteForByte) {
    old_.files = {
        {"index.html",
         "<title>Home</title><link rel=stylesheet href=/css/a.css?v=3><a href=kurashi/>k</a><a href=kurashi>k</a>"},
        {"kurashi/index.html", "<frameset><frame src=menu.html><frame src='gomi.html#x'></frameset>\r\n"},
        {"kurashi/menu.html", "<a href=\"../file/\xe8\xa1\xa8.pdf\">f</a><img src=../img/%83%5C.gif>\r"},
        {"kurashi/gomi.html", "<meta charset=Shift_JIS><title>\x8e\x73</title><a href=/bosai.html>"},
        {"bosai.html", "<p style='background:url(img/bg.png)'>"},
        {"css/a.css", "@import 'b.css'; a{background:url(../img/c.png)}"},
        {"css/b.css", ""},
        {"img/\x83\x5c.gif", std::string("GIF89a\0\0", 8)},
        {"img/bg.png", "png"},
        {"img/c.png", std::string(300'000, 'c')},
        {"file/表.pdf", "%PDF-1.4"},
        {"only/by/sitemap.html", "<title>s</title>"},
        {"sitemap.xml", "<urlset><url><loc>" + old_.url("/only/by/sitemap.html") + "</loc></url></urlset>"},
        {"robots.txt", "User-agent: *\nDisallow:\n"},
        {"favicon.ico", "ico"}};
    const flow::TakenOver taken = take();
    for (const auto& one : taken.skipped) ADD_FAILURE() << one.path << one.address << ": " << one.reason;
    EXPECT_EQ(taken.files, static_cast<std::int64_t>(old_.files.size()));
    EXPECT_EQ(published(), old_.files);
    EXPECT_EQ(page("kurashi/gomi.html").title, "市");
    EXPECT_EQ(old_.asked("/kurashi/"), 1);
    EXPECT_EQ(left_in_run(), 0U) << "what was fetched is in the object store now";
    EXPECT_TRUE(reason_of(take(), "bosai.html").empty()) << "what came from there before is no conflict";
}

TEST_P(Crawl, ListsWhateverItLeavesBehindWithTheReason) {
    old_.files = {{"index.html",
                   "<a href=away.html><a href=/private/a.html><a href=http://www.example/x><a href=list.cgi?page=2>"
                   "<a href=big.bin><a href=broken.html><a href=program.php><a href=.htaccess><a href=mailto:a@b.c>"
                   "<a href=secret.html><form action=send.cgi></form><a href=second.html>"},
                  {"second.html", "<a href=away.html>"},
                  {"private/a.html", "private"},
                  {"big.bin", std::string(2 << 20, 'b')},
                  {"robots.txt", "User-agent: *\nDisallow: /private/\n"}};
    old_.special["/program.php"] = http::html("<p>made</p>");
    old_.special["/secret.html"] = with(403, {});
    old_.special["/broken.html"] = with(500, {});
    site_->settings.takeover.largest_file_mb = 1;
    const flow::TakenOver taken = take();
    EXPECT_EQ(taken.files, 3);
    EXPECT_EQ(taken.skipped.size(), 9U);
    EXPECT_EQ(reason_of(taken, "away.html"), "the server answers 404");
    EXPECT_EQ(reason_of(taken, "secret.html"), "the server answers 403");
    EXPECT_EQ(reason_of(taken, "broken.html"), "the server answers 500");
    EXPECT_EQ(reason_of(taken, "http://www.example/x"), "another server");
    EXPECT_NE(reason_of(taken, "private/a.html").find("robots.txt"), std::string::npos);
    EXPECT_NE(reason_of(taken, "list.cgi").find("query"), std::string::npos);
    EXPECT_NE(reason_of(taken, "big.bin").find("takeover.largest_file_mb"), std::string::npos);
    EXPECT_NE(reason_of(taken, "program.php").find("program"), std::string::npos);
    EXPECT_NE(reason_of(taken, ".htaccess").find("system"), std::string::npos);
    EXPECT_EQ(old_.asked("/private/a.html"), 0);
    for (const auto& one : taken.skipped)
        if (one.path == "away.html") {
            EXPECT_EQ(one.linked_from, (std::vector<std::string>{"index.html", "second.html"}));
        }

    options_.ignores_robots = true;
    EXPECT_EQ(take().read, 1) << "the owner may read all of it";
    EXPECT_EQ(old_.asked("/private/a.html"), 1);
    const auto detail = site_->database->read([](sys::Reader& db) {
        return db.find("SELECT line FROM ledger_line ORDER BY sequence DESC LIMIT 1")->text(0);
    });
    EXPECT_NE(detail.find("\"robots\":\"ignored\""), std::string::npos) << detail;
}

TEST_P(Crawl, MakesTheOldRedirectsItsOwn) {
    old_.files = {{"index.html",
                   "<a href=old.html><a href=/moved/far><a href=loop1.html><a href=dead.html><a href=/dir>"
                   "<a href=self.html>"},
                  {"new.html", "new"},
                  {"dir/index.html", "dir"}};
    old_.special["/old.html"] = with(301, {{"Location", "/older.html"}});
    old_.special["/older.html"] = with(307, {{"Location", old_.url("/new.html")}});
    old_.special["/moved/far"] = with(302, {{"Location", "https://www.example/far"}});
    old_.special["/loop1.html"] = with(302, {{"Location", "loop2.html"}});
    old_.special["/loop2.html"] = with(302, {{"Location", "loop1.html"}});
    old_.special["/self.html"] = with(302, {{"Location", "self.html"}});
    old_.special["/dead.html"] = with(302, {{"Location", "nothing.html"}});
    const flow::TakenOver taken = take();
    EXPECT_EQ(taken.files, 3);
    EXPECT_EQ(taken.redirects, 3);
    EXPECT_EQ(redirect("old.html")->location, "/older.html");
    EXPECT_EQ(redirect("old.html")->status, 301);
    EXPECT_EQ(redirect("older.html")->location, "/new.html");
    EXPECT_EQ(redirect("older.html")->status, 302);
    EXPECT_EQ(redirect("moved/far")->location, "https://www.example/far");
    EXPECT_EQ(reason_of(taken, "loop1.html"), "a redirect that never arrives");
    EXPECT_EQ(reason_of(taken, "self.html"), "a redirect that leads to itself");
    EXPECT_NE(reason_of(taken, "dead.html").find("could not be taken"), std::string::npos);
    EXPECT_EQ(published().size(), 3U);
}

TEST_P(Crawl, TakesTheFirstPageWhereTheRootLeadsToIt) {
    old_.special["/"] = with(302, {{"Location", "/index.html"}});
    old_.special["/index.html"] = http::html("<a href=/about>a</a><a href=/>home</a>");
    old_.special["/about"] = http::html("about");
    take();
    EXPECT_EQ(published(),
              (Tree{{"index.html", "<a href=/about>a</a><a href=/>home</a>"}, {"about/index.html", "about"}}));
}

TEST_P(Crawl, BelievesTheServerAboutTheEncoding) {
    old_.special["/"] = with(200, {{"Content-Type", "text/html; charset=\"Shift_JIS\""}}, "<title>\x8e\x73</title>");
    take();
    EXPECT_EQ(page("index.html").encoding, "shift_jis");
    EXPECT_EQ(page("index.html").title, "市");
}

TEST_P(Crawl, WaitsWhereTheServerIsBusyAndGoesOn) {
    old_.files = {{"index.html", "<a href=busy.html>"}, {"busy.html", "now"}};
    std::atomic<int> times = 0;
    old_.special["/busy.html"] = with(503, {{"Retry-After", "0"}});
    old_.on_request = [&](const std::string& path) {
        if (path == "/busy.html" && ++times == 3) old_.special.erase("/busy.html");
    };
    EXPECT_EQ(take().files, 2);
    EXPECT_EQ(times, 3);
}

TEST_P(Crawl, AsksForNothingTwiceAfterAnInterruption) {
    std::string links;
    for (int i = 0; i < 60; ++i) {
        const std::string name = fmt::format("p{}.html", i);
        links += "<a href=" + name + ">";
        old_.files[name] = "page " + std::to_string(i);
    }
    old_.files["index.html"] = links;
    options_.is_stopped = [this] { return old_.asked_in_all() > 30; };
    old_.on_request = [](const std::string&) { std::this_thread::sleep_for(std::chrono::milliseconds(10)); };
    EXPECT_THROW(take(), base::Error);
    EXPECT_EQ(left_in_run(), 1U);
    std::set<std::string> before;
    for (const auto& [path, bytes] : old_.files)
        if (old_.asked("/" + path) > 0) before.insert(path);
    EXPECT_GT(before.size(), 20U);
    EXPECT_LT(before.size(), 55U);
    options_.is_stopped = {};
    const flow::TakenOver taken = take();
    EXPECT_EQ(taken.files, 61);
    int twice = 0;
    for (const std::string& path : before) twice += old_.asked("/" + path) - 1;
    EXPECT_LE(twice, 2) << "only what was under way when it was stopped";
    EXPECT_EQ(published(), old_.files);
}

TEST_P(Crawl, FetchesADamagedFileOfTheSpoolAgain) {
    old_.files = {{"index.html", "<a href=a.html><a href=b.html>"}, {"a.html", "aaa"}, {"b.html", "bbb"}};
    options_.is_stopped = [this] { return old_.asked("/a.html") > 0 && old_.asked("/b.html") > 0; };
    old_.on_request = [](const std::string& path) {
        if (path == "/b.html") std::this_thread::sleep_for(std::chrono::milliseconds(300));
    };
    EXPECT_THROW(take(), base::Error);
    for (const auto& entry : fs::recursive_directory_iterator(site_->folders.run))
        if (entry.is_regular_file() && entry.file_size() == 3) sys::write_file(entry.path(), "xyz");
    options_.is_stopped = {};
    EXPECT_EQ(take().files, 3);
    EXPECT_EQ(published(), old_.files);
}

TEST_P(Crawl, StopsWhereTheServerIsAwayInsteadOfTakingHalf) {
    const std::string nobody = "http://127.0.0.1:1/";
    try {
        flow::take_over_site(*site_, nobody, options_);
        ADD_FAILURE();
    } catch (const base::Error& error) {
        EXPECT_EQ(error.kind(), base::Kind::Unavailable);
    }
    EXPECT_THROW(flow::take_over_site(*site_, "http://", options_), base::Error);
    EXPECT_THROW(take(), base::Error) << "nothing is there";
}

TEST_P(Crawl, CannotBeLedOnForEver) {
    old_.on_request = [this](const std::string& path) {
        if (path == "/favicon.ico" || path.ends_with(".txt") || path.ends_with(".xml")) return;
        old_.special[path] = http::html("<a href=next/><a href=deep/er/>");
    };
    const flow::TakenOver taken = take();
    EXPECT_LT(taken.files, 200);
    bool is_said = false;
    for (const auto& one : taken.skipped) is_said = is_said || one.reason.find("endless") != std::string::npos;
    EXPECT_TRUE(is_said);
    site_->settings.takeover.files = 5;
    EXPECT_THROW(take(), base::Error);
}

TEST_P(Crawl, KeepsToThePartThatWasNamed) {
    old_.files = {{"a/index.html", "<a href=../b/x.html><a href=c.html>"}, {"a/c.html", "c"}, {"b/x.html", "x"}};
    const flow::TakenOver taken = take("/a/");
    EXPECT_EQ(published(), (Tree{{"a/index.html", old_.files["a/index.html"]}, {"a/c.html", "c"}}));
    EXPECT_NE(reason_of(taken, "b/x.html").find("outside"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Engines, Crawl, testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace tests
