#include "ground/http/form.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/http/cookie.h"
#include "ground/http/multipart.h"

namespace http {
namespace {

using namespace std::string_literals;

TEST(Urlencoded, IsReadOnceAndWrittenBack) {
    const auto fields = parse_urlencoded("a=1&a=%E5%B8%82+x&&b&c=%2526");
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->get_all("a"), (std::vector<std::string_view>{"1", "市 x"}));
    EXPECT_EQ(fields->get("b"), "");
    EXPECT_EQ(fields->get("c"), "%26");
    EXPECT_EQ(format_urlencoded(*fields), "a=1&a=%E5%B8%82%20x&b=&c=%2526");
    for (const std::string& bad : {"a=%"s, "a=%0"s, "a=%00"s, "a=%ff"s, "\xff=1"s})
        EXPECT_FALSE(parse_urlencoded(bad)) << bad;
    EXPECT_FALSE(parse_urlencoded("a&b&c", 2));
}

TEST(Cookies, AreReadLenientlyAndWrittenStrictly) {
    const Fields cookies =
        parse_cookies("__Host-session=abc; broken; theme=\"dark\" ; session=1; session=2; x=a b; =y");
    EXPECT_EQ(cookies.get("__Host-session"), "abc");
    EXPECT_EQ(cookies.get("theme"), "dark");
    EXPECT_EQ(cookies.get("session"), "1");
    EXPECT_FALSE(cookies.has("x"));
    EXPECT_EQ(format_cookie({"session", "abc", std::chrono::seconds(60)}),
              "__Host-session=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax");
    EXPECT_EQ(format_cookie({"s", "1", std::nullopt, SameSite::Strict, Transport::PlainLoopback, true}),
              "s=1; Path=/; SameSite=Strict");
    EXPECT_THROW(format_cookie({"s", "a;b"}), base::Error);
    EXPECT_THROW(format_cookie({"s s", "a"}), base::Error);
}

std::string part(const std::string& header, const std::string& content) {
    return "--B\r\n" + header + "\r\n\r\n" + content + "\r\n";
}
std::string named(const std::string& rest) {
    return "Content-Disposition: form-data; name=" + rest;
}

Form parse(const std::string& body, FormLimits limits = {}, std::size_t piece = 0) {
    MultipartParser parser("B", limits);
    if (piece == 0) piece = body.size();
    for (std::size_t at = 0; at < body.size(); at += piece) parser.add(std::string_view(body).substr(at, piece));
    return parser.finish();
}

TEST(Multipart, ReadsTheSameInPiecesOfAnySize) {
    const std::string content = "a\r\n--x\r\n-\r\n--\0b"s;
    const std::string body =
        part(named("\"title\""), "広報") + part(named("\"empty\"; filename=\"\""), "") +
        part(named("\"f\"; filename=\"C:\\dir\\%22a%22.bin\"") + "\r\nContent-Type: image/png", content) + "--B--\r\n";
    for (std::size_t piece = 1; piece <= body.size(); ++piece) {
        SCOPED_TRACE(piece);
        const Form form = parse(body, {}, piece);
        EXPECT_EQ(form.get("title"), "広報");
        ASSERT_EQ(form.files.size(), 1U);
        EXPECT_EQ(form.files[0].name, "C:\\dir\\\"a\".bin");
        EXPECT_EQ(form.files[0].content_type, "image/png");
        EXPECT_EQ(form.files[0].read(), content);
    }
}

TEST(Multipart, LargeFilesGoToDiskAndReadBackTheSame) {
    FormLimits limits;
    limits.memory_per_file = 100;
    std::string content;
    for (int i = 0; i < 10'000; ++i) content += fmt::format("{},", i);
    const Form form = parse(part(named("\"f\"; filename=\"a\""), content) + "--B--", limits, 777);
    const UploadedFile* file = form.find_file("f");
    ASSERT_NE(file, nullptr);
    EXPECT_TRUE(file->file);
    EXPECT_EQ(file->read(), content);
    EXPECT_EQ(file->read_at(10, 5), content.substr(10, 5));
    EXPECT_EQ(file->read_at(content.size() - 2, 5), content.substr(content.size() - 2));
    EXPECT_THROW(file->read(10), base::Error);
}

TEST(Multipart, RefusesWhatIsBrokenOrTooMuch) {
    const std::string good = part(named("\"a\""), "1");
    FormLimits small;
    small.parts = 2;
    small.field_size = 10;
    small.file_size = 20;
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"no end", good},
        {"preamble", "hello\r\n" + good + "--B--"},
        {"other boundary", "--C\r\n" + named("\"a\"") + "\r\n\r\n1\r\n--C--"},
        {"garbage after a boundary", "--Bx\r\n" + named("\"a\"") + "\r\n\r\n1\r\n--B--"},
        {"no disposition", part("Content-Type: text/plain", "1") + "--B--"},
        {"no name", part("Content-Disposition: form-data", "1") + "--B--"},
        {"two dispositions", part(named("\"a\"") + "\r\n" + named("\"b\""), "1") + "--B--"},
        {"two names", part(named("\"a\"; name=\"b\""), "1") + "--B--"},
        {"open quote", part(named("\"a"), "1") + "--B--"},
        {"attachment", part("Content-Disposition: attachment; name=\"a\"", "1") + "--B--"},
        {"base64", part(named("\"a\"") + "\r\nContent-Transfer-Encoding: base64", "1") + "--B--"},
        {"header without colon", part(named("\"a\"") + "\r\nhello", "1") + "--B--"},
        {"bad UTF-8", part(named("\"a\""), "\xff") + "--B--"},
        {"NUL in a field", part(named("\"a\""), "\0"s) + "--B--"},
        {"NUL in a file's name", part(named("\"a\"; filename=\"x\0.html\""s), "1") + "--B--"},
        {"too many parts", good + good + good + "--B--"},
        {"long field", part(named("\"a\""), std::string(11, 'x')) + "--B--"},
        {"long file", part(named("\"a\"; filename=\"f\""), std::string(21, 'x')) + "--B--"},
        {"long header", part(named("\"a\"") + "\r\nX: " + std::string(9000, 'x'), "1") + "--B--"},
    };
    for (const auto& [name, body] : cases)
        for (const std::size_t piece : {std::size_t{1}, body.size()}) {
            SCOPED_TRACE(name);
            EXPECT_THROW(parse(body, small, piece), base::Error);
        }
    EXPECT_EQ(parse(good + good + "--B--", small).get_all("a").size(), 2U);
}

TEST(Multipart, TakesBoundariesOfBrowsersOnly) {
    EXPECT_EQ(find_boundary("multipart/form-data; boundary=----WebKitFormBoundaryAbc123"),
              "----WebKitFormBoundaryAbc123");
    EXPECT_EQ(find_boundary("Multipart/Form-Data; charset=utf-8; boundary=\"a b\""), "a b");
    for (const char* bad : {"multipart/form-data", "multipart/mixed; boundary=a",
                            "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a",
                            "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=a\"b"})
        EXPECT_FALSE(find_boundary(bad)) << bad;
    EXPECT_FALSE(find_boundary("multipart/form-data; boundary=" + std::string(71, 'a')));
}

}  // namespace
}  // namespace http
