#include "ground/http/request_head.h"

#include <fmt/format.h>

#include "ground/http/test_wire.h"

namespace http {
namespace {

using namespace std::string_literals;

struct Case {
    std::string name, bytes;
};

std::string with_field(const std::string& field) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n";
}
std::string post(const std::string& fields, const std::string& body) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n" + body;
}
std::string chunked(const std::string& body) {
    return post("Transfer-Encoding: chunked", body);
}
std::string line(const std::string& request_line) {
    return request_line + "\r\nHost: a\r\n\r\n";
}

/// What RFC 9110 and 9112 forbid, or what two programs in a row could read in two ways.
std::vector<Case> must_refuse() {
    return {
        // request line
        {"no version", line("GET /")},
        {"lower-case version", line("GET / http/1.1")},
        {"version without minor", line("GET / HTTP/1")},
        {"version 1.2", line("GET / HTTP/1.2")},
        {"version 2.0", line("GET / HTTP/2.0")},
        {"version 0.9", line("GET / HTTP/0.9")},
        {"version with letters", line("GET / HTTP/1.x")},
        {"version with trailing space", line("GET / HTTP/1.1 ")},
        {"two spaces before the target", line("GET  / HTTP/1.1")},
        {"two spaces before the version", line("GET /  HTTP/1.1")},
        {"tab instead of space", line("GET\t/\tHTTP/1.1")},
        {"leading space", line(" GET / HTTP/1.1")},
        {"empty method", line("/ HTTP/1.1")},
        {"method with a colon", line("GE:T / HTTP/1.1")},
        {"method with NUL", line("GE\0T / HTTP/1.1"s)},
        {"method in brackets", line("(GET) / HTTP/1.1")},
        {"overlong method", line(std::string(40, 'A') + " / HTTP/1.1")},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {"TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s},
        {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        // target
        {"absolute-form", line("GET http://a/ HTTP/1.1")},
        {"authority-form", line("CONNECT a:443 HTTP/1.1")},
        {"asterisk", line("OPTIONS * HTTP/1.1")},
        {"relative target", line("GET index.html HTTP/1.1")},
        {"target with a space", line("GET /a b HTTP/1.1")},
        {"target with a fragment", line("GET /a#b HTTP/1.1")},
        {"target with raw UTF-8", line("GET /\xe5\xb8\x82 HTTP/1.1")},
        {"target with NUL", line("GET /a\0b HTTP/1.1"s)},
        {"target with DEL", line("GET /a\x7f HTTP/1.1")},
        {"bad escape", line("GET /a%zz HTTP/1.1")},
        {"cut escape", line("GET /a%2 HTTP/1.1")},
        {"escaped NUL", line("GET /a%00b HTTP/1.1")},
        {"dot segments", line("GET /a/../../etc/passwd HTTP/1.1")},
        {"escaped dot segments", line("GET /a/%2e%2E/b HTTP/1.1")},
        {"overlong target", line("GET /" + std::string(9000, 'a') + " HTTP/1.1")},
        {"escaped NUL in the query", line("GET /?a=%00 HTTP/1.1")},
        // fields
        {"no Host", "GET / HTTP/1.1\r\n\r\n"},
        {"two Hosts", with_field("Host: b")},
        {"two equal Hosts", with_field("Host: a")},
        {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
        {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        {"Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
        {"Host with two names", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
        {"Host with a bad port", "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n"},
        {"Host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
        {"space before the colon", with_field("X : 1")},
        {"tab before the colon", with_field("X\t: 1")},
        {"no colon", with_field("X")},
        {"empty name", with_field(": 1")},
        {"name with a slash", with_field("X/Y: 1")},
        {"name with an umlaut", with_field("\xc3\x84: 1")},
        {"NUL in a value", with_field("X: a\0b"s)},
        {"bare CR in a value", with_field("X: a\rY: b")},
        {"bare LF between fields", "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n"},
        {"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n"},
        {"bell in a value", with_field("X: \a")},
        {"folded field", with_field("X: a\r\n b")},
        {"folded field with a tab", with_field("X: a\r\n\tb")},
        {"folded first field", "GET / HTTP/1.1\r\n X: 1\r\nHost: a\r\n\r\n"},
        {"too many fields", with_field([] {
             std::string many;
             for (int i = 0; i < 120; ++i) many += fmt::format("X{}: 1\r\n", i);
             return many + "Y: 1";
         }())},
        {"overlong header", with_field("X: " + std::string(20'000, 'x'))},
        {"unknown expectation", with_field("Expect: miracles")},
        // framing
        {"CL.TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\nX")},
        {"TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4", "5c\r\nabcd")},
        {"two lengths", post("Content-Length: 3\r\nContent-Length: 4", "abcd")},
        {"two equal lengths", post("Content-Length: 3\r\nContent-Length: 3", "abc")},
        {"list of lengths", post("Content-Length: 3, 3", "abc")},
        {"signed length", post("Content-Length: +3", "abc")},
        {"negative length", post("Content-Length: -3", "abc")},
        {"hexadecimal length", post("Content-Length: 0x3", "abc")},
        {"length with a space", post("Content-Length: 3 3", "abc")},
        {"length with a semicolon", post("Content-Length: 3;", "abc")},
        {"empty length", post("Content-Length:", "abc")},
        {"length beyond 64 bits", post("Content-Length: 18446744073709551619", "abc")},
        {"TE identity", post("Transfer-Encoding: identity", "abc")},
        {"TE gzip, chunked", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n")},
        {"TE chunked, identity", post("Transfer-Encoding: chunked, identity", "0\r\n\r\n")},
        {"TE chunked twice", post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n")},
        {"two TE fields", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n")},
        {"TE misspelt", post("Transfer-Encoding: xchunked", "0\r\n\r\n")},
        {"TE quoted", post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n")},
        {"TE with vertical tab", post("Transfer-Encoding: \vchunked", "0\r\n\r\n")},
        {"TE in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"chunk size no number", chunked("xyz\r\nabc\r\n0\r\n\r\n")},
        {"chunk size with 0x", chunked("0x3\r\nabc\r\n0\r\n\r\n")},
        {"negative chunk size", chunked("-3\r\nabc\r\n0\r\n\r\n")},
        {"signed chunk size", chunked("+3\r\nabc\r\n0\r\n\r\n")},
        {"chunk size beyond 64 bits", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n")},
        {"empty chunk size", chunked("\r\nabc\r\n0\r\n\r\n")},
        {"chunk longer than its size", chunked("3\r\nabcd\r\n0\r\n\r\n")},
        {"chunk without its line end", chunked("3\r\nabc0\r\n\r\n")},
        {"chunk header with bare LF", chunked("3\nabc\r\n0\r\n\r\n")},
        {"chunk header without end", chunked(std::string(20'000, '0'))},
        {"chunk extension with control", chunked("3;a=\x01\r\nabc\r\n0\r\n\r\n")},
        {"trailer without colon", chunked("0\r\nX\r\n\r\n")},
        {"endless trailer", chunked("0\r\n" + std::string(40'000, 'x'))},
        {"body beyond the limit", post("Content-Length: 99999999", "")},
        {"chunks beyond the limit", chunked("7fffffff\r\nabc")},
        {"multipart without boundary", post("Content-Type: multipart/form-data\r\nContent-Length: 3", "abc")},
        {"form with a bad escape", post("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3", "a=%")},
    };
}

TEST(RequestHead, WhatCanBeReadInTwoWaysIsRefusedAndTheConnectionClosed) {
    ServerOptions options;
    options.address = "127.0.0.1:0";
    options.threads = 1;
    std::atomic<int> reached = 0;
    Server server(options, [&](Request&) {
        ++reached;
        return text("reached");
    });
    server.start();
    const auto cases = must_refuse();
    EXPECT_GE(cases.size(), 60U);
    for (const Case& bad : cases) {
        SCOPED_TRACE(bad.name);
        Wire wire(server.port());
        wire.send(bad.bytes);
        const WireReply reply = wire.receive(false, 3000);
        EXPECT_GE(reply.status, 400) << "was read as a request";
        EXPECT_LE(reply.status, 505);
        EXPECT_EQ(reply.field("Connection"), "close");
        wire.end_sending();
        EXPECT_TRUE(wire.is_closed_within(3000));
    }
    EXPECT_EQ(reached, 0);
    EXPECT_EQ(Wire(server.port()).ask(get_line("/")).status, 200);
}

TEST(RequestHead, WhatBrowsersSendIsTaken) {
    for (const std::string& head :
         {"GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"s,
          "GET /a%E5%B8%82?q=%20|{} HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"s,
          "POST /x HTTP/1.1\r\nHOST:a\r\nContent-Length: 0\r\nUser-Agent: M\xc3\xbc/1 (x; y)\t\r\n\r\n"s,
          "GET / HTTP/1.0\r\n\r\n"s,
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:  Chunked \r\nExpect: 100-Continue\r\n\r\n"s}) {
        SCOPED_TRACE(head);
        EXPECT_FALSE(check_head(head));
        std::size_t looked = 0;
        std::optional<Refusal> refusal;
        EXPECT_EQ(find_head_end(head + "more", looked, refusal), head.size());
    }
}

TEST(ParseTarget, SplitsFirstAndDecodesEachSegmentOnce) {
    const auto target = parse_target("/a/b%2Fc/%2525/?x=1&x=%E5%B8%82+b&y");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/a/b%2Fc/%2525/");
    EXPECT_EQ(target->segments, (std::vector<std::string>{"a", "b/c", "%25", ""}));
    EXPECT_EQ(target->query.get_all("x"), (std::vector<std::string_view>{"1", "\xe5\xb8\x82 b"}));
    EXPECT_TRUE(target->query.has("y"));
    EXPECT_EQ(parse_target("/")->segments, std::vector<std::string>{""});
    EXPECT_FALSE(parse_target("/?a=%ff"));
}

}  // namespace
}  // namespace http
