#include "ground/http/router.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/http/request_head.h"

namespace http {
namespace {

Request ask(const std::string& target, const std::string& method = "GET") {
    Request request;
    request.method = method;
    request.target = target;
    const auto parsed = parse_target(target);
    request.path = parsed->path;
    request.segments = parsed->segments;
    return request;
}

Router::Route say(std::string what) {
    return [what](const Request& request) {
        std::string said = what;
        for (const auto& [name, value] : request.parameters) said += " " + name + "=" + value;
        return text(said);
    };
}

Router make() {
    Router router(1000);
    router.get("/", say("home"));
    router.get("/pages", say("list"));
    router.get("/pages/{id}", say("page"));
    router.get("/pages/new", say("new"));
    router.post("/pages/{id}/edit", say("edit"), 5000);
    router.get("/files/{path...}", say("file"));
    router.get("/folder/", say("folder"));
    return router;
}

std::string said(const Router& router, const std::string& target, const std::string& method = "GET") {
    Request request = ask(target, method);
    return router.answer(request).body;
}

TEST(Router, FindsTheNarrowestPattern) {
    const Router router = make();
    EXPECT_EQ(said(router, "/"), "home");
    EXPECT_EQ(said(router, "/pages"), "list");
    EXPECT_EQ(said(router, "/pages/new"), "new");
    EXPECT_EQ(said(router, "/pages/a%2Fb"), "page id=a/b");
    EXPECT_EQ(said(router, "/pages/7/edit", "POST"), "edit id=7");
    EXPECT_EQ(said(router, "/files/a/b.txt"), "file path=a/b.txt");
    EXPECT_EQ(said(router, "/files/"), "file path=");
    EXPECT_EQ(said(router, "/pages/7", "HEAD"), "page id=7");
}

TEST(Router, TellsWhichMethodsThereAre) {
    const Router router = make();
    Request request = ask("/pages/7", "DELETE");
    const Response refused = router.answer(request);
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.headers.get("Allow"), "GET, HEAD");
    Request get = ask("/pages/7/edit");
    EXPECT_EQ(router.answer(get).headers.get("Allow"), "POST");
}

TEST(Router, LeadsToTheOtherEndOfTheSlash) {
    const Router router = make();
    Request request = ask("/pages/?x=1");
    EXPECT_EQ(router.answer(request).headers.get("Location"), "/pages?x=1");
    Request folder = ask("/folder");
    const Response there = router.answer(folder);
    EXPECT_EQ(there.status, 308);
    EXPECT_EQ(there.headers.get("Location"), "/folder/");
    for (const char* none : {"/none", "/pages//", "/pages/7/x", "//pages"}) {
        Request missing = ask(none);
        EXPECT_THROW(router.answer(missing), base::Error) << none;
    }
}

TEST(Router, KnowsEachRoutesBodyLimit) {
    const Router router = make();
    EXPECT_EQ(router.body_limit(ask("/pages/7/edit", "POST")), 5000U);
    EXPECT_EQ(router.body_limit(ask("/pages")), 1000U);
    EXPECT_EQ(router.body_limit(ask("/none", "POST")), 64U << 10);
    EXPECT_EQ(router.list().size(), 7U);
    EXPECT_EQ(router.list()[4].pattern, "/pages/{id}/edit");
}

TEST(Router, RefusesPatternsThatCannotWork) {
    Router router = make();
    for (const char* pattern : {"pages", "/{}", "/{a}/{a}", "/{a...}/b", "/x{a}", "/pages"})
        EXPECT_THROW(router.get(pattern, say("")), base::Error) << pattern;
}

TEST(Request, NumbersInPathsArePositiveOrThePageIsNotFound) {
    Request request;
    request.parameters = {{"id", "42"}, {"zero", "0"}, {"text", "4x"}, {"huge", "99999999999999999999"}};
    EXPECT_EQ(request.number("id"), 42);
    for (const char* name : {"zero", "text", "huge", "absent"}) EXPECT_THROW(request.number(name), base::Error) << name;
}

TEST(Response, CannotBeSplitByAHeader) {
    EXPECT_THROW(see_other("/a\r\nSet-Cookie: x"), base::Error);
    EXPECT_THROW(Headers().add("X y", "1"), base::Error);
    EXPECT_EQ(local_path("/a?b=1"), "/a?b=1");
    for (const char* outside : {"//evil.example", "/\\evil.example", "https://evil.example", "", "a", "/a\nb"})
        EXPECT_EQ(local_path(outside), "/") << outside;
    EXPECT_EQ(download("x", "市\";.csv", "text/csv").headers.get("Content-Disposition"),
              "attachment; filename=\"___.csv\"; filename*=UTF-8''%E5%B8%82%22%3B.csv");
}

}  // namespace
}  // namespace http
