#include "press/intake/address.h"

#include <gtest/gtest.h>

namespace intake {

namespace {

std::string resolved(std::string_view reference, std::string_view base = "http://city.example/a/b/c.html?q") {
    const auto address = resolve(*parse_address(base), reference);
    return address ? address->text() : "none";
}

}  // namespace

TEST(ResolveAddress, ReadsReferencesAsBrowsersDo) {
    const std::pair<std::string_view, std::string_view> kCases[] = {
        {"d.html", "http://city.example/a/b/d.html"},
        {"./d.html#top", "http://city.example/a/b/d.html"},
        {"../d.html", "http://city.example/a/d.html"},
        {"../../../../d.html", "http://city.example/d.html"},
        {"..", "http://city.example/a/"},
        {"", "http://city.example/a/b/c.html?q"},
        {"#top", "http://city.example/a/b/c.html?q"},
        {"?x=1", "http://city.example/a/b/c.html?x=1"},
        {"/", "http://city.example/"},
        {"//www.example/x", "http://www.example/x"},
        {"HTTP://City.Example:80/X", "http://city.example/X"},
        {"https://city.example:443/", "https://city.example/"},
        {"https://city.example:8443", "https://city.example:8443/"},
        {"http:d.html", "http://city.example/a/b/d.html"},
        {"a\\b.html", "http://city.example/a/b/a/b.html"},
        {" \n d.h\ntml ", "http://city.example/a/b/d.html"},
        {"a//b.html", "http://city.example/a/b/a/b.html"},
        {"%7Ecity/%e5%b8%82.html", "http://city.example/a/b/~city/%E5%B8%82.html"},
        {"市.html", "http://city.example/a/b/%E5%B8%82.html"},
        {"100%.html", "http://city.example/a/b/100%25.html"},
        {"a%2fb.html", "http://city.example/a/b/a%2Fb.html"},
        {"%2e%2e/d.html", "http://city.example/a/d.html"},
        {"mailto:a@city.example", "none"},
        {"javascript:void(0)", "none"},
        {"data:text/plain,x", "none"},
        {"http://", "none"},
        {"///::", "none"},
        {"//city.example:80:80/", "none"},
        {"//[::1]:8080/", "http://[::1]:8080/"},
        {"http://user@city.example/", "none"},
        {"//[::", "none"},
        {"//[::1]x/", "none"},
        {"//[::1]:8080/a", "http://[::1]:8080/a"},
    };
    for (const auto& [reference, wanted] : kCases) EXPECT_EQ(resolved(reference), wanted) << reference;
}

TEST(PublicPath, IsTheFileThatAServerOfFilesWouldSend) {
    const auto path = [](std::string_view text) { return public_path(*parse_address(text)).value_or("none"); };
    EXPECT_EQ(path("http://a.example"), "index.html");
    EXPECT_EQ(path("http://a.example/b/"), "b/index.html");
    EXPECT_EQ(path("http://a.example/b/%83%5C.html"), "b/\x83\x5c.html");
    EXPECT_EQ(path("http://a.example/b%2Fc"), "none");
    EXPECT_EQ(path("http://a.example/b%00c"), "none");
}

}  // namespace intake
