#include "watch/cutover/compare.h"

#include <gtest/gtest.h>

#include "ground/sys/crypto.h"

namespace cutover {

namespace {

const Surroundings kAround{{"www.city.example", "www.city.example:8080", "192.0.2.10"}, {2026, 11, 22}};

Answer page(std::string body, std::string type = "text/html; charset=utf-8") {
    Answer answer;
    answer.status = 200;
    answer.content_type = std::move(type);
    answer.hash = sys::sha256(body);
    answer.size = static_cast<std::int64_t>(body.size());
    answer.body = std::move(body);
    return answer;
}

Answer status(int code, std::string location = "") {
    Answer answer;
    answer.status = code;
    answer.location = std::move(location);
    return answer;
}

std::string html(const std::string& body) {
    return "<!DOCTYPE html><html lang=ja><head><title>ごみ</title></head><body>" + body + "</body></html>";
}

std::string kinds(const Answer& before, const Answer& after, std::string_view path = "/kurashi/gomi.html") {
    const Compared compared = compare(before, after, path, kAround);
    return compared.is_comparable ? kinds_of(compared.differences) : "not comparable";
}

}  // namespace

TEST(CompareAnswers, SeesNoDifferenceInMarkupDatesCountersAndSessions) {
    EXPECT_EQ(kinds(page(html("<p>燃えるごみ</p>")), page(html("<div class=new>\n <p>燃えるごみ </p></div>"))), "");
    EXPECT_EQ(kinds(page(html("<p>今日は2026年11月22日 10:42です")), page(html("<p>今日は2026年11月22日 10:43です"))),
              "");
    EXPECT_EQ(kinds(page(html("<p>令和8年11月22日現在")), page(html("<p>令和8年11月21日現在"))), "");
    EXPECT_EQ(kinds(page(html("<p>アクセスカウンター：12,345")), page(html("<p>アクセスカウンター：12,399"))), "");
    EXPECT_EQ(kinds(page(html("<a href='a.html;jsessionid=12AB'>a</a><a href='/s?PHPSESSID=9&q=1'>s</a>")),
                    page(html("<a href='/kurashi/a.html'>a</a><a href='http://www.city.example:8080/s?q=1'>s</a>"))),
              "");
    EXPECT_EQ(kinds(page(html("<a href='../kurashi/index.html'>a</a>")), page(html("<a href='/kurashi/'>a</a>"))), "");
}

TEST(CompareAnswers, SeesWordsLinksImagesAndOrder) {
    const Compared words = compare(page(html("<h1>ごみ</h1><p>月曜日に出します。")),
                                   page(html("<h1>ごみ</h1><p>火曜日に出します。")), "/", kAround);
    ASSERT_EQ(kinds_of(words.differences), "content");
    EXPECT_EQ(words.differences[0].before, std::vector<std::string>{"月曜日に出します。"});
    EXPECT_EQ(words.differences[0].after, std::vector<std::string>{"火曜日に出します。"});
    // A date that is not today's is a fact.
    EXPECT_EQ(kinds(page(html("<p>締切は2026年12月1日")), page(html("<p>締切は2026年12月2日"))), "content");
    EXPECT_EQ(kinds(page(html("<p>2026年11月220日")), page(html("<p>2026年11月221日"))), "content");
    EXPECT_EQ(kinds(page(html("<p>3人家族 10:00")), page(html("<p>3人家族 11:00"))), "content");
    EXPECT_EQ(kinds(page(html("<a href=a.html>a</a>")), page(html("<a href=b.html>a</a>"))), "links");
    EXPECT_EQ(
        kinds(page(html("<a href='https://evil.example/kurashi/a.html'>a</a>")), page(html("<a href=a.html>a</a>"))),
        "links");
    EXPECT_EQ(kinds(page(html("<img src=a.png alt=地図>")), page(html("<img src=a.png alt=''>"))), "images");
    EXPECT_EQ(kinds(page(html("<p>a<p>b")), page(html("<p>b<p>a"))), "order");
}

TEST(CompareAnswers, ReadsOldEncodings) {
    const std::string old_bytes = "<html><head><title>\x82\xb2\x82\xdd</title></head><body><p>\x8c\x8e</body></html>";
    const std::string same = "<html><head><title>ごみ</title></head><body><p>月</body></html>";
    EXPECT_EQ(kinds(page(old_bytes, "text/html; charset=Shift_JIS"), page(same)), "charset");
    // The same bytes under another name are another text.
    EXPECT_NE(kinds(page(old_bytes, "text/html; charset=Shift_JIS"), page(old_bytes, "text/html; charset=iso-8859-1")),
              "");
}

TEST(CompareAnswers, JudgesByStatus) {
    const Answer well = page(html("<p>a"));
    EXPECT_EQ(kinds(well, status(404)), "missing");
    EXPECT_EQ(kinds(status(301, "/new.html"), status(404)), "missing");
    EXPECT_EQ(kinds(well, status(500)), "failing");
    EXPECT_EQ(kinds(well, status(0)), "failing");
    EXPECT_EQ(kinds(well, status(403)), "status");
    EXPECT_EQ(kinds(status(404), well), "");
    EXPECT_EQ(kinds(status(404), status(410)), "");
    EXPECT_EQ(kinds(status(500), well), "not comparable");
    EXPECT_EQ(kinds(status(0), well), "not comparable");
    EXPECT_EQ(kinds(status(403), status(403)), "");
    Answer moved = status(301, "/new/gomi.html");
    moved.landed = {page(html("<p>a"))};
    moved.landed_path = "/new/gomi.html";
    EXPECT_EQ(kinds(well, moved), "");
    moved.landed = {page(html("<p>b"))};
    EXPECT_EQ(kinds(well, moved), "content");
    moved.landed = {status(404)};
    EXPECT_EQ(kinds(well, moved), "status");
    Answer loop = status(302, "/kurashi/gomi.html");
    loop.is_loop = true;
    EXPECT_EQ(kinds(well, loop), "loop");
}

TEST(CompareAnswers, TakesRedirectsOfBothHostsForTheSame) {
    EXPECT_EQ(kinds(status(301, "http://192.0.2.10/a/index.html"), status(301, "https://www.city.example/a/")), "");
    EXPECT_EQ(kinds(status(301, "new.html"), status(308, "/kurashi/new.html")), "");
    EXPECT_EQ(kinds(status(301, "/a/"), status(301, "/b/")), "redirect");
    EXPECT_EQ(kinds(status(301, "/a/"), status(302, "/a/")), "status");
    EXPECT_EQ(kinds(status(301, "https://other.example/a/"), status(301, "/a/")), "redirect");
    // One redirect leads to a page, the other into nothing.
    Answer there = status(301, "/a/"), nowhere = there;
    there.landed = {page(html("<p>a"))};
    nowhere.landed = {status(404)};
    EXPECT_EQ(kinds(there, nowhere), "missing");
    EXPECT_EQ(kinds(there, there), "");
    EXPECT_EQ(kinds(nowhere, nowhere), "");
    // An old server that only leads to https cannot be compared over http.
    EXPECT_EQ(kinds(status(301, "https://www.city.example/kurashi/gomi.html"), page(html("<p>a"))), "not comparable");
}

TEST(CompareAnswers, ComparesFilesByteByByteAndByType) {
    EXPECT_EQ(kinds(page("%PDF-1", "application/pdf"), page("%PDF-2", "application/pdf")), "content");
    EXPECT_EQ(kinds(page("%PDF-1", "application/pdf"), page("%PDF-1", "application/octet-stream")), "type");
    EXPECT_EQ(kinds(page("<a/>", "text/xml"), page("<a/>", "application/xml; charset=utf-8")), "")
        << "an older name of the same type";
    Answer huge = page("", "video/mp4");
    huge.is_cut = true;
    huge.size = kLargestBody;
    EXPECT_EQ(kinds(huge, huge), "");
    EXPECT_EQ(kinds(huge, page("", "video/mp4")), "content");
}

TEST(Differences, KeepTheirFormAndAreBounded) {
    std::string many;
    for (int i = 0; i < 500; ++i) many += "<p>" + std::string(2000, 'x') + std::to_string(i);
    const Compared compared = compare(page(html(many)), page(html("<p>a")), "/", kAround);
    const std::string json = write_differences(compared.differences);
    EXPECT_LT(json.size(), 40'000U);
    const auto read = read_differences(json);
    ASSERT_EQ(read.size(), compared.differences.size());
    EXPECT_EQ(read[0].before, compared.differences[0].before);
    EXPECT_EQ(read[0].text, compared.differences[0].text);
    EXPECT_THROW(read_differences("[{}]"), std::exception);
    EXPECT_TRUE(is_covered("content", "content links"));
    EXPECT_FALSE(is_covered("content missing", "content links"));
}

}  // namespace cutover
