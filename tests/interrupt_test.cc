// Ctrl+C on the real program: long work stops between two items, says so, ends with 130, and leaves nothing half-done;
// the same command then goes on. A real error is told even when somebody has pressed Ctrl+C meanwhile.

#include <atomic>
#include <chrono>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/text.h"
#include "ground/http/server.h"
#include "ground/sys/files.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Ended {
    int exit_code = -1;  ///< 128 + signal when it was killed by one
    std::string errors;
};

/// The program, started and told to stop as soon as `is_time` says so.
Ended run_and_interrupt(const TestSite& site, std::vector<std::string> arguments, const std::function<bool()>& is_time,
                        int signal = SIGINT) {
    const fs::path errors = site.beside("errors");
    arguments.insert(arguments.begin(), {program_path("yakuba"), "--site", site.folder().string()});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        if (std::freopen(errors.c_str(), "w", stderr) == nullptr || std::freopen("/dev/null", "w", stdout) == nullptr)
            ::_exit(127);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    int status = 0;
    bool is_told = false;
    const auto start = std::chrono::steady_clock::now();
    while (::waitpid(child, &status, WNOHANG) == 0) {
        if (!is_told && is_time()) is_told = ::kill(child, signal) == 0;
        if (std::chrono::steady_clock::now() - start > 60s) {
            ::kill(child, SIGKILL);
            ADD_FAILURE() << "it did not stop";
        }
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_TRUE(is_told) << "it ended before it could be interrupted";
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), sys::read_file(errors)};
}

std::map<std::string, std::string> many_files(int count) {
    std::map<std::string, std::string> files;
    for (int i = 0; i < count; ++i)
        files[fmt::format("d{}/p{}.html", i % 50, i)] =
            fmt::format("<html><title>{}</title><body>{}</body></html>", i, std::string(3000, 'x'));
    return files;
}

std::size_t count_files(const fs::path& folder) {
    std::error_code ignored;
    std::size_t count = 0;
    for (fs::recursive_directory_iterator at(folder, ignored), end; at != end; at.increment(ignored))
        if (at->is_regular_file(ignored)) ++count;
    return count;
}

void expect_told(const Ended& ended) {
    EXPECT_EQ(ended.exit_code, 130) << ended.errors;
    EXPECT_NE(ended.errors.find("interrupted; what was done so far stays"), std::string::npos) << ended.errors;
}

}  // namespace

TEST(Interrupt, StopsATakeoverThatThenGoesOnWithoutReadingTwice) {
    const TestSite site("sqlite");
    write_tree(site.beside("source"), many_files(3500));
    const std::string source = site.beside("source").string();
    expect_told(run_and_interrupt(site, {"site", "takeover", source},
                                  [&] { return count_files(site.folder() / "objects") > 1100; }));
    const auto rest = site.json({"site", "takeover", source});
    EXPECT_EQ(rest.at("files").as_int64(), 3500);
    EXPECT_GE(rest.at("resumed").as_int64(), 1000);
    EXPECT_EQ(rest.at("read").as_int64() + rest.at("resumed").as_int64(), 3500);
    site.json({"site", "publish"});
    EXPECT_EQ(tree_of(site.public_folder()), tree_of(source));
}

TEST(Interrupt, StopsACrawl) {
    std::string links;
    for (int i = 0; i < 500; ++i) links += fmt::format("<a href=p{}.html>", i);
    std::atomic<int> asked = 0;
    http::ServerOptions options;
    options.address = "127.0.0.1:0";
    http::Server old(options, [&](http::Request& request) {
        if (request.path == "/robots.txt") return http::not_found();
        ++asked;
        return http::html(request.path == "/" ? links : "<p>" + request.path);
    });
    old.start();
    const TestSite site("sqlite");
    expect_told(run_and_interrupt(
        site, {"site", "takeover", old.url() + "/", "--delay", "5"}, [&] { return asked > 50; }, SIGTERM));
    EXPECT_LT(asked, 400);
    const auto rest = site.json({"site", "takeover", old.url() + "/", "--delay", "0"});
    EXPECT_GE(rest.at("files").as_int64(), 501);
    EXPECT_LT(asked, 501 + 20) << "what was fetched was fetched once";
}

TEST(Interrupt, StopsAPublicationBeforeAnythingIsPublic) {
    const TestSite site("sqlite");
    write_tree(site.beside("source"), many_files(3500));
    site.json({"site", "takeover", site.beside("source").string()});
    // The press has its lock from the start of rendering on.
    const Ended ended =
        run_and_interrupt(site, {"site", "publish"}, [&] { return fs::exists(site.folder() / "run/press.lock"); });
    expect_told(ended);
    EXPECT_EQ(count_files(site.public_folder()), 0U);
    EXPECT_EQ(site.json({"site", "publish"}).at("release").as_int64(), 1);
    EXPECT_EQ(tree_of(site.public_folder()), tree_of(site.beside("source")));
    EXPECT_EQ(site.run({"guard", "verify"}).exit_code, 0);
    EXPECT_EQ(site.run({"ledger", "verify"}).exit_code, 0);
}

TEST(Interrupt, StopsAnExportWithoutATrace) {
    const TestSite site("sqlite");
    write_tree(site.beside("source"), many_files(3500));
    site.json({"site", "takeover", site.beside("source").string()});
    site.json({"site", "publish"});
    fs::create_directories(site.beside("out"));
    expect_told(run_and_interrupt(site, {"site", "export", site.beside("out/tree").string()},
                                  [&] { return count_files(site.beside("out")) > 200; }));
    EXPECT_TRUE(fs::is_empty(site.beside("out"))) << "neither a half tree nor what was beside it";
    site.json({"site", "export", site.beside("out/tree").string()});
    EXPECT_EQ(tree_of(site.beside("out/tree")), tree_of(site.beside("source")));
}

TEST(Interrupt, DoesNotHideARealError) {
    const TestSite site("sqlite");
    std::string links;
    for (int i = 0; i < 50; ++i) links += fmt::format("<a href=p{}.html>", i);
    std::atomic<int> asked = 0;
    http::ServerOptions options;
    options.address = "127.0.0.1:0";
    std::atomic<bool> is_told = false;
    http::Server old(options, [&](http::Request& request) {
        ++asked;
        // The robots rules are read before anything can be stopped: an error there is an error.
        if (request.path == "/robots.txt") {
            while (!is_told) std::this_thread::sleep_for(1ms);
            std::this_thread::sleep_for(200ms);
            http::Response broken = http::text("");
            broken.status = 500;
            return broken;
        }
        return http::html(links);
    });
    old.start();
    const Ended ended = run_and_interrupt(site, {"site", "takeover", old.url() + "/"}, [&] {
        if (asked == 0) return false;
        is_told = true;
        return true;
    });
    EXPECT_EQ(ended.exit_code, 2);
    EXPECT_NE(ended.errors.find("robots.txt answers 500"), std::string::npos) << ended.errors;
}

}  // namespace tests
